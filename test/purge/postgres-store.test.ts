import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { openPostgresStore } from '../../src/purge/stores/postgres.ts';
import { untilBackendsWait } from '../support/database.ts';
import { customerDatabase, EVENTS_A_DAY } from './customer-database.ts';
import { postgresClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { ACME, eventsTable, WEB_SOURCE } from './fixtures.ts';
import { describeStoreContract, eraseAll, NEVER, type StoreHarness, stepWith } from './store-contract.ts';
import { describeStoreFaults } from './store-faults.ts';

/** The web source of acme, two days of January. */
const STEP: PlanStep = {
  no: 1,
  store: 'archive',
  kind: 'postgres',
  target: 'public.events',
  action: 'delete',
  predicate: {
    workspaceId: ACME,
    sourceId: WEB_SOURCE,
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [],
    receivedFrom: '2024-01-10T00:00:00.000Z',
    receivedBefore: '2024-01-12T00:00:00.000Z',
  },
};
const KEPT = `not (workspace_id = '${ACME}' and source_id = '${WEB_SOURCE}'
  and received_at >= '2024-01-10Z' and received_at < '2024-01-12Z')`;

interface Scene extends StoreHarness {
  run(statement: string): Promise<unknown>;
}

async function harness(overrides: Record<string, unknown> = {}): Promise<Scene> {
  const customers = await customerDatabase(overrides);
  const store = openPostgresStore(customers.store);
  return {
    store,
    step: STEP,
    matching: 2 * EVENTS_A_DAY,
    fingerprint: () => customers.fingerprint(KEPT),
    run: (statement) => customers.db.raw(statement),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await customers[Symbol.asyncDispose]();
    },
  };
}

describeStoreContract('PostgreSQL', harness);

describeStoreFaults('PostgreSQL', WIRE_WAYS, async () => {
  const customers = await customerDatabase();
  const wire = await startWire(customers.store.url, postgresClient);
  const store = openPostgresStore({ ...customers.store, url: wire.through(customers.store.url) });
  return {
    store,
    step: STEP,
    matching: 2 * EVENTS_A_DAY,
    faults: wire,
    fingerprint: () => customers.fingerprint(KEPT),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await wire[Symbol.asyncDispose]();
      await customers[Symbol.asyncDispose]();
    },
  };
});

describe('what a predicate matches', () => {
  const whole = { sourceId: null, receivedFrom: null, receivedBefore: null };
  test.each([
    { title: 'a workspace', predicate: whole, where: `workspace_id = '${ACME}'` },
    {
      title: 'a space',
      predicate: { ...whole, spaceId: 'spa_1' },
      where: `workspace_id = '${ACME}' and space_id = 'spa_1'`,
    },
    {
      title: 'users by any of their columns',
      predicate: { ...whole, users: ['u2', 'u4'] },
      where: `workspace_id = '${ACME}' and (user_id in ('u2', 'u4') or anonymous_id in ('u2', 'u4'))`,
    },
    {
      title: 'events of a project until the cut-off',
      predicate: {
        ...whole,
        projectId: 'prj_1',
        events: ['Signed Up'],
        receivedBefore: '2024-01-05T12:00:00.000Z',
      },
      where: `workspace_id = '${ACME}' and project_id = 'prj_1' and event = 'Signed Up' and received_at < '2024-01-05 12:00Z'`,
    },
  ])('$title', async ({ predicate, where }) => {
    await using customers = await customerDatabase();
    const store = openPostgresStore(customers.store);
    const step = stepWith(STEP, predicate);
    const [{ expected }] = (
      await customers.db.raw(`select count(*)::int as expected from events where ${where}`)
    ).rows;
    const others = await customers.fingerprint(`not coalesce(${where}, false)`);
    expect(expected).toBeGreaterThan(0);
    expect(await store.rehearse(step, NEVER)).toBe(expected);
    expect(await eraseAll(store, step, 50)).toBe(expected);
    expect(await customers.fingerprint('true')).toBe(others);
    await store.close();
  });

  test('a field that the table cannot express is refused', async () => {
    await using scene = await harness({
      tables: [eventsTable({ source: undefined, scopes: ['workspace'] })],
    });
    await expect(scene.store.rehearse(STEP, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: 'store archive: public.events names no column for source',
    });
  });

  test('a step of another store or table is refused', async () => {
    await using scene = await harness();
    for (const step of [
      { ...STEP, store: 'crm' },
      { ...STEP, target: 'public.nothing' },
    ]) {
      await expect(scene.store.rehearse(step, NEVER)).rejects.toMatchObject({ code: 'PD_STORE_INVALID' });
    }
  });
});

