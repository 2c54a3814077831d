import { type Connection, createConnection, createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { PurgedeskError } from '../../domain/errors.ts';
import type { Flavour } from './mysql-columns.ts';
import type { MysqlStoreDefinition } from './sql-catalogue.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const POOL_MAX = 4;
/** Below the 60 s after which the server ends an idle session. */
const IDLE_MS = 30_000;
const KILL_MS = 3_000;

export interface MysqlServer {
  readonly definition: MysqlStoreDefinition;
  readonly pool: Pool;
  /** Found out by the first transaction. */
  flavour: Flavour | null;
  /** Sessions that are being ended on the server. */
  readonly ending: Set<Promise<void>>;
}

export interface Work {
  readonly mode: 'read only' | 'read write';
  readonly seconds: number;
}

/** A count may take a minute, a batch 10 s. */
export const COUNT: Work = { mode: 'read only', seconds: 60 };
export const BATCH: Work = { mode: 'read write', seconds: 10 };

export function openServer(definition: MysqlStoreDefinition): MysqlServer {
  const pool = createPool({
    ...connectionOptions(definition),
    connectionLimit: POOL_MAX,
    maxIdle: POOL_MAX,
    idleTimeout: IDLE_MS,
  });
  // An idle connection that breaks is replaced by the next use; without a listener it would end the process.
  pool.pool.on('connection', (connection) => connection.on('error', () => undefined));
  return { definition, pool, flavour: null, ending: new Set() };
}

export async function closeServer({ pool, ending }: MysqlServer): Promise<void> {
  await Promise.all(ending);
  await pool.end();
}

/** Options of the driver from the parts of the URL: nothing in a URL reaches an option that is not named here. */
function connectionOptions({ url: text }: MysqlStoreDefinition) {
  const url = new URL(text);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(url.searchParams.get('ssl') === 'verify' && { ssl: { rejectUnauthorized: true } }),
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    jsonStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableKeepAlive: true,
    multipleStatements: false,
    maxPreparedStatements: 50,
    // A server that asks for a file of this machine gets none.
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: 'purgedesk purge' },
  };
}

/**
 * What each transaction runs under. Strict, so that no value is bent; times are UTC; a lock is waited for 2 s at most;
 * a session that its client has forgotten ends by itself. `sql_mode` is set whole: it decides how a statement is read.
 */
const SETTINGS = `set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
  innodb_lock_wait_timeout = 2, lock_wait_timeout = 2, wait_timeout = 60, foreign_key_checks = 1`;

/** MySQL limits reading statements only; what it has no limit for is ended from here. */
const settings = (flavour: Flavour, { seconds }: Work): string =>
  flavour === 'mariadb'
    ? `${SETTINGS}, idle_transaction_timeout = 20, max_statement_time = ${seconds}`
    : `${SETTINGS}, max_execution_time = ${seconds * 1_000}`;

/** Read committed: locks stay on what is deleted, and no gap is locked in which customers want to insert. */
const ISOLATION = 'set session transaction isolation level read committed';

/** How much later than the server this side gives up on a transaction. */
const GRACE_MS = 5_000;

/**
 * Runs `task` in a transaction of its own connection. An abort and a time-out drop the connection and end its session on
 * the server, which rolls back.
 */
export async function inTransaction<T>(
  server: MysqlServer,
  work: Work,
  signal: AbortSignal,
  task: (connection: Connection, flavour: Flavour) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(CONNECT_TIMEOUT_MS + work.seconds * 1_000 + GRACE_MS);
  const end = AbortSignal.any([signal, limit]);
  const connection = await acquire(server, end).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : storeError(server, limit.aborted ? OUT_OF_TIME : error);
  });
  const { threadId } = connection;
  try {
    const run = async () => {
      server.flavour ??= await flavourOf(connection);
      await connection.query(settings(server.flavour, work));
      await connection.query(ISOLATION);
      await connection.query(`start transaction ${work.mode}`);
      const result = await task(connection, server.flavour);
      await connection.query('commit');
      return result;
    };
    const result = await orAbort(run(), end);
    connection.release();
    return result;
  } catch (error) {
    connection.destroy(); // Before anything else, so that nothing more is sent, least of all a commit.
    if (!end.aborted) throw storeError(server, error);
    await endSession(server, threadId);
    throw signal.aborted ? signal.reason : storeError(server, OUT_OF_TIME);
  }
}

