/** The program as it is run: child processes of `node src/bin.ts`. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { COMPILED } from '../support/compile-cache.ts';
import { spawnLeashed, tailOf } from './child.ts';
import { until } from './until.ts';

const BIN = fileURLToPath(new URL('../../src/bin.ts', import.meta.url));

const PROGRAM = [process.execPath, ...COMPILED, BIN];
const PLAIN = { PATH: process.env.PATH ?? '' };

/** Every setting that a desk has, by name; nothing else of ours reaches it. */
export type Settings = Readonly<Record<string, string>>;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DeskProcess {
  readonly pid: number | undefined;
  /** Settles when the process has ended. */
  readonly exit: Promise<Exit>;
  /** `null` while it runs. */
  ended(): Exit | null;
  kill(signal: NodeJS.Signals): void;
  /** The end of what it printed and logged. */
  output(): string;
}

export interface Spawning {
  /** What comes behind `purgedesk serve`. */
  readonly args?: readonly string[];
  /** Beside the settings of the scene. */
  readonly settings?: Settings;
  /** The command that starts it, as another host would: `ip netns exec NAME`. */
  readonly through?: readonly string[];
}

/** Starts `purgedesk serve` and returns at once: it may die at a crash point before it is ready. */
export function spawnDesk(
  settings: Settings,
  { args = [], through = [], settings: more = {} }: Spawning = {},
): DeskProcess {
  const command = [...through, ...PROGRAM, 'serve', ...args];
  const child = spawnLeashed(command, { ...PLAIN, ...settings, ...more });
  const output = tailOf(child);
  let ended: Exit | null = null;
  const exit = once(child, 'close').then(([code, signal]: unknown[]): Exit => {
    ended = { code: code as Exit['code'], signal: signal as Exit['signal'] };
    return ended;
  });
  return {
    pid: child.pid,
    exit,
    ended: () => ended,
    kill: (signal) => {
      child.kill(signal);
    },
    output,
  };
}

/** Where the web of a desk that runs is reached, as it has said. */
export function urlOf(desk: DeskProcess): string {
  const url = /purgedesk is running[^:]*: (http:\/\/\S+)/.exec(desk.output())?.[1];
  if (url === undefined) throw new Error(`the desk does not say where it is:\n${desk.output()}`);
  return url;
}

/** Waits until the desk says that it runs. @throws Error with its output when it ends before */
export async function untilReady(desk: DeskProcess): Promise<DeskProcess> {
  await until(
    'the desk runs',
    async () => desk.ended() !== null || desk.output().includes('purgedesk is running'),
    async () => desk.output(),
  );
  if (desk.ended() !== null) throw new Error(`the desk ended at its start:\n${desk.output()}`);
  return desk;
}

/** Runs one short command to its end. */
export async function runCommand(
  settings: Settings,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawnLeashed([...PROGRAM, ...args], { ...PLAIN, ...settings });
  const output = tailOf(child);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}
