import type { Knex } from 'knex';
import type { Policy } from '../domain/policy.ts';

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
  /** The conversation's open challenge, if any. */
  openChallenge(trx: Knex.Transaction, conversationId: number): Promise<OpenChallenge | null>;
  /** Called before and after a side effect; a fault test may end the process there. */
  crashPoint(label: string): void;
}
