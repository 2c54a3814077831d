/** What tells whether a page is out of date: numbers that change with what it shows. Reads only. */
import type { Knex } from 'knex';
import { versionOfOperations } from './operations-version.ts';
import type { About, ReadVersions } from './ports.ts';

/** As many events as may be written before one that was begun earlier is committed. */
const LATE_EVENTS = 1_000;
/** Beyond this many the newest are counted from a new start. */
const EVENTS_MAX = 5_000;
/** No page tells more of them apart. */
const MAILS_MAX = 1_000;

/** Counts events behind a mark, not up to the newest: one with a lower number may be committed later. */
export function openVersions(db: Knex): ReadVersions {
  let mark: number | null = null;

  const ofQueue = async (): Promise<string> => {
    mark ??= await newestEvent(db).then((newest) => Math.max(newest - LATE_EVENTS, 0));
    const found = await db.raw<{ rows: [QueueRow] }>(QUEUE, { mark, mails: MAILS_MAX });
    const [{ events, assigned, mails }] = found.rows;
    const version = `${mark} ${events} ${assigned} ${mails}`;
    if (events > EVENTS_MAX) mark = null;
    return version;
  };

  return async (about) => {
    const ids = about.filter((one) => typeof one === 'number');
    const versions = new Map<About, string>(ids.length === 0 ? [] : await ofTickets(db, ids));
    if (about.includes('queue')) versions.set('queue', await ofQueue());
    if (about.includes('operations')) versions.set('operations', await versionOfOperations(db));
    return versions;
  };
}

export async function hasTicket(db: Knex, id: number): Promise<boolean> {
  return (await db('tickets').select('id').where({ id }).first()) !== undefined;
}

async function newestEvent(db: Knex): Promise<number> {
  const found = await db.raw<{ rows: [{ newest: number }] }>(
    'select coalesce(max(no), 0) as newest from ticket_events',
  );
  return found.rows[0].newest;
}

interface QueueRow {
  readonly events: number;
  readonly assigned: number;
  readonly mails: number;
}

const QUEUE = `
  select (select count(*) from ticket_events where no > :mark) as events,
    (select coalesce(max(id), 0) from ticket_assignments) as assigned,
    (select count(*) from (select from messages where needs_agent limit :mails) waiting) as mails`;

async function ofTickets(db: Knex, ids: readonly number[]): Promise<readonly [number, string][]> {
  const found = await db.raw<{ rows: { id: number; version: string }[] }>(TICKETS, { ids: [...ids] });
  return found.rows.map(({ id, version }) => [id, version]);
}

const TICKETS = `
  select t.id, concat_ws(' ', t.audit_seq, t.assignee,
    (select concat(count(*), '.', sum(s.deleted), '.', sum(s.attempts), '.', string_agg(s.status, ',' order by s.no))
     from purge_steps s where s.ticket_id = t.id),
    (select concat(count(*), '.', max(m.id)) from messages m where m.conversation_id = t.conversation_id),
    (select concat(count(*), '.', string_agg(o.status, ',' order by o.id))
     from outbox o where o.conversation_id = t.conversation_id),
    (select count(*) from checklist_ticks c where c.ticket_id = t.id),
    (select count(*) from agent_notes n where n.ticket_id = t.id)) as version
  from tickets t where t.id = any(:ids)`;
