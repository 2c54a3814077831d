import { createHash, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Plan, planHash } from '../../src/domain/plan.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { Receipt } from '../../src/domain/receipt.ts';
import { makePlan } from '../../src/purge/plan.ts';
import {
  buildReceipt,
  fingerprintOf,
  type ReceiptFacts,
  receiptKey,
  receiptText,
  signReceipt,
  verifyReceipt,
} from '../../src/purge/receipt.ts';
import { planInput, sampleTarget } from './fixtures.ts';
import { RECEIPT_VERSION_1 } from './receipt-version-1.ts';

const KEY = receiptKey(Buffer.alloc(32, 7));
const plan = makePlan(planInput(sampleTarget())) as Plan;
const facts: ReceiptFacts = {
  plan,
  target: sampleTarget(),
  requestedAt: new Date('2024-05-02T13:00:00Z'),
  verifiedAt: new Date('2024-05-02T14:00:00Z'),
  graceEndedAt: new Date('2024-05-08T00:00:00Z'),
  startedAt: new Date('2024-05-08T00:00:05Z'),
  completedAt: new Date('2024-05-08T00:01:00Z'),
  steps: [{ no: 1, store: 'archive', target: 'public.events', estimate: 12, deleted: 12, remaining: 0 }],
  ticks: [],
  residue: [
    {
      category: 'backups',
      what: 'Encrypted backups',
      why: 'they roll over',
      legalBasis: null,
      retentionDays: 30,
      rollingDays: null,
    },
    ...DEFAULT_POLICY.residue.slice(1),
  ],
};
const receipt = buildReceipt(facts);
const signed = signReceipt(receipt, KEY.privateKey);
const text = receiptText(signed);

/** Signs of two, three and four bytes, and the one that stands for what is no text. */
const strange: Receipt = { ...receipt, exclusions: ['Gelöschtes', '除外', '🙂', '\ufffd'] };

/** Values that a byte may turn into: one bit, another case, a digit, the ends of the range, a newline. */
const othersOf = (byte: number): readonly number[] =>
  [byte ^ 0x01, byte ^ 0x20, byte ^ 0x80, 0x00, 0x0a, 0x0d, 0x20, 0x30, 0xff].filter(
    (other) => other !== byte,
  );

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';

/** What a spelling of base64 says, however it is spelt. */
const bytesIn = (file: string, field: 'publicKey' | 'signature'): string =>
  Buffer.from(JSON.parse(file)[field], 'base64').toString('hex');

