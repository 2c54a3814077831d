import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../../domain/agents.ts';
import type { Area, Site } from '../areas.ts';
import { page } from '../pages.ts';
import { readAssignees } from './assignees.ts';
import { readQuery } from './filter.ts';
import { readBack, readOrder, readTold, toldIn } from './order.ts';
import type { Assigned, QueuePorts } from './ports.ts';
import { readCounts, readQueue } from './read-queue.ts';
import { readSavedViews, removeView, saveView } from './saved-views.ts';
import { searchRoutes } from './search-area.ts';
import { type QueueView, queueView, refusalWords, SAVE_REFUSALS } from './view.ts';

const QUEUE = page<QueueView>('queue/list');
/** A hundred numbers of tickets and the hidden field. */
const ORDER_BYTES_MAX = 8_192;

/** What waits for a person, and everything else. */
export const queueArea =
  (ports: QueuePorts): Area =>
  (app, site) => {
    searchRoutes(ports, app, site);
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
          showQueue(ports, site, { request, reply }, query, {
            ...NOT_REFUSED,
            refusal,
            ticked: order?.ticket ?? [],
          });
        if (order === null) return refuse(['Tick the tickets first, and choose to whom they go.']);
        const assignee = order.to === 'me' ? by : order.to === 'nobody' ? null : order.to;
        const assigned = await ports.assign({ tickets: order.ticket, assignee, by });
        if (assigned.kind !== 'done') return refuse(refusalWords(assigned));
        return reply.redirect(`${site.base}${placeAfter(back, assigned, assignee)}`, 303);
      },
    );
    app.post('/queue/views', { config: { access: 'viewer' } }, async (request, reply) => {
      const back = readBack(request.body);
      const query = Object.fromEntries(new URLSearchParams(back.split('?')[1]));
      const name = (request.body as { readonly name?: unknown } | null)?.name;
      const saved = await saveView(ports.db, request.agent?.agentId ?? 0, name, readQuery(query).filter);
      if (saved === 'saved') return reply.redirect(`${site.base}${back}`, 303);
      return showQueue(ports, site, { request, reply }, query, {
        ...NOT_REFUSED,
        saving: { name: typeof name === 'string' ? name : '', problem: SAVE_REFUSALS[saved] },
      });
    });
    app.post('/queue/views/:id/remove', { config: { access: 'viewer' } }, async (request, reply) => {
      const id = Number((request.params as { readonly id: string }).id);
      if (Number.isSafeInteger(id)) await removeView(ports.db, request.agent?.agentId ?? 0, id);
      return reply.redirect(`${site.base}${readBack(request.body)}`, 303);
    });
  };

/** What a form was not taken for, to be shown beside it. */
interface Refused {
  readonly refusal: readonly string[];
  readonly ticked: readonly number[];
  readonly saving: { readonly name: string; readonly problem: string } | null;
}

const NOT_REFUSED: Refused = { refusal: [], ticked: [], saving: null };

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
  refused: Refused | null = null,
): Promise<FastifyReply> {
  const { filter, cursor } = readQuery(query);
  const agentId = request.agent?.agentId ?? 0;
  const [found, counts, agents, saved] = await Promise.all([
    readQueue(db, filter, cursor, agentId),
    readCounts(db),
    readAssignees(db),
    readSavedViews(db, agentId),
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
    ...(refused ?? NOT_REFUSED),
    saved,
    base,
    sentence,
  });
  return show(request, reply, QUEUE, view, refused === null ? 200 : 422);
}
