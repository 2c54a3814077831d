import type { Knex } from 'knex';
import type { Role } from '../domain/directory.ts';
import type { Scope } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import type { State } from '../domain/ticket.ts';

/** A ticket in which the author of a mail has a say. */
export interface PartyTicket {
  readonly id: number;
  readonly conversation_id: number;
  readonly state: State;
  readonly scope: Scope;
  readonly target: Target | null;
  readonly workspace_ids: readonly string[];
  /** The author's standing in it: a role, or `member` for a requester who lost it. */
  readonly role: Role;
}

/** How many tickets one mail may touch. */
const TICKETS_MAX = 50;

/**
 * Tickets in which this person is a party, by address and its keyed hash: the entitled requester (by the hash, so that a
 * late question finds a ticket whose address was erased), or an owner or admin of one of the workspaces at
 * any time since the request. Open ones first, newest first.
 */
export async function ticketsOfParty(
  trx: Knex.Transaction,
  party: { readonly address: string; readonly hash: string },
  filter: { readonly conversationIds?: readonly number[]; readonly workspaceIds?: readonly string[] },
): Promise<readonly PartyTicket[]> {
  const result = await trx.raw<{ rows: PartyTicket[] }>(PARTY_TICKETS, {
    address: party.address,
    hash: party.hash,
    conversations: filter.conversationIds === undefined ? null : [...filter.conversationIds],
    workspaces: filter.workspaceIds === undefined ? null : [...filter.workspaceIds],
    limit: TICKETS_MAX,
  });
  return result.rows;
}

const PARTY_TICKETS = `
  with mine as (
    select id from tickets where requester_hash = :hash and verdict = 'entitled'
    union
    select ticket_id from parties where address = :address
    union
    select t.id from members m join tickets t on t.workspace_ids @> array[m.workspace_id]
    where m.address = :address and m.role in ('owner', 'admin') and m.removed_at is null
      and t.state not in ('completed', 'cancelled', 'rejected', 'expired')
  )
  select t.id, t.conversation_id, t.state, t.scope, t.target, t.workspace_ids,
    coalesce(
      (select p.role from parties p where p.ticket_id = t.id and p.address = :address order by p.role desc limit 1),
      (select m.role from members m where m.workspace_id = any(t.workspace_ids) and m.address = :address
       order by m.role desc limit 1),
      'member') as role
  from tickets t join mine on mine.id = t.id
  where (cast(:conversations as bigint[]) is null or t.conversation_id = any(cast(:conversations as bigint[])))
    and (cast(:workspaces as text[]) is null or t.workspace_ids && cast(:workspaces as text[]))
  order by t.state in ('completed', 'cancelled', 'rejected', 'expired'), t.id desc
  limit :limit`;

const CLOSED: readonly State[] = ['completed', 'cancelled', 'rejected', 'expired'];

export const isOpen = (ticket: { readonly state: State }): boolean => !CLOSED.includes(ticket.state);

/** Conversations in which we sent a mail with one of these Message-IDs. */
export async function conversationsOfMessageIds(
  trx: Knex.Transaction,
  messageIds: readonly string[],
): Promise<readonly number[]> {
  if (messageIds.length === 0) return [];
  const rows = await trx('outbox')
    .distinct<{ conversation_id: number }[]>('conversation_id')
    .whereIn('message_id_header', messageIds.slice(-REFERENCES_MAX))
    .whereNotNull('conversation_id');
  return rows.map((row) => row.conversation_id);
}

/** References beyond this many, the oldest first, are not looked up. */
const REFERENCES_MAX = 50;
