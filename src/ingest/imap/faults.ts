import { PurgedeskError } from '../../domain/errors.ts';

/** Response codes of RFC 5530, RFC 9051 and providers that say "not now": nothing is wrong with the login. */
const PASSING = new Set(['UNAVAILABLE', 'LIMIT', 'INUSE', 'SERVERBUG', 'THROTTLED', 'OVERQUOTA']);

/** Without `cause`: the library's errors quote the server, which may quote addresses. */
export const mailboxFailed = (
  message: string,
  cause: string,
  details: PurgedeskError['details'] = {},
): PurgedeskError => new PurgedeskError('PD_MAILBOX_FAILED', message, { details: { cause, ...details } });

export const loginRefused = (cause: string): PurgedeskError =>
  new PurgedeskError('PD_MAILBOX_LOGIN', 'the mail server refuses the login', {
    details: { cause },
    remedy: "correct the mailbox's user name or password (IMAP_URL) and restart; it is tried again slowly",
  });

/** A number that was given for one mail belongs to another by now, under the same UIDVALIDITY. */
export const numberReused = (): PurgedeskError =>
  mailboxFailed('the server gives numbers a second time', 'reused');

export const isReuse = (error: unknown): boolean =>
  error instanceof PurgedeskError && error.code === 'PD_MAILBOX_FAILED' && error.details.cause === 'reused';

/** The server said no, and the connection lives. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof PurgedeskError && error.code === 'PD_MAILBOX_FAILED' && error.details.refused === true;

export const isLoginRefusal = (error: unknown): boolean =>
  error instanceof PurgedeskError && error.code === 'PD_MAILBOX_LOGIN';

/** What an error of the IMAP library is to the desk. */
export function faultOf(error: unknown, command: string): PurgedeskError {
  if (error instanceof PurgedeskError) return error;
  const { authenticationFailed, responseStatus } = Object(error) as {
    readonly authenticationFailed?: unknown;
    readonly responseStatus?: unknown;
  };
  const code = codeOf(error);
  const answered = responseStatus === 'NO' || responseStatus === 'BAD';
  // The library also calls a login failed whose connection ended before the server had answered it.
  if (authenticationFailed === true && answered && !PASSING.has(code)) return loginRefused(code);
  const refused = authenticationFailed !== true && answered;
  return mailboxFailed(`IMAP ${command} failed`, code, { refused });
}

/** A code of the server (RFC 5530) or of the library. Neither is free text, and what looks otherwise is not passed on. */
export function codeOf(error: unknown): string {
  const { code, serverResponseCode } = Object(error) as {
    readonly code?: unknown;
    readonly serverResponseCode?: unknown;
  };
  const found = [serverResponseCode, code].find((value) => typeof value === 'string');
  return typeof found === 'string' && /^[\w-]{1,40}$/.test(found) ? found : 'unknown';
}
