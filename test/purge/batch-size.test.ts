import { expect, test } from 'vitest';
import { rehearse } from '../../src/purge/rehearse.ts';
import type { Store } from '../../src/purge/store.ts';
import { keysACall } from '../../src/purge/stores/s3-deletion.ts';
import { openDesk } from './desk.ts';
import { ACME, WORKSPACE_TARGET } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const MANY = `
  insert into events (workspace_id, source_id, event, received_at)
  select '${ACME}', 'src_web', 'Ordered', timestamptz '2024-01-01 00:00Z' from generate_series(1, 2000)`;
const OTHERS = `workspace_id <> '${ACME}'`;

test('a batch is sized by how long it held its locks, not by how long its rows were looked for', async () => {
  const limits: number[] = [];
  const wrap = (store: Store): Store => ({
    ...store,
    erase: async (step, checkpoint, options) => {
      if (step.target === 'public.events') limits.push(options.limit);
      return { ...(await store.erase(step, checkpoint, options)), lockedMs: 60_000 };
    },
  });
  await using desk = await openDesk({ wrap });
  await desk.customers.db.raw(MANY);
  const others = `select md5(string_agg(cast(e as text), ',' order by id)) as sum from events e where ${OTHERS}`;
  const before = (await desk.db.raw(others)).rows[0].sum;
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  await desk.work();
  expect(limits).toEqual([1, 1_000, 500, 250, 125, 63, 32, 16, 10, ...Array(limits.length - 9).fill(10)]);
  expect((await desk.db('tickets').where({ id }).first('state')).state).toBe('completed');
  expect((await desk.db.raw(others)).rows[0].sum).toBe(before);
});

test.each([
  { keys: 1, expected: 100, title: 'a few keys go in one call' },
  { keys: 900, expected: 225, title: 'a batch is shared out over the calls that run at once' },
  { keys: 50_000, expected: 1_000, title: 'a call takes no more than the protocol lets it' },
])('$title', ({ keys, expected }) => {
  expect(keysACall(keys)).toBe(expected);
});
