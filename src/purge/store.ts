import type { Canonical } from '../domain/canonical.ts';
import type { PlanStep } from '../domain/plan.ts';

/** Where a store goes on after a batch; what is in it is the store's own business. `null` = from the beginning. */
export type StoreCheckpoint = Canonical;

export interface EraseOptions {
  /** At most this many rows or objects in this batch, 1 or more. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Hash of the plan that the step belongs to: with it a place tells a step that is tried again from a new one. */
  readonly plan?: string;
}

export interface Erased {
  /** What this batch deleted, from 0 up to the limit. */
  readonly deleted: number;
  /** Instead of the limit, for work that was begun by an earlier call: the most that it may have deleted. */
  readonly allowed?: number;
  readonly checkpoint: StoreCheckpoint;
  /** Nothing was left to find behind this checkpoint. Not yet a proof: `countRemaining` is. */
  readonly done: boolean;
  /**
   * The rest is up to a service that takes its time, or to an agent: the step sleeps, its worker is free, and no attempt
   * is counted. Never with `done`.
   */
  readonly waits?: 'service' | 'agent';
  /** How long the batch held locks that others may wait for; without it, all the time that the call took. */
  readonly lockedMs?: number;
}

/** Things that a step matches and the place refuses to give up, of one reason and one day. Never counted as deleted. */
export interface StoreResidue {
  /** `partial` = the place reports that it carried out a part only. */
  readonly reason: 'object_lock' | 'legal_hold' | 'partial';
  /** The UTC day on which the last of them may go; `null` = nobody can say. */
  readonly until: string | null;
  /** 1 or more. */
  readonly count: number;
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
 * - What the place refuses for a time (a lock, a legal hold) fails no batch and counts as not deleted; the batch goes on
 *   behind it, and `findResidue` names it.
 * - Faults are PurgedeskErrors: PD_STORE_FAILED for what can pass (with `details.reason` = `timeout` when a smaller
 *   batch may help), PD_STORE_INVALID for what only a person can mend. Neither holds a value of a row.
 * - Everything that waits ends soon after the signal aborts, and by itself within the store's own time-outs.
 */
export interface Store {
  readonly name: string;
  /** How long a batch should take, where it locks nothing that others use: below 5 s, in which every purge can be halted. */
  readonly batchMs?: number;
  /**
   * How many rows or objects the step matches now. Read-only.
   * @param plan - hash of the plan that the step belongs to
   */
  rehearse(step: PlanStep, signal: AbortSignal, plan?: string): Promise<number>;
  /** Takes access away before the first deletion, where the place can. Idempotent. */
  restrict?(step: PlanStep, signal: AbortSignal): Promise<void>;
  erase(step: PlanStep, checkpoint: StoreCheckpoint, options: EraseOptions): Promise<Erased>;
  /** An independent count after the last batch: 0 is the only way to "done". Counts the residue as well. */
  countRemaining(step: PlanStep, signal: AbortSignal, plan?: string): Promise<number>;
  /**
   * Takes back what `erase` asked for and nobody has begun: the step is held or left to an agent. Never fails a purge;
   * when the step goes on, it goes on from the same checkpoint.
   */
  callBack?(step: PlanStep, checkpoint: StoreCheckpoint, options: Omit<EraseOptions, 'limit'>): Promise<void>;
  /**
   * What of the remaining the place refuses to give up now, and until when; a store without it never refuses. Read-only,
   * from scratch. Whatever `countRemaining` counts beyond this can be deleted still.
   */
  findResidue?(step: PlanStep, signal: AbortSignal): Promise<readonly StoreResidue[]>;
  /** Ends all connections. Safe to call twice. */
  close(): Promise<void>;
}

/** Every store of the catalogue by name. */
export interface Stores {
  /** @throws PurgedeskError PD_STORE_INVALID when the catalogue has no such store */
  get(name: string): Store;
  close(): Promise<void>;
}
