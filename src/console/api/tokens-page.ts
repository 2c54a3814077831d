/** Where admins make and revoke tokens. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Site } from '../areas.ts';
import { page } from '../pages.ts';
import type { ApiPorts } from './ports.ts';
import { API_SCOPES, type ApiScope, SCOPE_WORDS } from './scopes.ts';
import { createToken, listTokens, revokeToken, TOKEN_NAME, type TokenLine } from './tokens.ts';

interface TokenForm {
  readonly name: string;
  readonly days: string;
  readonly scopes: readonly { readonly value: ApiScope; readonly words: string; readonly chosen: boolean }[];
  readonly wrong: {
    readonly name: string | null;
    readonly days: string | null;
    readonly scopes: string | null;
  };
}

interface TokensView {
  readonly page: { readonly title: string };
  /** Shown once: just after it was made. */
  readonly made: { readonly name: string; readonly token: string } | null;
  readonly lines: readonly (TokenLine & {
    readonly state: { readonly label: string; readonly tone: string };
    /** Why the last try to revoke it was not taken. */
    readonly wrong: string | null;
  })[];
  readonly form: TokenForm;
}

const TOKENS = page<TokensView>('api/tokens');

const DAYS_MAX = 3_650;
const DAY_MS = 86_400_000;
/** A token that nobody thinks of is the one that leaks: half a year unless somebody says otherwise. */
const DAYS = '180';

const list = (value: unknown): unknown => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
const formBody = z.object({
  name: z.string().trim().max(200).catch(''),
  days: z.string().trim().max(20).catch(''),
  scopes: z.preprocess(list, z.array(z.string().max(40)).max(API_SCOPES.length)).catch([]),
});
const revokeBody = z.object({ name: z.string().trim().max(200).catch('') });
const byId = z.object({
  id: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number),
});

export function tokenPages(app: FastifyInstance, site: Site, { db }: ApiPorts): void {
  const config = { access: 'admin' } as const;
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    rest: { form?: TokenForm; made?: TokensView['made']; wrong?: { id: number; why: string } } = {},
  ) =>
    site.show(
      request,
      reply,
      TOKENS,
      {
        page: { title: 'API tokens' },
        made: rest.made ?? null,
        lines: (await listTokens(db)).map((line) => ({
          ...line,
          state: stateOf(line),
          wrong: rest.wrong?.id === line.id ? rest.wrong.why : null,
        })),
        form: rest.form ?? freshForm(),
      },
      rest.form === undefined && rest.wrong === undefined ? 200 : 422,
    );

  app.get('/api-tokens', { config }, async (request, reply) => show(request, reply));

  app.post('/api-tokens', { config }, async (request, reply) => {
    const given = formBody.parse(request.body ?? {});
    const form = formOf(given);
    if (Object.values(form.wrong).some((why) => why !== null)) return show(request, reply, { form });
    const made = await createToken(db, {
      name: given.name,
      scopes: API_SCOPES.filter((scope) => given.scopes.includes(scope)),
      expiresAt: given.days === '' ? null : new Date(Date.now() + Number(given.days) * DAY_MS),
      by: agentOf(request),
    });
    if (made.kind === 'taken') {
      const why = 'A token that works has this name, or one that looks like it.';
      return show(request, reply, { form: { ...form, wrong: { ...form.wrong, name: why } } });
    }
    // Not kept for a later page: this answer is the only place that has it.
    return show(request, reply, { made: { name: given.name, token: made.token } });
  });

  app.post('/api-tokens/:id/revoke', { config }, async (request, reply) => {
    const asked = byId.safeParse(request.params);
    if (!asked.success) return site.hide(request, reply);
    const { id } = asked.data;
    const line = (await listTokens(db)).find((token) => token.id === id);
    if (line === undefined) return site.hide(request, reply);
    if (revokeBody.parse(request.body ?? {}).name !== line.name)
      return show(request, reply, { wrong: { id, why: 'Type the name as it stands here.' } });
    await revokeToken(db, id, agentOf(request));
    return reply.redirect(`${site.base}/api-tokens`, 303);
  });
}

function agentOf({ agent }: FastifyRequest): string {
  if (agent === null) throw new TypeError('a token was asked for by nobody');
  return agent.name;
}

function stateOf(line: TokenLine): { readonly label: string; readonly tone: string } {
  if (line.works) return { label: 'Works', tone: 'good' };
  return line.revokedBy === null
    ? { label: 'Over', tone: '' }
    : { label: `Revoked by ${line.revokedBy}`, tone: '' };
}

const NOTHING_WRONG = { name: null, days: null, scopes: null };
const freshForm = (): TokenForm => ({
  ...formOf({ name: '', days: DAYS, scopes: [] }),
  wrong: NOTHING_WRONG,
});

function formOf(given: z.output<typeof formBody>): TokenForm {
  const { name, days } = given;
  const areDays = days === '' || (/^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= DAYS_MAX);
  const areScopes = API_SCOPES.some((scope) => given.scopes.includes(scope));
  return {
    name,
    days,
    scopes: API_SCOPES.map((value) => ({
      value,
      words: SCOPE_WORDS[value],
      chosen: given.scopes.includes(value),
    })),
    wrong: {
      name: TOKEN_NAME.test(name) ? null : 'A name of letters, digits, spaces and . _ @ -, 60 at most.',
      days: areDays ? null : `A number of days from 1 to ${DAYS_MAX}, or nothing.`,
      scopes: areScopes ? null : 'Choose at least one thing that it may do.',
    },
  };
}
