import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { addDays, dayOf } from '../domain/calendar.ts';
import { type Canonical, canonicalJson } from '../domain/canonical.ts';
import type { Plan, Receipt, SignedReceipt, StepResult } from '../domain/plan.ts';
import { planHash } from '../domain/plan.ts';
import type { Residue } from '../domain/policy.ts';
import { SCOPES } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';

export interface ReceiptFacts {
  readonly plan: Plan;
  readonly target: Target;
  readonly requestedAt: Date;
  readonly verifiedAt: Date;
  readonly graceEndedAt: Date;
  readonly startedAt: Date;
  readonly completedAt: Date;
  /** In the order of the plan. */
  readonly steps: readonly StepResult[];
  readonly residue: readonly Residue[];
}

export interface ReceiptKey {
  readonly privateKey: KeyObject;
  /** SPKI, base64. */
  readonly publicKey: string;
}

export type ReceiptCheck =
  | { readonly ok: true; readonly receipt: Receipt; readonly publicKey: string }
  | { readonly ok: false; readonly why: string };

/** What happened, as a value: ids, counts and dates, no address, no customer word. */
export function buildReceipt(facts: ReceiptFacts): Receipt {
  const { plan, target, steps } = facts;
  return {
    version: 1,
    ticket: plan.ticket,
    scope: plan.scope,
    workspaceIds: target.workspaces.map(({ id }) => id),
    requestedAt: facts.requestedAt.toISOString(),
    verifiedAt: facts.verifiedAt.toISOString(),
    graceEndedAt: facts.graceEndedAt.toISOString(),
    startedAt: facts.startedAt.toISOString(),
    completedAt: facts.completedAt.toISOString(),
    digest: plan.digest,
    planHash: planHash(plan),
    steps,
    deletedTotal: sum(steps.map(({ deleted }) => deleted)),
    remainingTotal: sum(steps.map(({ remaining }) => remaining)),
    exclusions: plan.exclusions,
    retained: facts.residue.map((residue) => retainedAt(residue, facts.completedAt)),
  };
}

/** Ed25519 (RFC 8032) over the canonical JSON of the receipt: the same receipt and key give the same bytes. */
export function signReceipt(receipt: Receipt, privateKey: KeyObject): SignedReceipt {
  const signature = sign(null, signedBytes(receipt), privateKey).toString('base64');
  return { receipt, algorithm: 'Ed25519', publicKey: publicKeyOf(privateKey), signature };
}

/** The one text of a signed receipt, as it is sent and as `verifyReceipt` wants it back. */
export const receiptText = (signed: SignedReceipt): string => canonicalJson(signed as unknown as Canonical);

/**
 * Checks a signed receipt offline. Refuses whatever is not byte for byte the canonical text (one final newline apart),
 * has a key too many or too few, names another algorithm, or does not add up.
 * @param expectedPublicKey - SPKI, base64, obtained apart from the receipt. Without it the check proves only that the
 *   receipt is whole, not who signed it
 */
export function verifyReceipt(text: string, expectedPublicKey?: string): ReceiptCheck {
  const signed = readSigned(text);
  if (typeof signed === 'string') return { ok: false, why: signed };
  if (expectedPublicKey !== undefined && signed.publicKey !== expectedPublicKey) {
    return { ok: false, why: 'it is signed with another key' };
  }
  if (!signatureHolds(signed)) return { ok: false, why: 'the signature does not match' };
  const { steps, deletedTotal, remainingTotal } = signed.receipt;
  const adds =
    sum(steps.map(({ deleted }) => deleted)) === deletedTotal &&
    sum(steps.map(({ remaining }) => remaining)) === remainingTotal;
  if (!adds) return { ok: false, why: 'its totals do not add up' };
  return { ok: true, receipt: signed.receipt, publicKey: signed.publicKey };
}

/**
 * The desk's signing key, derived from its secret by HKDF-SHA-256 (RFC 5869): the same secret always gives the same
 * key, and nothing about the secret follows from it.
 * @throws RangeError when the secret is shorter than 32 bytes
 */
export function receiptKey(secretKey: Uint8Array): ReceiptKey {
  if (secretKey.length < 32)
    throw new RangeError(`a secret of 32 bytes or more is needed, got ${secretKey.length}`);
  const seed = Buffer.from(hkdfSync('sha256', secretKey, '', 'purgedesk receipt Ed25519 v1', 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** DER of a PKCS #8 Ed25519 private key up to its 32-byte seed (RFC 8410 section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

const instant = z.iso.datetime();
const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const signedSchema = z.strictObject({
  receipt: z.strictObject({
    version: z.literal(1),
    ticket: z.string().regex(/^PD-[1-9]\d{0,14}$/),
    scope: z.enum(SCOPES),
    workspaceIds: z.array(z.string().min(1)).min(1),
    requestedAt: instant,
    verifiedAt: instant,
    graceEndedAt: instant,
    startedAt: instant,
    completedAt: instant,
    digest: hash,
    planHash: hash,
    steps: z
      .array(
        z.strictObject({
          no: z.int().min(1),
          store: z.string(),
          target: z.string(),
          estimate: count,
          deleted: count,
          remaining: count,
        }),
      )
      .min(1),
    deletedTotal: count,
    remainingTotal: count,
    exclusions: z.array(z.string()),
    retained: z.array(
      z.strictObject({
        category: z.string(),
        what: z.string(),
        why: z.string(),
        until: z.iso.date().nullable(),
      }),
    ),
  }),
  algorithm: z.literal('Ed25519'),
  publicKey: z.base64(),
  signature: z.base64(),
});

/** The signed receipt that a text holds, or why it holds none. */
function readSigned(text: string): SignedReceipt | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const parsed = signedSchema.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') ?? '';
    return `it does not have the shape of a signed receipt${path === '' ? '' : `, see ${path}`}`;
  }
  // Also what catches repeated keys, other escapes and white space: they do not survive being written again.
  if (text.replace(/\n$/, '') !== receiptText(parsed.data)) return 'it is not in canonical form';
  return parsed.data;
}

function signatureHolds({ receipt, publicKey, signature }: SignedReceipt): boolean {
  const keyBytes = Buffer.from(publicKey, 'base64');
  const signatureBytes = Buffer.from(signature, 'base64');
  // Base64 has several spellings of the same bytes; only one of them is what was sent.
  if (keyBytes.toString('base64') !== publicKey || signatureBytes.toString('base64') !== signature)
    return false;
  try {
    const key = createPublicKey({ key: keyBytes, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, signedBytes(receipt), key, signatureBytes);
  } catch {
    return false;
  }
}

const signedBytes = (receipt: Receipt): Buffer =>
  Buffer.from(canonicalJson(receipt as unknown as Canonical), 'utf8');

const publicKeyOf = (privateKey: KeyObject): string =>
  createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function retainedAt(residue: Residue, completedAt: Date): Receipt['retained'][number] {
  const { category, what, why, retentionDays } = residue;
  const until = retentionDays === null ? null : addDays(dayOf(completedAt), retentionDays);
  return { category, what, why, until };
}
