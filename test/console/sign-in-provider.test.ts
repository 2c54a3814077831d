/** Signing in with a provider, against a real one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAgent, changeAgent } from '../../src/console/access/agents.ts';
import { signInVouched } from '../../src/console/access/subjects.ts';
import { Browser, type Door, openDoor } from './door.ts';
import { CLIENT, type RunningProvider, signInThere, startProvider } from './provider.ts';

const PUBLIC_URL = 'http://desk.example/privacy';
const COMMAND = { id: null, name: 'the command line' };

let provider: RunningProvider;
let door: Door;
beforeAll(async () => {
  provider = await startProvider();
  await provider.serve(`${PUBLIC_URL}/sign-in/callback`);
  door = await openDoor({ publicUrl: PUBLIC_URL, provider: { issuer: provider.issuer, ...CLIENT } });
});
afterAll(async () => {
  await door[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** An agent with the address that the provider knows somebody of this name by. */
async function agent(name: string): Promise<number> {
  const change = await addAgent(door.db, COMMAND, { name, email: `${name}@Example.org`, role: 'agent' });
  expect(change.kind).toBe('done');
  const row = await door.db('agents').select<{ id: number }[]>('id').where({ name }).first();
  return row!.id;
}

/** @returns where the browser is to go, at the provider */
const begin = async (browser: Browser, next = '/queue?a=b'): Promise<string> => {
  const answer = await browser.get(`/sign-in/provider?next=${encodeURIComponent(next)}`);
  expect(answer.statusCode).toBe(303);
  return String(answer.headers.location);
};

const back = (browser: Browser, url: URL) =>
  browser.get(`/sign-in/callback${url.search}`, { 'sec-fetch-site': 'cross-site' });

let opened = 0;
/** Each at an address of its own: the limit of tries is not what refuses anybody here. */
const openBrowser = () => {
  opened += 1;
  return new Browser(door, `198.51.100.${opened}`);
};

/** All of the way, with what goes wrong on it. */
async function come(
  name: string,
  changes: { readonly out?: (url: URL) => void; readonly home?: (url: URL) => void } = {},
) {
  const browser = openBrowser();
  const start = new URL(await begin(browser));
  changes.out?.(start);
  const home = await signInThere(start.href, name);
  changes.home?.(home);
  return { browser, answer: await back(browser, home), home };
}

test('an agent is let in by a verified address at first and by the account from then on', async () => {
  const id = await agent('ada');
  const { browser, answer } = await come('ada');
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/privacy/queue?a=b']);
  expect((await browser.get('/queue')).body).toContain('ada');
  await door.db('agents').where({ id }).update({ email: null });
  expect((await come('ada')).answer.statusCode).toBe(303);
  const acts = await door.db('agent_events').where({ agent_id: id, what: 'subject' });
  expect(acts).toHaveLength(1);
});

test('an address that only looks like the agent’s opens nothing', async () => {
  await agent('kay');
  const like = { issuer: provider.issuer, subject: 'somebody else', verifiedEmail: '\u212Aay@example.org' };
  expect(await signInVouched(door.db, like, 'x')).toBeNull();
  expect(await signInVouched(door.db, { ...like, verifiedEmail: 'Kay@example.org' }, 'x')).not.toBeNull();
});

test('the sign-in page leads to the provider, and the cookie that comes back is Lax and sealed', async () => {
  const browser = openBrowser();
  const page = await browser.get('/sign-in?next=%2Fqueue%3Fa%3Db');
  expect(page.body).toContain(
    `href="/privacy/sign-in/provider?next&#x3D;%2Fqueue%3Fa%3Db"`.replace('next&#x3D;', 'next='),
  );
  const answer = await browser.get('/sign-in/provider');
  expect(answer.cookies).toEqual([
    expect.objectContaining({
      name: 'purgedesk_handover',
      sameSite: 'Lax',
      httpOnly: true,
      path: '/privacy',
      maxAge: 600,
    }),
  ]);
  const url = new URL(String(answer.headers.location));
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    scope: 'openid email',
    redirect_uri: `${PUBLIC_URL}/sign-in/callback`,
  });
  const kept = Buffer.from(answer.cookies[0]?.value ?? '', 'base64url').toString('latin1');
  expect(kept).not.toContain(url.searchParams.get('state'));
});

