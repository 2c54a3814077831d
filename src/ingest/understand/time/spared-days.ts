import { addDays, type TimeFrame } from '../../../domain/calendar.ts';
import { isGeneric } from '../requests/generic.ts';
import type { ReadSettings } from '../requests/read-settings.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hitsOf } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { type Days, daysOf } from './calendar-units.ts';
import type { DateAtom, Placed } from './date-atoms.ts';
import { jointAt } from './date-joints.ts';
import { type DateSettings, datedOf } from './dates.ts';
import { contextOf } from './frame-context.ts';
import type { FrameReading } from './frame-reading.ts';
import { framesIn } from './time-frames.ts';
import { timeIndexOf } from './time-index.ts';

/** Days that a statement takes out: "not March", "except for the week of 3 March". A month without a year is that of any. */
export function sparedIn(statement: Statement, settings: DateSettings, lexicon: Lexicon): readonly Placed[] {
  const dated = datedOf(statement, settings);
  if (dated.atoms.length === 0) return [];
  if (settings.words.boundsBehind === true) return sparedBehind(statement, dated.atoms, lexicon);
  const exclusions = hitsOf(statement, lexicon.acts.exclusion).map(
    ({ to }) => statement.words[to - 1]?.end ?? 0,
  );
  return dated.atoms.filter((atom) => {
    const start = statement.start + atom.start;
    const behind = exclusions.some((end) => end <= start && leadsTo(statement, end, start, lexicon));
    return behind || contextOf(statement, dated, atom, atom, lexicon).denied;
  });
}

/** "4月15日分は残してください", "3月を除く2024年": what takes days out stands behind them. */
function sparedBehind(statement: Statement, atoms: readonly Placed[], { acts }: Lexicon): readonly Placed[] {
  if (statement.role === 'keep' || statement.role === 'negated') return atoms;
  const exclusions = hitsOf(statement, acts.exclusion).map(({ from }) => statement.words[from]?.start ?? 0);
  return atoms.filter(({ end }) => exclusions.some((start) => start >= statement.start + end));
}

/** Nothing but small words stands between an exclusion and a date: "except for the week of 3 March". */
const leadsTo = ({ words }: Statement, from: number, to: number, lexicon: Lexicon): boolean =>
  words
    .filter(({ start, end }) => start >= from && end <= to)
    .every(({ text }) => isGeneric(text, lexicon) || EXCEPTED.has(text));

const EXCEPTED = new Set(
  'week weeks month months day days quarter year week data woche wochen monat monats tage tag semaine mois jour semana mes mês día dia settimana mese giorno weken maand dag dem den der des le la les el los il lo gli de het vom du del'.split(
    ' ',
  ),
);

/** Days of the frame are taken out: "all of 2024 except March". No range says that. */
export function isSpared(
  { frame }: { readonly frame: TimeFrame | null },
  statements: readonly Statement[],
  settings: ReadSettings,
): boolean {
  if (frame === null) return false;
  if (statements.some((each) => isKept(each, frame, settings))) return true;
  return statements.some(
    (each) =>
      each.role !== 'orders' &&
      sparedIn(each, settings.dates, settings.lexicon).some((atom) => touches(atom, frame)),
  );
}

/** "March 2024 must stay": what is to be kept lies in the frame. */
function isKept(each: Statement, frame: TimeFrame, { dates, lexicon }: ReadSettings): boolean {
  if ((each.role !== 'keep' && each.role !== 'negated') || lexicon.language === 'ja') return false;
  return framesIn(each, dates, lexicon).some(
    ({ frame: kept }) =>
      kept !== null &&
      (kept.from !== null || kept.to !== null) &&
      (kept.to === null || frame.from === null || frame.from <= kept.to) &&
      (kept.from === null || frame.to === null || kept.from <= frame.to),
  );
}

/** "All of 2023 except December": what is taken out at one end leaves a range. */
export function trimmed(
  reading: FrameReading,
  statements: readonly Statement[],
  settings: ReadSettings,
): FrameReading {
  const { frame } = reading;
  if (frame?.from == null || frame.to === null) return reading;
  const { from, to } = frame;
  const spared = statements.flatMap((each) =>
    each.role === 'orders'
      ? []
      : sparedIn(each, settings.dates, settings.lexicon)
          .filter((atom) => touches(atom, frame))
          .map((atom) => exactDays(each, atom, frame, settings)),
  );
  const [days, ...more] = spared;
  if (days === undefined || days === null || more.length > 0) return reading;
  if (days.to === to && days.from > from) return { ...reading, frame: { from, to: addDays(days.from, -1) } };
  if (days.from === from && days.to < to) return { ...reading, frame: { from: addDays(days.to, 1), to } };
  return reading;
}

