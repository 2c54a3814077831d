import type { Knex } from 'knex';
import { PurgedeskError } from '../../domain/errors.ts';
import { EMPTY_LEDGER, type LedgerHead, type LedgerLink, linkProblem } from './chain.ts';
import { readLedger, type SealedLink } from './ledger.ts';
import type { LedgerKey } from './seal.ts';

export interface LedgerReport {
  readonly entries: number;
  /** Entries that can still be replayed. */
  readonly sealed: number;
  /** Erasures from before there was a chain, which the desk has yet to take into it. */
  readonly unchained: number;
  /** To be kept somewhere else, and compared. */
  readonly head: LedgerHead;
  /** One line for everything that does not fit. */
  readonly problems: readonly string[];
}

/**
 * Reads the ledger from its first entry: every entry follows the one before, the last is the head, and every seal opens
 * and holds the step that its entry is about. A seal may be missing once the backups of its ticket have expired.
 */
export async function verifyLedger(db: Knex, key: LedgerKey): Promise<LedgerReport> {
  const problems: string[] = [];
  let head: LedgerHead = EMPTY_LEDGER;
  let entries = 0;
  let sealed = 0;
  for await (const part of readLedger(db)) {
    const early = await unsealedEarly(db, part);
    for (const each of part) {
      const { link } = each;
      const problem = linkProblem(head, link) ?? sealProblem(key, each);
      if (problem !== null) problems.push(problem);
      if (early.has(link.seq)) problems.push(`the seal of entry ${link.seq} is gone before its time`);
      head = { seq: link.seq, hash: link.hash };
      entries += 1;
      if (each.sealed !== null) sealed += 1;
    }
  }
  const [kept] = await db('ledger_head').select<LedgerHead[]>('seq', 'hash');
  if (kept === undefined || kept.seq !== head.seq || kept.hash !== head.hash)
    problems.push('the newest entries are missing');
  const [waiting] = await db('unchained_erasures').count<{ count: number }[]>('seq as count');
  return { entries, sealed, unchained: waiting?.count ?? 0, head, problems };
}

/** What is wrong with a seal, or `null`. */
export function sealProblem(key: LedgerKey, { link, sealed }: SealedLink): string | null {
  if (sealed === null) return null;
  try {
    return isAbout(key, link, sealed) ? null : `the seal of entry ${link.seq} is about something else`;
  } catch (error) {
    if (!(error instanceof PurgedeskError)) throw error;
    return `the seal of entry ${link.seq} does not open`;
  }
}

function isAbout(key: LedgerKey, link: LedgerLink, sealed: Buffer): boolean {
  const step = key.open(sealed, link.hash);
  return (
    key.digest(step) === link.stepDigest &&
    step.no === link.step &&
    step.store === link.store &&
    step.target === link.target &&
    step.action === link.action &&
    step.predicate.workspaceId === link.workspace
  );
}

/** Erasures without a seal whose ticket's backups are not known to have expired. */
async function unsealedEarly(db: Knex, part: readonly SealedLink[]): Promise<ReadonlySet<number>> {
  const bare = part.filter(({ link, sealed }) => sealed === null && link.kind === 'erased');
  if (bare.length === 0) return new Set();
  const found = await db.raw<{ rows: { id: number }[] }>(UNEXPIRED, [bare.map(({ link }) => link.ticket)]);
  const unexpired = new Set(found.rows.map(({ id }) => id));
  return new Set(bare.filter(({ link }) => unexpired.has(link.ticket)).map(({ link }) => link.seq));
}

const UNEXPIRED = `
  select id from tickets where id = any(?) and (residue_wake_at is null or residue_wake_at > desk_now())`;
