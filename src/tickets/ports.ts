import type { Knex } from 'knex';
import type { CrashPoint } from '../domain/crash-label.ts';
import type { BlockerKind, DirectoryFacts, Role, Workspace } from '../domain/directory.ts';
import type { Judgement, Standing } from '../domain/evidence.ts';
import type { Policy } from '../domain/policy.ts';
import type { DeletionRequest, Problem, WorkspaceRef } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import type { AppDoubt, Authority, Obstacle, TicketIn } from '../domain/ticket.ts';
import type { TicketNews } from '../domain/ticket-news.ts';
import type { Permit, PermitAsk } from './reply-budget.ts';

/** An open challenge, as far as a mail about it needs it. */
export interface OpenChallenge {
  readonly id: string;
  readonly expiresAt: Date;
  readonly triesLeft: number;
}

/** What the ticket store needs from the stages beside it. */
export interface TicketDeps {
  readonly policy: Policy;
  /** Keys every hash of an address. */
  readonly key: Uint8Array;
  /** Left out: no fault test ends the process. */
  readonly crashPoint?: CrashPoint;
  /** Whether one more mail may go to somebody who is not verified; committed at once, whatever becomes of the decision. */
  askPermit(ask: PermitAsk): Promise<Permit>;
  /** Voids the conversation's open challenge and makes one that covers exactly these digests. */
  issueChallenge(
    trx: Knex.Transaction,
    order: {
      readonly conversationId: number;
      readonly requesterHash: string;
      /** Digest by ticket id. */
      readonly digests: Readonly<Record<string, string>>;
      readonly now: Date;
    },
  ): Promise<OpenChallenge>;
  /**
   * The challenge about a cancel that came in this person's name: the open one about the same tickets, else a new one.
   * `null` = it was locked by wrong codes and has not expired.
   */
  issueCancelChallenge(
    trx: Knex.Transaction,
    order: {
      readonly conversationId: number;
      readonly requesterHash: string;
      /** Digest by ticket id, empty for a ticket without a target. */
      readonly digests: Readonly<Record<string, string>>;
      readonly now: Date;
    },
  ): Promise<OpenChallenge | null>;
  /** Within the transaction that starts a purge: what has to be so before anything is deleted. */
  purgeStarts?(trx: Knex.Transaction, ticket: TicketIn<'purging'>, now: Date): Promise<void>;
  /** Within the deciding transaction: other systems are told what was decided. */
  announce?(trx: Knex.Transaction, news: TicketNews): Promise<void>;
  /** The conversation's open challenge to confirm a deletion, if any. */
  openChallenge(trx: Knex.Transaction, conversationId: number): Promise<OpenChallenge | null>;
}

/** What came of a typed code. `none`: there is no challenge that it could answer. */
export type CodeCheck =
  | {
      readonly kind: 'right';
      readonly conversationId: number;
      readonly digests: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'wrong'; readonly conversationId: number; readonly triesLeft: number }
  | { readonly kind: 'none' };

/** Which challenge a code is meant for: the open one of a conversation, or nothing but the one that a link names. */
export interface ChallengeRef {
  readonly conversationId: number;
  readonly challengeId: string | null;
}

/** What handling a mail needs beyond that. */
export interface DeskDeps extends TicketDeps {
  factsFor(trx: Knex.Transaction, sender: string, refs: readonly WorkspaceRef[]): Promise<DirectoryFacts>;
  judge(question: {
    readonly request: DeletionRequest;
    readonly problems: readonly Problem[];
    readonly standing: Standing;
    readonly sender: string;
    readonly facts: DirectoryFacts;
    readonly requestedAt: Date;
  }): Judgement;
  /** Locks the challenge, checks the code in constant time, counts a wrong try, marks a right one answered. */
  tryCode(trx: Knex.Transaction, ref: ChallengeRef, code: string | null, now: Date): Promise<CodeCheck>;
  /** The same for a challenge about a cancel, which only its link names. `null` = it takes no more answers. */
  tryCancelCode(
    trx: Knex.Transaction,
    challengeId: string,
    code: string,
    now: Date,
  ): Promise<'right' | 'wrong' | null>;
  /** What a workspace that the directory reports as deleted comes to; `deletedBy` is whom the app names, if anybody. */
  judgeAppDeletion(question: {
    readonly workspace: Workspace;
    readonly deletedBy: string | null;
    readonly requestedAt: Date;
  }): { readonly target: Target; readonly doubt: AppDoubt | null };
  /**
   * The world looked at again for one target: does the word that it rests on still hold, is anything to be settled first?
   * @param authority - whose word, the requester's unless told
   */
  recheck(
    trx: Knex.Transaction,
    target: Target,
    requester: string | null,
    authority?: Authority,
  ): Promise<{
    readonly obstacles: readonly Obstacle[];
    readonly blockers: readonly BlockerKind[];
    readonly role: Role | null;
  }>;
  /** The conversation tag in one of our keyed reply addresses, `null` when it is none or was tampered with. */
  tagOfReplyAddress(address: string): string | null;
}
