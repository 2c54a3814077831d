/** A page of the queue, read by keys. Nothing here changes anything. */
import type { Knex } from 'knex';
import type { Scope } from '../../domain/request.ts';
import type { Target } from '../../domain/target.ts';
import type { HoldReason, State } from '../../domain/ticket.ts';
import { type Cursor, type QueueFilter, SOON_DAYS, TABS, type Tab } from './filter.ts';
import { countSql, type Segment, segmentSql, segmentsOf } from './segments.ts';

export const TICKETS_A_PAGE = 50;
/** Beyond this many nobody reads the difference, and counting would cost. */
export const COUNT_MAX = 1_000;

export interface TicketRow {
  readonly id: number;
  readonly state: State;
  readonly scope: Scope;
  /** With the first of its users and workspaces only; `users` and `workspaces` tell how many there are. */
  readonly target: Target | null;
  readonly users: number;
  readonly workspaces: number;
  readonly origin: 'mail' | 'app';
  readonly requester: string | null;
  readonly requested_at: Date;
  readonly due_at: Date;
  readonly grace_ends_at: Date | null;
  readonly not_before: Date | null;
  readonly wake_at: Date | null;
  readonly closed_at: Date | null;
  readonly erased_at: Date | null;
  readonly assignee: string | null;
  readonly holds: readonly HoldReason[];
  /** Mail to its requester came back. */
  readonly lost_mail: boolean;
  readonly overdue: boolean;
  readonly soon: boolean;
}

export interface QueuePage {
  readonly rows: readonly TicketRow[];
  /** Where the page before this one ends, and where the next one begins; `null` = there is none. */
  readonly before: Cursor | null;
  readonly after: Cursor | null;
}

interface Place {
  readonly segment: number;
  readonly key: number;
  readonly id: number;
}

export async function readQueue(
  db: Knex,
  filter: QueueFilter,
  cursor: Cursor | null,
  agentId: number,
): Promise<QueuePage> {
  const bindings = await bindingsOf(db, filter, agentId);
  const places = await placesOf(db, filter, cursor, bindings);
  const isBackward = cursor?.direction === 'before';
  const hasMore = places.length > TICKETS_A_PAGE;
  const shown = places.slice(0, TICKETS_A_PAGE);
  if (isBackward) shown.reverse();
  const rows = await readRows(
    db,
    shown.map(({ id }) => id),
  );
  const [first, last] = [shown[0], shown.at(-1)];
  const isFirst = cursor === null || (isBackward && !hasMore);
  const isLast = isBackward ? false : !hasMore;
  return {
    rows,
    before: isFirst || first === undefined ? null : { direction: 'before', ...first },
    after: isLast || last === undefined ? null : { direction: 'after', ...last },
  };
}

type Bindings = Readonly<Record<string, string | number | string[] | null>>;

async function bindingsOf(db: Knex, filter: QueueFilter, agentId: number): Promise<Bindings> {
  return {
    ...(filter.state === null ? {} : { state: filter.state }),
    ...(filter.hold === null ? {} : { hold: filter.hold }),
    ...(filter.scope === null ? {} : { scope: filter.scope }),
    ...(filter.workspace === null ? {} : { workspaceIds: await workspaceIds(db, filter.workspace) }),
    ...(filter.assignee === null || filter.assignee === 'nobody'
      ? {}
      : { assignee: filter.assignee === 'me' ? agentId : filter.assignee }),
    ...(filter.due === 'soon' ? { soonDays: SOON_DAYS } : {}),
    ...(filter.language === null ? {} : { language: filter.language }),
  };
}

/** A slug may have had several workspaces: all of them are meant. */
async function workspaceIds(db: Knex, name: string): Promise<string[]> {
  const rows = await db('workspaces')
    .select<{ id: string }[]>('id')
    .where({ id: name })
    .orWhere({ slug: name.toLowerCase() })
    .limit(WORKSPACES_MAX);
  return rows.map(({ id }) => id);
}

