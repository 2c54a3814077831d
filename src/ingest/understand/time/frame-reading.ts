import type { TimeFrame } from '../../../domain/calendar.ts';
import type { Problem } from '../../../domain/request.ts';
import type { Statement } from '../sentences/statements.ts';
import type { Placed } from './date-atoms.ts';
import type { FoundJoint } from './date-joints.ts';
import type { Context } from './frame-context.ts';

/** One time frame as written. `frame` is `null` when it was given and cannot be used; `problem` says why if it is one. */
export interface FrameReading {
  readonly frame: TimeFrame | null;
  readonly problem: Problem | null;
  readonly start: number;
  readonly end: number;
}

/** Dates that belong together, and what joins them. */
export interface Group {
  readonly kind: 'single' | 'range' | 'list';
  readonly atoms: readonly Placed[];
  readonly joint: FoundJoint | null;
  readonly context: Context;
}

/** Where the dates stand in the own text. */
export const placeOf = (atoms: readonly Placed[], statement: Statement): { start: number; end: number } => ({
  start: statement.start + (atoms[0]?.start ?? 0),
  end: statement.start + (atoms.at(-1)?.end ?? 0),
});
