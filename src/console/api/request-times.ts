/** How long requests take, by the pattern of their route: never by the address, which may be a secret. */
import type { FastifyInstance } from 'fastify';
import { Histogram, Registry } from 'prom-client';

declare module 'fastify' {
  interface FastifyInstance {
    /** Of this process. */
    measured: Registry;
  }
}

/** Before any route that is to be measured. */
export function measureRequests(app: FastifyInstance): void {
  const registry = new Registry();
  const seconds = new Histogram({
    name: 'purgedesk_http_request_duration_seconds',
    help: 'Time from the last byte of a request to the last of its answer, in this process.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers: [registry],
  });
  app.decorate('measured', registry);
  app.addHook('onResponse', async (request, reply) => {
    seconds.observe(
      {
        // A method is the visitor's own word: only those that a route has are told apart.
        method: request.routeOptions.url === undefined ? 'any' : request.method,
        route: request.routeOptions.url ?? 'none',
        status: `${Math.floor(reply.statusCode / 100)}xx`,
      },
      reply.elapsedTime / 1_000,
    );
  });
}
