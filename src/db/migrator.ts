import { readdir } from 'node:fs/promises';
import { Logger, runMigrations } from 'graphile-worker';
import type { Knex } from 'knex';

/** The queue's own log says nothing that ours does not. */
const SILENT = new Logger(() => () => undefined);

const MIGRATIONS_DIR = new URL('../../migrations/', import.meta.url);
export const MIGRATIONS_TABLE = 'purgedesk_migrations';

/** Names without extension, so that the compiled program finds what the source has run and the other way round. */
export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () =>
    (await readdir(MIGRATIONS_DIR)).filter((file) => /^\d{14}_.*(?<!\.d)\.(ts|js)$/.test(file)).sort(),
  getMigrationName: (file) => file.replace(/\.(ts|js)$/, ''),
  getMigration: (file) => import(new URL(file, MIGRATIONS_DIR).href) as Promise<Knex.Migration>,
};

/**
 * Brings the schema up to date, the job queue's included. Safe to run from several processes at once: knex holds a lock.
 * @returns the names of the migrations that ran now
 */
export async function migrate(db: Knex, databaseUrl: string): Promise<readonly string[]> {
  const [, names] = (await db.migrate.latest({ migrationSource, tableName: MIGRATIONS_TABLE })) as [
    number,
    string[],
  ];
  await runMigrations({ connectionString: databaseUrl, logger: SILENT });
  return names;
}

/** Migrations that this program has and the database has not. */
export async function pendingMigrations(db: Knex): Promise<readonly string[]> {
  const [, pending] = (await db.migrate.list({ migrationSource, tableName: MIGRATIONS_TABLE })) as [
    unknown,
    readonly (string | { file: string })[],
  ];
  return pending.map((entry) =>
    typeof entry === 'string' ? migrationSource.getMigrationName(entry) : entry.file,
  );
}
