/** The one switch that halts all purges, kept in the desk's database and looked at before every batch. */
import type { Knex } from 'knex';
import { ticketId as toTicketId } from '../domain/ids.ts';
import type { PurgePorts } from './ports.ts';
import { enqueueStep } from './step-run.ts';

/** Notified whenever purges are halted or resumed, or a store is braked by hand. */
export const SWITCH_CHANNEL = 'purge_switch';

/** An order of an agent, with a reason in words. Both are kept. */
export interface Order {
  readonly agent: string;
  readonly reason: string;
}

export interface Halt {
  /** Desk time. */
  readonly at: Date;
  readonly by: string;
  readonly reason: string;
}

type HaltPorts = Pick<PurgePorts, 'db' | 'enqueue'>;

/** Who halted all purges; `null` = they run. Whatever deletes in a store asks this before each batch. */
export async function readHalt(db: Knex): Promise<Halt | null> {
  const found = await db.raw<{ rows: HaltRow[] }>('select halted_at, halted_by, reason from purge_switch');
  const [row] = found.rows;
  return row === undefined || row.halted_at === null
    ? null
    : { at: row.halted_at, by: row.halted_by ?? '', reason: row.reason ?? '' };
}

interface HaltRow {
  readonly halted_at: Date | null;
  readonly halted_by: string | null;
  readonly reason: string | null;
}

/** As which the desk halts purges itself. No agent has this name. */
export const DESK = 'desk';

/**
 * Halts all purges: no batch begins from now on, and running ones are broken off. Sleeping steps are woken so that they
 * call back what they asked a service for. Where the desk itself has halted them they become the agent's to resume, and
 * nothing lets them run again by itself.
 * @returns `false` = an agent had halted them already, and nothing was changed
 */
export async function haltPurges(ports: HaltPorts, { agent, reason }: Order): Promise<boolean> {
  return ports.db.transaction(async (trx) => {
    const halted = await trx.raw<{ rowCount: number }>(HALT, [agent, reason]);
    if (halted.rowCount === 0) return false;
    await noteOrder(trx, 'halt', { agent, reason });
    await enqueueDue(ports, trx, SLEEPING);
    await trx.raw('select pg_notify(?, ?)', [SWITCH_CHANNEL, 'halt']);
    return true;
  });
}

const HALT = `
  update purge_switch set halted_at = desk_now(), halted_by = ?, reason = left(concat_ws(' ', cast(? as text), reason), 1000)
  where halted_at is null or halted_by = '${DESK}'`;

/**
 * Lets purges run again: every ticket that is purging and not on hold goes on where it was, and every ticket whose grace
 * has ended meanwhile starts at the next tick. Whatever the desk itself halted them for counts as looked at: clocks are
 * compared anew from here on.
 * @returns `false` = they were not halted
 */
export async function resumePurges(ports: HaltPorts, { agent, reason }: Order): Promise<boolean> {
  return ports.db.transaction(async (trx) => {
    const resumed = await trx.raw<{ rowCount: number }>(RESUME);
    const ended = await trx.raw<{ rowCount: number }>(END_QUARANTINES);
    if (resumed.rowCount + ended.rowCount === 0) return false;
    if (ended.rowCount > 0) await trx.raw('delete from clock_witnesses');
    await noteOrder(trx, 'resume', { agent, reason });
    await enqueueDue(ports, trx, PURGING);
    await trx.raw(WAKE_ENDED_GRACE);
    await trx.raw('select pg_notify(?, ?)', [SWITCH_CHANNEL, 'resume']);
    return true;
  });
}

const RESUME = `
  update purge_switch set halted_at = null, halted_by = null, reason = null where halted_at is not null`;

const END_QUARANTINES = 'update purge_quarantines set ended_at = desk_now() where ended_at is null';

/** The tick had put them off. */
const WAKE_ENDED_GRACE = `
  update tickets set wake_at = desk_now()
  where state = 'grace' and wake_at > desk_now()
    and greatest(grace_ends_at, coalesce(not_before, grace_ends_at)) <= desk_now()`;

export const noteOrder = (
  trx: Knex.Transaction,
  what: 'halt' | 'resume' | 'brake' | 'release',
  { agent, reason, store = null }: Order & { readonly store?: string | null },
): Promise<unknown> =>
  trx.raw('insert into purge_orders (at, what, store, agent, reason) values (desk_now(), ?, ?, ?, ?)', [
    what,
    store,
    agent,
    reason,
  ]);

/** The due step of each purging ticket without a hold. */
export const PURGING = `
  select distinct on (s.ticket_id) s.ticket_id, s.no, s.store, s.checkpoint, s.lease_until
  from purge_steps s join tickets t on t.id = s.ticket_id
  where t.state = 'purging' and s.status <> 'done'
    and not exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null)
  order by s.ticket_id, s.no`;

/** Of these, the ones that have asked somebody to delete and run nowhere. */
const SLEEPING = `
  select ticket_id, no from (${PURGING}) due
  where checkpoint ->> 'after' is not null and (lease_until is null or lease_until <= now())`;

/** @param due - a query for `ticket_id` and `no` */
export async function enqueueDue(
  ports: Pick<PurgePorts, 'enqueue'>,
  trx: Knex.Transaction,
  due: string,
  values: readonly string[] = [],
): Promise<void> {
  const found = await trx.raw<{ rows: { ticket_id: number; no: number }[] }>(due, [...values]);
  for (const { ticket_id, no } of found.rows) await enqueueStep(ports, trx, toTicketId(ticket_id), no);
}

/** How many steps a run owns right now, in any process. After `haltPurges`: 0 = nothing is deleted any more. */
export async function countRunning(db: Knex): Promise<number> {
  const found = await db.raw<{ rows: [{ count: number }] }>(RUNNING);
  return found.rows[0].count;
}

const RUNNING = `select count(*) as count from purge_steps where status = 'running' and lease_until > now()`;