describe('a receipt', () => {
  test('adds up, names the plan, and dates what stays only where the policy does', () => {
    expect(receipt).toMatchObject({ planHash: planHash(plan), deletedTotal: 12, remainingTotal: 0 });
    expect(receipt.retained.map(({ until }) => until)).toEqual(['2024-06-07', null, null]);
  });

  test('tells apart what was deleted, what lost properties, and what agents did by hand', () => {
    const [step] = plan.steps;
    const steps = [
      { ...step!, no: 1, store: 'archive', target: 'events' },
      { ...step!, no: 2, store: 'archive', target: 'events', action: 'clear' as const },
      { ...step!, no: 3, store: 'crm', kind: 'manual', target: 'offboarding' },
    ];
    const mixed = buildReceipt({
      ...facts,
      plan: { ...plan, steps },
      steps: steps.map(({ no, store, target }) => {
        return { no, store, target, estimate: 10 ** no, deleted: 10 ** no, remaining: 0 };
      }),
      ticks: [{ step: 3, item: 'close-contract', at: new Date('2024-05-08T23:59:59Z') }],
    });
    expect(mixed).toMatchObject({ deletedTotal: 10, clearedTotal: 100, byHandTotal: 1_000 });
    expect(mixed.steps.map(({ action }) => action)).toEqual(['delete', 'clear', 'by_hand']);
    expect(mixed.byHand).toEqual([{ step: 3, item: 'close-contract', by: 'agent', day: '2024-05-08' }]);
    expect(verifyReceipt(receiptText(signReceipt(mixed, KEY.privateKey))).ok).toBe(true);
    for (const total of ['deletedTotal', 'clearedTotal', 'byHandTotal', 'remainingTotal'] as const) {
      const wrong = signReceipt({ ...mixed, [total]: mixed[total] + 1 }, KEY.privateKey);
      expect(verifyReceipt(receiptText(wrong)), total).toEqual({
        ok: false,
        why: 'its totals do not add up',
      });
    }
  });

  test('tells what a place refused to give up, with its day, before what stays on purpose', () => {
    const locked = {
      category: 'locked',
      what: 'Locked objects',
      why: 'w',
      legalBasis: null,
      until: '2025-01-01',
    };
    const steps = [{ ...facts.steps[0]!, remaining: 3 }];
    const left = buildReceipt({ ...facts, steps, accepted: [locked] });
    expect(left.remainingTotal).toBe(3);
    expect(left.retained[0]).toEqual(locked);
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

  test('holds a receipt of the first version for ever', () => {
    const check = verifyReceipt(RECEIPT_VERSION_1, KEY.publicKey);
    expect(check).toMatchObject({ ok: true, receipt: { version: 1, ticket: 'PD-1042', deletedTotal: 12 } });
  });

  const files = [
    { title: 'of now', file: `${text}\n` },
    { title: 'of the first version', file: RECEIPT_VERSION_1 },
    {
      title: 'with signs that take several bytes',
      file: `${receiptText(signReceipt(strange, KEY.privateKey))}\n`,
    },
  ];
  test.each(files)('refuses a file $title with any one byte changed', ({ file }) => {
    const bytes = Buffer.from(file);
    expect(verifyReceipt(bytes).ok).toBe(true);
    for (let at = 0; at < bytes.length; at++) {
      for (const other of othersOf(bytes[at]!)) {
        const changed = Buffer.from(bytes);
        changed[at] = other;
        expect(verifyReceipt(changed).ok, `byte ${at} as ${other}`).toBe(false);
      }
    }
  });

  test.each(['publicKey', 'signature'] as const)('refuses another spelling of the same %s', (field) => {
    const end = text.indexOf(`"${field}":"`) + field.length + 4 + signed[field].length;
    const spellings = [...LETTERS].flatMap((letter) =>
      [1, 2, 3, 4].map((back) => text.slice(0, end - back) + letter + text.slice(end - back + 1)),
    );
    const same = spellings.filter(
      (other) => other !== text && bytesIn(other, field) === bytesIn(text, field),
    );
    expect(same.length).toBeGreaterThan(2);
    for (const other of spellings.filter((each) => each !== text)) {
      expect(verifyReceipt(other).ok, other.slice(end - 4, end)).toBe(false);
    }
  });

  test.each(files)('refuses a file $title that is cut short anywhere', ({ file }) => {
    const bytes = Buffer.from(file);
    // The final newline is no part of it: editors and mail programs add one or take it away.
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(verifyReceipt(bytes.subarray(0, length)).ok, `${length} bytes`).toBe(false);
    }
  });

  test.each([
    {
      title: 'a byte order mark',
      bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
    },
    { title: 'line ends of another system', bytes: Buffer.from(`${text}\r\n`) },
    { title: 'a second newline', bytes: Buffer.from(`${text}\n\n`) },
    { title: 'a space behind it', bytes: Buffer.from(`${text} `) },
    { title: 'a zero byte behind it', bytes: Buffer.from(`${text}\0`) },
    { title: 'another encoding', bytes: Buffer.from(text, 'utf16le') },
  ])('refuses $title', ({ bytes }) => {
    expect(verifyReceipt(bytes).ok).toBe(false);
  });

  test('refuses bytes that are no text, even where a text of theirs would read the same', () => {
    const bytes = Buffer.from(receiptText(signReceipt(strange, KEY.privateKey)));
    const at = bytes.indexOf('\ufffd');
    const broken = Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from([0xf0, 0x9f, 0x98]),
      bytes.subarray(at + 3),
    ]);
    expect(broken.toString('utf8')).toBe(bytes.toString('utf8'));
    expect(verifyReceipt(broken)).toEqual({ ok: false, why: 'it is not UTF-8' });
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

describe('fingerprintOf', () => {
  test('is the SHA-256 of the key as it is published', () => {
    const digest = createHash('sha256').update(Buffer.from(KEY.publicKey, 'base64')).digest('hex');
    expect(fingerprintOf(KEY.publicKey)).toBe(digest);
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
