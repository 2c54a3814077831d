/**
 * One poller a mailbox, out of any number of processes, by a lease with a fencing token:
 *
 *     wait ─► take (token n) ─► read ─► renew, renew … ─► release at a clean stop ─► next in line, at once
 *                                        └─ not renewed in time: stop reading ─► wait
 *                                        └─ died or cut off: expires ─► next in line takes it (token n + 1)
 *
 * The lease says who may begin; the token has the last word. Whoever was asleep or cut off may still think that the
 * mailbox is its own, so every write of a poller checks the token in its own transaction (mailbox-store.ts). What a stale
 * poller can still do is on the mail server: it moves mails that are committed already, which the new one would move too.
 * M. Kleppmann, "How to do distributed locking", 2016.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { faultCode } from '../domain/fault.ts';

/** Where leases are kept. Each call ends within seconds, whatever hangs. */
export interface LeaseStore {
  /** @returns the token; `null` = another process holds it */
  take(): Promise<number | null>;
  /** @returns `false` = another process has taken it since */
  renew(token: number): Promise<boolean>;
  release(token: number): Promise<void>;
}

export interface LeaseDeps {
  readonly store: LeaseStore;
  /** Of the mailbox, for the log. */
  readonly mailbox: number;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
  /** Uniform in [0, 1). */
  random(): number;
}

/** What a poller has while it reads. */
export interface Held {
  readonly token: number;
  /** Aborts when reading must stop: the lease is lost, or the process ends. */
  readonly signal: AbortSignal;
  /** A write was refused: somebody else has the mailbox. */
  lost(): void;
}

/** Seconds without a renewal after which another process may take over. With the pauses below: within half a minute. */
export const LEASE_SECONDS = 20;
const RENEW_MS = 4_000;
/** This side gives up so much earlier than the lease ends: it stops before another begins, if it can. */
const MARGIN_MS = 3_000;
/** Those who wait ask every one to three seconds, not all at the same time. */
const ASK_MS_MIN = 1_000;
const ASK_MS_SPREAD = 2_000;

/** Has `poll` run whenever this process holds the lease, until `signal` aborts. `poll` returns soon after its signal aborts. */
export async function pollInTurn(
  deps: LeaseDeps,
  poll: (held: Held) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { mailbox, log } = deps;
  const ask = asker(deps);
  while (!signal.aborted) {
    const askedAt = performance.now();
    const token = await ask();
    if (token === null) {
      await pause(ASK_MS_MIN + deps.random() * ASK_MS_SPREAD, signal);
      continue;
    }
    log('info', 'this process reads the mailbox', { mailbox, token });
    const why = await hold(deps, token, askedAt, poll, signal);
    if (why === null)
      await deps.store.release(token).catch(() => undefined); // then it expires
    else
      log('warn', 'this process reads the mailbox no more', { mailbox, token, code: 'PD_LEASE_LOST', why });
  }
}

/** Says once, not at each turn, that another process reads or that nobody can be asked. */
function asker({ store, mailbox, log }: LeaseDeps): () => Promise<number | null> {
  let told = '';
  const tell = (level: 'info' | 'warn', message: string, code: string) => {
    if (told === message) return;
    told = message;
    log(level, message, code === '' ? { mailbox } : { mailbox, code });
  };
  return async () => {
    try {
      const token = await store.take();
      if (token === null) tell('info', 'another process reads the mailbox; this one waits', '');
      else told = '';
      return token;
    } catch (error) {
      tell('warn', 'whose turn it is to read the mailbox cannot be asked; trying again', faultCode(error));
      return null;
    }
  };
}

/** Why the lease was lost; `null` = it is ours to release. */
type Loss = 'taken' | 'not renewed in time' | null;

async function hold(
  deps: LeaseDeps,
  token: number,
  takenAt: number,
  poll: (held: Held) => Promise<void>,
  signal: AbortSignal,
): Promise<Loss> {
  const over = new AbortController();
  let why: Loss = null;
  const lose = (cause: Exclude<Loss, null>) => {
    if (over.signal.aborted) return;
    why = cause;
    over.abort();
  };
  const stopped = AbortSignal.any([signal, over.signal]);
  const keeping = keep(deps.store, token, { takenAt, lose, signal: stopped });
  try {
    await poll({ token, signal: stopped, lost: () => lose('taken') });
  } finally {
    over.abort();
    await keeping;
  }
  return why;
}

/** By this process's own monotonic clock, from before the question was sent: never later than the server's. */
async function keep(
  store: LeaseStore,
  token: number,
  how: {
    readonly takenAt: number;
    readonly lose: (why: Exclude<Loss, null>) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { lose, signal } = how;
  const arm = (from: number) =>
    setTimeout(
      () => lose('not renewed in time'),
      Math.max(0, from + LEASE_SECONDS * 1_000 - MARGIN_MS - performance.now()),
    );
  let alarm = arm(how.takenAt);
  while (!signal.aborted) {
    await pause(RENEW_MS, signal);
    if (signal.aborted) break;
    const askedAt = performance.now();
    try {
      if (!(await store.renew(token))) lose('taken');
      clearTimeout(alarm);
      alarm = arm(askedAt);
    } catch {
      // Asked again; the alarm stands.
    }
  }
  clearTimeout(alarm);
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined); // an abort is seen by the loop
