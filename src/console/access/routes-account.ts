import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import { clearSession } from './cookies.ts';
import { changePassword, digitsOf, keysOf, knowsPassword, renewSecret } from './credentials.ts';
import { doneIn, fieldsOf, line, text } from './form.ts';
import { weaknessOf } from './password.ts';
import type { SignedIn, SignInPorts } from './ports.ts';
import { countRecoveryCodes } from './recovery.ts';
import { WRONG_CODE } from './routes-set-up.ts';
import { endOwnSession, endSessions, listSessions } from './sessions.ts';
import { enrolment, offeredSecret, stepOf } from './totp.ts';
import { countedFor, forgetTries, takeTry } from './tries.ts';
import { type AccountView, type CodesView, type RenewView, ROLE_WORDS, sessionLine } from './view.ts';
import { waitInWords } from './words.ts';

const ACCOUNT = page<AccountView>('access/account');
const RENEW = page<RenewView>('access/renew');
const CODES = page<CodesView>('access/codes');
const VIEWER = { config: { access: 'viewer' as const } };
const FEW_CODES = 3;

/** What agents see to themselves. */
export function accountRoutes(app: FastifyInstance, site: Site, ports: SignInPorts): void {
  const account = `${site.base}/account`;
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    more: Partial<AccountView>,
    status = 200,
  ) => {
    const { agentId, name, role, token } = whoIs(request);
    const { hasPassword } = await keysOf(ports.db, agentId);
    const codesLeft = await countRecoveryCodes(ports.db, agentId);
    const view: AccountView = {
      page: { title: 'Your account' },
      done: null,
      name,
      role,
      roleWords: ROLE_WORDS[role],
      hasPassword,
      codesLeft,
      isShortOfCodes: codesLeft <= FEW_CODES,
      oldProblem: null,
      newProblem: null,
      sessions: (await listSessions(ports.db, agentId, token)).map(sessionLine),
      ...more,
    };
    return site.show(request, reply, ACCOUNT, view, status);
  };

  /** Whoever found a browser open must not try passwords there. @returns what is wrong with the one typed, or null */
  const problemWith = async (agentId: number, password: string): Promise<string | null> => {
    const counted = countedFor(ports.key, agentId);
    const waitSeconds = await takeTry(ports.db, counted);
    if (waitSeconds > 0) return `Too many tries. Please wait ${waitInWords(waitSeconds)}.`;
    if (!(await knowsPassword(ports.db, agentId, password))) return 'That is not your password.';
    await forgetTries(ports.db, counted);
    return null;
  };

  app.get<DoneRoute>('/account', VIEWER, async (request, reply) =>
    show(request, reply, { done: doneIn(DONE, request.query.done) }),
  );

  app.post('/account/password', VIEWER, async (request, reply) => {
    const agent = whoIs(request);
    const { old, password } = fieldsOf(request, PASSWORDS);
    const newProblem = weaknessOf(password, agent.name);
    if (newProblem !== null) return show(request, reply, { newProblem }, 422);
    const oldProblem = await problemWith(agent.agentId, old);
    if (oldProblem !== null) return show(request, reply, { oldProblem }, 422);
    await changePassword(ports, agent, password, agent.token);
    return reply.redirect(`${account}?done=password`, 303);
  });

  const offered = async ({ agentId, token }: Who) =>
    offeredSecret(ports.key, `${token} ${(await keysOf(ports.db, agentId)).totp}`);
  const showRenew = (
    request: FastifyRequest,
    reply: FastifyReply,
    secret: Uint8Array,
    more: Partial<RenewView>,
  ) =>
    site.show(
      request,
      reply,
      RENEW,
      {
        page: { title: 'New codes' },
        enrolment: enrolment(secret, whoIs(request).name, ports.deskName),
        oldProblem: null,
        codeProblem: null,
        ...more,
      },
      Object.keys(more).length === 0 ? 200 : 422,
    );

  app.get('/account/codes', VIEWER, async (request, reply) => {
    const who = whoIs(request);
    if (!(await keysOf(ports.db, who.agentId)).hasPassword) return reply.redirect(account, 303);
    return showRenew(request, reply, await offered(who), {});
  });

  app.post('/account/codes', VIEWER, async (request, reply) => {
    const who = whoIs(request);
    const { old, code } = fieldsOf(request, CODE);
    const secret = await offered(who);
    const step = stepOf(secret, digitsOf(code), Date.now());
    if (step === null) return showRenew(request, reply, secret, { codeProblem: WRONG_CODE });
    const oldProblem = await problemWith(who.agentId, old);
    if (oldProblem !== null) return showRenew(request, reply, secret, { oldProblem });
    const codes = await renewSecret(ports, who, { secret, step }, who.token);
    return site.showPublic(reply, CODES, {
      page: { title: 'Your recovery codes' },
      heading: 'The new codes count from now on',
      codes,
      href: account,
    });
  });

  app.post('/account/sessions', VIEWER, async (request, reply) => {
    const { agentId, token } = whoIs(request);
    const { session } = fieldsOf(request, SESSION);
    if (session === 'others') await endSessions(ports.db, agentId, token);
    else if (/^[0-9]{1,15}$/.test(session)) await endOwnSession(ports.db, agentId, Number(session));
    const still = (await listSessions(ports.db, agentId, token)).some(({ isThis }) => isThis);
    if (!still) return clearSession(reply, site).redirect(`${site.base}/sign-in`, 303);
    return reply.redirect(`${account}?done=session`, 303);
  });
}

interface Who extends SignedIn {
  readonly token: string;
}

function whoIs({ agent, sessionToken }: FastifyRequest): Who {
  if (agent === null || sessionToken === null)
    throw new TypeError('a page for agents was asked for by nobody');
  return { ...agent, token: sessionToken };
}

interface DoneRoute {
  Querystring: { readonly done?: unknown };
}

const DONE: Readonly<Record<string, string>> = {
  password: 'Your password is changed, and your other sessions have ended.',
  session: 'Ended.',
};

const PASSWORDS = { old: text(400), password: text(400) };
const CODE = { old: text(400), code: line(40) };
const SESSION = { session: line(20) };
