import type { FastifyReply, FastifyRequest } from 'fastify';
import { plain } from '../../domain/words.ts';
import { fieldIn } from '../actions/form.ts';
import type { Area, Site } from '../areas.ts';
import { OUR_MAIL_POLICY } from '../mail-view/policy.ts';
import { page } from '../pages.ts';
import { type Draft, draftOf, keepDraft, markSent } from './drafts.ts';
import { emptyForm, isRight, type ReplyForm, readAbout, readDraftId, readForm } from './form.ts';
import type { About, ReplyPorts } from './ports.ts';
import { backOf, type Found, type LookView, type NobodyView, type WriteView, writeView } from './view.ts';

const WRITE = page<WriteView>('reply/write');
const LOOK = page<LookView>('reply/look');
const NOBODY = page<NobodyView>('reply/nobody');

/** Words of agents to the requester of a ticket or the author of a mail: written, looked at, sent once. */
export const replyArea =
  (ports: ReplyPorts): Area =>
  (app, site) => {
    const { base, show, hide } = site;
    const agents = { config: { access: 'agent' } } as const;

    for (const path of ['/tickets/:reference/reply', '/mails/:id/reply']) {
      app.get(path, agents, async (request, reply) => {
        const found = await recipientOf(ports, site, request, reply);
        if (found === null) return reply;
        const draft = await earlierDraft(ports, request, found.about);
        return showForm(ports, site, request, reply, found, draft ?? emptyForm(found.recipient));
      });

      app.post(path, { ...agents, bodyLimit: FORM_BYTES_MAX }, async (request, reply) => {
        const found = await recipientOf(ports, site, request, reply);
        if (found === null || request.agent === null) return reply;
        const form = readForm(request.body, found.recipient, ports.languages);
        if (!isRight(form)) return showForm(ports, site, request, reply, found, form);
        const id = await keepDraft(ports.db, request.agent.agentId, found.about, form);
        return reply.redirect(`${base}/replies/${id}`, 303);
      });
    }

    app.get('/replies/:draft', agents, async (request, reply) => {
      const draft = await ownDraft(ports, request);
      if (draft === null) return hide(request, reply);
      if (draft.sentAs !== null) return reply.redirect(`${base}/outbox/${draft.sentAs}`, 303);
      return look(ports, site, request, reply, draft);
    });

    app.get('/replies/:draft/html', { ...agents, helmet: OUR_MAIL_POLICY }, async (request, reply) => {
      const draft = await ownDraft(ports, request);
      const mail = draft === null || draft.sentAs !== null ? null : await ports.preview(draft.about, draft);
      if (mail === null) return hide(request, reply);
      return reply.type('text/html; charset=utf-8').send(mail.html);
    });

    app.post('/replies/:draft', agents, async (request, reply) => {
      const draft = await ownDraft(ports, request);
      if (draft === null || request.agent === null) return hide(request, reply);
      if (draft.sentAs !== null) return reply.redirect(`${base}/outbox/${draft.sentAs}`, 303);
      const by = { form: draft.id, agent: request.agent.name };
      const sent = await ports.send(draft.about, draft, by);
      if (sent.kind === 'refused') return look(ports, site, request, reply, draft, sent.why);
      await markSent(ports.db, draft.id, sent.mail);
      if ('mail' in draft.about && fieldIn(request.body, 'done') === 'yes')
        await ports.takeOff(draft.about.mail, request.agent.name);
      return reply.redirect(backOf(base, draft.about).path, 303);
    });

    async function look(
      { preview, recipient }: ReplyPorts,
      { show }: Site,
      request: FastifyRequest,
      reply: FastifyReply,
      draft: Draft,
      refused: string | null = null,
    ): Promise<FastifyReply> {
      const to = await recipient(draft.about);
      if (to === null) return hide(request, reply);
      if (to.kind === 'nobody') return showNobody(request, reply, draft.about, to.why);
      if (!to.templates.includes(draft.template)) return showOutdated(request, reply, draft.about);
      const mail = await preview(draft.about, draft);
      if (mail === null) return hide(request, reply);
      const view: LookView = {
        page: { title: 'Look before it goes' },
        back: backOf(base, draft.about),
        draft: draft.id,
        address: plain(to.address),
        warnings: to.warnings,
        refused,
        subject: mail.subject,
        text: mail.text,
        source: mail.source,
        asksDone: 'mail' in draft.about,
      };
      return show(request, reply, LOOK, view, refused === null ? 200 : 409);
    }

    const showNobody = (request: FastifyRequest, reply: FastifyReply, about: About, why: string) =>
      show(
        request,
        reply,
        NOBODY,
        { page: { title: 'Nobody to write to' }, back: backOf(base, about), why },
        409,
      );

    const showOutdated = (request: FastifyRequest, reply: FastifyReply, about: About) =>
      show(
        request,
        reply,
        NOBODY,
        { page: { title: 'This mail does not fit any more' }, back: backOf(base, about), why: OUTDATED },
        409,
      );

    /** Answers itself and returns `null` when there is nobody to write to. */
    async function recipientOf(
      { recipient }: ReplyPorts,
      _site: Site,
      request: FastifyRequest,
      reply: FastifyReply,
    ): Promise<Found | null> {
      const about = readAbout(request.params);
      const to = about === null ? null : await recipient(about);
      if (about === null || to === null) {
        hide(request, reply);
        return null;
      }
      if (to.kind === 'nobody') {
        showNobody(request, reply, about, to.why);
        return null;
      }
      return { about, recipient: to };
    }
  };

const OUTDATED =
  'Nothing was sent. Since you wrote it, it is no longer confirmed that they may hear of this. Write again to see what can go to them now.';

/** Bytes: every sign of the words may take nine in a form. */
const FORM_BYTES_MAX = 64 * 1_024;

function showForm(
  { languages }: ReplyPorts,
  { base, show }: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  found: Found,
  form: ReplyForm,
): FastifyReply {
  return show(request, reply, WRITE, writeView(base, languages, found, form), isRight(form) ? 200 : 422);
}

async function ownDraft({ db }: ReplyPorts, request: FastifyRequest): Promise<Draft | null> {
  const id = readDraftId(request.params);
  return id === null || request.agent === null ? null : draftOf(db, request.agent.agentId, id);
}

/** What was written before and is to be changed. */
async function earlierDraft(
  { db }: ReplyPorts,
  request: FastifyRequest,
  about: About,
): Promise<ReplyForm | null> {
  const id = readDraftId(request.query);
  if (id === null || request.agent === null) return null;
  const draft = await draftOf(db, request.agent.agentId, id);
  if (draft === null || draft.sentAs !== null || !isSame(draft.about, about)) return null;
  const { template, locale, words } = draft;
  return { template, locale, words, errors: { template: null, words: null } };
}

const isSame = (one: About, other: About): boolean =>
  'ticket' in one
    ? 'ticket' in other && one.ticket === other.ticket
    : 'mail' in other && one.mail === other.mail;
