import { readdir } from 'node:fs/promises';
import { Logger, runMigrations } from 'graphile-worker';
import type { Knex } from 'knex';
import pg from 'pg';
import type { CrashPoint } from '../domain/crash-label.ts';
import { PurgedeskError } from '../domain/errors.ts';

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
export async function migrate(
  db: Knex,
  databaseUrl: string,
  crashPoint: CrashPoint = () => undefined,
): Promise<readonly string[]> {
  const turn = new pg.Client({ connectionString: databaseUrl, application_name: 'purgedesk-migrate' });
  await turn.connect();
  try {
    await turn.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const newer = await newerMigrations(db);
    refuseContracted(newer);
    const config = {
      migrationSource: withPoints(crashPoint),
      tableName: MIGRATIONS_TABLE,
      // What a newer version has run is no gap.
      disableMigrationsListValidation: newer.length > 0,
    };
    await db.migrate.forceFreeMigrationsLock(config);
    const [, names] = (await db.migrate.latest(config)) as [number, string[]];
    await migrateQueue(databaseUrl);
    return names;
  } finally {
    await turn.end();
  }
}

/** Within the transaction that each migration has, before its first statement and after its last. */
const withPoints = (crashPoint: CrashPoint): Knex.MigrationSource<string> => ({
  ...migrationSource,
  getMigration: async (file) => {
    const migration = await migrationSource.getMigration(file);
    return {
      ...migration,
      up: async (trx) => {
        crashPoint('migrate.applying');
        await migration.up(trx);
        crashPoint('migrate.applied');
      },
    };
  },
});

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
  const [, pending] = (await db.migrate.list({
    migrationSource,
    tableName: MIGRATIONS_TABLE,
    disableMigrationsListValidation: (await newerMigrations(db)).length > 0,
  })) as [unknown, readonly (string | { file: string })[]];
  return pending.map((entry) =>
    typeof entry === 'string' ? migrationSource.getMigrationName(entry) : entry.file,
  );
}

/**
 * Migrations that the database has and this program does not know, because a newer version ran them. An older program
 * goes on beside it: migrations add and take nothing away, save those that say so in their name.
 */
export async function newerMigrations(db: Knex): Promise<readonly string[]> {
  const known = (await migrationSource.getMigrations([])).map(migrationSource.getMigrationName);
  const newest = known.at(-1) ?? '';
  const there = await db.raw<{ rows: [{ exists: boolean }] }>('select to_regclass(?) is not null as exists', [
    MIGRATIONS_TABLE,
  ]);
  if (!there.rows[0].exists) return [];
  const run = await db(MIGRATIONS_TABLE).where('name', '>', newest).orderBy('name').pluck('name');
  return run as string[];
}

/** What takes away something that an older version may still use: it runs a release after nobody uses it any more. */
const CONTRACTS = /^\d{14}_contract_/;

/** @throws PurgedeskError PD_DATABASE_NEWER when this program may lack what it needs */
export function refuseContracted(newer: readonly string[]): void {
  if (!newer.some((name) => CONTRACTS.test(name))) return;
  throw new PurgedeskError('PD_DATABASE_NEWER', 'the database was migrated by a version that is too new', {
    details: { unknown: newer.length },
    remedy: 'install that version, or restore the backup from before: docs/upgrading.md',
  });
}
