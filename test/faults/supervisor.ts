/** A desk that is started again whenever it ends, as a service manager does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeskProcess, type Settings, spawnDesk } from '../flow/desk-process.ts';

export interface Supervised extends AsyncDisposable {
  /** The process that runs now, or is about to start. */
  desk(): DeskProcess;
  /** How often it was started. */
  starts(): number;
  /** Ends that nobody here asked for, with the last words. */
  readonly ownEnds: readonly string[];
  /** Kills the running process; the next one starts by itself. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

/** systemd's RestartSec of 100 ms. */
const RESTART_MS = 100;

export function supervise(settings: Settings): Supervised {
  let wanted = true;
  let starts = 1;
  let desk = spawnDesk(settings);
  const killed = new Set<DeskProcess>();
  const ownEnds: string[] = [];
  const watch = async (): Promise<void> => {
    while (true) {
      const ended = desk;
      const { code, signal } = await ended.exit;
      if (!wanted) return;
      if (!killed.delete(ended))
        ownEnds.push(`ended with ${signal ?? code}\n${ended.output().slice(-2_000)}`);
      await sleep(RESTART_MS);
      if (!wanted) return;
      starts += 1;
      desk = spawnDesk(settings);
    }
  };
  const watching = watch();
  return {
    desk: () => desk,
    starts: () => starts,
    ownEnds,
    kill: async (signal) => {
      const victim = desk;
      if (victim.ended() !== null) return;
      killed.add(victim);
      victim.kill(signal);
      await victim.exit;
    },
    [Symbol.asyncDispose]: async () => {
      wanted = false;
      desk.kill('SIGKILL');
      await desk.exit;
      await watching;
    },
  };
}
