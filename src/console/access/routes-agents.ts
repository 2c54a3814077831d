import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AGENT_ROLES, isSameAgent, readAgentName } from '../../domain/agents.ts';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import {
  type AgentChange,
  type AgentOrder,
  addAgent,
  changeAgent,
  listAgents,
  type Orderer,
} from './agents.ts';
import { listActs } from './events.ts';
import { doneIn, fieldsOf, line } from './form.ts';
import type { SignInPorts } from './ports.ts';
import { type AgentsView, agentLine, type ChangeView, eventLine, REFUSALS, ROLE_WORDS } from './view.ts';

const AGENTS = page<AgentsView>('access/agents');
const CHANGE = page<ChangeView>('access/change');
const ADMIN = { config: { access: 'admin' as const } };
const EVENTS_SHOWN = 50;

/** Who works at the desk. */
export function agentsRoutes(app: FastifyInstance, site: Site, ports: SignInPorts): void {
  const { db } = ports;
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    more: Partial<AgentsView>,
    status = 200,
  ) => {
    const self = request.agent?.agentId ?? 0;
    const view: AgentsView = {
      page: { title: 'Agents' },
      problem: null,
      done: null,
      link: null,
      added: { name: '', email: '' },
      roles: rolesFor('agent'),
      agents: (await listAgents(db)).map((agent) => agentLine(agent, self)),
      events: (await listActs(db, EVENTS_SHOWN)).map(eventLine),
      ...more,
    };
    return site.show(request, reply, AGENTS, view, status);
  };
  const linkTo = (token: string): string => `${site.origin}${site.base}/set-up/${token}`;

  app.get<DoneRoute>('/agents', ADMIN, async (request, reply) =>
    show(request, reply, { done: doneIn(DONE, request.query.done) }),
  );

  app.post('/agents', ADMIN, async (request, reply) => {
    const fields = fieldsOf(request, ADDED);
    const role = roleOf(fields.role);
    const refuse = (problem: string) =>
      show(request, reply, { problem, added: fields, roles: rolesFor(role ?? 'agent') }, 422);
    const name = readAgentName(fields.name);
    if (name === null) return refuse(NAME);
    if (role === null) return refuse('Please choose a role.');
    if (fields.email !== '' && !EMAIL.test(fields.email)) return refuse('That is not an e-mail address.');
    const email = fields.email === '' ? null : fields.email;
    const change = await addAgent(db, ordererOf(request), { name, email, role });
    if (change.kind === 'refused') return refuse(REFUSALS[change.why]);
    return show(request, reply, { link: { href: linkTo(change.link ?? ''), name } });
  });

  const find = async ({ params }: FastifyRequest<AgentRoute>) =>
    (await listAgents(db)).find(({ id }) => String(id) === params.agent) ?? null;
  const showChange = async (
    request: FastifyRequest<AgentRoute>,
    reply: FastifyReply,
    problem: string | null,
  ) => {
    const agent = await find(request);
    if (agent === null) return site.hide(request, reply);
    const { id, name, role } = agent;
    return site.show(
      request,
      reply,
      CHANGE,
      {
        page: { title: name },
        id,
        name,
        role,
        isDisabled: agent.disabledAt !== null,
        problem,
        roles: rolesFor(role),
      },
      problem === null ? 200 : 422,
    );
  };

  app.get<AgentRoute>('/agents/:agent', ADMIN, async (request, reply) => showChange(request, reply, null));

  const order = (
    path: string,
    read: (request: FastifyRequest<AgentRoute>, name: string) => AgentOrder | string,
    finish: (change: Done, request: FastifyRequest, reply: FastifyReply, name: string) => unknown,
  ) =>
    app.post<AgentRoute>(`/agents/:agent/${path}`, ADMIN, async (request, reply) => {
      const agent = await find(request);
      if (agent === null) return site.hide(request, reply);
      const asked = read(request, agent.name);
      if (typeof asked === 'string') return showChange(request, reply, asked);
      const change = await changeAgent(db, ordererOf(request), agent.id, asked);
      if (change.kind === 'refused') return showChange(request, reply, REFUSALS[change.why]);
      return finish(change, request, reply, agent.name);
    });
  const back = (done: string) => (_change: Done, _request: FastifyRequest, reply: FastifyReply) =>
    reply.redirect(`${site.base}/agents?done=${done}`, 303);

  order('role', readRole, back('role'));
  order('enable', () => ({ what: 'enabled' }), back('enabled'));
  order('disable', confirmed({ what: 'disabled' }), back('disabled'));
  order('reset', confirmed({ what: 'reset' }), ({ link }, request, reply, name) =>
    show(request, reply, { link: { href: linkTo(link ?? ''), name } }),
  );
}

type Done = Extract<AgentChange, { kind: 'done' }>;

interface AgentRoute {
  Params: { readonly agent: string };
}

interface DoneRoute {
  Querystring: { readonly done?: unknown };
}

function readRole(request: FastifyRequest): AgentOrder | string {
  const role = roleOf(fieldsOf(request, ADDED).role);
  return role === null ? 'Please choose a role.' : { what: 'role', role };
}

/** Whoever takes something away types whose it is. */
const confirmed =
  (order: AgentOrder) =>
  (request: FastifyRequest, name: string): AgentOrder | string => {
    const typed = fieldsOf(request, CONFIRMED).confirm;
    return typed !== '' && isSameAgent(typed, name)
      ? order
      : `Please type the name “${name}” to confirm. Nothing was changed.`;
  };

function ordererOf({ agent }: FastifyRequest): Orderer {
  if (agent === null) throw new TypeError('nobody orders');
  return { id: agent.agentId, name: agent.name };
}

const roleOf = (text: string) => AGENT_ROLES.find((role) => role === text) ?? null;

const rolesFor = (chosen: string) =>
  AGENT_ROLES.map((role) => ({ role, what: ROLE_WORDS[role], isChosen: role === chosen }));

/** One plain address; whether it is theirs shows when they sign in. */
const EMAIL = /^[^\s@<>",;]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;
const NAME =
  'A name begins with a letter or digit and has letters, digits, spaces and . _ @ - only, 80 at most.';
const ADDED = { name: line(80), email: line(254), role: line(20) };
const CONFIRMED = { confirm: line(80) };

const DONE: Readonly<Record<string, string>> = {
  role: 'The role is changed; their sessions have ended.',
  enabled: 'They may sign in again.',
  disabled: 'They may not sign in any more; their sessions have ended.',
};
