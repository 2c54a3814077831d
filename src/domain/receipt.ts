import type { Scope } from './request.ts';

/** What became of one step, as the desk recorded it. */
export interface StepResult {
  readonly no: number;
  readonly store: string;
  readonly target: string;
  /** What the rehearsal counted. */
  readonly estimate: number;
  readonly deleted: number;
  /** What an independent count found afterwards. */
  readonly remaining: number;
}

/** `clear`: single properties went, what held them stays. `by_hand`: agents did it, item by item. */
export const RECEIPT_ACTIONS = ['delete', 'clear', 'by_hand'] as const;

export interface ReceiptStep extends StepResult {
  /** `deleted` counts what the action took: things deleted, things cleared of properties, or items ticked off. */
  readonly action: (typeof RECEIPT_ACTIONS)[number];
}

/** What stays on purpose. */
export interface RetainedLine {
  readonly category: string;
  readonly what: string;
  readonly why: string;
  /** What the keeping rests on, as the operator cites it; `null` = not stated. */
  readonly legalBasis: string | null;
  /** The last UTC day; `null` = on a rolling schedule. */
  readonly until: string | null;
}

interface ReceiptFrame {
  readonly ticket: string;
  readonly scope: Scope;
  readonly workspaceIds: readonly string[];
  /** Instants, ISO 8601 in UTC, as all below. */
  readonly requestedAt: string;
  readonly verifiedAt: string;
  readonly graceEndedAt: string;
  readonly startedAt: string;
  readonly completedAt: string;
  /** SHA-256, lower-case hex, of the target that was confirmed and of the plan that was carried out. */
  readonly digest: string;
  readonly planHash: string;
  readonly deletedTotal: number;
  readonly remainingTotal: number;
  readonly exclusions: readonly string[];
}

/** As they were signed first. They are out with customers and hold for ever. */
export interface ReceiptV1 extends ReceiptFrame {
  readonly version: 1;
  readonly steps: readonly StepResult[];
  readonly retained: readonly Omit<RetainedLine, 'legalBasis'>[];
}

/** As they are signed now: each total counts one action only. */
export interface ReceiptV2 extends ReceiptFrame {
  readonly version: 2;
  readonly steps: readonly ReceiptStep[];
  readonly clearedTotal: number;
  readonly byHandTotal: number;
  /** What agents ticked off, in the order of the steps: which item on which UTC day. Never who, nor their evidence. */
  readonly byHand: readonly {
    readonly step: number;
    readonly item: string;
    readonly by: 'agent';
    readonly day: string;
  }[];
  readonly retained: readonly RetainedLine[];
}

/** The signed result of a purge. No address, no customer word, no slug: ids, counts and dates. A JSON value. */
export type Receipt = ReceiptV1 | ReceiptV2;

/** What is stored, sent and verified offline: `signature` is Ed25519 over the canonical JSON of `receipt`. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly algorithm: 'Ed25519';
  /** SPKI, base64. */
  readonly publicKey: string;
  /** base64. */
  readonly signature: string;
}

/** A receipt of any version as one of now, for whoever shows it. Of the first version nothing else was told apart. */
export function asCurrent(receipt: Receipt): ReceiptV2 {
  if (receipt.version === 2) return receipt;
  return {
    ...receipt,
    version: 2,
    steps: receipt.steps.map((step) => ({ ...step, action: 'delete' })),
    clearedTotal: 0,
    byHandTotal: 0,
    byHand: [],
    retained: receipt.retained.map((line) => ({ ...line, legalBasis: null })),
  };
}

/** No step found anything to take: its own result, neither a failure nor a deletion. */
export const matchedNothing = (receipt: ReceiptV2): boolean =>
  receipt.deletedTotal + receipt.clearedTotal + receipt.byHandTotal + receipt.remainingTotal === 0;
