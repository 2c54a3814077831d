/** What agents do by hand in a purge: each item with the evidence that it was done. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import { STATE_WORDS } from '../ticket/state-words.ts';
import { NEEDED } from './acts.ts';
import { type ActionFacts, readActionFacts } from './facts.ts';
import { EVIDENCE_LENGTH_MAX, ticketOfPath, wordsIn } from './form.ts';
import type { ActionPorts, ChecklistItem } from './ports.ts';

interface ChecklistView {
  readonly page: { readonly title: string };
  readonly reference: string;
  readonly state: { readonly label: string; readonly tone: string };
  readonly problem: string | null;
  readonly done: string;
  readonly items: readonly ItemView[];
}

interface ItemView {
  /** Unique on the page. */
  readonly key: string;
  readonly step: number;
  readonly item: string;
  readonly store: string;
  readonly text: string;
  readonly ticked: ChecklistItem['ticked'];
  readonly isDue: boolean;
  readonly value: string;
  readonly error: string | null;
}

const CHECKLIST = page<ChecklistView>('actions/checklist');
const PATH = '/tickets/:reference/checklist';
const BODY_LIMIT = 32_768;

const TICK = z.object({
  step: z.coerce.number().int().min(1).max(999_999),
  item: z.string().min(1).max(200),
});

export function checklistRoutes(app: FastifyInstance, site: Site, ports: ActionPorts): void {
  const config = { access: NEEDED.checklist };
  app.get(PATH, { config }, async (request, reply) => {
    const facts = await factsOf(ports, request);
    if (facts === null) return site.hide(request, reply);
    return show(site, ports, facts, request, reply, {});
  });
  app.post(PATH, { config, bodyLimit: BODY_LIMIT }, async (request, reply) => {
    const facts = await factsOf(ports, request);
    if (facts === null || request.agent === null) return site.hide(request, reply);
    const named = TICK.safeParse(request.body);
    if (!named.success)
      return show(site, ports, facts, request, reply, { problem: 'There is no such item.' });
    const { step, item } = named.data;
    const typed = wordsIn(request.body, 'evidence', EVIDENCE_LENGTH_MAX);
    const tried = { key: `${step}-${item}`, value: typed.value };
    if (typed.error !== null)
      return show(site, ports, facts, request, reply, { tried: { ...tried, error: typed.error } });
    const { name: agent } = request.agent;
    const order = { ticketId: facts.id, agent, reason: typed.value, step, item };
    const ticked = await ports.tick(order);
    const here = `${site.base}/tickets/${facts.reference}`;
    if ('left' in ticked) return reply.redirect(ticked.left === 0 ? here : `${here}/checklist`, 303);
    const now = (await ports.checklist(facts.id)).find((line) => line.step === step && line.item === item);
    // What the first press did is not refused to the second.
    if (now?.ticked?.by === agent) return reply.redirect(`${here}/checklist`, 303);
    return show(site, ports, facts, request, reply, {
      problem: `${facts.reference} takes no tick: ${ticked.why}. Nothing was changed.`,
      tried: { ...tried, error: null },
    });
  });
}

async function factsOf(ports: ActionPorts, request: FastifyRequest): Promise<ActionFacts | null> {
  const id = ticketOfPath(request.params);
  return id === null ? null : readActionFacts(ports.db, id);
}

interface Refused {
  readonly problem?: string;
  readonly tried?: { readonly key: string; readonly value: string; readonly error: string | null };
}

async function show(
  site: Site,
  ports: ActionPorts,
  { id, reference, state }: ActionFacts,
  request: FastifyRequest,
  reply: FastifyReply,
  { problem = '', tried }: Refused,
): Promise<FastifyReply> {
  const lines = await ports.checklist(id);
  const isRefused = problem !== '' || tried !== undefined;
  return site.show(
    request,
    reply,
    CHECKLIST,
    {
      page: { title: `Checklist · ${reference}` },
      reference,
      state: STATE_WORDS[state],
      problem: problem === '' ? null : problem,
      done: `${lines.filter(({ ticked }) => ticked !== null).length} of ${lines.length} done`,
      items: lines.map((line) => {
        const key = `${line.step}-${line.item}`;
        const mine = tried?.key === key ? tried : undefined;
        return {
          ...line,
          key,
          isDue: line.isDue && line.ticked === null,
          value: mine?.value ?? '',
          error: mine?.error ?? null,
        };
      }),
    },
    isRefused ? 422 : 200,
  );
}
