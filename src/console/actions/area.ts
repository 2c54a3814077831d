import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../../domain/agents.ts';
import type { Area, Site } from '../areas.ts';
import { page } from '../pages.ts';
import { askedInWords } from '../ticket/what-is-asked.ts';
import { type ActView, actView, NOT_TRIED, REASON_MAX_OF, type Tried } from './act-view.ts';
import { mostUrgent, NEEDED, neededToRelease } from './acts.ts';
import { checklistRoutes } from './checklist.ts';
import { correctRoutes } from './correct.ts';
import { requestLines } from './correct-words.ts';
import { type ActionFacts, type Asked, readActionFacts, readAsked, readRemarks } from './facts.ts';
import { confirmationIn, fieldIn, formIn, holdIn, ticketOfPath, wordsIn } from './form.ts';
import type { ActionPorts, Done, Order } from './ports.ts';
import type { PlainAct, Sight } from './sight.ts';

const ACT = page<ActView>('actions/act');

const PLAIN_ACTS = [
  'approve',
  'vouch',
  'residue',
  'retry',
  'hold',
  'release',
  'note',
  'cancel',
  'reject',
] as const;
/** Bytes: a reason in any script, percent-encoded; a note. */
const BODY_LIMIT = 16_384;
const NOTE_BODY_LIMIT = 65_536;

/** Everything that an agent can do with one ticket. Each act is a page that says what will happen, and a form. */
export const actionsArea =
  (ports: ActionPorts): Area =>
  (app, site) => {
    for (const act of PLAIN_ACTS) actRoutes(app, site, ports, act);
    checklistRoutes(app, site, ports);
    correctRoutes(app, site, ports);
  };

function actRoutes(app: FastifyInstance, site: Site, ports: ActionPorts, act: PlainAct): void {
  const path = `/tickets/:reference/${act}`;
  const config = { access: NEEDED[act] };
  app.get(path, { config }, async (request, reply) => {
    const sight = await sightOf(ports, request, request.query);
    if (sight === null || !mayDo(act, sight, request)) return site.hide(request, reply);
    return site.show(request, reply, ACT, actView(act, sight));
  });
  const bodyLimit = act === 'note' ? NOTE_BODY_LIMIT : BODY_LIMIT;
  app.post(path, { config, bodyLimit }, async (request, reply) => {
    const sight = await sightOf(ports, request, request.body);
    if (sight === null || !mayDo(act, sight, request)) return site.hide(request, reply);
    return perform(site, ports, act, sight, request, reply);
  });
}

/** Some holds take more than others. */
const mayDo = (act: PlainAct, { facts, hold }: Sight, { agent }: FastifyRequest): boolean =>
  act !== 'release' ||
  hold === null ||
  (agent !== null && mayAct(agent.role, neededToRelease(facts, hold.reason)));

async function sightOf(ports: ActionPorts, request: FastifyRequest, named: unknown): Promise<Sight | null> {
  const id = ticketOfPath(request.params);
  const facts = id === null ? null : await readActionFacts(ports.db, id);
  const asked = id === null ? null : await readAsked(ports.db, id);
  if (facts === null || asked === null || request.agent === null) return null;
  const wanted = holdIn(named);
  return {
    facts,
    agent: request.agent.name,
    approvals: ports.approvals,
    hold:
      wanted === null
        ? mostUrgent(facts.holds)
        : (facts.holds.find(({ reason }) => reason === wanted) ?? null),
    sentence: sentenceOf(ports, facts, asked),
    lines: requestLines(asked.request),
    seen: ports.digestOf(asked.request),
    remarks: await readRemarks(ports.db, facts.id),
  };
}

const sentenceOf = (ports: ActionPorts, { scope, isErased }: ActionFacts, { target }: Asked): string =>
  askedInWords(
    {
      target,
      scope,
      users: target?.users.length ?? 0,
      workspaces: target?.workspaces.length ?? 0,
      erased_at: isErased ? new Date(0) : null,
    },
    ports.targetInWords,
  );

