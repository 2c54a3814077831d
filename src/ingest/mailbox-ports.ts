import type { CrashPoint } from '../domain/crash-label.ts';
import type { MailLogin } from '../domain/mail-login.ts';

/** The mailbox to read. `secure` is false on loopback only: the configuration sees to that. */
export interface MailboxAccount {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string;
  readonly login: MailLogin;
  readonly folder: string;
  readonly processedFolder: string;
  readonly pollSeconds: number;
}

/** How far the mailbox has been read. UIDVALIDITY is text: it fills 32 bits and is only ever compared. */
export interface Cursor {
  readonly uidValidity: string;
  readonly lastUid: number;
  /** The highest number that was ever committed or passed: above `lastUid` while a mail before it is still owed. */
  readonly highestUid: number;
}

export interface FetchedMail {
  readonly uid: number;
  /** At most one byte above the cap, which is enough for the parser to refuse it; empty when the server gave nothing. */
  readonly raw: Buffer;
  /** Of the whole mail, by the server's word where it was cut. */
  readonly sizeBytes: number;
  readonly internalDate: Date | null;
}

export interface FetchedBatch {
  readonly uidValidity: string;
  /** Nothing up to this UID is fetched again. Below that of a mail in the batch while one before it is still owed. */
  readonly throughUid: number;
  /** By UID, ascending; empty when a person removed them meanwhile. */
  readonly mails: readonly FetchedMail[];
}

export interface MailboxPorts {
  cursor(): Promise<Cursor>;
  /**
   * The server numbers its mails anew: the cursor becomes (uidValidity, 0).
   * @param seen - the cursor when that was found out
   */
  restart(uidValidity: string, seen?: Cursor): Promise<void>;
  /** Resolves once the mails are durable; only then do they leave the server. The same batch twice changes nothing. */
  commit(batch: FetchedBatch): Promise<void>;
  /** Committed and not yet marked as moved, ascending. */
  unmoved(uidValidity: string): Promise<readonly number[]>;
  markMoved(uidValidity: string, uids: readonly number[]): Promise<void>;
  /** Liveness: all that was there is committed. @returns whether mails are still to be marked as moved */
  polled(): Promise<boolean>;
  failed(code: string): Promise<void>;
}

/** What pino offers, details first. They are ids, counts and codes. */
export interface MailboxLog {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface MailboxDeps {
  readonly account: MailboxAccount;
  readonly ports: MailboxPorts;
  readonly log: MailboxLog;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Where fault tests end the process; does nothing otherwise. */
  readonly crashPoint: CrashPoint;
  /** Tests cannot wait as long as servers may; left out otherwise. */
  readonly limits?: Partial<MailboxLimits>;
}

export interface MailboxLimits {
  /** TCP, TLS, greeting, login and folders together. */
  readonly openMs: number;
  /** Any one command. 8 MiB in it is 70 KB a second. */
  readonly commandMs: number;
  /** Between two looks whether the folder is still the one that was opened. */
  readonly reopenMs: number;
  /** How long a mail is asked for in vain, while others come, before it is taken in without its content. */
  readonly withholdMs: number;
}

export const MAILBOX_LIMITS: MailboxLimits = {
  openMs: 30_000,
  commandMs: 120_000,
  reopenMs: 60_000,
  withholdMs: 300_000,
};
