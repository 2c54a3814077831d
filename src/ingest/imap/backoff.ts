import { PurgedeskError } from '../../domain/errors.ts';

/** With 120 s in which normal work must be back after an outage, a longer pause would be too long. */
const RECONNECT_CAP_MS = 60_000;
/** Servers lock accounts after quick wrong logins, and providers lock clients. */
const REFUSED_RETRY_MS = 90_000;

/**
 * How long to wait before connecting again. Full jitter: M. Brooker, "Exponential Backoff And Jitter", 2015.
 * @param failures - tries failed in a row, 1 or more
 * @param random - uniform in [0, 1); the caller supplies it, so that this stays pure
 * @returns milliseconds, from 0 up to 60,000
 * @throws RangeError when `failures` is below 1, which is a bug in the caller
 */
export function reconnectDelayMs(failures: number, random: number): number {
  if (failures < 1) throw new RangeError(`failures must be 1 or more, got ${failures}`);
  return Math.floor(random * Math.min(RECONNECT_CAP_MS, 1_000 * 2 ** (failures - 1)));
}

/** The same after this error: longer where a person has to put something right. */
export function pauseMs(error: unknown, failures: number, random: number): number {
  return isForPeople(error) ? REFUSED_RETRY_MS : reconnectDelayMs(failures, random);
}

/** A login or a token that is refused outright, not for the moment. */
export const isForPeople = (error: unknown): boolean =>
  error instanceof PurgedeskError &&
  (error.code === 'PD_MAILBOX_LOGIN' ||
    (error.code === 'PD_MAILBOX_TOKEN' && error.details.refused === true));
