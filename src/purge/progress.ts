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

/**
 * Whether more vanished than the step deleted and somebody else may have deleted meanwhile: then one of the counts, or
 * what was said about a batch, is not true. Nothing deleted of what was found is never believed.
 * @param beside - what other tickets deleted of it meanwhile
 */
export function isUnaccounted(
  recorded: number,
  remaining: number,
  progress: Progress,
  beside: number = 0,
): boolean {
  const before = progress.before ?? 0;
  const accounted = recorded + progress.unrecorded;
  const missing = before - remaining - accounted - beside;
  return missing > 0 && (accounted === 0 || missing > Math.floor(before * 0.2) + 10);
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

/** The size of the next batch, so that it takes about as long as it may. At most four times the last, at least half. */
export function nextLimit(limit: number, elapsedMs: number, targetMs: number = BATCH_TARGET_MS): number {
  if (limit === CANARY_LIMIT) return FIRST_LIMIT;
  const factor = Math.min(4, Math.max(0.5, targetMs / Math.max(1, elapsedMs)));
  return Math.min(LARGEST_LIMIT, Math.max(SMALLEST_LIMIT, Math.round(limit * factor)));
}

/** A batch that ran into the store's time-out is asked for again with a tenth; `null` = it cannot get any smaller. */
export const smallerLimit = (limit: number): number | null =>
  limit <= SMALLEST_LIMIT ? null : Math.max(SMALLEST_LIMIT, Math.floor(limit / 10));

/** The most that a batch may be asked for: no store, and no row that arrives late, gets a step far past its count. */
export const withinExpected = (limit: number, estimate: number, deleted: number): number =>
  Math.max(CANARY_LIMIT, Math.min(limit, mostExpected(estimate) - deleted));

/** How long a store is left alone after so many failures in a row: doubles each time, up to the longest. */
export const brakeSeconds = (failures: number, shortest: number, longest: number): number =>
  Math.min(longest, shortest * 2 ** Math.min(30, Math.max(0, failures - 1)));

/** How fast a step deletes. */
export interface Speed {
  /** Time spent on recorded batches, without the waits between runs. */
  readonly runningMs: number;
  /** Things a second, smoothed over about the last half minute of running; `null` = no batch yet. */
  readonly rate: number | null;
}

const SMOOTHING_MS = 30_000;

/** After one more batch. The longer it took, the more of what was known before is forgotten. */
export function speedAfter({ runningMs, rate }: Speed, deleted: number, elapsedMs: number): Speed {
  const ms = Math.max(1, elapsedMs);
  const latest = (deleted * 1_000) / ms;
  // At first the mean of all there is, so that a slow canary does not stand for the rest.
  const weight = 1 - Math.exp(-ms / SMOOTHING_MS);
  const share = Math.max(weight, ms / (runningMs + ms));
  return {
    runningMs: Math.round(runningMs + ms),
    rate: rate === null ? latest : rate + (latest - rate) * share,
  };
}

/** Where a step stands. */
export interface Standing {
  /** Of what the rehearsal counted, 0 to 100; below 100 until a count has found nothing left. */
  readonly percent: number;
  readonly perSecond: number | null;
  /** Seconds to go at this speed; `null` = not known. */
  readonly etaSeconds: number | null;
}

export function standingOf(step: {
  readonly deleted: number;
  readonly estimate: number;
  readonly rate: number | null;
  readonly isDone: boolean;
}): Standing {
  const { deleted, estimate, rate, isDone } = step;
  if (isDone) return { percent: 100, perSecond: rate, etaSeconds: 0 };
  const percent = estimate <= 0 ? 0 : Math.min(99, Math.floor((deleted * 100) / estimate));
  const left = Math.max(0, estimate - deleted);
  const etaSeconds = rate === null || rate <= 0 ? null : Math.ceil(left / rate);
  return { percent, perSecond: rate, etaSeconds };
}
