/**
 * The queue in SQL. A list is one segment of tickets or several, one behind the other, and each has an order of its own
 * that an index gives: a page costs the same however many tickets there are.
 */
import type { Cursor, QueueFilter } from './filter.ts';

/** A part of a list. `table`: which tickets; `order`: by what. */
export interface Segment {
  readonly of: 'needy' | 'rest' | 'open' | 'closed' | 'any';
  readonly order: 'due' | 'number' | 'closed';
}

/** What an agent has to do something about; the other holds lift by themselves. */
const AGENTS_HOLDS = [
  'review',
  'doubtful_cancel',
  'step_failed',
  'checklist',
  'residue',
  'purging_off',
  'agent',
] as const;

const SEGMENTS: Readonly<
  Record<QueueFilter['sort'], Readonly<Record<QueueFilter['tab'], readonly Segment[]>>>
> = {
  urgent: {
    needs: [{ of: 'needy', order: 'due' }],
    progress: [{ of: 'rest', order: 'due' }],
    closed: [{ of: 'closed', order: 'closed' }],
    all: [
      { of: 'needy', order: 'due' },
      { of: 'rest', order: 'due' },
      { of: 'closed', order: 'closed' },
    ],
  },
  newest: {
    needs: [{ of: 'needy', order: 'number' }],
    progress: [{ of: 'rest', order: 'number' }],
    closed: [{ of: 'closed', order: 'closed' }],
    all: [{ of: 'any', order: 'number' }],
  },
  deadline: {
    needs: [{ of: 'needy', order: 'due' }],
    progress: [{ of: 'rest', order: 'due' }],
    closed: [{ of: 'closed', order: 'closed' }],
    all: [
      { of: 'open', order: 'due' },
      { of: 'closed', order: 'closed' },
    ],
  },
};

export const segmentsOf = ({ sort, tab }: QueueFilter): readonly Segment[] => SEGMENTS[sort][tab];

const KEYS = { due: 't.due_at', number: 't.id', closed: 't.closed_at' } as const;
const IS_RISING = { due: true, number: false, closed: false } as const;
const OPEN = `t.state not in ('completed', 'cancelled', 'rejected', 'expired')`;
const HOLDS = AGENTS_HOLDS.map((reason) => `'${reason}'`).join(', ');
/** A mail came back of somebody who has an open ticket; tickets are not open for longer. */
const LOST_MAILS = `select u.recipient_hash from undeliverable_addresses u where u.since > desk_now() - interval '90 days'`;
const HELD = `select h.ticket_id from holds h where h.lifted_at is null and h.reason in (${HOLDS})`;

/** Each kind of need by its own index; a ticket may have several. */
const NEEDS: readonly string[] = [
  `${OPEN} and t.id in (${HELD})`,
  `t.state = 'approval'`,
  `${OPEN} and t.due_at < desk_now()`,
  `${OPEN} and t.requester_hash <> '' and t.requester_hash in (${LOST_MAILS})`,
];
const HAS_NEED = `(t.state = 'approval' or t.due_at < desk_now()
  or exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null and h.reason in (${HOLDS}))
  or (t.requester_hash <> '' and exists (select from undeliverable_addresses u
    where u.recipient_hash = t.requester_hash and u.since > desk_now() - interval '90 days')))`;

/**
 * Rows `key, id` of one segment, in the order in which they are wanted: backwards where the page
 * lies before a place or at the end of the segment.
 */
export function segmentSql(
  segment: Segment,
  filter: QueueFilter,
  { place, limit }: { readonly place: Cursor | 'end' | null; readonly limit: number },
): string {
  const isForward = place === null || (place !== 'end' && place.direction === 'after');
  const rises = IS_RISING[segment.order] === isForward;
  const key = KEYS[segment.order];
  const wanted = [
    ...filterSql(filter),
    ...(place === null || place === 'end' ? [] : [placeSql(segment, rises)]),
  ];
  const ordered = (columns: readonly string[]): string =>
    `order by ${[...new Set(columns)].map((column) => `${column} ${rises ? 'asc' : 'desc'}`).join(', ')} limit ${limit}`;
  const rows = (condition: string): string =>
    `(select ${key} as key, t.id from tickets t where ${[condition, ...wanted].join(' and ')} ${ordered([key, 't.id'])})`;
  const written = segment.order === 'number' ? 'found.key' : MICROSECONDS;
  return `select ${written} as key, found.id from (${conditions(segment).map(rows).join(' union ')}) found
    ${ordered(['found.key', 'found.id'])}`;
}

const MICROSECONDS = 'cast(extract(epoch from found.key) * 1000000 as bigint)';

function conditions({ of }: Segment): readonly string[] {
  switch (of) {
    case 'needy':
      return NEEDS;
    case 'rest':
      return [`${OPEN} and not ${HAS_NEED}`];
    case 'open':
      return [OPEN];
    case 'closed':
      return ['t.closed_at is not null'];
    case 'any':
      return ['true'];
  }
}

function placeSql({ order }: Segment, rises: boolean): string {
  const sign = rises ? '>' : '<';
  if (order === 'number') return `t.id ${sign} :placeId`;
  return `(${KEYS[order]}, t.id) ${sign} (timestamptz 'epoch' + :placeKey * interval '1 microsecond', :placeId)`;
}

/** Conditions with named bindings; the values are in `bindingsOf`. */
function filterSql(filter: QueueFilter): readonly string[] {
  return [
    ...(filter.state === null ? [] : ['t.state = :state']),
    ...(filter.hold === null
      ? []
      : [
          `exists (select from holds h where h.ticket_id = t.id and h.lifted_at is null and h.reason = :hold)`,
        ]),
    ...(filter.scope === null ? [] : ['t.scope = :scope']),
    ...(filter.workspace === null ? [] : ['t.workspace_ids && cast(:workspaceIds as text[])']),
    ...(filter.assignee === null
      ? []
      : [filter.assignee === 'nobody' ? 't.assignee is null' : 't.assignee = :assignee']),
    ...(filter.due === null
      ? []
      : [
          filter.due === 'overdue'
            ? `${OPEN} and t.due_at < desk_now()`
            : `${OPEN} and t.due_at >= desk_now() and t.due_at < desk_now() + make_interval(days => :soonDays)`,
        ]),
    ...(filter.language === null
      ? []
      : [`exists (select from conversations c where c.id = t.conversation_id and c.locale = :language)`]),
  ];
}

/** How many there are of a tab, up to a bound. */
export const countSql = (tab: 'needs' | 'progress' | 'closed' | 'all', limit: number): string => {
  const rows = conditions({
    of: ({ needs: 'needy', progress: 'rest', closed: 'closed', all: 'any' } as const)[tab],
    order: 'number',
  }).map((condition) => `(select t.id from tickets t where ${condition} limit ${limit})`);
  return `(select count(*) from (select from (${rows.join(' union ')}) one limit ${limit}) counted)`;
};
