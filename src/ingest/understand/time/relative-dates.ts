import { addDays } from '../../../domain/calendar.ts';
import { type Days, daysOf, mondayOf, monthDays, weekdayOf } from './calendar-units.ts';
import type { Bare } from './date-atoms.ts';
import type { Relative } from './time-index.ts';

const NOTHING: Bare = {
  unit: 'span',
  days: null,
  why: 'vague',
  parts: null,
  numbers: null,
  settles: null,
  weekday: false,
  relative: true,
};
const WEEKDAY: Bare = { ...NOTHING, unit: 'day', weekday: true };

/** Relative dates count from the mail's UTC day. Weeks begin on Monday (ISO 8601). */
export function relativeBare(name: Relative, count: number, today: string | null): Bare {
  if (name === 'vague') return NOTHING;
  const unit = name === 'today' || name === 'yesterday' || name === 'beforeYesterday' ? 'day' : 'span';
  if (today === null) return { ...NOTHING, unit, why: 'today' };
  const days = daysFor(name, count, today);
  return { ...NOTHING, unit, days, why: days === null ? 'unreal' : null };
}

/** "The last three days of February 2024": counted from the end of a unit and not from the mail's day. */
export function lastDaysOf(count: number, of: Days | null): Bare {
  const from = of === null || count < 1 || count > DAYS_MAX ? null : addDays(of.to, 1 - count);
  const days = of === null || from === null || from < of.from ? null : { from, to: of.to };
  return { ...NOTHING, days, why: days === null ? 'vague' : null, relative: false };
}

/** A weekday is the last one before the mail's day; on that weekday itself nobody can tell. */
export function weekdayBare(weekday: number, today: string | null): Bare {
  if (today === null) return { ...WEEKDAY, why: 'today' };
  const ago = (weekdayOf(today) - weekday + 7) % 7;
  if (ago === 0) return WEEKDAY;
  const day = addDays(today, -ago);
  return { ...WEEKDAY, days: { from: day, to: day }, why: null };
}

/** "Last Tuesday": the one of last week, once this week's has gone by nobody can tell. */
export function lastWeekdayBare(weekday: number, today: string | null): Bare {
  if (today === null) return { ...WEEKDAY, why: 'today' };
  if (weekday < weekdayOf(today)) return WEEKDAY;
  const day = addDays(mondayOf(today), weekday - 7);
  return { ...WEEKDAY, days: { from: day, to: day }, why: null };
}

/** More days than anybody counts back. */
const DAYS_MAX = 3_660;

function daysFor(name: Exclude<Relative, 'vague'>, count: number, today: string): Days | null {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const quarter = Math.ceil(month / 3);
  switch (name) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return ago(today, 1);
    case 'beforeYesterday':
      return ago(today, 2);
    case 'lastDays':
      return lastDays(today, count);
    case 'lastWeeks':
      return lastDays(today, count * 7);
    case 'fortnight':
      return lastDays(today, 14);
    case 'thisWeek':
      return { from: mondayOf(today), to: today };
    case 'lastWeek':
      return { from: addDays(mondayOf(today), -7), to: addDays(mondayOf(today), -1) };
    case 'thisMonth':
      return { from: monthDays(year, month).from, to: today };
    case 'lastMonth':
      return month === 1 ? monthDays(year - 1, 12) : monthDays(year, month - 1);
    case 'thisQuarter':
      return { from: monthDays(year, quarter * 3 - 2).from, to: today };
    case 'lastQuarter':
      return daysOf({
        unit: 'quarter',
        year: quarter === 1 ? year - 1 : year,
        nth: quarter === 1 ? 4 : quarter - 1,
        day: null,
      });
    case 'thisYear':
      return { from: monthDays(year, 1).from, to: today };
    case 'lastYear':
      return monthDays(year - 1, 1, 12);
  }
}

function ago(today: string, days: number): Days {
  const day = addDays(today, -days);
  return { from: day, to: day };
}

const lastDays = (today: string, days: number): Days | null =>
  days < 1 || days > DAYS_MAX ? null : { from: addDays(today, 1 - days), to: today };
