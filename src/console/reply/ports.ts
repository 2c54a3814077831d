/** What agents need of other stages to write to people. */
import type { Knex } from 'knex';

/** What is answered: the requester of a ticket, or the author of a mail. */
export type About = { readonly ticket: number } | { readonly mail: number };

/** Who gets it. The desk looks that up and judges it; nobody types an address. */
export interface Recipient {
  readonly kind: 'recipient';
  readonly address: string;
  /** What an agent should know before writing there, one sentence each. */
  readonly warnings: readonly string[];
  /** The language they write in, if the desk has words for it; else English. */
  readonly locale: string;
  /** Names of the mails that fit. */
  readonly templates: readonly string[];
}

/** `null` = there is no such ticket or mail. `nobody`: why no mail can go out, in words. */
export type Reachable = Recipient | { readonly kind: 'nobody'; readonly why: string } | null;

export interface Words {
  readonly template: string;
  readonly locale: string;
  /** Plain text, lines ending in LF; empty where the template takes none. */
  readonly words: string;
}

export interface ReplyPorts {
  readonly db: Knex;
  /** Languages that an agent's words can be framed in. BCP 47 tag and its name. */
  readonly languages: readonly { readonly tag: string; readonly name: string }[];
  recipient(about: About): Promise<Reachable>;
  /** The mail as it would go out now; `null` = it cannot be made. */
  preview(
    about: About,
    words: Words,
  ): Promise<{
    readonly subject: string;
    readonly text: string;
    readonly html: string;
    readonly source: string;
  } | null>;
  /**
   * Writes the mail to the outbox, once for each form.
   * @returns `null` when there is nobody to send it to any more
   */
  send(
    about: About,
    words: Words,
    by: { readonly form: string; readonly agent: string },
  ): Promise<
    { readonly kind: 'queued'; readonly mail: number } | { readonly kind: 'refused'; readonly why: string }
  >;
  /** Takes a mail off the list of those that wait. */
  takeOff(mail: number, agent: string): Promise<boolean>;
}
