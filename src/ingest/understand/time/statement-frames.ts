import type { ReadSettings } from '../requests/read-settings.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import type { Field } from '../vocabulary/vocabulary.ts';
import { datesIn, datesOf } from './dates.ts';
import { type FrameReading, framesIn, isFinerThanDay } from './time-frames.ts';

/** Each statement is read once, however many requests ask for its frame. */
const known = new WeakMap<Statement, readonly FrameReading[]>();

/** The time frames that a statement gives. */
export function readingsOf(statement: Statement, { dates, lexicon }: ReadSettings): readonly FrameReading[] {
  const before = known.get(statement);
  if (before !== undefined) return before;
  const readings = isNameOnly(statement, lexicon) ? [] : framesIn(statement, dates, lexicon);
  known.set(statement, readings);
  return readings;
}

/** "Source: Kiosk T1", "Space: Sale 2024": the line of a form gives a name, and nothing tells that days follow it. */
function isNameOnly({ field, text, words }: Statement, { time }: Lexicon): boolean {
  if (field === null || !NAMING.has(field) || /[,;:()–—]|\d[-./]\d|\s-\s/.test(text)) return false;
  const small = [
    time.from,
    time.since,
    time.between,
    time.until,
    time.after,
    time.before,
    time.within,
  ].flat();
  return !words.some((word) => small.includes(word.text));
}

const NAMING: ReadonlySet<Field> = new Set<Field>(['workspace', 'source', 'space', 'project']);

/** The one frame that a group of statements gives; a frame without days when they give several. */
export function oneOf(group: readonly Statement[], settings: ReadSettings): FrameReading | null {
  const { lexicon } = settings;
  const form = formFrame(group, settings);
  if (form !== null) return form;
  const readings = withoutSigning(
    group.flatMap((each) => (isFormDate(each) ? [] : readingsOf(each, settings))),
    group,
    settings.dates.today,
  );
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

/** A form that was filled in today often says so in a line of its own. */
function withoutSigning(
  readings: readonly FrameReading[],
  group: readonly Statement[],
  today: string | null,
): readonly FrameReading[] {
  if (today === null || !group.every(({ role }) => role === 'form')) return readings;
  const others = readings.filter(({ frame }) => frame?.from !== today || frame.to !== today);
  return others.length > 0 ? others : readings;
}

export const isTimed = (each: Statement, { dates }: ReadSettings): boolean => datesOf(each, dates).length > 0;

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
