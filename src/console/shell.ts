/** The frame around every page for agents. */
import type { FastifyRequest } from 'fastify';
import { type AgentRole, mayAct } from '../domain/agents.ts';
import { formToken } from './access/guard.ts';
import type { Alarm } from './alarms.ts';

export interface Shell {
  readonly agent: { readonly name: string; readonly role: string };
  readonly csrf: string;
  readonly alarms: readonly Alarm[];
  readonly nav: readonly { readonly href: string; readonly label: string; readonly isHere: boolean }[];
}

/** Each area's entrance: what it is called and from which role on it can be entered. */
const ENTRANCES: readonly (readonly [path: string, label: string, needed: AgentRole])[] = [
  ['/queue', 'Queue', 'viewer'],
  ['/mails', 'Mails', 'viewer'],
  ['/outbox', 'Outbox', 'viewer'],
  ['/templates', 'Templates', 'viewer'],
  ['/operations', 'Operations', 'viewer'],
  ['/insight', 'Insight', 'viewer'],
  ['/webhooks', 'API', 'viewer'],
  ['/agents', 'Agents', 'admin'],
];

/** @param path - the page's own, without the base */
export function shellOf(request: FastifyRequest, base: string): Shell {
  const { agent } = request;
  if (agent === null) throw new TypeError('a page for agents was asked for by nobody');
  const path = request.routeOptions.url ?? '';
  return {
    agent: { name: agent.name, role: agent.role },
    csrf: formToken(request),
    alarms: request.alarms,
    nav: ENTRANCES.filter(([, , needed]) => mayAct(agent.role, needed)).map(([entrance, label]) => ({
      href: `${base}${entrance}`,
      label,
      isHere:
        path === entrance ||
        path.startsWith(`${entrance}/`) ||
        (entrance === '/queue' && path.startsWith('/tickets/')) ||
        (entrance === '/operations' && (path.startsWith('/directory') || path.startsWith('/audit'))) ||
        (entrance === '/webhooks' && path.startsWith('/api-tokens')),
    })),
  };
}
