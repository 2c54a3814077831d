import { addDays } from '../../domain/calendar.ts';
import type { TimeWords } from './vocabulary/vocabulary.ts';
import { fold, type Word, wordsOf } from './words.ts';

/** One date as written: a day, month, quarter, half or year as the inclusive days that it covers. */
export interface DateAtom {
  readonly unit: 'day' | 'month' | 'quarter' | 'half' | 'year' | 'span';
  /** `null`: the words do not settle which days are meant; `why` says how. */
  readonly days: { readonly from: string; readonly to: string } | null;
  /** `order`: 03/04/2024. `yearless`: 3 May. `unreal`: 31 February. `today`: relative, but the mail has no date. */
  readonly why: 'order' | 'yearless' | 'unreal' | 'today' | null;
  /** For a date without a year: its month and day, so that a range can lend it one. Day 0 = the whole month. */
  readonly partial: { readonly month: number; readonly day: number } | null;
  readonly start: number;
  readonly end: number;
}

export interface DateSettings {
  /** The UTC day of the mail; `null` = unknown. */
  readonly today: string | null;
  /** Which of two numbers is the day, as the rest of the mail settles it; `null` = it does not. */
  readonly order: DateOrder | null;
  readonly words: TimeWords;
}

export type DateOrder = 'day-first' | 'month-first';

/** All dates in a text, left to right, without overlap. `offset` is added to every place. */
export function datesIn(text: string, settings: DateSettings, offset = 0): readonly DateAtom[] {
  const { pattern } = patternOf(settings.words);
  const folded = fold(text);
  const atoms: DateAtom[] = [];
  for (const match of folded.matchAll(pattern)) {
    const atom = atomOf(match.groups ?? {}, settings);
    if (atom === null) continue;
    const start = offset + match.index;
    atoms.push({ ...atom, start, end: start + match[0].trimEnd().length });
  }
  return atoms;
}

/** The dates of a statement, found once however often they are asked for. */
export function datesOf(statement: Dated, settings: DateSettings): readonly DateAtom[] {
  const known = found.get(statement);
  if (known?.settings === settings) return known.atoms;
  const atoms = mayHaveDate(statement, settings) ? datesIn(statement.text, settings, statement.start) : [];
  found.set(statement, { settings, atoms });
  return atoms;
}

interface Dated {
  readonly text: string;
  readonly start: number;
  readonly words: readonly Word[];
}

/** Every date has a digit, or a word that begins a relative one: a cheap look before the search. */
const mayHaveDate = ({ text, words }: Dated, settings: DateSettings): boolean =>
  /[\d０-９]/.test(text) || words.some((word) => patternOf(settings.words).openers.has(word.text));

const found = new WeakMap<object, { settings: DateSettings; atoms: readonly DateAtom[] }>();

