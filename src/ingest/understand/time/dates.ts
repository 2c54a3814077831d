import { type JapaneseDate, japaneseDates } from '../japanese/dates.ts';
import { fold, type Word } from '../sentences/words.ts';
import type { TimeWords } from '../vocabulary/vocabulary.ts';
import type { DateAtom, DateOrder, Form, Placed } from './date-atoms.ts';
import { formAt, onWeekday } from './date-forms.ts';
import type { FormSettings } from './date-words.ts';
import { dayChainAt, daysBehind } from './day-lists.ts';
import { glued } from './numeric-dates.ts';
import { timeIndexOf } from './time-index.ts';
import { type Token, tokensOf } from './time-tokens.ts';

export type { DateAtom, DateOrder } from './date-atoms.ts';
export { orderIn } from './numeric-dates.ts';

export interface DateSettings {
  /** The UTC day of the mail; `null` = unknown. */
  readonly today: string | null;
  /** Which of two numbers is the day, as the rest of the mail settles it; `null` = it does not. */
  readonly order: DateOrder | null;
  readonly words: TimeWords;
}

/** The dates of a text and the tokens between them. Places of atoms are those in the text. */
export interface Dated {
  readonly tokens: readonly Token[];
  readonly atoms: readonly Placed[];
}

interface Searchable {
  readonly text: string;
  readonly start: number;
  readonly words: readonly Word[];
}

/** All dates in a text, left to right, without overlap. `offset` is added to every place. */
export function datesIn(text: string, settings: DateSettings, offset = 0): readonly DateAtom[] {
  const { atoms } = datedText(text, settings);
  return offset === 0
    ? atoms
    : atoms.map((atom) => ({ ...atom, start: atom.start + offset, end: atom.end + offset }));
}

/** The dates of a statement, found once however often they are asked for. */
export function datesOf(statement: Searchable, settings: DateSettings): readonly DateAtom[] {
  const { atoms } = datedOf(statement, settings);
  if (atoms.length === 0) return atoms;
  const known = shiftedAtoms.get(atoms);
  if (known !== undefined) return known;
  const shifted = shift(atoms, statement.start);
  shiftedAtoms.set(atoms, shifted);
  return shifted;
}

const shiftedAtoms = new WeakMap<readonly Placed[], readonly DateAtom[]>();

const shift = (atoms: readonly Placed[], by: number): readonly DateAtom[] =>
  atoms.map((atom) => ({ ...atom, start: atom.start + by, end: atom.end + by }));

/** As datesOf, with the tokens. */
export function datedOf(statement: Searchable, settings: DateSettings): Dated {
  const known = found.get(statement);
  if (known?.settings === settings) return known.dated;
  const dated = mayHaveDate(statement, settings) ? datedText(statement.text, settings) : NOTHING;
  found.set(statement, { settings, dated });
  return dated;
}

const NOTHING: Dated = { tokens: [], atoms: [] };
const found = new WeakMap<object, { settings: DateSettings; dated: Dated }>();

/** Every date has a digit, or a word that begins a form without one: a cheap look before the search. */
function mayHaveDate({ text, words }: Searchable, settings: DateSettings): boolean {
  const { openers } = timeIndexOf(settings.words);
  if (settings.words.boundsBehind === true) return true;
  return (
    /[\d０-９]/.test(text) ||
    words.some(
      ({ text: word }) => openers.has(word) || (word.endsWith("'s") && openers.has(word.slice(0, -2))),
    )
  );
}

function datedText(text: string, { today, order, words }: DateSettings): Dated {
  if (words.boundsBehind === true)
    return { tokens: [], atoms: japaneseDates(fold(text), { today, order }, 0).map(japaneseAtom) };
  const tokens = tokensOf(text);
  const settings: FormSettings = { today, order, index: timeIndexOf(words) };
  const atoms: Placed[] = [];
  const put = (form: Form, from: number): void => {
    const closed = closing(form, tokens, settings);
    const clock = clockAt(tokens, closed.to);
    atoms.push({
      ...closed.bare,
      clock: clock?.clock ?? null,
      start: tokens[from]?.start ?? 0,
      end: tokens[closed.to - 1]?.end ?? 0,
      fromToken: from,
      toToken: clock?.to ?? closed.to,
    });
  };
  for (let at = 0; at < tokens.length; ) {
    if (!canBegin(tokens, at, atoms.at(-1)?.toToken ?? -1)) {
      at += 1;
      continue;
    }
    const form = formAt(tokens, at, settings);
    if (form !== null && canEnd(tokens, form.to, settings)) {
      put(form, at);
      for (const more of daysBehind(tokens, form, settings)) put(more, more.from);
      at = atoms.at(-1)?.toToken ?? form.to;
      continue;
    }
    const chain = dayChainAt(tokens, at, settings);
    for (const each of chain.days) put(each, each.from);
    at = chain.to;
  }
  return { tokens, atoms };
}

