import { expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { openPostgresStore } from '../../src/purge/stores/postgres.ts';
import { deleteStatement } from '../../src/purge/stores/postgres-statements.ts';
import { sqlStep } from '../../src/purge/stores/sql-steps.ts';
import { untilBackendsWait } from '../support/database.ts';
import { type Customers, customerDatabase, EVENTS_A_DAY } from './customer-database.ts';
import { ACME, archiveStore, NEIGHBOUR } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

/** All events of acme: 50 days of two sources. */
const STEP: PlanStep = {
  no: 1,
  store: 'archive',
  kind: 'postgres',
  target: 'public.events',
  action: 'delete',
  predicate: {
    workspaceId: ACME,
    sourceId: null,
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [],
    receivedFrom: null,
    receivedBefore: null,
  },
};
const ALL = 50 * 2 * EVENTS_A_DAY;
const KEPT = `workspace_id <> '${ACME}'`;

const opened = async (customers: Customers, change = 'select') => {
  await customers.db.raw(change);
  const store = openPostgresStore(customers.store);
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
};

test('a workspace is taken by its index, batch after batch without a checkpoint, to the last row', async () => {
  await using customers = await customerDatabase();
  await using store = await opened(customers);
  const before = await customers.fingerprint(KEPT);
  const sizes: number[] = [];
  for (let done = false; !done; ) {
    const batch = await store.erase(STEP, null, { limit: 150, signal: NEVER });
    expect(batch.checkpoint).toBeNull();
    sizes.push(batch.deleted);
    done = batch.done;
  }
  expect(sizes).toEqual([150, 150, ALL - 300]);
  expect(await store.countRemaining(STEP, NEVER)).toBe(0);
  expect(await customers.fingerprint(KEPT)).toBe(before);
});

test('and it is told how long the rows were locked, which is less than the whole batch took', async () => {
  await using customers = await customerDatabase();
  await using store = await opened(customers);
  const begun = performance.now();
  const { lockedMs } = await store.erase(STEP, null, { limit: 10, signal: NEVER });
  expect(lockedMs).toBeGreaterThan(0);
  expect(lockedMs).toBeLessThan(performance.now() - begun);
});

const DROP_INDEX = 'drop index events_workspace_id_id_idx;';

test.each([
  { title: 'no index begins with the workspace', change: DROP_INDEX },
  {
    title: 'the index holds a part of the rows only',
    change: `${DROP_INDEX} create index on events (workspace_id) where source_id = 'src_web'`,
  },
  {
    title: 'the index is no tree',
    change: `${DROP_INDEX} create index on events using brin (workspace_id)`,
  },
  {
    title: 'the table has children, whose rows may lie at the same place',
    change: `create table late_events () inherits (events);
      with moved as (delete from events where workspace_id = '${ACME}' and id % 2 = 0 returning *)
        insert into late_events overriding system value select * from moved`,
  },
])('the ids are walked where $title', async ({ change }) => {
  await using customers = await customerDatabase();
  await using store = await opened(customers, change);
  const before = await customers.fingerprint(KEPT);
  const first = await store.erase(STEP, null, { limit: 30, signal: NEVER });
  expect(first).toMatchObject({ deleted: 30, done: false, checkpoint: expect.stringMatching(/^\d+$/) });
  const second = await store.erase(STEP, first.checkpoint, { limit: ALL, signal: NEVER });
  expect(second).toMatchObject({ deleted: ALL - 30, done: true });
  expect(await customers.fingerprint(KEPT)).toBe(before);
});

test('a user’s events are walked by id: an index on the workspace leads to too many others', async () => {
  await using customers = await customerDatabase();
  await using store = await opened(customers);
  const user = { ...STEP, predicate: { ...STEP.predicate, users: ['u2'] } };
  const batch = await store.erase(user, null, { limit: 5, signal: NEVER });
  expect(batch).toMatchObject({ deleted: 5, checkpoint: expect.stringMatching(/^\d+$/) });
});

test('a row that becomes somebody else’s while the batch waits for it stays', async () => {
  await using customers = await customerDatabase();
  await using store = await opened(customers);
  const { db } = customers;
  const holder = await db.transaction();
  const moved = await holder.raw<{ rows: [{ id: number }] }>(
    `update events set workspace_id = '${NEIGHBOUR}'
     where id = (select min(id) from events where workspace_id = '${ACME}') returning id`,
  );
  const erasing = store.erase(STEP, null, { limit: 2 * ALL, signal: NEVER });
  await untilBackendsWait(db, 1);
  await holder.commit();
  expect(await erasing).toMatchObject({ deleted: ALL - 1, done: true });
  const left = await db('events').where({ id: moved.rows[0].id }).first('workspace_id');
  expect(left).toEqual({ workspace_id: NEIGHBOUR });
  expect(await store.countRemaining(STEP, NEVER)).toBe(0);
});

test('the deletion repeats the whole predicate: older servers would take the row wherever it went', () => {
  const predicate = { ...STEP.predicate, sourceId: 'src_web', receivedBefore: '2024-01-12T00:00:00.000Z' };
  const { sql } = deleteStatement(sqlStep(archiveStore(), { ...STEP, predicate }), 10);
  const [, change = '', search = ''] = /^(.*)cast\(\(\s+select(.*)$/s.exec(sql) ?? [];
  for (const column of ['"workspace_id" =', '"source_id" =', '"received_at" <']) {
    expect(change).toContain(column);
    expect(search).toContain(column);
  }
});
