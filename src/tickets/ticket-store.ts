/**
 * The one door: nothing else changes a ticket. Lock the rows, decide purely, write, append to the audit chain, place
 * holds, queue the mails and the jobs, all in the caller's transaction.
 */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { addressHash } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { type TicketId, ticketId } from '../domain/ids.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { HoldReason, Ticket, TicketEvent, TicketIn } from '../domain/ticket.ts';
import type { TicketNews } from '../domain/ticket-news.ts';
import { actorText, linkHash } from './audit.ts';
import type { HoldChange, JobSpec, Outcome } from './outcome.ts';
import { nextWake } from './policy.ts';
import type { TicketDeps } from './ports.ts';
import { type Cause, queueMails, type Wish } from './queue-mails.ts';
import { changedColumns, TICKET_COLUMNS, type TicketRow, ticketFromRow } from './ticket-row.ts';
import { transition } from './transition.ts';

/**
 * One event for one ticket. `within` runs once the event was accepted and before the ticket is written, so that the
 * database finds what the new state needs, such as the receipt of a completed ticket.
 */
export interface Move {
  readonly ticketId: TicketId;
  readonly event: TicketEvent;
  readonly within?: (trx: Knex.Transaction) => Promise<void>;
}

export interface Decision {
  readonly outcomes: readonly Outcome[];
  /** Mails that were queued. */
  readonly mails: number;
  /** A mail was due and the reply budget was spent: agents should look. */
  readonly silenced: boolean;
}

/**
 * Applies events to tickets, at desk time or at the instant that the caller has read within this transaction. Rows are locked in the order of their ids, whatever the order of the moves.
 * @throws PurgedeskError PD_TICKET_NOT_FOUND
 */
export async function decide(
  trx: Knex.Transaction,
  deps: TicketDeps,
  cause: Cause,
  moves: readonly Move[],
  at?: Date,
): Promise<Decision> {
  const now = at ?? (await deskNow(trx));
  const tickets = await lockTickets(
    trx,
    moves.map((move) => move.ticketId),
  );
  const outcomes: Outcome[] = [];
  const wishes: Wish[] = [];
  for (const move of moves) {
    const held = tickets.get(move.ticketId);
    if (held === undefined) {
      throw new PurgedeskError('PD_TICKET_NOT_FOUND', `no ticket has the number ${move.ticketId}`, {
        details: { ticket: move.ticketId },
      });
    }
    const outcome = transition(held.ticket, move.event, deps.policy, now);
    outcomes.push(outcome);
    if (outcome.kind === 'refused') continue;
    await move.within?.(trx);
    const head = await write(trx, deps, held, outcome, now);
    tickets.set(move.ticketId, { ...held, ...head, ticket: outcome.ticket });
    const { type } = move.event;
    const flags = { reminder: type === 'reminder_due', unproven: type === 'code_unproven' };
    wishes.push(...outcome.replies.map((intent) => ({ ticketId: move.ticketId, intent, ...flags })));
  }
  const queued = await queueMails(trx, deps, cause, wishes, now);
  return { outcomes, ...queued };
}

/** Opens a ticket in `received`; nothing is decided about it yet. */
export async function insertTicket(
  trx: Knex.Transaction,
  deps: TicketDeps,
  opening: {
    readonly conversationId: number;
    readonly messageId: number | null;
    /** Position of the request in its mail, from 0. */
    readonly requestNo: number;
    readonly origin: 'mail' | 'app';
    readonly request: DeletionRequest;
    /** `null` = a deletion in the app that names nobody. */
    readonly requester: string | null;
    readonly requestedAt: Date;
  },
): Promise<TicketId> {
  const [row] = await trx('tickets')
    .insert({
      conversation_id: opening.conversationId,
      message_id: opening.messageId,
      request_no: opening.requestNo,
      origin: opening.origin,
      scope: opening.request.scope,
      request: JSON.stringify(opening.request),
      requester: opening.requester,
      requester_hash: requesterHash(deps.key, opening.requester),
      requested_at: opening.requestedAt,
      due_at: new Date(opening.requestedAt.getTime() + deps.policy.deadlineDays * 86_400_000),
      state_since: opening.requestedAt,
    })
    .returning<{ id: number }[]>('id');
  if (row === undefined) throw new TypeError('insert returned no row');
  return ticketId(row.id);
}

