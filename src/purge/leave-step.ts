import type { Knex } from 'knex';
import { mayRetry, PurgedeskError } from '../domain/errors.ts';
import type { StepEnd } from './erase-step.ts';
import { block, callBack, enqueueStep, hashOf, type StepRun } from './step-run.ts';
import type { StoreResidue } from './store.ts';

/** Failures in a row after which a step waits for an agent. */
const ATTEMPTS_MAX = 5;

/** When a step that waits for a service looks at it again. */
const SLEEP_SECONDS = 60;

/** A step that is not done and cannot go on now. No attempt is counted. */
export async function leaveStep(run: StepRun, end: Exclude<StepEnd, 'finished'>): Promise<void> {
  const { ports, ticket, step, plan, signal } = run;
  if (end === 'stopped') return;
  if (end === 'service') {
    return ports.db.transaction((trx) => enqueueStep(ports, trx, ticket.id, step.no, SLEEP_SECONDS));
  }
  if (end === 'agent') {
    const note = `step ${step.no} is a checklist: purgedesk purge checklist ${plan.ticket}`;
    const event = { type: 'held', reason: 'checklist', by: { kind: 'desk' }, note } as const;
    const within = async () => {
      const left = await ports.stores.get(step.store).countRemaining(step, signal, hashOf(run));
      if (left === 0) throw DONE_MEANWHILE;
    };
    try {
      await ports.tickets.advance(ticket.id, event, { within });
    } catch (error) {
      if (error !== DONE_MEANWHILE) throw error;
      await ports.db.transaction((trx) => enqueueStep(ports, trx, ticket.id, step.no));
    }
    return;
  }
  if (typeof end === 'object' && 'residue' in end) return holdForResidue(run, end.residue);
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) }, signal);
  if (end !== 'held') await block(ports, ticket.id, end);
}

const KEPT_BY: Readonly<Record<StoreResidue['reason'], string>> = {
  object_lock: 'kept by an object lock',
  legal_hold: 'kept by a legal hold',
  partial: 'not deleted by the service',
};

/** All else is gone. Only a count of nothing makes a step done, so an agent decides when it goes on and counts again. */
async function holdForResidue(
  { ports, ticket, step }: StepRun,
  residue: readonly StoreResidue[],
): Promise<void> {
  const parts = residue.map(
    ({ reason, until, count }) => `${count} ${KEPT_BY[reason]}${until === null ? '' : ` until ${until}`}`,
  );
  const note = `step ${step.no} (${step.store}) is not done: ${parts.join(', ')}`;
  await ports.tickets.advance(ticket.id, { type: 'held', reason: 'review', by: { kind: 'desk' }, note });
}

/** Thrown through `advance`: an agent was through before the ticket could be held for it. Never leaves this file. */
const DONE_MEANWHILE = new Error('nothing is left to wait for');

const FAIL_STEP = `
  update purge_steps set attempts = attempts + 1, last_error = ?
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?
  returning attempts`;

/** Counts a failed attempt. The last one, or one that trying again cannot mend, leaves the step to an agent. */
export async function failStep(run: StepRun, error: unknown): Promise<void> {
  const { ports, ticket, step } = run;
  const code = error instanceof PurgedeskError ? error.code : 'PD_STORE_FAILED';
  const counted = await ports.db.raw<{ rows: { attempts: number }[] }>(FAIL_STEP, [
    code,
    ticket.id,
    step.no,
    run.progress.run,
  ]);
  const attempts = counted.rows[0]?.attempts;
  if (attempts === undefined) return;
  if (mayRetry(error) && attempts < ATTEMPTS_MAX) throw error;
  const within = async (trx: Knex.Transaction) => {
    await trx('purge_steps').where({ ticket_id: ticket.id, no: step.no }).update({ status: 'failed' });
  };
  await ports.tickets.advance(ticket.id, { type: 'step_failed', step: step.no, error: code }, { within });
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) }, run.signal);
}
