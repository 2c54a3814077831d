/** Every route in every role, on one desk that is filled. */
import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formToken, SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { createToken } from '../../src/console/api/tokens.ts';
import { AGENT_ROLES, type AgentRole, mayAct } from '../../src/domain/agents.ts';
import { manualStore } from '../purge/office.ts';
import { ada, spaceRequest, stranger, workspaceRequest } from '../tickets/desk.ts';
import { fingerprint } from './real-desk.ts';
import { DELIVERY, PARAMETERS, ROUTES, type RouteRow } from './route-table.ts';
import { openWholeDesk, signedIn, type WholeDesk } from './whole-desk.ts';

const NOWHERE = '/there-is-no-such-page';
const LOOKING = ['GET', 'HEAD', 'OPTIONS'] as const;

let whole: WholeDesk;
/** What the desk answers where there is nothing. */
let nothing: string;

beforeAll(async () => {
  whole = await openWholeDesk({
    isAllSandbox: true,
    stores: [manualStore({ name: 'archive' })],
    environment: { suppressionToken: 't'.repeat(32) },
  });
  await fill(whole);
  nothing = (await whole.app.inject(NOWHERE)).body;
});

afterAll(() => whole[Symbol.asyncDispose]());

/** One ticket in its grace, one that waits for a code, one that needs details, and a stranger's mail. */
async function fill({ desk }: WholeDesk): Promise<void> {
  await desk.db('store_brakes').insert({
    store: 'archive',
    opened_at: new Date(),
    set_by: 'ada',
    reason: 'maintenance',
  });
  await desk.inGrace();
  await desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
  await desk.mail({
    from: ada,
    intent: 'delete',
    requests: [spaceRequest({ timeFrame: null, space: null })],
  });
  await desk.mail({ from: stranger, intent: 'delete', requests: [workspaceRequest()] });
  await desk
    .db('messages')
    .where({ id: 1 })
    .update({ raw: Buffer.from(MAIL_WITH_ALL.join('\r\n')) });
  await createToken(desk.db, { name: 'CRM', scopes: ['tickets:read'], expiresAt: null, by: 'ada' });
  await desk.db.raw(
    `insert into deliveries (id, kind, endpoint, event, ticket_id, body, status, finished_at)
     select ?, 'webhook', 'crm', 'ticket.opened', min(id), '{}', 'delivered', now() from tickets`,
    [DELIVERY],
  );
}

/** With HTML and an attachment, so that the pages of both are there. */
const MAIL_WITH_ALL = [
  `From: ${ada}`,
  'To: desk@desk.example',
  'Subject: Deletion',
  'Date: Sun, 22 Nov 2026 09:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Please delete our data.</p>',
  '--b',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Disposition: attachment; filename=a.pdf',
  'Content-Transfer-Encoding: base64',
  '',
  'JVBERi0=',
  '--b--',
  '',
];

const pathOf = ({ path, example }: RouteRow): string =>
  example ?? path.replace(/:[a-zA-Z]+/g, (name) => PARAMETERS[name] ?? name);

const isForAgents = ({ access }: RouteRow): boolean => access !== 'public' && access !== 'token';
const agentRoutes = ROUTES.filter(isForAgents);
const posts = ROUTES.filter(({ method }) => method !== 'GET');

interface Sent {
  readonly token?: string | null;
  readonly field?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

/** Asks one route; the body of a stream is not waited for. */
async function ask(
  row: RouteRow,
  { token = null, field = null, headers = {}, method = row.method }: Sent = {},
) {
  asked += 1;
  const answer = await whole.app.inject({
    method: method as 'GET',
    url: pathOf(row),
    remoteAddress: `192.0.2.${asked % 250}`,
    payloadAsStream: true,
    headers: {
      ...(token === null ? {} : { cookie: `${SESSION_COOKIE}=${token}` }),
      ...(method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded' }),
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'navigate',
      ...headers,
    },
    ...(field === null ? {} : { payload: new URLSearchParams({ _csrf: field }).toString() }),
  });
  const stream = answer.stream();
  const { statusCode, headers: got } = answer;
  const found = { statusCode, location: String(got.location ?? ''), body: '' };
  if (row.stream === true && statusCode === 200) {
    stream.destroy();
    return found;
  }
  for await (const chunk of stream) found.body += String(chunk);
  return found;
}
let asked = 0;

/** A session of somebody new, with the hidden field of its forms. */
async function someone(role: AgentRole): Promise<{ readonly token: string; readonly field: string }> {
  const { token } = await signedIn(whole.desk, role);
  return { token, field: formToken({ sessionToken: token } as FastifyRequest) };
}

const named = (rows: readonly RouteRow[]) => rows.map((row) => [`${row.method} ${row.path}`, row] as const);

/** `METHOD /path` for each line of the tree that the server prints of its routes. */
function routesIn(tree: string): readonly string[] {
  const parents: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] =
      /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    if (part === '') return [];
    const depth = indent.length / 4;
    const path = `${depth === 0 ? '' : parents[depth - 1]}${part}`;
    parents[depth] = path;
    return methods === '' ? [] : methods.split(', ').map((method) => `${method} ${path}`);
  });
}

