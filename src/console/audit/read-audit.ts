/** The audit chains as their page reads them: newest first, a page at a time. */
import type { Knex } from 'knex';
import { plainName } from '../../domain/agents.ts';
import type { Canonical } from '../../domain/canonical.ts';

export interface AuditEvent {
  readonly no: number;
  readonly ticketId: number;
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly type: string;
  readonly was: string;
  readonly became: string;
  readonly actor: string;
  readonly details: Readonly<Record<string, Canonical>>;
  readonly hash: string;
}

export interface AuditQuery {
  readonly ticketId: number | null;
  /** The name of an agent as it was typed; '' = anybody. */
  readonly agent: string;
  /** Older than this number; `null` = from the newest. */
  readonly before: number | null;
}

export const PAGE_SIZE = 50;

/** One page and one more. */
export async function listEvents(db: Knex, query: AuditQuery): Promise<readonly AuditEvent[]> {
  const { ticketId, agent, before } = query;
  const actors = agent === '' ? [] : await actorsNamed(db, agent);
  const events = db('ticket_events')
    .select<EventRow[]>('no', 'ticket_id', 'seq', 'at', 'type', 'was', 'became', 'actor', 'details', 'hash')
    .limit(PAGE_SIZE + 1);
  if (before !== null) events.where('no', '<', before);
  if (agent !== '') events.whereIn('actor', actors).andWhere('actor', 'like', 'agent:%');
  if (ticketId === null) events.orderBy('no', 'desc');
  // By the chain's own index; a chain is short.
  else events.where({ ticket_id: ticketId }).orderBy('seq', 'desc');
  return (await events).map(({ ticket_id, at, ...row }) => ({
    ...row,
    ticketId: ticket_id,
    at: at.toISOString(),
  }));
}

/** As the chain has it: the name as it was typed, and as an agent who is known by it is called. */
async function actorsNamed(db: Knex, name: string): Promise<string[]> {
  const known = await db('agents')
    .select<{ name: string }[]>('name')
    .where({ plain_name: plainName(name) });
  return [...new Set([name, ...known.map((agent) => agent.name)])].map((one) => `agent:${one}`);
}

interface EventRow extends Omit<AuditEvent, 'ticketId' | 'at'> {
  readonly ticket_id: number;
  readonly at: Date;
}

export interface AnchorLine {
  readonly day: string;
  readonly tickets: number;
  readonly hash: string;
  readonly previousHash: string;
}

/** Newest first. */
export async function listAnchors(db: Knex, limit: number): Promise<readonly AnchorLine[]> {
  const found = await db.raw<{ rows: AnchorLine[] & { day: string }[] }>(ANCHORS, [limit]);
  return found.rows;
}

const ANCHORS = `
  select to_char(day, 'YYYY-MM-DD') as day, tickets, hash, previous_hash as "previousHash"
  from audit_anchors order by day desc limit ?`;

export interface ImportLine {
  readonly at: string;
  readonly agent: string;
  readonly reason: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly deleted: number;
  readonly restored: number;
}

/** Newest first. */
export async function listImports(db: Knex, limit: number): Promise<readonly ImportLine[]> {
  const found = await db('directory_imports')
    .select<(Omit<ImportLine, 'at'> & { at: Date })[]>(
      'at',
      'agent',
      'reason',
      'added',
      'changed',
      'removed',
      'deleted',
      'restored',
    )
    .orderBy('id', 'desc')
    .limit(limit);
  return found.map((line) => ({ ...line, at: line.at.toISOString() }));
}
