/** What the days of a period came to, added up. Reads one small row a day. */
import type { Knex } from 'knex';
import { addDays } from '../../domain/calendar.ts';
import type { Period } from './period.ts';

/** How often each key came up. */
export type Counts = ReadonlyMap<string, number>;

export interface Insight {
  /** First day of each bucket, oldest first, with the states of its requests. */
  readonly buckets: readonly { readonly from: string; readonly states: Counts }[];
  readonly requests: number;
  readonly scopes: Counts;
  readonly languages: Counts;
  readonly askedBack: number;
  /** `timeFrame:missing` and the like; a request may be asked back for several reasons. */
  readonly why: Counts;
  /** Requests by whole hours from the request on. */
  readonly verified: Counts;
  readonly started: Counts;
  readonly closed: Counts;
  /** When the days were last counted, ISO 8601; `null` = never. */
  readonly countedAt: string | null;
  /** Some day is behind. */
  readonly isBehind: boolean;
}

const KINDS = ['scope', 'language', 'why', 'verified', 'started', 'closed', 'asked_back'] as const;

export async function readInsight(db: Knex, period: Period): Promise<Insight> {
  const found = await db.raw<{ rows: DayRow[] }>(DAYS, { from: period.from, to: period.to });
  const sums = new Map(KINDS.map((kind) => [kind, new Map<string, number>()]));
  const buckets = bucketsOf(period);
  for (const { day, facts } of found.rows) {
    const states = buckets.get(bucketOf(day, period));
    if (states !== undefined) add(states, facts.state);
    for (const [kind, sum] of sums) add(sum, facts[kind]);
  }
  const sum = (kind: (typeof KINDS)[number]): Counts => sums.get(kind) ?? new Map();
  return {
    buckets: [...buckets].map(([from, states]) => ({ from, states })),
    requests: total(sum('scope')),
    scopes: sum('scope'),
    languages: sum('language'),
    askedBack: total(sum('asked_back')),
    why: sum('why'),
    verified: sum('verified'),
    started: sum('started'),
    closed: sum('closed'),
    countedAt: found.rows.reduce<string | null>((latest, { counted_at }) => {
      const at = counted_at?.toISOString() ?? null;
      return latest === null || (at !== null && at > latest) ? at : latest;
    }, null),
    isBehind: found.rows.some(({ is_stale }) => is_stale),
  };
}

export const total = (counts: Counts): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

function add(sum: Map<string, number>, counts: Readonly<Record<string, number>> | undefined): void {
  for (const [key, n] of Object.entries(counts ?? {})) sum.set(key, (sum.get(key) ?? 0) + n);
}

function bucketsOf(period: Period): Map<string, Map<string, number>> {
  const buckets = new Map<string, Map<string, number>>();
  for (let day = period.from; day <= period.to; day = addDays(day, period.step)) buckets.set(day, new Map());
  return buckets;
}

function bucketOf(day: string, { from, step }: Period): string {
  const days = Math.round((Date.parse(day) - Date.parse(from)) / 86_400_000);
  return addDays(from, Math.floor(days / step) * step);
}

interface DayRow {
  readonly day: string;
  readonly facts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly is_stale: boolean;
  readonly counted_at: Date | null;
}

const DAYS = `
  select to_char(day, 'YYYY-MM-DD') as day, facts, is_stale, counted_at from insight_days
  where day between cast(:from as date) and cast(:to as date)`;
