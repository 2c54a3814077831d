/** Who may call which route. A route that does not say so does not start. */
import Csrf from '@fastify/csrf';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AgentRole, mayAct } from '../../domain/agents.ts';
import { isForeign } from './foreign.ts';
import type { AccessPorts, SignedIn } from './ports.ts';

/** `public`: anybody; `token`: programs with a token that the route itself checks; else agents from that role on. */
export type Access = 'public' | 'token' | AgentRole;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Set on every route that is for agents. */
    agent: SignedIn | null;
  }
}

export const SESSION_COOKIE = 'purgedesk_session';

export interface GuardOptions {
  readonly access: AccessPorts;
  readonly base: string;
  /** Scheme, host and port of the published address. */
  readonly origin: string;
  /** Answers as if nothing was there: the same for what is not allowed and for what does not exist. */
  readonly hide: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
  /** Answers a form that was not sent from one of our pages, or from one that is too old. */
  readonly refuseForm: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

/** Has to be registered before any route. */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  const { access, base, origin } = options;
  app.decorateRequest('agent', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined)
      throw new TypeError(`the route ${route.url} does not say who may call it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const needed = request.routeOptions.config.access;
    if (needed === undefined || needed === 'public' || needed === 'token') return;
    const token = request.cookies[SESSION_COOKIE];
    const agent = token === undefined ? null : await access.findSession(token);
    if (agent === null) return askToSignIn(request, reply, base);
    if (!mayAct(agent.role, needed)) return options.hide(request, reply);
    request.agent = agent;
    if (isReading(request)) return;
    if (isForeign(request, origin)) return options.refuseForm(request, reply);
  });
  app.addHook('preHandler', async (request, reply) => {
    if (request.agent === null || isReading(request)) return;
    if (!isOurForm(request)) return options.refuseForm(request, reply);
  });
}

/** The hidden field of every form: it is of one session, and salted anew on each page. */
export const formToken = (request: FastifyRequest): string =>
  forms.create(request.cookies[SESSION_COOKIE] ?? '');

function isOurForm({ body, cookies }: FastifyRequest): boolean {
  const field = typeof body === 'object' && body !== null && '_csrf' in body ? body._csrf : undefined;
  const session = cookies[SESSION_COOKIE];
  return typeof field === 'string' && session !== undefined && forms.verify(session, field);
}

const forms = new Csrf.Tokens({ algorithm: 'sha256' });

const isReading = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/** A page leads to the sign-in and back; a program in the page is told in a status. */
function askToSignIn(request: FastifyRequest, reply: FastifyReply, base: string): FastifyReply {
  const mode = request.headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'navigate') return reply.code(401).send();
  const next = isReading(request) ? `?next=${encodeURIComponent(request.url)}` : '';
  return reply.redirect(`${base}/sign-in${next}`, 303);
}
