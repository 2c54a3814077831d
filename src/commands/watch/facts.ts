/** What the desk as a whole knows of its own work, read in one statement by whoever watches. Real time throughout. */
import { FAILED_FOR_GOOD } from '../../db/failed-jobs.ts';
import type { SideConnection } from '../../db/side-connection.ts';

/** Seconds are ages; `null` = there is none. Nothing here names a person. */
export interface WatchFacts {
  readonly mailboxes: readonly {
    /** Its name in the configuration, or its number in the database. */
    readonly name: string;
    readonly account: string;
    readonly folder: string;
    /** Since it was last read through; `null` = never. */
    readonly silentSeconds: number | null;
    readonly lastError: string | null;
    /** Whether a process holds it to read it. */
    readonly isHeld: boolean;
  }[];
  readonly oldestPendingSeconds: number | null;
  readonly oldestOutboxSeconds: number | null;
  /** Of the desk's clock. `null` also where that clock is moved by hand. */
  readonly oldestTicketSeconds: number | null;
  readonly oldestJobSeconds: number | null;
  readonly jobsFailed: number;
  readonly oldestDeliverySeconds: number | null;
  readonly duties: readonly {
    readonly name: string;
    /** Since it was last done; `null` = never. */
    readonly seconds: number | null;
    /** In a row. */
    readonly failures: number;
    readonly lastError: string | null;
  }[];
  /** Of the processes that were seen within the last minute, how many play each role. */
  readonly roles: Readonly<Record<string, number>>;
  readonly isHalted: boolean;
  readonly brakedStores: readonly string[];
  readonly isSilenced: boolean;
  readonly nearDeadline: number;
  /** Why the desk itself halted all purges: its clock jumped, or its database was restored. */
  readonly quarantines: readonly ('clock_jump' | 'restored')[];
  /** Problems that the last finished check of the audit chains found. */
  readonly brokenChains: number;
}

export async function readWatchFacts(connection: Pick<SideConnection, 'query'>): Promise<WatchFacts> {
  const [row] = await connection.query<Row>(FACTS);
  if (row === undefined) throw new TypeError('no facts');
  return row.facts;
}

interface Row {
  readonly facts: WatchFacts;
}

/** A process that was not heard of for longer does not count. It says so every ten seconds. */
const SEEN_SECONDS = 60;

const age = (instant: string, now = 'clock_timestamp()'): string =>
  `cast(round(cast(extract(epoch from ${now} - ${instant}) as numeric), 1) as double precision)`;

const list = (columns: string, from: string): string =>
  `coalesce((select jsonb_agg(jsonb_build_object(${columns})) from ${from}), '[]')`;

const FACTS = `
  select jsonb_build_object(
    'mailboxes', ${list(
      `'name', coalesce(name, cast(id as text)), 'account', account, 'folder', folder, 'silentSeconds', ${age('last_polled_at')}, 'lastError', last_error, 'isHeld', coalesce(lease_until > clock_timestamp(), false)`,
      '(select * from mailboxes order by id limit 100) boxes',
    )},
    'oldestPendingSeconds', (select ${age('committed_at')} from messages
      where status = 'pending' and (not_before is null or not_before <= clock_timestamp()) order by id limit 1),
    'oldestOutboxSeconds', (select ${age('min(next_attempt_at)')} from outbox
      where status = 'pending' and recipient is not null and next_attempt_at <= clock_timestamp()
        and (not_before is null or not_before <= desk_now())),
    'oldestTicketSeconds', (select ${age('min(wake_at)', 'desk_now()')} from tickets
      where wake_at <= desk_now() and not (select movable from desk_clock)),
    'oldestJobSeconds', (select ${age('min(run_at)')} from graphile_worker.jobs
      where run_at <= now() and attempts < max_attempts and locked_at is null),
    'jobsFailed', (select count(*) from graphile_worker.jobs where ${FAILED_FOR_GOOD}),
    'oldestDeliverySeconds', (select ${age('min(next_attempt_at)')} from deliveries
      where status = 'pending' and next_attempt_at <= clock_timestamp()),
    'duties', ${list(
      `'name', name, 'seconds', ${age('finished_at')}, 'failures', failures, 'lastError', last_error`,
      'duties',
    )},
    'roles', coalesce((select jsonb_object_agg(role, n) from (
      select role, count(*) as n from processes, unnest(roles) as role
      where seen_at > clock_timestamp() - interval '${SEEN_SECONDS} seconds' group by role) seen), '{}'),
    'isHalted', exists (select from purge_switch where halted_at is not null),
    'brakedStores', coalesce((select jsonb_agg(store order by store) from store_brakes
      where closed_at is null and (set_by is not null or probe_at > now() - interval '5 minutes')), '[]'),
    'isSilenced', exists (select from breaker_trips where closed_at is null),
    'nearDeadline', (select count(*) from tickets where due_at < desk_now() + interval '5 days'
      and state not in ('completed', 'cancelled', 'rejected', 'expired')),
    'quarantines', coalesce((select jsonb_agg(kind order by kind) from purge_quarantines where ended_at is null), '[]'),
    'brokenChains', coalesce((select problems from audit_checks where finished_at is not null order by id desc limit 1), 0)
  ) as facts`;
