import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import type { Target } from '../../src/domain/target.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { type Desk, openDesk } from './desk.ts';
import { ACME, sampleTarget, WORKSPACE_TARGET } from './fixtures.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';
import { customerTables, type MysqlCustomers, mysqlCustomers, mysqlStore } from './mysql-customers.ts';
import { PROPERTIES } from './property-clearing.ts';
import { NEVER } from './store-contract.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const IS_ACME = `binary workspace_id = '${ACME}'`;
const DAYS = 50;
const EVENTS = DAYS * EVENTS_A_DAY * 2;
const PEOPLE = 3;

/** A purge that has begun, with MariaDB as its only store. */
interface Scene extends AsyncDisposable {
  readonly desk: Desk;
  readonly ports: PurgePorts;
  readonly customers: MysqlCustomers;
  readonly id: TicketId;
}

async function purging(target: Target): Promise<Scene> {
  const customers = await mysqlCustomers(server);
  await customers.query(`update events set email = 'a@example.org', properties = '{"plan": 1, "left": 2}',
    context = '{"traits": {"age": 7}}'`);
  const tables = customerTables(customers.database, { properties: PROPERTIES });
  const catalogue = [mysqlStore({ url: customers.store.url, tables })];
  const desk = await openDesk();
  const stores = openStores(catalogue, desk.db);
  const ports = { ...desk.ports, catalogue, stores };
  const id = await desk.ticketInGrace(target);
  await rehearse(ports, id, NEVER);
  await desk.startPurge(id);
  return {
    desk,
    ports,
    customers,
    id,
    [Symbol.asyncDispose]: async () => {
      await stores.close();
      await desk[Symbol.asyncDispose]();
    },
  };
}

const stateOf = async ({ desk, id }: Scene): Promise<string> =>
  (await desk.db('tickets').where({ id }).first('state')).state;

const receiptOf = async ({ desk, id }: Scene) =>
  (await desk.db('receipts').where({ ticket_id: id }).first('signed')).signed.receipt;

/** A checksum over all that is not acme's. */
const strangers = ({ customers }: Scene) =>
  customers.query(`set statement group_concat_max_len = 1000000 for select (select sha2(group_concat(sha2(concat_ws('|', id, workspace_id, source_id, space_id, project_id,
      user_id, anonymous_id, event, received_at, properties, context, email), 256) order by id), 256)
      from events where not (${IS_ACME})) as events,
    (select group_concat(id order by id) from people where not (${IS_ACME})) as people`);

const countOf = async ({ customers }: Scene, where: string): Promise<number> =>
  Number((await customers.query(`select count(*) as found from events where ${where}`))[0]?.found);

async function expectGone(scene: Scene): Promise<void> {
  expect(await stateOf(scene)).toBe('completed');
  expect(await receiptOf(scene)).toMatchObject({ deletedTotal: EVENTS + PEOPLE, remainingTotal: 0 });
  expect(await countOf(scene, IS_ACME)).toBe(0);
  expect(await scene.customers.query(`select id from people where ${IS_ACME}`)).toEqual([]);
}

describe('a purge of MariaDB', () => {
  test('deletes the rows of the workspace and nothing else', async () => {
    await using scene = await purging(WORKSPACE_TARGET);
    const others = await strangers(scene);
    await scene.desk.work(scene.ports);
    await expectGone(scene);
    expect(await strangers(scene)).toEqual(others);
  });

  test('clears properties and deletes events of one request, and the receipt keeps them apart', async () => {
    await using scene = await purging(
      sampleTarget({
        scope: 'events',
        source: null,
        project: { id: 'prj_1', name: 'Shop' },
        events: ['Signed Up'],
        properties: [
          { name: 'plan', kind: 'event', event: 'Ordered' },
          { name: 'age', kind: 'user', event: null },
        ],
      }),
    );
    const others = await strangers(scene);
    const inJanuary = `${IS_ACME} and received_at >= '2024-01-01' and received_at < '2024-02-01'`;
    const ordered = await countOf(scene, `${inJanuary} and event = 'Ordered'`);
    await scene.desk.work(scene.ports);
    expect(await stateOf(scene)).toBe('completed');
    expect(await receiptOf(scene)).toMatchObject({
      steps: [
        { action: 'clear', deleted: 2 * ordered, remaining: 0 },
        { action: 'delete', deleted: ordered, remaining: 0 },
      ],
      clearedTotal: 2 * ordered,
      deletedTotal: ordered,
    });
    expect(await countOf(scene, IS_ACME)).toBe(EVENTS - ordered);
    expect(await countOf(scene, `${inJanuary} and event = 'Ordered'`)).toBe(ordered);
    const kept = `json_exists(properties, '$.plan') or json_exists(context, '$.traits.age')`;
    expect(await countOf(scene, `${inJanuary} and (${kept})`)).toBe(0);
    expect(await countOf(scene, `not (${inJanuary}) and not (${kept})`)).toBe(0);
    expect(await countOf(scene, `json_exists(properties, '$.left') and email is not null`)).toBe(
      await countOf(scene, 'true'),
    );
    expect(await strangers(scene)).toEqual(others);
  });

  test.each([1, 2])(
    'F31 whose server is killed behind batch %i ends the same once it is back',
    async (nth) => {
      await using scene = await purging(WORKSPACE_TARGET);
      const others = await strangers(scene);
      let batches = 0;
      scene.desk.atCrashPoint = async (label) => {
        if (label === 'purge.batch.erased' && ++batches === nth) await server.kill();
      };
      try {
        await runStep(scene.ports, scene.id, 1, NEVER);
      } finally {
        await server.start();
      }
      expect(batches).toBe(nth);
      expect(await stateOf(scene)).toBe('purging');
      await scene.desk.work(scene.ports);
      await expectGone(scene);
      expect(await strangers(scene)).toEqual(others);
    },
  );
});
