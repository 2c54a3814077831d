import { type Canonical, digestOf } from './canonical.ts';
import type { Scope } from './request.ts';

/**
 * What one step matches, with typed, exact identifiers. Every given field narrows; a store that cannot express a given
 * field must refuse the step. JSON value.
 */
export interface Predicate {
  /** Immutable workspace id; never empty. */
  readonly workspaceId: string;
  readonly sourceId: string | null;
  readonly spaceId: string | null;
  readonly projectId: string | null;
  readonly users: readonly string[];
  readonly events: readonly string[];
  readonly properties: readonly {
    readonly name: string;
    readonly kind: 'event' | 'user';
    readonly event: string | null;
  }[];
  /** ISO 8601 instants, half-open `[from, before)`, on the column of when the data was received. */
  readonly receivedFrom: string | null;
  readonly receivedBefore: string | null;
}

export interface PlanStep {
  /** From 1, in the order of execution. */
  readonly no: number;
  readonly store: string;
  readonly kind: string;
  /** Within the store: a table, a bucket, an endpoint. */
  readonly target: string;
  readonly action: 'delete';
  readonly predicate: Predicate;
}

/** The exact list of steps of a purge. A JSON value without estimates: those change, the plan does not. */
export interface Plan {
  readonly version: 1;
  readonly ticket: string;
  readonly scope: Scope;
  /** Digest of the target that the challenge confirmed. */
  readonly digest: string;
  readonly steps: readonly PlanStep[];
  /** What this plan leaves alone on purpose, in plain words. */
  readonly exclusions: readonly string[];
}

/** SHA-256 of the canonical JSON, lower-case hex. */
export const planHash = (plan: Plan): string => digestOf(plan as unknown as Canonical);

export interface StepResult {
  readonly no: number;
  readonly store: string;
  readonly target: string;
  /** What the rehearsal counted. */
  readonly estimate: number;
  readonly deleted: number;
  /** What an independent count found afterwards; a finished step has 0. */
  readonly remaining: number;
}

/** The signed result of a purge. No address, no customer word, no slug: ids, counts and dates. A JSON value. */
export interface Receipt {
  readonly version: 1;
  readonly ticket: string;
  readonly scope: Scope;
  readonly workspaceIds: readonly string[];
  readonly requestedAt: string;
  readonly verifiedAt: string;
  readonly graceEndedAt: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly digest: string;
  readonly planHash: string;
  readonly steps: readonly StepResult[];
  readonly deletedTotal: number;
  readonly remainingTotal: number;
  readonly exclusions: readonly string[];
  /** What stays on purpose; `until` is a UTC day, `null` = on a rolling schedule. */
  readonly retained: readonly {
    readonly category: string;
    readonly what: string;
    readonly why: string;
    readonly until: string | null;
  }[];
}

/** What is stored, sent and verified offline: `signature` is Ed25519 over the canonical JSON of `receipt`. */
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly algorithm: 'Ed25519';
  /** SPKI, base64. */
  readonly publicKey: string;
  /** base64. */
  readonly signature: string;
}
