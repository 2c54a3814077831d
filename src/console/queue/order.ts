/** What the form under the queue asks for. */
import { z } from 'zod';

/** As many as one page shows, and some. */
const AT_ONCE_MAX = 100;

const number = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const ORDER = z.object({
  ticket: z
    .preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(number).min(1).max(AT_ONCE_MAX))
    .transform((ids) => [...new Set(ids)]),
  to: z.union([z.literal('me'), z.literal('nobody'), number]),
});

export type Order = z.infer<typeof ORDER>;

/** `null` = nothing was ticked, or too much, or it is no form of ours. */
export const readOrder = (body: unknown): Order | null => ORDER.safeParse(body).data ?? null;

/** Where the form stood, and nothing else: never an address that somebody made up. */
const PLACES = /^\/(queue(\?[\w=&.%+-]{0,500})?|tickets\/PD-\d{1,15})$/;

export function readBack(body: unknown): string {
  const back = typeof body === 'object' && body !== null && 'back' in body ? body.back : null;
  return typeof back === 'string' && PLACES.test(back) ? back : '/queue';
}

/** What was done, as a word in an address: `3-17` = three tickets to agent 17, `3-0` = to nobody. */
const TOLD = /^(\d{1,3})-(\d{1,15})$/;

export interface Told {
  readonly count: number;
  /** `null` = nobody. */
  readonly assignee: number | null;
}

export const toldIn = (count: number, assignee: number | null): string => `${count}-${assignee ?? 0}`;

/** @param query - of an address */
export function readTold(query: unknown): Told | null {
  const given = typeof query === 'object' && query !== null && 'given' in query ? query.given : null;
  const [, count, assignee] = typeof given === 'string' ? (TOLD.exec(given) ?? []) : [];
  if (count === undefined) return null;
  return { count: Number(count), assignee: Number(assignee) === 0 ? null : Number(assignee) };
}
