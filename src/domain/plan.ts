import { type Canonical, digestOf } from './canonical.ts';
import type { Residue } from './policy.ts';
import type { PropertyClause, Scope } from './request.ts';

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
  /** Not empty = these single properties are cleared from the rows that hold any of them, and the rows stay. */
  readonly properties: readonly PropertyClause[];
  /** ISO 8601 instants, half-open `[from, before)`, on the column of when the data was received. */
  readonly receivedFrom: string | null;
  readonly receivedBefore: string | null;
}

/** `clear` takes single properties out of things that stay. */
export type StepAction = 'delete' | 'clear';

/** The one action that a predicate allows: a deletion names no property, and a clearing names nothing else. */
export const actionOf = ({ properties }: Pick<Predicate, 'properties'>): StepAction =>
  properties.length > 0 ? 'clear' : 'delete';

export interface PlanStep {
  /** From 1, in the order of execution. */
  readonly no: number;
  readonly store: string;
  readonly kind: string;
  /** Within the store: a table, a bucket, an endpoint. */
  readonly target: string;
  readonly action: StepAction;
  readonly predicate: Predicate;
  /** Of a checklist only: digest of its items, so that nobody ticks another list than the one that was planned. */
  readonly checklist?: string;
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
  /** What stays for a time, by the policy of the day on which the plan was made. */
  readonly residue: readonly Residue[];
}

/** SHA-256 of the canonical JSON, lower-case hex. */
export const planHash = (plan: Plan): string => digestOf(plan as unknown as Canonical);
