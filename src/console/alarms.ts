/** What agents must know on whatever page they are: that nothing is deleted, or that the desk is silent. */
import type { FastifyInstance } from 'fastify';
import type { ConsoleLog } from './ports.ts';
import { codeOf } from './routes/route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Filled on every route that is for agents. */
    alarms: readonly Alarm[];
  }
}

export interface Alarm {
  readonly sentence: string;
  /** Where more is said, below the base. */
  readonly href: string;
}

/** To be called behind the guard: only agents hear of it. */
export function watchAlarms(
  app: FastifyInstance,
  options: { readonly alarms?: () => Promise<readonly Alarm[]>; readonly log: ConsoleLog },
): void {
  const read = options.alarms;
  app.decorateRequest('alarms');
  app.addHook('onRequest', async (request) => {
    request.alarms = NONE;
    if (read === undefined || request.agent === null) return;
    request.alarms = await read().catch((error: unknown) => {
      // The page itself is worth more than the line above it.
      options.log('error', 'the alarms cannot be read', codeOf(error));
      return UNKNOWN;
    });
  });
}

const NONE: readonly Alarm[] = [];
const UNKNOWN: readonly Alarm[] = [
  { sentence: 'Whether purges are halted cannot be read at the moment.', href: '/operations' },
];
