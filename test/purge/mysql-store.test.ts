import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanStep, Predicate } from '../../src/domain/plan.ts';
import { checkStore } from '../../src/purge/stores/check-store.ts';
import { openMysqlStore } from '../../src/purge/stores/mysql.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { mysqlClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { ACME, WEB_SOURCE } from './fixtures.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';
import { customerTables, LOOKALIKES, type MysqlCustomers, mysqlCustomers } from './mysql-customers.ts';
import { describeStoreContract, eraseAll, NEVER, type StoreHarness, stepWith } from './store-contract.ts';
import { describeStoreFaults } from './store-faults.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** The web source of acme, two days of January. */
const stepOn = (database: string): PlanStep => ({
  no: 1,
  store: 'archive',
  kind: 'mysql',
  target: `${database}.events`,
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
});
const WHOLE = { sourceId: null, receivedFrom: null, receivedBefore: null };
const IS_ACME = `binary workspace_id = '${ACME}'`;
const KEPT = `not (${IS_ACME} and source_id = '${WEB_SOURCE}'
  and received_at >= '2024-01-10' and received_at < '2024-01-12')`;

interface Scene extends StoreHarness {
  readonly customers: MysqlCustomers;
}

/** @param events - what is different in the entry of the table of events */
async function harness(events: Record<string, unknown> = {}): Promise<Scene> {
  const customers = await mysqlCustomers(server, events);
  const store = openMysqlStore(customers.store);
  return {
    customers,
    store,
    step: stepOn(customers.database),
    matching: 2 * EVENTS_A_DAY,
    fingerprint: () => customers.fingerprint(KEPT),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

describeStoreContract('MariaDB', harness);

test('a look at it finds its tables, or says what is wrong with one', async () => {
  await using scene = await harness();
  const { store } = scene.customers;
  expect(await checkStore(store, NEVER)).toEqual({
    what: expect.stringMatching(/^Answers; its \d tables are what the catalogue says\.$/),
    notes: [],
  });
  const [first, ...rest] = store.tables;
  const gone = { ...store, tables: [{ ...first, table: `${scene.customers.database}.none` }, ...rest] };
  await expect(checkStore(gone as typeof store, NEVER)).rejects.toMatchObject({ code: 'PD_STORE_INVALID' });
});

describeStoreFaults('MariaDB', WIRE_WAYS, async () => {
  const customers = await mysqlCustomers(server);
  const wire = await startWire(customers.store.url, mysqlClient);
  const store = openMysqlStore({ ...customers.store, url: wire.through(customers.store.url) });
  return {
    store,
    step: stepOn(customers.database),
    matching: 2 * EVENTS_A_DAY,
    faults: wire,
    fingerprint: () => customers.fingerprint(KEPT),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await wire[Symbol.asyncDispose]();
    },
  };
});

describe('what a predicate matches in MariaDB', () => {
  test.each<{ title: string; predicate: Partial<Predicate>; where: string }>([
    { title: 'a workspace', predicate: WHOLE, where: IS_ACME },
    {
      title: 'a workspace that differs in case, accent or a space at its end',
      predicate: { ...WHOLE, workspaceId: LOOKALIKES[1] ?? '' },
      where: `binary workspace_id = convert('${LOOKALIKES[1]}' using utf8mb4)`,
    },
    {
      title: 'a space',
      predicate: { ...WHOLE, spaceId: 'spa_1' },
      where: `${IS_ACME} and space_id = 'spa_1'`,
    },
    {
      title: 'users by any of their columns',
      predicate: { ...WHOLE, users: ['u2', 'u4'] },
      where: `${IS_ACME} and (user_id in ('u2', 'u4') or anonymous_id in ('u2', 'u4'))`,
    },
    {
      title: 'events of a project until the cut-off',
      predicate: {
        ...WHOLE,
        projectId: 'prj_1',
        events: ['Signed Up', 'Other'],
        receivedBefore: '2024-01-05T12:00:00.000Z',
      },
      where: `${IS_ACME} and project_id = 'prj_1' and event = 'Signed Up' and received_at < '2024-01-05 12:00'`,
    },
    {
      title: 'up to the microsecond before a day',
      predicate: {
        ...WHOLE,
        receivedFrom: '2024-01-05T00:00:00.000Z',
        receivedBefore: '2024-01-06T00:00:00.000Z',
      },
      where: `${IS_ACME} and date(received_at) = '2024-01-05'`,
    },
  ])('$title', async ({ predicate, where }) => {
    await using scene = await harness();
    const { customers, store } = scene;
    const step = stepWith(scene.step, predicate);
    const [counted] = await customers.query(`select count(*) as expected from events where ${where}`);
    const others = await customers.fingerprint(`not coalesce(${where}, false)`);
    expect(counted?.expected).toBeGreaterThan(0);
    expect(await store.rehearse(step, NEVER)).toBe(counted?.expected);
    expect(await eraseAll(store, step, 50)).toBe(counted?.expected);
    expect(await customers.fingerprint('true')).toBe(others);
  });

  test('a server whose clock and rules are others matches the same', async () => {
    await using scene = await harness();
    await scene.customers.query(`alter table events modify received_at timestamp(6) not null`);
    const before = await scene.fingerprint();
    try {
      await server.query(`set global time_zone = '-09:00', sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT',
        global tx_isolation = 'SERIALIZABLE'`);
      await using other = openedOn(scene);
      expect(await other.store.rehearse(scene.step, NEVER)).toBe(scene.matching);
      expect(await eraseAll(other.store, scene.step, 3)).toBe(scene.matching);
    } finally {
      await server.query(`set global time_zone = 'SYSTEM', sql_mode = default, tx_isolation = default`);
    }
    expect(await scene.fingerprint()).toBe(before);
  });

  test('T34 a value that is made to widen a delete matches itself and nothing else', async () => {
    await using scene = await harness();
    const { customers, store } = scene;
    const before = await customers.fingerprint('true');
    for (const value of HOSTILE) {
      for (const predicate of [
        { workspaceId: value },
        { sourceId: value },
        { spaceId: value },
        { projectId: value },
        { users: [value] },
        { events: [value] },
      ]) {
        const step = stepWith(scene.step, { ...WHOLE, ...predicate });
        expect(await store.rehearse(step, NEVER), value).toBe(0);
        expect(await eraseAll(store, step, 100), value).toBe(0);
      }
    }
    expect(await customers.fingerprint('true')).toBe(before);
  });

  test('days of the cut-off stay in a column of days', async () => {
    await using scene = await harness();
    const { customers } = scene;
    await customers.query('alter table events modify received_at date not null');
    const step = stepWith(scene.step, { receivedFrom: null, receivedBefore: '2024-01-05T13:00:00.000Z' });
    await eraseAll(scene.store, step, 50);
    const [left] = await customers.query(
      `select cast(min(received_at) as char) as first from events where ${IS_ACME} and source_id = '${WEB_SOURCE}'`,
    );
    expect(left?.first).toBe('2024-01-05');
  });
});

const HOSTILE = [
  `${ACME}' or '1'='1`,
  `${ACME}\\' or 1=1 -- `,
  `'; delete from events; --`,
  '%',
  'ws\\_%',
  'ws_acm_',
  `${ACME}\0`,
  '$1',
  '?',
  ':id',
  '*',
  '0',
  '0x00',
  'true',
  'null',
  ` ${ACME}`,
  `${ACME}  `,
  `${ACME}\t`,
  'ws_ácme',
  'Ws_acme',
  `{${ACME},ws_globex}`,
  '😀',
];

/** Another store on the same tables, whose connections begin now. */
function openedOn(scene: Scene): AsyncDisposable & Pick<Scene, 'store'> {
  const store = openMysqlStore(scene.customers.store);
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

describe('ids of other types than text', () => {
  const numbered = async (type: string) => {
    const scene = await harness();
    await scene.customers.query(`alter table events drop column space_id, add space_id ${type};
      update events set space_id = 0`);
    return scene;
  };

  test.each(['1abc', '01', '1.0', '1e0', ' 1', '+1', '0x1', 'ws', '-0', '18446744073709551616', '1\0'])(
    '%j is no whole number and is refused',
    async (spaceId) => {
      await using scene = await numbered('bigint unsigned not null default 0');
      const step = stepWith(scene.step, { ...WHOLE, spaceId });
      await expect(scene.store.rehearse(step, NEVER)).rejects.toMatchObject({
        code: 'PD_STORE_INVALID',
        message: 'store archive: column space_id holds whole numbers, and an identifier is none',
      });
      await expect(eraseAll(scene.store, step, 10)).rejects.toMatchObject({ code: 'PD_STORE_INVALID' });
    },
  );

  test.each([
    { type: 'bigint', ids: ['9007199254740992', '9007199254740993', '-9223372036854775808'] },
    { type: 'bigint unsigned', ids: ['18446744073709551615', '18446744073709551614', '9007199254740993'] },
  ])('neighbours among large numbers of $type are told apart', async ({ type, ids }) => {
    await using scene = await numbered(type);
    for (const [index, id] of ids.entries()) {
      await scene.customers.query(`update events set space_id = ${id} where id = ${index + 1}`);
      const workspaceId = (
        await scene.customers.query(`select workspace_id from events where id = ${index + 1}`)
      )[0]?.workspace_id;
      const step = stepWith(scene.step, { ...WHOLE, workspaceId, spaceId: id });
      expect(await scene.store.rehearse(step, NEVER)).toBe(1);
    }
    const [counted] = await scene.customers.query(
      'select count(*) as matches from events where space_id <> 0',
    );
    expect(counted?.matches).toBe(ids.length);
  });

  test('ids that are UUIDs or in another character set are matched and walked along', async () => {
    await using scene = await harness();
    const { customers, step, matching } = scene;
    await customers.query(`alter table events modify source_id varchar(64) character set latin1 not null;
      alter table events drop column id;
      alter table events add id uuid not null default uuid() primary key`);
    expect(await eraseAll(scene.store, step, 3)).toBe(matching);
    expect(await scene.store.countRemaining(step, NEVER)).toBe(0);
  });

  test('ids that are texts are walked along in the order of their collation', async () => {
    await using scene = await harness();
    const { customers, step, matching } = scene;
    await customers.query(`alter table events modify id varchar(20) not null;
      update events set id = concat(if(id % 2, 'A', 'b'), if(id % 3, 'é', 'Z'), id)`);
    expect(await eraseAll(scene.store, step, 1)).toBe(matching);
  });

  test('ids that are unique within a workspace only suffice', async () => {
    await using scene = await harness();
    const { customers, step, matching } = scene;
    await customers.query(
      'alter table events modify id bigint not null, drop primary key, add primary key (workspace_id, id)',
    );
    const before = await scene.fingerprint();
    expect(await eraseAll(scene.store, step, 2)).toBe(matching);
    expect(await scene.fingerprint()).toBe(before);
  });
});

describe('a table that is not what the catalogue takes it for is refused', () => {
  test.each([
    {
      title: 'when it is a view',
      change: 'rename table events to e; create view events as select * from e',
      why: 'is not a plain table',
    },
    {
      title: 'when it keeps what was deleted',
      change: 'alter table events add system versioning',
      why: 'is not a plain table',
    },
    {
      title: 'when it rolls nothing back',
      change: 'alter table events engine = myisam',
      why: 'is not InnoDB',
    },
    {
      title: 'when its id may be null',
      change: 'alter table events modify id bigint, drop primary key, add unique (id)',
      why: 'events.id may be null',
    },
    {
      title: 'when its id is not unique',
      change: 'alter table events modify id bigint not null, drop primary key, add key (id)',
      why: 'is not unique',
    },
    {
      title: 'when only the beginning of its id is unique',
      change: 'alter table events modify id varchar(64) not null, drop primary key, add unique (id(4))',
      why: 'is not unique',
    },
    {
      title: 'when a column is gone',
      change: 'alter table events change source_id src varchar(64)',
      why: 'has no column source_id',
    },
    ...['varbinary(64)', "enum('src_web', 'src_ios')", 'float', 'decimal(20, 0)'].map((type) => ({
      title: `when an id is ${type}`,
      change: `update events set source_id = 1; alter table events drop source_id, add source_id ${type}`,
      why: 'cannot be matched exactly',
    })),
    {
      title: 'when times are text',
      change: 'alter table events modify received_at varchar(64)',
      why: 'is not a timestamp, datetime or date',
    },
  ])('$title', async ({ change, why }) => {
    await using scene = await harness();
    await scene.customers.query(change);
    const refused = { code: 'PD_STORE_INVALID', message: expect.stringContaining(why) };
    await expect(scene.store.rehearse(scene.step, NEVER)).rejects.toMatchObject(refused);
    await expect(scene.store.erase(scene.step, null, { limit: 1, signal: NEVER })).rejects.toMatchObject(
      refused,
    );
  });

  test('when the entry names no column for what is asked', async () => {
    await using scene = await harness({
      scopes: ['workspace'],
      tables: customerTables('unused', { source: undefined }),
    });
    const [table] = scene.customers.store.tables;
    const step = { ...scene.step, target: table?.table ?? '' };
    await expect(scene.store.rehearse(step, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: 'store archive: unused.events names no column for source',
    });
  });

  test('when the user may not delete from it', async () => {
    await using scene = await harness();
    const { customers } = scene;
    const user = `reader_${customers.database}`;
    await customers.query(`create user ${user}@'%' identified by 'p w';
      grant select on ${customers.database}.* to ${user}@'%'`);
    const url = customers.store.url.replace('root@', `${user}:p%20w@`);
    const store = openMysqlStore({ ...customers.store, url });
    expect(await store.rehearse(scene.step, NEVER)).toBe(scene.matching);
    await expect(store.erase(scene.step, null, { limit: 1, signal: NEVER })).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      details: { store: 'archive', sqlstate: '42000', errno: 1142 },
    });
    await store.close();
  });
});

