import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { storeSchema } from '../../src/purge/catalogue.ts';
import { openPostgresStore } from '../../src/purge/stores/postgres.ts';
import { customerDatabase } from './customer-database.ts';
import { ACME, archiveStore, eventsTable } from './fixtures.ts';
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

  test('no statement is made of a value: what is put into one is a quoted name or the number of a parameter', async () => {
    const source = await readFile(new URL('../../src/purge/stores/postgres.ts', import.meta.url), 'utf8');
    const inserted = [...source.matchAll(/`[^`]*`/g)]
      .map(([text]) => text)
      .filter((text) => /\b(select|delete|where|and|any) |^`\$\{quoted| = /.test(text))
      .flatMap((text) => [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => code));
    expect(inserted.length).toBeGreaterThan(10);
    const allowed =
      /^(quoted\(.*\)|parameter\(.*\)|column\('\w+'\)|match\.sql|values\.push\(.*\)|id|behind|limitAt|anyColumn\.join\(' or '\)|table\.table|table\.id|SETTINGS)$/;
    expect(inserted.filter((code) => !allowed.test(code ?? ''))).toEqual([]);
  });
});
