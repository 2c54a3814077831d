import { addDays } from '../../../domain/calendar.ts';
import type { Statement } from '../sentences/statements.ts';
import type { Placed } from './date-atoms.ts';
import type { Context } from './frame-context.ts';
import { type FrameReading, type Group, placeOf } from './frame-reading.ts';

/** A date that stands alone: with a word before or behind it that says how it bounds the frame, or as the frame. */
export function singleOf(
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
  if (context.partial || context.rough || context.halved || context.chained) return unusable;
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
    if (context.object && today !== null && days.to < today && !atom.weekday) return frame;
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
export function isLoose({ kind, atoms, context }: Group, today: string | null): boolean {
  const [only] = atoms;
  if (kind !== 'single' || only === undefined || context.data) return false;
  if (context.lead !== 'before' && context.lead !== 'until') return false;
  return only.days === null ? only.why === 'incomplete' : today !== null && only.days.from > today;
}
