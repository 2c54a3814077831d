import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { mayAct } from '../../domain/agents.ts';
import { TEMPLATES, type TemplateName } from '../../domain/mail-facts.ts';
import { SCOPES } from '../../domain/request.ts';
import { plain } from '../../domain/words.ts';
import type { Area, Site } from '../areas.ts';
import { OUR_MAIL_POLICY } from '../mail-view/policy.ts';
import { page } from '../pages.ts';
import { templateWords } from '../ticket/template-words.ts';
import type { Sample, TemplatePorts } from './ports.ts';

interface ListView {
  readonly page: { readonly title: string };
  readonly languages: readonly { readonly tag: string; readonly name: string }[];
  readonly rows: readonly {
    readonly name: string;
    readonly label: string;
    readonly cells: readonly { readonly tag: string; readonly name: string; readonly isOwn: boolean }[];
  }[];
}

interface ShowView {
  readonly page: { readonly title: string };
  readonly name: string;
  readonly label: string;
  readonly languages: readonly { readonly tag: string; readonly name: string; readonly isChosen: boolean }[];
  readonly scopes: readonly { readonly name: string; readonly isChosen: boolean }[];
  readonly locale: string;
  readonly scope: string;
  /** The mail has no words in the language that was chosen. */
  readonly fallsBack: boolean;
  readonly subject: string;
  readonly text: string;
  readonly source: string;
  readonly test: { readonly address: string | null } | null;
  readonly notice: { readonly tone: string; readonly words: string } | null;
}

const LIST = page<ListView>('templates/list');
const SHOW = page<ShowView>('templates/show');

/** Every mail in every language with made-up data, as its readers see it; an admin can send one to themselves. */
export const templatesArea =
  (ports: TemplatePorts): Area =>
  (app, site) => {
    app.get('/templates', { config: { access: 'viewer' } }, async (request, reply) =>
      site.show(request, reply, LIST, listView(ports)),
    );

    app.get('/templates/:name', { config: { access: 'viewer' } }, async (request, reply) => {
      const sample = readSample(ports, request.params, request.query);
      if (sample === null) return site.hide(request, reply);
      return showSample(ports, site, request, reply, sample);
    });

    app.get(
      '/templates/:name/html',
      { config: { access: 'viewer' }, helmet: OUR_MAIL_POLICY },
      async (request, reply) => {
        const sample = readSample(ports, request.params, request.query);
        if (sample === null) return site.hide(request, reply);
        return reply.type('text/html; charset=utf-8').send(ports.rendered(sample).html);
      },
    );

    app.post('/templates/:name/test', { config: { access: 'admin' } }, async (request, reply) => {
      const sample = readSample(ports, request.params, request.body);
      if (sample === null || request.agent === null) return site.hide(request, reply);
      const { agentId } = request.agent;
      const address = await ports.addressOf(agentId);
      if (address === null) return showSample(ports, site, request, reply, sample, NO_ADDRESS, 422);
      const wait = ports.waitSeconds(agentId);
      if (wait > 0) {
        reply.header('retry-after', String(wait));
        return showSample(ports, site, request, reply, sample, TOO_MANY, 429);
      }
      const sent = await ports.sendTest(sample, address);
      return showSample(ports, site, request, reply, sample, SENT[sent], sent === 'sent' ? 200 : 502);
    });
  };

const NO_ADDRESS = {
  tone: 'wait',
  words: 'No address of yours is known here, so there is nobody to send a test to. An admin can add one.',
};
const TOO_MANY = { tone: 'wait', words: 'You have sent several tests. Please wait a few minutes.' };
const SENT = {
  sent: { tone: 'good', words: 'The test is on its way to you. Its subject begins with [Test].' },
  later: { tone: 'wait', words: 'The mail server cannot take it now. Nothing was sent.' },
  refused: { tone: 'risk', words: 'The mail server refused it. Nothing was sent.' },
  unknown: { tone: 'wait', words: 'The connection was lost, so nobody knows whether it arrived.' },
} as const;

function listView({ languages }: TemplatePorts): ListView {
  return {
    page: { title: 'Templates' },
    languages: languages.map(({ tag, name }) => ({ tag, name })),
    rows: TEMPLATES.map((name) => ({
      name,
      label: templateWords(name),
      cells: languages.map((language) => ({
        tag: language.tag,
        name: language.name,
        isOwn: language.templates.includes(name),
      })),
    })),
  };
}

async function showSample(
  ports: TemplatePorts,
  site: Site,
  request: FastifyRequest,
  reply: FastifyReply,
  sample: Sample,
  notice: ShowView['notice'] = null,
  status = 200,
): Promise<FastifyReply> {
  const { template, scope, locale } = sample;
  const { subject, text, language } = ports.rendered(sample);
  const { agent } = request;
  const isAdmin = agent !== null && mayAct(agent.role, 'admin');
  const address = isAdmin ? await ports.addressOf(agent.agentId) : null;
  const view: ShowView = {
    page: { title: templateWords(template) },
    name: template,
    label: templateWords(template),
    languages: ports.languages.map(({ tag, name }) => ({ tag, name, isChosen: tag === locale })),
    scopes: SCOPES.map((name) => ({ name, isChosen: name === scope })),
    locale,
    scope,
    fallsBack: language !== locale,
    subject,
    text,
    source: await ports.source(sample),
    test: isAdmin ? { address: address === null ? null : plain(address) } : null,
    notice,
  };
  return site.show(request, reply, SHOW, view, status);
}

const NAME = z.object({ name: z.enum(TEMPLATES) });

/** What makes no sense counts as left out; a mail that there is not cannot be shown. */
function readSample({ languages }: TemplatePorts, params: unknown, chosen: unknown): Sample | null {
  const named = NAME.safeParse(params);
  if (!named.success) return null;
  const template: TemplateName = named.data.name;
  const { scope, locale } = z
    .object({ scope: z.enum(SCOPES).catch('source'), locale: z.string().catch('en') })
    .parse(chosen ?? {});
  return { template, scope, locale: languages.find(({ tag }) => tag === locale)?.tag ?? 'en' };
}
