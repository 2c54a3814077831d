import type { Knex } from 'knex';
import type { Canonical } from '../domain/canonical.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import { verifyChain } from './audit.ts';
import { type AnchoredHead, anchorHash, LEDGER } from './audit-anchor.ts';

export interface AuditReport {
  readonly tickets: number;
  readonly events: number;
  readonly anchors: number;
  /** To be kept somewhere else, and compared. */
  readonly newestAnchor: string | null;
  /** One line for each chain that does not verify. */
  readonly problems: readonly string[];
}

const CHUNK = 500;

/** Reads every chain from its first event and compares it with the head on its ticket. */
export async function verifyAudit(db: Knex): Promise<AuditReport> {
  const problems: string[] = [];
  let tickets = 0;
  let events = 0;
  for (let after = 0; ; ) {
    const heads = await db('tickets')
      .select<{ id: number; audit_seq: number; audit_head: string }[]>('id', 'audit_seq', 'audit_head')
      .where('id', '>', after)
      .orderBy('id')
      .limit(CHUNK);
    const last = heads.at(-1);
    if (last === undefined) break;
    const links = await linksOf(
      db,
      heads.map((head) => head.id),
    );
    for (const head of heads) {
      const chain = links.get(head.id) ?? [];
      events += chain.length;
      const wrong = verifyChain(chain, { seq: head.audit_seq, hash: head.audit_head });
      if (wrong !== null) problems.push(`${referenceOf(ticketId(head.id))}: ${wrong}`);
    }
    tickets += heads.length;
    after = last.id;
  }
  const anchors = await verifyAnchors(db, problems);
  return { tickets, events, ...anchors, problems };
}

/** Each anchor follows the one before, is the hash of its heads, and each head is still in its ticket's chain. */
async function verifyAnchors(
  db: Knex,
  problems: string[],
): Promise<{ readonly anchors: number; readonly newestAnchor: string | null }> {
  const anchors = await db('audit_anchors')
    .select<{ day: string; hash: string; previous_hash: string }[]>(
      db.raw(`to_char(day, 'YYYY-MM-DD') as day`),
      'hash',
      'previous_hash',
    )
    .orderBy('day');
  let previous = '';
  for (const { day, hash, previous_hash } of anchors) {
    const result = await db.raw<{ rows: AnchoredRow[] }>(ANCHORED_HEADS, [day]);
    const heads = result.rows.map((row): AnchoredHead => [row.ticket_id, row.seq, row.hash]);
    if (previous_hash !== previous) problems.push(`anchor of ${day}: does not follow the one before it`);
    if (anchorHash(day, previous_hash, heads) !== hash)
      problems.push(`anchor of ${day}: its heads were changed`);
    for (const row of result.rows.filter(({ held }) => !held)) {
      const link =
        row.ticket_id === LEDGER
          ? `ledger: entry ${row.seq}`
          : `${referenceOf(ticketId(row.ticket_id))}: event ${row.seq}`;
      problems.push(`${link} is not the one that ${day} was anchored with`);
    }
    previous = hash;
  }
  return { anchors: anchors.length, newestAnchor: anchors.at(-1)?.hash ?? null };
}

interface AnchoredRow {
  readonly ticket_id: number;
  readonly seq: number;
  readonly hash: string;
  readonly held: boolean;
}

const ANCHORED_HEADS = `
  select a.ticket_id, a.seq, a.hash, coalesce(coalesce(e.hash, l.hash) = a.hash, false) as held
  from anchored_heads a left join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
    left join erasure_ledger l on a.ticket_id = ${LEDGER} and l.seq = a.seq
  where a.day = cast(? as date) order by a.ticket_id`;

type StoredLink = Parameters<typeof verifyChain>[0][number];

interface EventRow {
  readonly ticket_id: number;
  readonly seq: number;
  readonly at: Date;
  readonly type: string;
  readonly was: string;
  readonly became: string;
  readonly actor: string;
  readonly details: Readonly<Record<string, Canonical>>;
  readonly previous_hash: string;
  readonly hash: string;
}

async function linksOf(db: Knex, ids: readonly number[]): Promise<Map<number, StoredLink[]>> {
  const rows = await db('ticket_events')
    .select<EventRow[]>(
      'ticket_id',
      'seq',
      'at',
      'type',
      'was',
      'became',
      'actor',
      'details',
      'previous_hash',
      'hash',
    )
    .whereIn('ticket_id', ids)
    .orderBy(['ticket_id', 'seq']);
  const byTicket = new Map<number, StoredLink[]>();
  for (const row of rows) {
    const { type, was, became, actor, details, seq, hash } = row;
    const link = {
      ticket: row.ticket_id,
      seq,
      at: row.at.toISOString(),
      type,
      was,
      became,
      actor,
      details,
      previousHash: row.previous_hash,
      hash,
    };
    byTicket.set(row.ticket_id, [...(byTicket.get(row.ticket_id) ?? []), link]);
  }
  return byTicket;
}
