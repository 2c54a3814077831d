/** What may stand in the addresses and forms of the pages about mails. Whatever else comes is ignored or refused. */
import { z } from 'zod';
import { DISPOSITIONS } from '../../domain/mail.ts';
import { REASON_LENGTH_MAX, wordsIn } from '../actions/form.ts';
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

export interface ReasonForm {
  readonly reason: string;
  /** What is wrong with it, for the one who typed it; `null` = nothing. */
  readonly problem: string | null;
}

/** A reason is kept and read by others later, so that it must be there and be plain text. */
export function readReason(body: unknown): ReasonForm {
  const { value, error } = wordsIn(body, 'reason', REASON_LENGTH_MAX);
  return {
    reason: value,
    problem: value === '' && error !== null ? 'Please say why. It is kept with the mail.' : error,
  };
}
