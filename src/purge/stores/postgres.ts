import pg from 'pg';
import { PurgedeskError } from '../../domain/errors.ts';
import type { PlanStep } from '../../domain/plan.ts';
import type { Erased, EraseOptions, Store, StoreCheckpoint } from '../store.ts';
import { runBatch } from './postgres-batch.ts';
import { checkColumns, type TableFacts } from './postgres-columns.ts';
import { countStatement } from './postgres-statements.ts';
import type { PostgresStoreDefinition, StoreTable } from './sql-catalogue.ts';
import { refuseInexactStep } from './sql-ids.ts';
import { invalid, type SqlStep, sqlStep } from './sql-steps.ts';

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
 * A PostgreSQL database. Batches walk along the id column, or take what an index on the workspace leads to; each is one
 * transaction. Every value is a parameter, every identifier was checked and is quoted, and every change repeats the whole
 * predicate beside the ids or places.
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
  const store: OpenStore = { definition, pool, checked: new Map() };
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
  readonly checked: Map<string, TableFacts>;
}

async function countMatches(store: OpenStore, planned: PlanStep, signal: AbortSignal): Promise<number> {
  const step = sqlStep(store.definition, planned);
  const { sql, values } = countStatement(step);
  return inTransaction(store, BEGIN_COUNT, signal, async (client) => {
    await factsFor(store, step, client);
    const found = await client.query<{ matches: string }>(sql, [...values]);
    return Number(found.rows[0]?.matches);
  });
}

async function eraseBatch(
  store: OpenStore,
  planned: PlanStep,
  checkpoint: StoreCheckpoint,
  { limit, signal }: EraseOptions,
): Promise<Erased> {
  const step = sqlStep(store.definition, planned);
  if (checkpoint !== null && typeof checkpoint !== 'string') {
    throw invalid(store.definition, 'a checkpoint is not an id');
  }
  const { lockedFrom, ...erased } = await inTransaction(store, BEGIN_BATCH, signal, async (client) => {
    const facts = await factsFor(store, step, client);
    const batch = await runBatch(client, step, facts, { checkpoint, limit });
    // Before the commit, so that nothing is deleted: with a repeated id a batch has no bound.
    if (batch.deleted > limit) {
      throw invalid(store.definition, `${step.table.table}.${step.table.id} is not unique`);
    }
    return batch;
  });
  return { ...erased, lockedMs: performance.now() - lockedFrom };
}

/** Looks at the table, and then at what the step compares its columns with: the server itself would cast it. */
async function factsFor(store: OpenStore, step: SqlStep, client: pg.PoolClient): Promise<TableFacts> {
  const facts = await checkOnce(store, step.table, client);
  refuseInexactStep(store.definition, step, facts.forms);
  return facts;
}

async function checkOnce(store: OpenStore, table: StoreTable, client: pg.PoolClient): Promise<TableFacts> {
  const known = store.checked.get(table.table);
  if (known !== undefined) return known;
  const facts = await checkColumns(store.definition, table, client);
  store.checked.set(table.table, facts);
  return facts;
}

/**
 * Runs `work` in a transaction of its own connection. An abort drops the connection and ends its session, which rolls
 * back; one that comes with the commit waits for its outcome, so that nothing goes after this has ended.
 */
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
  const breakOff = () => {
    drop();
    endSession(store, client);
  };
  client.on('error', drop);
  signal.addEventListener('abort', breakOff, { once: true });
  try {
    await client.query(begin);
    const result = await work(client);
    signal.throwIfAborted();
    signal.removeEventListener('abort', breakOff);
    await client.query('commit');
    release(false);
    return result;
  } catch (error) {
    release(true);
    throw signal.aborted ? signal.reason : storeError(store, error);
  } finally {
    signal.removeEventListener('abort', breakOff);
    client.removeListener('error', drop);
  }
}

/**
 * A server notices that a client is gone when it next writes to it: until then the statement would go on and hold its
 * locks. Best effort.
 */
function endSession({ pool }: OpenStore, client: pg.PoolClient): void {
  const { processID } = client as unknown as { readonly processID: number | null };
  pool.query('select pg_terminate_backend($1)', [processID]).catch(() => undefined);
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
