/** What other systems were told, and sending it again. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mayAct } from '../../domain/agents.ts';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import type { ApiPorts, DeliveryFilter, DeliveryView } from './ports.ts';

interface WebhooksView {
  readonly page: { readonly title: string };
  readonly isAdmin: boolean;
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly events: string }[];
  readonly filter: {
    readonly endpoint: string;
    readonly statuses: readonly {
      readonly value: string;
      readonly label: string;
      readonly chosen: boolean;
    }[];
    readonly isNarrowed: boolean;
  };
  readonly lines: readonly (DeliveryView & {
    readonly label: string;
    readonly tone: string;
    readonly isOver: boolean;
    readonly isOne: boolean;
  })[];
  /** The next page; `null` = there is none. */
  readonly next: string | null;
}

const WEBHOOKS = page<WebhooksView>('api/webhooks');
const SHOWN = 50;

const STATUS_WORDS = {
  pending: ['Waits', 'wait'],
  sending: ['On its way', 'info'],
  delivered: ['Delivered', 'good'],
  failed: ['Given up', 'risk'],
} as const;
const STATUSES = ['pending', 'sending', 'delivered', 'failed'] as const;

/** What makes no sense is left out, so that an old link still shows something. */
const filterOf = z.object({
  endpoint: z
    .string()
    .trim()
    .regex(/^[a-z0-9.:-]{1,80}$/)
    .optional()
    .catch(undefined),
  status: z.enum(STATUSES).optional().catch(undefined),
  after: z.uuid().optional().catch(undefined),
});
const byId = z.object({ id: z.uuid() });

export function webhookPages(app: FastifyInstance, site: Site, ports: ApiPorts): void {
  app.get('/webhooks', { config: { access: 'viewer' } }, async (request, reply) => {
    const { endpoint, status, after } = filterOf.parse(request.query);
    const filter: DeliveryFilter = {
      limit: SHOWN + 1,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(status === undefined ? {} : { status }),
      ...(after === undefined ? {} : { after }),
    };
    const found = await ports.listDeliveries(filter);
    const lines = found.slice(0, SHOWN);
    const last = lines.at(-1);
    const query = new URLSearchParams({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(status === undefined ? {} : { status }),
      after: last?.id ?? '',
    });
    return site.show(request, reply, WEBHOOKS, {
      page: { title: 'Webhooks' },
      isAdmin: request.agent !== null && mayAct(request.agent.role, 'admin'),
      endpoints: ports.webhooks.map(({ name, host, events }) => ({ name, host, events: events.join(', ') })),
      filter: {
        endpoint: endpoint ?? '',
        statuses: [
          { value: '', label: 'all', chosen: status === undefined },
          ...STATUSES.map((value) => ({ value, label: STATUS_WORDS[value][0], chosen: value === status })),
        ],
        isNarrowed: endpoint !== undefined || status !== undefined,
      },
      lines: lines.map((line) => ({
        ...line,
        label: STATUS_WORDS[line.status][0],
        tone: STATUS_WORDS[line.status][1],
        isOver: line.finishedAt !== null,
        isOne: line.attempts === 1,
      })),
      next: found.length > SHOWN ? `${site.base}/webhooks?${query.toString()}` : null,
    });
  });

  app.post('/webhooks/:id/redeliver', { config: { access: 'admin' } }, async (request, reply) => {
    const asked = byId.safeParse(request.params);
    if (!asked.success || !(await ports.redeliver(asked.data.id))) return site.hide(request, reply);
    return reply.redirect(`${site.base}/webhooks`, 303);
  });
}
