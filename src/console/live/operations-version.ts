/** What tells whether the page of operations is out of date. Small tables and bounded counts only. */
import type { Knex } from 'knex';

export async function versionOfOperations(db: Knex): Promise<string> {
  const found = await db.raw<{ rows: [{ version: string }] }>(VERSION);
  return found.rows[0].version;
}

const VERSION = `
  select concat_ws(' ',
    (select halted_at from purge_switch),
    (select coalesce(max(id), 0) from purge_orders),
    (select string_agg(concat(store, '.', failures, '.', closed_at, '.', set_by), ',' order by store) from store_brakes),
    (select concat(count(*), '.', sum(s.no), '.', sum(s.deleted), '.', sum(s.attempts)) from (
      select no, deleted, attempts from purge_steps where status <> 'done' and started_at is not null limit 1000) s),
    (select concat(max(id), '.', count(finished_at), '.', count(started_at)) from audit_checks),
    (select concat(max(id), '.', count(closed_at)) from breaker_trips),
    (select string_agg(concat(id, last_error), ',' order by id) from mailboxes),
    (select count(*) from (select from messages where status = 'pending' limit 100) pending),
    (select count(*) from (select from outbox where status in ('pending', 'sending', 'unknown') limit 100) unsent)) as version`;
