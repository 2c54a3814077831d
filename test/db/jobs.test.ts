import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { expect, test, vi } from 'vitest';
import { type Jobs, type JobsOptions, startJobs } from '../../src/db/jobs.ts';
import { enqueue } from '../../src/tickets/ticket-store.ts';
import { startTcpProxy } from '../faults/tcp-proxy.ts';
import { freshDatabase } from '../support/database.ts';

const start = (
  databaseUrl: string,
  tasks: JobsOptions['tasks'],
  cron: readonly string[] = [],
): Promise<Jobs> =>
  startJobs({
    databaseUrl,
    tasks,
    concurrency: 2,
    cron,
    log: () => undefined,
  });

const add = (db: Knex, key = 'one', queue = 'ticket:1') =>
  db.transaction((trx) => enqueue(trx, { task: 'probe', payload: { ticketId: 1 }, key, queue }));

interface JobRow {
  readonly key: string;
  readonly attempts: number;
  readonly locked_by: string | null;
}
const jobs = async (db: Knex): Promise<readonly JobRow[]> =>
  db('graphile_worker.jobs').select<JobRow[]>('key', 'attempts', 'locked_by').orderBy('id');

async function until(done: () => Promise<boolean> | boolean, seconds: number): Promise<void> {
  for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline; await sleep(20)) {
    if (await done()) return;
  }
  throw new Error(`not within ${seconds} s`);
}

test('a job is there if and only if the transaction that added it was committed', async () => {
  await using fresh = await freshDatabase();
  const trx = await fresh.db.transaction();
  await enqueue(trx, { task: 'probe', payload: { ticketId: 1 }, key: 'one', queue: 'q' });
  expect(await jobs(fresh.db)).toEqual([]);
  await trx.rollback();
  expect(await jobs(fresh.db)).toEqual([]);
  await add(fresh.db);
  expect(await jobs(fresh.db)).toEqual([{ key: 'one', attempts: 0, locked_by: null }]);
});

test('a second job of the same effect replaces the one that waits', async () => {
  await using fresh = await freshDatabase();
  await add(fresh.db);
  await add(fresh.db);
  await add(fresh.db, 'two');
  expect((await jobs(fresh.db)).map((job) => job.key)).toEqual(['one', 'two']);
});

test('jobs of one queue run one after the other, in the order in which they were added', async () => {
  await using fresh = await freshDatabase();
  const seen: string[] = [];
  let running = 0;
  let most = 0;
  for (const key of ['a', 'b', 'c', 'd']) await add(fresh.db, key);
  const worker = await start(fresh.url, {
    probe: async (_payload, { job }) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      seen.push(job.key ?? '');
      running -= 1;
    },
  });
  try {
    await until(() => seen.length === 4, 10);
  } finally {
    await worker.stop();
  }
  expect({ seen, most }).toEqual({ seen: ['a', 'b', 'c', 'd'], most: 1 });
});

test('a job that fails is tried again', async () => {
  await using fresh = await freshDatabase();
  let tries = 0;
  const worker = await start(fresh.url, {
    probe: async () => {
      tries += 1;
      if (tries === 1) throw new Error('once');
    },
  });
  try {
    await add(fresh.db);
    await until(() => tries === 1, 10);
    await until(async () => (await jobs(fresh.db))[0]?.locked_by === null, 10);
    await fresh.db.raw('update graphile_worker._private_jobs set run_at = now()');
    await until(async () => tries === 2 && (await jobs(fresh.db)).length === 0, 10);
  } finally {
    await worker.stop();
  }
});

test.concurrent('stop() gives a running job its signal, waits for it, and leaves no locked job behind', async () => {
  await using fresh = await freshDatabase();
  let started = false;
  let aborted = false;
  const worker = await start(fresh.url, {
    probe: async (_payload, { abortSignal }) => {
      started = true;
      await sleep(60_000, undefined, { ...(abortSignal === undefined ? {} : { signal: abortSignal }) }).catch(
        (error: unknown) => {
          aborted = true;
          throw error;
        },
      );
    },
  });
  await add(fresh.db);
  await until(() => started, 10);
  await worker.stop();
  expect(aborted).toBe(true);
  expect(await jobs(fresh.db)).toMatchObject([{ key: 'one', locked_by: null }]);
  const queues = await fresh.db.raw<{ rows: unknown[] }>(
    'select from graphile_worker._private_job_queues where locked_by is not null',
  );
  expect(queues.rows).toEqual([]);
});

