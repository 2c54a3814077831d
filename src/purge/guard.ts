/** The short transactions of the desk before and after each batch. */
import type { Knex } from 'knex';
import { closeBrakes, stoppedBy } from './brake.ts';
import type { StepEnd } from './erase-step.ts';
import { type Progress, speedAfter } from './progress.ts';
import { lockTicket } from './purge-ticket.ts';
import { logStep, type StepRun, TAKEN_OVER } from './step-run.ts';
import type { Erased } from './store.ts';

/**
 * Invariant 1, the switch and the brake, before anything is done to a store. `finished` = go on.
 * @param store - the name of the one it is done to
 */
export async function guardStep(trx: Knex.Transaction, run: StepRun, store: string): Promise<StepEnd> {
  const { ports, ticket } = run;
  const now = await lockTicket(trx, ticket.id);
  if (now.state !== 'purging' || now.held || now.plan_hash !== ticket.plan_hash) return 'held';
  const stopped = await stoppedBy(trx, store, run.progress.run);
  if (stopped !== null) return stopped;
  const obstacles = await ports.eligibility(trx, ticket.id);
  return obstacles.length > 0 ? obstacles : 'finished';
}

/** Before a batch: with the guard it notes that so many are under way. */
export function guardBatch(run: StepRun, limit: number): Promise<StepEnd> {
  return run.ports.db.transaction(async (trx): Promise<StepEnd> => {
    const guarded = await guardStep(trx, run, run.step.store);
    if (guarded !== 'finished') return guarded;
    const kept = await saveProgress(trx, run, { ...run.progress, inFlight: limit });
    return kept ? 'finished' : 'stopped';
  });
}

const NOTE_BATCH = `
  update purge_steps set checkpoint = cast(? as jsonb)
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?`;

/** @returns whether this run still owns the step; if not, nothing was written */
async function saveProgress(trx: Knex.Transaction, run: StepRun, progress: Progress): Promise<boolean> {
  const saved = await trx.raw<{ rowCount: number }>(NOTE_BATCH, [
    JSON.stringify(progress),
    run.ticket.id,
    run.step.no,
    run.progress.run,
  ]);
  if (saved.rowCount === 1) run.progress = progress;
  return saved.rowCount === 1;
}

const RECORD_BATCH = `
  update purge_steps set checkpoint = cast(? as jsonb), deleted = deleted + ?,
    attempts = case when ? > 0 then 0 else attempts end, running_ms = ?, rate = ?,
    first_batch_at = coalesce(first_batch_at, desk_now()), last_batch_at = desk_now()
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?`;

/**
 * Adds what a batch deleted and moves the checkpoint.
 * @throws TAKEN_OVER when another run owns the step by now
 */
export async function recordBatch(run: StepRun, erased: Erased, elapsedMs: number): Promise<void> {
  const { ports, ticket, step } = run;
  const progress = { ...run.progress, after: erased.checkpoint, inFlight: 0 };
  const speed = speedAfter(run.speed, erased.deleted, elapsedMs);
  const recorded = await ports.db.raw<{ rowCount: number }>(RECORD_BATCH, [
    JSON.stringify(progress),
    erased.deleted,
    erased.deleted,
    speed.runningMs,
    speed.rate,
    ticket.id,
    step.no,
    progress.run,
  ]);
  if (recorded.rowCount !== 1) throw TAKEN_OVER;
  run.progress = progress;
  run.speed = speed;
  run.recorded += erased.deleted;
  if (run.isProbe) {
    await ports.db.transaction((trx) => closeBrakes(trx, ports, progress.run));
    run.isProbe = false;
  }
  if (performance.now() - run.loggedAt >= ports.pace.logMs) logStep(run, 'a purge is running', false);
}
