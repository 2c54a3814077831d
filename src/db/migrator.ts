import { readdir } from 'node:fs/promises';
import { Logger, runMigrations } from 'graphile-worker';
import type { Knex } from 'knex';
import pg from 'pg';

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
 * Brings the schema up to date, the job queue's included. Safe to run from several processes at once: a session lock,
 * which dies with its process, lets one after the other in. The flag that knex keeps in a row would stay for ever after
 * a kill, and whoever came second would fail instead of waiting; so behind the lock it is cleared.
 * @returns the names of the migrations that ran now
 */
export async function migrate(db: Knex, databaseUrl: string): Promise<readonly string[]> {
  const turn = new pg.Client({ connectionString: databaseUrl, application_name: 'purgedesk-migrate' });
  await turn.connect();
  try {
    await turn.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const config = { migrationSource, tableName: MIGRATIONS_TABLE };
    await db.migrate.forceFreeMigrationsLock(config);
    const [, names] = (await db.migrate.latest(config)) as [number, string[]];
    await migrateQueue(databaseUrl);
    return names;
  } finally {
    await turn.end();
  }
}

/** With a pool of ours: the queue's own would bring the process down if its connection were cut while it closes. */
async function migrateQueue(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined); // whoever uses the connection hears of it
  pool.on('connect', (client) => client.on('error', () => undefined));
  try {
    await runMigrations({ pgPool: pool, logger: SILENT });
  } finally {
    await pool.end();
  }
}

/** Any number that nothing else locks in this database. */
const MIGRATION_LOCK = 1_885_696_615;

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
