/** When to read a mail again whose sender could not be found out: DNS trouble passes, mostly. */

/** After this long it is the agents'. */
const HOURS_MAX = 24;
const FIRST_WAIT_MS = 5 * 60_000;

/**
 * Waits double: each is as long as all before it together, from five minutes up.
 * @param since - when it was put off for the first time, `null` = this is the first time
 * @returns `null` when it has been put off for long enough
 */
export function retryAt(since: Date | null, now: Date): Date | null {
  const waitedMs = since === null ? 0 : now.getTime() - since.getTime();
  const leftMs = HOURS_MAX * 3_600_000 - waitedMs;
  if (leftMs <= 0) return null;
  return new Date(now.getTime() + Math.min(leftMs, Math.max(FIRST_WAIT_MS, waitedMs)));
}
