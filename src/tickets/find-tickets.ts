import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows, distinct, groupBy } from '../db/rows.ts';
import { forMany } from '../db/together.ts';
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
export const ticketsOfParty = (
  trx: Knex.Transaction,
  party: { readonly address: string; readonly hash: string },
  filter: { readonly conversationIds?: readonly number[]; readonly workspaceIds?: readonly string[] },
): Promise<readonly PartyTicket[]> =>
  ofParty(trx, {
    ...party,
    conversations: filter.conversationIds ?? null,
    workspaces: filter.workspaceIds ?? null,
  });

interface PartyQuestion {
  readonly address: string;
  readonly hash: string;
  readonly conversations: readonly number[] | null;
  readonly workspaces: readonly string[] | null;
}

const ofParty = forMany(async (trx: Knex.Transaction, asked: readonly PartyQuestion[]) => {
  const questions = asked.map((question, no) => ({ no, ...question }));
  const result = await prepared<{ rows: (PartyTicket & { no: number })[] }>(trx, PARTY_TICKETS, {
    questions: asRows(questions),
    limit: TICKETS_MAX,
  });
  const found = groupBy(result.rows, (row) => row.no);
  return asked.map((_, no): readonly PartyTicket[] =>
    (found.get(no) ?? []).map(({ no: _no, ...row }) => row),
  );
});

const PARTY_TICKETS = `
  select question.no, found.*
  from jsonb_to_recordset(cast(:questions as jsonb)) as question (no integer, address text, hash text,
    conversations bigint[], workspaces text[])
  cross join lateral (
    with mine as (
      select id from tickets where requester_hash = question.hash and verdict = 'entitled'
      union
      select ticket_id from parties where address = question.address
      union
      select t.id from members m join tickets t on t.workspace_ids @> array[m.workspace_id]
      where m.address = question.address and m.role in ('owner', 'admin') and m.removed_at is null
        and t.state not in ('completed', 'cancelled', 'rejected', 'expired')
    )
    select t.id, t.conversation_id, t.state, t.scope, t.target, t.workspace_ids,
      coalesce(
        (select p.role from parties p where p.ticket_id = t.id and p.address = question.address
         order by p.role desc limit 1),
        (select m.role from members m where m.workspace_id = any(t.workspace_ids) and m.address = question.address
         order by m.role desc limit 1),
        'member') as role
    from tickets t join mine on mine.id = t.id
    where (question.conversations is null or t.conversation_id = any(question.conversations))
      and (question.workspaces is null or t.workspace_ids && question.workspaces)
    order by t.state in ('completed', 'cancelled', 'rejected', 'expired'), t.id desc
    limit :limit) found
  order by question.no, found.state in ('completed', 'cancelled', 'rejected', 'expired'), found.id desc`;

const CLOSED: readonly State[] = ['completed', 'cancelled', 'rejected', 'expired'];

export const isOpen = (ticket: { readonly state: State }): boolean => !CLOSED.includes(ticket.state);

/** Conversations in which we sent a mail with one of these Message-IDs. */
export const conversationsOfMessageIds = (
  trx: Knex.Transaction,
  messageIds: readonly string[],
): Promise<readonly number[]> =>
  messageIds.length === 0 ? Promise.resolve([]) : ofMessageIds(trx, messageIds.slice(-REFERENCES_MAX));

const ofMessageIds = forMany(async (trx: Knex.Transaction, asked: readonly (readonly string[])[]) => {
  const result = await prepared<{ rows: { header: string; conversation: number }[] }>(trx, OF_MESSAGE_IDS, [
    distinct(asked.flat()),
  ]);
  return asked.map((headers) =>
    distinct(result.rows.filter((row) => headers.includes(row.header)).map((row) => row.conversation)),
  );
});

const OF_MESSAGE_IDS = `
  select message_id_header as header, conversation_id as conversation from outbox
  where message_id_header = any(cast(? as text[])) and conversation_id is not null order by id`;

/** Which conversation each ticket is part of; unknown numbers are left out. */
export const conversationsOfTickets = forMany(
  async (trx: Knex.Transaction, asked: readonly (readonly number[])[]) => {
    const result = await prepared<{ rows: { id: number; conversation_id: number }[] }>(
      trx,
      'select id, conversation_id from tickets where id = any(cast(? as bigint[]))',
      [distinct(asked.flat())],
    );
    const known = new Map(result.rows.map((row) => [row.id, row.conversation_id]));
    return asked.map((ids): readonly number[] => ids.flatMap((id) => known.get(id) ?? []));
  },
);

/** References beyond this many, the oldest first, are not looked up. */
const REFERENCES_MAX = 50;
