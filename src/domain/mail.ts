import type { Ask, Standing } from './evidence.ts';
import type { DeletionRequest, Problem, Scope, Understanding } from './request.ts';

export const DISPOSITIONS = [
  'opened',
  'joined',
  'duplicate',
  'automatic',
  'own',
  'other',
  'unreadable',
  'silenced',
] as const;
/** What became of one inbound message. Only `opened` makes tickets. */
export type Disposition = (typeof DISPOSITIONS)[number];

/** A mail that was read and authenticated, and is neither ours nor a machine's. */
export interface UnderstoodMail {
  readonly messageId: number;
  /** The one author's plain address, ASCII lower case. */
  readonly author: string;
  readonly standing: Standing;
  readonly understanding: Understanding;
  /** The language that the mail is written in, ISO 639-1; English when none stands out. */
  readonly language: string;
  readonly closer: CloserReading;
  /** It answers a form of ours: what it fills in belongs to the ticket that waits for it, or to nothing. */
  readonly answersForm: boolean;
  /** Addresses in To and Cc: one may be our keyed reply address. */
  readonly addressedTo: readonly string[];
  /** Message-IDs in In-Reply-To and References, newest last. */
  readonly references: readonly string[];
  readonly subject: string;
  /** By which an answer to it is threaded; `null` = as its row says. */
  readonly thread: MailThread | null;
  readonly arrivedAt: Date;
}

/** Message-IDs as its header says them. */
export interface MailThread {
  readonly messageId: string | null;
  /** Oldest first. */
  readonly references: readonly string[];
}

/**
 * What a mail says beyond its understanding, read only where the desk has a use for it. The same mail and arguments give
 * the same answer, after a while: the mail is read again.
 */
export interface CloserReading {
  /** The writer's own words say that they correct something written before. */
  readonly corrects: () => Awaitable<boolean>;
  /** How the mail speaks of the workspace that its requests leave open. */
  readonly workspace: () => Awaitable<WorkspaceSaid>;
  /**
   * Bare answers ("acme-inc", "1 to 31 May 2024") in the light of what was asked; `null` = not certain what is meant.
   * `language` is that of the conversation, ISO 639-1: few words tell none.
   */
  readonly answersTo: (questions: readonly Questions[], language: string) => Awaitable<Answers | null>;
}

type Awaitable<T> = T | Promise<T>;

export type WorkspaceSaid =
  /** The mail names no workspace, company or the like at all, and nothing in it speaks against the request. */
  | { readonly kind: 'none' }
  /** It names one, by a name that is no slug: had it been the slug, the request would hold it. */
  | { readonly kind: 'named'; readonly name: string }
  /** It names one by its slug and by an ID, which need not be those of one workspace. */
  | { readonly kind: 'both'; readonly slug: string; readonly id: string }
  /** Several, a denied one, alternatives, doubts, or names that cannot be placed. */
  | { readonly kind: 'unclear' };

/** What was asked about one ticket, in the order in which it was asked. */
export interface Questions {
  readonly ticketId: number;
  /** `PD-1042`: the writer may say by it which ticket a line answers. */
  readonly reference: string;
  readonly scope: Scope;
  readonly asks: readonly Ask[];
}

export interface Answers {
  /** One a ticket: a request of its scope with nothing but the fields that the mail answers. Never empty. */
  readonly answers: readonly {
    readonly ticketId: number;
    readonly given: DeletionRequest;
    /** The workspace by a name that is no slug, to be looked for among those of the sender. */
    readonly workspaceName: string | null;
  }[];
  readonly problems: readonly Problem[];
}

/** What became of a message, as it is written to its row. */
export interface Handled {
  readonly disposition: Disposition;
  /** One factual line for agents, without mail text. */
  readonly reason: string;
  readonly conversationId: number | null;
  /** Whether an agent must look. */
  readonly needsAgent: boolean;
  /** A reply was due, and the budget is spent. */
  readonly silenced?: true;
}
