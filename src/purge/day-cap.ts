/** How much all tickets together may delete a day. */
import type { Knex } from 'knex';
import type { TicketId } from '../domain/ids.ts';
import type { PurgePorts } from './ports.ts';

/** Figures of rows and objects. */
export interface OverCap {
  /** Of this ticket. */
  readonly estimate: number;
  /** Of all others: deleted since 00:00 UTC. */
  readonly gone: number;
  /** Of all others: to be deleted by the purges that have begun. */
  readonly ahead: number;
  readonly cap: number;
}

/**
 * Whether a purge that is about to begin would take this UTC day over the cap; `null` = it would not, or agents have
 * released the ticket for as much already. One at a time, so that two that begin together count each other.
 */
export async function overDayCap(
  trx: Knex.Transaction,
  cap: number,
  ticketId: TicketId,
): Promise<OverCap | null> {
  await trx.raw(`select pg_advisory_xact_lock(hashtext('purgedesk day cap'))`);
  const found = await trx.raw<{ rows: [CapRow] }>(COUNT_DAY, { ticketId });
  const { estimate, gone, ahead, released } = found.rows[0];
  if (estimate + gone + ahead <= cap || estimate <= released) return null;
  return { estimate, gone, ahead, cap };
}

interface CapRow {
  readonly estimate: number;
  readonly gone: number;
  readonly ahead: number;
  readonly released: number;
}

/** A step that began yesterday counts whole: rather too much than too little. */
const COUNT_DAY = `
  select
    (select cast(coalesce(sum(estimate), 0) as bigint) from purge_steps where ticket_id = :ticketId) as estimate,
    (select cast(coalesce(sum(deleted), 0) as bigint) from purge_steps
      where ticket_id <> :ticketId
        and last_batch_at >= date_trunc('day', desk_now() at time zone 'UTC') at time zone 'UTC') as gone,
    (select cast(coalesce(sum(greatest(s.estimate - s.deleted, 0)), 0) as bigint)
      from purge_steps s join tickets t on t.id = s.ticket_id
      where t.id <> :ticketId and t.state = 'purging' and s.status <> 'done'
        and exists (select from purge_steps b where b.ticket_id = t.id and b.started_at is not null)) as ahead,
    (select coalesce(max(estimate), 0) from cap_holds where ticket_id = :ticketId) as released`;

/** Holds the ticket for an agent, with the figures. The release lets it delete as much as it was held for. */
export async function holdForCap(ports: PurgePorts, ticketId: TicketId, over: OverCap): Promise<void> {
  const { estimate, gone, ahead, cap } = over;
  const note =
    `the day's cap is ${cap}: this ticket deletes about ${estimate}, ` +
    `others have deleted ${gone} since 00:00 UTC and have ${ahead} to go`;
  const event = { type: 'held', reason: 'review', by: { kind: 'desk' }, note } as const;
  await ports.tickets.advance(ticketId, event, { within: (trx) => noteCapHold(trx, ticketId, estimate) });
}

/** What an agent who releases the ticket lets it delete. */
export async function noteCapHold(
  trx: Knex.Transaction,
  ticketId: TicketId,
  estimate: number,
): Promise<void> {
  await trx.raw(NOTE_CAP_HOLD, [ticketId, estimate]);
}

const NOTE_CAP_HOLD = `
  insert into cap_holds (ticket_id, estimate, held_at) values (?, ?, desk_now())
  on conflict (ticket_id) do update set estimate = excluded.estimate, held_at = excluded.held_at`;

/** The most that agents have been asked to let this ticket delete; 0 = they were never asked. */
export async function heldForCap(db: Knex, ticketId: TicketId): Promise<number> {
  const row = await db('cap_holds')
    .select<{ estimate: number }[]>('estimate')
    .where({ ticket_id: ticketId })
    .first();
  return row?.estimate ?? 0;
}
