import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { TicketId } from '../domain/ids.ts';
import { type Plan, planHash } from '../domain/plan.ts';
import type { StepResult } from '../domain/receipt.ts';
import { acceptedLines } from './accept-residue.ts';
import { ticksOf } from './checklist.ts';
import { appendErasure } from './ledger/ledger.ts';
import type { PurgePorts } from './ports.ts';
import { deletedInAll } from './progress.ts';
import type { PurgeTicket } from './purge-ticket.ts';
import { buildReceipt, signReceipt } from './receipt.ts';
import { enqueueStep, logStep, type StepRow, type StepRun, TAKEN_OVER } from './step-run.ts';

const FINISH_STEP = `
  update purge_steps set status = 'done', remaining = :remaining, deleted = :deleted, last_error = null,
    finished_at = desk_now(), accepted = case when :remaining > 0 then accepted end,
    accepted_count = case when :remaining > 0 then accepted_count end
  where ticket_id = :ticketId and no = :no and status = 'running' and checkpoint ->> 'run' = :run`;

/** @param remaining - what is left and accepted to be; the database refuses any other number */
export async function finishStep(run: StepRun, remaining: number): Promise<void> {
  const { ports, ticket, plan, step } = run;
  const deleted = deletedInAll(run.recorded, remaining, run.progress);
  const within = async (trx: Knex.Transaction) => {
    const closed = await trx.raw<{ rowCount: number }>(FINISH_STEP, {
      remaining,
      deleted,
      ticketId: ticket.id,
      no: step.no,
      run: run.progress.run,
    });
    if (closed.rowCount !== 1) throw TAKEN_OVER;
    const next = plan.steps[step.no];
    if (next !== undefined) await enqueueStep(ports, trx, ticket.id, next.no);
    const at = await deskNow(trx);
    await appendErasure(trx, ports.ledgerKey, { kind: 'erased', ticketId: ticket.id, step, deleted, at });
    await ports.crashPoint('purge.step.finishing');
  };
  const event = { type: 'step_finished', step: step.no, deleted, remaining } as const;
  const outcome = await ports.tickets.advance(ticket.id, event, { within });
  if (outcome.kind === 'refused') throw TAKEN_OVER;
  run.recorded = deleted;
  logStep(run, 'a step of a purge is done', true);
}

/** Signs and keeps the receipt, and completes the ticket, in one transaction. Harmless when that was done already. */
export async function finishPurge(ports: PurgePorts, ticket: PurgeTicket, plan: Plan): Promise<void> {
  const within = async (trx: Knex.Transaction) => {
    const rows = await trx<StepRow>('purge_steps').where({ ticket_id: ticket.id }).orderBy('no');
    const completedAt = await deskNow(trx);
    const receipt = buildReceipt({
      plan,
      target: ticket.target,
      requestedAt: ticket.requested_at,
      verifiedAt: ticket.verified_at,
      graceEndedAt: known(ticket.grace_ends_at, ticket.id),
      startedAt: known(ticket.purge_started_at, ticket.id),
      completedAt,
      steps: rows.map((row) => resultOf(row, ticket.id)),
      ticks: await ticksOf(trx, ticket.id, planHash(plan)),
      residue: ports.policy.residue,
      accepted: await acceptedLines(trx, ticket.id),
    });
    const signed = signReceipt(receipt, ports.receiptKey.privateKey);
    await trx('receipts').insert({
      ticket_id: ticket.id,
      signed: JSON.stringify(signed),
      created_at: completedAt,
    });
    await ports.crashPoint('purge.finishing');
  };
  await ports.tickets.advance(ticket.id, { type: 'purge_finished' }, { within });
  await ports.crashPoint('purge.finished');
}

function resultOf(row: StepRow, ticketId: TicketId): StepResult {
  if (row.status !== 'done' || row.remaining !== (row.accepted_count ?? 0)) {
    throw new PurgedeskError('PD_TICKET_CORRUPT', 'a step is not done and the purge is to be finished', {
      details: { ticketId, step: row.no },
    });
  }
  const { no, store, target, estimate, deleted, remaining } = row;
  return { no, store, target, estimate, deleted, remaining };
}

function known(instant: Date | null, ticketId: TicketId): Date {
  if (instant !== null) return instant;
  throw new PurgedeskError('PD_TICKET_CORRUPT', 'a purging ticket lacks one of its dates', {
    details: { ticketId },
  });
}
