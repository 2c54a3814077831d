/** Who may call which route. A route that does not say so does not start. */
import Csrf from '@fastify/csrf';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AgentRole, mayAct } from '../../domain/agents.ts';
import { type Published, sessionCookie } from './cookies.ts';
import { isForeign } from './foreign.ts';
import type { AccessPorts, SignedIn } from './ports.ts';

/** `public`: anybody; `token`: programs with a token that the route itself checks; else agents from that role on. */
export type Access = 'public' | 'token' | AgentRole;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** No sign that anybody is there: a page listens, and nobody need look at it. */
    isUnattended?: true;
  }
  interface FastifyRequest {
    /** Set on every route that is for agents. */
    agent: SignedIn | null;
    /** What the session's cookie holds, whether there is such a session or not. */
    sessionToken: string | null;
  }
}

/** Where the desk is published without TLS. */
export const SESSION_COOKIE = sessionCookie({ origin: 'http:', base: '' });

export interface GuardOptions extends Published {
  readonly access: AccessPorts;
  /** Answers with a page that loads the same address once more. */
  readonly askAgain: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
  /** Answers as if nothing was there: the same for what is not allowed and for what does not exist. */
  readonly hide: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
  /** Answers a form that was not sent from one of our pages, or from one that is too old. */
  readonly refuseForm: (request: FastifyRequest, reply: FastifyReply) => FastifyReply;
}

/** Has to be registered before any route. */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  const { access, base, origin } = options;
  const cookie = sessionCookie(options);
  app.decorateRequest('agent', null);
  app.decorateRequest('sessionToken', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined)
      throw new TypeError(`the route ${route.url} does not say who may call it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    request.sessionToken = request.cookies[cookie] ?? null;
    const needed = request.routeOptions.config.access;
    if (needed === undefined || needed === 'public' || needed === 'token') return;
    const token = request.sessionToken;
    if (token === null && comesFromElsewhere(request)) return options.askAgain(request, reply);
    const agent =
      token === null ? null : await access.findSession(token, { isUnattended: isUnattended(request) });
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

/** Our own script asks for it while nobody does anything: without this a window left open would never sign out. */
const isUnattended = ({ headers, routeOptions }: FastifyRequest): boolean =>
  headers[UNATTENDED] !== undefined || routeOptions.config.isUnattended === true;

/** The header that says so. */
const UNATTENDED = 'purgedesk-unattended';

/** The hidden field of every form: it is of one session, and salted anew on each page. */
export const formToken = (request: FastifyRequest): string => forms.create(request.sessionToken ?? '');

function isOurForm({ body, sessionToken }: FastifyRequest): boolean {
  const field = typeof body === 'object' && body !== null && '_csrf' in body ? body._csrf : undefined;
  return typeof field === 'string' && sessionToken !== null && forms.verify(sessionToken, field);
}

const forms = new Csrf.Tokens({ algorithm: 'sha256' });

const isReading = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD';

/**
 * Whoever follows a link in a mail or a chat comes without the cookie, which browsers keep to themselves then. A page of
 * ours that goes on to the same address comes from here, and has it.
 */
const comesFromElsewhere = (request: FastifyRequest): boolean =>
  request.method === 'GET' &&
  request.headers['sec-fetch-site'] === 'cross-site' &&
  request.headers['sec-fetch-mode'] === 'navigate';

/** A page leads to the sign-in and back; a program in the page is told in a status. */
function askToSignIn(request: FastifyRequest, reply: FastifyReply, base: string): FastifyReply {
  const mode = request.headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'navigate') return reply.code(401).send();
  const next = isReading(request) ? `?next=${encodeURIComponent(request.url)}` : '';
  return reply.redirect(`${base}/sign-in${next}`, 303);
}
