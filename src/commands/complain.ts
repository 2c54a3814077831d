import { isPassing } from '../db/passing-fault.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { faultCode } from '../domain/fault.ts';

/** Says on standard error what went wrong and what to do about it. @returns the exit code */
export function complain(error: unknown): number {
  if (error instanceof PurgedeskError) {
    process.stderr.write(`purgedesk: ${error.message}\n`);
    if (error.remedy !== null) process.stderr.write(`  ${error.remedy}\n`);
    process.stderr.write(`  (${error.code})\n`);
    return error.code === 'PD_USAGE' || error.code === 'PD_CONFIG_INVALID' ? 2 : 1;
  }
  if (isPassing(error)) {
    process.stderr.write(`purgedesk: ${away(faultCode(error))}\n`);
    return 1;
  }
  process.stderr.write(`purgedesk: an unexpected fault\n${inFull(error)}\n`);
  return 1;
}

/** A code of the system may come from any server; all others only from the driver of the database. */
const away = (code: string): string =>
  /^E[A-Z_]{5,}$/.test(code)
    ? `a server cannot be reached (${code})\n  check DATABASE_URL, IMAP_URL and SMTP_URL`
    : `the database does not answer now (${code})\n  try again in a moment; if it stays so, check DATABASE_URL and the server`;

/** Five characters: what a database says quotes the values that it was given, and they may be a person's. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

function inFull(error: unknown): string {
  if (!(error instanceof Error)) return faultCode(error);
  const code = faultCode(error);
  if (!SQLSTATE.test(code)) return error.stack ?? error.message;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`the database answered ${code} (SQLSTATE)`, ...frames].join('\n');
}
