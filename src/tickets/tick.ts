/** What becomes due by time alone. Due dates are columns; a job calls this every minute, and whenever the clock moved. */
import type { Knex } from 'knex';
import { transact } from '../db/again.ts';
import { deskNow } from '../db/connection.ts';
import { type TicketId, ticketId } from '../domain/ids.ts';
import { authorityOf, type Ticket, type TicketEvent } from '../domain/ticket.ts';
import { anchorAudit } from './audit-anchor.ts';
import { dueEvent, nextWake } from './policy.ts';
import type { DeskDeps } from './ports.ts';
import { decide, type Move, readTickets } from './ticket-store.ts';

/** Tickets one tick looks at; what is left over is due again at the next. */
const TICKETS_A_TICK = 500;

/**
 * Moves every ticket whose time has come, those of a conversation together, so that their person gets one mail for all.
 * Each conversation has its own transaction, and a ticket its own where that fails: none stops the others.
 * @returns how many tickets were looked at
 */
export async function tick(
  db: Knex,
  deps: DeskDeps,
  onError: (error: unknown, ticket: number) => void,
  atMost: number = TICKETS_A_TICK,
): Promise<number> {
  const due = await dueTickets(db, deps, atMost);
  for (const id of due) {
    await transact(db, (trx) => moveDue(trx, deps, id, 'together'))
      .catch(() => transact(db, (trx) => moveDue(trx, deps, id, 'alone')))
      .catch((error: unknown) => onError(error, id));
    deps.crashPoint?.('tick.decided');
  }
  await db.transaction(async (trx) => {
    await anchorAudit(trx);
    deps.crashPoint?.('audit.anchoring');
  });
  deps.crashPoint?.('audit.anchored');
  return due.length;
}

async function dueTickets(db: Knex, deps: DeskDeps, atMost: number): Promise<readonly TicketId[]> {
  const result = await db.raw<{ rows: { id: number }[] }>(DUE_TICKETS, [
    deps.policy.purgeEnabled ? ['billing', 'export', 'purging_off'] : ['billing', 'export'],
    atMost,
  ]);
  return result.rows.map((row) => ticketId(row.id));
}

/**
 * By the clock, or held by something that lifts itself. The clock goes first, and the rest in no order: however many
 * wait for something that never comes, each of the others has its turn.
 */
const DUE_TICKETS = `
  select id from (
    select id, 0 as rank from tickets where wake_at <= desk_now()
    union all
    select t.id, 1 as rank from holds h join tickets t on t.id = h.ticket_id
    where h.lifted_at is null and h.reason = any(?)
      and t.state not in ('completed', 'cancelled', 'rejected', 'expired')
  ) due group by id order by min(rank), random() limit ?`;

async function moveDue(
  trx: Knex.Transaction,
  deps: DeskDeps,
  id: TicketId,
  how: 'together' | 'alone',
): Promise<void> {
  const locked = await trx.raw<{ rows: { id: number }[] }>(how === 'alone' ? LOCK_ONE : LOCK_DUE, { id });
  if (!locked.rows.some((row) => row.id === id)) return; // somebody is deciding it right now
  const ids = locked.rows.map((row) => ticketId(row.id));
  const now = await deskNow(trx);
  const moves: Move[] = [];
  const tickets = await readTickets(trx, ids);
  for (const ticket of tickets) {
    const events = await eventsDue(trx, deps, ticket, now);
    moves.push(...events.map((event) => moveOf(ticket.id, event)));
  }
  if (moves.length > 0) await decide(trx, deps, { kind: 'desk' }, moves);
  for (const after of moves.length > 0 ? await readTickets(trx, ids) : tickets) {
    await trx('tickets')
      .where({ id: after.id })
      .update({ wake_at: nextWake(after, deps.policy, now) });
  }
  deps.crashPoint?.('tick.deciding');
}

/** With the last backup goes the need to know whom an erasure was about: nothing could bring them back. */
const moveOf = (id: TicketId, event: TicketEvent): Move =>
  event.type === 'residue_expired'
    ? { ticketId: id, event, within: async (trx) => trx.raw(ERASE_SEALS, [id]) }
    : { ticketId: id, event };

const ERASE_SEALS = `
  delete from ledger_seals where seq in (select seq from erasure_ledger where ticket_id = ? and kind = 'erased')`;

const LOCK_ONE = 'select id from tickets where id = :id for update skip locked';
/** The ticket and whatever else of its conversation is due by the clock. Nobody is waited for, so nothing can lock up. */
const LOCK_DUE = `
  select id from tickets
  where conversation_id = (select conversation_id from tickets where id = :id) and (id = :id or wake_at <= desk_now())
  order by id for update skip locked`;

async function eventsDue(
  trx: Knex.Transaction,
  deps: DeskDeps,
  ticket: Ticket,
  now: Date,
): Promise<readonly TicketEvent[]> {
  const events: TicketEvent[] = [];
  const target = 'target' in ticket ? ticket.target : null;
  const world =
    target === null ? null : await deps.recheck(trx, target, ticket.requester, authorityOf(ticket));
  if (world !== null && ticket.holds.some((reason) => reason === 'billing' || reason === 'export')) {
    events.push({ type: 'blockers_changed', blockers: world.blockers });
  }
  if (deps.policy.purgeEnabled && ticket.holds.includes('purging_off')) {
    events.push({
      type: 'released',
      reason: 'purging_off',
      by: { kind: 'desk' },
      note: 'PURGE_ENABLED is set',
    });
  }
  const due = dueEvent(ticket, deps.policy, now);
  if (due === 'grace_elapsed') {
    if (ticket.holds.length === 0 && (await mayStart(trx, ticket.id)))
      events.push({ type: due, obstacles: world?.obstacles ?? ['requester_lost_role'] });
  } else if (due !== null) {
    events.push({ type: due });
  }
  return events;
}

/**
 * While all purges are halted none starts, nor before all the time to the told date was observed, and 120 hours at least,
 * whatever the clock says: the ticket stays in its grace, and starts by itself afterwards. The database refuses it as well.
 */
async function mayStart(trx: Knex.Transaction, id: TicketId): Promise<boolean> {
  const found = await trx.raw<{ rows: unknown[] }>(MAY_START, [id]);
  return found.rows.length > 0;
}

const MAY_START = `
  select from tickets where id = ? and purge_was_observed(grace_observed_ms, purge_observed_ms)
    and not exists (select from purge_switch where halted_at is not null)`;