describe('a table that is not what the catalogue takes it for is refused', () => {
  test.each([
    {
      title: 'when it is a view',
      change: 'alter table events rename to e; create view events as select * from e',
      why: 'is not a table',
    },
    {
      title: 'when its id may be null',
      change:
        'alter table events drop constraint events_pkey; alter table events alter id drop identity, alter id drop not null',
      why: 'may be null',
    },
    {
      title: 'when a column is gone',
      change: 'alter table events rename source_id to src',
      why: 'has no column source_id',
    },
    {
      title: 'when upper and lower case are one to it',
      change: `create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        alter table events alter workspace_id type text collate nocase`,
      why: 'cannot be matched exactly',
    },
    {
      title: 'when times are text',
      change: 'alter table events alter received_at type text',
      why: 'cannot be matched exactly',
    },
  ])('$title', async ({ change, why }) => {
    await using scene = await harness();
    await scene.run(change);
    await expect(scene.store.rehearse(STEP, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: expect.stringContaining(why),
    });
  });

  test('when an id repeats, and the batch that found out deleted nothing', async () => {
    await using scene = await harness();
    await scene.run(
      `alter table events drop constraint events_pkey; alter table events alter id drop identity; update events set id = 1;
        drop index events_workspace_id_id_idx`,
    );
    await expect(scene.store.erase(STEP, null, { limit: 1, signal: NEVER })).rejects.toMatchObject({
      message: 'store archive: public.events.id is not unique',
    });
    expect(await scene.store.rehearse(STEP, NEVER)).toBe(scene.matching);
  });

  test('when a row policy would hide rows from the count', async () => {
    await using customers = await customerDatabase();
    const role = `purger_${randomUUID().replaceAll('-', '')}`;
    await customers.db.raw(`create role ${role} login password 'pw'; grant select, delete on events to ${role};
      alter table events enable row level security`);
    const url = new URL(customers.store.url);
    url.username = role;
    url.password = 'pw';
    const store = openPostgresStore({ ...customers.store, url: url.href });
    await expect(store.rehearse(STEP, NEVER)).rejects.toMatchObject({ details: { sqlstate: '42501' } });
    await store.close();
    await customers.db.raw(`drop owned by ${role}; drop role ${role}`);
  });
});

describe('faults', () => {
  test('a row that somebody holds fails the batch within seconds, for another try', async () => {
    await using customers = await customerDatabase();
    const store = openPostgresStore(customers.store);
    const holder = await customers.db.transaction();
    await holder.raw(`select id from events where workspace_id = '${ACME}' for update`);
    const batch = store.erase(STEP, null, { limit: 1, signal: NEVER });
    await Promise.all([
      untilBackendsWait(customers.db, 1),
      expect(batch).rejects.toMatchObject({ code: 'PD_STORE_FAILED', details: { sqlstate: '55P03' } }),
    ]);
    await holder.rollback();
    expect(await eraseAll(store, STEP, 10)).toBe(2 * EVENTS_A_DAY);
    await store.close();
  });

  test('an abort in the middle of a batch rolls it back', async () => {
    await using customers = await customerDatabase();
    const store = openPostgresStore(customers.store);
    const holder = await customers.db.transaction();
    await holder.raw(`select id from events where workspace_id = '${ACME}' for update`);
    const halt = new AbortController();
    const batch = store.erase(STEP, null, { limit: 5, signal: halt.signal });
    const ended = expect(batch).rejects.toThrow('halt');
    await untilBackendsWait(customers.db, 1);
    halt.abort(new Error('halt'));
    await ended;
    await holder.rollback();
    expect(await store.countRemaining(STEP, NEVER)).toBe(2 * EVENTS_A_DAY);
    await store.close();
  });

  test('an abort that comes with the commit waits for its outcome: nothing goes after the call has ended', async () => {
    await using customers = await customerDatabase();
    await customers.db.raw(`
      create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
      create constraint trigger events_dawdle after delete on events deferrable initially deferred
        for each row execute function dawdle()`);
    const store = openPostgresStore(customers.store);
    const halt = new AbortController();
    const batch = store
      .erase(STEP, null, { limit: 1, signal: halt.signal })
      .then(({ deleted }) => deleted)
      .catch(() => 0);
    for (let commits = false; !commits; ) {
      const { rows } = await customers.db.raw(
        `select from pg_stat_activity 
         where query = 'commit' and wait_event = 'PgSleep' and datname = current_database()`,
      );
      commits = rows.length > 0;
    }
    halt.abort(new Error('halt'));
    const deleted = await batch;
    const remaining = 2 * EVENTS_A_DAY - deleted;
    expect(await store.countRemaining(STEP, NEVER)).toBe(remaining);
    await customers.db.raw('drop trigger events_dawdle on events'); // waits for whoever still commits
    expect(await store.countRemaining(STEP, NEVER)).toBe(remaining);
    await store.close();
  });

  test('a lost connection is for another try, and the store mends itself', async () => {
    await using scene = await harness();
    await scene.store.rehearse(STEP, NEVER);
    await scene.run(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'purgedesk purge'`);
    await scene.store
      .rehearse(STEP, NEVER)
      .catch((error) => expect(error).toMatchObject({ code: 'PD_STORE_FAILED' }));
    expect(await scene.store.rehearse(STEP, NEVER)).toBe(scene.matching);
  });

  test('a server that is not there is for another try', async () => {
    const customers = await customerDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });
    const store = openPostgresStore(customers.store);
    await expect(store.rehearse(STEP, NEVER)).rejects.toMatchObject({ code: 'PD_STORE_FAILED' });
    await store.close();
    await customers[Symbol.asyncDispose]();
  });

  test('what a statement was refused for is named by code, without the values of a row', async () => {
    await using scene = await harness();
    await scene.run(`create table orders (event_id bigint references events);
      insert into orders select id from events where workspace_id = '${ACME}'`);
    const error = await scene.store.erase(STEP, null, { limit: 1, signal: NEVER }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'PD_STORE_INVALID',
      details: { store: 'archive', sqlstate: '23503' },
    });
    expect(error.cause).toBeUndefined();
    expect(await scene.store.rehearse(STEP, NEVER)).toBe(scene.matching);
  });
});
