/** The page of insight as plain values. */
import { addDays, dayOf } from '../../domain/calendar.ts';
import {
  closingChart,
  type Ranked,
  rankedChart,
  type Spans,
  type Stacked,
  statesChart,
  timesChart,
} from './charts.ts';
import { LENGTHS, type Period, periodQuery } from './period.ts';
import { type Insight, total } from './read-days.ts';
import { GROUPS, late, quantile, type Table, type TableName, tableOf, whyInWords } from './tables.ts';

export interface InsightView {
  readonly page: { readonly title: string };
  readonly periods: readonly { readonly href: string; readonly label: string; readonly isHere: boolean }[];
  readonly earlier: string;
  readonly later: string | null;
  readonly from: string;
  readonly to: string;
  readonly isEmpty: boolean;
  readonly figures: readonly { readonly value: string; readonly label: string }[];
  readonly countedAt: string | null;
  readonly isBehind: boolean;
  readonly legend: readonly { readonly kind: string; readonly label: string }[];
  readonly states: Stacked;
  readonly times: Spans;
  readonly closing: Stacked;
  readonly why: Ranked;
  readonly scopes: Ranked;
  readonly languages: Ranked;
  readonly tables: Readonly<
    Record<'states' | 'times' | 'closing' | 'askedBack' | 'scopes' | 'languages', TableView>
  >;
}

interface TableView extends Table {
  readonly caption: string;
  readonly csv: string;
}

const LABELS = { 28: 'Four weeks', 91: 'A quarter', 364: 'A year' } as const;
const WHYS_SHOWN = 8;
const SHARES_SHOWN = 8;

export function insightView(insight: Insight, period: Period, now: Date, base: string): InsightView {
  const today = dayOf(now);
  const at = (shift: Pick<Period, 'days' | 'to'>): string => `${base}/insight${periodQuery(shift, now)}`;
  const next = addDays(period.to, period.days);
  const table = (name: TableName, caption: string): TableView => ({
    ...tableOf(name, insight, period),
    caption,
    csv: `${base}/insight/csv/${name}${periodQuery(period, now)}`,
  });
  return {
    page: { title: 'Insight' },
    periods: LENGTHS.map((days) => ({
      href: at({ days, to: period.to }),
      label: LABELS[days],
      isHere: days === period.days,
    })),
    earlier: at({ days: period.days, to: addDays(period.from, -1) }),
    later: period.to === today ? null : at({ days: period.days, to: next > today ? today : next }),
    from: period.from,
    to: period.to,
    isEmpty: insight.requests === 0,
    figures: figuresOf(insight),
    countedAt: insight.countedAt,
    isBehind: insight.isBehind,
    legend: GROUPS.map(({ key, label }) => ({ kind: key, label })),
    states: statesChart(insight, period),
    times: timesChart(insight),
    closing: closingChart(insight),
    why: rankedChart(insight.why, insight.requests, { most: WHYS_SHOWN, words: whyInWords }),
    scopes: rankedChart(insight.scopes, insight.requests, { most: SHARES_SHOWN }),
    languages: rankedChart(insight.languages, insight.requests, {
      most: SHARES_SHOWN,
      words: languageInWords,
    }),
    tables: {
      states: table('states', 'Requests by when they came, and where they stand now'),
      times: table('times', 'Time from the request'),
      closing: table('closing', 'Requests by the days until they were closed'),
      askedBack: table('asked-back', 'Why requests were asked back'),
      scopes: table('scopes', 'Requests by scope'),
      languages: table('languages', 'Requests by language'),
    },
  };
}

function figuresOf(insight: Insight): InsightView['figures'] {
  const closed = total(insight.closed);
  const median = quantile(insight.closed, 0.5);
  const percent = (part: number, whole: number): string =>
    whole === 0 ? 'none' : `${Math.round((100 * part) / whole)} %`;
  return [
    { value: String(insight.requests), label: 'requests' },
    {
      value: median === null ? 'none' : `${(median / 24).toFixed(1)} d`,
      label: 'until half of the closed ones were closed',
    },
    { value: percent(closed - late(insight.closed), closed), label: 'of the closed ones within 30 days' },
    { value: percent(insight.askedBack, insight.requests), label: 'had to be asked back' },
  ];
}

const NAMES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

function languageInWords(code: string): string {
  try {
    return NAMES.of(code) ?? code;
  } catch {
    return code;
  }
}
