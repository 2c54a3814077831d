/** What may stand in the addresses and forms of the pages about mails. Whatever else comes is ignored or refused. */
import { z } from 'zod';
import { DISPOSITIONS } from '../../domain/mail.ts';
import type { MailFilter } from './queries.ts';

const id = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);
const FILTER = z.object({
  show: z.enum(['waiting', 'all']).catch('waiting'),
  kind: z.enum(DISPOSITIONS).nullable().catch(null),
  before: id.nullable().catch(null),
  after: id.nullable().catch(null),
});

/** A value that makes no sense counts as left out. */
export function readFilter(query: unknown): MailFilter {
  const { show, kind, before, after } = FILTER.parse(query ?? {});
  return { waiting: show === 'waiting', disposition: kind, before, after: before === null ? after : null };
}

/** The number of a mail in a path; `null` = there cannot be one. */
export function readId(params: unknown): number | null {
  const read = z.object({ id }).safeParse(params);
  return read.success ? read.data.id : null;
}

/** Which attachment, from 1. */
export function readNo(params: unknown): number | null {
  const read = z.object({ no: id }).safeParse(params);
  return read.success ? read.data.no : null;
}

export const REASON_LENGTH_MAX = 500;

const REASON = z.object({ reason: z.string().catch('') });

export interface ReasonForm {
  readonly reason: string;
  /** What is wrong with it, for the one who typed it; `null` = nothing. */
  readonly problem: string | null;
}

/** A reason is kept and read by others later, so that it must be there and be plain text. */
export function readReason(body: unknown): ReasonForm {
  const reason = REASON.parse(body ?? {})
    .reason.replace(/\r\n?/g, '\n')
    .trim();
  if (reason === '') return { reason, problem: 'Please say why. It is kept with the mail.' };
  if (reason.length > REASON_LENGTH_MAX)
    return { reason: reason.slice(0, 2_000), problem: `Please use at most ${REASON_LENGTH_MAX} characters.` };
  if (UNPRINTABLE.test(reason))
    return { reason: '', problem: 'It held signs that cannot be printed. Please type it again.' };
  return { reason, problem: null };
}

/** Control characters but for line ends and tabs, and what turns the reading direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
