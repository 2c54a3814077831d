/** A process of its own that works off the purges of a desk, and kills itself at the nth crash point that it passes. */
import { storesSchema } from '../../src/purge/catalogue.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import { type Job, NEXT_JOB, openRealDesk } from './whole-desk.ts';

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
  await tasks[job.task](job.payload, new AbortController().signal);
  await desk.db.raw('delete from graphile_worker._private_jobs where id = ?', [job.id]);
}
await desk.close();
