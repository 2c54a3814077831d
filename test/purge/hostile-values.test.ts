import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { storeSchema } from '../../src/purge/catalogue.ts';
import * as mysql from '../../src/purge/stores/mysql-statements.ts';
import { openPostgresStore } from '../../src/purge/stores/postgres.ts';
import {
  batchStatement,
  countStatement,
  deleteStatement,
} from '../../src/purge/stores/postgres-statements.ts';
import { columnUses } from '../../src/purge/stores/sql-catalogue.ts';
import { sqlStep } from '../../src/purge/stores/sql-steps.ts';
import { customerDatabase } from './customer-database.ts';
import { ACME, archiveStore, eventsTable } from './fixtures.ts';
import { mysqlStore } from './mysql-customers.ts';
import { eraseAll, NEVER } from './store-contract.ts';

const step = (predicate: Partial<PlanStep['predicate']>): PlanStep => ({
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
    ...predicate,
  },
});

const HOSTILE = [
  `${ACME}' or '1'='1`,
  `'; delete from events; --`,
  '%',
  'ws\\_%',
  `${ACME}%`,
  'ws_acm_',
  '../ws_globex',
  `${ACME}/../ws_globex`,
  `{${ACME},ws_globex}`,
  '$1',
  '*',
  ` ${ACME}`,
  `${ACME.toUpperCase()}`,
];

describe('T34 a value that is made to widen a delete', () => {
  test('matches itself and nothing else, in whichever place it stands', async () => {
    await using customers = await customerDatabase();
    const store = openPostgresStore(customers.store);
    const before = await customers.fingerprint('true');
    for (const value of HOSTILE) {
      const places = [
        { workspaceId: value },
        { sourceId: value },
        { spaceId: value },
        { projectId: value },
        { users: [value] },
        { events: [value] },
      ];
      for (const predicate of places) {
        expect(await store.rehearse(step(predicate), NEVER), value).toBe(0);
        expect(await eraseAll(store, step(predicate), 100), value).toBe(0);
      }
    }
    expect(await customers.fingerprint('true')).toBe(before);
    await store.close();
  });

  test.each(['', ' ', '\t\n'])('%j is no identifier: the delete is refused', async (value) => {
    await using customers = await customerDatabase();
    const store = openPostgresStore(customers.store);
    for (const predicate of [{ workspaceId: value }, { sourceId: value }, { users: ['u1', value] }]) {
      await expect(eraseAll(store, step(predicate), 100)).rejects.toMatchObject({ code: 'PD_STORE_INVALID' });
    }
    await store.close();
  });

  test.each([
    { title: 'a table', table: { table: 'public.events; drop table people' } },
    { title: 'a table in quotes', table: { table: 'public."events"' } },
    { title: 'a table without its schema', table: { table: 'events' } },
    { title: 'a column', table: { workspace: 'workspace_id" or true or "' } },
    { title: 'an id', table: { id: 'id desc' } },
    { title: 'a function', table: { receivedAt: 'now()' } },
  ])('$title that is not a plain name stands in no statement', ({ table }) => {
    const { tables: _, ...store } = archiveStore();
    expect(storeSchema.safeParse({ ...store, tables: [eventsTable()] }).success).toBe(true);
    expect(storeSchema.safeParse({ ...store, tables: [eventsTable(table)] }).success).toBe(false);
  });
});

