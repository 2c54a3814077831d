import type { FastifyInstance } from 'fastify';
import { measureRequests } from '../api/request-times.ts';
import { codeOf, type RouteContext } from './route.ts';

/** For supervisors and load balancers: 200 while all is well, 503 otherwise, and which check says so. */
export function healthRoutes(app: FastifyInstance, { ports, log }: RouteContext): void {
  measureRequests(app);
  app.get('/healthz', { config: { access: 'public' } }, async (_request, reply) => {
    const health = await ports.health().catch((error: unknown) => {
      log('error', 'the health could not be determined', codeOf(error));
      return { ok: false, checks: { health: 'failed' } };
    });
    return reply.code(health.ok ? 200 : 503).send({ ok: health.ok, checks: health.checks });
  });
}
