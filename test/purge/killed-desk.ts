/** A process of its own that works off the purges of a desk, and kills itself at the nth crash point that it passes. */
import { flushCompileCache } from 'node:module';
import { storesSchema } from '../../src/purge/catalogue.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import { type Job, NEXT_JOB, openRealDesk } from './real-desk.ts';

// Otherwise only the last of them, which is not killed, would keep what it has compiled.
flushCompileCache();
const { databaseUrl, key, policy, stores, nth } = JSON.parse(process.env.GIVEN ?? '{}');
const desk = openRealDesk({
  databaseUrl,
  key: Buffer.from(key, 'hex'),
  policy,
  stores: storesSchema.parse(stores),
  crashAt: null,
});
let passed = 0;
const crashPoint = () => {
  passed += 1;
  // As a power cut: nothing is tidied up, no transaction ended.
  if (passed === nth) process.kill(process.pid, 'SIGKILL');
};
const tasks = purgeTasks({ ...desk.purge, crashPoint });
for (let jobs = 0; jobs < 100; jobs++) {
  const { rows } = await desk.db.raw<{ rows: readonly Job[] }>(NEXT_JOB);
  const [job] = rows;
  if (job === undefined) break;
  // The only worker there is: whoever held a lease is dead.
  await desk.db.raw(
    `update purge_steps set lease_until = clock_timestamp() - interval '1 second' where lease_until is not null`,
  );
  // Locked as the queue does it: a job that asks to come back is then a new one.
  await desk.db.raw(
    `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'killed desk' where id = ?`,
    [job.id],
  );
  await tasks[job.task](job.payload, new AbortController().signal);
  await desk.db.raw('delete from graphile_worker._private_jobs where id = ?', [job.id]);
}
await desk.close();
