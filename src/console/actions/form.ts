/** What agents type into the forms of acts: read once, bounded, told kindly what is wrong. */
import { z } from 'zod';
import { parseReference, type TicketId } from '../../domain/ids.ts';
import { HOLD_REASONS, type HoldReason } from '../../domain/ticket.ts';
import { holdsUnprintable } from '../../domain/words.ts';

export const REASON_LENGTH_MAX = 500;
export const NOTE_LENGTH_MAX = 4_000;
export const EVIDENCE_LENGTH_MAX = 2_000;

const PATH = z.object({ reference: z.string() });

/** The ticket of an address; `null` = none can have it. */
export function ticketOfPath(params: unknown): TicketId | null {
  const path = PATH.safeParse(params);
  return path.success ? parseReference(path.data.reference) : null;
}

const HOLD = z.object({ hold: z.enum(HOLD_REASONS).nullable().catch(null) });

/** The hold that a query or form names, if any. */
export const holdIn = (source: unknown): HoldReason | null => HOLD.parse(source ?? {}).hold;

/** One field of a form; what was not sent, or several times, is empty. */
export function fieldIn(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return '';
  const value = (body as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}

export interface Typed {
  readonly value: string;
  /** What is wrong with it, for the one who typed it; `null` = nothing. */
  readonly error: string | null;
}

/** Words that are kept: they must be there, be plain text and have an end. */
export function wordsIn(body: unknown, name: string, max: number): Typed {
  const value = fieldIn(body, name).replace(/\r\n?/g, '\n').trim();
  if (value === '') return { value, error: 'Please write something here. It is kept with the ticket.' };
  if (value.length > max)
    return {
      value: value.slice(0, max * 2),
      error: `That is ${value.length} characters; ${max} fit.`,
    };
  if (holdsUnprintable(value))
    return { value: '', error: 'It held signs that cannot be printed. Please type it again.' };
  return { value, error: null };
}

/** A slip must not do what cannot be undone: whoever means it types the ticket's reference. */
export function confirmationIn(body: unknown, reference: string): Typed {
  const value = fieldIn(body, 'confirm').trim().slice(0, 40);
  const id = parseReference(value) ?? parseReference(`PD-${value}`);
  return id === parseReference(reference)
    ? { value, error: null }
    : { value, error: `Please type ${reference} to confirm.` };
}

const FORM = z.object({ form: z.uuid().nullable().catch(null) });

/** The random name of the form, by which sending it twice is known; `null` = it has none. */
export const formIn = (body: unknown): string | null => FORM.parse(body ?? {}).form;
