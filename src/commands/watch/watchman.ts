/**
 * Watches over this process and the desk as a whole, on a connection of its own: a desk that stops working must be seen
 * to have stopped. Every ten seconds it writes that the process is there, which also shows whether the database takes
 * anything in, and reads what waits. What it knows is at hand without asking: health answers at once, whatever hangs.
 */
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { MIGRATIONS_TABLE, migrationSource } from '../../db/migrator.ts';
import { openSideConnection } from '../../db/side-connection.ts';
import { faultCode } from '../../domain/fault.ts';
import type { LogLine } from '../log.ts';
import { inShort, type StandingAlarm, standingAlarms, type Watched } from './alarms.ts';
import { readWatchFacts, type WatchFacts } from './facts.ts';

/** Why this process cannot do its work, as words that are safe to publish. */
export type Unready =
  | 'starting'
  | 'database'
  | 'database_read_only'
  | 'migrations'
  | 'event_loop'
  | 'stopping';

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly Unready[];
  /** Of the desk as a whole, when they were last read. */
  readonly alarms: readonly StandingAlarm[];
  /** `null` = they could not be read. */
  readonly facts: WatchFacts | null;
}

export interface Watchman {
  readonly readiness: () => Readiness;
  /** From now on not ready: whoever balances load sends nothing more. */
  stopping(): void;
  stop(): Promise<void>;
}

export interface WatchmanOptions {
  readonly databaseUrl: string;
  readonly version: string;
  /** What this process does: `ingest`, `work`, `web`. */
  readonly roles: readonly string[];
  readonly mailboxes: Watched['mailboxes'];
  readonly log: LogLine;
  readonly beatMs?: number;
}

const BEAT_MS = 10_000;
const ANSWER_MS = 5_000;
/** Two beats may fail before anybody hears of it. */
const SILENT_BEATS = 3;
/** A process whose loop stood still for so long keeps others waiting. */
const STALL_MS = 5_000;
const LOG_EVERY_MS = 60_000;

export function startWatchman(options: WatchmanOptions): Watchman {
  const { beatMs = BEAT_MS, log } = options;
  const connection = openSideConnection(options.databaseUrl, {
    name: 'purgedesk-watch',
    timeoutMs: ANSWER_MS,
  });
  const id = randomUUID();
  const over = new AbortController();
  const startedAt = performance.now();
  const loop = monitorEventLoopDelay({ resolution: 50 });
  loop.enable();
  let names: readonly string[] | undefined;
  let lastBeat: number | null = null;
  let reason: Unready = 'starting';
  let stalledAt: number | null = null;
  let stopping = false;
  let facts: WatchFacts | null = null;
  let alarms: readonly StandingAlarm[] = [];
  const tell = teller(log);

  const beat = async () => {
    if (loop.max / 1e6 > STALL_MS) stalledAt = performance.now();
    loop.reset();
    try {
      names ??= await namesOfMigrations();
      const [{ missing } = { missing: 1 }] = await connection.query<{ missing: number }>(MISSING, [names]);
      if (missing > 0) throw new Outdated();
      await connection.query(BEAT, [id, options.version, options.roles]);
      lastBeat = performance.now();
    } catch (error) {
      reason = reasonOf(error);
      facts = null;
      return;
    }
    try {
      facts = await readWatchFacts(connection);
      const sinceStart = (performance.now() - startedAt) / 1_000;
      alarms = standingAlarms(facts, { mailboxes: options.mailboxes, sinceStart });
    } catch (error) {
      facts = null;
      log('warn', 'what waits cannot be read', { code: faultCode(error) });
    }
  };
  const wasWithin = (at: number | null) => at !== null && performance.now() - at <= SILENT_BEATS * beatMs;
  const reasons = (): readonly Unready[] => [
    ...(stopping ? (['stopping'] as const) : []),
    ...(wasWithin(lastBeat) ? [] : [reason]),
    ...(wasWithin(stalledAt) ? (['event_loop'] as const) : []),
  ];
  const watching = (async () => {
    while (!over.signal.aborted) {
      await beat();
      tell(reasons(), alarms);
      await sleep(beatMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    readiness: () => ({ ready: reasons().length === 0, reasons: reasons(), alarms, facts }),
    stopping: () => {
      stopping = true;
    },
    async stop() {
      over.abort();
      loop.disable();
      await watching;
      // A clean stop is no loss; whoever counts processes need not wait until this one is forgotten.
      await connection.query('delete from processes where id = $1', [id]).catch(() => undefined);
      await connection.close();
    },
  };
}

const BEAT = `
  insert into processes (id, version, roles, started_at, seen_at)
  values ($1, $2, $3, clock_timestamp(), clock_timestamp())
  on conflict (id) do update set seen_at = excluded.seen_at`;

/** As when a backup of an older version was restored below a program that runs. */
const MISSING = `
  select cast(count(*) as integer) as missing from unnest(cast($1 as text[])) as needed (name)
  where not exists (select from ${MIGRATIONS_TABLE} done where done.name = needed.name)`;

const namesOfMigrations = async (): Promise<readonly string[]> =>
  (await migrationSource.getMigrations([])).map(migrationSource.getMigrationName);

class Outdated extends Error {}

function reasonOf(error: unknown): Unready {
  if (error instanceof Outdated) return 'migrations';
  return READ_ONLY.includes(faultCode(error)) ? 'database_read_only' : 'database';
}

/** SQLSTATE: read-only transaction, disk full, out of memory, configured limit exceeded. */
const READ_ONLY = ['25006', '53100', '53200', '53400'];

/** One line a minute while something is wrong, and one when it is right again. */
function teller(log: LogLine) {
  let toldAt: number | null = null;
  let told = '';
  return (reasons: readonly Unready[], alarms: readonly StandingAlarm[]) => {
    const now = performance.now();
    const words = [
      ...reasons.filter((reason) => reason !== 'starting' && reason !== 'stopping'),
      inShort(alarms),
    ]
      .filter((word) => word !== '')
      .join(' ');
    if (words === '') {
      if (toldAt !== null) log('info', 'the alarms are over', { alarms: told });
      toldAt = null;
      return;
    }
    if (toldAt !== null && words === told && now - toldAt < LOG_EVERY_MS) return;
    // A count that changes is no news within the minute; another alarm is.
    toldAt = now;
    told = words;
    const isProblem = reasons.length > 0 || alarms.some(({ severity }) => severity === 'problem');
    log(isProblem ? 'error' : 'warn', 'alarms stand', {
      alarms: words,
      count: reasons.length + alarms.length,
    });
  };
}