async function perform(
  site: Site,
  ports: ActionPorts,
  act: PlainAct,
  sight: Sight,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { facts, agent } = sight;
  const { reference } = facts;
  const home = `${site.base}/tickets/${reference}`;
  // What was done by the first press is not refused to the second.
  if (isDoneBy(agent, act, facts)) return reply.redirect(home, 303);
  const asked = actView(act, sight);
  if (asked.form === null) return site.show(request, reply, ACT, asked, 422);
  const tried: Tried = {
    problem: null,
    reason: wordsIn(request.body, 'reason', REASON_MAX_OF(act)),
    confirm: asked.form.confirm === null ? NOT_TRIED.confirm : confirmationIn(request.body, reference),
  };
  if (tried.reason.error !== null || tried.confirm.error !== null)
    return site.show(request, reply, ACT, actView(act, sight, tried), 422);
  const order = { ticketId: facts.id, agent, reason: tried.reason.value };
  const done = await carryOut(ports, act, sight, order, request.body);
  if (done.kind === 'done') return reply.redirect(home, 303);
  const now = await sightOf(ports, request, request.body);
  if (done.kind === 'gone' || now === null) return site.hide(request, reply);
  if (isDoneBy(agent, act, now.facts)) return reply.redirect(home, 303);
  return site.show(request, reply, ACT, actView(act, now, { ...tried, problem: problemOf(done, now) }), 422);
}

function carryOut(
  ports: ActionPorts,
  act: PlainAct,
  { facts, hold }: Sight,
  order: Order,
  body: unknown,
): Promise<Done> {
  switch (act) {
    case 'hold':
      return ports.hold(order);
    case 'release':
      return hold === null
        ? Promise.resolve({ kind: 'refused', code: 'no_change', why: 'there is no such hold any more' })
        : ports.release({ ...order, hold: hold.reason, seen: Number(fieldIn(body, 'seen')) });
    case 'note':
      return ports.note({ ...order, form: formIn(body) });
    case 'cancel':
      return ports.close({ ...order, as: 'cancelled' });
    case 'reject':
      return ports.close({ ...order, as: 'rejected' });
    case 'vouch':
      return ports.vouch({ ...order, seen: fieldIn(body, 'seen').slice(0, 64) });
    case 'approve':
      return ports.approve({ ...order, planHash: fieldIn(body, 'plan').slice(0, 64) });
    case 'residue':
      return ports.acceptResidue(order);
    case 'retry':
      return ports.retryStore({ ...order, store: facts.step?.store ?? '' });
  }
}

const EVENTS: Partial<Record<PlainAct, string>> = {
  hold: 'held',
  cancel: 'cancelled_by_agent',
  reject: 'rejected_by_agent',
  vouch: 'vouched',
};

/** Nobody has done anything since this agent did just that. */
const isDoneBy = (agent: string, act: PlainAct, { lastEvent }: ActionFacts): boolean =>
  lastEvent !== null && lastEvent.type === EVENTS[act] && lastEvent.actor === `agent:${agent}`;

/** Why it was refused, and who was faster, if somebody was. */
function problemOf(
  done: Extract<Done, { readonly kind: 'refused' }>,
  { facts: { reference, lastEvent }, agent }: Pick<Sight, 'facts' | 'agent'>,
): string {
  if (done.code === 'plan_changed')
    return 'The plan has changed since you looked at it. Nothing was approved; please look at the plan as it is now.';
  if (done.code === 'held_again')
    return 'It was held again since you looked. Nothing was released; please look at the hold as it is now.';
  const actor = lastEvent?.actor ?? '';
  const other =
    actor.startsWith('agent:') && actor !== `agent:${agent}` ? actor.slice('agent:'.length) : null;
  const faster = other === null ? '' : ` ${other} was faster.`;
  return `${reference} does not take this: ${done.why}. Nothing was changed.${faster}`;
}
