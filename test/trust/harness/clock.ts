/**
 * Simulated time. Desk time is the database's plus an offset; whatever waits on the database's own clock (repeated
 * sends, jobs that are tried again) is brought forward by as much as the offset grows, so that all clocks agree.
 */
import pg from 'pg';
import { MESSAGES_CHANNEL } from '../../../src/ingest/mailbox-store.ts';

export interface Clock {
  now(): Promise<Date>;
  /** Any instant, also one in the past: the database is the run's own. */
  set(instant: Date, atMachineTime?: Date): Promise<void>;
  /** Moves on and has everything that became due looked at. */
  advanceTo(instant: Date): Promise<void>;
  /** The first instant after now at which anything becomes due by time alone. */
  nextDue(): Promise<Date | null>;
  /** Work that could be done at this very moment. */
  dueNow(): Promise<DueWork>;
  /** Has the desk look again at once, instead of at its next regular look. */
  nudge(): Promise<void>;
  close(): Promise<void>;
}

export interface DueWork {
  readonly mails: number;
  readonly outgoing: number;
  readonly jobs: number;
}

export async function openClock(databaseUrl: string): Promise<Clock> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'trust-clock' });
  client.on('error', () => undefined); // whoever asks next hears of it
  await client.connect();
  const columns = await waitingColumns(client);
  const one = async <T extends object>(statement: string, values: unknown[] = []): Promise<T> => {
    const found = await client.query<T>(statement, values);
    const [row] = found.rows;
    if (row === undefined) throw new Error('the clock of the desk is gone');
    return row;
  };
  const now = async () => (await one<{ now: Date }>('select desk_now() as now')).now;
  return {
    now,
    set: async (instant, atMachineTime = new Date()) => {
      await client.query('update desk_clock set movable = true, offset_ms = $1', [
        instant.getTime() - atMachineTime.getTime(),
      ]);
    },
    advanceTo: async (instant) => {
      const byMs = Math.max(0, Math.ceil(instant.getTime() - (await now()).getTime()) + 1);
      await client.query('begin');
      for (const statement of ADVANCE) await client.query(statement, [byMs]);
      await client.query('commit');
      await client.query(LOOK_AGAIN);
    },
    nextDue: async () => (await one<{ due: Date | null }>(nextDue(columns))).due,
    dueNow: async () => {
      const due = await one<Record<keyof DueWork, string>>(dueNow(columns));
      return { mails: Number(due.mails), outgoing: Number(due.outgoing), jobs: Number(due.jobs) };
    },
    nudge: async () => {
      await client.query(LOOK_AGAIN);
    },
    close: () => client.end(),
  };
}

/** Columns in desk time that mails and messages wait on; `table.column`. */
async function waitingColumns(client: pg.Client): Promise<ReadonlySet<string>> {
  const found = await client.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and table_name in ('messages', 'outbox')`,
  );
  return new Set(found.rows.map((row) => row.name));
}

/** Rows that no process holds: what is being worked on goes on by the real clock. */
const ADVANCE = [
  'update desk_clock set offset_ms = offset_ms + $1::bigint',
  `update messages set not_before = not_before - $1::bigint * interval '1 millisecond'
   where status = 'pending' and not_before is not null`,
  `update outbox set next_attempt_at = next_attempt_at - $1::bigint * interval '1 millisecond'
   where status in ('pending', 'unknown')`,
  `update graphile_worker._private_jobs set run_at = run_at - $1::bigint * interval '1 millisecond'
   where locked_at is null`,
];

const LOOK_AGAIN = `
  select graphile_worker.add_job('tick', payload => '{}'::json, job_key => 'tick.now'),
    graphile_worker.add_job('outbox.flush', payload => '{}'::json, job_key => 'outbox.flush:trust'),
    pg_notify('${MESSAGES_CHANNEL}', '')`;

const DESK_WAITS = ['messages.retry_at', 'outbox.not_before'] as const;

const deskWait = (columns: ReadonlySet<string>, name: (typeof DESK_WAITS)[number]): string =>
  columns.has(name) ? `coalesce(${name} <= desk_now(), true)` : 'true';

const dueNow = (columns: ReadonlySet<string>): string => `
  select
    (select count(*) from messages where status = 'pending' and coalesce(not_before <= clock_timestamp(), true)
      and ${deskWait(columns, 'messages.retry_at')}) as mails,
    (select count(*) from outbox where status = 'sending' or (status = 'pending' and recipient is not null
      and next_attempt_at <= clock_timestamp() and ${deskWait(columns, 'outbox.not_before')})) as outgoing,
    (select count(*) from graphile_worker._private_jobs
      where locked_at is not null or (run_at <= clock_timestamp() and attempts < max_attempts)) as jobs`;

const nextDue = (columns: ReadonlySet<string>): string => `
  with clock as materialized (select desk_now() as now, desk_now() - clock_timestamp() as ahead)
  select min(due.at) as due from clock, (
    select wake_at as at from tickets
    union all select next_attempt_at + ahead from outbox, clock where status in ('pending', 'unknown')
    union all select not_before + ahead from messages, clock where status = 'pending'
    union all select run_at + ahead from graphile_worker._private_jobs, clock where attempts < max_attempts
    ${columns.has('messages.retry_at') ? `union all select retry_at from messages where status = 'pending'` : ''}
    ${columns.has('outbox.not_before') ? `union all select not_before from outbox where status = 'pending'` : ''}
  ) due where due.at > clock.now`;
