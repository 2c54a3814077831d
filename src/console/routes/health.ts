import type { FastifyInstance } from 'fastify';
import { measureRequests } from '../api/request-times.ts';
import type { ConsoleLog, ConsolePorts } from '../ports.ts';
import { codeOf } from './route.ts';

/**
 * For supervisors and load balancers. `/healthz`: 200 while all is well, 503 otherwise, and which check says so; it asks
 * the database. `/readyz`: 503 when this process cannot do its work, with the reasons; it answers at once, whatever hangs.
 */
export function healthRoutes(
  app: FastifyInstance,
  { ports, log }: { readonly ports: Pick<ConsolePorts, 'health' | 'readiness'>; readonly log: ConsoleLog },
): void {
  measureRequests(app);
  app.get('/healthz', { config: { access: 'public' } }, async (_request, reply) => {
    const health = await ports.health().catch((error: unknown) => {
      log('error', 'the health could not be determined', codeOf(error));
      return { ok: false, checks: { health: 'failed' } };
    });
    return reply.code(health.ok ? 200 : 503).send({ ok: health.ok, checks: health.checks });
  });
  app.get('/readyz', { config: { access: 'public' } }, async (_request, reply) => {
    const { ready, reasons, alarms } = ports.readiness();
    return reply.code(ready ? 200 : 503).send({ ready, reasons, alarms });
  });
}
