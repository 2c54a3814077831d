import type { Ask } from './evidence.ts';
import type { Residue } from './policy.ts';
import type { SignedReceipt } from './receipt.ts';
import type { Problem, Scope } from './request.ts';
import type { Target } from './target.ts';
import type { HoldReason, State } from './ticket.ts';

export const TEMPLATES = [
  'received',
  'needs_details',
  'verify_request',
  'verify_failed',
  'not_authorised',
  'blocked',
  'grace_started',
  'owner_notice',
  'grace_reminder',
  'cancelled',
  'cancel_paused',
  'cancel_too_late',
  'purge_started',
  'status',
  'completed',
  'residue_released',
  'rejected',
  'expired',
  'pointers',
  'agent_reply',
] as const;
export type TemplateName = (typeof TEMPLATES)[number];

/** Worth saying twice rather than never; of all others a person would rather miss one than get two. */
export const REPEATABLE_TEMPLATES: readonly TemplateName[] = ['verify_request', 'completed'];

/** A snapshot of one ticket at the moment of the decision. JSON value; instants are ISO 8601. */
export interface TicketFacts {
  readonly reference: string;
  readonly scope: Scope;
  readonly state: State;
  /** Resolved, in stored spelling; `null` = nothing resolved, so no detail of the request may be shown. */
  readonly target: Target | null;
  readonly verified: boolean;
  readonly asks: readonly Ask[];
  readonly problems: readonly Problem[];
  readonly holds: readonly HoldReason[];
  readonly requestedAt: string;
  readonly dueAt: string;
  readonly verifiedAt: string | null;
  readonly graceEndsAt: string | null;
  /** Later than `graceEndsAt` when a hold was released after the grace had ended. */
  readonly notBefore: string | null;
  readonly purgeStartedAt: string | null;
  readonly closedAt: string | null;
  /** False for a scope that the policy makes final once verified; the wait stays. */
  readonly cancellable: boolean;
  /** Names of the stores that the plan touches. */
  readonly stores: readonly string[];
  readonly receipt: SignedReceipt | null;
  /** Something was left where it is; said also to whoever may not see the receipt. */
  readonly partial?: true;
  /** Nobody answered a challenge: it was deleted in the app, or agents vouched for the requester. */
  readonly unconfirmed?: true;
  /** The end users of this ticket are on the list of those not to be taken in again. */
  readonly suppressed?: true;
  /** The last UTC day on which a backup could still hold the data; `null` = nobody can say. */
  readonly backupsUntil: string | null;
}

/**
 * Everything that one outgoing mail may say, frozen with the decision that caused it. The mail is rendered from it when
 * it is sent; secrets (code, link) are derived then and never stored. A JSON value.
 */
export interface MailFacts {
  readonly template: TemplateName;
  /** The language to write in if there are words for it; else the whole mail is in English. BCP 47. */
  readonly locale: string;
  /** `stranger`: nobody whom the directory knows as owner or admin; gets fixed words only. */
  readonly recipient: 'requester' | 'party' | 'stranger';
  /** The conversation's subject tag: its first ticket's reference. `null` = the mail opened no ticket. */
  readonly tag: string | null;
  /** What the template is about. */
  readonly tickets: readonly TicketFacts[];
  /** The other tickets that the same mail touched, told in a line each. */
  readonly others: readonly TicketFacts[];
  readonly challenge: {
    readonly id: string;
    readonly expiresAt: string;
    readonly triesLeft: number;
    /** Sent a second time because nobody answered. */
    readonly reminder: boolean;
    /** A code came by a mail that could not be checked to be theirs, so it was not looked at. */
    readonly unproven?: true;
  } | null;
  /** Answering about a workspace instead of a ticket (a deletion pressed in the app). */
  readonly workspace: {
    readonly slug: string;
    readonly name: string;
    readonly deletedAt: string | null;
    readonly stopped: boolean;
  } | null;
  readonly residue: readonly Residue[];
  /** The page that tells its reader how far it is; none in a mail to a stranger or about no ticket. */
  readonly statusLink?: { readonly id: string };
  /** What an agent writes, in plain text with lines ending in LF; only `agent_reply` has it. */
  readonly said?: string;
  /** A sample that an admin sends to themselves: the mail says so, and belongs to no conversation. */
  readonly test?: true;
  /** The instant of the decision. */
  readonly at: string;
}

/** Settings that mails show. */
export interface DeskIdentity {
  /** "purgedesk support" */
  readonly name: string;
  readonly address: string;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** One more line below the name, if there is one. */
  readonly signature?: string;
}

/** A rendered mail. Lines end in LF; the transport makes CRLF of them. */
export interface RenderedMail {
  /** BCP 47 tag of the one language that all of it is written in. */
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
