import type { Knex } from 'knex';
import { referenceOf, type TicketId, ticketId } from '../../domain/ids.ts';
import type { Scope } from '../../domain/request.ts';
import { type HoldReason, PUBLIC_STATUS, type State } from '../../domain/ticket.ts';
import type { TicketAnswer } from './schemas.ts';

interface TicketRow {
  readonly id: number;
  readonly state: State;
  readonly scope: Scope;
  readonly origin: 'mail' | 'app';
  readonly workspace_ids: readonly string[];
  readonly slugs: readonly { readonly id: string; readonly slug: string }[] | null;
  readonly locale: string;
  readonly verdict: string | null;
  readonly holds: readonly HoldReason[];
  readonly estimate: number | null;
  readonly requested_at: Date;
  readonly due_at: Date;
  readonly state_since: Date;
  readonly verified_at: Date | null;
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly purge_started_at: Date | null;
  readonly closed_at: Date | null;
  readonly erased_at: Date | null;
}

export interface TicketQuery {
  readonly id?: TicketId;
  readonly states?: readonly State[];
  readonly hold?: HoldReason;
  readonly scope?: Scope;
  readonly origin?: 'mail' | 'app';
  readonly workspace?: string;
  readonly dueBefore?: Date;
  readonly requestedSince?: Date;
  readonly after?: number;
  readonly limit: number;
}

/** Newest first. */
export async function readTicketRows(db: Knex, query: TicketQuery): Promise<readonly TicketAnswer[]> {
  const found = await db.raw<{ rows: TicketRow[] }>(
    `${SELECT} ${conditions(query)} order by t.id desc limit :limit`,
    {
      id: query.id ?? null,
      states: query.states === undefined ? null : [...query.states],
      hold: query.hold ?? null,
      scope: query.scope ?? null,
      origin: query.origin ?? null,
      workspaces: query.workspace === undefined ? null : [query.workspace],
      due: query.dueBefore ?? null,
      since: query.requestedSince ?? null,
      after: query.after ?? null,
      limit: query.limit,
    },
  );
  return found.rows.map(ticketOf);
}

const SELECT = `
  select t.id, t.state, t.scope, t.origin, t.workspace_ids, t.verdict, t.estimate, t.requested_at, t.due_at, t.state_since,
    t.verified_at, t.grace_ends_at, t.not_before, t.purge_started_at, t.closed_at, t.erased_at, c.locale,
    (select json_agg(json_build_object('id', w.id, 'slug', w.slug)) from workspaces w where w.id = any(t.workspace_ids)) as slugs,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds
  from tickets t join conversations c on c.id = t.conversation_id`;

/** Only what is asked for stands in the statement, so that the database can use an index for it. */
function conditions(query: TicketQuery): string {
  const asked: readonly (readonly [unknown, string])[] = [
    [query.id, 't.id = cast(:id as bigint)'],
    [query.after, 't.id < cast(:after as bigint)'],
    [query.states, 't.state = any(cast(:states as text[]))'],
    [
      query.hold,
      'exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null and h.reason = cast(:hold as text))',
    ],
    [query.scope, 't.scope = cast(:scope as text)'],
    [query.origin, 't.origin = cast(:origin as text)'],
    [query.workspace, 't.workspace_ids @> cast(:workspaces as text[])'],
    [query.dueBefore, 't.due_at < cast(:due as timestamptz)'],
    [query.requestedSince, 't.requested_at >= cast(:since as timestamptz)'],
  ];
  const parts = asked.filter(([value]) => value !== undefined).map(([, sql]) => sql);
  return parts.length === 0 ? '' : `where ${parts.join(' and ')}`;
}

const ticketOf = (row: TicketRow): TicketAnswer => ({
  reference: referenceOf(ticketId(row.id)),
  state: row.state,
  status: PUBLIC_STATUS[row.state],
  scope: row.scope,
  origin: row.origin,
  workspaces: row.workspace_ids.map((id) => ({
    id,
    slug: row.slugs?.find((workspace) => workspace.id === id)?.slug ?? null,
  })),
  language: row.locale,
  verdict: row.verdict,
  holds: [...row.holds],
  requested_at: row.requested_at.toISOString(),
  due_at: row.due_at.toISOString(),
  state_since: row.state_since.toISOString(),
  verified_at: row.verified_at?.toISOString() ?? null,
  grace_ends_at: row.grace_ends_at?.toISOString() ?? null,
  not_before: row.not_before?.toISOString() ?? null,
  purge_started_at: row.purge_started_at?.toISOString() ?? null,
  closed_at: row.closed_at?.toISOString() ?? null,
  erased_at: row.erased_at?.toISOString() ?? null,
  estimate: row.estimate,
});
