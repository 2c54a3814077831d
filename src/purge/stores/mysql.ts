import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import type { PlanStep } from '../../domain/plan.ts';
import type { Erased, EraseOptions, Store, StoreCheckpoint } from '../store.ts';
import { type Flavour, readTable, type TableFacts } from './mysql-columns.ts';
import {
  changeStatement,
  countStatement,
  type Dialect,
  idsStatement,
  type Statement,
} from './mysql-statements.ts';
import {
  BATCH,
  COUNT,
  closeServer,
  inTransaction,
  isDeadlock,
  type MysqlServer,
  openServer,
} from './mysql-transaction.ts';
import type { MysqlStoreDefinition, StoreTable } from './sql-catalogue.ts';
import { invalid, type SqlStep, sqlStep } from './sql-steps.ts';

/** How often in a row a batch may be the victim of a deadlock before the step is tried again later. */
const DEADLOCKS_MAX = 3;
/** How often a text may repeat a key: one copy goes at a time. */
const COPIES_MAX = 32;
/** Servers read a list of some ten thousand as the whole table, and a statement takes 65,535 parameters at most. */
const IDS_A_STATEMENT = 1_000;

/**
 * A MySQL or MariaDB database. Batches walk along the id column; each is one transaction that looks for the next ids and
 * then changes the rows that have them. Values are parameters of statements that the server prepares, never part of their
 * text; identifiers were checked and are quoted; every change repeats the whole predicate beside the ids.
 */
export function openMysqlStore(definition: MysqlStoreDefinition): Store {
  const store: OpenStore = { definition, server: openServer(definition), facts: new Map() };
  let closing: Promise<void> | null = null;
  return {
    name: definition.name,
    rehearse: (step, signal) => countMatches(store, step, signal),
    countRemaining: (step, signal) => countMatches(store, step, signal),
    erase: (step, checkpoint, options) => eraseBatch(store, step, checkpoint, options),
    close: () => {
      closing ??= closeServer(store.server);
      return closing;
    },
  };
}

interface OpenStore {
  readonly definition: MysqlStoreDefinition;
  readonly server: MysqlServer;
  /** By table, once it was found to be what the catalogue takes it for. */
  readonly facts: Map<string, TableFacts>;
}

async function countMatches(store: OpenStore, planned: PlanStep, signal: AbortSignal): Promise<number> {
  const step = sqlStep(store.definition, planned);
  return inTransaction(store.server, COUNT, signal, async (connection, flavour) => {
    const dialect = await dialectOf(store, step.table, connection, flavour);
    const [row] = await rowsOf(connection, countStatement(dialect, step));
    if (Number(row?.broken) > 0) {
      throw invalid(store.definition, `${step.table.table} has rows whose properties are not JSON`);
    }
    return Number(row?.matches);
  });
}

async function eraseBatch(
  store: OpenStore,
  planned: PlanStep,
  checkpoint: StoreCheckpoint,
  options: EraseOptions,
): Promise<Erased> {
  const step = sqlStep(store.definition, planned);
  if (checkpoint !== null && typeof checkpoint !== 'string') {
    throw invalid(store.definition, 'a checkpoint is not an id');
  }
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      const { lockedFrom, ...erased } = await inTransaction(
        store.server,
        BATCH,
        options.signal,
        async (connection, flavour) => {
          const dialect = await dialectOf(store, step.table, connection, flavour);
          return changeBatch(connection, dialect, step, { after: checkpoint, limit: options.limit });
        },
      );
      return { ...erased, ...(lockedFrom !== null && { lockedMs: performance.now() - lockedFrom }) };
    } catch (error) {
      if (!isDeadlock(error) || deadlocks >= DEADLOCKS_MAX) throw error;
    }
  }
}

async function changeBatch(
  connection: Connection,
  dialect: Dialect,
  step: SqlStep,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Erased & { readonly lockedFrom: number | null }> {
  const found = await rowsOf(connection, idsStatement(dialect, step, after, limit));
  const ids = found.map((row) => String(row.next_id));
  const lockedFrom = ids.length === 0 ? null : performance.now();
  let deleted = 0;
  for (let from = 0; from < ids.length; from += IDS_A_STATEMENT) {
    const change = changeStatement(dialect, step, ids.slice(from, from + IDS_A_STATEMENT));
    const changed = await changedBy(connection, change);
    deleted += changed;
    if (changed > 0 && step.clearings.length > 0) await clearCopies(connection, dialect, change);
  }
  return { deleted, checkpoint: ids.at(-1) ?? after, done: ids.length < limit, lockedFrom };
}

/** A row from which a property was cleared must not hold it any more; of a key that stands twice, one went. */
async function clearCopies(connection: Connection, { store }: Dialect, change: Statement): Promise<void> {
  for (let copies = 1; copies < COPIES_MAX; copies++) {
    if ((await changedBy(connection, change)) === 0) return;
  }
  throw invalid(store, 'a row still holds what was cleared from it');
}

async function dialectOf(
  store: OpenStore,
  table: StoreTable,
  connection: Connection,
  flavour: Flavour,
): Promise<Dialect> {
  const known = store.facts.get(table.table);
  const facts = known ?? (await readTable(store.definition, table, connection, flavour));
  store.facts.set(table.table, facts);
  return { store: store.definition, facts, flavour };
}

async function rowsOf(connection: Connection, { sql, values }: Statement): Promise<RowDataPacket[]> {
  const [rows] = await connection.execute<RowDataPacket[]>(sql, [...values]);
  return rows;
}

async function changedBy(connection: Connection, { sql, values }: Statement): Promise<number> {
  const [result] = await connection.execute<ResultSetHeader>(sql, [...values]);
  return result.affectedRows;
}
