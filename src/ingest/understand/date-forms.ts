import { type Parts, type Unit, weekdayOf } from './calendar-units.ts';
import type { Bare, DateOrder, Form } from './date-atoms.ts';
import { bareOf, glued, isYear, numericAt } from './numeric-dates.ts';
import { lastWeekdayBare, relativeBare, weekdayBare } from './relative-dates.ts';
import type { TimeIndex } from './time-index.ts';
import type { Token } from './time-tokens.ts';

export interface FormSettings {
  readonly today: string | null;
  readonly order: DateOrder | null;
  readonly index: TimeIndex;
}

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
  return (
    monthAt(tokens, at, settings) ??
    partOfYearAt(tokens, at, settings) ??
    weekAt(tokens, at, settings) ??
    relativeAt(tokens, at, settings) ??
    weekdayAt(tokens, at, settings)
  );
}

const ORDINAL_MARKS = new Set('st nd rd th . º ª ° er re ère e ème eme de ste o a'.split(' '));

/** Index of the token behind an ordinal's mark: `3rd`, `3.`, `1er`. */
export const afterOrdinal = (tokens: readonly Token[], at: number): number =>
  ORDINAL_MARKS.has(glued(tokens, at)?.text ?? '') ? at + 1 : at;

export const dayNumber = (token: Token | undefined): number | null => {
  const value = token?.kind === 'number' && token.text.length <= 2 ? Number(token.text) : 0;
  return value >= 1 && value <= 31 ? value : null;
};

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

/** A month's name, with the dot of a short form. */
function monthNumber(
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
function apostropheYear(tokens: readonly Token[], at: number): Year | null {
  const digits = tokens[at]?.text === "'" ? glued(tokens, at + 1) : undefined;
  return digits?.kind === 'number' && digits.text.length === 2
    ? { year: 2000 + Number(digits.text), to: at + 2 }
    : null;
}

/** `Q4 2023`, `2023Q4`, `third quarter of 2023`, `3. Quartal`, `H1 2024`, `2nd half of 2024`. */
function partOfYearAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const { index } = settings;
  const token = tokens[at];
  if (isYear(token)) {
    const next = /^[-/]$/.test(tokens[at + 1]?.text ?? '') ? at + 2 : at + 1;
    const letter = letterAt(tokens, next, index);
    return letter === null ? null : partForm(letter.unit, Number(token?.text), letter.nth, letter.to);
  }
  const part = letterAt(tokens, at, index) ?? ordinalPart(tokens, at, index);
  if (part === null) return null;
  const month = monthNumber(tokens, index.of.at(tokens, part.to)?.at ?? part.to, index);
  // "The first half of March": nobody counts it alike.
  if (month !== null)
    return {
      bare: relativeBare('vague', 0, settings.today),
      to: yearAt(tokens, month.to, settings)?.to ?? month.to,
    };
  const dash = tokens[part.to]?.text === '-' || tokens[part.to]?.text === '/' ? part.to + 1 : part.to;
  const year = isYear(tokens[dash])
    ? { year: Number(tokens[dash]?.text), to: dash + 1 }
    : yearAt(tokens, part.to, settings);
  // "Last quarter" counts from today, "the last quarter of 2023" does not.
  if (year === null && index.relative.at(tokens, at) !== null) return null;
  return partForm(part.unit, year?.year ?? null, part.nth, year?.to ?? part.to);
}

interface PartOfYear {
  readonly unit: 'quarter' | 'half';
  readonly nth: number;
  readonly to: number;
}

const partForm = (unit: Unit, year: number | null, nth: number, to: number): Form => ({
  bare: bareOf({ unit, year, nth, day: null }),
  to,
});

function letterAt(tokens: readonly Token[], at: number, { quarterLetters }: TimeIndex): PartOfYear | null {
  const letter = tokens[at]?.text ?? '';
  const digit = glued(tokens, at + 1);
  if (digit?.kind !== 'number' || !/^[1-4]$/.test(digit.text)) return null;
  if (quarterLetters.has(letter)) return { unit: 'quarter', nth: Number(digit.text), to: at + 2 };
  return letter === 'h' && Number(digit.text) <= 2
    ? { unit: 'half', nth: Number(digit.text), to: at + 2 }
    : null;
}

