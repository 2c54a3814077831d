import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayAct } from '../../domain/agents.ts';
import { parseReference } from '../../domain/ids.ts';
import { listActs } from '../access/events.ts';
import type { Area } from '../areas.ts';
import { page } from '../pages.ts';
import type { AuditPorts } from './ports.ts';
import { type AuditQuery, listAnchors, listEvents, listImports } from './read-audit.ts';
import { type AuditView, auditView, type Shown } from './view.ts';

const AUDIT = page<AuditView>('audit/show');
/** Of lists that have no further page: the command line has all of them. */
const LISTED = 100;

/** Everything that was decided, by whom, and what ties it together. Nothing here changes anything. */
export const auditArea =
  (ports: AuditPorts): Area =>
  (app, site) => {
    app.get('/audit', { config: { access: 'viewer' } }, async (request, reply) => {
      const query = QUERY.parse(request.query);
      const isAdmin = mayAct(request.agent?.role ?? 'viewer', 'admin');
      const show = query.show === 'agents' && !isAdmin ? 'events' : query.show;
      const found = await read(ports, show, query);
      const isUnreadable = query.ticket !== '' && parseReference(query.ticket) === null;
      return site.show(
        request,
        reply,
        AUDIT,
        auditView(found, {
          ...query,
          show,
          isUnreadable,
          isAdmin,
          base: site.base,
          mayCheck: mayCheck(request),
        }),
      );
    });
  };

const mayCheck = ({ agent }: FastifyRequest): boolean => mayAct(agent?.role ?? 'viewer', 'agent');

const word = z
  .string()
  .trim()
  .max(100)
  .regex(/^[^\0]*$/)
  .catch('');

/** What cannot be read is as if it had not been asked for. */
const QUERY = z.object({
  show: z.enum(['events', 'agents', 'imports', 'anchors', 'checks']).catch('events'),
  ticket: word,
  agent: word,
  before: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).nullable().catch(null),
});

async function read(ports: AuditPorts, show: Shown['show'], query: z.infer<typeof QUERY>): Promise<Shown> {
  switch (show) {
    case 'events': {
      const ticketId = parseReference(query.ticket);
      const wanted: AuditQuery = { ticketId, agent: query.agent, before: query.before };
      const isNowhere = query.ticket !== '' && ticketId === null;
      return { show, events: isNowhere ? [] : await listEvents(ports.db, wanted) };
    }
    case 'agents':
      return { show, acts: await listActs(ports.db, LISTED) };
    case 'imports':
      return { show, imports: await listImports(ports.db, LISTED) };
    case 'anchors':
      return { show, anchors: await listAnchors(ports.db, LISTED) };
    case 'checks':
      return { show, checks: await ports.checks(LISTED) };
  }
}
