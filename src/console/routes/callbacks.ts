import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RouteContext } from './route.ts';

/** Bytes. A service sends the id and the state of one request. */
const BODY_MAX = 4_096;

/**
 * Where services call back. Whatever is not signed by the store that it names gets the answer of an address that does
 * not exist, whether there is such a store or not.
 */
export async function callbackRoutes(app: FastifyInstance, { ports }: RouteContext): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The signature is over the bytes: nothing reads them as anything else.
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_MAX }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Params: { store: string } }>(
      '/callbacks/http-store/:store',
      { config: { access: 'public' } },
      async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const isTaken = await ports.takeCallback(request.params.store.slice(0, 64), {
          id: headerOf(request, 'webhook-id'),
          timestamp: headerOf(request, 'webhook-timestamp'),
          signatures: headerOf(request, 'webhook-signature'),
          body,
        });
        return isTaken ? reply.code(204).send() : reply.callNotFound();
      },
    );
  });
}

const headerOf = (request: FastifyRequest, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value.slice(0, 1_024) : '';
};
