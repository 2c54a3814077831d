import { type ChildProcess, spawn } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PurgedeskError } from '../domain/errors.ts';
import { readPostmasterFile } from './postgres-lock.ts';
import type { Account } from './system-account.ts';

export interface Postmaster {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Not ready is a value: the caller knows whether another port may help. */
export type StartOutcome =
  | { readonly kind: 'ready'; readonly postmaster: Postmaster }
  | { readonly kind: 'exited'; readonly log: string; readonly exitCode: number | null };

interface Cluster {
  /** The staged binaries. */
  readonly root: string;
  readonly account: Account;
  readonly cluster: string;
  readonly fast: boolean;
}

/** Fills an empty folder with a new cluster whose superuser needs `password` on every connection. */
export async function runInitdb(options: Cluster & { user: string; password: string }): Promise<void> {
  const { account, cluster } = options;
  if (account.switched) await chown(cluster, account.uid, account.gid);
  const args = [
    '-D',
    cluster,
    '-U',
    options.user,
    '-A',
    // For tests, which connect thousands of times: most of such a connection is the exchange of hashes.
    options.fast ? 'password' : 'scram-sha-256',
    '--pwfile=/dev/stdin',
    '-E',
    'UTF8',
  ];
  // The built-in locale needs nothing of the system; C.UTF-8 of libc is missing on some.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
  if (options.fast) args.push('--no-sync', '-c', 'scram_iterations=1');
  // Node's pipes are sockets, which cannot be opened as /dev/stdin; cat makes a real pipe of it.
  const script = 'cat | "$@"';
  const child = spawn(
    'sh',
    ['-c', script, 'sh', join(options.root, 'bin', 'initdb'), ...args],
    spawnAs(account),
  );
  const log = tailOf(child);
  const exit = exitOf(child);
  child.stdin?.end(`${options.password}\n`);
  const exitCode = await exit;
  if (exitCode === 0) return;
  const reason =
    log()
      .split('\n')
      .findLast((line) => /error|fatal/i.test(line)) ?? 'it gave no reason';
  throw new PurgedeskError('PD_SANDBOX_FAILED', `cannot create a PostgreSQL cluster: ${reason}`, {
    details: { exitCode: exitCode ?? -1 },
    remedy: 'see whether the disk is full, or set DATABASE_URL',
  });
}

/** Starts the server and waits until it accepts connections, has exited, or START_DEADLINE_MS have passed. */
export async function spawnPostmaster(
  options: Cluster & { readonly port: number /** Beside loopback. */; readonly address?: string },
): Promise<StartOutcome> {
  const args = ['-D', options.cluster, ...settingsOf(options).flatMap((setting) => ['-c', setting])];
  const child = spawn('sh', ['-c', WATCHDOG, 'sh', join(options.root, 'bin', 'postgres'), ...args], {
    ...spawnAs(options.account),
    detached: true, // Ctrl-C in the terminal must reach us first: we drain, then stop it
  });
  const log = tailOf(child);
  let exitCode: number | null | undefined;
  const exit = exitOf(child).then((code) => {
    exitCode = code;
  });
  const pid = await firstLine(child, exit);
  const deadline = Date.now() + START_DEADLINE_MS;
  while (exitCode === undefined && Date.now() < deadline) {
    const file = await readPostmasterFile(options.cluster);
    if (file?.pid === pid && file.state === 'ready') {
      return { kind: 'ready', postmaster: { pid, stop: () => stop(child, pid, exit) } };
    }
    await sleep(READY_POLL_MS);
  }
  await stop(child, pid, exit);
  return { kind: 'exited', log: log(), exitCode: exitCode ?? null };
}

/** Crash recovery comes before readiness; 0.2 to 1.8 s were seen after a kill, a slow disk may need far more. */
const START_DEADLINE_MS = 60_000;
const READY_POLL_MS = 10;
/** Fast shutdown, then immediate, then kill: each step has this long. */
const STOP_STEP_MS = 10_000;
const LOG_TAIL_CHARS = 8_192;

/**
 * The shell holds our end of its standard input. When that closes, because we stopped or because we were killed, it
 * interrupts the server (fast shutdown). Its first line of output is the server's process number.
 */
const WATCHDOG =
  'exec 3<&0; "$@" 3<&- & p=$!; echo $p; (read _ <&3; kill -INT $p) 2>/dev/null & w=$!; wait $p; r=$?; kill $w 2>/dev/null; exit $r';

function settingsOf({ port, fast, address }: { port: number; fast: boolean; address?: string }): string[] {
  const settings = [
    `port=${port}`,
    `listen_addresses=127.0.0.1${address === undefined ? '' : `,${address}`}`,
    'unix_socket_directories=', // a socket needs a folder and a short path; TCP with a password needs neither
    'max_connections=200',
    'timezone=UTC',
    'log_timezone=UTC',
    'jit=off', // compiling costs more than it saves on small data
    'wal_level=minimal',
    'max_wal_senders=0',
  ];
  if (fast) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  return settings;
}

/** A clean environment: PGDATA, PGPORT and the like of the caller are not meant for this server. */
const spawnAs = (account: Account) => ({
  cwd: '/',
  env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
  ...(account.switched ? { uid: account.uid, gid: account.gid } : {}),
});

/** The exit code; `null` for a signal. A process that could not be spawned counts as exit 127, as in a shell. */
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code));
    child.stdin?.on('error', () => undefined); // its end may be gone already: the exit code tells
  });

/** Reads on, so that the server never blocks on a full pipe, and keeps the end for an error message. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-LOG_TAIL_CHARS);
  });
  return () => tail;
}

async function firstLine(child: ChildProcess, exit: Promise<void>): Promise<number> {
  let text = '';
  const line = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < 32) text += chunk;
      if (text.includes('\n')) resolve();
    });
  });
  await Promise.race([line, exit]);
  return Number.parseInt(text, 10);
}

async function stop(child: ChildProcess, pid: number, exit: Promise<void>): Promise<void> {
  child.stdin?.end();
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    if (await settlesWithin(exit, STOP_STEP_MS)) return;
    try {
      process.kill(pid, signal);
    } catch {
      // gone in the meantime
    }
  }
  await exit;
}

async function settlesWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  const abort = new AbortController();
  const late = sleep(ms, false, { signal: abort.signal }).catch(() => false);
  const won = await Promise.race([promise.then(() => true), late]);
  abort.abort();
  return won;
}
