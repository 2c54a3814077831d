/**
 * The mails of one SMTP server. Servers are slow, full or dead each on its own, so each has a lane of its own, and a fault
 * of the server is not held against the mail that met it:
 *
 * ```
 * open ──server fails, or three mails in a row──► paused ──time──► probing ──a mail goes through──► open
 *   ▲                                               ▲                 │ fails
 *   └───────────────────────────────────────────────┴─────────────────┘ paused twice as long, a minute at most;
 *                                                                       after a login that was refused 90 s each time
 * ```
 */
import type { SendResult } from './smtp.ts';

/** Which mails a lane takes, by the mailbox that they leave through. Mails of no mailbox of today go with the first one's. */
export type Takes =
  | { readonly kind: 'only'; readonly mailboxes: readonly string[] }
  | { readonly kind: 'all_but'; readonly mailboxes: readonly string[] };

export interface Lane {
  readonly takes: Takes;
  /** How many mails may be handed over now: none while paused, one to probe, else as many as there are connections. */
  width(): number;
  /**
   * Tells what became of a mail. @returns whose fault it was, if it did not go out: a server's costs the mail no try.
   */
  note(result: SendResult): 'mail' | 'server';
  /** Milliseconds until the server is tried again; 0 = now. */
  pauseMs(): number;
  /** Runs `work` unless it runs already in this process; then it is run once more afterwards, and this returns 0. */
  run(work: () => Promise<number>): Promise<number>;
}

/** Short, so that a server that was restarted costs nothing; and within two minutes of an outage's end all is well again. */
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 60_000;
/** As for reading: servers lock accounts after quick wrong logins. */
const LOGIN_PAUSE_MS = 90_000;
/** One mail may meet a fault that is its own, its recipient's server for instance; not three different ones in a row. */
const DOUBTS_MAX = 3;
/** A server that had enough of us gets fewer connections, and one more each time that so many mails went through. */
const WIDER_AFTER = 50;

/** @param now - milliseconds of a clock that never goes back */
export function openLane(
  takes: Takes,
  { connections, now }: { readonly connections: number; now(): number },
): Lane {
  let most = connections;
  let sentSince = 0;
  let doubts = 0;
  let pauses = 0;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isWanted = false;
  const pauseMs = () => Math.max(0, pausedUntil - now());
  return {
    takes,
    pauseMs,
    width: () => (pauseMs() > 0 ? 0 : pauses > 0 ? 1 : most),
    note(result) {
      if (result.kind === 'refused' && result.code === null) return 'mail'; // not the server's word, but ours
      if (isAlive(result)) {
        doubts = 0;
        pauses = 0;
        pausedUntil = Number.NEGATIVE_INFINITY;
        sentSince += 1;
        if (sentSince % WIDER_AFTER === 0) most = Math.min(connections, most + 1);
        return 'mail';
      }
      if (result.kind === 'later' && result.reason === 'busy') {
        most = Math.max(1, Math.floor(most / 2));
        sentSince = 0;
      }
      const wasFailing = pauses > 0;
      doubts += 1;
      // Those under way when it began say the same thing once more.
      if ((isServers(result) || wasFailing || doubts >= DOUBTS_MAX) && pauseMs() === 0) {
        pausedUntil =
          now() + (isLockedOut(result) ? LOGIN_PAUSE_MS : Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** pauses));
        pauses += 1;
      }
      return wasFailing && result.kind === 'later' ? 'server' : 'mail';
    },
    async run(work) {
      isWanted = true;
      if (isRunning) return 0;
      isRunning = true;
      let sum = 0;
      try {
        while (isWanted) {
          isWanted = false;
          sum += await work();
        }
      } finally {
        isRunning = false;
      }
      return sum;
    },
  };
}

/** It said so for good: a token that cannot be had, or a server that cannot look the password up, may be there soon. */
const isLockedOut = (result: SendResult): boolean =>
  result.kind === 'later' && result.reason === 'login' && (result.code ?? 0) >= 500;

/** It looked at the mail and said something about it. */
const isAlive = (result: SendResult): boolean =>
  result.kind === 'sent' ||
  result.kind === 'refused' ||
  (result.kind === 'later' && result.reason === 'recipient');

/** What no other mail would fare better with: the server cannot be reached, does not let us in, or has enough of us. */
const isServers = (result: SendResult): boolean =>
  result.kind === 'later' && !['answer', 'sender', 'timeout'].includes(result.reason);
