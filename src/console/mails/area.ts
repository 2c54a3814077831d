import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../../domain/agents.ts';
import { instantInWords } from '../../domain/words.ts';
import type { Area, Site } from '../areas.ts';
import { page } from '../pages.ts';
import { mailDocument } from '../ticket/mail-html.ts';
import { FILE_POLICY, FRAME_POLICY, sendFile } from '../ticket/mail-routes.ts';
import type { KeptBack } from '../ticket/ports.ts';
import { type ReasonForm, readFilter, readId, readNo, readReason } from './form.ts';
import { type MailListView, mailListView, subjectOf } from './list-view.ts';
import type { MailsPorts } from './ports.ts';
import { type MailDetail, mailDetail, mailPage, waitingCounts } from './queries.ts';
import { type MailView, mailView } from './show-view.ts';
import { sentenceOf } from './words.ts';

interface OpenView {
  readonly page: { readonly title: string };
  readonly id: number;
  readonly subject: string;
  readonly from: string;
  readonly requests: readonly string[];
  readonly form: ReasonForm;
  readonly refused: string | null;
}

const LIST = page<MailListView>('mails/list');
const SHOW = page<MailView>('mails/show');
const OPEN = page<OpenView>('mails/open');
const KEPT = page<KeptView>('mails/kept');

interface KeptView {
  readonly page: { readonly title: string };
  readonly id: number;
  readonly until: string;
}

/** Mails that wait for a person, and all others: what each says, why it is here, and what can be made of it. */
export const mailsArea =
  (ports: MailsPorts): Area =>
  (app, site) => {
    const { base, show } = site;

    app.get('/mails', { config: { access: 'viewer' } }, async (request, reply) => {
      const filter = readFilter(request.query);
      const [found, waiting] = await Promise.all([mailPage(ports.db, filter), waitingCounts(ports.db)]);
      return show(
        request,
        reply,
        LIST,
        mailListView(`${base}/mails`, filter, found, waiting, ports.standing),
      );
    });

    app.get('/mails/:id', { config: { access: 'viewer' } }, async (request, reply) =>
      showMail(ports, site, request, reply),
    );

    app.get(
      '/mails/:id/html',
      { config: { access: 'viewer' }, helmet: FRAME_POLICY },
      async (request, reply) => {
        const id = readId(request.params);
        const html = id === null ? null : await ports.html(id);
        if (html === null) return site.hide(request, reply);
        const isKept = 'keptUntil' in html;
        const clean = isKept ? { html: keptWords(html), blocked: 0 } : html;
        return reply
          .code(isKept ? LOCKED : 200)
          .type('text/html; charset=utf-8')
          .send(mailDocument(clean));
      },
    );

    app.get(
      '/mails/:id/raw',
      { config: { access: 'viewer' }, helmet: FILE_POLICY },
      async (request, reply) => {
        const id = readId(request.params);
        const raw = id === null ? null : await ports.raw(id);
        if (id === null || raw === null) return site.hide(request, reply);
        if ('keptUntil' in raw) return showKept(site, request, reply, id, raw);
        return sendFile(reply, `mail-${id}.eml`, raw);
      },
    );

    app.get(
      '/mails/:id/attachments/:no',
      { config: { access: 'viewer' }, helmet: FILE_POLICY },
      async (request, reply) => {
        const [id, no] = [readId(request.params), readNo(request.params)];
        const bytes = id === null || no === null ? null : await ports.attachment(id, no - 1);
        if (id === null || bytes === null) return site.hide(request, reply);
        if ('keptUntil' in bytes) return showKept(site, request, reply, id, bytes);
        return sendFile(reply, `mail-${id}-attachment-${no}.bin`, bytes);
      },
    );

    app.get('/mails/:id/open', { config: { access: 'agent' } }, async (request, reply) =>
      askToOpen(ports, site, request, reply, { reason: '', problem: null }),
    );

    app.post(
      '/mails/:id/open',
      { config: { access: 'agent' }, bodyLimit: FORM_BYTES_MAX },
      async (request, reply) => {
        const { id, agent } = { id: readId(request.params), agent: request.agent };
        if (id === null || agent === null) return site.hide(request, reply);
        const form = readReason(request.body);
        if (form.problem !== null) return askToOpen(ports, site, request, reply, form);
        const opened = await ports.open(id, { agent: agent.name, reason: form.reason });
        if (opened.kind === 'refused') return askToOpen(ports, site, request, reply, form, opened.why);
        const [only] = opened.tickets;
        const to = opened.tickets.length === 1 && only !== undefined ? `/tickets/${only}` : `/mails/${id}`;
        return reply.redirect(`${base}${to}`, 303);
      },
    );

    app.post('/mails/:id/done', { config: { access: 'agent' } }, async (request, reply) => {
      const id = readId(request.params);
      if (id === null || request.agent === null) return site.hide(request, reply);
      const done = await ports.takeOff(id, request.agent.name);
      if (done) return reply.redirect(`${base}/mails`, 303);
      return showMail(
        ports,
        site,
        request,
        reply,
        'It waits for nobody any more: somebody else has seen to it.',
      );
    });
  };

const FORM_BYTES_MAX = 16_384;
/** HTTP "Locked": it is there, and nobody gets it now. */
const LOCKED = 423;

/** In the frame, which has nothing but the mail. */
const keptWords = ({ keptUntil }: KeptBack): string =>
  `<p>It may hold a code or a link for a customer alone, so it is kept back until ${instantInWords(keptUntil.toISOString())}, or until they have answered.</p>`;

const showKept = (
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  id: number,
  { keptUntil }: KeptBack,
) =>
  site.show(
    request,
    reply,
    KEPT,
    { page: { title: 'Kept back for now' }, id, until: keptUntil.toISOString() },
    LOCKED,
  );

async function showMail(
  ports: MailsPorts,
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  notice: string | null = null,
): Promise<FastifyReply> {
  const id = readId(request.params);
  const row = id === null ? null : await mailDetail(ports.db, id);
  if (row === null) return site.hide(request, reply);
  const content = (await ports.read(row.id)) ?? { unreadable: 'its bytes were erased' };
  const isAgent = request.agent !== null && mayAct(request.agent.role, 'agent');
  const acts = { mayAct: isAgent, canAnswer: canAnswer(ports, row) };
  return site.show(
    request,
    reply,
    SHOW,
    mailView(row, content, ports.standing, acts, notice),
    notice === null ? 200 : 409,
  );
}

async function askToOpen(
  ports: MailsPorts,
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  form: ReasonForm,
  refused: string | null = null,
): Promise<FastifyReply> {
  const id = readId(request.params);
  const row: MailDetail | null = id === null ? null : await mailDetail(ports.db, id);
  if (row === null) return site.hide(request, reply);
  const content = await ports.read(row.id);
  const requests = content === null || 'unreadable' in content ? [] : content.requests;
  return site.show(
    request,
    reply,
    OPEN,
    {
      page: { title: `Open tickets from mail ${row.id}` },
      id: row.id,
      subject: subjectOf(row),
      from: row.author ?? 'no single plain author',
      requests,
      form,
      refused: refused === null ? null : sentenceOf(refused),
    },
    form.problem === null && refused === null ? 200 : 422,
  );
}

/** Looked at closely when it is done; here it spares a button that leads nowhere. */
const canAnswer = ({ standing }: MailsPorts, { author, disposition, evidence }: MailDetail): boolean =>
  author !== null &&
  disposition !== null &&
  disposition !== 'automatic' &&
  disposition !== 'own' &&
  (evidence === null || standing(evidence) !== 'failed');
