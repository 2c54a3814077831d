import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../db/passing-fault.ts';
import { openSideConnection } from '../db/side-connection.ts';
import { faultCode } from '../domain/fault.ts';

/** A database that starts beside the desk, or recovers from a crash, is ready within this time. */
const PATIENCE_MS = 60_000;
const ANSWER_MS = 10_000;
const PAUSE_MS = 250;
const PAUSE_MS_MAX = 5_000;

interface Patience {
  /** Ends the waiting, as if the database had answered. */
  readonly signal: AbortSignal;
  /** Milliseconds after which it is given up. */
  readonly patienceMs?: number;
  log(message: string, details: Readonly<Record<string, string | number>>): void;
}

/**
 * Waits until the database answers: whoever starts both at once need not start the desk twice.
 * @throws what the last try said once the time is over; at once what does not pass by itself, such as a wrong password
 */
export async function untilDatabase(
  url: string,
  { signal, log, patienceMs = PATIENCE_MS }: Patience,
): Promise<void> {
  const connection = openSideConnection(url, { name: 'purgedesk-start', timeoutMs: ANSWER_MS });
  const end = performance.now() + patienceMs;
  try {
    for (let pauseMs = PAUSE_MS; !signal.aborted; pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2)) {
      try {
        await connection.query('select 1');
        return;
      } catch (error) {
        if (!isPassing(error) || performance.now() + pauseMs > end) throw error;
        log('the database does not answer yet; trying again', {
          code: faultCode(error),
          retryInMs: pauseMs,
        });
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await connection.close();
  }
}
