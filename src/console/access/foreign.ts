import type { FastifyRequest } from 'fastify';

/** Browsers say where a form was sent from; programs that say nothing still need what the form asks for. */
export function isForeign({ headers }: FastifyRequest, ours: string): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  // What our own pages send by our referrer policy is `null`; older browsers name us.
  return origin !== undefined && origin !== 'null' && origin !== ours;
}
