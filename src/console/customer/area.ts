import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isForeign } from '../access/foreign.ts';
import type { Area } from '../areas.ts';
import { page } from '../pages.ts';
import { rateLimit } from '../rate-limit.ts';
import type { CustomerPorts, StatusPage, StatusTicket } from './ports.ts';
import {
  type CancelView,
  cancelView,
  type GoneView,
  goneView,
  isTyped,
  type SaidView,
  type StatusView,
  saidView,
  statusView,
} from './view.ts';

const STATUS = page<StatusView>('customer/status');
const CANCEL = page<CancelView>('customer/cancel');
const GONE = page<GoneView>('customer/gone');
const SAID = page<SaidView>('customer/said');

/**
 * The page behind the link that every mail has. Looking at it changes nothing, and neither does its form by itself:
 * programs that follow links and press buttons do not type the reference.
 */
export const customerArea =
  (ports: CustomerPorts): Area =>
  (app, { base, origin, showPublic }) => {
    const posts = rateLimit({ ...POST_LIMIT, nowMs: () => performance.now() });
    const files = rateLimit({ ...FILE_LIMIT, nowMs: () => performance.now() });
    const hereOf = (token: string) => `${base}/s/${token}`;
    const open = async (token: string) => (TOKEN.test(token) ? ports.open(token) : null);
    const wordsFor = ({ params, headers }: FastifyRequest<TokenRoute>) =>
      ports.words(params.token, headers['accept-language'] ?? '');

    /** The same for a link that never was, for one that has ended and for what it does not show. */
    const gone = async (request: FastifyRequest<TokenRoute>, reply: FastifyReply) => {
      const { token } = request.params;
      const words = await wordsFor(request);
      return showPublic(reply, GONE, goneView(words, hereOf(token), ports.formField(token)), 404);
    };
    const say = async (
      request: FastifyRequest<TokenRoute>,
      reply: FastifyReply,
      what: 'busy' | 'foreign',
      status: number,
    ) => {
      const words = await wordsFor(request);
      return showPublic(reply, SAID, saidView(words, words.title, words[what]), status);
    };
    const acts = {
      config: { access: 'public' as const },
      onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
        const asked = request as FastifyRequest<TokenRoute>;
        const waitSeconds = posts.take(request.ip);
        if (waitSeconds > 0) return say(asked, reply.header('retry-after', waitSeconds), 'busy', 429);
        if (isForeign(request, origin)) return say(asked, reply, 'foreign', 403);
      },
      preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
        const asked = request as FastifyRequest<TokenRoute>;
        if (!isSame(fieldOf(request.body, 'form'), ports.formField(asked.params.token)))
          return say(asked, reply, 'foreign', 403);
      },
    };

    app.get<TokenRoute>('/s/:token', LOOK, async (request, reply) => {
      const { token } = request.params;
      const status = await open(token);
      return status === null
        ? gone(request, reply)
        : showPublic(reply, STATUS, statusView(status, hereOf(token)));
    });

    app.get<TicketRoute>('/s/:token/cancel/:reference', LOOK, async (request, reply) => {
      const { token, reference } = request.params;
      const status = await open(token);
      const ticket = ticketOf(status, reference);
      if (status === null || ticket === null) return gone(request, reply);
      if (ticket.cancel === null) return reply.redirect(hereOf(token), 303);
      const form = { here: hereOf(token), field: ports.formField(token), isMistyped: false };
      return showPublic(reply, CANCEL, cancelView(status.words, ticket, form));
    });

    app.post<TicketRoute>('/s/:token/cancel/:reference', acts, async (request, reply) => {
      const { token, reference } = request.params;
      const status = await open(token);
      const ticket = ticketOf(status, reference);
      if (status === null || ticket === null) return gone(request, reply);
      if (ticket.cancel === null) return reply.redirect(hereOf(token), 303);
      if (!isTyped(fieldOf(request.body, 'typed'), ticket.reference)) {
        const form = { here: hereOf(token), field: ports.formField(token), isMistyped: true };
        return showPublic(reply, CANCEL, cancelView(status.words, ticket, form), 422);
      }
      await ports.cancel(token, ticket.reference);
      return reply.redirect(hereOf(token), 303);
    });

    app.post<TokenRoute>('/s/:token/renew', acts, async (request, reply) => {
      const { token } = request.params;
      if (TOKEN.test(token)) await ports.renew(token);
      const words = await wordsFor(request);
      return showPublic(reply, SAID, saidView(words, words.gone.sentHeading, words.gone.sent));
    });

    const file = async (
      request: FastifyRequest<TicketRoute>,
      reply: FastifyReply,
      made: { readonly name: string; readonly type: string; readonly read: FileReader },
    ) => {
      const waitSeconds = files.take(request.ip);
      if (waitSeconds > 0) return say(request, reply.header('retry-after', waitSeconds), 'busy', 429);
      const { token, reference } = request.params;
      const status = await open(token);
      const ticket = ticketOf(status, reference);
      const content = ticket?.hasReceipt === true ? await made.read(token, ticket.reference) : null;
      if (content === null) return gone(request, reply);
      return reply
        .header('content-disposition', `attachment; filename="${made.name}"`)
        .type(made.type)
        .send(content);
    };
    app.get<TicketRoute>('/s/:token/receipt/:reference', LOOK, (request, reply) =>
      file(request, reply, {
        name: `receipt-${request.params.reference}.json`,
        type: 'application/json; charset=utf-8',
        read: ports.receipt,
      }),
    );
    app.get<TicketRoute>('/s/:token/certificate/:reference', LOOK, (request, reply) =>
      file(request, reply, {
        name: `certificate-${request.params.reference}.pdf`,
        type: 'application/pdf',
        read: async (token, reference) => {
          const pdf = await ports.certificate(token, reference);
          return pdf === null ? null : Buffer.from(pdf);
        },
      }),
    );
  };

type FileReader = (token: string, reference: string) => Promise<string | Buffer | null>;

interface TokenRoute {
  Params: { readonly token: string };
}
interface TicketRoute {
  Params: { readonly token: string; readonly reference: string };
}

const LOOK = { config: { access: 'public' as const } };
const POST_LIMIT = { takesMax: 20, windowMs: 60_000, addressesMax: 10_000 };
/** A certificate takes a while to draw. */
const FILE_LIMIT = { takesMax: 20, windowMs: 60_000, addressesMax: 10_000 };

/** Base64url, 192 bits: anything else is no link of ours and is not looked up. */
const TOKEN = /^[A-Za-z0-9_-]{32}$/;

const ticketOf = (status: StatusPage | null, reference: string): StatusTicket | null =>
  status?.tickets.find((ticket) => ticket.reference === reference) ?? null;

const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;

function isSame(given: unknown, wanted: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
