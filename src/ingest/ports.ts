import type { Knex } from 'knex';
import type { CrashPoint } from '../domain/crash-label.ts';
import type { MailEvidence, Standing } from '../domain/evidence.ts';
import type { CloserReading, Handled, UnderstoodMail } from '../domain/mail.ts';
import type { TemplateName } from '../domain/mail-facts.ts';
import type { Unreadable } from './parse-message.ts';
import type { MailReading } from './read-mail.ts';

/** What the handling of inbound mail needs from the rest of the desk. */
export interface IngestDeps {
  readonly db: Knex;
  /** Every address that is ours. */
  readonly deskAddresses: readonly string[];
  /** The language for a mail that does not tell its own, by the name of the mailbox that it came to. BCP 47. */
  localeOf(mailbox: string | null): string | null;
  /** The value of our own loop mark. */
  readonly instanceId: string;
  /**
   * Reads and authenticates a mail where it cannot stop anybody else. What cannot be read is a value, what cannot be found
   * out is evidence. @throws when there is nobody to read it, which is a fault of ours
   */
  read(raw: Buffer, answersForm: boolean, arrivedAt: Date): Promise<ReadAndProved | Unreadable>;
  /** The same mail again, for a closer look. */
  closer(raw: Buffer, answersForm: boolean): CloserReading;
  standingOf(evidence: MailEvidence): Standing;
  /** Which mail of ours a Message-ID with our keyed mark belongs to; `null` for any other. */
  ownMail(messageId: string): { readonly template: TemplateName; readonly tag: string | null } | null;
  /** The outbox row of an address to which only a report about that mail can come; `null` for any other. */
  bounceOf(address: string): number | null;
  /** Decides about an understood mail, in the given transaction. @param now - desk time, read within it */
  handle(trx: Knex.Transaction, mail: UnderstoodMail, now: Date): Promise<Handled>;
  /**
   * What deciding about a mail may read or write that another mail's decision writes: mails that share none of it are
   * decided side by side. Left out = each may touch what any other touches.
   */
  touches?(trx: Knex.Transaction, mail: UnderstoodMail): Promise<readonly string[]>;
  /** Notes that mails of ours came back, told by Message-ID or by outbox row. @returns how many were ours */
  bounced(trx: Knex.Transaction, came: CameBack): Promise<number>;
  readonly crashPoint: CrashPoint;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
}

/** Mails of ours that a report is about, by whatever it tells them. */
export interface CameBack {
  readonly messageIds: readonly string[];
  readonly outboxIds: readonly number[];
}

export interface ReadAndProved {
  readonly reading: MailReading;
  readonly evidence: MailEvidence;
}

/** A row, as it was committed by the poller. */
export interface StoredMessage {
  readonly id: number;
  readonly raw: Buffer | null;
  readonly size_bytes: number;
  readonly content_hash: string;
  readonly arrived_at: Date;
  readonly attempts: number;
  /** Name of the mailbox that it came to; `null` = not known. */
  readonly mailbox: string | null;
  /** Desk time at which it was put off for the first time because its sender could not be found out. */
  readonly put_off_at: Date | null;
}