/** Holds the rows of a step until it is let go. */
async function holdRows(scene: Scene, where = IS_ACME) {
  const holder = await server.connect(scene.customers.database);
  await holder.query('set transaction isolation level read committed; begin');
  await holder.query(`select id from events where ${where} for update`);
  return {
    run: (sql: string) => holder.query(sql),
    letGo: async () => {
      await holder.query('commit');
      holder.destroy();
    },
  };
}

async function until(isSo: () => Promise<boolean>, tries = 2_000): Promise<void> {
  for (let asked = 0; asked < tries; asked++) if (await isSo()) return;
  throw new Error('what was waited for did not come');
}

/** Waits until a transaction waits for a row. */
const untilWaiting = () =>
  until(async () => {
    const [row] = await server.query(`show global status like 'Innodb_row_lock_current_waits'`);
    return Number(row?.Value) > 0;
  });

describe('faults of MariaDB', () => {
  test('a row that somebody holds fails the batch within seconds, for another try', async () => {
    await using scene = await harness();
    const holder = await holdRows(scene);
    await expect(scene.store.erase(scene.step, null, { limit: 1, signal: NEVER })).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
      details: { store: 'archive', errno: 1205, reason: 'failed' },
    });
    await holder.letGo();
    expect(await eraseAll(scene.store, scene.step, 10)).toBe(scene.matching);
  });

  test('a batch waits for no row of anybody else', async () => {
    await using scene = await harness();
    const before = await scene.fingerprint();
    const holder = await holdRows(scene, KEPT);
    expect(await eraseAll(scene.store, scene.step, 3)).toBe(scene.matching);
    expect(await scene.store.countRemaining(scene.step, NEVER)).toBe(0);
    await holder.letGo();
    expect(await scene.fingerprint()).toBe(before);
  });

  test('an abort in the middle of a batch ends its session and rolls it back', async () => {
    await using scene = await harness();
    const holder = await holdRows(scene, `${IS_ACME} and received_at >= '2024-01-11'`);
    const halt = new AbortController();
    const batch = scene.store.erase(scene.step, null, { limit: 50, signal: halt.signal });
    const ended = expect(batch).rejects.toThrow('halt');
    await untilWaiting();
    halt.abort(new Error('halt'));
    await ended;
    await holder.letGo();
    expect(await scene.store.countRemaining(scene.step, NEVER)).toBe(scene.matching);
    expect(await eraseAll(scene.store, scene.step, 10)).toBe(scene.matching);
  });

  test('an abort ends a statement that is at work on the server', async () => {
    await using scene = await harness();
    await scene.customers.query(
      'create trigger slow before delete on events for each row do benchmark(2000000000, sha2(1, 512))',
    );
    const sessions = () =>
      server.query(`select id from information_schema.processlist
        where db = '${scene.customers.database}' and command = 'Execute' and id <> connection_id()`);
    const halt = new AbortController();
    const batch = scene.store.erase(scene.step, null, { limit: 1, signal: halt.signal });
    const ended = expect(batch).rejects.toThrow('halt');
    await until(async () => (await sessions()).length === 1);
    halt.abort(new Error('halt'));
    await ended;
    // Long before the statement would end by itself.
    await until(async () => (await sessions()).length === 0, 20);
    await scene.customers.query('drop trigger slow');
    expect(await scene.store.countRemaining(scene.step, NEVER)).toBe(scene.matching);
  });

  test('the victim of a deadlock begins again', async () => {
    await using scene = await harness();
    const { customers, step, matching } = scene;
    const ids = await customers.query(`select id from events where not (${KEPT}) order by id`);
    const holder = await holdRows(scene, `id = ${ids.at(-1)?.id}`);
    // What has changed more is spared by the server.
    await holder.run(`update events set email = 'x' where not (${IS_ACME})`);
    const batch = scene.store.erase(step, null, { limit: 50, signal: NEVER });
    await untilWaiting();
    await holder.run(`select id from events where id = ${ids[0]?.id} for update`);
    await holder.letGo();
    expect(await batch).toMatchObject({ deleted: matching, done: true });
  });

  test('a batch that takes too long is ended by the server, and a smaller one is worth a try', async () => {
    await using scene = await harness();
    await scene.customers.query('create trigger slow before delete on events for each row do sleep(11)');
    await expect(scene.store.erase(scene.step, null, { limit: 1, signal: NEVER })).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
      details: { errno: 1969, reason: 'timeout' },
    });
    expect(await scene.store.countRemaining(scene.step, NEVER)).toBe(scene.matching);
  });

  test('a server that is killed in a batch has deleted nothing, and the store goes on when it is back', async () => {
    await using scene = await harness();
    const before = await scene.fingerprint();
    const first = await scene.store.erase(scene.step, null, { limit: 2, signal: NEVER });
    await holdRows(scene, `${IS_ACME} and received_at >= '2024-01-11'`);
    const batch = scene.store.erase(scene.step, first.checkpoint, { limit: 50, signal: NEVER });
    const failed = expect(batch).rejects.toMatchObject({ code: 'PD_STORE_FAILED' });
    await untilWaiting();
    await server.kill();
    await failed;
    await expect(scene.store.countRemaining(scene.step, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
    });
    await server.start();
    const left = scene.matching - 2;
    const count = () => scene.store.countRemaining(scene.step, NEVER);
    // Connections that were idle are found to be gone one after the other.
    expect(await count().catch(count).catch(count).catch(count)).toBe(left);
    expect(await eraseAll(scene.store, scene.step, 3)).toBe(left);
    expect(await scene.fingerprint()).toBe(before);
  });

  test('a server that is not there is for another try', async () => {
    await using scene = await harness();
    const store = openMysqlStore({ ...scene.customers.store, url: 'mysql://nobody@127.0.0.1:1/none' });
    await expect(store.rehearse(scene.step, NEVER)).rejects.toMatchObject({ code: 'PD_STORE_FAILED' });
    await store.close();
  });

  test('a wrong password is for a person', async () => {
    await using scene = await harness();
    const url = scene.customers.store.url.replace('root@', 'root:wrong@');
    const store = openMysqlStore({ ...scene.customers.store, url });
    const error = await store.rehearse(scene.step, NEVER).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'PD_STORE_INVALID', details: { sqlstate: '28000' } });
    expect(`${error.message}${JSON.stringify(error)}`).not.toContain('wrong');
    await store.close();
  });

  test('what a statement was refused for is named by code, without the values of a row', async () => {
    await using scene = await harness();
    await scene.customers.query(`create table orders (event_id bigint unsigned, foreign key (event_id) references events (id));
      insert into orders select id from events where ${IS_ACME}`);
    const error = await scene.store
      .erase(scene.step, null, { limit: 1, signal: NEVER })
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'PD_STORE_INVALID',
      details: { store: 'archive', sqlstate: '23000', errno: 1451 },
    });
    expect(error.cause).toBeUndefined();
    expect(await scene.store.rehearse(scene.step, NEVER)).toBe(scene.matching);
  });
});
