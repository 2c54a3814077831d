import { type Parts, weekdayOf } from './calendar-units.ts';
import type { Bare, Form } from './date-atoms.ts';
import {
  afterOrdinal,
  apostropheYear,
  dayNumber,
  type FormSettings,
  monthNumber,
  yearAt,
} from './date-words.ts';
import { bareOf, glued, numericAt } from './numeric-dates.ts';
import { lastDaysOf, lastWeekdayBare, relativeBare, weekdayBare } from './relative-dates.ts';
import { LAST_WORDS } from './time-index.ts';
import type { Token } from './time-tokens.ts';
import { partOfYearAt, weekAt, yearFormAt } from './year-parts.ts';

/** The date that begins at a token, in any form; the more specific form first. */
export function formAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const token = tokens[at];
  if (token === undefined || token.kind === 'sign') return null;
  const { index } = settings;
  if (token.kind === 'number') {
    return (
      numericAt(tokens, at, settings, index.dottedDayFirst) ??
      weekAt(tokens, at, settings) ??
      dayAt(tokens, at, settings) ??
      partOfYearAt(tokens, at, settings) ??
      relativeAt(tokens, at, settings) ??
      yearFormAt(tokens, at, settings)
    );
  }
  if (!index.starters.has(token.text)) return null;
  return (
    monthAt(tokens, at, settings) ??
    partOfYearAt(tokens, at, settings) ??
    weekAt(tokens, at, settings) ??
    relativeAt(tokens, at, settings) ??
    weekdayAt(tokens, at, settings)
  );
}

/** `3 March 2024`, `1er mars`, `3 de mayo de 2024`, `the 1st of this month`. */
function dayAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const day = dayNumber(tokens[at]);
  if (day === null) return null;
  const behind = afterOrdinal(tokens, at + 1);
  let next = tokens[behind]?.text === '-' ? behind + 1 : behind;
  next = settings.index.of.at(tokens, next)?.at ?? next;
  const month = monthNumber(tokens, next, settings.index);
  if (month !== null) {
    const year = yearAt(tokens, month.to, settings);
    return {
      bare: bareOf({ unit: 'day', year: year?.year ?? null, nth: month.nth, day }),
      to: year?.to ?? month.to,
    };
  }
  if (next === at + 1) return null;
  const relative = settings.index.relative.at(tokens, next);
  if (relative === null || settings.today === null) return null;
  if (relative.value !== 'thisMonth' && relative.value !== 'lastMonth') return null;
  const of = relativeBare(relative.value, 0, settings.today).days?.from ?? settings.today;
  const parts: Parts = { unit: 'day', year: Number(of.slice(0, 4)), nth: Number(of.slice(5, 7)), day };
  return { bare: { ...bareOf(parts), relative: true }, to: relative.at };
}

/** `March 3, 2024`, `March 2024`, `March`. */
function monthAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const month = monthNumber(tokens, at, settings.index);
  if (month === null) return null;
  const dayed = monthDayAt(tokens, month, settings);
  if (dayed !== null) return dayed;
  const year = yearAt(tokens, month.to, settings) ?? apostropheYear(tokens, month.to);
  return {
    bare: bareOf({ unit: 'month', year: year?.year ?? null, nth: month.nth, day: null }),
    to: year?.to ?? month.to,
  };
}

function monthDayAt(
  tokens: readonly Token[],
  month: { readonly nth: number; readonly to: number },
  settings: FormSettings,
): Form | null {
  const at = tokens[month.to]?.text === 'the' ? month.to + 1 : month.to;
  const day = dayNumber(tokens[at]);
  if (day === null || tokens[at]?.glued) return null;
  const to = afterOrdinal(tokens, at + 1);
  const [sign, next] = [glued(tokens, to), glued(tokens, to + 1)];
  // "March 3:15", "May 5/6", "Mai 2.0"
  if (
    next?.kind === 'number' &&
    (/^[:/]$/.test(sign?.text ?? '') || (to > at + 1 && tokens[to - 1]?.text === '.'))
  )
    return null;
  // "mars 3 mai": the number belongs to the month behind it.
  if (tokens[at + 1]?.glued !== true && monthNumber(tokens, at + 1, settings.index) !== null) return null;
  const year = yearAt(tokens, to, settings);
  return {
    bare: bareOf({ unit: 'day', year: year?.year ?? null, nth: month.nth, day }),
    to: year?.to ?? (tokens[to - 1]?.text === '.' ? to - 1 : to),
  };
}

function relativeAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const { today, index } = settings;
  const found = index.relative.at(tokens, at);
  if (found === null) return null;
  const of = found.value === 'lastDays' ? index.of.at(tokens, found.at) : null;
  const month = of === null ? null : monthAt(tokens, of.at, settings);
  if (month !== null)
    return {
      bare: lastDaysOf(found.count, month.bare.unit === 'month' ? month.bare.days : null),
      to: month.to,
    };
  return { bare: relativeBare(found.value, found.count, today), to: found.at };
}

/** `Monday, 3 March 2025`, `since Monday`, `last Tuesday`, `mardi dernier`. */
function weekdayAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const { index, today } = settings;
  const last = LAST_WORDS.has(tokens[at]?.text ?? '');
  const name = index.weekdays.at(tokens, last ? at + 1 : at);
  if (!last) {
    const dated = datedWeekday(tokens, at, settings);
    if (dated !== null) return dated;
  }
  if (name === null || glued(tokens, name.at)?.kind === 'word') return null;
  // "Friday 8 and Friday 22 March": the day is the number.
  if (dayNumber(tokens[name.at]) !== null) return null;
  const behind = LAST_WORDS.has(tokens[name.at]?.text ?? '');
  const bare = last || behind ? lastWeekdayBare(name.value, today) : weekdayBare(name.value, today);
  return { bare, to: behind ? name.at + 1 : name.at };
}

/** A weekday in front of a day. A day that is another weekday is asked about. */
function datedWeekday(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const { index } = settings;
  const found = index.weekdays.at(tokens, at);
  const short = index.weekdayShorts.get(tokens[at]?.text ?? '');
  const weekday = found?.value ?? short;
  if (weekday === undefined) return null;
  let next = found?.at ?? at + 1;
  while (next < at + 6 && SKIPPED.has(tokens[next]?.text ?? '')) next += 1;
  if (tokens[next]?.kind === 'word' && index.weekdays.at(tokens, next) !== null) return null;
  const form = tokens[next]?.kind === 'sign' ? null : formAt(tokens, next, settings);
  if (form === null || form.bare.unit !== 'day' || form.bare.relative) return null;
  return { bare: onWeekday(form.bare, weekday), to: form.to };
}

const SKIPPED = new Set(', . the den dem der le el il o de dia día ( )'.split(' '));

/** The date, unless it falls on another weekday than the one that was said. */
export const onWeekday = (bare: Bare, weekday: number): Bare =>
  bare.days !== null && weekdayOf(bare.days.from) !== weekday ? { ...bare, days: null, why: 'unreal' } : bare;