const WORKSPACES_MAX = 100;

/** One more than fit on a page tells whether there is another. */
async function placesOf(
  db: Knex,
  filter: QueueFilter,
  cursor: Cursor | null,
  bindings: Bindings,
): Promise<Place[]> {
  const segments = segmentsOf(filter);
  const places: Place[] = [];
  const step = cursor?.direction === 'before' ? -1 : 1;
  const from = cursor === null ? 0 : Math.min(cursor.segment, segments.length - 1);
  for (let no = from; no >= 0 && no < segments.length && places.length <= TICKETS_A_PAGE; no += step) {
    const limit = TICKETS_A_PAGE + 1 - places.length;
    const place = no === from ? cursor : null;
    const found = await readSegment(db, segments[no] as Segment, filter, {
      place: place ?? edge(cursor),
      limit,
      bindings,
    });
    places.push(...found.map((row) => ({ segment: no, ...row })));
  }
  return places;
}

/** Into the segment before from its end: backwards, with no place in it. */
const edge = (cursor: Cursor | null): 'end' | null => (cursor?.direction === 'before' ? 'end' : null);

async function readSegment(
  db: Knex,
  segment: Segment,
  filter: QueueFilter,
  how: { readonly place: Cursor | 'end' | null; readonly limit: number; readonly bindings: Bindings },
): Promise<readonly { readonly key: number; readonly id: number }[]> {
  const { place, limit, bindings } = how;
  const sql = segmentSql(segment, filter, { place, limit });
  const at =
    place === null || place === 'end'
      ? {}
      : segment.order === 'number'
        ? { placeId: place.id }
        : { placeKey: place.key, placeId: place.id };
  const found = await db.raw<{ rows: { key: number; id: number }[] }>(sql, { ...bindings, ...at });
  return found.rows;
}

export async function readRows(db: Knex, ids: readonly number[]): Promise<readonly TicketRow[]> {
  if (ids.length === 0) return [];
  const found = await db.raw<{ rows: TicketRow[] }>(ROWS, { ids: [...ids], soonDays: SOON_DAYS });
  const byId = new Map(found.rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

const ROWS = `
  select t.id, t.state, t.scope, t.origin,
    case when t.target is not null then t.target || jsonb_build_object(
      'users', jsonb_path_query_array(t.target, '$.users[0 to 4]'),
      'workspaces', jsonb_path_query_array(t.target, '$.workspaces[0 to 2]')) end as target,
    coalesce(jsonb_array_length(t.target -> 'users'), 0) as users,
    coalesce(jsonb_array_length(t.target -> 'workspaces'), 0) as workspaces,
     t.requester, t.requested_at, t.due_at, t.grace_ends_at,
    t.not_before, t.wake_at, t.closed_at, t.erased_at, a.name as assignee,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds,
    t.closed_at is null and t.requester_hash <> ''
      and exists (select from undeliverable_addresses u where u.recipient_hash = t.requester_hash) as lost_mail,
    t.closed_at is null and t.due_at < desk_now() as overdue,
    t.closed_at is null and t.due_at < desk_now() + make_interval(days => :soonDays) as soon
  from tickets t left join agents a on a.id = t.assignee
  where t.id = any(:ids)`;

export type QueueCounts = Readonly<Record<Tab, number>> & {
  /** Mails that wait for an agent. */
  readonly mails: number;
};

/** Of everything, whatever is looked for; no number is above `COUNT_MAX` by more than one. */
export async function readCounts(db: Knex): Promise<QueueCounts> {
  const found = await db.raw<{ rows: [QueueCounts] }>(COUNTS);
  return found.rows[0];
}

const COUNTS = `select ${TABS.map((tab) => `${countSql(tab, COUNT_MAX + 1)} as "${tab}"`).join(', ')},
  (select count(*) from (select from messages where needs_agent limit ${COUNT_MAX + 1}) waiting) as mails`;