/** By which a requester is known again once the address is erased; nobody in particular has the empty one. */
export const requesterHash = (key: Uint8Array, requester: string | null): string =>
  requester === null ? '' : addressHash(key, requester);

/** Reads tickets without locking them. */
export async function readTickets(db: Knex, ids: readonly TicketId[]): Promise<readonly Ticket[]> {
  const rows = await db('tickets').select<TicketRow[]>(TICKET_COLUMNS).whereIn('id', ids).orderBy('id');
  const holds = await activeHolds(db, ids);
  return rows.map((row) => ticketFromRow(row, holds.get(row.id) ?? []));
}

interface Locked {
  readonly ticket: Ticket;
  readonly seq: number;
  readonly head: string;
}

async function lockTickets(trx: Knex.Transaction, ids: readonly TicketId[]): Promise<Map<TicketId, Locked>> {
  const rows = await trx('tickets')
    .select<TicketRow[]>(TICKET_COLUMNS)
    .whereIn('id', [...new Set(ids)])
    .orderBy('id')
    .forUpdate();
  const holds = await activeHolds(trx, ids);
  return new Map(
    rows.map((row) => [
      ticketId(row.id),
      {
        ticket: ticketFromRow(row, holds.get(row.id) ?? []),
        seq: row.audit_seq,
        head: row.audit_head,
      },
    ]),
  );
}

async function activeHolds(db: Knex, ids: readonly number[]): Promise<Map<number, HoldReason[]>> {
  const rows = await db('holds')
    .select<{ ticket_id: number; reason: HoldReason }[]>('ticket_id', 'reason')
    .whereIn('ticket_id', [...new Set(ids)])
    .whereNull('lifted_at')
    .orderBy('id');
  const byTicket = new Map<number, HoldReason[]>();
  for (const row of rows) {
    byTicket.set(row.ticket_id, [...(byTicket.get(row.ticket_id) ?? []), row.reason]);
  }
  return byTicket;
}

/** Holds first: the database refuses to start a purge while one stands. */
async function write(
  trx: Knex.Transaction,
  deps: TicketDeps,
  locked: Locked,
  outcome: Exclude<Outcome, { kind: 'refused' }>,
  now: Date,
): Promise<{ readonly seq: number; readonly head: string }> {
  const { ticket, record } = outcome;
  const link = {
    ticket: ticket.id,
    seq: locked.seq + 1,
    at: now.toISOString(),
    type: record.type,
    was: locked.ticket.state,
    became: ticket.state,
    actor: actorText(record.actor),
    details: record.details,
  };
  const hash = linkHash(locked.head, link);
  await writeHolds(trx, ticket, outcome.holds, now);
  await trx('tickets')
    .where({ id: ticket.id })
    .update({
      ...changedColumns(ticket),
      wake_at: nextWake(ticket, deps.policy, now),
      audit_seq: link.seq,
      audit_head: hash,
    });
  await trx('ticket_events').insert({
    ticket_id: ticket.id,
    seq: link.seq,
    at: now,
    type: link.type,
    was: link.was,
    became: link.became,
    actor: link.actor,
    details: JSON.stringify(link.details),
    previous_hash: locked.head,
    hash,
  });
  if (ticket.state === 'purging' && locked.ticket.state !== 'purging')
    await deps.purgeStarts?.(trx, ticket, now);
  if (isForAnother(locked.ticket, ticket)) await forget(trx, ticket, now);
  // Whoever came into charge after the end was told of nothing, and hears of no follow-up.
  if ('target' in ticket && locked.ticket.state !== 'completed') await trx.raw(ADD_PARTIES, [ticket.id]);
  for (const job of outcome.jobs) await enqueue(trx, job);
  await deps.announce?.(trx, newsOf(locked.ticket, outcome, { seq: link.seq, at: now }));
  return { seq: link.seq, head: hash };
}

