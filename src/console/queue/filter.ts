/** What of the queue is looked at: an address of its own, so that it can be kept and passed on. */
import { z } from 'zod';
import { SCOPES, type Scope } from '../../domain/request.ts';
import { HOLD_REASONS, type HoldReason, STATES, type State } from '../../domain/ticket.ts';

/** `needs`: waits for a person here. `progress`: open, and goes on by itself or by its customer. */
export const TABS = ['needs', 'progress', 'closed', 'all'] as const;
export type Tab = (typeof TABS)[number];

/** `urgent`: what waits for a person first, by deadline; then what else is open, by deadline; then what is closed. */
export const SORTS = ['urgent', 'newest', 'deadline'] as const;
export type Sort = (typeof SORTS)[number];

export const DUES = ['overdue', 'soon'] as const;
export type Due = (typeof DUES)[number];

/** Days before its deadline from which a ticket is shown as due soon. */
export const SOON_DAYS = 5;

export interface QueueFilter {
  readonly tab: Tab;
  readonly sort: Sort;
  readonly state: State | null;
  readonly hold: HoldReason | null;
  readonly scope: Scope | null;
  /** ID or slug, as it was typed. */
  readonly workspace: string | null;
  /** A number is that of an agent. */
  readonly assignee: 'me' | 'nobody' | number | null;
  readonly due: Due | null;
  /** ISO 639. */
  readonly language: string | null;
}

/** A place in the list: behind it, or before it. */
export interface Cursor {
  readonly direction: 'after' | 'before';
  readonly segment: number;
  /** What its segment is ordered by: microseconds since 1970, or a number of a ticket. */
  readonly key: number;
  readonly id: number;
}

const text = z.string().trim();
const number = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const CURSOR = /^(\d)-(-?\d{1,16})-(\d{1,15})$/;

/** Whatever is not understood counts as not said: an old or mistyped address still shows something. */
const QUERY = z.object({
  tab: z.enum(TABS).catch('needs'),
  sort: z.enum(SORTS).catch('urgent'),
  state: z.enum(STATES).nullable().catch(null),
  hold: z.enum(HOLD_REASONS).nullable().catch(null),
  scope: z.enum(SCOPES).nullable().catch(null),
  workspace: text
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .nullable()
    .catch(null),
  assignee: z
    .union([z.enum(['me', 'nobody']), number])
    .nullable()
    .catch(null),
  due: z.enum(DUES).nullable().catch(null),
  language: text
    .regex(/^[a-z]{2,3}$/)
    .nullable()
    .catch(null),
  after: text.regex(CURSOR).optional().catch(undefined),
  before: text.regex(CURSOR).optional().catch(undefined),
});

/** @param query - of the address, as it came */
export function readQuery(query: unknown): { readonly filter: QueueFilter; readonly cursor: Cursor | null } {
  const { after, before, ...filter } = QUERY.parse(query);
  if (after !== undefined) return { filter, cursor: cursorOf('after', after) };
  return { filter, cursor: before === undefined ? null : cursorOf('before', before) };
}

function cursorOf(direction: Cursor['direction'], written: string): Cursor {
  const [, segment, key, id] = CURSOR.exec(written) ?? [];
  return { direction, segment: Number(segment), key: Number(key), id: Number(id) };
}

/** The address of it: `?tab=closed&scope=user`, '' for the default. */
export function queryOf(filter: QueueFilter, place: Cursor | null = null): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== null && value !== DEFAULTS[name]) query.set(name, String(value));
  }
  if (place !== null) query.set(place.direction, `${place.segment}-${place.key}-${place.id}`);
  return query.size === 0 ? '' : `?${query}`;
}

const DEFAULTS: Readonly<Record<string, string>> = { tab: 'needs', sort: 'urgent' };

/** How many things it asks for beside tab and order. */
export const narrowings = ({ tab: _tab, sort: _sort, ...rest }: QueueFilter): number =>
  Object.values(rest).filter((value) => value !== null).length;
