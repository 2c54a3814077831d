import type { Knex } from 'knex';
import { isPassing } from '../db/passing-fault.ts';
import { mayRetry, PurgedeskError } from '../domain/errors.ts';
import { faultCode } from '../domain/fault.ts';
import { BY_HAND_SECONDS, brakeAfter, giveUpProbe, storeOf } from './brake.ts';
import type { Drift, StepEnd } from './erase-step.ts';
import { readHalt } from './halt.ts';
import { block, callBack, enqueueStep, hashOf, leaveLease, type StepRun } from './step-run.ts';
import type { StoreResidue } from './store.ts';
import type { BrokenOff } from './watch-step.ts';

/** Unforeseen failures in a row after which a step waits for an agent. */
const ATTEMPTS_MAX = 5;

/** When a step that waits for a service looks at it again. */
const SLEEP_SECONDS = 60;

/** When a step looks again after something that passes by itself. */
const SOON_SECONDS = 5;

/** A step that is not done and cannot go on now. No attempt is counted. */
export async function leaveStep(
  run: StepRun,
  end: Exclude<StepEnd, 'finished' | { readonly accepted: number }> | BrokenOff,
): Promise<void> {
  const { ports, ticket, step, plan, signal } = run;
  if (end === 'stopped' || end === 'taken_over') return;
  if (end === 'halted') return leaveHalted(run);
  if (run.isProbe) await giveUpProbe(ports.db, run.progress.run);
  if (end === 'service') return comeBack(run, SLEEP_SECONDS);
  if (end === 'unseen') return comeBack(run, SOON_SECONDS);
  if (end === 'later') {
    ports.log('warn', 'data keeps arriving that a step has to delete', {
      ticket: plan.ticket,
      step: step.no,
    });
    return comeBack(run, SLEEP_SECONDS);
  }
  if (end === 'braked') {
    await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) });
    return comeBack(run, 0);
  }
  await leaveLease(ports.db, run);
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
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) });
  if (typeof end === 'object' && 'drifted' in end) return holdForDrift(run, end.drifted);
  if (end !== 'held') await block(ports, ticket.id, end);
}

/** With the figures. Before anything is gone, the release has all counted anew; later it covers what was found. */
async function holdForDrift({ ports, ticket }: StepRun, drift: Drift): Promise<void> {
  const { no, store, estimate, count } = drift;
  const note = `step ${no} (${store}) matches ${count}; the rehearsal counted ${estimate}`;
  const event = { type: 'held', reason: 'review', by: { kind: 'desk' }, note } as const;
  const within = async (trx: Knex.Transaction) => {
    await trx.raw('update purge_steps set drifted_to = ? where ticket_id = ? and no = ?', [
      count,
      ticket.id,
      no,
    ]);
  };
  await ports.tickets.advance(ticket.id, event, { within });
}

/** Leaves the step to a job that looks at it again. */
const comeBack = (run: StepRun, afterSeconds: number): Promise<void> =>
  run.ports.db.transaction(async (trx) => {
    await leaveLease(trx, run);
    await enqueueStep(run.ports, trx, run.ticket.id, run.step.no, afterSeconds);
  });

/** The lease goes last: whoever halts all purges waits for it. If they were resumed meanwhile, the step goes on. */
async function leaveHalted(run: StepRun): Promise<void> {
  const { ports, ticket, step } = run;
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) });
  await ports.db.transaction(async (trx) => {
    await trx.raw('select from purge_switch for share');
    if (run.isProbe) await giveUpProbe(trx, run.progress.run);
    await leaveLease(trx, run);
    if ((await readHalt(trx)) === null) await enqueueStep(ports, trx, ticket.id, step.no);
  });
}

/**
 * The process stops, and another is to go on: with a job of its own, for an ended one counts as a failed attempt and would
 * be tried again later and later, and at last never.
 * @returns `false` = the database cannot be reached; the queue tries again, and the lease ends by itself
 */
export async function giveBack(run: StepRun): Promise<boolean> {
  const { db } = run.ports;
  try {
    if (run.isProbe) await giveUpProbe(db, run.progress.run);
    await comeBack(run, 0);
    return true;
  } catch {
    return false;
  }
}

export const KEPT_BY: Readonly<Record<StoreResidue['reason'], string>> = {
  object_lock: 'kept by an object lock',
  legal_hold: 'kept by a legal hold',
  partial: 'not deleted by the service',
};

/** All else is gone. An agent decides: accept exactly this to stay, or go on and count again once it may go. */
async function holdForResidue(
  { ports, ticket, step }: StepRun,
  residue: readonly StoreResidue[],
): Promise<void> {
  const parts = residue.map(
    ({ reason, until, count }) => `${count} ${KEPT_BY[reason]}${until === null ? '' : ` until ${until}`}`,
  );
  const note = `step ${step.no} (${step.store}) is not done: ${parts.join(', ')}`;
  await ports.tickets.advance(ticket.id, { type: 'held', reason: 'residue', by: { kind: 'desk' }, note });
}

/** Thrown through `advance`: an agent was through before the ticket could be held for it. Never leaves this file. */
const DONE_MEANWHILE = new Error('nothing is left to wait for');

const FAIL_STEP = `
  update purge_steps set attempts = attempts + ?, last_error = ?, lease_until = null
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?
  returning attempts`;

/**
 * What passes by itself brakes the store and needs nobody. What nobody foresaw is tried a few times; that, and what
 * trying again cannot mend, is left to an agent.
 */
export async function failStep(run: StepRun, error: unknown): Promise<void> {
  const { ports, ticket, step } = run;
  if (error instanceof PurgedeskError && error.code === 'PD_STORE_FAILED') return brakeStep(run, error);
  if (run.isProbe) await giveUpProbe(ports.db, run.progress.run);
  if (!(error instanceof PurgedeskError) && isPassing(error)) {
    ports.log('warn', 'a step lost the database and comes back', { step: step.no, code: faultCode(error) });
    return comeBack(run, SOON_SECONDS);
  }
  const code = error instanceof PurgedeskError ? error.code : 'PD_STORE_FAILED';
  const attempts = await countFailure(ports.db, run, 1, code);
  if (attempts === null) return;
  if (mayRetry(error) && attempts < ATTEMPTS_MAX) throw error;
  const within = async (trx: Knex.Transaction) => {
    await trx('purge_steps').where({ ticket_id: ticket.id, no: step.no }).update({ status: 'failed' });
  };
  await ports.tickets.advance(ticket.id, { type: 'step_failed', step: step.no, error: code }, { within });
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) });
}

function brakeStep(run: StepRun, error: PurgedeskError): Promise<void> {
  const { ports, ticket, step } = run;
  return ports.db.transaction(async (trx) => {
    if ((await countFailure(trx, run, 0, error.code)) === null) return;
    const store = storeOf(error) ?? step.store;
    const seconds = await brakeAfter(trx, ports, { store, code: error.code, run: run.progress.run });
    await enqueueStep(ports, trx, ticket.id, step.no, seconds ?? BY_HAND_SECONDS);
  });
}

/** @returns failures in a row; `null` = the step is not this run's any more */
async function countFailure(db: Knex, run: StepRun, by: 0 | 1, code: string): Promise<number | null> {
  const { ticket, step, progress } = run;
  const counted = await db.raw<{ rows: { attempts: number }[] }>(FAIL_STEP, [
    by,
    code,
    ticket.id,
    step.no,
    progress.run,
  ]);
  return counted.rows[0]?.attempts ?? null;
}