/** What other systems may hear of it. */
function newsOf(
  before: Ticket,
  { ticket, holds }: Exclude<Outcome, { kind: 'refused' }>,
  event: Pick<TicketNews, 'seq' | 'at'>,
): TicketNews {
  const changed = (change: HoldChange['change']) =>
    holds.filter((hold) => hold.change === change).map((hold) => hold.reason);
  const placed = changed('placed');
  return {
    ...event,
    ticketId: ticket.id,
    was: before.state,
    state: ticket.state,
    scope: ticket.request.scope,
    origin: ticket.origin,
    holds: ticket.holds,
    placed,
    // What somebody took over was never off.
    lifted: changed('lifted').filter((reason) => !placed.includes(reason)),
    requestedAt: ticket.requestedAt,
    dueAt: ticket.dueAt,
    graceEndsAt: 'graceEndsAt' in ticket ? ticket.graceEndsAt : null,
    closedAt: 'closedAt' in ticket ? ticket.closedAt : null,
  };
}

/** Something else is to be confirmed than before. */
const isForAnother = (was: Ticket, now: Ticket): now is TicketIn<'verifying'> =>
  now.state === 'verifying' &&
  now.verifiedAt === null &&
  was.correctedBy !== now.correctedBy &&
  !('digest' in was && was.digest === now.digest);

/**
 * Whoever is in charge of what was named by mistake hears nothing of this ticket; a plan of it is no plan of this, and
 * its code confirms nothing, also where the mail with the new one has to wait.
 */
async function forget(trx: Knex.Transaction, ticket: TicketIn<'verifying'>, now: Date): Promise<void> {
  const ids = ticket.target.workspaces.map(({ id }) => id);
  await trx('parties').where({ ticket_id: ticket.id }).whereNotIn('workspace_id', ids).delete();
  await trx('purge_steps').where({ ticket_id: ticket.id }).delete();
  await trx('cap_holds').where({ ticket_id: ticket.id }).delete();
  await trx('challenges')
    .where({ conversation_id: ticket.conversationId, purpose: 'verify', answered_at: null, voided_at: null })
    .update({ voided_at: now });
}

/** Everyone in charge now joins those who were in charge before: nobody is ever dropped from the parties. */
const ADD_PARTIES = `
  insert into parties (ticket_id, workspace_id, address, role, since)
  select t.id, m.workspace_id, m.address, m.role, desk_now()
  from tickets t join members m on m.workspace_id = any(t.workspace_ids)
  where t.id = ? and m.role in ('owner', 'admin') and m.removed_at is null
  on conflict do nothing`;

async function writeHolds(
  trx: Knex.Transaction,
  ticket: Ticket,
  changes: readonly HoldChange[],
  now: Date,
): Promise<void> {
  for (const change of changes) {
    if (change.change === 'placed') {
      await trx('holds').insert({
        ticket_id: ticket.id,
        reason: change.reason,
        note: change.note,
        placed_by: actorText(change.by),
        placed_at: now,
      });
    } else {
      await trx('holds')
        .where({ ticket_id: ticket.id, reason: change.reason })
        .whereNull('lifted_at')
        .update({ lifted_at: now, lifted_by: actorText(change.by), lift_note: change.note });
    }
  }
}

/** A job in the deciding transaction: it exists if and only if the decision does. */
export async function enqueue(
  trx: Knex.Transaction,
  job: Omit<JobSpec, 'task'> & { readonly task: string },
  { afterSeconds = 0 }: { readonly afterSeconds?: number } = {},
): Promise<void> {
  await trx.raw(ADD_JOB, [job.task, JSON.stringify(job.payload), job.queue, job.key, afterSeconds]);
}

const ADD_JOB = `
  select graphile_worker.add_job(?, payload => cast(? as json), queue_name => ?, job_key => ?, max_attempts => 20,
    run_at => now() + make_interval(secs => ?))`;
