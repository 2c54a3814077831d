/** For a process that serves no pages: what supervisors and operators ask of every process, and nothing else. */
import Fastify from 'fastify';
import { metricsRoute } from './api/metrics.ts';
import type { ApiPorts } from './api/ports.ts';
import { apiServer } from './api/serve.ts';
import { listen, type RunningConsole } from './listening.ts';
import type { ConsoleLog, ConsolePorts } from './ports.ts';
import { healthRoutes } from './routes/health.ts';

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly ports: Pick<ConsolePorts, 'health' | 'readiness'>;
  readonly api: ApiPorts;
  readonly log: ConsoleLog;
}

/** Serves `/healthz`, `/readyz` and `/metrics` until `close`. @throws PurgedeskError `PD_CONFIG_INVALID` as the pages do */
export async function startHealth(options: HealthOptions): Promise<RunningConsole> {
  const app = Fastify({ logger: false, bodyLimit: 1, requestTimeout: 15_000, handlerTimeout: 15_000 });
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('This process serves no pages.\n'),
  );
  app.setErrorHandler((_error, _request, reply) =>
    reply.code(500).type('text/plain').send('That did not work.\n'),
  );
  healthRoutes(app, options);
  metricsRoute(app, apiServer(options.api, options.log));
  return listen(app, options);
}
