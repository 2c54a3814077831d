import { setTimeout as sleep } from 'node:timers/promises';

/** Generous: machines are shared, and a worker's locks outlive a killed process by some ten seconds. */
const DEADLINE_MS = 12_000;
const PROBE_EVERY_MS = 100;

/**
 * Asks again and again until `probe` gives something other than `null`, `false` or `undefined`. A probe that throws,
 * because the server it asks is down just now, counts as "not yet".
 * @param what - the condition in words, for the failure
 * @param diagnose - what is known when the deadline has passed
 * @throws Error after DEADLINE_MS, with the last error of the probe as its cause
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | false | undefined>,
  diagnose: () => Promise<string> = async () => '',
): Promise<T> {
  let last: unknown;
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(PROBE_EVERY_MS)) {
    try {
      const found = await probe();
      if (found !== null && found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
  }
  const known = await diagnose().catch(() => '');
  throw new Error(`not within ${DEADLINE_MS / 1_000} s: ${what}\n${known}`, { cause: last });
}
