import type { Knex } from 'knex';
import type { MailEvidence, Standing } from '../../domain/evidence.ts';
import type { TicketId } from '../../domain/ids.ts';
import type { Target } from '../../domain/target.ts';

/** What the page of a ticket needs of the other stages. */
export interface TicketPorts {
  readonly db: Knex;
  /** What will be deleted, in one phrase, with everything that the request names. */
  sentence(target: Target): string;
  readonly mails: MailPorts;
  readonly receipts: ReceiptPorts;
  readonly caps: Caps;
  standing(evidence: MailEvidence): Standing;
  /** `null` = it is not purging. */
  progress(id: TicketId): Promise<Progress | null>;
  /** @param ticket - which it must be about */
  sent(id: number, ticket: TicketId): Promise<SentMail | null>;
}

/** Mails are read in threads of their own, which takes a while; a page that must be fast shows what is at hand. */
export interface MailPorts {
  /** What was read of it lately; `null` = it has to be read. */
  atHand(id: number): Promise<MailWords | Unreadable | null>;
  read(id: number): Promise<MailWords | Unreadable>;
  /** Its HTML with nothing left in it that runs, loads, links or hides; `null` = it has none, or too much. */
  html(id: number): Promise<CleanHtml | KeptBack | null>;
  /** @param no - from 0, in the order of `attachments`. `null` = there is none */
  attachment(id: number, no: number): Promise<Uint8Array | KeptBack | null>;
}

/** Nobody gets it before then: with a code or a link in it an agent could answer for its reader. */
export interface KeptBack {
  readonly keptUntil: Date;
}

/** A mail's words, with what was read in them. Everything is the writer's own and hostile. */
export interface MailWords {
  readonly subject: string;
  /** The body that was read, or its beginning. Offsets below are UTF-16 code units in it, end exclusive. */
  readonly text: string;
  /** How much of the body is not in `text`, in UTF-16 code units. */
  readonly cut: number;
  readonly fields: readonly FieldWords[];
  readonly leftOut: readonly LeftOutWords[];
  readonly notTaken: readonly { readonly text: string; readonly why: string }[];
  /** What a person should know before believing it, in words. */
  readonly warnings: readonly string[];
  readonly attachments: readonly { readonly type: string; readonly sizeBytes: number }[];
  readonly hasHtml: boolean;
}

export interface Unreadable {
  /** Without any text of the mail. */
  readonly unreadable: string;
}

export interface FieldWords {
  /** `requests.0.users.1` */
  readonly field: string;
  readonly where: 'text' | 'subject';
  readonly start: number;
  readonly end: number;
}

/** Lines that are not the writer's new words. */
export interface LeftOutWords {
  readonly why: string;
  readonly start: number;
  readonly end: number;
}

export interface CleanHtml {
  readonly html: string;
  /** What it would have loaded from elsewhere. */
  readonly blocked: number;
}

/** Rows and objects that may be deleted without an agent's release. */
export interface Caps {
  readonly ticket: number;
  readonly day: number;
}

/** A purge at the step that is due. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly store: string;
  readonly percent: number;
  readonly isRunning: boolean;
  /** How many, how fast, how long, and what it waits for. */
  readonly words: string;
}

/** One of our mails as it went out, without the secrets in it: with the code an agent could answer for the customer. */
export interface SentMail {
  readonly subject: string;
  readonly text: string;
}

export interface ReceiptPorts {
  /** The file that proves it, as customers get it; `null` = there is none. */
  file(id: number): Promise<string | null>;
  /** The page for people, as PDF. */
  certificate(id: number): Promise<Uint8Array | null>;
  /** Whether it holds, with the key of this desk. */
  check(id: number): Promise<ReceiptCheck | null>;
}

export interface ReceiptCheck {
  readonly holds: boolean;
  readonly why: string | null;
  readonly isOurKey: boolean;
  /** SHA-256 of the key, lower-case hex. */
  readonly fingerprint: string;
}
