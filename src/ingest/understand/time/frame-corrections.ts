import type { ReadSettings } from '../requests/read-settings.ts';
import { hitsOf, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { isWholePeriod } from './all-time.ts';
import { datedOf, datesOf } from './dates.ts';
import { contextOf } from './frame-context.ts';
import { sparedIn } from './spared-days.ts';
import { isTimed, oneOf, readingsOf } from './statement-frames.ts';
import { type FrameReading, isFinerThanDay } from './time-frames.ts';

/** A correction gives the whole frame, or one end of the frame that was said: "the end is wrong: I meant 21 June 2024". */
export function correctionOf(
  group: readonly Statement[],
  statements: readonly Statement[],
  settings: ReadSettings,
): FrameReading | null {
  const [correction] = group;
  const reading = oneDay(group, settings) ?? oneOf(group, settings);
  if (reading === null || correction === undefined) return reading;
  const atoms = group.flatMap((each) => datesOf(each, settings.dates));
  const [only] = atoms;
  const before = statements.filter((each) => each.start < correction.start && each.role !== 'orders');
  const said = oneOf(
    before.filter((each) => isOpen(each) && readingsOf(each, settings).some(isClosed)),
    settings,
  );
  if (said?.frame == null || said.frame.from === said.frame.to || atoms.length !== 1 || only === undefined)
    return reading;
  if (only.unit !== 'day') return reading;
  // A day alone behind a range: only "end" or "start" tells what it replaces.
  const words = group.flatMap((each) => each.words.map(({ text }) => text));
  const [isEnd, isStart] = [words.some((word) => ENDS.has(word)), words.some((word) => STARTS.has(word))];
  if (isEnd === isStart || only.days === null) return { ...reading, frame: null };
  const { from, to } = only.days;
  const frame = isEnd ? { ...said.frame, to } : { ...said.frame, from };
  const unreal = frame.from !== null && frame.to !== null && frame.from > frame.to;
  const future = settings.dates.today !== null && to > settings.dates.today;
  if (unreal || future) return { ...reading, frame: null, problem: unreal ? 'reversed_range' : 'in_future' };
  return { ...reading, frame };
}

/** "It was 6 August 2024, not the 5th": in a correction, one unit of days that is not denied is what was meant. */
function oneDay(group: readonly Statement[], settings: ReadSettings): FrameReading | null {
  const [each, ...more] = group;
  if (each === undefined || more.length > 0) return null;
  const spared = sparedIn(each, settings.dates, settings.lexicon);
  const meant = datedOf(each, settings.dates).atoms.filter((atom) => !spared.includes(atom));
  const [only] = meant;
  if (only?.days == null || meant.length > 1 || only.relative) return null;
  if (isFinerThanDay(each, settings.lexicon)) return null;
  const dated = datedOf(each, settings.dates);
  const context = contextOf(each, dated, only, only, settings.lexicon);
  const bare = context.lead === null || (context.lead === 'within' && !context.partial);
  if (!bare || context.partial || context.rough || context.aside || context.tail !== null) return null;
  const [start, end] = [each.start + only.start, each.start + only.end];
  const before = each.words.filter((word) => word.end <= start).map(({ text }) => text);
  if (!before.slice(-MEANT_WORDS).some((text) => MEANT.has(text))) return null;
  const future = settings.dates.today !== null && only.days.to > settings.dates.today;
  return future
    ? { frame: null, problem: 'in_future', start, end }
    : { frame: { ...only.days }, problem: null, start, end };
}

const MEANT_WORDS = 5;
const MEANT = new Set(
  "was is it's meant mean be war ist meinte meine était c'était c'est fue era es quise era è foi é was is bedoelde".split(
    ' ',
  ),
);

const ENDS = new Set(
  'last letzte letzter letzten dernier dernière último ultimo laatste end until ends ending ende enddatum bis fin jusqu fine eind einde tot final fim até hasta termine'.split(
    ' ',
  ),
);
const STARTS = new Set(
  'first erste erster ersten premier première primer primero primeiro primo eerste start beginning begins starting anfang beginn startdatum début inicio inizio início begin começo comienzo'.split(
    ' ',
  ),
);

/** What is said of the frame behind it: a correction changes it, and another frame puts it in doubt. */
export function restated(
  reading: FrameReading,
  group: readonly Statement[],
  statements: readonly Statement[],
  alone: boolean,
  settings: ReadSettings,
): FrameReading {
  if (!alone) return reading;
  const from = Math.max(...group.map(({ start }) => start));
  const later = statements.filter(
    (each) =>
      each.start > from &&
      !group.includes(each) &&
      !isAllWell(each) &&
      (restates(each, settings) || takesBack(each, reading, settings)),
  );
  const other = (later.length === 1 ? correctedDay(later, settings) : null) ?? oneOf(later, settings);
  if (other === null || isSame(other, reading)) return wholePeriod(reading, group, statements, settings);
  const at = later[0] === undefined ? -1 : statements.indexOf(later[0]);
  const corrects =
    later.some((each) => each.corrects || AMENDS.has(each.words[0]?.text ?? '')) ||
    isDenial(statements[at - 1], settings);
  return corrects ? other : { ...reading, frame: null, problem: other.problem ?? reading.problem };
}

const correctedDay = (later: readonly Statement[], settings: ReadSettings): FrameReading | null =>
  later[0]?.corrects ? oneDay(later, settings) : null;

/** "Sorry, it was 6 August 2024": a correction behind the frame, with days that the frame does not have. */
function takesBack(each: Statement, { frame }: FrameReading, settings: ReadSettings): boolean {
  if (!each.corrects || each.role !== 'statement' || each.field !== null) return false;
  const days = oneDay([each], settings)?.frame ?? null;
  return days !== null && (days.from !== frame?.from || days.to !== frame.to);
}

/** "This week is ok", "today's is fine": days on which nothing is to be done. */
export const isAllWell = ({ words, role, text }: Statement): boolean =>
  role === 'statement' &&
  words.length <= WELL_MAX &&
  !/\d/.test(text) &&
  words.some((word) => WELL.has(word.text));

const WELL_MAX = 12;
const WELL = new Set(
  "ok okay fine good clean normal correct intact unaffected again gut sauber ordnung korrekt l'ordre d'ordre bon normale correcte bien limpio correcto bene posto pulito corretto bem certo goed schoon orde".split(
    ' ',
  ),
);

const AMENDS = new Set('actually no tatsächlich nein non no sino nee na'.split(' '));

const isSame = (one: FrameReading, other: FrameReading): boolean =>
  JSON.stringify(one.frame) === JSON.stringify(other.frame);

/** "So 1 to 31 May 2025 please": a short statement that begins with the days. */
function restates(each: Statement, settings: ReadSettings): boolean {
  if ((each.role !== 'statement' && each.role !== 'past') || each.status || each.field !== null) return false;
  const [first] = datesOf(each, settings.dates);
  if (first === undefined || !readingsOf(each, settings).some(isClosed)) return false;
  const before = each.words.filter(({ end }) => end <= first.start);
  return before.length <= RESTATED_WORDS && each.words.length <= RESTATED_MAX;
}

/** Both ends are said. "Since 1 April 2025 it is off" tells when, and not what. */
const isClosed = ({ frame, problem }: FrameReading): boolean =>
  frame === null ? problem !== null : frame.from !== null && frame.to !== null;

const RESTATED_WORDS = 3;
const RESTATED_MAX = 16;

/** "It was May, not April." */
const isDenial = (each: Statement | undefined, settings: ReadSettings): boolean =>
  each !== undefined &&
  (each.corrects ||
    (isTimed(each, settings) && each.words.some(({ text }) => settings.lexicon.notWords.includes(text))));

/** "The entire period" is the one that was told, if one was. */
function wholePeriod(
  reading: FrameReading,
  group: readonly Statement[],
  statements: readonly Statement[],
  settings: ReadSettings,
): FrameReading {
  const { frame } = reading;
  if (frame === null || frame.from !== null || frame.to !== null) return reading;
  const said = group.filter((each) => says(each, settings.lexicon.timePhrases.allTime));
  const told = statements.filter((each) => !group.includes(each) && (isOpen(each) || each.role === 'past'));
  // "The complete history of that week" is no more than the week.
  if (said.some((each) => pointsAtDays(each, settings)) && told.some((each) => isTimed(each, settings)))
    return oneOf(told, settings) ?? { ...reading, frame: null };
  if (said.length === 0 || !said.every((each) => isWholePeriod(each, settings.lexicon))) return reading;
  return oneOf(told, settings) ?? reading;
}

/** "During that week": points back at days, and not only at a thing. */
export const pointsAtDays = (each: Statement, { lexicon }: ReadSettings): boolean =>
  hitsOf(each, lexicon.timePhrases.backReference).some(({ from, to }) =>
    each.words.slice(from, to).some(({ text }) => TIMES.has(text)),
  );

const TIMES = new Set(
  'time times period month months week weeks day days quarter quarters year years window range interval span stretch dates timeframe weekend zeit zeitraum monat woche tag tage tagen quartal jahr période mois semaine jour jours jours-là semaine-là mois-là trimestre année dates periodo período mes semana día días dia dias trimestre año ano fechas datas giorno giorni settimana mese trimestre anno intervallo date periode maand week dag dagen kwartaal jaar weekend wochenende'.split(
    ' ',
  ),
);

/** Statements that may give the days: not questions, and not what is to be kept. */
export const isOpen = (each: Statement): boolean =>
  each.role === 'request' || each.role === 'form' || each.role === 'statement';
