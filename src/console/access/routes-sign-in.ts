import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import { rateLimit } from '../rate-limit.ts';
import { browserInWords } from './browser-words.ts';
import { browserCookie, clearSession, setBrowser, setSession } from './cookies.ts';
import { signIn } from './credentials.ts';
import { isForeign } from './foreign.ts';
import { fieldsOf, line, text } from './form.ts';
import { localPath } from './next.ts';
import { isBusy } from './password.ts';
import type { AccessPorts, SignInPorts } from './ports.ts';
import { SAMPLE_AGENTS, sampleAgent } from './samples.ts';
import { endSession, startSession } from './sessions.ts';
import { browserMark, countedAs, forgetTries, takeTry } from './tries.ts';
import { ROLE_WORDS, type SignInView } from './view.ts';
import { refuseForeign, waitInWords } from './words.ts';

const SIGN_IN = page<SignInView>('access/sign-in');

/** For each address, whatever names it tries; for each name there is a count of its own. */
const LIMIT = { takesMax: 30, windowMs: 60_000, addressesMax: 10_000 };

export interface SignInRoutes extends SignInPorts {
  readonly access: AccessPorts;
}

export function signInRoutes(app: FastifyInstance, site: Site, ports: SignInRoutes): void {
  const { base } = site;
  const tries = rateLimit({ ...LIMIT, nowMs: () => performance.now() });
  const show = (reply: FastifyReply, { next = '/queue', ...asked }: Partial<SignInView>, status = 200) =>
    site.showPublic(
      reply,
      SIGN_IN,
      {
        page: { title: 'Sign in' },
        action: `${base}/sign-in`,
        next,
        nextEncoded: encodeURIComponent(next),
        name: '',
        problem: null,
        samples: ports.hasSamples
          ? SAMPLE_AGENTS.map(({ name, role }) => ({ name, role, what: ROLE_WORDS[role] }))
          : null,
        provider: ports.provider === null ? null : new URL(ports.provider.issuer).host,
        ...asked,
      },
      status,
    );

  app.get<{ Querystring: { readonly next?: unknown } }>(
    '/sign-in',
    { config: { access: 'public' } },
    async (request, reply) => {
      const next = localPath(request.query.next);
      const { sessionToken } = request;
      const agent = sessionToken === null ? null : await ports.access.findSession(sessionToken);
      return agent === null ? show(reply, { next }) : reply.redirect(`${base}${next}`, 303);
    },
  );

  /** Leaves the session that was, and goes on in the new one. */
  const goOn = async (request: FastifyRequest, reply: FastifyReply, token: string, next: string) => {
    if (request.sessionToken !== null) await endSession(ports.db, request.sessionToken);
    return setSession(reply, site, token).redirect(`${base}${next}`, 303);
  };

  app.post('/sign-in', { config: { access: 'public' } }, async (request, reply) => {
    if (isForeign(request, site.origin)) return refuseForeign(site, reply);
    const { name, password, code, next: asked } = fieldsOf(request, FIELDS);
    const next = localPath(asked);
    const refuse = (problem: string, status: number) => show(reply, { next, name, problem }, status);
    const counted = countedAs(ports.key, name, request.cookies[browserCookie(site)]);
    const waitSeconds =
      tries.take(request.ip) || (isBusy() ? BUSY_SECONDS : await takeTry(ports.db, counted));
    if (waitSeconds > 0) {
      site.log('warn', 'a sign-in was not looked at: too many tries', { waitSeconds });
      reply.header('retry-after', waitSeconds);
      return refuse(`Too many tries. Please wait ${waitInWords(waitSeconds)}, then try again.`, 429);
    }
    const browser = browserInWords(request.headers['user-agent']);
    const session = await signIn(ports, { name, password, code, browser });
    if (session === null) {
      site.log('warn', 'a sign-in was refused', {});
      return refuse(WRONG, 422);
    }
    await forgetTries(ports.db, counted);
    setBrowser(reply, site, browserMark(ports.key, session.name));
    return goOn(request, reply, session.token, next);
  });

  app.post('/sign-out', { config: { access: 'viewer' } }, async (request, reply) => {
    if (request.sessionToken !== null) await endSession(ports.db, request.sessionToken);
    return clearSession(reply, site).redirect(`${base}/sign-in`, 303);
  });

  // Where anything is real there is no such address.
  if (!ports.hasSamples) return;
  app.post('/sign-in/sample', { config: { access: 'public' } }, async (request, reply) => {
    if (isForeign(request, site.origin)) return refuseForeign(site, reply);
    const { name, next } = fieldsOf(request, FIELDS);
    const agentId = await sampleAgent(ports.db, name);
    if (agentId === null) return show(reply, { problem: 'There is no such sample agent.' }, 422);
    const browser = browserInWords(request.headers['user-agent']);
    return goOn(request, reply, await startSession(ports.db, agentId, browser), localPath(next));
  });
}

const BUSY_SECONDS = 5;

/** The same whatever was wrong. */
const WRONG = 'Name, password and code do not belong together. A code counts once: wait for the next one.';

const FIELDS = { name: line(80), password: text(400), code: line(40), next: line(1_024) };
