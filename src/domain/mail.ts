import type { Standing } from './evidence.ts';
import type { Understanding } from './request.ts';

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
  /** It answers a form of ours: what it fills in belongs to the ticket that waits for it, or to nothing. */
  readonly answersForm: boolean;
  /** Addresses in To and Cc: one may be our keyed reply address. */
  readonly addressedTo: readonly string[];
  /** Message-IDs in In-Reply-To and References, newest last. */
  readonly references: readonly string[];
  readonly subject: string;
  readonly arrivedAt: Date;
}

/** What became of a message, as it is written to its row. */
export interface Handled {
  readonly disposition: Disposition;
  /** One factual line for agents, without mail text. */
  readonly reason: string;
  readonly conversationId: number | null;
  /** Whether an agent must look. */
  readonly needsAgent: boolean;
}
