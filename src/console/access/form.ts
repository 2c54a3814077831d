import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

/** One field of a form as text, cut off; '' = it is not there, or several times. Passwords are not trimmed. */
export const text = (max: number) => z.string().max(max).catch('');
export const line = (max: number) => z.string().trim().max(max).catch('');

/** What a page says of the act that led to it, `?done=…`; `null` = it is none of these. */
export const doneIn = (words: Readonly<Record<string, string>>, done: unknown): string | null =>
  typeof done === 'string' && Object.hasOwn(words, done) ? (words[done] ?? null) : null;

/** The fields of a form; whatever else it has is left out. */
export function fieldsOf<Shape extends z.ZodRawShape>(
  { body }: FastifyRequest,
  shape: Shape,
): z.infer<z.ZodObject<Shape>> {
  return z.object(shape).parse(typeof body === 'object' && body !== null ? body : {});
}
