import { addDays, type TimeFrame } from '../../domain/calendar.ts';
import type { Problem } from '../../domain/request.ts';
import { type DateAtom, type DateSettings, datesOf, monthDays } from './dates.ts';
import type { Lexicon } from './lexicon.ts';
import { says } from './phrases.ts';
import type { Statement } from './statements.ts';
import { fold, wordsOf } from './words.ts';

/** One time frame as written. `frame` is `null` when it was given and cannot be used; `problem` says why if it is one. */
export interface FrameReading {
  readonly frame: TimeFrame | null;
  readonly problem: Problem | null;
  readonly start: number;
  readonly end: number;
}

/** The time frames that a statement gives, left to right. Dates that are deadlines or asides are left out. */
export function framesIn(
  statement: Statement,
  settings: DateSettings,
  lexicon: Lexicon,
): readonly FrameReading[] {
  const atoms = datesOf(statement, settings);
  const readings: FrameReading[] = [];
  for (let at = 0; at < atoms.length; at += 1) {
    const atom = atoms[at];
    if (atom === undefined) break;
    const context = contextOf(statement, atom, lexicon);
    // "the last 7 days, today included"
    if (context.lead === 'deadline' || context.denied || /^incl/.test(context.after)) continue;
    const next = atoms[at + 1];
    if (next !== undefined && isRange(textBetween(statement, atom.end, next.start), context.lead, lexicon)) {
      readings.push(rangeOf(atom, next));
      at += 1;
      continue;
    }
    const reading = singleOf(atom, context, statement);
    if (reading !== null) readings.push(reading);
  }
  if (says(statement, lexicon.timePhrases.allTime) && readings.length === 0) {
    readings.push({
      frame: { from: null, to: null },
      problem: null,
      start: statement.start,
      end: statement.end,
    });
  }
  return readings.map((reading) => checked(reading, settings.today));
}

/** Whether a statement speaks of hours, minutes or a time of day. 00:00 and 23:59 are the ends of whole days. */
export function isFinerThanDay(statement: Statement, lexicon: Lexicon): boolean {
  const text = fold(statement.text);
  for (const match of text.matchAll(/(?<![\d:./-])([01]?\d|2[0-3]):([0-5]\d)(?!\d|:\d\d:)/g)) {
    if (!/^(?:00?:00|23:59|24:00)$/.test(match[0])) return true;
  }
  if (
    /(?<![\d.,/-])\d{1,2} ?(?:am|pm|uhr|uur|h\d{2}|h(?![a-z\d])|時(?!間以内)|a\.m\.|p\.m\.|o'clock)(?![a-z])/.test(
      text,
    )
  )
    return true;
  const clock = says(statement, lexicon.timePhrases.clockWords);
  if (clock && /(?<![\d.])(?:[01]?\d|2[0-3])\.[0-5]\d(?![.\d])/.test(text)) return true;
  return says(statement, lexicon.timePhrases.finer);
}

type Lead = 'before' | 'since' | 'after' | 'until' | 'from' | 'between' | 'within' | 'deadline' | null;

interface Context {
  readonly lead: Lead;
  readonly tail: 'onwards' | 'orEarlier' | null;
  /** "not in March". */
  readonly denied: boolean;
  /** Words of the statement besides the date: none or few = the date is the statement. */
  readonly others: number;
  readonly before: string;
  readonly after: string;
}

const LEADS = ['deadline', 'before', 'since', 'after', 'until', 'from', 'between', 'within'] as const;