const MODULE = new URL('../../src/db/jobs.ts', import.meta.url).href;
/** A worker in a process of its own, whose job never ends. */
const HANGING = `
  const { startJobs } = await import(${JSON.stringify(MODULE)});
  await startJobs({
    databaseUrl: process.argv[1], concurrency: 1, cron: [], log() {},
    tasks: { probe: () => new Promise(() => setInterval(() => {}, 1000)) },
  });`;

const hangingWorker = (url: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '-e', HANGING, url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

test.concurrent('the job of a process that was killed goes on elsewhere within seconds', async () => {
  await using fresh = await freshDatabase();
  await add(fresh.db);
  const child = hangingWorker(fresh.url);
  const taken: string[] = [];
  try {
    await until(async () => (await jobs(fresh.db))[0]?.locked_by != null, 20);
    // Beside it a job whose worker is dead already: once that one went on, the living one's was spared.
    await add(fresh.db, 'of the dead', 'ticket:2');
    await fresh.db.raw(`update graphile_worker._private_jobs set locked_by = coalesce(locked_by, 'dead'),
      locked_at = now() - interval '1 hour'`);
    const worker = await start(fresh.url, {
      probe: async (_payload, { job }) => {
        taken.push(job.key ?? '');
      },
    });
    try {
      // What became of it is written back a moment later.
      await until(async () => taken.length > 0 && (await jobs(fresh.db)).length < 2, 20);
      expect(taken).toEqual(['of the dead']);
      expect(await jobs(fresh.db)).toMatchObject([{ key: 'one', locked_by: expect.any(String) as unknown }]);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await until(async () => (await jobs(fresh.db)).length === 0, 20);
      expect(taken).toEqual(['of the dead', 'one']);
    } finally {
      await worker.stop();
    }
  } finally {
    child.kill('SIGKILL');
  }
});

test.concurrent('a job that runs for long is left to the worker that runs it, which lives', async () => {
  await using fresh = await freshDatabase();
  const begun: number[] = [];
  const end = Promise.withResolvers<void>();
  const worker = await start(fresh.url, {
    probe: async () => {
      begun.push(1);
      await end.promise;
    },
  });
  try {
    await add(fresh.db);
    await until(() => begun.length > 0, 20);
    await fresh.db.raw(`update graphile_worker._private_jobs set locked_at = now() - interval '1 hour'`);
    // Two rounds later: the first may have begun before.
    const since = await fresh.db.raw<{ rows: [{ now: Date }] }>(
      "select clock_timestamp() + interval '5 seconds' as now",
    );
    await until(async () => {
      const round = await fresh.db.raw<{ rows: unknown[] }>(
        `select from pg_stat_activity where datname = current_database() and application_name = 'purgedesk-live'
           and state = 'idle' and query_start > ?`,
        [since.rows[0].now],
      );
      return round.rows.length === 1;
    }, 30);
    expect(await jobs(fresh.db)).toMatchObject([{ key: 'one', locked_by: expect.any(String) as unknown }]);
  } finally {
    end.resolve();
    await worker.stop();
  }
  expect(begun).toHaveLength(1);
});

test.concurrent('F19 a connection that breaks while the end of a job is written ends neither the process nor the queue', async () => {
  await using fresh = await freshDatabase();
  const url = new URL(fresh.url);
  await using proxy = await startTcpProxy({ target: { port: Number(url.port) } });
  url.port = String(proxy.port);
  const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let begun = 0;
  const worker = await start(url.href, {
    probe: async () => {
      begun += 1;
      await ends[begun - 1]?.promise;
      if (begun === 2) throw new Error('the second fails');
    },
  });
  try {
    for (const [at, end] of ends.entries()) {
      await add(fresh.db, `job ${at}`, `queue ${at}`);
      await until(() => begun > at, 30);
      proxy.hold();
      end.resolve();
      await sleep(50); // that the statement is on its way, to arrive never
      proxy.sever(true);
      proxy.flow();
    }
    await add(fresh.db, 'after', 'queue after');
    await until(async () => !(await jobs(fresh.db)).some(({ key }) => key === 'after'), 30);
  } finally {
    await worker.stop();
  }
});

test('a queue whose every connection was cut starts again by itself and goes on', async () => {
  await using desk = await freshDatabase();
  const ran: number[] = [];
  const jobs = await start(desk.url, { probe: async () => void ran.push(1) });
  try {
    await desk.db.raw(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`);
    await add(desk.db, 'after');
    await vi.waitFor(() => expect(ran).toHaveLength(1), { timeout: 30_000, interval: 50 });
  } finally {
    await jobs.stop();
  }
});
