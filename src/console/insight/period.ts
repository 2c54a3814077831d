/** The period that is looked at: it stands in the address. */
import { z } from 'zod';
import { addDays, dayOf, startOfDay } from '../../domain/calendar.ts';

export interface Period {
  /** First and last day, UTC, both included. */
  readonly from: string;
  readonly to: string;
  /** Days in a bucket. */
  readonly step: number;
  readonly days: Length;
}

export const LENGTHS = [28, 91, 364] as const;
export type Length = (typeof LENGTHS)[number];

/** Days in a bucket: days, weeks, and four weeks. */
const STEPS: Readonly<Record<Length, number>> = { 28: 1, 91: 7, 364: 28 };

const QUERY = z.object({
  days: z.coerce
    .number()
    .refine((days): days is Length => LENGTHS.some((length) => length === days))
    .catch(91),
  to: z
    .string()
    .regex(/^(19|20)\d\d-\d\d-\d\d$/)
    .refine(isDay)
    .nullable()
    .catch(null),
});

/** What cannot be read is as if it had not been asked for: a quarter up to today. */
export function periodOf(query: unknown, now: Date): Period {
  const { days, to } = QUERY.parse(query);
  const today = dayOf(now);
  const last = to === null || to > today ? today : to;
  return { from: addDays(last, 1 - days), to: last, step: STEPS[days as Length], days: days as Length };
}

/** The address of the period: `?days=28`, and with its last day unless that is today. */
export function periodQuery({ days, to }: Pick<Period, 'days' | 'to'>, now: Date): string {
  const query = new URLSearchParams({ days: String(days) });
  if (to !== dayOf(now)) query.set('to', to);
  return `?${query}`;
}

function isDay(day: string): boolean {
  try {
    return dayOf(startOfDay(day)) === day;
  } catch {
    return false;
  }
}
