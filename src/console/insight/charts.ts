/** Where everything stands in the plots: numbers for the attributes of an SVG. */
import type { Period } from './period.ts';
import { type Counts, type Insight, total } from './read-days.ts';
import {
  bucketLabel,
  closingDays,
  DEADLINE_DAYS,
  GROUPS,
  inGroup,
  MEASURES,
  quantile,
  ranked,
} from './tables.ts';

export interface Stacked {
  readonly width: number;
  readonly height: number;
  readonly bars: readonly Rect[];
  readonly labels: readonly Label[];
  readonly grid: readonly { readonly y: number; readonly textY: number; readonly value: string }[];
  readonly plotRight: number;
  readonly plotLeft: number;
}

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly kind: string;
  readonly title: string;
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const WIDTH = 640;
const TOP = 10;
const LEFT = 48;
const PLOT_HEIGHT = 200;
const BOTTOM = TOP + PLOT_HEIGHT;
/** Labels below the plot are this far apart at least. */
const LABEL_WIDTH = 60;

const round = (value: number): number => Math.round(value * 10) / 10;

/** Requests by when they came, and where they stand now. */
export function statesChart(insight: Insight, period: Period): Stacked {
  const totals = insight.buckets.map(({ states }) => total(states));
  const top = niceTop(Math.max(...totals, 1));
  const slot = (WIDTH - LEFT) / Math.max(1, insight.buckets.length);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / slot));
  return {
    width: WIDTH,
    height: BOTTOM + 26,
    plotLeft: LEFT,
    plotRight: WIDTH,
    grid: gridOf(top),
    bars: insight.buckets.flatMap(({ from, states }, index) => {
      let y = BOTTOM;
      return GROUPS.flatMap((group) => {
        const n = inGroup(states, group);
        if (n === 0) return [];
        const height = (n / top) * PLOT_HEIGHT;
        y -= height;
        return [
          {
            x: round(LEFT + index * slot + slot * 0.12),
            y: round(y),
            width: round(slot * 0.76),
            height: round(height),
            kind: group.key,
            title: `${bucketLabel(from, period)}: ${n} ${group.label}`,
          },
        ];
      });
    }),
    labels: insight.buckets.flatMap(({ from }, index) =>
      index % every === 0
        ? [{ x: round(LEFT + index * slot + slot / 2), y: BOTTOM + 18, text: from.slice(5) }]
        : [],
    ),
  };
}

/** Requests by how many days they took, with the deadline at the right. */
export function closingChart(insight: Insight): Stacked {
  const days = closingDays(insight.closed);
  const top = niceTop(Math.max(...days, 1));
  const slot = (WIDTH - LEFT) / days.length;
  return {
    width: WIDTH,
    height: BOTTOM + 26,
    plotLeft: LEFT,
    plotRight: WIDTH,
    grid: gridOf(top),
    bars: days.flatMap((n, day) => {
      if (n === 0) return [];
      const height = (n / top) * PLOT_HEIGHT;
      const isLate = day === DEADLINE_DAYS;
      return [
        {
          x: round(LEFT + day * slot + slot * 0.1),
          y: round(BOTTOM - height),
          width: round(slot * 0.8),
          height: round(height),
          kind: isLate ? 'late' : 'completed',
          title: isLate ? `${n} after the deadline of 30 days` : `${n} closed on day ${day + 1}`,
        },
      ];
    }),
    labels: [1, 5, 10, 15, 20, 25, 30].map((day) => ({
      x: round(LEFT + (day - 0.5) * slot),
      y: BOTTOM + 18,
      text: `day ${day}`,
    })),
  };
}

function gridOf(top: number): Stacked['grid'] {
  return [0, 0.5, 1].map((part) => {
    const y = BOTTOM - part * PLOT_HEIGHT;
    return { y, textY: y + 4, value: String(round(top * part)) };
  });
}

/** A round number at or above what has to fit. */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  const factor = [1, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= most) ?? 10;
  return Math.max(2, factor * power);
}

export interface Spans {
  readonly width: number;
  readonly height: number;
  readonly spans: readonly {
    readonly label: string;
    readonly y: number;
    readonly textY: number;
    readonly barY: number;
    readonly x: number;
    readonly half: number;
    readonly most: number;
    readonly halfX: number;
    readonly words: string;
    readonly isEmpty: boolean;
  }[];
  readonly ticks: readonly { readonly x: number; readonly text: string; readonly isDeadline: boolean }[];
  readonly axisY: number;
  readonly tickY: number;
}

const SPAN_LEFT = 190;
const SPAN_RIGHT = WIDTH - 40;
const SPAN_HEIGHT = 54;

/** From the request until half, and until nine of ten, were there; against the 30 days. */
export function timesChart(insight: Insight): Spans {
  const at = (hours: number): number =>
    round(SPAN_LEFT + (Math.min(hours / 24, 33) / 33) * (SPAN_RIGHT - SPAN_LEFT));
  const axisY = TOP + MEASURES.length * SPAN_HEIGHT;
  return {
    width: WIDTH,
    height: axisY + 26,
    axisY,
    tickY: axisY + 18,
    spans: MEASURES.map(({ key, label }, index) => {
      const half = quantile(insight[key], 0.5);
      const most = quantile(insight[key], 0.9);
      const y = TOP + index * SPAN_HEIGHT;
      return {
        label,
        y,
        textY: y + 30,
        barY: y + 8,
        x: SPAN_LEFT,
        half: half === null ? 0 : round(at(half) - SPAN_LEFT),
        most: most === null ? 0 : round(at(most) - SPAN_LEFT),
        halfX: half === null ? SPAN_LEFT : at(half),
        words:
          half === null || most === null
            ? 'none yet'
            : `half within ${hoursInWords(half)}, nine of ten within ${hoursInWords(most)}`,
        isEmpty: half === null,
      };
    }),
    ticks: [0, 5, 10, 15, 20, 25, 30].map((day) => ({
      x: at(day * 24),
      text: day === 30 ? '30 days' : String(day),
      isDeadline: day === DEADLINE_DAYS,
    })),
  };
}

const hoursInWords = (hours: number): string => {
  if (hours <= 1) return 'an hour';
  return hours < 48 ? `${hours} hours` : `${round(hours / 24)} days`;
};

export interface Ranked {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly {
    readonly label: string;
    readonly textY: number;
    readonly y: number;
    readonly x: number;
    readonly length: number;
    readonly endX: number;
    readonly value: string;
  }[];
}

const ROW = 26;
const RANKED_WIDTH = 480;
const RANKED_LEFT = 220;
const VALUE_WIDTH = 84;

/** The most frequent first; the length is the share of the longest. */
export function rankedChart(
  counts: Counts,
  all: number,
  { most, words = (key) => key }: { readonly most: number; readonly words?: (key: string) => string },
): Ranked {
  const rows = ranked(counts, most);
  const longest = Math.max(1, ...rows.map(([, n]) => n));
  return {
    width: RANKED_WIDTH,
    height: Math.max(1, rows.length) * ROW + 4,
    rows: rows.map(([key, n], index) => {
      const length = round((n / longest) * (RANKED_WIDTH - RANKED_LEFT - VALUE_WIDTH));
      return {
        label: words(key),
        textY: index * ROW + 18,
        y: index * ROW + 5,
        x: RANKED_LEFT,
        length: Math.max(1, length),
        endX: RANKED_LEFT + Math.max(1, length) + 6,
        value: all === 0 ? String(n) : `${n} (${Math.round((100 * n) / all)} %)`,
      };
    }),
  };
}
