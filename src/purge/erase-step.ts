import type { Knex } from 'knex';
import { canonicalJson } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { Obstacle } from '../domain/ticket.ts';
import { CANARY_LIMIT, mostExpected, nextLimit, type Progress, smallerLimit } from './progress.ts';
import { lockTicket } from './purge-ticket.ts';
import { checkedCount, hashOf, lied, type StepRun, TAKEN_OVER } from './step-run.ts';
import type { Erased, Store, StoreResidue } from './store.ts';

/** How often a step may find new rows behind its last batch before it is tried again later. */
const PASSES_MAX = 5;

/**
 * How the erasing of a step ended: nothing left, not ours, not now, for whom it waits, what the place refuses to give up,
 * or what stands in the way.
 */
export type StepEnd =
  | 'finished'
  | 'stopped'
  | 'held'
  | 'service'
  | 'agent'
  | { readonly residue: readonly StoreResidue[] }
  | readonly Obstacle[];

/** Batches until an independent count finds nothing; rows that arrive meanwhile are met in another pass. */
export async function eraseStep(run: StepRun): Promise<StepEnd> {
  const { step, signal } = run;
  const store = run.ports.stores.get(step.store);
  if (run.progress.before === null && (await hasDrifted(run, store))) return ['plan_changed'];
  let remaining = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass++) {
    const isWhole = run.progress.after === null;
    const recordedBefore = run.recorded;
    const end = await erasePass(run, store);
    if (end !== 'finished') return end;
    remaining = checkedCount(step, await store.countRemaining(step, signal, hashOf(run)));
    if (remaining === 0) return 'finished';
    const residue = (await store.findResidue?.(step, signal)) ?? [];
    const kept = residue.reduce((sum, { count }) => sum + checkedCount(step, count), 0);
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
  throw new PurgedeskError('PD_STORE_FAILED', 'data keeps arriving that a step has to delete', {
    details: { store: step.store, step: step.no },
  });
}

/**
 * Counts what the step matches before it deletes anything, the first step the whole plan, so that a purge with one step
 * too large does not begin at all. Then takes access away where a store can.
 */
async function hasDrifted(run: StepRun, store: Store): Promise<boolean> {
  const { plan, step, ports, signal } = run;
  const ahead = step.no === 1 ? plan.steps : [step];
  for (const each of ahead) {
    const count = checkedCount(each, await ports.stores.get(each.store).rehearse(each, signal, hashOf(run)));
    if (count > mostExpected(run.estimates[each.no - 1] ?? 0)) return true;
    if (each.no === step.no) run.progress = { ...run.progress, before: count };
  }
  await store.restrict?.(step, signal);
  return false;
}

async function erasePass(run: StepRun, store: Store): Promise<StepEnd> {
  for (let limit = CANARY_LIMIT, done = false; !done; ) {
    run.signal.throwIfAborted();
    const guard = await guardBatch(run, limit);
    if (guard !== 'finished') return guard;
    const begun = performance.now();
    const erased = await tryBatch(run, store, limit);
    if (erased === null) {
      limit = smallerLimit(limit) ?? limit;
      continue;
    }
    await run.ports.crashPoint('purge.batch.erased');
    await recordBatch(run, erased);
    await run.ports.crashPoint('purge.batch.recorded');
    if (erased.waits !== undefined) return erased.waits;
    limit = nextLimit(limit, performance.now() - begun, store.batchMs);
    done = erased.done;
  }
  return 'finished';
}

/** Invariant 1 before every batch. `finished` = go on. */
function guardBatch(run: StepRun, limit: number): Promise<StepEnd> {
  const { ports, ticket } = run;
  return ports.db.transaction(async (trx): Promise<StepEnd> => {
    const now = await lockTicket(trx, ticket.id);
    if (now.state !== 'purging' || now.held || now.plan_hash !== ticket.plan_hash) return 'held';
    const obstacles = await ports.eligibility(trx, ticket.id);
    if (obstacles.length > 0) return obstacles;
    const kept = await saveProgress(trx, run, { ...run.progress, inFlight: limit }, 0);
    return kept ? 'finished' : 'stopped';
  });
}

/** One batch; `null` = it ran into the store's time-out, which rolled it back, and a smaller one may do. */
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

async function recordBatch(run: StepRun, erased: Erased): Promise<void> {
  const progress = { ...run.progress, after: erased.checkpoint, inFlight: 0 };
  if (!(await saveProgress(run.ports.db, run, progress, erased.deleted))) throw TAKEN_OVER;
  run.recorded += erased.deleted;
}

const SAVE_PROGRESS = `
  update purge_steps set checkpoint = cast(? as jsonb), deleted = deleted + ?,
    attempts = case when ? > 0 then 0 else attempts end
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?`;

/** @returns whether this run still owns the step; if not, nothing was written */
async function saveProgress(db: Knex, run: StepRun, progress: Progress, deleted: number): Promise<boolean> {
  const saved = await db.raw<{ rowCount: number }>(SAVE_PROGRESS, [
    JSON.stringify(progress),
    deleted,
    deleted,
    run.ticket.id,
    run.step.no,
    run.progress.run,
  ]);
  if (saved.rowCount === 1) run.progress = progress;
  return saved.rowCount === 1;
}