test('the table has exactly the routes that there are', () => {
  const found = routesIn(whole.app.printRoutes({ commonPrefix: false }));
  expect(found.filter((line) => !/^(HEAD|GET \/assets\/)/.test(line)).sort()).toEqual(
    ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
  );
});

describe('W03 who may call', () => {
  test.each(named(ROUTES.filter((row) => !isForAgents(row))))(
    '%s: asks nobody to sign in',
    async (_name, row) => {
      const answer = await ask(row);
      expect(answer.location).not.toMatch(/^\/sign-in\?next=/);
      if (row.access === 'token') expect(answer.statusCode).toBe(401);
    },
  );

  test.each(named(agentRoutes))('%s: nobody is led to the sign-in', async (_name, row) => {
    const answer = await ask(row);
    expect(answer.statusCode).toBe(303);
    expect(answer.location).toMatch(/^\/sign-in(\?next=|$)/);
    expect((await ask(row, { headers: { 'sec-fetch-mode': 'cors' } })).statusCode).toBe(401);
  });

  test.each(named(agentRoutes))(
    '%s: the roles from its own on, and to all others it is not there',
    async (_name, row) => {
      for (const role of AGENT_ROLES) {
        const { token, field } = await someone(role);
        const answer = await ask(row, { token, field });
        const isAllowed = mayAct(role, row.access as AgentRole) && row.isHiddenFromAll !== true;
        const wanted = isAllowed ? 'allowed' : 'hidden';
        const isHidden = answer.statusCode === 404 && answer.body === nothing;
        const isRefused =
          [401, 403, 404].includes(answer.statusCode) || answer.location.startsWith('/sign-in?');
        expect([
          role,
          isHidden ? 'hidden' : isRefused ? `refused with ${answer.statusCode}` : 'allowed',
        ]).toEqual([role, wanted]);
        expect(answer.statusCode).toBeLessThan(500);
      }
    },
  );
});

test('W01 looking at any route changes nothing, whoever looks', async () => {
  const tokens = [null, (await someone('viewer')).token, (await someone('admin')).token];
  const before = await fingerprint(whole.desk);
  for (const row of ROUTES) {
    for (const method of LOOKING) {
      for (const token of tokens) {
        const answer = await ask(row, { token, method });
        expect([row.path, method, answer.statusCode < 500]).toEqual([row.path, method, true]);
      }
    }
  }
  const after = await fingerprint(whole.desk);
  // When a session was last seen is noted once a minute.
  expect({ ...after, 'public.agent_sessions': '' }).toEqual({ ...before, 'public.agent_sessions': '' });
});

describe('W05 a form', () => {
  const guarded = posts.filter((row) => row.access !== 'token' && row.anyOrigin !== true);

  test('W05 of another site is taken by no route', async () => {
    const { token, field } = await someone('admin');
    const before = await fingerprint(whole.desk);
    for (const row of guarded) {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://elsewhere.example' },
      ]) {
        const { statusCode } = await ask(row, { token, field, headers });
        expect([row.method, row.path, headers, statusCode]).toEqual([row.method, row.path, headers, 403]);
      }
    }
    expect(await fingerprint(whole.desk)).toEqual(before);
  });

  test('W05 without the hidden field of this very session is taken by no route for agents', async () => {
    const { token } = await someone('admin');
    const other = await someone('admin');
    const before = await fingerprint(whole.desk);
    for (const row of guarded.filter(isForAgents)) {
      for (const field of [null, '', 'x'.repeat(40), other.field]) {
        const { statusCode } = await ask(row, { token, field });
        expect([row.method, row.path, statusCode]).toEqual([row.method, row.path, 403]);
      }
    }
    expect(await fingerprint(whole.desk)).toEqual(before);
  });
});
