/** Every plot as a table: for screen readers, for exact numbers and for spreadsheets. */
import { addDays } from '../../domain/calendar.ts';
import type { Period } from './period.ts';
import { type Counts, type Insight, total } from './read-days.ts';

export const TABLES = ['states', 'times', 'closing', 'asked-back', 'scopes', 'languages'] as const;
export type TableName = (typeof TABLES)[number];

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Where a request stands, in the groups in which people think of it; from the first to the last. */
export const GROUPS = [
  {
    key: 'waiting',
    label: 'not confirmed yet',
    states: ['received', 'needs_details', 'verifying', 'approval'],
  },
  { key: 'grace', label: 'in its grace', states: ['grace'] },
  { key: 'purging', label: 'being deleted', states: ['purging'] },
  { key: 'completed', label: 'completed', states: ['completed'] },
  { key: 'cancelled', label: 'cancelled', states: ['cancelled'] },
  { key: 'refused', label: 'not accepted or lapsed', states: ['rejected', 'expired'] },
] as const;

export const inGroup = (states: Counts, group: (typeof GROUPS)[number]): number =>
  group.states.reduce((sum, state) => sum + (states.get(state) ?? 0), 0);

export const MEASURES = [
  { key: 'verified', label: 'Confirmed and verified' },
  { key: 'started', label: 'Purge began' },
  { key: 'closed', label: 'Closed' },
] as const;

/** Days within which a request must be through. */
export const DEADLINE_DAYS = 30;

/** So many hours passed until this share of the requests were there; `null` = none is. */
export function quantile(counts: Counts, share: number): number | null {
  const all = total(counts);
  if (all === 0) return null;
  let seen = 0;
  for (const [hours, n] of byHours(counts)) {
    seen += n;
    if (seen >= share * all) return hours + 1;
  }
  return null;
}

const byHours = (counts: Counts): readonly (readonly [number, number])[] =>
  [...counts].map(([hours, n]) => [Number(hours), n] as const).toSorted(([a], [b]) => a - b);

/** Requests by the day after the request on which they closed; the last one is "later than the deadline". */
export function closingDays(closed: Counts): readonly number[] {
  const days = Array.from({ length: DEADLINE_DAYS + 1 }, () => 0);
  for (const [hours, n] of byHours(closed)) {
    const day = Math.min(DEADLINE_DAYS, Math.floor(hours / 24));
    days[day] = (days[day] ?? 0) + n;
  }
  return days;
}

export const late = (counts: Counts): number =>
  byHours(counts).reduce((sum, [hours, n]) => sum + (hours >= DEADLINE_DAYS * 24 ? n : 0), 0);

export const ranked = (counts: Counts, most: number): readonly (readonly [string, number])[] =>
  [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, most);

export const bucketLabel = (from: string, { step }: Pick<Period, 'step'>): string =>
  step === 1 ? from : `${from} to ${addDays(from, step - 1)}`;

const share = (part: number, whole: number): string =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)}`;

const LISTED = 100;

export function tableOf(name: TableName, insight: Insight, period: Period): Table {
  switch (name) {
    case 'states':
      return {
        head: ['Requests of', ...GROUPS.map(({ label }) => label), 'all'],
        rows: insight.buckets.map(({ from, states }) => [
          bucketLabel(from, period),
          ...GROUPS.map((group) => String(inGroup(states, group))),
          String(total(states)),
        ]),
      };
    case 'times':
      return {
        head: [
          'From the request until',
          'requests',
          'half within (hours)',
          'nine of ten within (hours)',
          'later than 30 days',
        ],
        rows: MEASURES.map(({ key, label }) => [
          label,
          String(total(insight[key])),
          String(quantile(insight[key], 0.5) ?? ''),
          String(quantile(insight[key], 0.9) ?? ''),
          String(late(insight[key])),
        ]),
      };
    case 'closing':
      return {
        head: ['Closed after (days)', 'requests'],
        rows: closingDays(insight.closed).map((n, day) => [
          day === DEADLINE_DAYS ? `${DEADLINE_DAYS} or more` : `${day} to ${day + 1}`,
          String(n),
        ]),
      };
    case 'asked-back':
      return {
        head: ['Asked back because of', 'requests', 'share of all (%)'],
        rows: [
          ['any reason', String(insight.askedBack), share(insight.askedBack, insight.requests)],
          ...ranked(insight.why, LISTED).map(([why, n]) => [
            whyInWords(why),
            String(n),
            share(n, insight.requests),
          ]),
        ],
      };
    case 'scopes':
    case 'languages':
      return {
        head: [name === 'scopes' ? 'Scope' : 'Language', 'requests', 'share of all (%)'],
        rows: ranked(insight[name], LISTED).map(([key, n]) => [key, String(n), share(n, insight.requests)]),
      };
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  timeFrame: 'time frame',
  scope: 'what to delete',
  workspace: 'workspace',
  source: 'source',
  space: 'space',
  users: 'users',
  events: 'events',
  project: 'project',
};
const WHYS: Readonly<Record<string, string>> = {
  missing: 'not given',
  unknown: 'not found',
  several: 'matches several',
  differs: 'said in two ways',
  finer_than_day: 'finer than a day',
  ambiguous_date: 'ambiguous date',
  reversed_range: 'ends before it begins',
  in_future: 'in the future',
  too_many_clauses: 'too many',
};

/** `timeFrame:missing` as "time frame: not given". */
export function whyInWords(why: string): string {
  const [field = '', reason = ''] = why.split(':');
  return `${FIELDS[field] ?? field}: ${WHYS[reason] ?? reason}`;
}