function contextOf(statement: Statement, atom: DateAtom, { time, notWords }: Lexicon): Context {
  const [from, to] = [atom.start - statement.start, atom.end - statement.start];
  const before = fold(statement.text.slice(Math.max(0, from - 60), from)).replace(/["'(:,\s]+$/, '');
  const after = fold(statement.text.slice(to, to + 60)).replace(/^[\s,)"']+/, '');
  let lead: Lead = null;
  let longest = 0;
  for (const name of LEADS) {
    for (const phrase of time[name]) {
      if (phrase.length > longest && endsWithWord(before, phrase)) {
        lead = name;
        longest = phrase.length;
      }
    }
  }
  const rest = longest === 0 ? before : before.slice(0, -longest).trimEnd();
  const starts = (phrases: readonly string[]): boolean =>
    phrases.some((phrase) => startsWithWord(after, phrase));
  return {
    lead,
    tail: starts(time.onwards) ? 'onwards' : starts(time.orEarlier) ? 'orEarlier' : null,
    denied: notWords.some((word) => endsWithWord(rest, word) || endsWithWord(before, word)),
    others: statement.words.length - wordsOf(statement.text.slice(from, to)).length,
    before,
    after,
  };
}

const isLetter = (sign: string): boolean => /[\p{Script=Latin}\p{N}]/u.test(sign);

const endsWithWord = (text: string, phrase: string): boolean =>
  text.endsWith(phrase) &&
  !(isLetter(text.charAt(text.length - phrase.length - 1)) && isLetter(phrase.charAt(0)));

const startsWithWord = (text: string, phrase: string): boolean =>
  text.startsWith(phrase) &&
  !(isLetter(text.charAt(phrase.length)) && isLetter(phrase.charAt(phrase.length - 1)));

const textBetween = (statement: Statement, from: number, to: number): string =>
  fold(statement.text.slice(from - statement.start, to - statement.start));

/** Whether the text between two dates makes one range of them. */
function isRange(between: string, lead: Lead, { time }: Lexicon): boolean {
  if (between.length > 60) return false;
  const bare = between
    .replace(/\((?:utc|inclusive|incl\.?|inkl\.?|included)\)/g, ' ')
    .replace(/t?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?z?|utc|gmt|\binclusive\b|\bincl\.?/g, ' ')
    .replace(/[,"'()]/g, ' ')
    .replace(/(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?\b/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (/^(?:-{1,2}|–|—|\.{2,3}|…|~|〜|～|\/|->|→|>|=>)(?: ?(?:to|until|the))?$/.test(bare)) return true;
  return time.range.includes(bare) || (lead === 'between' && time.rangeAnd.includes(bare));
}

function rangeOf(first: DateAtom, last: DateAtom): FrameReading {
  const place = { start: first.start, end: last.end };
  const lent = first.why === 'yearless' ? withYear(first, last) : first.days;
  if (first.why === 'order' || last.why === 'order')
    return { ...place, frame: null, problem: 'ambiguous_date' };
  if (lent === null || last.days === null) return { ...place, frame: null, problem: null };
  return { ...place, frame: { from: lent.from, to: last.days.to }, problem: null };
}

/** `1 Jan - 31 Mar 2024`: the year behind the range serves both ends, unless the range would run backwards. */
function withYear(first: DateAtom, last: DateAtom): DateAtom['days'] {
  if (first.partial === null || last.days === null) return null;
  const year = Number(last.days.to.slice(0, 4));
  const { month, day } = first.partial;
  const days = monthDays(year, month);
  const from = day === 0 ? days.from : addDays(days.from, day - 1);
  return from > days.to || from > last.days.to ? null : { from, to: from };
}

/** A date that stands alone: with a word before or behind it that says how it bounds the frame, or as the frame. */
function singleOf(atom: DateAtom, context: Context, statement: Statement): FrameReading | null {
  const place = { start: atom.start, end: atom.end };
  const unusable: FrameReading = {
    ...place,
    frame: null,
    problem: atom.why === 'order' ? 'ambiguous_date' : null,
  };
  const { lead, tail } = context;
  const year = atom.unit === 'year';
  if (PARTIAL.test(context.before)) return unusable;
  const days = atom.unit === 'day' ? dayRange(atom, context) : atom.days;
  if (atom.unit === 'month' && atom.why === 'yearless' && (lead === null || lead === 'within'))
    return lead === 'within' ? unusable : null;
  if (days === null)
    return lead === null && tail === null && statement.field === null && atom.why !== 'order'
      ? null
      : unusable;
  const found = (from: string | null, to: string | null): FrameReading => ({
    ...place,
    frame: { from, to },
    problem: null,
  });
  if (tail === 'onwards') return found(days.from, null);
  if (tail === 'orEarlier') return found(null, days.to);
  switch (lead) {
    case 'before':
      return found(null, addDays(days.from, -1));
    case 'since':
      return found(days.from, null);
    case 'after':
      return found(addDays(days.to, 1), null);
    case 'until':
      return atom.unit === 'day' ? found(null, days.to) : unusable;
    case 'from':
    case 'between':
      return days !== atom.days || atom.unit === 'quarter' || atom.unit === 'span'
        ? found(days.from, days.to)
        : unusable;
    case 'within':
      return found(days.from, days.to);
    default:
      if (statement.field !== null || days !== atom.days || (context.others <= 4 && !year))
        return found(days.from, days.to);
      if (atom.unit === 'span' || atom.unit === 'quarter' || /^(?:data|daten)\b/.test(context.after))
        return found(days.from, days.to);
      return year ? null : unusable;
  }
}

/** "the first half of March", "around 3 March": days that nobody can count. */
const PARTIAL =
  /(?<!(?:since|from|until|till|to|through|by) (?:the )?)\b(?:half|weeks?|days|part|middle|mid|early|late|end|beginning|start|weekends?|around|about|approximately|approx\.?|circa|ca\.?|roughly|hälfte|woche|anfang|mitte|ende|etwa|ungefähr|début|fin|mi|milieu|semaine|vers|environ|principios|mediados|finales|mitad|semana|início|meados|fim|inizio|metà|fine|settimana|circa|begin|eind|helft|rond|ongeveer)(?:[ -](?:of|of the|in|des|de|di|del|do|d'|van|the))?$/;

/** `3 to 5 March 2024`: the number before a day is the first day of a range in the same month. */
function dayRange(atom: DateAtom, context: Context): DateAtom['days'] {
  if (atom.days === null) return null;
  const first =
    /(?<![\d./:-])(\d{1,2})(?:st|nd|rd|th|\.|er|º)? ?(?:-|–|to|until|till|through|and|bis|und|au|et|al|a|y|até|e|tot|t\/m|en)(?: the)?$/.exec(
      context.before,
    );
  if (
    first === null ||
    !/\b(?:from|between|vom|von|zwischen|du|entre|del|de|dal|tra|van|tussen|the)\b|^\d|[-–]$/.test(
      context.before,
    )
  )
    return atom.days;
  const day = Number(first[1]);
  const to = atom.days.to;
  if (day < 1 || day > 31) return atom.days;
  return { from: `${to.slice(0, 8)}${String(day).padStart(2, '0')}`, to };
}

/** Reversed and future frames are no frames. An end on the mail's own day is not in the future. */
function checked(reading: FrameReading, today: string | null): FrameReading {
  const { frame } = reading;
  if (frame === null) return reading;
  if (frame.from !== null && frame.to !== null && frame.from > frame.to)
    return { ...reading, frame: null, problem: 'reversed_range' };
  const future = today !== null && ((frame.from ?? '') > today || (frame.to ?? '') > today);
  return future ? { ...reading, frame: null, problem: 'in_future' } : reading;
}
