/** The shapes of signed receipts: every version that was ever given out. */
import { z } from 'zod';
import { RECEIPT_ACTIONS, type SignedReceipt } from '../domain/receipt.ts';
import { SCOPES } from '../domain/request.ts';

const instant = z.iso.datetime();
const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const stepNo = z.int().min(1);

const frame = {
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
  deletedTotal: count,
  remainingTotal: count,
  exclusions: z.array(z.string()),
};

const step = {
  no: stepNo,
  store: z.string(),
  target: z.string(),
  estimate: count,
  deleted: count,
  remaining: count,
};

const retained = {
  category: z.string(),
  what: z.string(),
  why: z.string(),
  until: z.iso.date().nullable(),
};

const version1 = z.strictObject({
  ...frame,
  version: z.literal(1),
  steps: z.array(z.strictObject(step)).min(1),
  retained: z.array(z.strictObject(retained)),
});

const version2 = z.strictObject({
  ...frame,
  version: z.literal(2),
  steps: z.array(z.strictObject({ ...step, action: z.enum(RECEIPT_ACTIONS) })).min(1),
  clearedTotal: count,
  byHandTotal: count,
  byHand: z.array(
    z.strictObject({ step: stepNo, item: z.string(), by: z.literal('agent'), day: z.iso.date() }),
  ),
  retained: z.array(z.strictObject({ ...retained, legalBasis: z.string().nullable() })),
});

/** Strict: a key too many or too few is refused. */
export const signedReceiptSchema: z.ZodType<SignedReceipt> = z.strictObject({
  receipt: z.discriminatedUnion('version', [version1, version2]),
  algorithm: z.literal('Ed25519'),
  publicKey: z.base64(),
  signature: z.base64(),
});
