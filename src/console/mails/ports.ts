/** What the pages about mails need of other stages. */
import type { Knex } from 'knex';
import type { MailEvidence, Standing } from '../../domain/evidence.ts';
import type { CleanHtml, KeptBack } from '../ticket/ports.ts';

/** A run of a line: words of the mail, and what was read in them. */
export interface Piece {
  readonly text: string;
  /** What these words were taken for, such as "workspace"; empty = nothing. */
  readonly fields: readonly string[];
}

/** A line of the mail. `leftOut`: why it was not read as the writer's own new words; `null` = it was. */
export interface MailLine {
  readonly leftOut: string | null;
  readonly pieces: readonly Piece[];
}

/** What a mail says and what was read in it. All of it is the sender's text but the sentences about it. */
export interface MailContent {
  /** The one author's plain address; `null` = there is not exactly one. */
  readonly author: string | null;
  readonly subject: string;
  readonly addressedTo: readonly string[];
  readonly automatic: boolean;
  readonly sealed: boolean;
  /** ISO 639-1. */
  readonly language: string;
  readonly intent: string;
  /** The rule that decided the intent, in words. */
  readonly rule: string;
  /** One sentence each. */
  readonly requests: readonly string[];
  readonly missing: readonly string[];
  /** Why something that it says was not taken: its words, and the reason. */
  readonly notTaken: readonly { readonly text: string; readonly why: string }[];
  readonly lines: readonly MailLine[];
  readonly hasHtml: boolean;
  readonly attachments: readonly { readonly type: string; readonly sizeBytes: number }[];
}

export interface MailsPorts {
  readonly db: Knex;
  /** What the mail's evidence adds up to. */
  standing(evidence: MailEvidence): Standing;
  /** Reads the mail anew, as if a person had written it. `unreadable`: why it cannot be, in words. `null` = no such mail. */
  read(id: number): Promise<MailContent | { readonly unreadable: string } | null>;
  /** The bytes as they came, as far as they were kept; `null` = they were erased, or there is no such mail. */
  raw(id: number): Promise<Buffer | KeptBack | null>;
  /** Its HTML with nothing left in it that runs, loads, links or hides; `null` = it has none, or too much. */
  html(id: number): Promise<CleanHtml | KeptBack | null>;
  /** @param no - from 0, in the order of `attachments`. `null` = there is none */
  attachment(id: number, no: number): Promise<Uint8Array | KeptBack | null>;
  /** Opens tickets as for a mail that proves nothing: a code goes to the address in the directory. */
  open(
    id: number,
    order: { readonly agent: string; readonly reason: string },
  ): Promise<
    | { readonly kind: 'opened'; readonly tickets: readonly string[] }
    | { readonly kind: 'refused'; readonly why: string }
  >;
  /** @returns false when it does not wait for an agent, or no longer */
  takeOff(id: number, agent: string): Promise<boolean>;
}
