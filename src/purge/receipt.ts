import {
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { dayOf } from '../domain/calendar.ts';
import { type Canonical, canonicalJson } from '../domain/canonical.ts';
import { type Plan, planHash } from '../domain/plan.ts';
import { type Residue, residueEnd } from '../domain/policy.ts';
import {
  asCurrent,
  type Receipt,
  type ReceiptStep,
  type ReceiptV2,
  type RetainedLine,
  type SignedReceipt,
  type StepResult,
} from '../domain/receipt.ts';
import type { Target } from '../domain/target.ts';
import { signedReceiptSchema } from './receipt-schema.ts';

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
  /** What agents ticked off, of this plan. */
  readonly ticks: readonly { readonly step: number; readonly item: string; readonly at: Date }[];
  readonly residue: readonly Residue[];
  /** What a place refused to give up and an agent accepted to leave: told with what stays on purpose. */
  readonly accepted?: readonly RetainedLine[];
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
export function buildReceipt(facts: ReceiptFacts): ReceiptV2 {
  const { plan, target } = facts;
  const steps = facts.steps.map((result) => receiptStep(plan, result));
  return {
    version: 2,
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
    ...totalsOf(steps),
    byHand: facts.ticks.map(({ step, item, at }) => ({ step, item, by: 'agent', day: dayOf(at) })),
    exclusions: plan.exclusions,
    retained: [
      ...(facts.accepted ?? []),
      ...facts.residue.map((residue) => retainedAt(residue, facts.completedAt)),
    ],
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
 * @param file - the bytes as they were received; a text when they are known to be UTF-8
 * @param expectedPublicKey - SPKI, base64, obtained apart from the receipt. Without it the check proves only that the
 *   receipt is whole, not who signed it
 */
export function verifyReceipt(file: string | Uint8Array, expectedPublicKey?: string): ReceiptCheck {
  const signed = readSigned(file);
  if (typeof signed === 'string') return { ok: false, why: signed };
  if (expectedPublicKey !== undefined && signed.publicKey !== expectedPublicKey) {
    return { ok: false, why: 'it is signed with another key' };
  }
  if (!signatureHolds(signed)) return { ok: false, why: 'the signature does not match' };
  if (!addsUp(asCurrent(signed.receipt))) return { ok: false, why: 'its totals do not add up' };
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

/** The signed receipt that a file holds, or why it holds none. */
function readSigned(file: string | Uint8Array): SignedReceipt | string {
  const text = typeof file === 'string' ? file : utf8In(file);
  if (text === null) return 'it is not UTF-8';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const parsed = signedReceiptSchema.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') ?? '';
    return `it does not have the shape of a signed receipt${path === '' ? '' : `, see ${path}`}`;
  }
  // Also what catches repeated keys, other escapes and white space: they do not survive being written again.
  if (text.replace(/\n$/, '') !== receiptText(parsed.data)) return 'it is not in canonical form';
  return parsed.data;
}

/** Strictly: bytes that are no text would all become the same sign, and a change among them would not be seen. */
function utf8In(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function signatureHolds({ receipt, publicKey, signature }: SignedReceipt): boolean {
  const signatureBytes = Buffer.from(signature, 'base64');
  // Base64 has several spellings of the same bytes; only one of them is what was sent.
  if (signatureBytes.toString('base64') !== signature) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    // A key is read also with bytes behind it: as it is written again, it must be what was sent.
    if (key.asymmetricKeyType !== 'ed25519' || spkiOf(key) !== publicKey) return false;
    return verify(null, signedBytes(receipt), key, signatureBytes);
  } catch {
    return false;
  }
}

const signedBytes = (receipt: Receipt): Buffer =>
  Buffer.from(canonicalJson(receipt as unknown as Canonical), 'utf8');

const publicKeyOf = (privateKey: KeyObject): string => spkiOf(createPublicKey(privateKey));

const spkiOf = (publicKey: KeyObject): string =>
  publicKey.export({ format: 'der', type: 'spki' }).toString('base64');

/** SHA-256 of the key's SPKI, lower-case hex: what people compare. @param publicKey - SPKI, base64 */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');

/** The public key that a text gives, as PEM or as the base64 of its SPKI; `null` = it gives none of Ed25519. SPKI, base64. */
export function publicKeyIn(text: string): string | null {
  const given = text.trim();
  try {
    const key = given.startsWith('-----')
      ? createPublicKey(given)
      : createPublicKey({ key: Buffer.from(given, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? spkiOf(key) : null;
  } catch {
    return null;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function totalsOf(
  steps: readonly ReceiptStep[],
): Pick<ReceiptV2, 'deletedTotal' | 'clearedTotal' | 'byHandTotal' | 'remainingTotal'> {
  const taken = (action: ReceiptStep['action']) =>
    sum(steps.filter((step) => step.action === action).map(({ deleted }) => deleted));
  return {
    deletedTotal: taken('delete'),
    clearedTotal: taken('clear'),
    byHandTotal: taken('by_hand'),
    remainingTotal: sum(steps.map(({ remaining }) => remaining)),
  };
}

function addsUp(receipt: ReceiptV2): boolean {
  const { deletedTotal, clearedTotal, byHandTotal, remainingTotal } = totalsOf(receipt.steps);
  return (
    deletedTotal === receipt.deletedTotal &&
    clearedTotal === receipt.clearedTotal &&
    byHandTotal === receipt.byHandTotal &&
    remainingTotal === receipt.remainingTotal
  );
}

function receiptStep(plan: Plan, result: StepResult): ReceiptStep {
  const planned = plan.steps.find(({ no }) => no === result.no);
  if (planned === undefined) throw new RangeError(`the plan has no step ${result.no}`);
  const { no, store, target, estimate, deleted, remaining } = result;
  const action = planned.kind === 'manual' ? 'by_hand' : planned.action;
  return { no, store, target, action, estimate, deleted, remaining };
}

function retainedAt(residue: Residue, completedAt: Date): RetainedLine {
  const { category, what, why, legalBasis } = residue;
  return { category, what, why, legalBasis, until: residueEnd(residue, completedAt) };
}
