import { PurgedeskError } from '../domain/errors.ts';

/** Says on standard error what went wrong and what to do about it. @returns the exit code */
export function complain(error: unknown): number {
  if (error instanceof PurgedeskError) {
    process.stderr.write(`purgedesk: ${error.message}\n`);
    if (error.remedy !== null) process.stderr.write(`  ${error.remedy}\n`);
    process.stderr.write(`  (${error.code})\n`);
    return error.code === 'PD_USAGE' || error.code === 'PD_CONFIG_INVALID' ? 2 : 1;
  }
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') {
    process.stderr.write(
      `purgedesk: a server cannot be reached (${code})\n  check DATABASE_URL, IMAP_URL and SMTP_URL\n`,
    );
    return 1;
  }
  process.stderr.write(
    `purgedesk: an unexpected fault\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
