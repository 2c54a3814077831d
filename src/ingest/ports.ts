import type { Knex } from 'knex';
import type { MailEvidence, Standing } from '../domain/evidence.ts';
import type { Handled, UnderstoodMail } from '../domain/mail.ts';
import type { TemplateName } from '../domain/mail-facts.ts';

/** What the handling of inbound mail needs from the rest of the desk. */
export interface IngestDeps {
  readonly db: Knex;
  /** Folded. */
  readonly deskAddress: string;
  /** The value of our own loop mark. */
  readonly instanceId: string;
  /** Never throws: what cannot be found out is evidence too. */
  authenticate(raw: Buffer, author: string | null, arrivedAt: Date): Promise<MailEvidence>;
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

/** A row, as it was committed by the poller. */
export interface StoredMessage {
  readonly id: number;
  readonly raw: Buffer | null;
  readonly size_bytes: number;
  readonly content_hash: string;
  readonly arrived_at: Date;
  readonly attempts: number;
}
