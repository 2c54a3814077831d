/**
 * The one family of faults. An expected outcome (refused, unreadable, not entitled …) is a value, never an error.
 * Messages are one factual line that says what happened and to what; `remedy` says what to do. Neither they nor
 * `details` may hold an address, a subject or any other text of a mail.
 */
export class PurgedeskError extends Error {
  /** Stable once released; docs/errors.md explains each. */
  readonly code: ErrorCode;
  /** Whether doing the same again can succeed. */
  readonly retry: 'later' | 'never';
  /** Ids, counts and codes: safe to log. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
  /** What a person can do about it, if anything. */
  readonly remedy: string | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      readonly details?: PurgedeskError['details'];
      readonly remedy?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PurgedeskError';
    this.code = code;
    this.retry = ERROR_CODES[code];
    this.details = options.details ?? {};
    this.remedy = options.remedy ?? null;
  }
}

/** Every code with its retry verdict. A test compares this list with docs/errors.md. */
export const ERROR_CODES = {
  PD_CONFIG_INVALID: 'never',
  PD_SANDBOX_UNAVAILABLE: 'never',
  PD_SANDBOX_FAILED: 'never',
  PD_DATABASE_OUTDATED: 'never',
  PD_DATABASE_NEWER: 'never',
  PD_TICKET_NOT_FOUND: 'never',
  PD_TICKET_CORRUPT: 'never',
  PD_MAILBOX_LOGIN: 'never',
  PD_MAILBOX_TOKEN: 'later',
  PD_MAILBOX_FAILED: 'later',
  PD_LEASE_LOST: 'later',
  PD_MAIL_UNREADABLE: 'never',
  PD_DNS_FAILED: 'later',
  PD_SMTP_TEMPORARY: 'later',
  PD_SMTP_REFUSED: 'never',
  PD_SMTP_UNKNOWN: 'never',
  PD_TEMPLATE_INVALID: 'never',
  PD_STORE_INVALID: 'never',
  PD_STORE_FAILED: 'later',
  PD_STORE_LIED: 'never',
  PD_PLAN_CHANGED: 'never',
  PD_RECEIPT_INVALID: 'never',
  PD_IMPORT_INVALID: 'never',
  PD_AUDIT_BROKEN: 'never',
  PD_LEDGER_BROKEN: 'never',
  PD_USAGE: 'never',
} as const satisfies Record<`PD_${string}`, 'later' | 'never'>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error nobody foresaw deserves another try; only one marked `never` is final. */
export const mayRetry = (error: unknown): boolean =>
  !(error instanceof PurgedeskError && error.retry === 'never');

/** Closes an exhaustive switch: a new case stops compiling until it is handled. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled case: ${String((value as { type?: unknown })?.type ?? value)}`);
}
