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
