/**
 * The job queue: graphile-worker with two repairs. A killed worker's locks would last four hours; here each worker pool
 * holds a session advisory lock that dies with its process, and a reaper frees the jobs of pools whose lock is gone.
 * And a stopping worker waits until every aborted job is written back, or frees it by force.
 */

import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Logger,
  makeWorkerUtils,
  parseCronItems,
  type Runner,
  run,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker';
import pg from 'pg';
import { faultCode } from '../domain/fault.ts';

export interface JobsOptions {
  readonly databaseUrl: string;
  readonly tasks: TaskList;
  readonly concurrency: number;
  /** Runs each minute on one of all processes. */
  readonly cron: readonly string[];
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
}

export interface Jobs {
  /** Drains: running jobs get their abort signal and are written back. */
  stop(): Promise<void>;
}

/** The queue's own log says nothing that ours does not. */
const SILENT = new Logger(() => () => undefined);

const REAP_EVERY_MS = 5_000;
/** Queues are named after tickets and slow the worker when they pile up: swept about once an hour. */
const SWEEP_EVERY_REAPS = 720;
/** The advisory lock is taken just after the pool starts; a younger job lock may belong to a pool that is starting. */
const REAP_OLDER_THAN_SECONDS = 10;
const STOP_DEADLINE_MS = 20_000;
const RESTART_MS_MAX = 15_000;
/** Separates these advisory locks from all others. */
const LOCK_SEED = 7;

/**
 * Starts the queue and keeps it up: when the database goes away, the worker is put down and started again once the
 * database is back. The first start must succeed.
 */
export async function startJobs(options: JobsOptions): Promise<Jobs> {
  const stopping = new AbortController();
  let worker = await startWorker(options);
  const supervising = (async () => {
    while (!stopping.signal.aborted) {
      await Promise.race([worker.lost, aborted(stopping.signal)]);
      if (stopping.signal.aborted) return;
      options.log('error', 'the job queue lost its database; starting it again', {});
      await worker.stop();
      worker = await startAgain(options, stopping.signal, worker);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await supervising;
      await worker.stop();
    },
  };
}

interface Worker {
  /** Resolves when the worker can no longer hold its jobs. */
  readonly lost: Promise<void>;
  /** Drains. Safe to call twice, also without a database. */
  stop(): Promise<void>;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function startAgain(options: JobsOptions, signal: AbortSignal, stopped: Worker): Promise<Worker> {
  for (let tries = 1; !signal.aborted; tries += 1) {
    try {
      return await startWorker(options);
    } catch (error) {
      options.log('warn', 'the job queue cannot start yet', { tries, code: faultCode(error) });
      await sleep(Math.min(RESTART_MS_MAX, 500 * 2 ** Math.min(tries, 10)), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }
  return stopped;
}

async function startWorker(options: JobsOptions): Promise<Worker> {
  const lost = Promise.withResolvers<void>();
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.concurrency + 2,
    connectionTimeoutMillis: 10_000,
  });
  pool.on('error', (error) =>
    options.log('warn', 'a job queue connection was lost', { code: faultCode(error) }),
  );
  pool.on('connect', (client) => client.on('error', () => undefined)); // reported by the pool
  const live = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'purgedesk-live',
    keepAlive: true,
  });
  live.on('error', () => lost.resolve());
  live.on('end', () => lost.resolve());
  const pools: string[] = [];
  try {
    await live.connect();
    const runner = await run({
      pgPool: pool,
      taskList: options.tasks,
      parsedCronItems: parseCronItems(
        options.cron.map((task) => ({
          task,
          match: '* * * * *',
          identifier: task,
          options: { backfillPeriod: 0 },
        })),
      ),
      concurrency: options.concurrency,
      noHandleSignals: true,
      pollInterval: 1_000,
      events: workerEvents(options, live, pools, () => lost.resolve()),
      logger: SILENT,
    });
    runner.promise.then(
      () => lost.resolve(),
      () => lost.resolve(),
    );
    const reaper = reapForever(pool, options);
    let stopped: Promise<void> | undefined;
    return {
      lost: lost.promise,
      stop: () => (stopped ??= stopWorker(runner, { reaper, live, pool, pools })),
    };
  } catch (error) {
    await live.end().catch(() => undefined); // it may never have been connected
    await pool.end();
    throw error;
  }
}