/** The days of a date that stands alone and says all of them; without a year, those of a frame within one year. */
function exactDays(
  statement: Statement,
  atom: Placed,
  { from, to }: TimeFrame,
  { dates, lexicon }: ReadSettings,
): Days | null {
  const dated = datedOf(statement, dates);
  const { lead, partial, rough, tail, halved } = contextOf(statement, dated, atom, atom, lexicon);
  // "but not December" may take back more than these days.
  const before = statement.words
    .filter(({ end }) => end <= statement.start + atom.start)
    .slice(-EXCEPT_WORDS);
  if (!before.some(({ text }) => EXCEPTS.has(text))) return null;
  if ((lead !== null && lead !== 'within') || partial || rough || halved || tail !== null) return null;
  const joint = jointAt(dated.tokens, atom.toToken, timeIndexOf(lexicon.time));
  if (joint !== null && joint.kind !== 'exclusive') return null;
  if (atom.days !== null) return atom.relative ? null : atom.days;
  const year = from?.slice(0, 4);
  if (atom.parts === null || atom.unit !== 'month' || year === undefined || year !== to?.slice(0, 4))
    return null;
  return daysOf({ ...atom.parts, year: Number(year) });
}

const EXCEPT_WORDS = 4;
const EXCEPTS = new Set(
  'except excluding exception apart ausser außer sauf hormis excepté salvo excepto tranne eccetto exceto behalve'.split(
    ' ',
  ),
);

function touches({ days, parts }: DateAtom, frame: TimeFrame): boolean {
  if (days !== null) return overlaps(days, frame);
  if (parts === null || parts.nth === null) return true;
  const years = [frame.from, frame.to].map((day) => (day === null ? null : Number(day.slice(0, 4))));
  return years.some((year) => {
    const named = year === null ? null : daysOf({ ...parts, year });
    return named === null || overlaps(named, frame);
  });
}

const overlaps = (days: Days, { from, to }: TimeFrame): boolean =>
  (to === null || days.from <= to) && (from === null || from <= days.to);

const OPEN_ROLES: ReadonlySet<Statement['role']> = new Set<Statement['role']>([
  'request',
  'form',
  'statement',
  'keep',
  'negated',
]);

/**
 * Days without a month, or of every week, that change a frame which is given elsewhere: "except the 12th", "keep the
 * 12th", "weekdays only", "from the 1st to the 3rd, and then from the 7th to the 9th of May".
 */
export function hasLooseDays(statements: readonly Statement[], settings: ReadSettings): boolean {
  return statements.some(
    (each) =>
      OPEN_ROLES.has(each.role) &&
      (isExceptDay(each, settings) ||
        isKeptDay(each, settings) ||
        isRecurring(each, settings) ||
        isAddedDay(each, settings) ||
        isOpenRange(each, settings)),
  );
}

/** A number that can be the day of a month. */
const DAY = /^(?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|e|º|ª|\.)?$/;

/** "except the 12th", "sauf le 12", "excluding Sundays". */
function isExceptDay(statement: Statement, { dates, lexicon }: ReadSettings): boolean {
  const { words, role } = statement;
  if (role !== 'request' && role !== 'form' && role !== 'negated' && role !== 'keep' && !statement.excludes)
    return false;
  const known = datedOf(statement, dates).atoms;
  const starts = words.flatMap(({ text }, at) => (EXCEPT.has(text) ? [at + 1] : []));
  for (const { to } of hitsOf(statement, lexicon.acts.exclusion)) starts.push(to);
  return starts.some((from) => {
    for (const word of words.slice(from, from + 5)) {
      const covered = known.some(
        ({ start, end }) => statement.start + start <= word.start && word.end <= statement.start + end,
      );
      if (DAY.test(word.text)) return !covered;
      if (!SMALL.has(word.text)) return false;
    }
    return false;
  });
}