/** The order of day and month that the unmistakable numeric dates of a mail agree on; `null` = none or both. */
export function orderIn(text: string): DateOrder | null {
  const found = new Set<DateOrder>();
  for (const match of text.matchAll(/(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2\d{4}(?![\d])/g)) {
    const [first, second] = [Number(match[1]), Number(match[3])];
    if (first > 12 && second <= 12) found.add('day-first');
    if (second > 12 && first <= 12) found.add('month-first');
  }
  const [only] = found;
  return found.size === 1 && only !== undefined ? only : null;
}

/** The inclusive days of a calendar unit. */
export function monthDays(year: number, month: number, months = 1): { from: string; to: string } {
  const from = `${pad(year, 4)}-${pad(month)}-01`;
  const next = new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
  return { from, to: addDays(next, -1) };
}

type Fields = Record<string, string | undefined>;
type Bare = Omit<DateAtom, 'start' | 'end'>;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

function atomOf(fields: Fields, settings: DateSettings): Bare | null {
  const { words } = settings;
  const number = (name: string): number => Number.parseInt(fields[name] ?? '', 10);
  if (fields.y1) return dayAtom(number('y1'), number('m1'), number('d1'));
  if (fields.y2) return dayAtom(number('y2'), number('m2'), number('d2'));
  if (fields.sep) return numericAtom(fields, settings);
  if (fields.mon4) return namedDay(monthNumber(fields.mon4, words), number('d4'), fields.y4);
  if (fields.mon16) return daySpan(fields, words);
  if (fields.mon5) return namedDay(monthNumber(fields.mon5, words), number('d5'), fields.y5);
  if (fields.mon6) return spanAtom('month', number('y6'), monthNumber(fields.mon6, words), 1);
  if (fields.y7) return spanAtom('month', number('y7'), number('m7'), 1);
  if (fields.y8) return spanAtom('month', number('y8'), number('m8'), 1);
  if (fields.q9) return spanAtom('quarter', number('y9'), number('q9') * 3 - 2, 3);
  if (fields.q10) return spanAtom('quarter', number('y10'), number('q10') * 3 - 2, 3);
  if (fields.ord) return spanAtom('quarter', number('y11'), ordinal(fields.ord, words) * 3 - 2, 3);
  if (fields.h12) return spanAtom('half', number('y12'), number('h12') * 6 - 5, 6);
  if (fields.hord) return spanAtom('half', number('y13'), ordinal(fields.hord, words) * 6 - 5, 6);
  if (fields.yja) return japaneseAtom(fields);
  if (fields.y14) return spanAtom('year', number('y14'), 1, 12);
  if (fields.mon15) {
    return {
      unit: 'month',
      days: null,
      why: 'yearless',
      partial: { month: monthNumber(fields.mon15, words), day: 0 },
    };
  }
  return relativeAtom(fields, settings);
}

function dayAtom(year: number, month: number, day: number): Bare {
  const text = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  const at = new Date(`${text}T00:00:00Z`);
  const real = !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
  if (!real) return { unit: 'day', days: null, why: 'unreal', partial: null };
  return { unit: 'day', days: { from: text, to: text }, why: null, partial: null };
}

function numericAtom(fields: Fields, settings: DateSettings): Bare {
  const [first, second] = [Number(fields.n3), Number(fields.o3)];
  const year = fields.y3 ?? '';
  const unsure: Bare = { unit: 'day', days: null, why: 'order', partial: null };
  if (year.length !== 4) return unsure;
  if (first === second || second > 12) {
    return first > 12 && second > 12 ? { ...unsure, why: 'unreal' } : dayAtom(Number(year), first, second);
  }
  if (first > 12) return dayAtom(Number(year), second, first);
  const order = fields.sep === '.' && settings.words.dottedDayFirst ? 'day-first' : settings.order;
  if (order === null) return unsure;
  return order === 'day-first' ? dayAtom(Number(year), second, first) : dayAtom(Number(year), first, second);
}

function namedDay(month: number, day: number, year: string | undefined): Bare {
  if (year !== undefined) return dayAtom(Number(year), month, day);
  return { unit: 'day', days: null, why: 'yearless', partial: { month, day } };
}

/** March 3-5, 2024. */
function daySpan(fields: Fields, words: TimeWords): Bare {
  const month = monthNumber(fields.mon16 ?? '', words);
  const first = dayAtom(Number(fields.y16), month, Number(fields.d16)).days;
  const last = dayAtom(Number(fields.y16), month, Number(fields.e16)).days;
  if (first === null || last === null) return { unit: 'span', days: null, why: 'unreal', partial: null };
  return { unit: 'span', days: { from: first.from, to: last.to }, why: null, partial: null };
}

function spanAtom(unit: DateAtom['unit'], year: number, month: number, months: number): Bare {
  if (month < 1 || month > 12) return { unit, days: null, why: 'unreal', partial: null };
  return { unit, days: monthDays(year, month, months), why: null, partial: null };
}

function japaneseAtom(fields: Fields): Bare {
  const year = Number(fields.yja);
  if (fields.dja !== undefined) return dayAtom(year, Number(fields.mja), Number(fields.dja));
  return fields.mja === undefined
    ? spanAtom('year', year, 1, 12)
    : spanAtom('month', year, Number(fields.mja), 1);
}

/** Relative dates count from the mail's UTC day. Weeks begin on Monday (ISO 8601). */
function relativeAtom(fields: Fields, { today, words }: DateSettings): Bare | null {
  const name = RELATIVE_NAMES.find((key) => fields[key] !== undefined);
  const count = fields.ndays ?? fields.nweeks;
  if (name === undefined && count === undefined) return null;
  if (today === null) return { unit: 'span', days: null, why: 'today', partial: null };
  const unit = name === 'today' || name === 'yesterday' || name === 'beforeYesterday' ? 'day' : 'span';
  const days =
    name === undefined
      ? lastDays(today, count ?? '', fields.nweeks !== undefined, words)
      : named(name, today);
  return { unit, days, why: days === null ? 'unreal' : null, partial: null };
}

function lastDays(today: string, count: string, weeks: boolean, words: TimeWords): DateAtom['days'] {
  const number = /^\d+$/.test(count) ? Number(count) : (words.numbers[count] ?? 0);
  const days = weeks ? number * 7 : number;
  return days < 1 || days > 3_660 ? null : { from: addDays(today, 1 - days), to: today };
}

const RELATIVE_NAMES = [
  'today',
  'yesterday',
  'beforeYesterday',
  'thisWeek',
  'lastWeek',
  'thisMonth',
  'lastMonth',
  'thisQuarter',
  'lastQuarter',
  'thisYear',
  'lastYear',
] as const;
export type RelativeName = (typeof RELATIVE_NAMES)[number];

function named(name: RelativeName, today: string): { from: string; to: string } {
  const [year, month] = [Number(today.slice(0, 4)), Number(today.slice(5, 7))];
  const monday = addDays(today, -((new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7));
  const quarter = month - ((month - 1) % 3);
  const before = (months: number, from: number): [number, number] =>
    from - months < 1 ? [year - 1, from - months + 12] : [year, from - months];
  switch (name) {
    case 'today':
      return { from: today, to: today };
    case 'yesterday':
      return { from: addDays(today, -1), to: addDays(today, -1) };
    case 'beforeYesterday':
      return { from: addDays(today, -2), to: addDays(today, -2) };
    case 'thisWeek':
      return { from: monday, to: today };
    case 'lastWeek':
      return { from: addDays(monday, -7), to: addDays(monday, -1) };
    case 'thisMonth':
      return { from: `${today.slice(0, 7)}-01`, to: today };
    case 'lastMonth':
      return monthDays(...before(1, month));
    case 'thisQuarter':
      return { from: `${pad(year, 4)}-${pad(quarter)}-01`, to: today };
    case 'lastQuarter':
      return monthDays(...before(3, quarter), 3);
    case 'thisYear':
      return { from: `${pad(year, 4)}-01-01`, to: today };
    case 'lastYear':
      return monthDays(year - 1, 1, 12);
  }
}

const monthNumber = (name: string, words: TimeWords): number =>
  words.months.findIndex((names) => names.includes(name)) + 1;

const ordinal = (word: string, words: TimeWords): number =>
  words.ordinals.findIndex((names) => names.includes(word)) + 1;

interface Patterns {
  readonly pattern: RegExp;
  /** First words of the forms without a digit. */
  readonly openers: ReadonlySet<string>;
}
const patterns = new WeakMap<TimeWords, Patterns>();

/** Letters and digits of the languages that are read, folded. As a class this compiles ten times faster than by script. */
const LETTERS = 'a-z0-9ªº\\u00df-\\u024f';

/** One pattern for all forms, the more specific first. Every repetition in it is over single signs and bounded. */
function patternOf(words: TimeWords): Patterns {
  const known = patterns.get(words);
  if (known !== undefined) return known;
  const month = alternatives(words.months.flat());
  const ord = alternatives(words.ordinals.flat());
  const of = `(?: {1,3}(?:${alternatives(words.ofWords)}))?`;
  const day = '\\d{1,2}(?:st|nd|rd|th|\\.|º|°|er|e|ª)?';
  const sources = [
    '(?<y1>(?:19|20)\\d\\d)-(?<m1>\\d\\d)-(?<d1>\\d\\d)(?!\\d)',
    '(?<y2>(?:19|20)\\d\\d)[/.](?<m2>\\d{1,2})[/.](?<d2>\\d{1,2})(?!\\d)',
    '(?<n3>\\d{1,2})(?<sep>[./-])(?<o3>\\d{1,2})\\k<sep>(?<y3>\\d{4}|\\d\\d)(?!\\d)',
    `(?<d4>\\d{1,2})(?:st|nd|rd|th|\\.|º|°|er|e|ª)?${of}[ -]{1,3}(?<mon4>${month})\\b\\.?(?:,?${of}[ -]{1,3}(?<y4>(?:19|20)\\d\\d)\\b)?`,
    `(?<mon16>${month})\\b\\.? {1,3}(?<d16>\\d{1,2})(?:st|nd|rd|th)? ?(?:-|–|to|through) ?(?<e16>\\d{1,2})(?:st|nd|rd|th)?,? {1,3}(?<y16>(?:19|20)\\d\\d)\\b`,
    `(?<mon5>${month})\\b\\.?(?: {1,3}the)? {1,3}(?<d5>${day.replace('\\d{1,2}', '\\d{1,2}')})(?!\\d|[.:/-]\\d)(?:,? {1,3}(?<y5>(?:19|20)\\d\\d)\\b)?`,
    `(?<mon6>${month})\\b\\.?,?${of}[ /-]{1,3}(?<y6>(?:19|20)\\d\\d)\\b(?!-\\d)`,
    '(?<y7>(?:19|20)\\d\\d)-(?<m7>0[1-9]|1[0-2])(?![\\d-])',
    '(?<m8>0?[1-9]|1[0-2])/(?<y8>(?:19|20)\\d\\d)(?![\\d/])',
    `(?:${alternatives(words.quarterLetters)})(?<q9>[1-4])(?:${of} {0,3}[/-]? {0,3})(?<y9>(?:19|20)\\d\\d)\\b`,
    `(?<y10>(?:19|20)\\d\\d) {0,3}[/-]? {0,3}(?:${alternatives(words.quarterLetters)})(?<q10>[1-4])\\b`,
    `(?<ord>${ord})[ -](?:${alternatives(words.quarters)})${of} {0,3}(?<y11>(?:19|20)\\d\\d)\\b`,
    `h(?<h12>[12])${of} {0,3}[/-]? {0,3}(?<y12>(?:19|20)\\d\\d)\\b`,
    `(?<hord>${ord})[ -](?:${alternatives(words.halves)})${of} {0,3}(?<y13>(?:19|20)\\d\\d)\\b`,
    '(?<yja>(?:19|20)\\d\\d)年(?:度)?(?:(?<mja>\\d{1,2})月(?:(?<dja>\\d{1,2})日)?)?',
    `(?:${words.lastDays.map(numbered('ndays', words)).join('|')})`,
    `(?:${words.lastWeeks.map(numbered('nweeks', words)).join('|')})`,
    ...RELATIVE_NAMES.map((name) => `(?<${name}>${alternatives(words.relative[name])})(?![${LETTERS}])`),
    `(?<y14>(?:19|20)\\d\\d)(?![\\d]|[-./:][${LETTERS}])`,
    `(?<mon15>${month})(?![${LETTERS}])`,
  ];
  const built = {
    openers: new Set(firstWords(words)),
    pattern: new RegExp(`(?<![${LETTERS}_]|\\d[./:-]|[-#@:])(?:${sources.join('|')})`, 'g'),
  };
  patterns.set(words, built);
  return built;
}

/** `last # days` with the number as a group; several phrases share the group's name, one of them matches. */
function numbered(group: string, words: TimeWords): (phrase: string) => string {
  const numbers = `\\d{1,4}|${alternatives(Object.keys(words.numbers))}`;
  return (phrase) => phrase.split('#').map(literal).join(`(?<${group}>${numbers})`);
}

/** The first word of each form that may have no digit. */
const firstWords = (words: TimeWords): readonly string[] =>
  [words.months.flat(), words.lastDays, words.lastWeeks, Object.values(words.relative).flat()]
    .flat()
    .flatMap((phrase) => wordsOf(phrase.replace(/#.*$/, '')).slice(0, 1))
    .map(({ text }) => text);

function alternatives(phrases: readonly string[]): string {
  const sorted = [...phrases].sort((a, b) => b.length - a.length);
  return sorted.length === 0 ? '(?!)' : sorted.map(literal).join('|');
}

const literal = (text: string): string =>
  text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll(' ', ' {1,3}');
