import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isForeign } from '../access/foreign.ts';
import type { Area } from '../areas.ts';
import { OUR_MAIL_POLICY } from '../mail-view/policy.ts';
import { FOREIGN_FORM } from '../notices.ts';
import { page } from '../pages.ts';
import { FRAMING } from '../security-headers.ts';
import type { NoticeView } from '../views.ts';
import { CLOCK_STEPS, type SamplePerson, type SandboxPorts } from './ports.ts';
import { type MailboxState, type MailboxView, mailboxView } from './view.ts';

const MAILBOX = page<MailboxView>('sandbox/mailbox');
const NOTICE = page<NoticeView>('notice');

/**
 * Plays the customers and the clock of the sandbox. Joined only where everything is a sample: anybody who reaches these
 * pages reads every mail.
 */
export const sandboxArea =
  (ports: SandboxPorts): Area =>
  (app, { base, origin, showPublic, hide }) => {
    const find = async (key: string) => (await ports.people()).find((person) => person.key === key) ?? null;
    const show = async (
      reply: FastifyReply,
      state: Partial<MailboxState> & { readonly person: SamplePerson },
      status = 200,
    ) => {
      const mails = await ports.inbox(state.person);
      const whole = { chosen: null, after: null, sample: null, refused: null, ...state, mails };
      return showPublic(reply, MAILBOX, mailboxView(whole, { base, field: ports.formField }), status);
    };
    const acts = {
      config: { access: 'public' as const },
      bodyLimit: BODY_BYTES_MAX,
      preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
        const form = OURS.safeParse(request.body);
        if (isForeign(request, origin) || !form.success || form.data.form !== ports.formField)
          return showPublic(reply, NOTICE, FOREIGN_FORM, 403);
      },
    };

    app.get<WhoRoute>('/sandbox/people/:who', { ...LOOK, helmet: FRAMING }, async (request, reply) => {
      const person = await find(request.params.who);
      if (person === null) return hide(request, reply);
      const { mail: chosen, after, sample } = QUERY.parse(request.query);
      return show(reply, { person, chosen, after, sample });
    });

    app.get<MailRoute>(
      '/sandbox/people/:who/mails/:no',
      { ...LOOK, helmet: OUR_MAIL_POLICY },
      async (request, reply) => {
        const person = await find(request.params.who);
        const no = COUNT.safeParse(request.params.no);
        const html = person === null || !no.success ? null : await ports.html(person, no.data);
        if (html === null) return hide(request, reply);
        return reply.type('text/html; charset=utf-8').send(html);
      },
    );

    app.post<WhoRoute>('/sandbox/people/:who/mails', { ...acts, helmet: FRAMING }, async (request, reply) => {
      const person = await find(request.params.who);
      if (person === null) return hide(request, reply);
      const form = WRITTEN.parse(request.body);
      const mail = { subject: form.subject, text: form.text, answers: form.answers };
      if (form.text.trim() === '') {
        const refused = { mail, problem: 'Please write something first.' };
        return show(reply, { person, refused }, 422);
      }
      const { length } = await ports.inbox(person);
      await ports.write(person, mail);
      return reply.redirect(`${base}/sandbox/people/${person.key}?after=${length}`, 303);
    });

    app.post('/sandbox/clock', acts, async (request, reply) => {
      const step = STEP.safeParse(request.body);
      if (step.success) await ports.move(step.data.step);
      return reply.redirect(`${base}/`, 303);
    });
  };

interface WhoRoute {
  Params: { readonly who: string };
}
interface MailRoute {
  Params: { readonly who: string; readonly no: string };
}

const LOOK = { config: { access: 'public' as const } };
const BODY_BYTES_MAX = 64 * 1024;

const COUNT = z.coerce.number().int().min(0).max(100_000);
const OURS = z.object({ form: z.string().max(100) });
const STEP = z.object({ step: z.enum(CLOCK_STEPS) });
/** Whatever makes no sense is as if it was not there. */
const QUERY = z.object({
  mail: COUNT.nullable().catch(null).default(null),
  after: COUNT.nullable().catch(null).default(null),
  sample: z.string().max(20).nullable().catch(null).default(null),
});
const WRITTEN = z.object({
  subject: z.string().trim().max(300).catch('').default(''),
  text: z.string().max(20_000).catch('').default(''),
  answers: COUNT.nullable().catch(null).default(null),
});
