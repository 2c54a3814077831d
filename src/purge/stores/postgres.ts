import pg from 'pg';
import { PurgedeskError } from '../../domain/errors.ts';
import type { PlanStep, Predicate } from '../../domain/plan.ts';
import type { PostgresStoreDefinition, StoreTable } from '../catalogue.ts';
import type { Erased, EraseOptions, Store, StoreCheckpoint } from '../store.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const POOL_MAX = 4;

/**
 * What each transaction runs under. A batch waits at most 2 s for a lock and works at most 10 s; a count may take a
 * minute. With `row_security` off, a policy that would hide rows is an error: hidden rows would pass for deleted ones.
 */
const SETTINGS = `set local lock_timeout = '2s'; set local idle_in_transaction_session_timeout = '20s';
  set local row_security = off; set local timezone = 'UTC'`;
const BEGIN_COUNT = `begin transaction read only; set local statement_timeout = '60s'; ${SETTINGS}`;
const BEGIN_BATCH = `begin transaction read write; set local statement_timeout = '10s'; ${SETTINGS}`;

/**
 * A PostgreSQL database. Batches walk along the id column; each is one transaction of one statement. Every value is a
 * parameter, every identifier was checked and is quoted, and every delete repeats the whole predicate beside the ids.
 */
export function openPostgresStore(definition: PostgresStoreDefinition): Store {
  const pool = new pg.Pool({
    connectionString: definition.url,
    application_name: 'purgedesk purge',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    max: POOL_MAX,
  });
  // An idle connection that breaks is replaced by the next use; without a listener it would end the process.
  pool.on('error', () => undefined);
  const store: OpenStore = { definition, pool, checked: new Set() };
  let closing: Promise<void> | null = null;
  return {
    name: definition.name,
    rehearse: (step, signal) => countMatches(store, step, signal),
    countRemaining: (step, signal) => countMatches(store, step, signal),
    erase: (step, checkpoint, options) => eraseBatch(store, step, checkpoint, options),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

interface OpenStore {
  readonly definition: PostgresStoreDefinition;
  readonly pool: pg.Pool;
  /** Tables whose columns were found to be what the catalogue takes them for. */
  readonly checked: Set<string>;
}

async function countMatches(store: OpenStore, step: PlanStep, signal: AbortSignal): Promise<number> {
  const table = tableOf(store, step);
  const match = matching(store, table, step.predicate);
  return inTransaction(store, BEGIN_COUNT, signal, async (client) => {
    await checkColumns(store, table, client);
    const found = await client.query<{ matches: string }>(
      `select count(*) as matches from ${quoted(table.table)} where ${match.sql}`,
      match.values,
    );
    return Number(found.rows[0]?.matches);
  });
}

async function eraseBatch(
  store: OpenStore,
  step: PlanStep,
  checkpoint: StoreCheckpoint,
  { limit, signal }: EraseOptions,
): Promise<Erased> {
  const table = tableOf(store, step);
  const match = matching(store, table, step.predicate);
  if (checkpoint !== null && typeof checkpoint !== 'string')
    throw invalid(store, 'a checkpoint is not an id');
  const { sql, values } = batchStatement(table, match, checkpoint, limit);
  return inTransaction(store, BEGIN_BATCH, signal, async (client) => {
    await checkColumns(store, table, client);
    const result = await client.query<{ found: string; deleted: string; last: string | null }>(sql, values);
    const [row] = result.rows;
    const deleted = Number(row?.deleted);
    // Before the commit, so that nothing is deleted: with a repeated id a batch has no bound.
    if (deleted > limit) throw invalid(store, `${table.table}.${table.id} is not unique`);
    return { deleted, checkpoint: row?.last ?? checkpoint, done: Number(row?.found) < limit };
  });
}

interface Match {
  readonly sql: string;
  readonly values: unknown[];
}

function batchStatement(table: StoreTable, match: Match, checkpoint: string | null, limit: number): Match {
  const id = quoted(table.id);
  const values = [...match.values, limit];
  const limitAt = values.length;
  const behind = checkpoint === null ? '' : `and ${id} > $${values.push(checkpoint)}`;
  const sql = `
    with doomed as materialized (
      select ${id} as key from ${quoted(table.table)} where ${match.sql} ${behind} order by ${id} limit $${limitAt}
    ), gone as (
      delete from ${quoted(table.table)} where ${match.sql} and ${id} = any (array(select key from doomed)) returning 1
    )
    select (select count(*) from doomed) as found, (select count(*) from gone) as deleted,
      (select cast(key as text) from doomed order by key desc limit 1) as last`;
  return { sql, values };
}

/** The condition for a predicate. @throws PurgedeskError PD_STORE_INVALID when it cannot be expressed exactly */
function matching(store: OpenStore, table: StoreTable, predicate: Predicate): Match {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const column = (field: 'source' | 'space' | 'project' | 'event' | 'receivedAt') => {
    const name = table[field];
    if (name === undefined) throw invalid(store, `${table.table} names no column for ${field}`);
    return quoted(name);
  };
  const { workspaceId, sourceId, spaceId, projectId, users, events, receivedFrom, receivedBefore } =
    predicate;
  const ids = [workspaceId, sourceId ?? 'none', spaceId ?? 'none', projectId ?? 'none', ...users, ...events];
  if (ids.some((id) => typeof id !== 'string' || id.trim() === ''))
    throw invalid(store, 'an identifier is empty');
  if (predicate.properties.length > 0) throw invalid(store, 'single properties cannot be deleted');

  const clauses = [`${quoted(table.workspace)} = ${parameter(workspaceId)}`];
  if (sourceId !== null) clauses.push(`${column('source')} = ${parameter(sourceId)}`);
  if (spaceId !== null) clauses.push(`${column('space')} = ${parameter(spaceId)}`);
  if (projectId !== null) clauses.push(`${column('project')} = ${parameter(projectId)}`);
  if (users.length > 0) {
    if (table.user === undefined) throw invalid(store, `${table.table} names no column for user`);
    const anyColumn = table.user.map((name) => `${quoted(name)} = any (${parameter(users)})`);
    clauses.push(`(${anyColumn.join(' or ')})`);
  }
  if (events.length > 0) clauses.push(`${column('event')} = any (${parameter(events)})`);
  if (receivedFrom !== null) clauses.push(`${column('receivedAt')} >= ${parameter(receivedFrom)}`);
  if (receivedBefore !== null) clauses.push(`${column('receivedAt')} < ${parameter(receivedBefore)}`);
  return { sql: clauses.join(' and '), values };
}

/** Types on which `=` is exact. Not `citext` nor `character`: they take different ids for the same. */
const EXACT_TYPES = ['text', 'character varying', 'uuid', 'smallint', 'integer', 'bigint'];
const TIME_TYPES = ['timestamp with time zone', 'timestamp without time zone', 'date'];

const COLUMNS = `
  select attribute.attname as name, format_type(attribute.atttypid, null) as type, attribute.attnotnull as required,
    coalesce(pg_collation.collisdeterministic, true) as exact
  from pg_attribute attribute
  join pg_class class on class.oid = attribute.attrelid
  join pg_namespace namespace on namespace.oid = class.relnamespace
  left join pg_collation on pg_collation.oid = attribute.attcollation
  where namespace.nspname = $1 and class.relname = $2 and class.relkind in ('r', 'p')
    and attribute.attnum > 0 and not attribute.attisdropped`;

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly exact: boolean;
}

/** Looks once at the table itself: is it one, and are its columns of types on which matching is exact? */
async function checkColumns(store: OpenStore, table: StoreTable, client: pg.PoolClient): Promise<void> {
  if (store.checked.has(table.table)) return;
  const found = await client.query<ColumnRow>(COLUMNS, table.table.split('.'));
  if (found.rows.length === 0) throw invalid(store, `${table.table} is not a table that this role can see`);
  const columns = new Map(found.rows.map((row) => [row.name, row]));
  const { id, workspace, source, space, project, event, receivedAt, user = [] } = table;
  for (const name of [id, workspace, source, space, project, event, receivedAt, ...user]) {
    if (name === undefined) continue;
    const column = columns.get(name);
    if (column === undefined) throw invalid(store, `${table.table} has no column ${name}`);
    const types = name === receivedAt ? TIME_TYPES : EXACT_TYPES;
    if (!types.includes(column.type) || !column.exact) {
      throw invalid(store, `${table.table}.${name} has a type or collation that cannot be matched exactly`);
    }
  }
  // A row whose id is null is behind no checkpoint and would never be reached.
  if (columns.get(id)?.required !== true) throw invalid(store, `${table.table}.${id} may be null`);
  store.checked.add(table.table);
}

function tableOf(store: OpenStore, step: PlanStep): StoreTable {
  const table = store.definition.tables.find((candidate) => candidate.table === step.target);
  if (table === undefined || step.store !== store.definition.name || step.action !== 'delete') {
    throw invalid(store, 'a step is not one of this store');
  }
  return table;
}

/** Runs `work` in a transaction of its own connection. An abort drops the connection, which rolls back. */
async function inTransaction<T>(
  store: OpenStore,
  begin: string,
  signal: AbortSignal,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const client = await store.pool.connect().catch((error: unknown) => {
    throw storeError(store, error);
  });
  let held = true;
  const release = (destroy: boolean) => {
    if (held) client.release(destroy);
    held = false;
  };
  const drop = () => release(true);
  client.on('error', drop);
  signal.addEventListener('abort', drop, { once: true });
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    release(false);
    return result;
  } catch (error) {
    release(true);
    throw signal.aborted ? signal.reason : storeError(store, error);
  } finally {
    signal.removeEventListener('abort', drop);
    client.removeListener('error', drop);
  }
}

