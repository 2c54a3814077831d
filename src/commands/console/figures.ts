/** The numbers behind the metrics, each from an index or counted up to a bound. */

import type { Knex } from 'knex';
import type { Figures } from '../../console/api/ports.ts';
import { FAILED_FOR_GOOD } from '../../db/failed-jobs.ts';
import { openBrakes } from '../../purge/brake.ts';
import { readHalt } from '../../purge/halt.ts';
import { breakerTrips } from '../../tickets/replies-report.ts';
import { ALARM_CODES, standingAlarms, type Watched } from '../watch/alarms.ts';
import { readWatchFacts } from '../watch/facts.ts';

export async function figuresOf(db: Knex, mailboxes: Watched['mailboxes']): Promise<Figures> {
  const facts = await readWatchFacts({
    query: async <Answer extends object>(sql: string) => (await db.raw<{ rows: Answer[] }>(sql)).rows,
  });
  const alarms = standingAlarms(facts, { mailboxes, sinceStart: process.uptime() });
  const found = await db.raw<{ rows: [Row] }>(FIGURES);
  const [row] = found.rows;
  const trips = await breakerTrips(db);
  return {
    tickets: { ...row.tickets, ...(await closedTickets(db)) },
    holds: row.holds ?? {},
    nearDeadline: row.near_deadline,
    messagesPending: row.messages_pending,
    oldestPendingSeconds: row.oldest_pending_seconds ?? 0,
    messagesForAgents: row.messages_for_agents,
    outbox: row.outbox ?? {},
    jobsWaiting: row.jobs_waiting,
    jobsFailed: row.jobs_failed,
    deliveries: row.deliveries ?? {},
    lastPollSeconds: row.last_poll_seconds,
    brakedStores: (await openBrakes(db)).map(({ store }) => store),
    isSilenced: trips.some(({ closedAt }) => closedAt === null),
    isHalted: (await readHalt(db)) !== null,
    alarms: Object.fromEntries(
      ALARM_CODES.map((code) => [code, alarms.filter((alarm) => alarm.code === code).length]),
    ),
    mailboxSeconds: Object.fromEntries(
      facts.mailboxes.flatMap(({ name, silentSeconds }) =>
        silentSeconds === null ? [] : [[name, silentSeconds]],
      ),
    ),
    mailboxHeld: Object.fromEntries(facts.mailboxes.map(({ name, isHeld }) => [name, Number(isHeld)])),
    dutySeconds: Object.fromEntries(
      facts.duties.flatMap(({ name, seconds }) => (seconds === null ? [] : [[name, seconds]])),
    ),
    dutyFailures: Object.fromEntries(facts.duties.map(({ name, failures }) => [name, failures])),
    processes: facts.roles,
    oldestTicketSeconds: facts.oldestTicketSeconds ?? 0,
    oldestOutboxSeconds: facts.oldestOutboxSeconds ?? 0,
    oldestJobSeconds: facts.oldestJobSeconds ?? 0,
    oldestDeliverySeconds: facts.oldestDeliverySeconds ?? 0,
  };
}

/** Tickets are never reopened or deleted, so their number need not be counted anew at each scrape. */
const CLOSED_MS = 10 * 60_000;
const closedCounts = new WeakMap<Knex, { readonly at: number; readonly counts: Record<string, number> }>();

async function closedTickets(db: Knex): Promise<Record<string, number>> {
  const known = closedCounts.get(db);
  if (known !== undefined && performance.now() - known.at < CLOSED_MS) return known.counts;
  const found = await db.raw<{ rows: { state: string; count: number }[] }>(CLOSED);
  const counts = Object.fromEntries(found.rows.map(({ state, count }) => [state, count]));
  closedCounts.set(db, { at: performance.now(), counts });
  return counts;
}

interface Row {
  readonly tickets: Record<string, number> | null;
  readonly holds: Record<string, number> | null;
  readonly near_deadline: number;
  readonly messages_pending: number;
  readonly oldest_pending_seconds: number | null;
  readonly messages_for_agents: number;
  readonly outbox: Record<string, number> | null;
  readonly jobs_waiting: number;
  readonly jobs_failed: number;
  readonly deliveries: Record<string, number> | null;
  readonly last_poll_seconds: number | null;
}

const FIGURES = `
  select
    (select json_object_agg(state, n) from (
      select state, count(*) as n from tickets
      where state in ('received', 'needs_details', 'verifying', 'approval', 'grace', 'purging') group by state) s) as tickets,
    (select json_object_agg(reason, n) from (
      select reason, count(*) as n from holds where lifted_at is null group by reason) h) as holds,
    (select count(*) from tickets where due_at < desk_now() + interval '5 days'
      and state not in ('completed', 'cancelled', 'rejected', 'expired')) as near_deadline,
    (select count(*) from messages where status = 'pending') as messages_pending,
    (select cast(extract(epoch from clock_timestamp() - min(committed_at)) as double precision)
      from messages where status = 'pending') as oldest_pending_seconds,
    (select count(*) from messages where needs_agent) as messages_for_agents,
    (select json_object_agg(status, n) from (
      select status, count(*) as n from outbox where status in ('pending', 'sending', 'unknown') group by status) o) as outbox,
    (select count(*) from graphile_worker.jobs where run_at <= now() and attempts < max_attempts and locked_at is null) as jobs_waiting,
    (select count(*) from graphile_worker.jobs where ${FAILED_FOR_GOOD}) as jobs_failed,
    (select json_object_agg(status, n) from (
      select status, count(*) as n from deliveries where status in ('pending', 'sending', 'failed') group by status) d) as deliveries,
    (select cast(extract(epoch from clock_timestamp() - max(last_polled_at)) as double precision) from mailboxes) as last_poll_seconds`;

const CLOSED = `
  select state, count(*) as count from tickets
  where state in ('completed', 'cancelled', 'rejected', 'expired') group by state`;
