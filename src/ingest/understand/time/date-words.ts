import type { DateOrder } from './date-atoms.ts';
import { glued, isYear } from './numeric-dates.ts';
import type { TimeIndex } from './time-index.ts';
import type { Token } from './time-tokens.ts';

export interface FormSettings {
  readonly today: string | null;
  readonly order: DateOrder | null;
  readonly index: TimeIndex;
}

const ORDINAL_MARKS = new Set('st nd rd th . º ª ° er re ère e ème eme de ste o a'.split(' '));

/** Index of the token behind an ordinal's mark: `3rd`, `3.`, `1er`. */
export const afterOrdinal = (tokens: readonly Token[], at: number): number =>
  ORDINAL_MARKS.has(glued(tokens, at)?.text ?? '') ? at + 1 : at;

export const dayNumber = (token: Token | undefined): number | null => {
  const value = token?.kind === 'number' && token.text.length <= 2 ? Number(token.text) : 0;
  return value >= 1 && value <= 31 ? value : null;
};

/** A month's name, with the dot of a short form. */
export function monthNumber(
  tokens: readonly Token[],
  at: number,
  { months }: TimeIndex,
): { readonly nth: number; readonly to: number } | null {
  const token = tokens[at];
  const nth = token?.kind === 'word' ? months.get(token.text) : undefined;
  if (nth === undefined || glued(tokens, at + 1)?.kind === 'word') return null;
  const dotted = glued(tokens, at + 1)?.text === '.' && glued(tokens, at + 2)?.text !== '.';
  return { nth, to: dotted ? at + 2 : at + 1 };
}

interface Year {
  readonly year: number;
  readonly to: number;
}

/** A year behind a day, month or quarter: `2024`, `, 2024`, `(2024)`, `of this year`. */
export function yearAt(tokens: readonly Token[], at: number, { today, index }: FormSettings): Year | null {
  const sign = tokens[at]?.text;
  const bracketed = sign === '(' && isYear(tokens[at + 1]) && tokens[at + 2]?.text === ')';
  if (bracketed) return { year: Number(tokens[at + 1]?.text), to: at + 3 };
  const start = sign === ',' || ((sign === '-' || sign === '/') && tokens[at]?.glued) ? at + 1 : at;
  const from = index.of.at(tokens, start)?.at ?? start;
  const token = tokens[from];
  if (isYear(token)) {
    const iso = glued(tokens, from + 1)?.text === '-' && glued(tokens, from + 3)?.text === '-';
    return iso && tokens[from + 2]?.text.length === 2 ? null : { year: Number(token?.text), to: from + 1 };
  }
  const relative = sign === ',' || today === null ? null : index.relative.at(tokens, from);
  if (relative === null || today === null) return null;
  const now = Number(today.slice(0, 4));
  if (relative.value === 'thisYear') return { year: now, to: relative.at };
  return relative.value === 'lastYear' ? { year: now - 1, to: relative.at } : null;
}

/** `March '24` */
export function apostropheYear(tokens: readonly Token[], at: number): Year | null {
  const digits = tokens[at]?.text === "'" ? glued(tokens, at + 1) : undefined;
  return digits?.kind === 'number' && digits.text.length === 2
    ? { year: 2000 + Number(digits.text), to: at + 2 }
    : null;
}
