/** Calendar arithmetic in UTC. Days are `YYYY-MM-DD`; instants are `Date`. Nothing here reads a clock. */

const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** An inclusive range of UTC days as docs/parse.md writes it; `null` at an end means open. */
export interface TimeFrame {
  readonly from: string | null;
  readonly to: string | null;
}

/** A half-open range of instants `[from, before)`; `null` = open at that end. */
export interface InstantRange {
  readonly from: Date | null;
  readonly before: Date | null;
}

/** The UTC day of an instant. */
export const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

/** 00:00 UTC of a day. @throws RangeError when it is not a real calendar day */
export function startOfDay(day: string): Date {
  const start = new Date(`${day}T00:00:00.000Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(start.getTime()) || dayOf(start) !== day) {
    throw new RangeError(`not a calendar day: ${day.slice(0, 20)}`);
  }
  return start;
}

export const addDays = (day: string, days: number): string =>
  dayOf(new Date(startOfDay(day).getTime() + days * DAY_MS));

export const addHours = (instant: Date, hours: number): Date => new Date(instant.getTime() + hours * HOUR_MS);

/**
 * When the grace that starts at `start` ends: 00:00 UTC of the sixth day after that day, so that five whole calendar
 * days lie between, 120 to 144 hours later. No setting shortens it.
 */
export const graceEnd = (start: Date): Date => startOfDay(addDays(dayOf(start), 6));

/** The instants of an inclusive range of days: `[from 00:00, to + 1 day 00:00)` UTC. */
export const instantsOf = (frame: TimeFrame): InstantRange => ({
  from: frame.from === null ? null : startOfDay(frame.from),
  before: frame.to === null ? null : startOfDay(addDays(frame.to, 1)),
});