function ordinalPart(tokens: readonly Token[], at: number, index: TimeIndex): PartOfYear | null {
  const ordinal = index.ordinals.at(tokens, at);
  if (ordinal === null) return null;
  const next = tokens[ordinal.at]?.text === '-' ? ordinal.at + 1 : ordinal.at;
  const quarter = index.quarters.at(tokens, next);
  if (quarter !== null) return { unit: 'quarter', nth: ordinal.value, to: quarter.at };
  const half = index.halves.at(tokens, next);
  if (half === null) return null;
  // "The last half" is the second.
  return { unit: 'half', nth: ordinal.value === 4 ? 2 : ordinal.value, to: half.at };
}

/** `week 14 of 2025`, `KW 23/2024`, `14. KW 2024`, `2025-W14`. Weeks are those of ISO 8601. */
function weekAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const { index } = settings;
  const token = tokens[at];
  if (isYear(token)) {
    const letter = glued(tokens, at + 2);
    const week = glued(tokens, at + 3);
    const iso = glued(tokens, at + 1)?.text === '-' && letter?.text === 'w' && week?.text.length === 2;
    return iso && week?.kind === 'number'
      ? partForm('week', Number(token?.text), Number(week.text), at + 4)
      : null;
  }
  if (token?.kind === 'number') {
    const name = token.text.length > 2 ? null : index.weekNames.at(tokens, afterOrdinal(tokens, at + 1));
    // "2 weeks", "3 week": only an ordinal before the name makes it a week of the year.
    if (name === null || afterOrdinal(tokens, at + 1) === at + 1) return null;
    const year = yearAt(tokens, name.at, settings);
    return partForm('week', year?.year ?? null, Number(token.text), year?.to ?? name.at);
  }
  const name = index.weekNames.at(tokens, at);
  const number = name === null ? undefined : tokens[name.at];
  if (name === null || number?.kind !== 'number' || number.text.length > 2) return null;
  const behind = name.at + 1;
  const slash = /^[-/]$/.test(tokens[behind]?.text ?? '') && isYear(tokens[behind + 1]);
  const year = slash
    ? { year: Number(tokens[behind + 1]?.text), to: behind + 2 }
    : yearAt(tokens, behind, settings);
  return partForm('week', year?.year ?? null, Number(number.text), year?.to ?? behind);
}

function relativeAt(tokens: readonly Token[], at: number, { today, index }: FormSettings): Form | null {
  const found = index.relative.at(tokens, at);
  if (found === null) return null;
  return { bare: relativeBare(found.value, found.count, today), to: found.at };
}

function yearFormAt(tokens: readonly Token[], at: number, { index }: FormSettings): Form | null {
  const token = tokens[at];
  if (token === undefined || !isYear(token)) return null;
  const next = glued(tokens, at + 1);
  // "2024-report", "2024.5", "2023/24"; but "2022-2024" are two years, and "2024, …" is one.
  if (/^[-./:_]$/.test(next?.text ?? '')) {
    const behind = glued(tokens, at + 2);
    const years = isYear(behind) && /^[-/]$/.test(next?.text ?? '');
    if (behind !== undefined && behind.kind !== 'sign' && !years) return null;
  }
  // "2000 records", "2000 events": a number of things.
  const word = tokens[at + 1];
  if (word?.kind === 'word' && COUNTED.has(word.text) && !index.months.has(word.text)) return null;
  return { bare: bareOf({ unit: 'year', year: Number(token.text), nth: 1, day: null }), to: at + 1 };
}

const COUNTED = new Set(
  'events records rows users entries profiles people customers messages units eur usd'.split(' '),
);

const LAST = new Set(
  'last letzten letzter letztem vergangenen vorigen dernier pasado passado scorso vorige afgelopen'.split(
    ' ',
  ),
);

/** `Monday, 3 March 2025`, `since Monday`, `last Tuesday`, `mardi dernier`. */
function weekdayAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
  const { index, today } = settings;
  const last = LAST.has(tokens[at]?.text ?? '');
  const name = index.weekdays.at(tokens, last ? at + 1 : at);
  if (!last) {
    const dated = datedWeekday(tokens, at, settings);
    if (dated !== null) return dated;
  }
  if (name === null || glued(tokens, name.at)?.kind === 'word') return null;
  // "Friday 8 and Friday 22 March": the day is the number.
  if (dayNumber(tokens[name.at]) !== null) return null;
  const behind = LAST.has(tokens[name.at]?.text ?? '');
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
