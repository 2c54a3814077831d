import type { FastifyInstance } from 'fastify';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import { rateLimit } from '../rate-limit.ts';
import { browserInWords } from './browser-words.ts';
import { setBrowser, setSession } from './cookies.ts';
import { digitsOf, setUp } from './credentials.ts';
import { isForeign } from './foreign.ts';
import { fieldsOf, line, text } from './form.ts';
import { findLink, LINK_HOURS } from './links.ts';
import { weaknessOf } from './password.ts';
import type { SignInPorts } from './ports.ts';
import { startSession } from './sessions.ts';
import { enrolment, offeredSecret, stepOf } from './totp.ts';
import { browserMark } from './tries.ts';
import type { CodesView, SetUpView } from './view.ts';
import { refuseForeign, showWords } from './words.ts';

const SET_UP = page<SetUpView>('access/set-up');
const CODES = page<CodesView>('access/codes');
const LIMIT = { takesMax: 30, windowMs: 60_000, addressesMax: 10_000 };

/** Behind the link that an admin hands out: a password of one's own, and the app that makes the codes. */
export function setUpRoutes(app: FastifyInstance, site: Site, ports: SignInPorts): void {
  const posts = rateLimit({ ...LIMIT, nowMs: () => performance.now() });
  const viewOf = (token: string, name: string, secret: Uint8Array): SetUpView => ({
    page: { title: 'Set up your access' },
    action: `${site.base}/set-up/${token}`,
    name,
    passwordProblem: null,
    codeProblem: null,
    enrolment: enrolment(secret, name, ports.deskName),
  });
  const gone = {
    heading: 'This link no longer counts',
    paragraphs: [
      `It was used before, is older than ${LINK_HOURS} hours, or was replaced by a newer one.`,
      'Please ask an admin of the desk for a new one.',
    ],
    href: `${site.base}/sign-in`,
    label: 'To the sign-in',
  };

  app.get<TokenRoute>('/set-up/:link', { config: { access: 'public' } }, async (request, reply) => {
    const token = request.params.link;
    const link = await findLink(ports.db, token);
    if (link === null) return showWords(site, reply, gone, 404);
    return site.showPublic(reply, SET_UP, viewOf(token, link.name, offeredSecret(ports.key, token)));
  });

  app.post<TokenRoute>('/set-up/:link', { config: { access: 'public' } }, async (request, reply) => {
    if (isForeign(request, site.origin)) return refuseForeign(site, reply);
    const waitSeconds = posts.take(request.ip);
    if (waitSeconds > 0) {
      reply.header('retry-after', waitSeconds);
      return showWords(site, reply, { ...gone, ...TOO_MANY }, 429);
    }
    const token = request.params.link;
    const link = await findLink(ports.db, token);
    if (link === null) return showWords(site, reply, gone, 404);
    const { password, code } = fieldsOf(request, FIELDS);
    const secret = offeredSecret(ports.key, token);
    const step = stepOf(secret, digitsOf(code), Date.now());
    const passwordProblem = weaknessOf(password, link.name);
    if (passwordProblem !== null || step === null) {
      const codeProblem = step === null ? WRONG_CODE : null;
      return site.showPublic(
        reply,
        SET_UP,
        { ...viewOf(token, link.name, secret), passwordProblem, codeProblem },
        422,
      );
    }
    const codes = await setUp(ports, { ...link, token }, { password, secret, step });
    if (codes === null) return showWords(site, reply, gone, 404);
    const browser = browserInWords(request.headers['user-agent']);
    setSession(reply, site, await startSession(ports.db, link.agentId, browser));
    setBrowser(reply, site, browserMark(ports.key, link.name));
    return site.showPublic(reply, CODES, {
      page: { title: 'Your recovery codes' },
      heading: `You are all set, ${link.name}`,
      codes,
      href: `${site.base}/queue`,
    });
  });
}

interface TokenRoute {
  Params: { readonly link: string };
}

export const WRONG_CODE =
  'That is not the code that the app shows now. Is the clock of your phone right? Please type the next one.';

const TOO_MANY = {
  heading: 'Too many tries in a short time',
  paragraphs: ['Please wait a minute, then open the link again.'],
};

const FIELDS = { password: text(400), code: line(40) };
