import { addDays, type TimeFrame } from '../../../domain/calendar.ts';
import { japaneseDates } from '../japanese/dates.ts';
import { japaneseFrames } from '../japanese/frames.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';
import { allTimeIn } from './all-time.ts';
import { weekdayOf } from './calendar-units.ts';
import type { Placed } from './date-atoms.ts';
import { type FoundJoint, jointAt } from './date-joints.ts';
import { type Dated, type DateSettings, datedOf } from './dates.ts';
import { contextOf } from './frame-context.ts';
import type { FrameReading, Group } from './frame-reading.ts';
import { listOf, rangeOf } from './joined-frames.ts';
import { isLoose, singleOf } from './single-frame.ts';
import { timeIndexOf } from './time-index.ts';
import type { Token } from './time-tokens.ts';

export { isFinerThanDay } from './finer-than-day.ts';
export type { FrameReading } from './frame-reading.ts';

/** The time frames that a statement gives, left to right. Dates that are deadlines or asides are left out. */
export function framesIn(
  statement: Statement,
  settings: DateSettings,
  lexicon: Lexicon,
): readonly FrameReading[] {
  if (lexicon.time.boundsBehind === true) return behindFrames(statement, settings, lexicon);
  const dated = datedOf(statement, settings);
  const readings: (FrameReading & { readonly loose: boolean })[] = [];
  for (let at = 0; at < dated.atoms.length; ) {
    const group = groupAt(dated, at, statement, lexicon);
    at += group.atoms.length;
    if (isAddition(group, dated, readings.at(-1)?.frame ?? null)) continue;
    if (isWholeWeek(dated, at - 1)) {
      at += 1;
      continue;
    }
    const found = readGroup(group, statement, settings.today);
    readings.push(
      ...found.map((each) => ({ ...checked(each, settings.today), loose: isLoose(group, settings.today) })),
    );
  }
  // "… before 15 June please" beside the days that are meant is a deadline.
  const firm = readings.filter(({ loose }) => !loose);
  const kept = firm.length > 0 ? firm : readings;
  return kept.length > 0
    ? kept.map(({ frame, problem, start, end }) => ({ frame, problem, start, end }))
    : allTimeIn(statement, lexicon);
}

function behindFrames(
  statement: Statement,
  { today, order }: DateSettings,
  lexicon: Lexicon,
): readonly FrameReading[] {
  const { start, field, role } = statement;
  const text = fold(statement.text);
  const said = { text, start, field: field !== null && field !== 'action', asks: role === 'request' };
  const found = japaneseFrames(said, japaneseDates(text, { today, order }, start));
  return found.length > 0 ? found.map((each) => checked(each, today)) : allTimeIn(statement, lexicon);
}

/** "The last 7 days, today included" says the frame once more. */
function isAddition({ kind, atoms }: Group, dated: Dated, before: TimeFrame | null): boolean {
  const [only] = atoms;
  if (kind !== 'single' || only?.days == null || before === null || !isIncluded(only, dated)) return false;
  return (
    (before.from === null || before.from <= only.days.from) &&
    (before.to === null || only.days.to <= before.to)
  );
}

