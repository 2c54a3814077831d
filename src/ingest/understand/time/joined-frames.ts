import { addDays } from '../../../domain/calendar.ts';
import type { Statement } from '../sentences/statements.ts';
import { type Days, daysOf, lent, type Parts, weekdayOf } from './calendar-units.ts';
import type { DateAtom } from './date-atoms.ts';
import { type FrameReading, type Group, placeOf } from './frame-reading.ts';
import { bareOf, inOrder } from './numeric-dates.ts';

/** The frame from one date to another. */
export function rangeOf({ atoms, joint, context }: Group, statement: Statement): FrameReading {
  const [first, last] = atoms;
  const none: FrameReading = { ...placeOf(atoms, statement), frame: null, problem: null };
  if (first === undefined || last === undefined || joint === null || atoms.length > 2) return none;
  const ends = endsOf(first, last);
  if (ends === 'order') return { ...none, problem: 'ambiguous_date' };
  const { lead, partial, rough } = context;
  if (ends === null || rough || context.chained || (partial && first.unit !== 'day')) return none;
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
export function listOf({ atoms, context }: Group, statement: Statement): readonly FrameReading[] {
  const place = placeOf(atoms, statement);
  if (atoms.some(({ why }) => why === 'order')) return [{ ...place, frame: null, problem: 'ambiguous_date' }];
  const days = completed(atoms);
  const open = context.lead !== null && context.lead !== 'within' && context.lead !== 'from';
  const weekend = context.weekend && days !== null && isWeekend(days);
  if (days === null || open || (context.partial && !weekend) || context.rough || context.tail !== null)
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

/** "The weekend of 9 and 10 November 2024". */
const isWeekend = (days: readonly Days[]): boolean =>
  days.length === 2 && days.every(({ from, to }, at) => from === to && weekdayOf(from) === 5 + at);

/** "August, September and October 2025": the last lends its year, and a day its month. */
function completed(atoms: readonly DateAtom[]): readonly Days[] | null {
  const found: Days[] = [];
  let lender: Parts | null = atoms.find(({ days }) => days !== null)?.parts ?? shared(atoms);
  for (const { days, parts } of atoms.toReversed()) {
    const whole = days ?? (parts === null || lender === null ? null : daysOf(filled(parts, lender)));
    if (whole === null) return null;
    found.unshift(whole);
    if (parts !== null) lender = lender === null ? parts : filled(parts, lender);
  }
  return found;
}

/** `March 3, 5 and 7, 2024`: the month stands with the first and the year with the last. */
function shared(atoms: readonly DateAtom[]): Parts | null {
  const said = atoms.flatMap(({ parts }) => (parts === null ? [] : [parts]));
  const month = said.find(({ nth }) => nth !== null);
  return month === undefined
    ? null
    : { ...month, year: said.find(({ year }) => year !== null)?.year ?? null };
}

const filled = (parts: Parts, lender: Parts): Parts => ({
  ...parts,
  year: parts.year ?? lender.year,
  nth: parts.nth ?? (lender.unit === 'day' ? lender.nth : null),
});
