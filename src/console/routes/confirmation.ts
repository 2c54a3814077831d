import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isForeign } from '../access/foreign.ts';
import { closedCancelNotice, closedNotice, FOREIGN_FORM, NOT_FOUND, TOO_MANY } from '../notices.ts';
import { CANCEL_CHOICES, type CancelChoice, type ChallengeView } from '../ports.ts';
import { rateLimit } from '../rate-limit.ts';
import { confirmedView, confirmView, settledView, settleView } from '../views.ts';
import { type RouteContext, sendPage } from './route.ts';

/**
 * The page behind the link of a challenge mail. Looking at it does nothing, and neither does its form by itself:
 * programs that follow links and press buttons do not know the six digits that stand in the mail.
 */
export function confirmationRoutes(app: FastifyInstance, context: RouteContext): void {
  const { ports, pages, base, origin } = context;
  const posts = rateLimit({ ...POST_LIMIT, nowMs: () => performance.now() });
  const linkOf = (token: string) => `${base}/c/${token}`;
  const find = async (token: string) => (TOKEN.test(token) ? ports.findChallenge(token) : null);

  app.get<TokenRoute>('/c/:token', { config: { access: 'public' } }, async (request, reply) => {
    const { token } = request.params;
    const challenge = await find(token);
    if (challenge === null) return sendPage(reply, 404, pages.render('notice', NOT_FOUND));
    return showChallenge(reply, challenge, { pages, action: linkOf(token) });
  });

  const guards = {
    config: { access: 'public' as const },
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      const waitSeconds = posts.take(request.ip);
      if (waitSeconds > 0) {
        return sendPage(reply.header('retry-after', waitSeconds), 429, pages.render('notice', TOO_MANY));
      }
      if (isForeign(request, origin)) return sendPage(reply, 403, pages.render('notice', FOREIGN_FORM));
    },
  };
  app.post<TokenRoute>('/c/:token', guards, async (request, reply) => {
    const { token } = request.params;
    const action = linkOf(token);
    const challenge = await find(token);
    if (challenge === null) return sendPage(reply, 404, pages.render('notice', NOT_FOUND));
    if (challenge.state !== 'open') return reply.redirect(action, 303);
    const code = codeTyped(request.body);
    const choice = challenge.purpose === 'cancel' ? choiceOf(request.body) : null;
    const ask = (open: ChallengeView, problem: Problem) =>
      sendPage(reply, 422, openPage(open, { pages, action, problem, choice }));
    if (challenge.purpose === 'cancel' && choice === null) return ask(challenge, 'not_chosen');
    if (code === null) return ask(challenge, 'not_six_digits');
    const answer =
      choice === null ? await ports.answer(token, code) : await ports.settleCancel(token, code, choice);
    const after = answer === 'right' ? null : await find(token);
    // Answered, locked by this try or closed by somebody else: the page behind the link knows the words for it.
    if (after?.state !== 'open') return reply.redirect(action, 303);
    return ask(after, answer === 'wrong' ? 'wrong' : 'not_taken');
  });
}

type Problem = Exclude<Parameters<typeof settleView>[2], null>;

/** The form, with why the last try was not taken. */
function openPage(
  challenge: ChallengeView,
  options: {
    readonly pages: RouteContext['pages'];
    readonly action: string;
    readonly problem: Problem | null;
    readonly choice: CancelChoice | null;
  },
): string {
  const { pages, action, problem, choice } = options;
  return challenge.purpose === 'cancel'
    ? pages.render('settle', settleView(challenge, action, problem, choice))
    : pages.render('confirm', confirmView(challenge, action, problem === 'not_chosen' ? null : problem));
}

interface TokenRoute {
  Params: { readonly token: string };
}

/** A challenge has five tries; this bounds what one address does to all links together. */
const POST_LIMIT = { takesMax: 20, windowMs: 60_000, addressesMax: 10_000 };

/** Base64url, long enough to be a secret: anything else is no link of ours and is not looked up. */
const TOKEN = /^[A-Za-z0-9_-]{22,128}$/;

function showChallenge(
  reply: FastifyReply,
  challenge: ChallengeView,
  options: { readonly pages: RouteContext['pages']; readonly action: string },
): FastifyReply {
  const { pages, action } = options;
  switch (challenge.state) {
    case 'open':
      return sendPage(reply, 200, openPage(challenge, { pages, action, problem: null, choice: null }));
    case 'answered':
      return sendPage(
        reply,
        200,
        challenge.purpose === 'cancel'
          ? pages.render('settled', settledView(challenge))
          : pages.render('confirmed', confirmedView(challenge)),
      );
    case 'expired':
    case 'locked':
    case 'voided': {
      const words = challenge.purpose === 'cancel' ? closedCancelNotice : closedNotice;
      const notice = words(challenge.state, challenge.expiresAt);
      return sendPage(reply, 410, pages.render('notice', notice));
    }
  }
}

/** One of the two choices; `null` = none, or both. */
function choiceOf(body: unknown): CancelChoice | null {
  const field = typeof body === 'object' && body !== null && 'choice' in body ? body.choice : undefined;
  return CANCEL_CHOICES.find((choice) => choice === field) ?? null;
}

/** Six digits, however they are grouped or which keyboard wrote them; `null` = something else, which is no try. */
function codeTyped(body: unknown): string | null {
  const field = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  if (typeof field !== 'string' || field.length > CODE_FIELD_LENGTH_MAX) return null;
  const digits = field.normalize('NFKC').replace(/[\s\p{Pd}.]/gu, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}

const CODE_FIELD_LENGTH_MAX = 40;
