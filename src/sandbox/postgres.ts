import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { PurgedeskError } from '../domain/errors.ts';
import { keepFile, readIfThere } from './keep-file.ts';
import { freePort } from './ports.ts';
import { removeAbandoned, type StagedPostgres, stagePostgres } from './postgres-binaries.ts';
import { clearStaleLock } from './postgres-lock.ts';
import { hasCluster, passwordFile, placeCluster } from './postgres-place.ts';
import { type Postmaster, runInitdb, spawnPostmaster } from './postgres-process.ts';
import { type Account, databaseAccount } from './system-account.ts';

export interface PostgresOptions {
  /** Made if missing; holds the password and, where the server's account can reach it, the cluster. */
  readonly dataDir: string;
  /** No fsync: for tests, where a lost cluster costs nothing. */
  readonly fast?: boolean;
  /** Stops the server, also while it starts. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedPostgres {
  /** postgres:// URL of the database `purgedesk` with its superuser. Holds the password: never log it. */
  readonly url: string;
  readonly pid: number;
  /** Ends every session and the server; resolves when its process is gone. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on 127.0.0.1 at a free port, with the data of the last time if there is any. The server ends with
 * this process, however that ends. As root it runs under another account; where that one cannot reach `dataDir`, as
 * below a folder of mode 0700, the cluster is kept under the temporary folder, named after a hash of `dataDir`'s path.
 * @throws PurgedeskError PD_SANDBOX_UNAVAILABLE without binaries for this machine, PD_SANDBOX_FAILED when it cannot start
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const account = await databaseAccount();
  const staged = await stagePostgres(account);
  // Root's own 0700 would shut out the account that runs the server.
  await mkdir(options.dataDir, { recursive: true, mode: account.switched ? 0o711 : 0o700 });
  const cluster = await placeCluster(options.dataDir, staged.clusters, account);
  const isNew = !(await hasCluster(cluster, staged.major));
  const password = await keepPassword(options.dataDir, isNew);
  const parts = { staged, account, cluster, fast: options.fast === true };
  if (isNew) await createCluster(parts, password);
  options.signal?.throwIfAborted();
  await clearStaleLock(cluster);
  const server = await startOnFreePort(parts);
  options.signal?.addEventListener('abort', () => void server.stop(), { once: true });
  const url = await firstConnection(urlOf(password, server.port), cluster).catch(async (error: unknown) => {
    await server.stop();
    options.signal?.throwIfAborted();
    throw error;
  });
  return { url, pid: server.pid, stop: () => server.stop() };
}

/**
 * Creates a database on the server of `url` unless it is there.
 * @returns the URL of that database
 */
export async function ensureDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const target = new URL(url);
  target.pathname = `/${name}`;
  return target.href;
}

const USER = 'purgedesk';
const DRAFT = '.new-';
const START_TRIES_MAX = 5;

interface Parts {
  readonly staged: StagedPostgres;
  readonly account: Account;
  readonly cluster: string;
  readonly fast: boolean;
}

/** The superuser's password, 0600: on a shared machine every user can connect to 127.0.0.1. */
async function keepPassword(dataDir: string, mayCreate: boolean): Promise<string> {
  const file = passwordFile(dataDir);
  if (mayCreate) return keepFile(file, async () => randomBytes(24).toString('base64url'));
  const kept = await readIfThere(file);
  if (kept !== null) return kept;
  throw new PurgedeskError('PD_SANDBOX_FAILED', `${file} is missing: its cluster cannot be opened`, {
    remedy: 'put the file back, or move the folder away to start afresh',
  });
}

/** Made under a name of its own and renamed when whole, so that a kill in between leaves nothing half-made in use. */
async function createCluster(parts: Parts, password: string): Promise<void> {
  const { staged, account, cluster, fast } = parts;
  await removeAbandoned(dirname(cluster), `${basename(cluster)}${DRAFT}`);
  const draft = await mkdtemp(`${cluster}${DRAFT}`);
  try {
    await runInitdb({ root: staged.root, account, cluster: draft, fast, user: USER, password });
    await rename(draft, cluster);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // else another process was first
  }
}

async function startOnFreePort(parts: Parts): Promise<Postmaster & { readonly port: number }> {
  const { staged, account, cluster, fast } = parts;
  for (let tried = 1; ; tried++) {
    const port = await freePort();
    const outcome = await spawnPostmaster({ root: staged.root, account, cluster, port, fast });
    if (outcome.kind === 'ready') return { ...outcome.postmaster, port };
    // Between the look for a free port and its use another process may take it.
    const isTaken = /could not bind|Address already in use|could not create any TCP/i.test(outcome.log);
    if (!isTaken || tried === START_TRIES_MAX) throw startFailure(cluster, outcome);
    await sleep(50 * tried);
  }
}

function startFailure(cluster: string, outcome: { log: string; exitCode: number | null }): PurgedeskError {
  const fatal = outcome.log.split('\n').findLast((line) => /\b(FATAL|PANIC):/.test(line));
  const reason = fatal?.replace(/^.*?\b(FATAL|PANIC):\s*/, '') ?? 'it gave no reason';
  return new PurgedeskError('PD_SANDBOX_FAILED', `PostgreSQL did not start on ${cluster}: ${reason}`, {
    details: { exitCode: outcome.exitCode ?? -1 },
    remedy: 'move that folder away to start afresh, or set DATABASE_URL',
  });
}

async function firstConnection(url: string, cluster: string): Promise<string> {
  try {
    return await ensureDatabase(url, 'purgedesk');
  } catch (cause) {
    throw new PurgedeskError(
      'PD_SANDBOX_FAILED',
      `PostgreSQL on ${cluster} runs but refuses our connection`,
      {
        remedy: 'move that folder and the password file away to start afresh, or set DATABASE_URL',
        cause,
      },
    );
  }
}

const urlOf = (password: string, port: number): string =>
  `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
