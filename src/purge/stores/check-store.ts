/** Looks at a store without a ticket: can it be reached, is it what its entry takes it for, and will it give things up? */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PurgedeskError } from '../../domain/errors.ts';
import type { StoreDefinition } from '../catalogue.ts';
import type { HttpStoreDefinition } from './http-catalogue.ts';
import { exchange, serviceAgent } from './http-exchange.ts';
import { readTable } from './mysql-columns.ts';
import { COUNT, closeServer, inTransaction, openServer } from './mysql-transaction.ts';
import { checkColumns } from './postgres-columns.ts';
import { checkS3 } from './s3-check.ts';
import type { MysqlStoreDefinition, PostgresStoreDefinition } from './sql-catalogue.ts';
import { CONNECT_MS, type StoreCheck } from './store-check.ts';

/** @throws PurgedeskError PD_STORE_INVALID or PD_STORE_FAILED, or an error of the driver with its `code` */
export function checkStore(definition: StoreDefinition, signal: AbortSignal): Promise<StoreCheck> {
  switch (definition.kind) {
    case 'postgres':
      return checkPostgres(definition);
    case 'mysql':
      return checkMysql(definition, signal);
    case 's3':
      return checkS3(definition, signal);
    case 'http':
      return checkHttp(definition, signal);
    case 'manual':
      return Promise.resolve({ what: 'A checklist: agents delete there by hand.', notes: [] });
  }
}

async function checkPostgres(definition: PostgresStoreDefinition): Promise<StoreCheck> {
  const client = new pg.Client({
    connectionString: definition.url,
    application_name: 'purgedesk-doctor',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  client.on('error', () => undefined); // the query hears of it
  const notes: string[] = [];
  await client.connect();
  try {
    await client.query('begin transaction read only');
    for (const table of definition.tables) {
      const facts = await checkColumns(definition, table, client as unknown as pg.PoolClient);
      const granted = await client.query<{ may: boolean }>(MAY_DELETE, table.table.split('.'));
      if (granted.rows[0]?.may !== true) notes.push(`This role may not read and delete from ${table.table}.`);
      if (!facts.byWorkspace)
        notes.push(`${table.table} has no index that leads to a workspace, so every purge reads all of it.`);
    }
    await client.query('rollback');
  } finally {
    await client.end();
  }
  return { what: tables(definition.tables.length), notes };
}

const MAY_DELETE = `
  select has_table_privilege(class.oid, 'SELECT') and has_table_privilege(class.oid, 'DELETE') as may
  from pg_class class join pg_namespace namespace on namespace.oid = class.relnamespace
  where namespace.nspname = $1 and class.relname = $2`;

async function checkMysql(definition: MysqlStoreDefinition, signal: AbortSignal): Promise<StoreCheck> {
  const server = openServer(definition);
  try {
    await inTransaction(
      server,
      { ...COUNT, seconds: CONNECT_MS / 1_000 },
      signal,
      async (connection, flavour) => {
        for (const table of definition.tables) await readTable(definition, table, connection, flavour);
      },
    );
  } finally {
    await closeServer(server);
  }
  return { what: tables(definition.tables.length), notes: [] };
}

const tables = (count: number): string =>
  `Answers; ${count === 1 ? 'its table is' : `its ${count} tables are`} what the catalogue says.`;

/** Asks for a request that nobody has made: a service that knows its protocol says 404. */
async function checkHttp(definition: HttpStoreDefinition, signal: AbortSignal): Promise<StoreCheck> {
  const url = definition.url.replace(/\/+$/, '');
  const agent = serviceAgent(url);
  const timeouts = { connect: 5_000, headers: CONNECT_MS, body: CONNECT_MS };
  const service = { name: definition.name, url, token: definition.token ?? null, agent, timeouts };
  try {
    const question = { method: 'GET', path: `/requests/${randomUUID()}`, isRead: true } as const;
    const { status } = await exchange(service, question, signal);
    if (status === 404) return { what: 'Answers as the protocol says.', notes: [] };
    throw new PurgedeskError('PD_STORE_INVALID', `the service answers ${status} where 404 is due`, {
      details: { store: definition.name, status },
      remedy:
        'Look up the status in docs/http-store.md, then mend the service, its token or the entry of this store.',
    });
  } finally {
    agent.destroy();
  }
}
