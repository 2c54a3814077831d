import type { Unit } from './calendar-units.ts';
import type { Form } from './date-atoms.ts';
import { afterOrdinal, type FormSettings, monthNumber, yearAt } from './date-words.ts';
import { bareOf, glued, isYear } from './numeric-dates.ts';
import { relativeBare } from './relative-dates.ts';
import type { TimeIndex } from './time-index.ts';
import type { Token } from './time-tokens.ts';

/** `Q4 2023`, `2023Q4`, `third quarter of 2023`, `3. Quartal`, `H1 2024`, `2nd half of 2024`. */
export function partOfYearAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
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
export function weekAt(tokens: readonly Token[], at: number, settings: FormSettings): Form | null {
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

/** A year, and not a number of things or the beginning of a name. */
export function yearFormAt(tokens: readonly Token[], at: number, { index }: FormSettings): Form | null {
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
