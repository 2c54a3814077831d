import type { TimeFrame } from '../../domain/calendar.ts';
import { type Days, daysOf } from './calendar-units.ts';
import type { DateAtom } from './date-atoms.ts';
import { datesIn, datesOf } from './dates.ts';
import { isGeneric } from './generic.ts';
import { hitsOf, says } from './phrases.ts';
import type { Draft, ReadSettings } from './requests.ts';
import type { Statement } from './statements.ts';
import { type FrameReading, framesIn, isFinerThanDay, isWholePeriod, sparedIn } from './time-frames.ts';

/**
 * The time frame of one request. Its own sentence decides; then form fields; then what other statements say about the
 * time of the data. Two different answers are none: the desk asks back.
 */
export function chooseFrame(
  draft: Draft,
  drafts: readonly Draft[],
  statements: readonly Statement[],
  settings: ReadSettings,
): FrameReading | null {
  const timed = drafts.filter(({ scope }) => scope === 'source' || scope === 'events');
  const own = statements.filter((each) => each.sentence === draft.statement.sentence && isOpen(each));
  const alone = timed.length < 2;
  const correction = statements.filter(
    (each) => each.corrects && each.role !== 'negated' && each.role !== 'request' && alone,
  );
  const groups: readonly (readonly Statement[])[] = [
    correction.filter((each) => each.doubt && readingsOf(each, settings).length > 0),
    own,
    alone ? statements.filter((each) => each.role === 'request') : [],
    alone ? [] : shared(statements, drafts),
    statements.filter((each) => each.role === 'form'),
    alone || isSharedBack(own, settings) ? earlier(statements, own, settings) : [],
    alone || timed.length > 1 ? statements.filter((each) => tellsFrame(each, settings)) : [],
  ];
  for (const group of groups) {
    const reading = group === groups[0] ? correctionOf(group, statements, settings) : oneOf(group, settings);
    if (reading === null) continue;
    const said = group === groups[0] ? reading : restated(reading, group, statements, alone, settings);
    return isSpared(said, statements, settings) ? { ...said, frame: null } : said;
  }
  return null;
}

