import type { Canonical } from '../domain/canonical.ts';
import type { PlanStep } from '../domain/plan.ts';

/** Where a store goes on after a batch; what is in it is the store's own business. `null` = from the beginning. */
export type StoreCheckpoint = Canonical;

export interface EraseOptions {
  /** At most this many rows or objects in this batch, 1 or more. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Erased {
  /** What this batch deleted, from 0 up to the limit. */
  readonly deleted: number;
  readonly checkpoint: StoreCheckpoint;
  /** Nothing was left to find behind this checkpoint. Not yet a proof: `countRemaining` is. */
  readonly done: boolean;
}

/**
 * A place where customer data lives. What every store promises, and the conformance suite checks:
 *
 * - It matches exactly what the predicate of the step says: every given field narrows. A field that the place cannot
 *   express, and an empty identifier, is refused with PD_STORE_INVALID before anything is read.
 * - `rehearse` and `countRemaining` change nothing and count from scratch, with no memory of earlier batches.
 * - `erase` deletes one bounded batch, durably before it resolves, and holds its locks for that batch only. A batch may
 *   be asked for again after a crash, with the checkpoint from before it: what is gone already is not an error, it just
 *   does not count. Two runs at once delete nothing that one would not.
 * - A batch that throws has deleted nothing, unless the connection was lost: then it may have been carried out.
 * - Faults are PurgedeskErrors: PD_STORE_FAILED for what can pass (with `details.reason` = `timeout` when a smaller
 *   batch may help), PD_STORE_INVALID for what only a person can mend. Neither holds a value of a row.
 * - Everything that waits ends soon after the signal aborts, and by itself within the store's own time-outs.
 */
export interface Store {
  readonly name: string;
  /** How many rows or objects the step matches now. Read-only. */
  rehearse(step: PlanStep, signal: AbortSignal): Promise<number>;
  /** Takes access away before the first deletion, where the place can. Idempotent. */
  restrict?(step: PlanStep, signal: AbortSignal): Promise<void>;
  erase(step: PlanStep, checkpoint: StoreCheckpoint, options: EraseOptions): Promise<Erased>;
  /** An independent count after the last batch: 0 is the only way to "done". */
  countRemaining(step: PlanStep, signal: AbortSignal): Promise<number>;
  /** Ends all connections. Safe to call twice. */
  close(): Promise<void>;
}

/** Every store of the catalogue by name. */
export interface Stores {
  /** @throws PurgedeskError PD_STORE_INVALID when the catalogue has no such store */
  get(name: string): Store;
  close(): Promise<void>;
}
