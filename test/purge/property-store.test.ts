import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import { openPostgresStore } from '../../src/purge/stores/postgres.ts';
import { customerDatabase } from './customer-database.ts';
import { ACME, eventsTable } from './fixtures.ts';
import { describePropertyClearing, PROPERTIES, type PropertyScene } from './property-clearing.ts';
import { NEVER } from './store-contract.ts';

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
    projectId: 'prj_1',
    users: [],
    events: [],
    properties: [],
    receivedFrom: '2024-01-01T00:00:00.000Z',
    receivedBefore: '2024-02-01T00:00:00.000Z',
  },
};

const INSERT = `
  insert into events (id, workspace_id, source_id, project_id, event, received_at, properties, context, email)
  overriding system value values (?, ?, 'src_web', ?, ?, ?, ?, ?, ?)`;

const ROWS = `
  select cast(id as text) as id, workspace_id as workspace, project_id as project, event, received_at as at,
    cast(properties as text) as properties, cast(context as text) as context, email
  from events order by events.id`;

interface PostgresScene extends PropertyScene {
  run(statement: string): Promise<unknown>;
}

async function sceneOf(types: { properties: string; context: string }): Promise<PostgresScene> {
  const customers = await customerDatabase({ tables: [eventsTable({ properties: PROPERTIES })] });
  const { db } = customers;
  await db.raw(`truncate events; alter table events add properties ${types.properties},
    add context ${types.context}, add email text`);
  const store = openPostgresStore(customers.store);
  return {
    store,
    step: STEP,
    run: (statement) => db.raw(statement),
    insert: async (rows) => {
      for (const { id, workspace, project, event, at, properties, context, email } of rows) {
        await db.raw(INSERT, [id, workspace, project, event, at, properties, context, email]);
      }
    },
    rows: async () => {
      const found = await db.raw<{ rows: Record<string, string>[] }>(ROWS);
      return found.rows.map((row) => ({ ...row, at: new Date(row.at ?? '').toISOString() }) as never);
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await customers[Symbol.asyncDispose]();
    },
  };
}

describePropertyClearing('PostgreSQL with jsonb', () => sceneOf({ properties: 'jsonb', context: 'jsonb' }));
describePropertyClearing('PostgreSQL with json', () => sceneOf({ properties: 'json', context: 'json' }));

describe('a table whose properties are not as the catalogue says is refused', () => {
  test.each([
    { change: 'alter table events alter email set not null', why: 'email may not be null' },
    {
      change: 'alter table events alter properties type text',
      why: 'properties is not of type jsonb or json',
    },
    { change: 'alter table events drop context', why: 'has no column context' },
  ])('$why', async ({ change, why }) => {
    await using scene = await sceneOf({ properties: 'jsonb', context: 'jsonb' });
    await scene.run(change);
    await expect(scene.store.rehearse(STEP, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: expect.stringContaining(why),
    });
  });
});
