/** The arithmetic of a running step. */
import type { StoreCheckpoint } from './store.ts';

/** What is kept of a running step after each batch. A JSON value. */
export interface Progress {
  /** Which run owns the step: a later run takes it over, an earlier one then stops. */
  readonly run: string;
  /** What the step matched when it started, counted once; `null` = not yet counted. */
  readonly before: number | null;
  readonly after: StoreCheckpoint;
  /** The limit of a batch that was begun and not recorded; 0 = none. */
  readonly inFlight: number;
  /** The most that batches cut short by a crash can have deleted without a record. */
  readonly unrecorded: number;
}

/** A new run takes over: a batch that the last one left unrecorded may have been carried out. */
export const takeOver = (found: Progress | null, run: string): Progress => ({
  run,
  before: found?.before ?? null,
  after: found?.after ?? null,
  inFlight: 0,
  unrecorded: (found?.unrecorded ?? 0) + (found?.inFlight ?? 0),
});

/**
 * How many rows a step deleted. The sum of its recorded batches is exact unless a process died between a batch and its
 * record. Then what vanished since the start says how many more, within the bounds of those batches: rows that
 * somebody else deleted or added meanwhile can blur the figure by that much and no more.
 */
export function deletedInAll(recorded: number, remaining: number, progress: Progress): number {
  const vanished = (progress.before ?? 0) - remaining;
  return Math.min(recorded + progress.unrecorded, Math.max(recorded, vanished));
}

/** More rows than this are not what was shown and agreed to. */
export const mostExpected = (estimate: number): number => Math.floor(estimate * 1.2) + 1_000;

/** A batch of one before the rest: a wrong plan then costs a row and not a table. */
export const CANARY_LIMIT = 1;
const FIRST_LIMIT = 1_000;
const SMALLEST_LIMIT = 10;
const LARGEST_LIMIT = 50_000;
/** Half of the second for which a batch may hold its locks, so that a slow one still keeps within it. */
const BATCH_TARGET_MS = 500;

/** The size of the next batch, so that it takes about as long as it may. At most doubles, at most halves. */
export function nextLimit(limit: number, elapsedMs: number, targetMs: number = BATCH_TARGET_MS): number {
  if (limit === CANARY_LIMIT) return FIRST_LIMIT;
  const factor = Math.min(2, Math.max(0.5, targetMs / Math.max(1, elapsedMs)));
  return Math.min(LARGEST_LIMIT, Math.max(SMALLEST_LIMIT, Math.round(limit * factor)));
}

/** A batch that ran into the store's time-out is asked for again with a tenth; `null` = it cannot get any smaller. */
export const smallerLimit = (limit: number): number | null =>
  limit <= SMALLEST_LIMIT ? null : Math.max(SMALLEST_LIMIT, Math.floor(limit / 10));
