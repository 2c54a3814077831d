/** The threads themselves, with tasks that end when the test says so. */
import { afterAll, expect, test } from 'vitest';
import { type ReadPool, readPool } from '../../src/ingest/read-pool.ts';

const WORKER = new URL('./pool-worker.ts', import.meta.url);
/** Nothing here is to be lost, however slow the machine. */
const PATIENT = { taskMs: 300_000, wallMs: 300_000 };

const pools: ReadPool[] = [];
const open = ({ threads = 2 } = {}): ReadPool => {
  const pool = readPool(WORKER, { ...PATIENT, threads, atOnce: 1 });
  pools.push(pool);
  return pool;
};
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

function raise(flag: Int32Array): void {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

test('one thread does what takes no time, however much of it there is', async () => {
  const pool = open();
  const ran = await Promise.all(Array.from({ length: 20 }, () => pool.run<number>('whoAmI', {})));
  const threads = new Set(ran.map((each) => (each.kind === 'done' ? each.value : null)));
  expect(threads.size).toBe(1);
});

test('F18 behind a task that keeps its thread another thread goes on, and leaves when it is over', async () => {
  const pool = open();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const long = pool.run<number>('waitFor', { flag });
  const other = await pool.run<number>('whoAmI', {});
  raise(flag);
  const kept = await long;
  if (other.kind !== 'done' || kept.kind !== 'done') throw new Error('a task was lost');
  expect(other.value).not.toBe(kept.value);
});

test('what is to be done is put together when its turn has come', async () => {
  const pool = open({ threads: 1 });
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const order: string[] = [];
  const long = pool.run('waitFor', () => {
    order.push('the first');
    return { flag };
  });
  const next = pool.run('whoAmI', () => {
    order.push('the second');
    return {};
  });
  await new Promise(setImmediate);
  expect(order).toEqual(['the first']);
  raise(flag);
  await Promise.all([long, next]);
  expect(order).toEqual(['the first', 'the second']);
});
