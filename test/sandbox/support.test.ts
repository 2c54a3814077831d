import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { emptyDatabase, freshDatabase, untilBackendsWait } from '../support/database.ts';

test('each test has a database of its own, with all migrations run', async () => {
  await using one = await freshDatabase();
  await using other = await freshDatabase();
  const table = `t${randomUUID().slice(0, 8)}`;
  await one.db.raw(`create table ${table} ()`);
  expect(await one.db.schema.hasTable(table)).toBe(true);
  expect(await other.db.schema.hasTable(table)).toBe(false);
  expect(await one.db.schema.hasTable('purgedesk_migrations')).toBe(true);
});

test('an empty database has no table', async () => {
  await using empty = await emptyDatabase();
  const found = await empty.db.raw("select from information_schema.tables where table_schema = 'public'");
  expect(found.rowCount).toBe(0);
});

test('a wait for waiting sessions ends when both queue for the lock', async () => {
  await using desk = await emptyDatabase();
  await desk.db.raw('create table seats (id int)');
  const holder = await desk.db.transaction();
  await holder.raw('lock table seats');
  const queued = [1, 2].map(async () => desk.db.raw('select from seats'));
  await untilBackendsWait(desk.db, 2);
  await holder.rollback();
  await Promise.all(queued);
});
