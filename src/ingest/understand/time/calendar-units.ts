import { addDays } from '../../../domain/calendar.ts';

/** Inclusive UTC days. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

export type Unit = 'day' | 'week' | 'month' | 'quarter' | 'half' | 'year';

/** A calendar unit as said. What was not said is `null`, and the other end of a range may lend it. */
export interface Parts {
  readonly unit: Unit;
  readonly year: number | null;
  /** Which month of the year (also for a day), quarter, half or ISO week; 1 for a year. */
  readonly nth: number | null;
  /** Day of the month; only for a day. */
  readonly day: number | null;
}

/** The days of a unit; `null` when a part is missing or it is no real date. */
export function daysOf({ unit, year, nth, day }: Parts): Days | null {
  if (year === null || nth === null || nth < 1) return null;
  switch (unit) {
    case 'day':
      return day === null ? null : oneDay(year, nth, day);
    case 'week':
      return weekDays(year, nth);
    case 'month':
      return nth > 12 ? null : monthDays(year, nth);
    case 'quarter':
      return nth > 4 ? null : monthDays(year, nth * 3 - 2, 3);
    case 'half':
      return nth > 2 ? null : monthDays(year, nth * 6 - 5, 6);
    case 'year':
      return monthDays(year, 1, 12);
  }
}

export const isComplete = ({ year, nth }: Parts): boolean => year !== null && nth !== null;

function oneDay(year: number, month: number, day: number): Days | null {
  const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  const at = new Date(`${text}T00:00:00Z`);
  const real = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
  return real ? { from: text, to: text } : null;
}

/** The days of `months` months from one on. */
export function monthDays(year: number, month: number, months = 1): Days {
  const next = new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
  return { from: `${pad(year, 4)}-${pad(month)}-01`, to: addDays(next, -1) };
}

/** Monday to Sunday of a week by ISO 8601: week 1 holds 4 January. */
function weekDays(year: number, week: number): Days | null {
  if (week > 53) return null;
  const monday = mondayOf(`${pad(year, 4)}-01-04`);
  const from = addDays(monday, (week - 1) * 7);
  // A 53rd week that belongs to the next year does not exist.
  return Number(addDays(from, 3).slice(0, 4)) === year ? { from, to: addDays(from, 6) } : null;
}

/** 0 = Monday. */
export const weekdayOf = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

export const mondayOf = (day: string): string => addDays(day, -weekdayOf(day));

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/**
 * Both ends of a range, each completed by the other: `3 to 5 March 2024`, `14 February to 2 March 2024`. A range over the
 * turn of a year (`December to February 2024`) is read when no other year would do and it lasts half a year at most.
 */
export function lent(first: Parts, last: Parts): readonly [Parts, Parts] | null {
  const left = withMonth(first, last);
  const right = withMonth(last, first);
  if (left.nth === null || right.nth === null) return null;
  if (left.year !== null && right.year !== null) return [left, right];
  const year = left.year ?? right.year;
  if (year === null) return null;
  const same: readonly [Parts, Parts] = [
    { ...left, year },
    { ...right, year },
  ];
  const [from, to] = [daysOf(same[0]), daysOf(same[1])];
  if (from === null || to === null) return null;
  if (from.from <= to.to) return same;
  if (first.nth === null || last.nth === null) return null;
  const turned: readonly [Parts, Parts] =
    left.year === null ? [{ ...left, year: year - 1 }, same[1]] : [same[0], { ...right, year: year + 1 }];
  const [begin, end] = [daysOf(turned[0]), daysOf(turned[1])];
  return begin !== null && end !== null && addDays(begin.from, HALF_YEAR) >= end.to ? turned : null;
}

const HALF_YEAR = 184;

const withMonth = (parts: Parts, other: Parts): Parts =>
  parts.nth === null && parts.unit === 'day' && other.unit === 'day' ? { ...parts, nth: other.nth } : parts;
