import type { Days, Parts, Unit } from './calendar-units.ts';

/** One date as written. */
export interface DateAtom {
  readonly unit: Unit | 'span';
  /** `null`: the words alone do not settle which days are meant; `why` says how. */
  readonly days: Days | null;
  /**
   * `order`: 03/04/2024. `incomplete`: no year or no month, which the other end of a range may lend. `unreal`: 31
   * February, or a weekday that the date has not. `vague`: nobody can count the days. `today`: the mail has no date.
   */
  readonly why: 'order' | 'incomplete' | 'unreal' | 'vague' | 'today' | null;
  /** What was said; `null` for relative dates. */
  readonly parts: Parts | null;
  /** The numbers of a numeric date whose order is open. */
  readonly numbers: Numbers | null;
  /** The order that the numbers settle by themselves. */
  readonly settles: DateOrder | null;
  /** A weekday on its own. */
  readonly weekday: boolean;
  /** Counts from the mail's own day. */
  readonly relative: boolean;
  /** A time beside the day: the first or the last minute of it, or another. */
  readonly clock: 'start' | 'end' | 'other' | null;
  readonly start: number;
  readonly end: number;
}

export interface Numbers {
  readonly first: number;
  readonly second: number;
  readonly year: number | null;
}

/** An atom with the tokens that it was read from. */
export interface Placed extends DateAtom {
  readonly fromToken: number;
  readonly toToken: number;
}

export type Bare = Pick<
  DateAtom,
  'unit' | 'days' | 'why' | 'parts' | 'numbers' | 'settles' | 'weekday' | 'relative'
>;

/** A form found at a token. */
export interface Form {
  readonly bare: Bare;
  /** Index of the token behind it. */
  readonly to: number;
}

export type DateOrder = 'day-first' | 'month-first';
