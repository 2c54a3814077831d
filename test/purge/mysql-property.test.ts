import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { openMysqlStore } from '../../src/purge/stores/mysql.ts';
import { ACME } from './fixtures.ts';
import { type MariadbServer, startMariadb } from './mariadb-server.ts';
import { customerTables, mysqlCustomers, mysqlStore } from './mysql-customers.ts';
import { describePropertyClearing, PROPERTIES, type PropertyScene } from './property-clearing.ts';
import { eraseAll, NEVER } from './store-contract.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.[Symbol.asyncDispose]());

interface MysqlScene extends PropertyScene {
  query: MariadbServer['query'];
}

async function sceneOf(properties: unknown = PROPERTIES): Promise<MysqlScene> {
  const customers = await mysqlCustomers(server);
  const { database, query } = customers;
  await query('truncate events');
  const store = openMysqlStore(
    mysqlStore({ url: customers.store.url, tables: customerTables(database, { properties }) }),
  );
  const step: PlanStep = {
    no: 1,
    store: 'archive',
    kind: 'mysql',
    target: `${database}.events`,
    action: 'delete',
    predicate: {
      workspaceId: ACME,
      sourceId: null,
      spaceId: null,
      projectId: 'prj_1',
      users: [],
      events: [],
      properties: [],
      receivedFrom: '2024-01-01T00:00:00.000Z',
      receivedBefore: '2024-02-01T00:00:00.000Z',
    },
  };
  return {
    store,
    step,
    query,
    insert: async (rows) => {
      for (const { id, workspace, project, event, at, properties, context, email } of rows) {
        const texts = [workspace, 'src_web', project, event, at.slice(0, 19), properties, context, email];
        await query(`insert into events
          (id, workspace_id, source_id, project_id, event, received_at, properties, context, email)
          values (${id}, ${texts.map(literal).join(', ')})`);
      }
    },
    rows: async () => {
      const found =
        await query(`select cast(id as char) as id, workspace_id as workspace, project_id as project, event,
        date_format(received_at, '%Y-%m-%dT%H:%i:%s.000Z') as at, properties, context, email from events order by events.id`);
      return found.map((row) => ({ ...row }) as never);
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
}

const literal = (text: string | null): string =>
  text === null ? 'null' : `convert(x'${Buffer.from(text).toString('hex')}' using utf8mb4)`;

describePropertyClearing('MariaDB', sceneOf);

describe('what MariaDB keeps as it was written', () => {
  const clears = (step: PlanStep, name = 'email'): PlanStep => ({
    ...step,
    action: 'clear',
    predicate: { ...step.predicate, properties: [{ name, kind: 'event', event: null }] },
  });
  const ROW = {
    ...{ id: '1', workspace: ACME, project: 'prj_1', event: 'Ordered', at: '2024-01-10T12:00:00.000Z' },
    ...{ properties: '{"email": 1}', context: null, email: null },
  };

  test.each([
    { title: 'a key that stands twice', properties: '{"email":1,"plan":2,"email":3,"email":null}' },
    { title: 'a key that is escaped', properties: '{"\\u0065mail":1,"plan":2}' },
    { title: 'a key with much space around it', properties: '{ \n "email" \t : 1 , "plan" : 2 }' },
  ])('$title is gone altogether', async ({ properties }) => {
    await using scene = await sceneOf();
    await scene.insert([{ ...ROW, properties }]);
    expect(await eraseAll(scene.store, clears(scene.step), 10)).toBe(1);
    expect(await scene.store.countRemaining(clears(scene.step), NEVER)).toBe(0);
    expect(JSON.parse((await scene.rows())[0]?.properties ?? '')).toEqual({ plan: 2 });
  });

  test('every key that is escaped letter by letter is found all the same', async () => {
    await using scene = await sceneOf();
    for (const key of ['email', '-1', 'a"b', 'a\\b', '😀', 'a\tb', '$.*']) {
      const units = key.split('').map((unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
      const properties = `{"${units.map((unit) => `\\u${unit}`).join('')}": 1, "plan": 2}`;
      await scene.query(`truncate ${scene.step.target}`);
      await scene.insert([{ ...ROW, properties }]);
      const cleared = clears(scene.step, key);
      expect(await eraseAll(scene.store, cleared, 10), key).toBe(1);
      expect(JSON.parse((await scene.rows())[0]?.properties ?? '')).toEqual({ plan: 2 });
    }
  });

  test.each([
    '{"email": 1, broken',
    '{"email": 1',
    '{"email": 1} x',
    `{"email": ${'['.repeat(50)}${']'.repeat(50)}}`,
  ])('%s is no JSON to the server: it is refused, and nothing is changed', async (context) => {
    await using scene = await sceneOf({ event: { json: 'context', columns: { email: 'email' } } });
    await scene.insert([
      { ...ROW, context: '{"email": 1}' },
      { ...ROW, id: '2', context, email: 'a@example.org' },
    ]);
    const before = await scene.rows();
    const step = clears(scene.step);
    const refused = { code: 'PD_STORE_INVALID' };
    await expect(scene.store.rehearse(step, NEVER)).rejects.toMatchObject(refused);
    await expect(scene.store.erase(step, null, { limit: 9, signal: NEVER })).rejects.toMatchObject(refused);
    await expect(scene.store.countRemaining(step, NEVER)).rejects.toMatchObject(refused);
    expect(await scene.rows()).toEqual(before);
  });

  test('the time of a row that every change renews stays as it is', async () => {
    await using scene = await sceneOf();
    await scene.insert([ROW]);
    await scene.query(`alter table ${scene.step.target} modify received_at timestamp not null
      default current_timestamp on update current_timestamp`);
    const [before] = await scene.rows();
    expect(await eraseAll(scene.store, clears(scene.step), 10)).toBe(1);
    expect((await scene.rows())[0]?.at).toBe(before?.at);
  });

  test.each([
    { change: 'modify email varchar(64) not null', why: 'email may not be null' },
    { change: 'modify properties varbinary(200)', why: 'properties is not of type json' },
    { change: 'modify properties longtext charset latin1', why: 'properties is not of type json' },
    { change: 'drop context', why: 'has no column context' },
  ])('a table that has $why is refused', async ({ change, why }) => {
    await using scene = await sceneOf();
    await scene.query(`alter table ${scene.step.target} ${change}`);
    await expect(scene.store.rehearse(scene.step, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: expect.stringContaining(why),
    });
  });
});
