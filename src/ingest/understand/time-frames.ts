import { addDays, type TimeFrame } from '../../domain/calendar.ts';
import type { Problem } from '../../domain/request.ts';
import { type Days, daysOf, lent, type Parts } from './calendar-units.ts';
import type { DateAtom, Placed } from './date-atoms.ts';
import { type FoundJoint, jointAt } from './date-joints.ts';
import { type Dated, type DateSettings, datedOf } from './dates.ts';
import { type Context, contextOf } from './frame-context.ts';
import { isGeneric } from './generic.ts';
import { japaneseDates } from './japanese/dates.ts';
import { japaneseFrames } from './japanese/frames.ts';
import type { Lexicon } from './lexicon.ts';
import { bareOf, inOrder } from './numeric-dates.ts';
import { hitsOf } from './phrases.ts';
import type { Statement } from './statements.ts';
import { timeIndexOf } from './time-index.ts';
import { fold } from './words.ts';

export { isFinerThanDay } from './finer-than-day.ts';

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
  if (lexicon.time.boundsBehind === true) return behindFrames(statement, settings, lexicon);
  const dated = datedOf(statement, settings);
  const readings: (FrameReading & { readonly loose: boolean })[] = [];
  for (let at = 0; at < dated.atoms.length; ) {
    const group = groupAt(dated, at, statement, lexicon);
    at += group.atoms.length;
    if (isAddition(group, dated, readings.at(-1)?.frame ?? null)) continue;
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

const isIncluded = ({ relative, fromToken, toToken }: Placed, { tokens }: Dated): boolean =>
  relative &&
  [tokens[fromToken - 1], tokens[toToken], tokens[toToken + 1]].some((token) =>
    /^(?:in[ck]l|einschl)/.test(token?.text ?? ''),
  );

/** Dates that belong together, and what joins them. */
interface Group {
  readonly kind: 'single' | 'range' | 'list';
  readonly atoms: readonly Placed[];
  readonly joint: FoundJoint | null;
  readonly context: Context;
}

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

const placeOf = (atoms: readonly Placed[], statement: Statement): { start: number; end: number } => ({
  start: statement.start + (atoms[0]?.start ?? 0),
  end: statement.start + (atoms.at(-1)?.end ?? 0),
});

function rangeOf({ atoms, joint, context }: Group, statement: Statement): FrameReading {
  const [first, last] = atoms;
  const none: FrameReading = { ...placeOf(atoms, statement), frame: null, problem: null };
  if (first === undefined || last === undefined || joint === null || atoms.length > 2) return none;
  const ends = endsOf(first, last);
  if (ends === 'order') return { ...none, problem: 'ambiguous_date' };
  const { lead, partial, rough } = context;
  if (ends === null || rough || (partial && first.unit !== 'day')) return none;
  if (lead === 'before' || lead === 'until' || context.tail !== null) return none;
  // "from 3 January to March": the first of March, or all of it?
  if (RANK[last.unit] > RANK[first.unit] && !joint.ends && !last.relative) return none;
  if (last.relative && last.unit === 'span' && !joint.ends) return none;
  // A day that begins at 23:59 or ends at 00:00 is not that day.
  if (first.clock === 'end' || last.clock === 'start') return none;
  if (lead === 'after' && (first.unit === 'span' || joint.kind === 'list')) return none;
  const from = lead === 'after' ? addDays(ends[0].to, 1) : ends[0].from;
  const to = joint.kind === 'exclusive' ? addDays(ends[1].from, -1) : ends[1].to;
  return { ...none, frame: { from, to } };
}

const RANK: Readonly<Record<DateAtom['unit'], number>> = {
  day: 0,
  week: 1,
  month: 2,
  quarter: 3,
  half: 4,
  year: 5,
  span: 5,
};

/** The days of both ends, each completed by the other; `order` when day and month cannot be told apart. */
function endsOf(first: DateAtom, last: DateAtom): readonly [Days, Days] | 'order' | null {
  const [left, right] = [inOrderOf(first, last), inOrderOf(last, first)];
  if (left.why === 'order' || right.why === 'order') return 'order';
  if (left.days !== null && right.days !== null) return [left.days, right.days];
  if (left.why !== 'incomplete' && left.days === null) return null;
  if (right.why !== 'incomplete' && right.days === null) return null;
  if (left.parts === null || right.parts === null) return null;
  const both = lent(left.parts, right.parts);
  if (both === null) return null;
  const [from, to] = [daysOf(both[0]), daysOf(both[1])];
  return from === null || to === null ? null : [from, to];
}

/** `07/10/2024 - 19/10/2024`: the other end settles the order. */
function inOrderOf(atom: DateAtom, other: DateAtom): DateAtom {
  if (atom.numbers === null || other.settles === null) return atom;
  return { ...atom, ...bareOf(inOrder(atom.numbers, other.settles)) };
}

/** Days that are counted up: one frame when they follow each other, else one each. */
function listOf({ atoms, context }: Group, statement: Statement): readonly FrameReading[] {
  const place = placeOf(atoms, statement);
  if (atoms.some(({ why }) => why === 'order')) return [{ ...place, frame: null, problem: 'ambiguous_date' }];
  const days = completed(atoms);
  const open = context.lead !== null && context.lead !== 'within' && context.lead !== 'from';
  if (days === null || open || context.partial || context.rough || context.tail !== null)
    return [{ ...place, frame: null, problem: null }];
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return [];
  const follow = days.every((each, at) => at === 0 || each.from === addDays(days[at - 1]?.to ?? each.to, 1));
  if (follow) return [{ ...place, frame: { from: first.from, to: last.to }, problem: null }];
  return days.map((each, at) => ({
    ...placeOf(atoms.slice(at, at + 1), statement),
    frame: { from: each.from, to: each.to },
    problem: null,
  }));
}

/** "August, September and October 2025": the last lends its year, and a day its month. */
function completed(atoms: readonly DateAtom[]): readonly Days[] | null {
  const found: Days[] = [];
  let lender: Parts | null = atoms.find(({ days }) => days !== null)?.parts ?? null;
  for (const { days, parts } of atoms.toReversed()) {
    const whole = days ?? (parts === null || lender === null ? null : daysOf(filled(parts, lender)));
    if (whole === null) return null;
    found.unshift(whole);
    if (parts !== null) lender = lender === null ? parts : filled(parts, lender);
  }
  return found;
}

const filled = (parts: Parts, lender: Parts): Parts => ({
  ...parts,
  year: parts.year ?? lender.year,
  nth: parts.nth ?? (lender.unit === 'day' ? lender.nth : null),
});

/** A date that stands alone: with a word before or behind it that says how it bounds the frame, or as the frame. */
function singleOf(
  atom: Placed,
  context: Context,
  statement: Statement,
  today: string | null,
): FrameReading | null {
  const { days } = atom;
  const { lead, tail } = context;
  const unusable: FrameReading = {
    ...placeOf([atom], statement),
    frame: null,
    problem: atom.why === 'order' ? 'ambiguous_date' : null,
  };
  if (context.partial || context.rough || context.halved) return unusable;
  if (days === null) return isSaid(atom, context, statement) ? unusable : null;
  const found = (from: string | null, to: string | null): FrameReading => ({
    ...unusable,
    frame: { from, to },
  });
  if (tail === 'onwards') return lead === 'before' || lead === 'until' ? unusable : found(days.from, null);
  if (tail === 'orEarlier') return lead === 'since' || lead === 'after' ? unusable : found(null, days.to);
  switch (lead) {
    case 'before':
      return found(null, addDays(days.from, -1));
    case 'since':
      return found(days.from, null);
    case 'after':
      return found(addDays(days.to, 1), null);
    case 'until':
      return atom.unit === 'day' || context.ends ? found(null, days.to) : unusable;
    case 'from':
    case 'between':
      return isOf(atom, lead, today) ? found(days.from, days.to) : unusable;
    case 'within':
      return atom.relative || atom.weekday
        ? relativeOf(atom, context, statement, today, found)
        : found(days.from, days.to);
    default:
      return unledOf(atom, context, statement, today, found);
  }
}

/** Whether a date that is not complete is meant as a frame at all: "may", "on 3 May". */
function isSaid(atom: Placed, { lead, tail }: Context, statement: Statement): boolean {
  if (atom.unit === 'month' && atom.why === 'incomplete' && lead !== 'within')
    return lead !== null && lead !== 'from';
  return lead !== null || tail !== null || statement.field !== null || atom.why === 'order';
}

/** "Data from March" may be all since March; "from Q3" and "from last month" are that time. */
const isOf = (atom: Placed, lead: 'from' | 'between', today: string | null): boolean =>
  lead === 'from' &&
  (atom.unit === 'quarter' ||
    atom.unit === 'half' ||
    atom.unit === 'week' ||
    atom.unit === 'span' ||
    (atom.relative &&
      atom.unit === 'day' &&
      atom.days?.from !== today &&
      !atom.weekday &&
      atom.parts === null));

type Found = (from: string | null, to: string | null) => FrameReading;

/** "on Monday we called": a relative day is the frame only beside a word for the data. */
function relativeOf(
  atom: Placed,
  context: Context,
  statement: Statement,
  today: string | null,
  found: Found,
): FrameReading | null {
  const { days } = atom;
  if (days === null) return null;
  const frame = found(days.from, days.to);
  // "Delete the data on Monday" may be Monday's data, or the day to delete it.
  if (atom.weekday && statement.field === null && !context.dataBehind) return { ...frame, frame: null };
  if (statement.field !== null || context.data || context.dataBehind || context.others <= 4) return frame;
  return days.from === today ? { ...frame, frame: null } : frame;
}

function unledOf(
  atom: Placed,
  context: Context,
  statement: Statement,
  today: string | null,
  found: Found,
): FrameReading | null {
  const { days } = atom;
  if (days === null) return null;
  const frame = found(days.from, days.to);
  if (statement.field !== null) return frame;
  if (atom.relative) {
    if (context.dataBehind || context.others <= 3) return frame;
    return context.data && days.from !== today && !atom.weekday ? frame : null;
  }
  if (atom.unit === 'year') return context.dataBehind ? frame : null;
  if (
    context.others <= 4 ||
    context.dataBehind ||
    atom.unit === 'quarter' ||
    atom.unit === 'half' ||
    atom.unit === 'week'
  )
    return frame;
  return { ...frame, frame: null };
}

/** A bound to come without a word for the data: a deadline, if the statement gives days besides. */
function isLoose({ kind, atoms, context }: Group, today: string | null): boolean {
  const [only] = atoms;
  if (kind !== 'single' || only === undefined || context.data) return false;
  if (context.lead !== 'before' && context.lead !== 'until') return false;
  return only.days === null ? only.why === 'incomplete' : today !== null && only.days.from > today;
}

/** Days that a statement takes out: "not March", "except for the week of 3 March". A month without a year is that of any. */
export function sparedIn(
  statement: Statement,
  settings: DateSettings,
  lexicon: Lexicon,
): readonly DateAtom[] {
  const dated = datedOf(statement, settings);
  const exclusions = hitsOf(statement, lexicon.acts.exclusion).map(
    ({ to }) => statement.words[to - 1]?.end ?? 0,
  );
  return dated.atoms.filter((atom) => {
    const start = statement.start + atom.start;
    const behind = exclusions.some((end) => end <= start && leadsTo(statement, end, start, lexicon));
    return behind || contextOf(statement, dated, atom, atom, lexicon).denied;
  });
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

/** "All time", unless it goes on with what it is the beginning of: "since the beginning of the year". */
function allTimeIn(statement: Statement, lexicon: Lexicon): readonly FrameReading[] {
  const { words } = statement;
  const hits = hitsOf(statement, lexicon.timePhrases.allTime).filter(
    ({ from }) =>
      !words.slice(Math.max(0, from - 3), from).some(({ text }) => lexicon.notWords.includes(text)),
  );
  if (hits.length === 0) return [];
  const limited = hits.some(
    ({ to }) =>
      BEGINNINGS.has(words[to - 1]?.text ?? '') &&
      OF_WORDS.has(words[to]?.text ?? '') &&
      !words.slice(to, to + 3).some(({ text }) => TIME_ITSELF.has(text)),
  );
  return [
    {
      frame: limited ? null : { from: null, to: null },
      problem: null,
      start: statement.start,
      end: statement.end,
    },
  ];
}

/** Whether "all time" is said as "the entire period", which may be the one that was told before. */
export const isWholePeriod = (statement: Statement, lexicon: Lexicon): boolean =>
  hitsOf(statement, lexicon.timePhrases.allTime).every(({ from, to }) =>
    statement.words.slice(from, to).some(({ text }) => PERIODS.has(text)),
  );

const PERIODS = new Set(
  'period range time zeitraum zeit période périodes periodo período periode tijden tempo tiempo 期'.split(
    ' ',
  ),
);

const BEGINNINGS = new Set(
  'beginning start inception beginn anfang début origine principio inicio início princípio inizio begin'.split(
    ' ',
  ),
);
const OF_WORDS = new Set(
  "of des der von vom de du d'année del de la do da dell'anno van in this last dieses".split(' '),
);
const TIME_ITSELF = new Set(
  'time times zeit zeiten temps tiempos tempos tempi tijd recording collection'.split(' '),
);

/** Reversed and future frames are no frames. An end on the mail's own day is not in the future. */
function checked(reading: FrameReading, today: string | null): FrameReading {
  const { frame } = reading;
  if (frame === null) return reading;
  if (frame.from !== null && frame.to !== null && frame.from > frame.to)
    return { ...reading, frame: null, problem: 'reversed_range' };
  const future = today !== null && ((frame.from ?? '') > today || (frame.to ?? '') > today);
  return future ? { ...reading, frame: null, problem: 'in_future' } : reading;
}