const japaneseAtom = ({ unit, days, why, partial, start, end }: JapaneseDate): Placed => ({
  unit,
  days,
  why: why === 'yearless' ? 'incomplete' : why,
  parts:
    partial === null
      ? null
      : {
          unit: partial.day === 0 ? 'month' : 'day',
          year: null,
          nth: partial.month,
          day: partial.day || null,
        },
  numbers: null,
  settles: null,
  weekday: false,
  relative: false,
  clock: null,
  start,
  end,
  fromToken: 0,
  toToken: 0,
});

/** No date begins in the middle of a name, number, address or reference. */
function canBegin(tokens: readonly Token[], at: number, lastEnd: number): boolean {
  const token = tokens[at];
  if (token === undefined || token.kind === 'sign') return false;
  const before = tokens[at - 1];
  if (!token.glued || before === undefined) return true;
  if (before.kind === 'word') return isAlone(before) || isAlone(token);
  if (before.kind === 'number') return isAlone(token) && lastEnd === at;
  if (before.text === ':' && tokens[at - 2]?.kind === 'number' && before.glued) return false;
  if (!/^[-./_@#+$€£%&\\=?]$/.test(before.text)) return true;
  // "mid-March": read, so that the range it opens is asked about.
  if (before.text === '-' && PREFIXES.has(tokens[at - 2]?.text ?? '') && token.kind === 'word') return true;
  // Signs that may also stand inside a name join only dates: "2024-01-01/2024-01-31".
  let first = at - 1;
  while (first > lastEnd && tokens[first - 1]?.kind === 'sign' && at - first < 4) first -= 1;
  return first === lastEnd;
}

const PREFIXES = new Set(
  'mid early late end pre post mitte anfang ende mi fin metà fine mediados half'.split(' '),
);

/** No date ends in the middle of a word, as in `2.3.2024-beta`. */
function canEnd(tokens: readonly Token[], to: number, settings: FormSettings): boolean {
  const next = glued(tokens, to);
  if (next === undefined) return true;
  if (next.kind === 'word') return isAlone(next) || next.text === 't';
  if (next.text === '-' && glued(tokens, to + 1)?.kind === 'word')
    return formAt(tokens, to + 1, settings) !== null;
  return !/^[_@#\\]$/.test(next.text);
}

/** Han and Kana stand beside numbers without a space. */
const isAlone = ({ text }: Token): boolean => text.length === 1 && text >= '\u3005';

/** The weekday in brackets behind a date: `2025年5月1日(木)`. */
function closing(form: Form, tokens: readonly Token[], { index }: FormSettings): Form {
  const open = tokens[form.to]?.text;
  if (form.bare.unit !== 'day' || open !== '(') return form;
  const name = index.weekdays.at(tokens, form.to + 1);
  const short = index.weekdayShorts.get(tokens[form.to + 1]?.text ?? '');
  const behind = name?.at ?? form.to + 2;
  const weekday = name?.value ?? short;
  if (weekday === undefined || tokens[behind]?.text !== ')') return form;
  return { bare: onWeekday(form.bare, weekday), to: behind + 1 };
}

/** A time right behind a day: `T00:00:00Z`, ` 23:59`, `, 00:00 UTC`. */
function clockAt(
  tokens: readonly Token[],
  at: number,
): { readonly clock: NonNullable<DateAtom['clock']>; readonly to: number } | null {
  let next = at;
  if (CLOCK_WORDS.has(tokens[next]?.text ?? '')) next += 1;
  const [hours, colon, minutes] = [tokens[next], glued(tokens, next + 1), glued(tokens, next + 2)];
  if (hours?.kind !== 'number' || hours.text.length > 2 || colon?.text !== ':' || minutes?.text.length !== 2)
    return null;
  let to = next + 3;
  const seconds = glued(tokens, to)?.text === ':' ? glued(tokens, to + 1)?.text : undefined;
  if (seconds !== undefined) to += 2;
  if (glued(tokens, to)?.text === '.' && glued(tokens, to + 1)?.kind === 'number') to += 2;
  if (/^(?:z|utc|gmt)$/.test(tokens[to]?.text ?? '')) to += 1;
  const time = `${Number(hours.text)}:${minutes.text}`;
  const clock =
    time === '0:00' && (seconds ?? '00') === '00'
      ? 'start'
      : time === '23:59' || time === '24:00'
        ? 'end'
        : 'other';
  return { clock, to };
}

const CLOCK_WORDS = new Set('t , at um à a om às alle'.split(' '));