describe('T34 an id that a server would read as the id of somebody else', () => {
  const KEYS = ['workspace_id', 'source_id', 'space_id', 'project_id', 'user_id', 'anonymous_id', 'event'];
  const tables = [
    eventsTable({ properties: { event: { json: 'properties', columns: { email: 'email' } }, user: 'none' } }),
  ];
  const ALL: PlanStep['predicate'] = step({}).predicate;
  const clear = (predicate: Partial<PlanStep['predicate']>): PlanStep => ({
    ...step({ properties: [{ name: 'email', kind: 'event', event: null }], ...predicate }),
    action: 'clear',
  });

  /** Every row is of the one `id` in every column. */
  async function scene(type: string, id: string) {
    const customers = await customerDatabase({ tables });
    const altered = KEYS.map((name) => `alter ${name} type ${type} using cast('${id}' as ${type})`);
    await customers.db.raw(`alter table events ${altered.join(', ')},
      add properties jsonb not null default '{"email": "x"}', add email text default 'x'`);
    const store = openPostgresStore(customers.store);
    return {
      store,
      fingerprint: () => customers.fingerprint('true'),
      [Symbol.asyncDispose]: async () => {
        await store.close();
        await customers[Symbol.asyncDispose]();
      },
    };
  }

  /** The id in the one place, and in all others as the column has it. */
  function stepsWith(id: string, spelling: string): PlanStep[] {
    const exact = { ...ALL, workspaceId: id };
    const places = [
      { workspaceId: spelling },
      { sourceId: spelling },
      { spaceId: spelling },
      { projectId: spelling },
      { users: [id, spelling] },
    ];
    return [
      ...[...places, { events: [spelling] }].map((place) => step({ ...exact, ...place })),
      ...places.map((place) => clear({ workspaceId: id, ...place })),
      clear({ workspaceId: id, properties: [{ name: 'email', kind: 'event', event: spelling }] }),
    ];
  }

  async function expectRefused(type: string, id: string, spellings: readonly string[], message: RegExp) {
    await using customers = await scene(type, id);
    const { store } = customers;
    const before = await customers.fingerprint();
    for (const spelling of spellings) {
      for (const planned of stepsWith(id, spelling)) {
        const refusal = { code: 'PD_STORE_INVALID', message: expect.stringMatching(message) };
        const batch = store.erase(planned, null, { limit: 1_000, signal: NEVER });
        await expect(batch, spelling).rejects.toMatchObject(refusal);
        await expect(store.rehearse(planned, NEVER), spelling).rejects.toMatchObject(refusal);
        await expect(store.countRemaining(planned, NEVER), spelling).rejects.toMatchObject(refusal);
      }
    }
    expect(await customers.fingerprint()).toBe(before);
    // As the column has it, it is found in every place.
    for (const planned of stepsWith(id, id)) expect(await store.rehearse(planned, NEVER)).toBeGreaterThan(0);
  }

  const SEVENS = [
    '007',
    '07',
    ' 7',
    '7 ',
    '7\n',
    '+7',
    '0x7',
    '0b111',
    '0o7',
    '0_7',
    '7.0',
    '7e0',
    '７',
    '1abc',
  ];
  test.each([
    { type: 'smallint', beyond: ['32768', '-32769'] },
    { type: 'integer', beyond: ['2147483648', '-2147483649'] },
    { type: 'bigint', beyond: ['9223372036854775808', '-9223372036854775809'] },
  ])('a column of type $type takes whole numbers in one spelling', async ({ type, beyond }) => {
    const why = /^store archive: column \w+ holds whole numbers, and an identifier is none$/;
    await expectRefused(type, '7', [...SEVENS, ...beyond, '-0'], why);
  });

  test.each([
    { type: 'smallint', ends: ['32767', '-32768'] },
    { type: 'integer', ends: ['2147483647', '-2147483648'] },
    { type: 'bigint', ends: ['9223372036854775807', '-9223372036854775808', '0'] },
  ])('a column of type $type takes its first and last number', async ({ type, ends }) => {
    for (const id of ends) {
      await using customers = await scene(type, id);
      const planned = step({ workspaceId: id, users: [id] });
      const matching = await customers.store.rehearse(planned, NEVER);
      expect(matching).toBeGreaterThan(0);
      expect(await eraseAll(customers.store, planned, 100)).toBe(matching);
    }
  });

  test('a column of UUIDs takes them in lower case with four hyphens', async () => {
    const id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
    const bare = id.replaceAll('-', '');
    const spellings = [id.toUpperCase(), `{${id}}`, bare, ` ${id}`, bare.replace(/....(?!$)/g, '$&-'), 'u7'];
    const why = /^store archive: column \w+ holds UUIDs, and an identifier is none in lower case$/;
    await expectRefused('uuid', id, spellings, why);
  });

  test('texts that look like numbers are as many ids as spellings', async () => {
    await using customers = await scene('text', '7');
    for (const spelling of SEVENS) {
      for (const planned of stepsWith('7', spelling).filter(
        ({ predicate }) => predicate.users.length === 0,
      )) {
        expect(await customers.store.rehearse(planned, NEVER), spelling).toBe(0);
      }
    }
  });
});

describe('T34 no value stands in the text of a statement', () => {
  /** A mark that nothing but a value holds; `@` is in no identifier and in no statement of ours. */
  const marked = (name: string) => `@${name}'"\`--`;
  const tables = [
    eventsTable({
      properties: {
        event: { json: 'properties', path: [marked('key')] },
        user: { json: 'context', columns: { [marked('own')]: 'email' } },
      },
    }),
  ];
  const everything = {
    workspaceId: marked('w'),
    sourceId: marked('s'),
    spaceId: marked('sp'),
    projectId: marked('p'),
    users: [marked('u1'), marked('u2')],
    receivedFrom: '2024-01-01T00:00:00.000Z',
    receivedBefore: '2024-02-01T00:00:00.000Z',
  };
  const deletion = step({ ...everything, events: [marked('e')] });
  const clearing: PlanStep = {
    ...step({
      ...everything,
      properties: [
        { name: marked('own'), kind: 'user', event: null },
        { name: marked('other'), kind: 'event', event: marked('e2') },
      ],
    }),
    action: 'clear',
  };

  test.each([
    { title: 'a deletion', planned: deletion, values: 8 },
    { title: 'a clearing', planned: clearing, values: 10 },
  ])('of PostgreSQL: $title', ({ planned, values }) => {
    const sql = sqlStep(archiveStore({ tables }), planned);
    const statements = [
      countStatement(sql),
      batchStatement(sql, marked('id'), 77_777),
      deleteStatement(sql, 77_777),
    ];
    for (const statement of statements) {
      expect(statement.sql).not.toMatch(/@|--|2024|77777/);
      expect(statement.values.flat().length).toBeGreaterThanOrEqual(values);
    }
  });

  test.each([
    { title: 'a deletion', planned: deletion, values: 8 },
    { title: 'a clearing', planned: clearing, values: 10 },
  ])('of MySQL and MariaDB: $title', ({ planned, values }) => {
    const store = mysqlStore({ tables });
    const sql = sqlStep(store, planned);
    const text = { kind: 'text', utf8: true, renewed: false } as const;
    const columns = new Map([...columnUses(sql.table).keys()].map((name) => [name, text]));
    for (const flavour of ['mysql', 'mariadb'] as const) {
      const dialect = { store, flavour, facts: { columns, uniqueIndex: 'PRIMARY' } };
      const statements = [
        mysql.countStatement(dialect, sql),
        mysql.idsStatement(dialect, sql, marked('id'), 77_777),
        mysql.changeStatement(dialect, sql, [marked('id1'), marked('id2')]),
      ];
      for (const statement of statements) {
        expect(statement.sql).not.toMatch(/@|--|2024/);
        expect(statement.sql.split('?').length - 1).toBe(statement.values.length);
        expect(statement.values.length).toBeGreaterThanOrEqual(values);
      }
      // A limit is the one number that stands there; whatever is no whole number is refused.
      expect(() => mysql.idsStatement(dialect, sql, null, 1.5)).toThrow(RangeError);
    }
  });
});
