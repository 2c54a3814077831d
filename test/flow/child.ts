/** Servers and desks that must not outlive the tests, however those end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** The shell holds our end of its standard input; when that closes, it ends the server. Its first line is the pid. */
const WATCHDOG =
  'exec 3<&0; "$@" 3<&- & p=$!; echo $p; (read _ <&3; kill -TERM $p) 2>/dev/null & w=$!; wait $p; kill $w 2>/dev/null';

export interface ServerProcess {
  readonly pid: number;
  /** Resolves when the process has gone. */
  readonly gone: Promise<void>;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** The end of its output. */
  output(): string;
}

export async function startServer(command: string, args: readonly string[]): Promise<ServerProcess> {
  const child = spawn('sh', ['-c', WATCHDOG, 'sh', command, ...args], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const tail = tailOf(child);
  const gone = once(child, 'close').then(() => undefined);
  child.stdin.on('error', () => undefined); // it may be gone: `gone` tells
  const pid = await firstNumber(child);
  return {
    pid,
    gone,
    output: tail,
    stop: async () => {
      child.stdin.end();
      await gone;
    },
  };
}

/**
 * The shell becomes the program, so that its pid and whatever is signalled are the program's. What it leaves behind waits
 * at our end of a pipe for a word: when none comes, whoever started the program has gone, and it is killed, also when it
 * is stopped or hangs.
 */
const LEASH = '( (read -r _ <&3 || kill -KILL $$) >/dev/null 2>&1 & ); exec "$@" 3<&-';

/** Starts a program that is killed when this process ends, in whatever way. Nothing of our environment reaches it. */
export function spawnLeashed(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const child = spawn('/bin/sh', ['-c', LEASH, 'sh', ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const leash = child.stdio[3] as Writable;
  leash.on('error', () => undefined); // whoever held the other end has gone
  // The number of a process that has ended may soon be another's.
  child.once('exit', () => leash.end('\n'));
  return child;
}

const TAIL_CHARS = 16_384;

/** Reads on, so that the process never blocks on a full pipe, and keeps the end for failures. */
export function tailOf(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      tail = (tail + chunk).slice(-TAIL_CHARS);
    });
  }
  return () => tail;
}

async function firstNumber(child: ChildProcess): Promise<number> {
  let text = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk: string) => {
    if (text.length < 32) text += chunk;
    if (text.includes('\n')) resolve();
  });
  child.once('close', () => resolve());
  await promise;
  return Number.parseInt(text, 10);
}