describe('W07 nobody comes in', () => {
  const refused = async (answer: Awaited<ReturnType<typeof back>>, browser: Browser, status: number) => {
    expect(answer.statusCode).toBe(status);
    expect(browser.cookies.has('purgedesk_session')).toBe(false);
    expect((await browser.get('/queue')).statusCode).toBe(303);
  };

  test('W07 whom no admin has added', async () => {
    const before = await door.db('agents').count('* as n');
    const { answer, browser } = await come('stranger');
    await refused(answer, browser, 403);
    expect(await door.db('agents').count('* as n')).toEqual(before);
  });

  test('W07 whose address the provider has not verified', async () => {
    await agent('una');
    const { answer, browser } = await come('una-unverified');
    await refused(answer, browser, 403);
  });

  test('W07 who is shut out, bound or not', async () => {
    const id = await agent('dora');
    expect((await come('dora')).answer.statusCode).toBe(303);
    await changeAgent(door.db, COMMAND, id, { what: 'disabled' });
    await refused((await come('dora')).answer, openBrowser(), 403);
    const unbound = await agent('dan');
    await changeAgent(door.db, COMMAND, unbound, { what: 'disabled' });
    await refused((await come('dan')).answer, openBrowser(), 403);
  });

  test('W07 who has the address of an agent now, but not the account that the agent came with', async () => {
    await agent('eve');
    expect((await come('eve')).answer.statusCode).toBe(303);
    const { answer, browser } = await come('eve-second');
    await refused(answer, browser, 403);
  });

  test.each([
    ['another nonce', { out: (url: URL) => url.searchParams.set('nonce', 'another') }],
    ['another state', { home: (url: URL) => url.searchParams.set('state', 'another') }],
    ['another issuer', { home: (url: URL) => url.searchParams.set('iss', 'https://evil.example') }],
    ['another code', { home: (url: URL) => url.searchParams.set('code', 'another') }],
    ['an error', { home: (url: URL) => url.searchParams.set('error', 'access_denied') }],
  ])('W07 with %s', async (_title, changes) => {
    const { answer, browser } = await come('ada', changes);
    await refused(answer, browser, 422);
  });

  test('W07 with a code that was used before, or that another browser began', async () => {
    const browser = openBrowser();
    const home = await signInThere(await begin(browser), 'ada');
    const thief = openBrowser();
    await refused(await back(thief, home), thief, 422);
    // The code of one way with the secrets of another.
    const other = new URL(await begin(thief));
    const mixed = new URL(home);
    mixed.searchParams.set('state', other.searchParams.get('state') ?? '');
    await refused(await back(thief, mixed), thief, 422);
    const kept = browser.cookies.get('purgedesk_handover') ?? '';
    await back(browser, home);
    expect(browser.cookies.has('purgedesk_handover')).toBe(false);
    const again = openBrowser();
    again.cookies.set('purgedesk_handover', kept);
    await refused(await back(again, home), again, 422);
  });

  test('W07 by a provider that is another than configured, or none', async () => {
    const issuer = provider.issuer.replace('127.0.0.1', 'localhost');
    await using other = await openDoor({ publicUrl: PUBLIC_URL, provider: { issuer, ...CLIENT } });
    const answer = await new Browser(other).get('/sign-in/provider');
    expect([answer.statusCode, answer.cookies]).toEqual([502, []]);
    await using without = await openDoor({ publicUrl: PUBLIC_URL });
    expect((await new Browser(without).get('/sign-in/provider')).statusCode).toBe(404);
    expect((await new Browser(without).get('/sign-in/callback?code=a&state=b')).statusCode).toBe(404);
  });

  test('W07 and the log names nobody', () => {
    expect(door.logged()).toContain('a sign-in was refused');
    expect(door.logged()).not.toMatch(/example\.org|stranger|una|dora/);
  });
});
