import { faultCode } from '../domain/fault.ts';

/**
 * SQLSTATE classes of what passes by itself (PostgreSQL, appendix A): connections, rollbacks to be tried again, resources,
 * locks, operators who stop a server, and the system below it.
 */
const PASSING_CLASSES = ['08', '40', '53', '55', '57', '58'];
const PASSING_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENOTFOUND',
  'KnexTimeoutError',
];
/** What the driver says of a connection that broke; it gives no code. */
const BROKEN =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying)/;

/** Whether a fault of the desk's own database passes by itself: it is away, busy or being restarted. */
export function isPassing(error: unknown): boolean {
  const code = faultCode(error);
  if (/^[0-9A-Z]{5}$/.test(code)) return PASSING_CLASSES.includes(code.slice(0, 2));
  if (PASSING_CODES.includes(code)) return true;
  return error instanceof Error && BROKEN.test(error.message);
}
