/**
 * The job queue: graphile-worker with two repairs. A killed worker's locks would last four hours; here each worker pool
 * holds an advisory lock that ends with its process (lifeline.ts), and the jobs of pools whose lock is gone are freed.
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
import { type Lifeline, openLifeline } from './lifeline.ts';
import { KEEP_ALIVE_MS, limitSession } from './session.ts';

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

/** Queues are named after tickets and slow the worker when they pile up: swept about once an hour. */
const SWEEP_EVERY_ROUNDS = 720;
const STOP_DEADLINE_MS = 20_000;
const RESTART_MS_MAX = 15_000;
/** Of a worker that lost its database: nothing can be written back. */
const LOST_DEADLINE_MS = 5_000;
/**
 * In milliseconds. By itself the library writes each end of a job without waiting for the outcome: a connection that
 * breaks just then would be an unhandled rejection, which ends the process. Together with others, also alone, the fault
 * has a handler, which ends the worker in order, and it is started again.
 */
const WRITTEN_BACK_TOGETHER = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };
const CONNECT_MS = 20_000;
/** The queue's own statements; jobs have connections of their own. */
const IDLE_IN_TRANSACTION_SECONDS = 60;

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
  const pool = openPool(options);
  const pools: string[] = [];
  const unswept = (error: unknown) =>
    options.log('warn', 'the job queues could not be tidied', { code: faultCode(error) });
  let lifeline: Lifeline | null = null;
  try {
    lifeline = await openLifeline({
      ...options,
      afterRound: (round) => {
        if (round % SWEEP_EVERY_ROUNDS === 0) sweepQueues(pool).catch(unswept);
      },
    });
    const live = lifeline;
    void live.lost.then(lost.resolve);
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
      preset: { worker: WRITTEN_BACK_TOGETHER },
      pollInterval: 1_000,
      events: workerEvents(options, (id) => {
        pools.push(id);
        live.hold(id);
      }),
      logger: SILENT,
    });
    runner.promise.then(lost.resolve, () => lost.resolve());
    let isLost = false;
    void lost.promise.then(() => {
      isLost = true;
    });
    let stopped: Promise<void> | undefined;
    return {
      lost: lost.promise,
      stop: () =>
        (stopped ??= stopWorker(runner, {
          lifeline: live,
          pool,
          pools,
          deadlineMs: isLost ? LOST_DEADLINE_MS : STOP_DEADLINE_MS,
        })),
    };
  } catch (error) {
    await lifeline?.close();
    await pool.end();
    throw error;
  }
}

function openPool(options: JobsOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: 'purgedesk-jobs',
    max: options.concurrency + 2,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    onConnect: (client) =>
      client.query(limitSession({ idleInTransactionSeconds: IDLE_IN_TRANSACTION_SECONDS })),
  });
  pool.on('error', (error) =>
    options.log('warn', 'a job queue connection was lost', { code: faultCode(error) }),
  );
  pool.on('connect', (client) => client.on('error', () => undefined)); // reported by the pool
  return pool;
}

function workerEvents(options: JobsOptions, started: (pool: string) => void): WorkerEvents {
  const events = new EventEmitter() as WorkerEvents;
  events.on('pool:create', ({ workerPool }) => started(workerPool.id));
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
  readonly lifeline: Lifeline;
  readonly pool: pg.Pool;
  readonly pools: readonly string[];
  readonly deadlineMs: number;
}

/** Without a database there is nobody to write the jobs back to: then the lost lock frees them. */
async function stopWorker(runner: Runner, { lifeline, pool, pools, deadlineMs }: WorkerParts): Promise<void> {
  await Promise.race([
    stopRunner(runner, pool, pools).catch(() => undefined),
    sleep(deadlineMs, undefined, { ref: false }),
  ]);
  await lifeline.close();
  await Promise.race([pool.end(), sleep(deadlineMs, undefined, { ref: false })]);
}

async function sweepQueues(pool: pg.Pool): Promise<void> {
  const utils = await makeWorkerUtils({ pgPool: pool, logger: SILENT });
  await utils.cleanup({ tasks: ['GC_JOB_QUEUES'] });
  await utils.release();
}

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
