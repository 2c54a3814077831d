import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RouteContext } from './route.ts';

/** A longer user ID is on no list; the address that carries it is bounded anyhow. */
const USER_ID_MAX = 512;
const WORKSPACE_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * For the systems that take data in: whether a person must not be taken in again. Without a token in the configuration
 * there is no such address. Neither an unknown workspace nor a person who was never heard of is told apart from one who
 * is simply not on the list.
 */
export function suppressionRoutes(app: FastifyInstance, { ports }: RouteContext): void {
  const { suppressions } = ports;
  if (suppressions === null) return;
  const wanted = digest(`Bearer ${suppressions.token}`);
  app.get<{ Params: { readonly workspace: string }; Querystring: { readonly user?: unknown } }>(
    '/api/suppressions/:workspace',
    { config: { access: 'token' } },
    async (request, reply) => {
      if (!timingSafeEqual(digest(bearerOf(request)), wanted)) {
        // RFC 6750 section 3: what a request without the right token is told.
        return reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'unauthorized' });
      }
      const { workspace } = request.params;
      const { user } = request.query;
      if (!WORKSPACE_ID.test(workspace) || typeof user !== 'string' || !isUserId(user)) {
        return reply.code(400).send({ error: 'ask like /api/suppressions/WORKSPACE_ID?user=USER_ID' });
      }
      return reply.send({ suppressed: await suppressions.has(workspace, user) });
    },
  );
}

const isUserId = (text: string): boolean => text !== '' && text.length <= USER_ID_MAX && !text.includes('\0');

const bearerOf = (request: FastifyRequest): string => request.headers.authorization ?? '';

/** Of one length, whatever was sent. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
