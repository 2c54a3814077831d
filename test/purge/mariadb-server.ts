import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open as openFile, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from '../../src/sandbox/ports.ts';

const run = promisify(execFile);

const DAEMON = 'mariadbd';

/** A MariaDB server of its own on loopback, which ends with the test. */
export interface MariadbServer extends AsyncDisposable {
  readonly port: number;
  /** URL of an empty database. */
  emptyDatabase(): Promise<string>;
  /** The rows of one statement, as the server's own administrator. */
  query(sql: string, database?: string): Promise<RowDataPacket[]>;
  /** A connection of the administrator's own, for transactions. */
  connect(database: string): Promise<Connection>;
  /** Ends the server at once, whatever it is doing. */
  kill(): Promise<void>;
  /** Starts it again on its data and waits until it answers. */
  start(): Promise<void>;
}

/** @throws Error when the package mariadb-server is not installed */
export async function startMariadb(): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mariadb-'));
  const port = await freePort();
  const log = join(folder, 'server.log');
  let server: ChildProcess | null = null;
  let databases = 0;

  const open = (database: string) =>
    createConnection({
      ...{ host: '127.0.0.1', port, user: 'root', charset: 'utf8mb4', database },
      ...{ multipleStatements: true, jsonStrings: true, dateStrings: true },
    });
  const query = async (sql: string, database = '') => {
    const connection = await open(database);
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      return rows;
    } finally {
      connection.destroy();
    }
  };
  const kill = async () => {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const start = async () => {
    const output = await openFile(log, 'a');
    const child = spawn(DAEMON, serverArguments(folder, port), {
      stdio: ['ignore', output.fd, output.fd],
    });
    await once(child, 'spawn').finally(() => output.close());
    server = child;
    await untilOpen(port, child, log);
  };
  const stop = async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await run('mariadb-install-db', installArguments(folder), { timeout: 60_000 });
    await start();
  } catch (error) {
    await stop();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      'this suite needs MariaDB, which is not installed: apt-get install -y --no-install-recommends mariadb-server',
    );
  }
  return {
    port,
    query,
    connect: async (database) => {
      const connection = await open(database);
      connection.on('error', () => undefined);
      return connection;
    },
    kill,
    start,
    emptyDatabase: async () => {
      databases += 1;
      await query(`create database test_${databases} character set utf8mb4`);
      return `mysql://root@127.0.0.1:${port}/test_${databases}`;
    },
    [Symbol.asyncDispose]: stop,
  };
}

const installArguments = (folder: string): string[] => [
  '--no-defaults',
  `--datadir=${join(folder, 'data')}`,
  `--user=${userInfo().username}`,
  '--auth-root-authentication-method=normal',
  '--skip-name-resolve',
  '--skip-test-db',
];

/** A small server; what was committed survives the end of its process, which is what tests of a kill look at. */
const serverArguments = (folder: string, port: number): string[] => [
  '--no-defaults',
  `--datadir=${join(folder, 'data')}`,
  `--user=${userInfo().username}`,
  `--socket=${join(folder, 'socket')}`,
  `--pid-file=${join(folder, 'pid')}`,
  `--port=${port}`,
  '--bind-address=127.0.0.1',
  '--skip-name-resolve',
  '--innodb-buffer-pool-size=64M',
  '--innodb-log-file-size=16M',
  '--innodb-flush-log-at-trx-commit=2',
  '--performance-schema=off',
  '--max-connections=60',
];

async function untilOpen(port: number, server: ChildProcess, log: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    if (server.exitCode !== null || server.signalCode !== null) break;
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'data').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
  }
  throw new Error(`MariaDB did not start:\n${(await readFile(log, 'utf8')).slice(-2_000)}`);
}
