/** Migrations that are killed, and programs older than the schema that they find: docs/upgrading.md. */
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { migrate, migrationSource, newerMigrations, pendingMigrations } from '../../src/db/migrator.ts';
import { runCommand, type Settings } from '../flow/desk-process.ts';
import { emptyDatabase, freshDatabase, type TestDatabase } from '../support/database.ts';
import { openTestDesk } from '../tickets/desk.ts';
import { byForm } from './form.ts';
import { faultSeed, randomFrom } from './random.ts';
import { injected } from './tally.ts';

const settingsOf = (database: TestDatabase): Settings => ({
  DATABASE_URL: database.url,
  IMAP_URL: 'imap://desk:pw@127.0.0.1:9',
  SMTP_URL: 'smtp://127.0.0.1:9',
  DESK_ADDRESS: 'desk@desk.example',
  PUBLIC_URL: 'http://127.0.0.1:8080',
  SECRET_KEY: randomBytes(32).toString('hex'),
});

/** Everything that a schema is, in text. */
async function schemaOf(db: Knex): Promise<readonly string[]> {
  const found = await db.raw<{ rows: { line: string }[] }>(SCHEMA);
  return found.rows.map(({ line }) => line);
}

const SCHEMA = `
  select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, is_identity) as line
    from information_schema.columns where table_schema = 'public'
  union all select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
  union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
  union all select concat_ws(' ', 'trigger', pg_get_triggerdef(t.oid)) from pg_trigger t
    join pg_class c on c.oid = t.tgrelid where not tgisinternal and c.relnamespace = 'public'::regnamespace
  union all select concat_ws(' ', 'function', pg_get_functiondef(oid)) from pg_proc
    where pronamespace = 'public'::regnamespace and prokind = 'f'
  order by line`;

describe('F24 a migration that is killed', () => {
  test('goes on where it was, and ends in the same schema', async () => {
    await using fresh = await freshDatabase();
    await using killed = await emptyDatabase();
    const settings = settingsOf(killed);
    const random = randomFrom(faultSeed());
    console.log(`FAULT_SEED=${random.seed}`);
    let kills = 0;
    // Each run gets a few migrations further before it dies, before the first statement of one or after its last.
    const runs = byForm({ short: 4, long: 100 });
    for (let run = 0; run < runs && (await leftOf(killed.db)) > 0; run += 1) {
      const label = run % 2 === 0 ? 'migrate.applying' : 'migrate.applied';
      const nth = byForm({ short: 1 + random.below(10), long: 2 });
      const { code } = await runCommand({ ...settings, CRASH_AT: `${label}#${nth}` }, 'migrate');
      if (code === null) kills += 1;
    }
    injected('F24', kills);
    expect(kills).toBeGreaterThan(2);
    expect(await runCommand(settings, 'migrate')).toMatchObject({ code: 0 });
    expect(await pendingMigrations(killed.db)).toEqual([]);
    expect(await schemaOf(killed.db)).toEqual(await schemaOf(fresh.db));
  });
});

/** Before the first run there is no table to ask. */
const leftOf = async (db: Knex): Promise<number> => (await pendingMigrations(db)).length;

/** As a newer version leaves it: its migrations have run. */
async function migrateFurther(db: Knex, name: string): Promise<void> {
  const tables = await db.raw<{ rows: { name: string }[] }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'purgedesk_%'",
  );
  for (const { name: table } of tables.rows) {
    await db.raw(
      'alter table ?? add column later_text text, add column later_count integer not null default 0',
      [table],
    );
  }
  await db.raw('create table later_things (id bigint primary key)');
  await db('purgedesk_migrations').insert({ name, batch: 99, migration_time: new Date() });
}

describe('F24 a program that is older than its database', () => {
  test('works on what was only added to, from a mail to the start of the purge', async () => {
    await using desk = await openTestDesk();
    await migrateFurther(desk.db, '20990101000000_add_later_things');
    injected('F24');
    expect(await newerMigrations(desk.db)).toEqual(['20990101000000_add_later_things']);
    expect(await pendingMigrations(desk.db)).toEqual([]);
    expect(await migrate(desk.db, desk.url)).toEqual([]);
    await desk.outlast(await desk.inGrace());
    expect((await desk.ticket()).state).toBe('purging');
  });

  test('refuses one from which something was taken away', async () => {
    await using fresh = await freshDatabase();
    await migrateFurther(fresh.db, '20990101000000_contract_old_columns');
    injected('F24');
    await expect(migrate(fresh.db, fresh.url)).rejects.toMatchObject({ code: 'PD_DATABASE_NEWER' });
    const { code, output } = await runCommand(settingsOf(fresh), 'tickets', 'list');
    expect(code).not.toBe(0);
    expect(output).toContain('PD_DATABASE_NEWER');
  });

  test('still finds a migration that is missing from its own', async () => {
    await using fresh = await freshDatabase();
    await fresh.db('purgedesk_migrations').insert({
      name: '20261122080050_was_removed',
      batch: 1,
      migration_time: new Date(),
    });
    await expect(migrate(fresh.db, fresh.url)).rejects.toThrow('20261122080050_was_removed');
    expect((await migrationSource.getMigrations([])).length).toBeGreaterThan(30);
  });
});
