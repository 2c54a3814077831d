import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../../domain/agents.ts';
import type { Area, Site } from '../areas.ts';
import { page } from '../pages.ts';
import { readAssignees } from './assignees.ts';
import { readQuery } from './filter.ts';
import { readBack, readOrder, readTold, toldIn } from './order.ts';
import type { Assigned, QueuePorts } from './ports.ts';
import { readCounts, readQueue } from './read-queue.ts';
import { searchArea } from './search-area.ts';
import { type QueueView, queueView, refusalWords } from './view.ts';

const QUEUE = page<QueueView>('queue/list');
/** A hundred numbers of tickets and the hidden field. */
const ORDER_BYTES_MAX = 8_192;

/** What waits for a person, and everything else. */
export const queueArea =
  (ports: QueuePorts): Area =>
  (app, site) => {
    searchArea(ports)(app, site);
    app.get('/queue', { config: { access: 'viewer' } }, async (request, reply) =>
      showQueue(ports, site, { request, reply }, request.query),
    );
    app.post(
      '/queue/assign',
      { config: { access: 'agent' }, bodyLimit: ORDER_BYTES_MAX },
      async (request, reply) => {
        const order = readOrder(request.body);
        const back = readBack(request.body);
        const by = request.agent?.agentId ?? 0;
        const query = Object.fromEntries(new URLSearchParams(back.split('?')[1]));
        const refuse = (refusal: readonly string[]) =>
          showQueue(ports, site, { request, reply }, query, { refusal, ticked: order?.ticket ?? [] });
        if (order === null) return refuse(['Tick the tickets first, and choose to whom they go.']);
        const assignee = order.to === 'me' ? by : order.to === 'nobody' ? null : order.to;
        const assigned = await ports.assign({ tickets: order.ticket, assignee, by });
        if (assigned.kind !== 'done') return refuse(refusalWords(assigned));
        return reply.redirect(`${site.base}${placeAfter(back, assigned, assignee)}`, 303);
      },
    );
  };

/** The place where the form stood, with what was done. */
function placeAfter(
  back: string,
  { changed }: Extract<Assigned, { kind: 'done' }>,
  assignee: number | null,
): string {
  const [path = '', query] = back.split('?');
  if (path !== '/queue') return path;
  const told = new URLSearchParams(query);
  told.set('given', toldIn(changed, assignee));
  return `${path}?${told}`;
}

async function showQueue(
  { db, sentence }: QueuePorts,
  { base, show }: Site,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  query: unknown,
  refused: { readonly refusal: readonly string[]; readonly ticked: readonly number[] } | null = null,
): Promise<FastifyReply> {
  const { filter, cursor } = readQuery(query);
  const agentId = request.agent?.agentId ?? 0;
  const [found, counts, agents] = await Promise.all([
    readQueue(db, filter, cursor, agentId),
    readCounts(db),
    readAssignees(db),
  ]);
  const view = queueView({
    filter,
    cursor,
    found,
    counts,
    agents,
    agentId,
    canAssign: mayAct(request.agent?.role ?? 'viewer', 'agent'),
    told: refused === null ? readTold(query) : null,
    refusal: refused?.refusal ?? [],
    ticked: refused?.ticked ?? [],
    base,
    sentence,
  });
  return show(request, reply, QUEUE, view, refused === null ? 200 : 422);
}
