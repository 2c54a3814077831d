import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Plan, planHash } from '../../src/domain/plan.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { makePlan } from '../../src/purge/plan.ts';
import {
  buildReceipt,
  receiptKey,
  receiptText,
  signReceipt,
  verifyReceipt,
} from '../../src/purge/receipt.ts';
import { planInput, sampleTarget } from './fixtures.ts';

const KEY = receiptKey(Buffer.alloc(32, 7));
const plan = makePlan(planInput(sampleTarget())) as Plan;
const receipt = buildReceipt({
  plan,
  target: sampleTarget(),
  requestedAt: new Date('2024-05-02T13:00:00Z'),
  verifiedAt: new Date('2024-05-02T14:00:00Z'),
  graceEndedAt: new Date('2024-05-08T00:00:00Z'),
  startedAt: new Date('2024-05-08T00:00:05Z'),
  completedAt: new Date('2024-05-08T00:01:00Z'),
  steps: [{ no: 1, store: 'archive', target: 'public.events', estimate: 12, deleted: 12, remaining: 0 }],
  residue: [
    { category: 'backups', what: 'Encrypted backups', why: 'they roll over', retentionDays: 30 },
    ...DEFAULT_POLICY.residue.slice(1),
  ],
});
const signed = signReceipt(receipt, KEY.privateKey);
const text = receiptText(signed);

describe('a receipt', () => {
  test('adds up, names the plan, and dates what stays only where the policy does', () => {
    expect(receipt).toMatchObject({ planHash: planHash(plan), deletedTotal: 12, remainingTotal: 0 });
    expect(receipt.retained.map(({ until }) => until)).toEqual(['2024-06-07', null, null]);
  });

  test('holds no slug and no name of the target', () => {
    expect(text).not.toContain('ws-acme');
    expect(text).not.toContain('Website');
  });
});

describe('verifyReceipt', () => {
  test('accepts what was signed, with the key it was signed with, with or without a final newline', () => {
    expect(verifyReceipt(text)).toEqual({ ok: true, receipt, publicKey: KEY.publicKey });
    expect(verifyReceipt(`${text}\n`, KEY.publicKey).ok).toBe(true);
  });

  test('refuses a change of any one byte', () => {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x20]) {
        const changed = Buffer.from(bytes);
        changed[at]! ^= flip;
        expect(verifyReceipt(changed.toString('utf8')).ok, `byte ${at}`).toBe(false);
      }
    }
  });

  test('refuses a byte more or less anywhere', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(' ', '0', '"', 'a', '\\'), (at, extra) => {
        expect(verifyReceipt(text.slice(0, at) + extra + text.slice(at)).ok).toBe(false);
        expect(verifyReceipt(text.slice(0, at) + text.slice(at + 1)).ok).toBe(false);
      }),
    );
  });

  const forged = { ...receipt, deletedTotal: 13 };
  const { privateKey: anotherKey } = generateKeyPairSync('ed25519');
  test.each([
    { title: 'text that is no JSON', text: 'hello', why: 'it is not JSON' },
    { title: 'an empty text', text: '', why: 'it is not JSON' },
    {
      title: 'another algorithm',
      text: text.replace('"Ed25519"', '"none"'),
      why: 'it does not have the shape of a signed receipt, see algorithm',
    },
    {
      title: 'a key too many',
      text: text.replace('{"algorithm"', '{"a":1,"algorithm"'),
      why: 'it does not have the shape of a signed receipt',
    },
    {
      title: 'a repeated key',
      text: text.replace('{"algorithm"', '{"algorithm":"Ed25519","algorithm"'),
      why: 'it is not in canonical form',
    },
    {
      title: 'white space',
      text: JSON.stringify(JSON.parse(text), null, 2),
      why: 'it is not in canonical form',
    },
    {
      title: 'totals that do not add up',
      text: receiptText(signReceipt(forged, KEY.privateKey)),
      why: 'its totals do not add up',
    },
    {
      title: 'the signature of another key',
      text: receiptText({ ...signReceipt(receipt, anotherKey), publicKey: signed.publicKey }),
      why: 'the signature does not match',
    },
  ])('refuses $title', ({ text: changed, why }) => {
    expect(verifyReceipt(changed)).toEqual({ ok: false, why });
  });

  test('refuses a receipt that somebody else signed when it is told the key to expect', () => {
    const other = receiptText(signReceipt(receipt, anotherKey));
    expect(verifyReceipt(other).ok).toBe(true);
    expect(verifyReceipt(other, KEY.publicKey)).toEqual({ ok: false, why: 'it is signed with another key' });
  });
});

describe('receiptKey', () => {
  test('follows from the secret alone', () => {
    expect(receiptKey(Buffer.alloc(32, 7)).publicKey).toBe(KEY.publicKey);
    expect(receiptKey(Buffer.alloc(32, 8)).publicKey).not.toBe(KEY.publicKey);
  });

  test('refuses a secret that is too short to be one', () => {
    expect(() => receiptKey(Buffer.alloc(31))).toThrow(RangeError);
  });
});
