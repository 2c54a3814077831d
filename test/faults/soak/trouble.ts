/** F02, F09 and F19 at random, by the seed, until told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '../../flow/postgres-server.ts';
import type { Random } from '../random.ts';
import type { Supervised } from '../supervisor.ts';
import type { TcpProxy } from '../tcp-proxy.ts';

export interface Trouble {
  readonly counts: { kills: number; terms: number; cuts: number; restarts: number };
  /** Ends when no fault runs any more. */
  stop(): Promise<void>;
}

interface Scenery {
  readonly desks: readonly Supervised[];
  readonly imap: TcpProxy;
  readonly postgres: PostgresServer;
  readonly random: Random;
  /** Mean milliseconds between two faults of a kind. */
  readonly means: { readonly kill: number; readonly cut: number; readonly restart: number };
  /** Which desks may be killed now. */
  readonly mortal: () => readonly Supervised[];
}

export function makeTrouble({ imap, postgres, random, means, mortal }: Scenery): Trouble {
  const ending = new AbortController();
  const counts = { kills: 0, terms: 0, cuts: 0, restarts: 0 };
  const every = async (mean: number, fault: () => Promise<void>): Promise<void> => {
    while (!ending.signal.aborted) {
      await sleep(random.wait(mean), undefined, { signal: ending.signal }).catch(() => undefined);
      if (!ending.signal.aborted) await fault();
    }
  };
  const running = [
    every(means.kill, async () => {
      const politely = random.chance(0.2);
      await random.pick(mortal()).kill(politely ? 'SIGTERM' : 'SIGKILL');
      counts[politely ? 'terms' : 'kills'] += 1;
    }),
    every(means.cut, async () => {
      // Now, or in the middle of what comes next.
      if (random.chance(0.5)) counts.cuts += imap.sever(random.chance(0.5));
      else {
        imap.next({ cutAfter: { toClient: random.below(30_000) }, reset: random.chance(0.5) });
        counts.cuts += imap.sever() + 1;
      }
    }),
    every(means.restart, async () => {
      await postgres.crash();
      await postgres.start();
      counts.restarts += 1;
    }),
  ];
  return {
    counts,
    stop: async () => {
      ending.abort();
      await Promise.all(running);
      imap.always({});
    },
  };
}
