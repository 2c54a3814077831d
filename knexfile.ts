import type { Knex } from 'knex';
import { MIGRATIONS_TABLE, migrationSource } from './src/db/migrator.ts';

/** For the knex command line; the program itself runs the same source and table with `purgedesk migrate`. */
const config: Knex.Config = {
  client: 'pg',
  connection: process.env.DATABASE_URL ?? '',
  migrations: { migrationSource, tableName: MIGRATIONS_TABLE },
};

export default config;