/** A correction gives the whole frame, or one end of the frame that was said: "the end is wrong: I meant 21 June 2024". */
function correctionOf(
  group: readonly Statement[],
  statements: readonly Statement[],
  settings: ReadSettings,
): FrameReading | null {
  const reading = oneOf(group, settings);
  const [correction] = group;
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

const ENDS = new Set(
  'end until ends ending ende enddatum bis fin jusqu fine eind einde tot final fim até hasta termine'.split(
    ' ',
  ),
);
const STARTS = new Set(
  'start beginning begins starting anfang beginn startdatum début inicio inizio início begin começo comienzo'.split(
    ' ',
  ),
);

/** What is said of the frame behind it: a correction changes it, and another frame puts it in doubt. */
function restated(
  reading: FrameReading,
  group: readonly Statement[],
  statements: readonly Statement[],
  alone: boolean,
  settings: ReadSettings,
): FrameReading {
  if (!alone) return reading;
  const from = Math.max(...group.map(({ start }) => start));
  const later = statements.filter(
    (each) => each.start > from && !group.includes(each) && restates(each, settings),
  );
  const other = oneOf(later, settings);
  if (other === null || isSame(other, reading)) return wholePeriod(reading, group, statements, settings);
  const at = later[0] === undefined ? -1 : statements.indexOf(later[0]);
  const corrects = later.some(({ corrects }) => corrects) || isDenial(statements[at - 1], settings);
  return corrects ? other : { ...reading, frame: null, problem: other.problem ?? reading.problem };
}

const isSame = (one: FrameReading, other: FrameReading): boolean =>
  JSON.stringify(one.frame) === JSON.stringify(other.frame);

/** "So 1 to 31 May 2025 please": a short statement that begins with the days. */
function restates(each: Statement, settings: ReadSettings): boolean {
  if (each.role !== 'statement' || each.status || each.field !== null) return false;
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
  if (said.length === 0 || !said.every((each) => isWholePeriod(each, settings.lexicon))) return reading;
  const told = statements.filter((each) => !group.includes(each) && each.role !== 'orders');
  return oneOf(told, settings) ?? reading;
}

/** Days of the frame are taken out: "all of 2024 except March". No range says that. */
function isSpared(reading: FrameReading, statements: readonly Statement[], settings: ReadSettings): boolean {
  const { frame } = reading;
  if (frame === null) return false;
  return statements.some(
    (each) =>
      each.role !== 'orders' &&
      sparedIn(each, settings.dates, settings.lexicon).some((atom) => touches(atom, frame)),
  );
}

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

/** Sentences that ask and name no thing: "From all of these please erase November 2023." */
function shared(statements: readonly Statement[], drafts: readonly Draft[]): readonly Statement[] {
  const named = new Set(drafts.map(({ statement }) => statement.sentence));
  return statements.filter(({ role, sentence }) => role === 'request' && !named.has(sentence));
}

const isOpen = (each: Statement): boolean =>
  each.role === 'request' || each.role === 'form' || each.role === 'statement';

/** Each statement is read once, however many requests ask for its frame. */
const known = new WeakMap<Statement, readonly FrameReading[]>();

function readingsOf(statement: Statement, { dates, lexicon }: ReadSettings): readonly FrameReading[] {
  const readings = known.get(statement) ?? framesIn(statement, dates, lexicon);
  known.set(statement, readings);
  return readings;
}

/** The one frame that a group of statements gives; a frame without days when they give several. */
function oneOf(group: readonly Statement[], settings: ReadSettings): FrameReading | null {
  const { lexicon } = settings;
  const form = formFrame(group, settings);
  if (form !== null) return form;
  const readings = group.flatMap((each) => (isFormDate(each) ? [] : readingsOf(each, settings)));
  const finer = group.find(
    (each) => (isTimed(each, settings) || each.role === 'request') && isFinerThanDay(each, lexicon),
  );
  if (finer !== undefined)
    return { frame: null, problem: 'finer_than_day', start: finer.start, end: finer.end };
  const [first] = readings;
  if (first === undefined) return null;
  const same = readings.every((each) => JSON.stringify(each.frame) === JSON.stringify(first.frame));
  if (same) return first;
  const problem = readings.find((each) => each.problem !== null)?.problem ?? null;
  return { ...first, frame: null, problem };
}

const isTimed = (each: Statement, { dates }: ReadSettings): boolean => datesOf(each, dates).length > 0;

const isFormDate = (each: Statement): boolean => each.field === 'firstDay' || each.field === 'lastDay';

/** `First day: …` and `Last day: …` make one frame. One of them alone, or said twice, makes none. */
function formFrame(group: readonly Statement[], { dates, lexicon }: ReadSettings): FrameReading | null {
  const first = group.filter((each) => each.field === 'firstDay');
  const last = group.filter((each) => each.field === 'lastDay');
  const [from, to] = [first[0], last[0]];
  if (from === undefined && to === undefined) return null;
  const place = { start: (from ?? to)?.start ?? 0, end: (from ?? to)?.end ?? 0 };
  if (from === undefined || to === undefined || first.length > 1 || last.length > 1)
    return { ...place, frame: null, problem: null };
  const joined: Statement = {
    ...from,
    field: 'timeFrame',
    text: `${from.text.trim()} - ${to.text.trim()}`,
    end: from.start,
  };
  if (isFinerThanDay(joined, lexicon)) return { ...place, frame: null, problem: 'finer_than_day' };
  const readings = framesIn(joined, dates, lexicon);
  const [only] = readings;
  if (only === undefined || readings.length !== 1 || datesIn(joined.text, dates).length !== 2)
    return { ...place, frame: null, problem: only?.problem ?? null };
  return { ...only, ...place };
}

const isSharedBack = (own: readonly Statement[], { lexicon }: ReadSettings): boolean =>
  own.some((each) => says(each, lexicon.timePhrases.backReference));

/** "… during that quarter": the statements before that give a frame. */
function earlier(
  statements: readonly Statement[],
  own: readonly Statement[],
  settings: ReadSettings,
): readonly Statement[] {
  const requests = statements.filter((each) => each.role === 'request');
  if (![...own, ...requests].some((each) => says(each, settings.lexicon.timePhrases.backReference)))
    return [];
  const calm = statements.filter((each) => each.role === 'statement' || each.role === 'past');
  return calm.filter(
    (each) =>
      readingsOf(each, settings).length > 0 ||
      (isTimed(each, settings) && isFinerThanDay(each, settings.lexicon)),
  );
}

const OPENING_WORDS = 3;

/** "The period is …", "Only March 2024.", "from 3 to 9 May 2024": a statement about the time of the data. */
function tellsFrame(each: Statement, settings: ReadSettings): boolean {
  const { lexicon, dates } = settings;
  if (each.role !== 'statement' || each.status) return false;
  const found = datesOf(each, dates);
  if (found.length === 0) return says(each, lexicon.timePhrases.allTime) && each.words.length < 14;
  const nouns = hitsOf(each, lexicon.timePhrases.frameNouns);
  // "The period came in a report …"
  if (nouns.some(({ from }) => from < OPENING_WORDS)) return true;
  const rest = each.words.filter((word) =>
    found.every((date) => word.end <= date.start || word.start >= date.end),
  );
  if (nouns.length > 0) return rest.length <= 14;
  return rest.every(({ text }) => isGeneric(text, lexicon)) && readingsOf(each, settings).length > 0;
}
