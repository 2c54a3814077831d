import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayAct } from '../../domain/agents.ts';
import { TEMPLATES } from '../../domain/mail-facts.ts';
import type { Area, Site } from '../areas.ts';
import { OUR_MAIL_POLICY } from '../mail-view/policy.ts';
import { page } from '../pages.ts';
import { type OutboxView, outboxView, type UndeliverableView, undeliverableView } from './list-view.ts';
import type { OutboxPorts } from './ports.ts';
import {
  MAIL_STATUSES,
  type OutboxFilter,
  type OutboxMail,
  outboxMail,
  outboxPage,
  statusCounts,
  undeliverableAddresses,
} from './queries.ts';
import { factsOf, type OutboxMailView, outboxMailView } from './show-view.ts';

const LIST = page<OutboxView>('outbox/list');
const SHOW = page<OutboxMailView>('outbox/show');
const UNDELIVERABLE = page<UndeliverableView>('outbox/undeliverable');

/** Mails that went out, will go out, or did not get through: what each says, why it is stuck, and another try. */
export const outboxArea =
  (ports: OutboxPorts): Area =>
  (app, site) => {
    const { base, show, hide } = site;
    const { db } = ports;

    app.get('/outbox', { config: { access: 'viewer' } }, async (request, reply) => {
      const filter = readFilter(request.query);
      const [found, counts, silences, undeliverable] = await Promise.all([
        outboxPage(db, filter),
        statusCounts(db),
        ports.silences(),
        undeliverableAddresses(db),
      ]);
      return show(
        request,
        reply,
        LIST,
        outboxView(`${base}/outbox`, filter, found, { counts, silences, undeliverable }),
      );
    });

    app.get('/outbox/undeliverable', { config: { access: 'viewer' } }, async (request, reply) =>
      show(
        request,
        reply,
        UNDELIVERABLE,
        undeliverableView(await undeliverableAddresses(db), may(request, 'agent')),
      ),
    );

    app.post('/outbox/undeliverable', { config: { access: 'agent' } }, async (request, reply) => {
      const read = z.object({ hash: z.string().regex(/^[0-9a-f]{32}$/) }).safeParse(request.body);
      // One that was cleared meanwhile is what was wished for.
      if (read.success) await ports.clear(read.data.hash);
      return reply.redirect(`${base}/outbox/undeliverable`, 303);
    });

    app.get('/outbox/:id', { config: { access: 'viewer' } }, async (request, reply) => {
      const row = await mailOf(ports, request);
      return row === null ? hide(request, reply) : showMail(ports, site, request, reply, row);
    });

    app.get(
      '/outbox/:id/html',
      { config: { access: 'viewer' }, helmet: OUR_MAIL_POLICY },
      async (request, reply) => {
        const row = await mailOf(ports, request);
        const facts = row === null ? null : factsOf(row);
        if (facts === null) return hide(request, reply);
        return reply.type('text/html; charset=utf-8').send(ports.rendered(facts, row?.mailbox ?? null).html);
      },
    );

    app.post('/outbox/:id/retry', { config: { access: 'agent' } }, async (request, reply) => {
      const row = await mailOf(ports, request);
      if (row === null || request.agent === null) return hide(request, reply);
      const retried = await ports.retry(row.id, request.agent.name);
      if (retried === 'queued') return reply.redirect(`${base}/outbox/${row.id}`, 303);
      return showMail(ports, site, request, reply, row, REFUSED[retried]);
    });

    app.post('/outbox/:id/give-up', { config: { access: 'approver' } }, async (request, reply) => {
      const row = await mailOf(ports, request);
      if (row === null || request.agent === null) return hide(request, reply);
      if (await ports.giveUp(row.id, request.agent.name))
        return reply.redirect(`${base}/outbox/${row.id}`, 303);
      return showMail(ports, site, request, reply, row, REFUSED.not_now);
    });
  };

const REFUSED = {
  undeliverable: 'Mails to this address came back. Clear the address first, once somebody there was reached.',
  outdated:
    'It was not sent again: what it says is not so any more. Write to them from the ticket if they should hear how it stands.',
  not_now: 'Nothing was done: the mail is on its way, has arrived, or is in another state by now.',
} as const;

async function showMail(
  ports: OutboxPorts,
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  row: OutboxMail,
  refused: string | null = null,
): Promise<FastifyReply> {
  const view = outboxMailView(
    row,
    await shownOf(ports, row),
    { retry: may(request, 'agent'), giveUp: may(request, 'approver') },
    refused === null ? null : { tone: 'wait', words: refused },
  );
  return site.show(request, reply, SHOW, view, refused === null ? 200 : 409);
}

/** A mail that cannot be made is one that never went out: the page says so, and shows the rest. */
async function shownOf(ports: OutboxPorts, row: OutboxMail): Promise<OutboxMailView['shown']> {
  const facts = factsOf(row);
  if (facts === null || row.recipient === null) return null;
  try {
    const { subject, text } = ports.rendered(facts, row.mailbox);
    const source = await ports.source(facts, {
      to: row.recipient,
      messageId: row.message_id_header,
      inReplyTo: row.in_reply_to,
      references: row.reference_ids,
      mailbox: row.mailbox,
    });
    return { subject, text, source };
  } catch {
    return null;
  }
}

const may = ({ agent }: FastifyRequest, needed: 'agent' | 'approver'): boolean =>
  agent !== null && mayAct(agent.role, needed);

const ID = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);

async function mailOf({ db }: OutboxPorts, request: FastifyRequest): Promise<OutboxMail | null> {
  const read = z.object({ id: ID }).safeParse(request.params);
  return read.success ? outboxMail(db, read.data.id) : null;
}

const FILTER = z.object({
  status: z.enum(MAIL_STATUSES).nullable().catch(null),
  template: z.enum(TEMPLATES).nullable().catch(null),
  before: ID.nullable().catch(null),
  after: ID.nullable().catch(null),
});

/** A value that makes no sense counts as left out. */
function readFilter(query: unknown): OutboxFilter {
  const filter = FILTER.parse(query ?? {});
  return { ...filter, after: filter.before === null ? filter.after : null };
}
