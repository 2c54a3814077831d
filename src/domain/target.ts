import type { TimeFrame } from './calendar.ts';
import { type Canonical, digestOf } from './canonical.ts';
import type { Named } from './directory.ts';
import type { PropertyClause, Scope } from './request.ts';

export interface TargetWorkspace {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** ISO 8601; a workspace re-created under the same slug has another one. */
  readonly createdAt: string;
  readonly tombstone: boolean;
}

/**
 * What will be deleted, resolved in the directory: immutable ids beside stored spellings. This, and not the words of a
 * mail, is what a challenge confirms, what a plan is made from and what a purge deletes. A JSON value.
 */
export interface Target {
  readonly scope: Scope;
  /** Never empty. One workspace, or for `account` the frozen list. Sorted by id. */
  readonly workspaces: readonly TargetWorkspace[];
  readonly source: Named | null;
  readonly space: Named | null;
  readonly project: Named | null;
  readonly users: readonly string[];
  readonly events: readonly string[];
  readonly properties: readonly PropertyClause[];
  readonly timeFrame: TimeFrame | null;
  /** ISO 8601 instant of the request: nothing received later is touched by a source or events deletion. */
  readonly cutoff: string;
}

/** The digest that a challenge and a plan are bound to: SHA-256 of the canonical JSON. */
export const targetDigest = (target: Target): string => digestOf(target as unknown as Canonical);

/** One digest for all complete requests of a conversation, whatever their order. */
export const conversationDigest = (digests: readonly string[]): string => digestOf([...digests].sort());
