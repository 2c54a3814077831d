/** What the pages about outgoing mail need of other stages. */
import type { Knex } from 'knex';
import type { MailFacts, RenderedMail } from '../../domain/mail-facts.ts';

export interface OutboxPorts {
  readonly db: Knex;
  /** What mail is kept back for now, one sentence each; empty = none. */
  silences(): Promise<readonly string[]>;
  /** The mail as its reader gets it, but for codes and links. @throws PurgedeskError `PD_TEMPLATE_INVALID` */
  rendered(facts: MailFacts, mailbox: string | null): RenderedMail;
  /** The same as it goes over the line, without what is attached. */
  source(
    facts: MailFacts,
    addressing: {
      readonly to: string;
      readonly messageId: string | null;
      readonly inReplyTo: string | null;
      readonly references: readonly string[];
      readonly mailbox: string | null;
    },
  ): Promise<string>;
  retry(id: number, agent: string): Promise<'queued' | 'undeliverable' | 'outdated' | 'not_now'>;
  /** @returns false when it may be with its reader already */
  giveUp(id: number, agent: string): Promise<boolean>;
  /** @param hash - keyed hash of an address. @returns false when it was not marked */
  clear(hash: string): Promise<boolean>;
}
