import type { StepEnd } from './erase-step.ts';
import { guardStep } from './guard.ts';
import type { StepRun } from './step-run.ts';

/**
 * Takes access away in every store of the plan that can, before the first deletion of the whole purge: nobody meets data
 * that is half gone. Each store's answer is noted, so that a purge that goes on after a crash leaves none out.
 * `finished` = go on.
 */
export async function restrictAccess(run: StepRun): Promise<StepEnd> {
  const { ports, ticket, plan, signal } = run;
  const open = await ports
    .db('purge_steps')
    .select<{ no: number }[]>('no')
    .where({ ticket_id: ticket.id, restricted_at: null })
    .orderBy('no');
  for (const { no } of open) {
    const step = plan.steps[no - 1];
    const store = step === undefined ? undefined : ports.stores.get(step.store);
    if (step !== undefined && store?.restrict !== undefined) {
      signal.throwIfAborted();
      const guarded = await ports.db.transaction((trx) => guardStep(trx, run, step.store));
      if (guarded !== 'finished') return guarded;
      await ports.crashPoint('purge.restricting');
      await store.restrict(step, signal);
    }
    await ports.db.raw(NOTE_RESTRICTED, [ticket.id, no, ticket.plan_hash]);
  }
  return 'finished';
}

const NOTE_RESTRICTED = `
  update purge_steps set restricted_at = desk_now() where ticket_id = ? and no = ? and plan_hash = ?`;
