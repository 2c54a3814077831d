/**
 * Counts what the requests of each day came to. A day is counted again when something happened to one of its requests:
 *
 *     an event ─► its request's day is stale ─► counted again at one of the next ticks
 *
 * Counts only, so nothing here needs to be erased.
 */
import type { Knex } from 'knex';
import { addDays, startOfDay } from '../domain/calendar.ts';

/** Beyond this many new events every day is stale: looking at each would take longer. */
const EVENTS_MAX = 50_000;
/** Days that one run counts, newest first; the rest is for the next one. */
const DAYS_A_RUN = 30;

/** @returns how many days were counted; 0 also while another process counts */
export async function countDays(db: Knex, daysMax: number = DAYS_A_RUN): Promise<number> {
  return db.transaction(async (trx) => {
    const marks = await trx.raw<{ rows: Mark[] }>(MARK);
    const [mark] = marks.rows;
    if (mark === undefined) return 0;
    await markStale(trx, mark);
    const stale = await trx.raw<{ rows: { day: string }[] }>(STALE_DAYS, [daysMax]);
    // A statement a day: with its ends before it the database knows how few tickets that is.
    for (const { day } of stale.rows) {
      await trx.raw(COUNT, {
        day,
        from: startOfDay(day),
        before: startOfDay(addDays(day, 1)),
        hoursMax: HOURS_MAX,
      });
    }
    return stale.rows.length;
  });
}

interface Mark {
  readonly before_last: number;
  readonly last: number;
  readonly newest: number;
}

// What was committed after the last run may have a lower number than what that run saw: it is looked at twice.
const MARK = `
  select before_last, last, (select coalesce(max(no), 0) from ticket_events) as newest
  from insight_mark for update skip locked`;

async function markStale(trx: Knex.Transaction, { before_last, last, newest }: Mark): Promise<void> {
  if (before_last === newest) return;
  await (newest - before_last > EVENTS_MAX
    ? trx.raw(ALL_STALE)
    : trx.raw(STALE, { from: before_last, to: newest }));
  await trx('insight_mark').update({ before_last: last, last: newest });
}

const STALE = `
  insert into insight_days (day)
  select distinct cast(t.requested_at at time zone 'utc' as date) from ticket_events e join tickets t on t.id = e.ticket_id
  where e.no > :from and e.no <= :to
  on conflict (day) do update set is_stale = true where not insight_days.is_stale`;

const ALL_STALE = `
  insert into insight_days (day)
  select cast(day as date)
  from (select min(requested_at) at time zone 'utc' as first, max(requested_at) at time zone 'utc' as last from tickets) seen,
    generate_series(date_trunc('day', seen.first), seen.last, interval '1 day') as day
  on conflict (day) do update set is_stale = true where not insight_days.is_stale`;

/** Longer than this is "later": a month and more. */
const HOURS_MAX = 24 * 45;

const hoursTo = (column: string): string =>
  `cast(least(:hoursMax, greatest(0, floor(extract(epoch from ${column} - requested_at) / 3600))) as integer)`;

const STALE_DAYS = `
  select to_char(day, 'YYYY-MM-DD') as day from insight_days where is_stale order by day desc limit ? for update`;

const perKey = (kind: string, key: string, where = 'true'): string =>
  `select '${kind}' as kind, cast(${key} as text) as key, count(*) as n from asked where ${where} group by 2`;

const COUNT = `
  with asked as materialized (
    select t.id, t.state, t.scope, c.locale, t.requested_at, t.verified_at, t.purge_started_at, t.closed_at
    from tickets t join conversations c on c.id = t.conversation_id
    where t.requested_at >= :from and t.requested_at < :before),
  backs as (
    select a.id, e.details from asked a join ticket_events e on e.ticket_id = a.id
    where e.became = 'needs_details' and e.type in ('judged', 'details_given')),
  counts as (
    ${perKey('state', 'state')}
    union all ${perKey('scope', 'scope')}
    union all ${perKey('language', 'locale')}
    union all ${perKey('verified', hoursTo('verified_at'), 'verified_at is not null')}
    union all ${perKey('started', hoursTo('purge_started_at'), 'purge_started_at is not null')}
    union all ${perKey('closed', hoursTo('closed_at'), 'closed_at is not null')}
    union all select 'asked_back', 'tickets', count(distinct id) from backs having count(*) > 0
    union all select 'why', why.text, count(distinct id)
      from backs, jsonb_array_elements_text(
        case jsonb_typeof(details -> 'asks') when 'array' then details -> 'asks' else '[]' end) as why (text)
      group by 2)
  update insight_days set is_stale = false, counted_at = desk_now(), facts = coalesce(
    (select jsonb_object_agg(kind, of_kind)
     from (select kind, jsonb_object_agg(key, n) as of_kind from counts group by 1) kinds), '{}')
  where day = cast(:day as date)`;
