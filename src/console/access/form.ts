import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

/** One field of a form as text, cut off; '' = it is not there, or several times. Passwords are not trimmed. */
export const text = (max: number) => z.string().max(max).catch('');
export const line = (max: number) => z.string().trim().max(max).catch('');

/** The fields of a form; whatever else it has is left out. */
export function fieldsOf<Shape extends z.ZodRawShape>(
  { body }: FastifyRequest,
  shape: Shape,
): z.infer<z.ZodObject<Shape>> {
  return z.object(shape).parse(typeof body === 'object' && body !== null ? body : {});
}
