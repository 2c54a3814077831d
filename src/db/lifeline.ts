/**
 * The session that says that a worker lives. Its advisory locks are named after the worker's pools and end with it:
 * when the process dies, when its host is cut off, and when it falls asleep, for then it asks nothing any more. It has
 * no part in any pool, so that neither load nor long jobs keep it from its rounds.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { faultCode } from '../domain/fault.ts';
import { farewell } from './farewell.ts';
import { KEEP_ALIVE_MS, limitSession } from './session.ts';

export interface Lifeline {
  /** Resolves when the locks may be gone. Never rejects. */
  readonly lost: Promise<void>;
  /** Says that a pool of jobs lives as long as this session. */
  hold(pool: string): void;
  close(): Promise<void>;
}

export interface LifelineOptions {
  readonly databaseUrl: string;
  /** Called after each round, from 0 on; no round waits for what it begins. */
  afterRound?(round: number): void;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
}

/** The first jobs of the dead are freed so soon after their death was noticed. */
const ROUND_MS = 5_000;
/** A server that does not answer for so long is as good as gone. Some rounds fit into it. */
const ANSWER_MS = 20_000;
/** Longer than a round and its answer together: only who stopped asking is ended. */
const IDLE_SECONDS = 30;
const CONNECT_MS = 20_000;
/** The advisory lock is taken just after the pool starts; a younger job lock may belong to a pool that is starting. */
const REAP_OLDER_THAN_SECONDS = 10;
/** Separates these advisory locks from all others. */
const LOCK_SEED = 7;

/** @throws whatever the driver says when there is no connection to be had */
export async function openLifeline(options: LifelineOptions): Promise<Lifeline> {
  const lost = Promise.withResolvers<void>();
  const own: string[] = [];
  const over = new AbortController();
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'purgedesk-live',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
  });
  client.on('error', () => lost.resolve());
  client.on('end', () => lost.resolve());
  try {
    await client.connect();
    await client.query(limitSession({ idleInTransactionSeconds: IDLE_SECONDS, idleSeconds: IDLE_SECONDS }));
  } catch (error) {
    await farewell(client);
    throw error;
  }
  // One statement at a time: a lock that is asked for waits for the round that is under way.
  let turn: Promise<unknown> = Promise.resolve();
  const ask = (sql: string, values: readonly unknown[]) => {
    const asked = turn.then(() => client.query(sql, [...values]));
    turn = asked.catch(() => lost.resolve());
    return asked;
  };
  const rounds = (async () => {
    for (let round = 0; !over.signal.aborted; round += 1) {
      await ask(REAP, [own]).catch((error: unknown) =>
        options.log('warn', 'freeing dead jobs failed', { code: faultCode(error) }),
      );
      options.afterRound?.(round);
      await sleep(ROUND_MS, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    lost: lost.promise,
    hold: (pool) => {
      own.push(pool);
      ask(`select pg_advisory_lock(hashtextextended($1, ${LOCK_SEED}))`, [pool]).catch(() => undefined);
    },
    close: async () => {
      over.abort();
      // One that waits for an answer that may never come is waited for no longer than the farewell.
      await Promise.race([rounds, sleep(ROUND_MS, undefined, { ref: false })]);
      await farewell(client);
    },
  };
}

// Its own pools are named: a session is always granted a lock that it holds.
const REAP = `
  with dead as (
    select held.locked_by from (
      select distinct locked_by from graphile_worker.jobs
      where locked_by is not null and locked_by <> all($1)
        and locked_at < now() - interval '${REAP_OLDER_THAN_SECONDS} seconds') held
    where pg_try_advisory_xact_lock(hashtextextended(held.locked_by, ${LOCK_SEED})))
  select graphile_worker.force_unlock_workers(array_agg(locked_by)) from dead having count(*) > 0`;