/** "last week (Monday to Sunday)", "CW 23/2024 (Monday to Sunday)": the weekdays only say the week once more. */
function isWholeWeek({ atoms, tokens }: Dated, at: number): boolean {
  const [before, first, last] = [atoms[at - 1], atoms[at], atoms[at + 1]];
  if (before?.days == null || !first?.weekday || !last?.weekday) return false;
  const { from, to } = before.days;
  if (addDays(from, 6) < to || weekdayOf(from) !== 0) return false;
  const near = first.fromToken - before.toToken <= WEEK_GAP && last.fromToken - first.toToken <= WEEK_GAP;
  const open = tokens.slice(before.toToken, first.fromToken);
  return near && open.some(({ text }) => /^[(,–—-]$/.test(text)) && isSpokenWeek(tokens, first, last);
}

const WEEK_GAP = 4;

const isSpokenWeek = (tokens: readonly Token[], first: Placed, last: Placed): boolean =>
  MONDAYS.has(tokens[first.fromToken]?.text ?? '') && SUNDAYS.has(tokens[last.fromToken]?.text ?? '');

const MONDAYS = new Set('monday mon montag lundi lunes lunedì lunedi segunda maandag'.split(' '));
const SUNDAYS = new Set('sunday sun sonntag dimanche domingo domenica zondag'.split(' '));

const isIncluded = ({ relative, fromToken, toToken }: Placed, { tokens }: Dated): boolean =>
  relative &&
  [tokens[fromToken - 1], tokens[toToken], tokens[toToken + 1]].some((token) =>
    /^(?:in[ck]l|einschl)/.test(token?.text ?? ''),
  );

function groupAt(dated: Dated, at: number, statement: Statement, lexicon: Lexicon): Group {
  const { atoms } = dated;
  const first = atoms[at];
  if (first === undefined) throw new RangeError('no date at this place');
  const joint = jointBetween(dated, at, lexicon);
  const context = contextOf(
    statement,
    dated,
    first,
    atoms[at + 1] !== undefined && joint !== null ? (atoms[at + 1] ?? first) : first,
    lexicon,
  );
  if (joint === null) return { kind: 'single', atoms: [first], joint, context };
  const bounded = context.lead === 'since' || context.lead === 'after' || context.lead === 'from';
  if (
    joint.kind === 'range' ||
    (joint.kind === 'list' && context.lead === 'between') ||
    (joint.kind === 'exclusive' && bounded)
  )
    return { kind: 'range', atoms: rangeAtoms(dated, at, lexicon), joint, context };
  if (joint.kind === 'exclusive')
    return {
      kind: 'single',
      atoms: [first],
      joint: null,
      context: contextOf(statement, dated, first, first, lexicon),
    };
  // What another joint makes the start of a range is no item of the list.
  let end = at + 1;
  while (jointBetween(dated, end, lexicon)?.kind === 'list') end += 1;
  if (jointBetween(dated, end, lexicon) !== null) end -= 1;
  const listed = atoms.slice(at, end + 1);
  const whole = contextOf(statement, dated, first, listed.at(-1) ?? first, lexicon);
  return { kind: listed.length > 1 ? 'list' : 'single', atoms: listed, joint: null, context: whole };
}

/** Both ends; a third date that goes on with them ("1 May to 3 May to 5 May") leaves no range. */
function rangeAtoms(dated: Dated, at: number, lexicon: Lexicon): readonly Placed[] {
  let end = at + 1;
  while (jointBetween(dated, end, lexicon)?.kind === 'range') end += 1;
  return dated.atoms.slice(at, end + 1);
}

function jointBetween(dated: Dated, at: number, lexicon: Lexicon): FoundJoint | null {
  const { tokens, atoms } = dated;
  const [first, second] = [atoms[at], atoms[at + 1]];
  if (first === undefined || second === undefined) return null;
  const joint = jointAt(tokens, first.toToken, timeIndexOf(lexicon.time));
  if (joint?.kind === 'list' && isIncluded(second, dated)) return null;
  return joint !== null && joint.to >= second.fromToken && joint.to < second.toToken ? joint : null;
}

function readGroup(group: Group, statement: Statement, today: string | null): readonly FrameReading[] {
  const { atoms, context } = group;
  if (context.lead === 'deadline' || context.denied) return [];
  // A letter, a call or a contract has one day, or a beginning.
  if (context.aside && group.kind === 'single') return [];
  if (group.kind === 'range') return [rangeOf(group, statement)];
  if (group.kind === 'list') return listOf(group, statement);
  const [only] = atoms;
  const reading = only === undefined ? null : singleOf(only, context, statement, today);
  return reading === null ? [] : [reading];
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
