import { canonicalJson } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { Obstacle } from '../domain/ticket.ts';
import { isAccepted } from './accept-residue.ts';
import { guardBatch, recordBatch } from './guard.ts';
import { deletedBeside } from './overlap.ts';
import {
  CANARY_LIMIT,
  isUnaccounted,
  mostExpected,
  nextLimit,
  smallerLimit,
  withinExpected,
} from './progress.ts';
import { restrictAccess } from './restrict-access.ts';
import { checkedCount, hashOf, lied, type StepRun } from './step-run.ts';
import type { Erased, Store, StoreResidue } from './store.ts';

/** How often a step may find new rows behind its last batch before it is tried again later. */
const PASSES_MAX = 5;

/**
 * How the erasing of a step ended: nothing left, not ours any more, the ticket held, all purges halted, the store braked,
 * data that keeps arriving, for whom it waits, what the place refuses to give up, of that how much an agent accepted to
 * leave, how much more there is than was agreed to, or what stands in the way.
 */
export type StepEnd =
  | 'finished'
  | 'stopped'
  | 'held'
  | 'halted'
  | 'braked'
  | 'later'
  | 'service'
  | 'agent'
  | { readonly residue: readonly StoreResidue[] }
  | { readonly accepted: number }
  | { readonly drifted: Drift }
  | readonly Obstacle[];

/** A step that matches far more than was shown and agreed to. */
export interface Drift {
  readonly no: number;
  readonly store: string;
  readonly estimate: number;
  /** Gone and to go. */
  readonly count: number;
}

/** Batches until an independent count finds nothing; rows that arrive meanwhile are met in another pass. */
export async function eraseStep(run: StepRun): Promise<StepEnd> {
  const { step, signal } = run;
  const store = run.ports.stores.get(step.store);
  const drifted = run.progress.before === null ? await findDrift(run) : null;
  if (drifted !== null) return { drifted };
  await run.ports.crashPoint('purge.counted');
  const restricted = await restrictAccess(run);
  if (restricted !== 'finished') return restricted;
  await run.ports.crashPoint('purge.restricted');
  let remaining = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass++) {
    const isWhole = run.progress.after === null;
    const recordedBefore = run.recorded;
    const end = await erasePass(run, store);
    if (end !== 'finished') return end;
    remaining = checkedCount(step, await store.countRemaining(step, signal, hashOf(run)));
    await run.ports.crashPoint('purge.read_back');
    await checkAccounted(run, remaining);
    if (remaining === 0) return 'finished';
    const residue = (await store.findResidue?.(step, signal)) ?? [];
    const kept = residue.reduce((sum, { count }) => sum + checkedCount(step, count), 0);
    if (
      kept === remaining &&
      (await isAccepted(run.ports.db, { ticketId: run.ticket.id, no: step.no }, residue))
    )
      return { accepted: kept };
    if (kept >= remaining) return { residue };
    remaining -= kept;
    if (isWhole && run.recorded === recordedBefore) {
      throw lied(step, 'deleted nothing of what it still finds', { remaining });
    }
    run.progress = { ...run.progress, after: null };
  }
  if (remaining >= (run.progress.before ?? 0)) {
    throw lied(step, 'reports deletions and finds as much as before', { remaining });
  }
  return 'later';
}

/** A count of nothing is a proof only beside deletions that explain it, unless an agent looked at the store. */
async function checkAccounted(run: StepRun, remaining: number): Promise<void> {
  const { ports, ticket, step, recorded, progress, wasReleased } = run;
  if (wasReleased || !isUnaccounted(recorded, remaining, progress)) return;
  const beside = await deletedBeside(ports.db, ticket.id, step);
  if (!isUnaccounted(recorded, remaining, progress, beside)) return;
  throw lied(step, 'finds far less than is left after what it deleted', { deleted: recorded, remaining });
}

/**
 * Counts what the step matches before it deletes anything, the first step the whole plan, so that a purge with one step
 * too large does not begin at all.
 */
async function findDrift(run: StepRun): Promise<Drift | null> {
  const { plan, step, ports, signal } = run;
  const ahead = step.no === 1 ? plan.steps : [step];
  for (const each of ahead) {
    const count = checkedCount(each, await ports.stores.get(each.store).rehearse(each, signal, hashOf(run)));
    const estimate = run.estimates[each.no - 1] ?? 0;
    if (count > mostExpected(estimate)) return { no: each.no, store: each.store, estimate, count };
    if (each.no === step.no) run.progress = { ...run.progress, before: count };
  }
  return null;
}

async function erasePass(run: StepRun, store: Store): Promise<StepEnd> {
  const estimate = run.estimates[run.step.no - 1] ?? 0;
  for (let limit = CANARY_LIMIT, done = false; !done; ) {
    run.signal.throwIfAborted();
    if (run.recorded >= mostExpected(estimate)) return atTheMost(run, store, estimate);
    limit = withinExpected(limit, estimate, run.recorded);
    const guard = await guardBatch(run, limit);
    if (guard !== 'finished') return guard;
    await run.ports.crashPoint('purge.guarded');
    const begun = performance.now();
    const erased = await tryBatch(run, store, limit);
    if (erased === null) {
      // Not every place rolls back what took too long.
      run.progress = { ...run.progress, inFlight: 0, unrecorded: run.progress.unrecorded + limit };
      limit = smallerLimit(limit) ?? limit;
      continue;
    }
    await run.ports.crashPoint('purge.batch.erased');
    await recordBatch(run, erased, performance.now() - begun);
    await run.ports.crashPoint('purge.batch.recorded');
    if (erased.waits !== undefined) return erased.waits;
    limit = nextLimit(limit, erased.lockedMs ?? performance.now() - begun, store.batchMs);
    done = erased.done;
  }
  return 'finished';
}

/** As much is gone as may go: either that was all, or the rest is for an agent. */
async function atTheMost(run: StepRun, store: Store, estimate: number): Promise<StepEnd> {
  const { step, signal, recorded } = run;
  const remaining = checkedCount(step, await store.countRemaining(step, signal, hashOf(run)));
  if (remaining === 0) return 'finished';
  if (remaining >= (run.progress.before ?? 0)) {
    throw lied(step, 'reports deletions and finds as much as before', { remaining });
  }
  return { drifted: { no: step.no, store: step.store, estimate, count: recorded + remaining } };
}

/** One batch; `null` = it ran into the store's time-out, and a smaller one may do. */
async function tryBatch(run: StepRun, store: Store, limit: number): Promise<Erased | null> {
  const { step, signal, progress, recorded, estimates } = run;
  try {
    const erased = await store.erase(step, progress.after, { limit, signal, plan: hashOf(run) });
    checkedCount(step, erased.deleted);
    const total = recorded + erased.deleted;
    if (erased.deleted > (erased.allowed ?? limit) || total > mostExpected(estimates[step.no - 1] ?? 0)) {
      throw lied(step, 'deleted far more than the rehearsal counted', { deleted: total });
    }
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