const OUT_OF_TIME = { errno: 3024, sqlState: 'HY000' };

async function acquire(server: MysqlServer, end: AbortSignal) {
  const waiting = server.pool.getConnection();
  return orAbort(waiting, end).catch((error: unknown) => {
    if (end.aborted) waiting.then((connection) => connection.destroy()).catch(() => undefined);
    throw error;
  });
}

/** The same promise, or a rejection as soon as the signal aborts. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function flavourOf(connection: Connection): Promise<Flavour> {
  const [[row]] = await connection.query<RowDataPacket[]>('select version() as version');
  return /mariadb/i.test(String(row?.version)) ? 'mariadb' : 'mysql';
}

/** A session notices that its connection is gone only when its statement ends: this ends it now, if it can be reached. */
async function endSession(server: MysqlServer, threadId: number): Promise<void> {
  const ending = killSession(server, threadId)
    .catch(() => undefined)
    .finally(() => server.ending.delete(ending));
  server.ending.add(ending);
  await Promise.race([ending, new Promise((resolve) => setTimeout(resolve, KILL_MS).unref())]);
}

async function killSession({ definition }: MysqlServer, threadId: number): Promise<void> {
  if (!Number.isSafeInteger(threadId) || threadId < 1) return;
  const connection = await createConnection({
    ...connectionOptions(definition),
    connectTimeout: KILL_MS,
  });
  try {
    await connection.query(`kill ${threadId}`);
  } finally {
    connection.destroy();
  }
}

/** A limit of the server's that a smaller batch may keep: statement time, and locks that fit no more into memory. */
const TOO_MUCH = [1206, 1969, 3024];
/** What passes although its SQLSTATE is that of a refused statement: too many connections of one user, or queries. */
const PASSES = [1203, 1226];
/**
 * What only a person can mend although its SQLSTATE is a general one: character sets, too many parameters, the binary
 * log's format, texts that are no JSON.
 */
const FOR_A_PERSON_BY_NUMBER = [1267, 1364, 1366, 1390, 1665, 4036, 4037, 4038, 4039, 4040];
/** SQLSTATE classes that only a person can mend: the statement, its values, rights, constraints, the login. */
const FOR_A_PERSON = ['21', '22', '23', '28', '3D', '42', '44'];
const DEADLOCK = 1213;

/**
 * Sorts what the driver throws. The driver's own message and details stay out of it, also as a cause: they can quote the
 * values of a row.
 */
function storeError({ definition }: MysqlServer, error: unknown): PurgedeskError {
  if (error instanceof PurgedeskError) return error;
  const { errno, sqlState } = (error ?? {}) as { errno?: unknown; sqlState?: unknown };
  const number = typeof errno === 'number' ? errno : 0;
  const sqlstate = String(sqlState ?? 'unknown').slice(0, 40);
  const details = { store: definition.name, sqlstate, errno: number };
  const refused = FOR_A_PERSON.includes(sqlstate.slice(0, 2)) && /^[0-9A-Z]{5}$/.test(sqlstate);
  if ((refused && !PASSES.includes(number)) || FOR_A_PERSON_BY_NUMBER.includes(number)) {
    return new PurgedeskError('PD_STORE_INVALID', 'a store refused a statement', {
      details,
      remedy:
        'Look up the SQLSTATE and number, then mend the store, its rights or its entry in the catalogue.',
    });
  }
  const reason = TOO_MUCH.includes(number) ? 'timeout' : 'failed';
  return new PurgedeskError('PD_STORE_FAILED', 'a store did not carry out a statement', {
    details: { ...details, reason },
  });
}

/** Two transactions held what the other one wanted; this one was rolled back whole and may simply begin again. */
export const isDeadlock = (error: unknown): boolean =>
  error instanceof PurgedeskError && error.details.errno === DEADLOCK;
