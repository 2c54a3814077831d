import type { Knex } from 'knex';
import { type Canonical, canonicalJson } from '../../domain/canonical.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import { stoppedBy } from '../brake.ts';
import { readHalt } from '../halt.ts';
import { CANARY_LIMIT, mostExpected, nextLimit, smallerLimit, withinExpected } from '../progress.ts';
import { checkedCount, lied } from '../step-run.ts';
import type { Erased, Store } from '../store.ts';
import { replayHash, workspaceNow } from './replay.ts';
import { replayStep } from './replay-plan.ts';
import { type ReplayRun, saveReplayStep } from './replay-steps.ts';

/**
 * How the erasing ended: nothing left, an agent has to look at what the place or the directory says now, a service takes
 * its time, the place refuses to give up the rest, all purges are halted, the store is braked, or another run took it over.
 */
export type AgainEnd = 'done' | 'changed' | 'waits' | 'locked' | 'halted' | 'braked' | 'taken_over';

/** How often more may turn up behind the last batch. */
const PASSES_MAX = 5;

/**
 * The same bounded batches as in a purge, each behind a guard: the switch, and whether the erasure may be replayed still.
 * @throws PurgedeskError whatever the store throws; PD_STORE_LIED when it does not do what it says
 */
export async function eraseAgain(given: ReplayRun): Promise<AgainEnd> {
  using watch = watchSwitch(given);
  const run: ReplayRun = Object.assign(given, { signal: AbortSignal.any([given.signal, watch.signal]) });
  try {
    return await passes(run);
  } catch (error) {
    if (watch.signal.aborted) return 'halted';
    throw error;
  }
}

async function passes(run: ReplayRun): Promise<AgainEnd> {
  const { ports, row, signal } = run;
  const { step, estimate } = row;
  const store = ports.stores.get(step.store);
  const before = run.progress.before ?? (await countedAgain(run, store));
  if (before > mostExpected(estimate)) return 'changed';
  const stopped = await guarded(run, { ...run.progress, before });
  if (stopped !== null) return stopped;
  await store.restrict?.(step, signal);
  let remaining = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass++) {
    const isWhole = run.progress.after === null;
    const recordedBefore = run.recorded;
    const end = await erasePass(run, store);
    if (end !== null) return end;
    remaining = await countedAgain(run, store);
    if (remaining === 0) return 'done';
    const residue = (await store.findResidue?.(step, signal)) ?? [];
    if (residue.reduce((sum, { count }) => sum + checkedCount(step, count), 0) >= remaining) return 'locked';
    if (isWhole && run.recorded === recordedBefore)
      throw lied(step, 'deleted nothing of what it still finds', { remaining });
    run.progress = { ...run.progress, after: null };
  }
  if (remaining >= before) throw lied(step, 'reports deletions and finds as much as before', { remaining });
  return 'changed';
}

const countedAgain = async ({ row, signal }: ReplayRun, store: Store): Promise<number> =>
  checkedCount(row.step, await store.countRemaining(row.step, signal, planOf(row)));

const planOf = ({ link, replay }: ReplayRun['row']): string => replayHash(link, replay);

/** `null` = behind everything that it found. */
async function erasePass(run: ReplayRun, store: Store): Promise<AgainEnd | null> {
  const { ports, row } = run;
  for (let limit = CANARY_LIMIT, done = false; !done; ) {
    run.signal.throwIfAborted();
    limit = withinExpected(limit, row.estimate, run.recorded);
    const stop = await guarded(run, { ...run.progress, inFlight: limit });
    if (stop !== null) return stop;
    const begun = performance.now();
    const erased = await tryBatch(run, store, limit);
    if (erased === null) {
      limit = smallerLimit(limit) ?? limit;
      continue;
    }
    await ports.crashPoint('purge.batch.erased');
    const progress = { ...run.progress, after: erased.checkpoint, inFlight: 0 };
    if (!(await saveReplayStep(ports.db, run, progress, erased.deleted))) return 'taken_over';
    await ports.crashPoint('purge.batch.recorded');
    if (erased.waits !== undefined) return 'waits';
    limit = nextLimit(limit, performance.now() - begun, store.batchMs);
    done = erased.done;
  }
  return null;
}

/** One batch; `null` = it ran into the store's time-out, which rolled it back, and a smaller one may do. */
async function tryBatch(run: ReplayRun, store: Store, limit: number): Promise<Erased | null> {
  const { row, progress, recorded, signal } = run;
  const { step } = row;
  try {
    const erased = await store.erase(step, progress.after, { limit, signal, plan: planOf(row) });
    const total = recorded + checkedCount(step, erased.deleted);
    if (erased.deleted > (erased.allowed ?? limit) || total > mostExpected(row.estimate))
      throw lied(step, 'deleted far more than the dry run counted', { deleted: total });
    const stands = canonicalJson(erased.checkpoint) === canonicalJson(progress.after);
    if (stands && erased.deleted === 0 && !erased.done && erased.waits === undefined)
      throw lied(step, 'neither deletes nor ends', {});
    return erased;
  } catch (error) {
    const timedOut = error instanceof PurgedeskError && error.details.reason === 'timeout';
    if (timedOut && smallerLimit(limit) !== null) return null;
    throw error;
  }
}

/** Before anything is done to the store; notes the progress. `null` = go on. */
function guarded(run: ReplayRun, progress: ReplayRun['progress']): Promise<AgainEnd | null> {
  const { ports, row } = run;
  return ports.db.transaction(async (trx): Promise<AgainEnd | null> => {
    const stopped = await stoppedBy(trx, row.step.store, progress.run);
    if (stopped !== null) return stopped;
    if (!(await isStillMeant(trx, run))) return 'changed';
    return (await saveReplayStep(trx, run, progress, 0)) ? null : 'taken_over';
  });
}

/** The same step would come out of the same entry now. */
async function isStillMeant(trx: Knex, { ports, row }: ReplayRun): Promise<boolean> {
  const world = { catalogue: ports.catalogue, workspace: await workspaceNow(trx, row.link.workspace) };
  const verdict = replayStep(row.link, row.original, world, row);
  return verdict.kind === 'ready' && textOf(verdict.step) === textOf(row.step);
}

const textOf = (step: ReplayRun['row']['step']): string => canonicalJson(step as unknown as Canonical);

/** Looks at the switch while a batch is under way; aborts when purges are halted, or when nobody can tell. */
function watchSwitch({ ports }: ReplayRun): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const breakOff = () => controller.abort(new Error('purges are halted'));
  const look = async () => {
    if ((await readHalt(ports.db)) !== null) breakOff();
  };
  const timer = setInterval(() => void look().catch(breakOff), ports.pace.lookMs);
  const stopListening = ports.onSwitch?.(() => void look().catch(breakOff));
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      stopListening?.();
    },
  };
}