const EXCEPT = new Set(
  'except without excluding minus not ohne ausser außer nicht sauf hormis excepté sans salvo excepto menos tranne eccetto escluso exceto behalve zonder niet'.split(
    ' ',
  ),
);
const SMALL = new Set(
  'for from on the of day days date dates den dem der am vom tag le la les du jour jours el los día días dia dias il lo giorno giorni o os de dag'.split(
    ' ',
  ),
);

/** "Keep the 12th", "the 12th must stay": no comma divides the day from what is done with it. */
function isKeptDay(statement: Statement, { lexicon }: ReadSettings): boolean {
  const { text, start, words } = statement;
  const day = /\d/.test(text) ? KEPT_DAY.exec(text) : null;
  if (day === null) return false;
  const acts = [...hitsOf(statement, lexicon.acts.keep), ...hitsOf(statement, lexicon.acts.negation)].map(
    ({ from }) => (words[from]?.start ?? start) - start,
  );
  const stays = /\b(?:stays?|keep|kept|remains?)\b/i.exec(text);
  if (stays !== null) acts.push(stays.index);
  return acts.some((at) => !/[,;]/.test(text.slice(Math.min(at, day.index), Math.max(at, day.index))));
}

const KEPT_DAY =
  /\bthe (?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b(?! (?:of|quarter|half|week))|\b(?:le|el|il) (?:[1-9]|[12]\d|3[01])\b(?! \p{L})|\b(?:am|den|der) (?:[1-9]|[12]\d|3[01])\.(?! \p{L}|\d)/iu;

/** "weekdays only", "the Mondays": days of every week. */
function isRecurring({ role, words }: Statement, { lexicon }: ReadSettings): boolean {
  if (role === 'statement') return false;
  const { weekdays = [] } = lexicon.time;
  return words.some(
    ({ text }, at) =>
      RECURRING.has(text) ||
      (EVERY.has(words[at - 1]?.text ?? '') && weekdays.some((names) => names.includes(text))),
  );
}

const EVERY = new Set('every each jeden jeder chaque cada ogni elke iedere'.split(' '));
const RECURRING = new Set(
  'mondays tuesdays wednesdays thursdays fridays saturdays sundays weekdays weekends workdays werktags werktage wochenenden wochentags montags dienstags mittwochs donnerstags freitags samstags sonntags week-ends dimanches samedis lundis'.split(
    ' ',
  ),
);

/** "from the 1st to the 3rd" in a part of a sentence that has no month. */
function isOpenRange(statement: Statement, { dates, lexicon }: ReadSettings): boolean {
  if (statement.role !== 'request' || statement.field !== null || lexicon.language === 'ja') return false;
  if (!/\d/.test(statement.text) || datedOf(statement, dates).atoms.length > 0) return false;
  return /\b(?:from|between|vom|von|du|del|desde el|dal|van)(?: the)? (?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th|\.|º|er)? (?:to|until|till|through|and|bis|zum|au|al|a|tot|y)(?: the)? (?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th|\.|º)?(?![\p{L}\d])/iu.test(
    statement.text,
  );
}

/** "and on the 9th", "also the 9th": a day whose month is said elsewhere. */
function isAddedDay(statement: Statement, { dates, lexicon }: ReadSettings): boolean {
  const { role, words, text, start } = statement;
  if (lexicon.language === 'ja' || statement.field !== null) return false;
  const adds = role === 'statement' && words.length <= ADDED_WORDS && ADDS.has(words[0]?.text ?? '');
  if ((role !== 'request' && !adds) || !/\d/.test(text)) return false;
  const known = datedOf(statement, dates).atoms;
  for (const match of text.matchAll(ADDED_DAY)) {
    const at = match.index + match[0].length - 1;
    const covered = known.some((atom) => atom.start <= at && at < atom.end);
    const word = words.findLast(({ end }) => end <= start + match.index)?.text ?? '';
    if (!covered && !DEADLINES.has(word)) return true;
  }
  return false;
}

const ADDED_WORDS = 8;
const ADDS = new Set(
  'also and plus additionally auch und aussi et también y anche e também ook en'.split(' '),
);
const DEADLINES = new Set('by before until latest than bis avant antes entro voor'.split(' '));
const ADDED_DAY =
  /\bthe (?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th)(?=\s*(?:[.,;:)!?]|$|and |to |until |through |as well|too))|\b(?:und (?:am|den)|et le|y el|e il|e no dia|en op) (?:[1-9]|[12]\d|3[01])(?=\.?\s*(?:[,;:)!?.]|$))/giu;
