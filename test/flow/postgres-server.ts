/** A PostgreSQL server of its own, reached by URL as any other, on a port that it keeps over restarts. */

import { randomBytes } from 'node:crypto';
import { appendFile, chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../src/sandbox/ports.ts';
import { stagePostgres } from '../../src/sandbox/postgres-binaries.ts';
import { type Postmaster, runInitdb, spawnPostmaster } from '../../src/sandbox/postgres-process.ts';
import { databaseAccount } from '../../src/sandbox/system-account.ts';
import { until } from './until.ts';

export interface PostgresServer {
  urlOf(database: string): string;
  /** A new database with the content of `template`, in which nobody may be connected. */
  createDatabase(name: string, template?: string): Promise<string>;
  /** An immediate shutdown: every session is cut off and nothing is tidied up. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const USER = 'purgedesk';

const LOOPBACK = '127.0.0.1';

/**
 * Durable as in production: what a crash test is about must not be switched off.
 * @param address - where clients of other hosts reach it; it listens on loopback in any case
 */
export async function startPostgresServer(folder: string, address = LOOPBACK): Promise<PostgresServer> {
  const account = await databaseAccount();
  const { root } = await stagePostgres(account);
  await chmod(folder, 0o711); // as root the server runs under another account
  const cluster = join(folder, 'postgres');
  await mkdir(cluster, { mode: 0o700 });
  const password = randomBytes(16).toString('hex');
  await runInitdb({ root, account, cluster, fast: false, user: USER, password });
  const port = await freePort();
  const abroad = address === LOOPBACK ? {} : { address };
  if (address !== LOOPBACK)
    await appendFile(join(cluster, 'pg_hba.conf'), `host all all ${address}/24 scram-sha-256\n`);
  let server: Postmaster | null = null;
  const start = async () => {
    server = await until('PostgreSQL starts', async () => {
      const outcome = await spawnPostmaster({ root, account, cluster, port, fast: false, ...abroad });
      return outcome.kind === 'ready' ? outcome.postmaster : null;
    });
  };
  await start();
  const urlOf = (database: string) => `postgres://${USER}:${password}@${address}:${port}/${database}`;
  return {
    urlOf,
    createDatabase: async (name, template = 'template0') => {
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      try {
        await client.query(`create database ${name} template ${template}`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    crash: async () => {
      const crashed = server;
      if (crashed === null) return;
      process.kill(crashed.pid, 'SIGQUIT');
      await until('PostgreSQL has gone', async () => isGone(crashed.pid));
    },
    start,
    stop: async () => {
      await server?.stop();
    },
  };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
