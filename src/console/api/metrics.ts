/** Metrics for Prometheus: numbers and codes of this desk, computed when they are asked for. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { ApiFault } from './fault.ts';
import type { Figures } from './ports.ts';
import { type ApiServer, authorize, sendFault } from './serve.ts';

/**
 * A token with the scope metrics:read opens it. On a machine that publishes nothing, so does the machine itself: where
 * the desk is published a proxy may stand on this machine too, and would pass on anybody.
 */
export function metricsRoute(app: FastifyInstance, server: ApiServer): void {
  const isPublished = !isLoopback(new URL(server.ports.publicUrl).hostname);
  app.get('/metrics', { config: { access: 'token' } }, async (request, reply) => {
    try {
      if (isPublished || !isFromHere(request)) await authorize(server, request, reply, 'metrics:read');
    } catch (error) {
      if (error instanceof ApiFault) return sendFault(reply, error);
      throw error;
    }
    const registry = Registry.merge([gauges(await server.ports.figures()), app.measured, OWN_PROCESS]);
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

/** Of this process: memory, CPU, open files, and how late its event loop runs. Once a process, however many servers it has. */
const OWN_PROCESS = new Registry();
collectDefaultMetrics({ register: OWN_PROCESS });

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

function isFromHere({ socket, headers }: FastifyRequest): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  return isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
}

/** A registry a scrape: what is gone is not repeated with its last value. */
function gauges(figures: Figures): Registry {
  const registry = new Registry();
  const one = (name: string, help: string, value: number | null) => {
    if (value === null) return;
    new Gauge({ name: `purgedesk_${name}`, help, registers: [registry] }).set(value);
  };
  const each = (name: string, help: string, label: string, values: Readonly<Record<string, number>>) => {
    const gauge = new Gauge({
      name: `purgedesk_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
    });
    for (const [key, value] of Object.entries(values)) gauge.set({ [label]: key }, value);
  };
  const braked = Object.fromEntries(figures.brakedStores.map((store) => [store, 1]));
  each('tickets', 'Tickets by state.', 'state', figures.tickets);
  each('holds', 'Holds that stand, by reason.', 'reason', figures.holds);
  one(
    'tickets_near_deadline',
    'Open tickets whose deadline is less than five days away or past.',
    figures.nearDeadline,
  );
  one('messages_pending', 'Mails that are stored and not handled yet.', figures.messagesPending);
  one(
    'messages_oldest_pending_seconds',
    'Age of the oldest of them; 0 = there is none.',
    figures.oldestPendingSeconds,
  );
  one('messages_for_agents', 'Mails that wait for a person.', figures.messagesForAgents);
  each('outbox', 'Mails that are not through, by status.', 'status', figures.outbox);
  one('jobs_waiting', 'Jobs that could run now.', figures.jobsWaiting);
  one('jobs_failed', 'Jobs that failed for good.', figures.jobsFailed);
  each('deliveries', 'Webhooks and callbacks, by status.', 'status', figures.deliveries);
  one(
    'mailbox_last_poll_seconds',
    'Time since a mailbox was last read through; absent = none was ever read.',
    figures.lastPollSeconds,
  );
  each('store_braked', '1 for each store that is braked.', 'store', braked);
  one(
    'replies_silenced',
    '1 while the desk is silent to people who are not verified.',
    Number(figures.isSilenced),
  );
  one('purges_halted', '1 while all purges are halted.', Number(figures.isHalted));
  each('alarms', 'Alarms that stand, by code; 0 = all is well.', 'alarm', figures.alarms);
  each(
    'mailbox_silent_seconds',
    'Time since each mailbox was last read through, by its name.',
    'mailbox',
    figures.mailboxSeconds,
  );
  each(
    'mailbox_held',
    '1 for each mailbox that a process holds to read it, else 0.',
    'mailbox',
    figures.mailboxHeld,
  );
  each(
    'duty_last_done_seconds',
    'Time since each recurring duty was last done.',
    'duty',
    figures.dutySeconds,
  );
  each('duty_failures', 'How often in a row each duty failed.', 'duty', figures.dutyFailures);
  each('processes', 'Processes that were seen within the last minute, by role.', 'role', figures.processes);
  one(
    'tickets_oldest_due_seconds',
    'How long the oldest ticket waits whose time has come; 0 = none does.',
    figures.oldestTicketSeconds,
  );
  one(
    'outbox_oldest_due_seconds',
    'How long the oldest mail waits that could go out; 0 = none does.',
    figures.oldestOutboxSeconds,
  );
  one(
    'jobs_oldest_due_seconds',
    'How long the oldest job waits that could run; 0 = none does.',
    figures.oldestJobSeconds,
  );
  one(
    'deliveries_oldest_due_seconds',
    'How long the oldest webhook or callback waits that could go out; 0 = none does.',
    figures.oldestDeliverySeconds,
  );
  return registry;
}
