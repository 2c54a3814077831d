import type { Knex } from 'knex';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import { migrate, migrationSource, pendingMigrations } from '../../src/db/migrator.ts';
import { emptyDatabase, freshDatabase, untilBackendsWait } from '../support/database.ts';

const names = async () =>
  (await migrationSource.getMigrations([])).map((file) => migrationSource.getMigrationName(file));

const tables = async (db: Knex): Promise<readonly string[]> => {
  const result = await db.raw<{ rows: { name: string }[] }>(
    `select schemaname || '.' || tablename as name from pg_tables
     where schemaname in ('public', 'graphile_worker') order by 1`,
  );
  return result.rows.map((row) => row.name);
};

test('from nothing every migration runs, in the order of their names, and none is left', async () => {
  await using empty = await emptyDatabase();
  expect(await pendingMigrations(empty.db)).toEqual(await names());
  expect(await migrate(empty.db, empty.url)).toEqual(await names());
  expect(await pendingMigrations(empty.db)).toEqual([]);
  expect(await tables(empty.db)).toEqual(
    expect.arrayContaining(['public.tickets', 'public.outbox', 'graphile_worker._private_jobs']),
  );
});

test('a second run changes nothing', async () => {
  await using fresh = await freshDatabase();
  const before = await tables(fresh.db);
  expect(await migrate(fresh.db, fresh.url)).toEqual([]);
  expect(await tables(fresh.db)).toEqual(before);
});

test('of three processes that start at once one migrates and all go on', async () => {
  await using empty = await emptyDatabase();
  const processes = Array.from({ length: 3 }, () => openDatabase(empty.url, { poolMax: 1 }));
  try {
    // Whoever is first gets stuck behind this table; the others must queue up behind the first, not beside it.
    const holder = await empty.db.transaction();
    await holder.raw('create table workspaces (in_the_way boolean)');
    const running = processes.map((db) => migrate(db, empty.url));
    await untilBackendsWait(empty.db, 3).finally(() => holder.rollback());
    const ran = await Promise.all(running);
    expect(ran.flat().sort()).toEqual(await names());
    expect(ran.filter((list) => list.length > 0)).toHaveLength(1);
    expect(await pendingMigrations(empty.db)).toEqual([]);
  } finally {
    await Promise.all(processes.map((db) => db.destroy()));
  }
});

test('a process that died while it migrated keeps nobody out', async () => {
  await using empty = await emptyDatabase();
  await migrate(empty.db, empty.url);
  // What a kill -9 leaves behind: the flag is a row, and its owner is gone.
  await empty.db('purgedesk_migrations_lock').update({ is_locked: 1 });
  expect(await migrate(empty.db, empty.url)).toEqual([]);
  expect(await empty.db('purgedesk_migrations_lock').select('is_locked')).toEqual([{ is_locked: 0 }]);
});

test('migrations back and forth leave nothing behind', async () => {
  await using fresh = await freshDatabase();
  await fresh.db.migrate.rollback({ migrationSource, tableName: 'purgedesk_migrations' }, true);
  const left = (await tables(fresh.db)).filter((name) => name.startsWith('public.'));
  expect(left).toEqual(['public.purgedesk_migrations', 'public.purgedesk_migrations_lock']);
  expect(await migrate(fresh.db, fresh.url)).toEqual(await names());
});