function workerEvents(
  options: JobsOptions,
  live: pg.Client,
  pools: string[],
  lost: () => void,
): WorkerEvents {
  const events = new EventEmitter() as WorkerEvents;
  events.on('pool:create', ({ workerPool }) => {
    pools.push(workerPool.id);
    live.query(`select pg_advisory_lock(hashtextextended($1, ${LOCK_SEED}))`, [workerPool.id]).catch(lost);
  });
  events.on('job:error', ({ job, error }) =>
    options.log('warn', 'a job failed and will be tried again', {
      task: job.task_identifier,
      attempts: job.attempts,
      code: faultCode(error),
    }),
  );
  events.on('job:failed', ({ job, error }) =>
    options.log('error', 'a job failed for good', { task: job.task_identifier, code: faultCode(error) }),
  );
  return events;
}

interface WorkerParts {
  readonly reaper: AbortController;
  readonly live: pg.Client;
  readonly pool: pg.Pool;
  readonly pools: readonly string[];
}

/** Without a database there is nobody to write the jobs back to: then the lost lock frees them. */
async function stopWorker(runner: Runner, { reaper, live, pool, pools }: WorkerParts): Promise<void> {
  reaper.abort();
  await Promise.race([
    stopRunner(runner, pool, pools).catch(() => undefined),
    sleep(STOP_DEADLINE_MS, undefined, { ref: false }),
  ]);
  await live.end().catch(() => undefined); // gone already is gone
  await Promise.race([pool.end(), sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
}

/** Frees the jobs of dead workers, at once and every few seconds. Safe beside live peers: their locks are held. */
function reapForever(pool: pg.Pool, options: JobsOptions): AbortController {
  const controller = new AbortController();
  const loop = async () => {
    for (let round = 0; !controller.signal.aborted; round += 1) {
      try {
        await pool.query(REAP);
        if (round % SWEEP_EVERY_REAPS === 0) await sweepQueues(pool);
      } catch (error) {
        options.log('warn', 'freeing dead jobs failed', { code: faultCode(error) });
      }
      await sleep(REAP_EVERY_MS, undefined, { signal: controller.signal, ref: false }).catch(() => undefined);
    }
  };
  void loop();
  return controller;
}

async function sweepQueues(pool: pg.Pool): Promise<void> {
  const utils = await makeWorkerUtils({ pgPool: pool, logger: SILENT });
  await utils.cleanup({ tasks: ['GC_JOB_QUEUES'] });
  await utils.release();
}

const REAP = `
  with dead as (
    select held.locked_by from (
      select distinct locked_by from graphile_worker.jobs
      where locked_by is not null and locked_at < now() - interval '${REAP_OLDER_THAN_SECONDS} seconds') held
    where pg_try_advisory_xact_lock(hashtextextended(held.locked_by, ${LOCK_SEED})))
  select graphile_worker.force_unlock_workers(array_agg(locked_by)) from dead having count(*) > 0`;

/** stop() resolves before an aborted job's failure is written: ending the pool then would leave it locked for hours. */
async function stopRunner(runner: Runner, pool: pg.Pool, pools: readonly string[]): Promise<void> {
  await runner.stop();
  const deadline = performance.now() + STOP_DEADLINE_MS;
  while (performance.now() < deadline) {
    const left = await pool.query<{ n: string }>(
      'select count(*)::text as n from graphile_worker.jobs where locked_by = any($1)',
      [pools],
    );
    if (left.rows[0]?.n === '0') return;
    await sleep(20);
  }
  await pool.query('select graphile_worker.force_unlock_workers($1)', [pools]);
}
