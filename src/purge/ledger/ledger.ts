/** The ledger of erasures in the desk's database: one chain of all, appended to and never changed. */
import type { Knex } from 'knex';
import type { PlanStep } from '../../domain/plan.ts';
import { type LedgerHead, type LedgerLink, linkAfter } from './chain.ts';
import type { LedgerKey } from './seal.ts';

export interface Erasure {
  readonly kind: LedgerLink['kind'];
  readonly ticketId: number;
  readonly step: PlanStep;
  readonly deleted: number;
  readonly at: Date;
  /** The entry that is replayed. */
  readonly replayOf?: number;
}

/**
 * Appends one erasure, with its seal unless it is a replay. Whoever appends holds the head until the transaction ends, so that entries follow
 * each other without gap or fork: call it last of what locks anything that others wait for.
 */
export async function appendErasure(
  trx: Knex.Transaction,
  key: LedgerKey,
  erasure: Erasure,
): Promise<LedgerLink> {
  const { step } = erasure;
  const head = await lockHead(trx);
  const link = linkAfter(head, {
    at: erasure.at.toISOString(),
    kind: erasure.kind,
    ticket: erasure.ticketId,
    step: step.no,
    store: step.store,
    target: step.target,
    action: step.action,
    workspace: step.predicate.workspaceId,
    stepDigest: key.digest(step),
    deleted: erasure.deleted,
    replayOf: erasure.replayOf ?? null,
  });
  // A replay is told in full by the entry that it replays.
  const sealed = erasure.kind === 'erased' ? key.seal(step, link.hash) : null;
  await writeLinks(trx, [{ link, sealed }]);
  return link;
}

/** The newest entry, held for the rest of the transaction. */
export async function lockHead(trx: Knex.Transaction): Promise<LedgerHead> {
  const [head] = await trx('ledger_head').select<LedgerHead[]>('seq', 'hash').forUpdate();
  if (head === undefined) throw new TypeError('the ledger has no head');
  return head;
}

/** An entry with its seal; `null` once that was erased. */
export interface SealedLink {
  readonly link: LedgerLink;
  readonly sealed: Buffer | null;
}

/** Writes entries that follow the head, which the caller holds, and moves it. */
export async function writeLinks(trx: Knex.Transaction, entries: readonly SealedLink[]): Promise<void> {
  const last = entries.at(-1);
  if (last === undefined) return;
  for (let from = 0; from < entries.length; from += CHUNK) {
    const part = entries.slice(from, from + CHUNK);
    await trx('erasure_ledger').insert(part.map(({ link }) => rowOf(link)));
    const seals = part.flatMap(({ link, sealed }) => (sealed === null ? [] : [{ seq: link.seq, sealed }]));
    if (seals.length > 0) await trx('ledger_seals').insert(seals);
  }
  await trx('ledger_head').update({ seq: last.link.seq, hash: last.link.hash });
}

/** Reads the ledger in its order, a bounded part at a time. */
export async function* readLedger(db: Knex, after = 0): AsyncGenerator<readonly SealedLink[]> {
  for (let from = after; ; ) {
    const found = await db.raw<{ rows: LedgerRow[] }>(LEDGER, [from, CHUNK]);
    const last = found.rows.at(-1);
    if (last === undefined) return;
    yield found.rows.map((row) => ({ link: linkOf(row), sealed: row.sealed }));
    from = last.seq;
  }
}

/** Entries by their numbers. */
export async function readEntries(db: Knex, seqs: readonly number[]): Promise<Map<number, SealedLink>> {
  const found = await db.raw<{ rows: LedgerRow[] }>(`${ENTRIES} where l.seq = any(?)`, [[...seqs]]);
  return new Map(found.rows.map((row) => [row.seq, { link: linkOf(row), sealed: row.sealed }]));
}

const CHUNK = 500;

const ENTRIES = `
  select l.seq, l.at, l.kind, l.ticket_id, l.step, l.store, l.target, l.action, l.workspace_id, l.step_digest, l.deleted,
    l.replay_of, l.previous_hash, l.hash, s.sealed
  from erasure_ledger l left join ledger_seals s on s.seq = l.seq`;
const LEDGER = `${ENTRIES} where l.seq > ? order by l.seq limit ?`;

interface LedgerRow {
  readonly seq: number;
  readonly at: Date;
  readonly kind: LedgerLink['kind'];
  readonly ticket_id: number;
  readonly step: number;
  readonly store: string;
  readonly target: string;
  readonly action: string;
  readonly workspace_id: string;
  readonly step_digest: string;
  readonly deleted: number;
  readonly replay_of: number | null;
  readonly previous_hash: string;
  readonly hash: string;
  readonly sealed: Buffer | null;
}

const rowOf = (link: LedgerLink): Omit<LedgerRow, 'at' | 'sealed'> & { readonly at: string } => ({
  seq: link.seq,
  at: link.at,
  kind: link.kind,
  ticket_id: link.ticket,
  step: link.step,
  store: link.store,
  target: link.target,
  action: link.action,
  workspace_id: link.workspace,
  step_digest: link.stepDigest,
  deleted: link.deleted,
  replay_of: link.replayOf,
  previous_hash: link.previousHash,
  hash: link.hash,
});

const linkOf = (row: LedgerRow): LedgerLink => ({
  seq: row.seq,
  at: row.at.toISOString(),
  kind: row.kind,
  ticket: row.ticket_id,
  step: row.step,
  store: row.store,
  target: row.target,
  action: row.action,
  workspace: row.workspace_id,
  stepDigest: row.step_digest,
  deleted: row.deleted,
  replayOf: row.replay_of,
  previousHash: row.previous_hash,
  hash: row.hash,
});
