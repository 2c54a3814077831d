import { type Canonical, digestOf } from '../../domain/canonical.ts';

/**
 * One erasure as the chain holds it: the desk's own ids, counts and keyed hashes. Whom a step was about stands in its
 * seal alone, so that the seal can go one day and the chain still verifies.
 */
export interface LedgerEntry {
  /** From 1, without a gap. */
  readonly seq: number;
  /** ISO 8601 in UTC, milliseconds: when the step was counted to nothing. */
  readonly at: string;
  /** `replayed`: erased once more, after a backup had brought it back. */
  readonly kind: 'erased' | 'replayed';
  /** The ticket's number. */
  readonly ticket: number;
  /** The step's number in the plan of that ticket. */
  readonly step: number;
  readonly store: string;
  /** Within the store: a table, a prefix, an endpoint. */
  readonly target: string;
  readonly action: string;
  readonly workspace: string;
  /** Keyed hash of the canonical JSON of the whole step: 64 hex digits. */
  readonly stepDigest: string;
  readonly deleted: number;
  /** The entry that was replayed; `null` for an erasure of its own. */
  readonly replayOf: number | null;
}

/** An entry in its place. */
export interface LedgerLink extends LedgerEntry {
  readonly previousHash: string;
  readonly hash: string;
}

/** Where a chain ends; `seq` 0 and an empty hash before the first entry. */
export interface LedgerHead {
  readonly seq: number;
  readonly hash: string;
}

export const EMPTY_LEDGER: LedgerHead = { seq: 0, hash: '' };

/** SHA-256 over the hash of the entry before and the canonical JSON of this one, lower-case hex. */
export const entryHash = (previous: string, entry: LedgerEntry): string =>
  digestOf({ previous, entry: entry as unknown as Canonical });

/** The entry behind `head`. */
export function linkAfter(head: LedgerHead, entry: Omit<LedgerEntry, 'seq'>): LedgerLink {
  const next: LedgerEntry = { ...entry, seq: head.seq + 1 };
  return { ...next, previousHash: head.hash, hash: entryHash(head.hash, next) };
}

/** What is wrong with the link that comes next behind `head`, or `null`. */
export function linkProblem(head: LedgerHead, link: LedgerLink): string | null {
  const { previousHash, hash, ...entry } = link;
  if (entry.seq !== head.seq + 1) return `entry ${head.seq + 1} is missing`;
  if (previousHash !== head.hash) return `entry ${entry.seq} does not follow the one before it`;
  if (entryHash(head.hash, entry) !== hash) return `entry ${entry.seq} was changed`;
  return null;
}
