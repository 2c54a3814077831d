import type { Knex } from 'knex';
import type { Canonical } from '../domain/canonical.ts';
import { referenceOf, ticketId } from '../domain/ids.ts';
import { verifyChain } from './audit.ts';

export interface AuditReport {
  readonly tickets: number;
  readonly events: number;
  readonly anchors: number;
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
  const anchors = await db('audit_anchors')
    .select<{ day: string; hash: string; previous_hash: string }[]>(
      db.raw(`to_char(day, 'YYYY-MM-DD') as day`),
      'hash',
      'previous_hash',
    )
    .orderBy('day');
  anchors.forEach((anchor, index) => {
    if (anchor.previous_hash !== (anchors[index - 1]?.hash ?? '')) {
      problems.push(`anchor of ${anchor.day}: does not follow the one before it`);
    }
  });
  return { tickets, events, anchors: anchors.length, problems };
}

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