/** SQLSTATE classes that only a person can mend: the statement, its values, rights, constraints, the login. */
const FOR_A_PERSON = ['22', '23', '28', '3D', '3F', '42'];
const QUERY_CANCELED = '57014';

/**
 * Sorts what the driver throws. The driver's own message and details stay out of it, also as a cause: they can quote
 * the values of a row.
 */
function storeError(store: OpenStore, error: unknown): PurgedeskError {
  if (error instanceof PurgedeskError) return error;
  const code = String((error as { code?: unknown } | null)?.code ?? 'unknown').slice(0, 40);
  if (/^[0-9A-Z]{5}$/.test(code) && FOR_A_PERSON.includes(code.slice(0, 2))) {
    return new PurgedeskError('PD_STORE_INVALID', 'a store refused a statement', {
      details: { store: store.definition.name, sqlstate: code },
      remedy: 'Look up the SQLSTATE, then mend the store, its rights or its entry in the catalogue.',
    });
  }
  const reason = code === QUERY_CANCELED ? 'timeout' : 'failed';
  return new PurgedeskError('PD_STORE_FAILED', 'a store did not carry out a statement', {
    details: { store: store.definition.name, sqlstate: code, reason },
  });
}

function invalid(store: OpenStore, what: string): PurgedeskError {
  return new PurgedeskError('PD_STORE_INVALID', `store ${store.definition.name}: ${what}`, {
    details: { store: store.definition.name },
    remedy: 'Correct the entry of this store in the catalogue.',
  });
}

/** `schema.table` or a column, each part quoted. The catalogue lets plain identifiers through only. */
const quoted = (name: string): string =>
  name
    .split('.')
    .map((part) => pg.escapeIdentifier(part))
    .join('.');
