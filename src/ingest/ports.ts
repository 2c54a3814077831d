import type { Knex } from 'knex';
import type { MailEvidence, Standing } from '../domain/evidence.ts';
import type { CloserReading, Handled, UnderstoodMail } from '../domain/mail.ts';
import type { TemplateName } from '../domain/mail-facts.ts';
import type { Unreadable } from './parse-message.ts';
import type { MailReading } from './read-mail.ts';

/** What the handling of inbound mail needs from the rest of the desk. */
export interface IngestDeps {
  readonly db: Knex;
  /** Folded. */
  readonly deskAddress: string;
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
  /** Decides about an understood mail, in the given transaction. */
  handle(trx: Knex.Transaction, mail: UnderstoodMail): Promise<Handled>;
  /** Notes that mails of ours with these Message-IDs came back. @returns how many were ours */
  bounced(trx: Knex.Transaction, messageIds: readonly string[]): Promise<number>;
  crashPoint(label: string): void;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
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
  /** Desk time at which it was put off for the first time because its sender could not be found out. */
  readonly put_off_at: Date | null;
}
