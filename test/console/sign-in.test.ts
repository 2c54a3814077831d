/** Coming in: the link, the password, the code, and what keeps guessers and thieves out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAgent, changeAgent } from '../../src/console/access/agents.ts';
import { storeSecret } from '../../src/console/access/credentials.ts';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { hashPassword } from '../../src/console/access/password.ts';
import { startSession } from '../../src/console/access/sessions.ts';
import { browserMark, forgetOldTries } from '../../src/console/access/tries.ts';
import type { AgentRole } from '../../src/domain/agents.ts';
import { untilBackendsWait } from '../support/database.ts';
import { Browser, codeOf, type Door, openDoor, PASSWORD, secretOf } from './door.ts';

let door: Door;
/** Of PASSWORD: making one takes a while, and is meant to. */
let hash: string;
beforeAll(async () => {
  hash = await hashPassword(PASSWORD);
  door = await openDoor();
});
afterAll(() => door[Symbol.asyncDispose]());

const COMMAND = { id: null, name: 'the command line' };
let added = 0;

/** Somebody new with a link that was not used yet. */
async function invited(role: AgentRole = 'agent') {
  added += 1;
  const name = `Grace ${added}`;
  const change = await addAgent(door.db, COMMAND, { name, email: null, role });
  if (change.kind === 'refused') throw new Error(change.why);
  const link = change.link ?? '';
  const found = await door.db('agents').select<{ id: number }[]>('id').where({ name }).first();
  return { name, link, id: found!.id, secret: secretOf(door, link) };
}

/** Somebody new who has used it, in a browser of their own. */
async function working(role: AgentRole = 'agent') {
  const agent = await invited(role);
  const browser = new Browser(door, `198.51.100.${added % 250}`);
  await door.db('agents').where({ id: agent.id }).update({ password_hash: hash });
  const chosen = { secret: agent.secret, step: 1 };
  const recovery = await door.db.transaction((trx) => storeSecret(trx, door.ports.key, agent.id, chosen));
  browser.cookies.set(SESSION_COOKIE, await startSession(door.db, agent.id));
  browser.cookies.set('purgedesk_browser', browserMark(door.ports.key, agent.name));
  return { ...agent, browser, recovery };
}

const signIn = (browser: Browser, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  browser.post('/sign-in', { name: '', password: '', code: '', ...fields }, headers);

describe('the link by which an agent chooses a password', () => {
  test('leads to a password and an app, shows ten recovery codes once, and counts once', async () => {
    const { link, name, secret } = await invited();
    const browser = new Browser(door);
    const answer = await browser.post(`/set-up/${link}`, { password: PASSWORD, code: codeOf(secret) });
    const recovery = [...answer.body.matchAll(/<li>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})<\/li>/g)].map(
      ([, code]) => code,
    );
    expect(answer.statusCode).toBe(200);
    expect(new Set(recovery).size).toBe(10);
    expect((await browser.get('/queue')).body).toContain(name);
    expect((await browser.get(`/set-up/${link}`)).statusCode).toBe(404);
    const again = await browser.post(`/set-up/${link}`, { password: PASSWORD, code: '123456' });
    expect(again.statusCode).toBe(404);
  });

  test('shows the same QR code at each look, without script or style in the page', async () => {
    const { link, secret } = await invited();
    const look = await new Browser(door).get(`/set-up/${link}`);
    expect(look.body).toBe((await new Browser(door).get(`/set-up/${link}`)).body);
    expect(look.body).toMatch(/<svg class="qr"/);
    expect(look.body).not.toMatch(/<script|style=/);
    expect(secret).toHaveLength(20);
  });

  test.each([
    ['short', 'eleven char', 'characters or more'],
    ['one of the commonest', 'Password1234', 'first that somebody would try'],
    ['of few letters', 'abababababab', 'first that somebody would try'],
  ])('takes no password that is %s', async (_what, password, words) => {
    const { link, secret } = await invited();
    const answer = await new Browser(door).post(`/set-up/${link}`, { password, code: codeOf(secret) });
    expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining(words)]);
    expect(answer.body).toMatch(/aria-invalid="true"/);
  });

  test('takes no password that is mostly the name', async () => {
    const { link, secret, name } = await invited();
    const answer = await new Browser(door).post(`/set-up/${link}`, {
      password: `${name} ${name}!`,
      code: codeOf(secret),
    });
    expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining('mostly your name')]);
  });

  test('is over after a day, when a newer one is made, and when the agent is shut out', async () => {
    const late = await invited();
    await door
      .db('agent_links')
      .where({ agent_id: late.id })
      .update({ expires_at: door.db.raw('clock_timestamp()') });
    const replaced = await invited();
    await changeAgent(door.db, COMMAND, replaced.id, { what: 'reset' });
    const out = await invited();
    await changeAgent(door.db, COMMAND, out.id, { what: 'disabled' });
    for (const { link, secret } of [late, replaced, out]) {
      const browser = new Browser(door);
      expect((await browser.get(`/set-up/${link}`)).statusCode).toBe(404);
      const sent = await browser.post(`/set-up/${link}`, { password: PASSWORD, code: codeOf(secret) });
      expect([sent.statusCode, browser.cookies.size]).toEqual([404, 0]);
    }
  });

  test('used twice at once sets up one access', async () => {
    const { link, secret, id } = await invited();
    const holder = await door.db.transaction();
    await holder('agent_links').where({ agent_id: id }).forUpdate();
    const both = [1, 2].map(() =>
      new Browser(door).post(`/set-up/${link}`, { password: PASSWORD, code: codeOf(secret) }),
    );
    await untilBackendsWait(door.db, 2);
    await holder.rollback();
    const answers = await Promise.all(both);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 404]);
  });

  test('leaves nothing in the database by which somebody could sign in', async () => {
    const { id, link, secret, recovery, browser } = await working();
    const dump = JSON.stringify([
      await door.db('agents').where({ id }),
      await door.db('agent_links').where({ agent_id: id }),
      await door.db('agent_recovery_codes').where({ agent_id: id }),
      await door.db('agent_sessions').where({ agent_id: id }),
    ]);
    const secrets = [link, PASSWORD, secret.toString('hex'), ...recovery, ...browser.cookies.values()];
    for (const text of secrets) {
      for (const way of [
        text,
        JSON.stringify(Buffer.from(text, 'base64url')),
        JSON.stringify(Buffer.from(text)),
        JSON.stringify(Buffer.from(text, 'hex')),
      ])
        expect(way.length > 40 || way === text ? dump.includes(way) : false).toBe(false);
    }
    expect(dump).toMatch(/scrypt\$15\$8\$3\$/);
  });
});

describe('W07 signing in', () => {
  test('takes name, password and code together, and leads back to where one came from', async () => {
    const { name, secret } = await working();
    const browser = new Browser(door);
    const form = await browser.get('/sign-in?next=%2Fqueue%3Fstate%3Dgrace');
    expect(form.body).toContain('name="next" value="/queue?state&#x3D;grace"');
    const answer = await signIn(browser, {
      name: name.toUpperCase(),
      password: PASSWORD,
      code: codeOf(secret, 0),
      next: '/queue?state=grace',
    });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/queue?state=grace']);
    expect((await browser.get('/queue')).statusCode).toBe(200);
    expect((await browser.get('/sign-in')).headers.location).toBe('/queue');
  });

  test('W07 says the same whatever was wrong, and works as hard for a name that nobody has', async () => {
    const { name, secret, id } = await working();
    const out = await working();
    await changeAgent(door.db, COMMAND, out.id, { what: 'disabled' });
    const wrong = [
      { name: 'Nobody', password: PASSWORD, code: codeOf(secret) },
      { name, password: 'wrong but long', code: codeOf(secret) },
      { name, password: PASSWORD, code: '000000' === codeOf(secret) ? '000001' : '000000' },
      { name, password: PASSWORD, code: 'aaaa-bbbb-cccc' },
      { name: out.name, password: PASSWORD, code: codeOf(out.secret) },
      { name: '', password: '', code: '' },
    ];
    const pages = [];
    for (const fields of wrong) {
      const answer = await signIn(new Browser(door, '203.0.113.9'), fields);
      expect(answer.statusCode).toBe(422);
      expect(answer.cookies).toEqual([]);
      pages.push(answer.body.replace(/name="name" value="[^"]*"/, ''));
    }
    expect(new Set(pages).size).toBe(1);
    const row = await door.db('agents').where({ id }).first();
    expect(Number(row.totp_step)).toBeLessThan(Date.now() / 30_000);
    expect(door.logged()).not.toMatch(/Grace|Nobody|otter/);
  });

  test('W07 takes a code once, also of two browsers at once', async () => {
    const { name, secret } = await working();
    const code = codeOf(secret);
    const answers = await Promise.all(
      [1, 2, 3].map((n) =>
        signIn(new Browser(door, `203.0.113.${10 + n}`), { name, password: PASSWORD, code }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([303, 422, 422]);
  });

  test('W07 takes a recovery code once, and says that it was used', async () => {
    const { name, recovery, id } = await working();
    const fields = { name, password: PASSWORD, code: ` ${recovery[3]?.toUpperCase().replaceAll('-', ' ')}` };
    expect((await signIn(new Browser(door), fields)).statusCode).toBe(303);
    expect((await signIn(new Browser(door), fields)).statusCode).toBe(422);
    const noted = await door.db('agent_events').where({ agent_id: id, what: 'recovery' });
    expect(noted).toHaveLength(1);
  });

  test('W07 looks at a handful of a thousand tries at once, and at the right one when the wait is over', async () => {
    const { name, secret } = await working();
    const code = codeOf(secret);
    const guesses = Array.from({ length: 1_000 }, (_, n) =>
      signIn(new Browser(door, `10.0.${n >> 8}.${n & 255}`), { name, password: `guess number ${n}`, code }),
    );
    const codes = (await Promise.all(guesses)).map(({ statusCode }) => statusCode);
    const looked = codes.filter((status) => status === 422).length;
    expect(looked).toBeLessThan(12);
    // Where a slow machine has no connection left for so many at once, the rest are refused for that.
    expect(codes.filter((status) => ![422, 429, 500].includes(status))).toEqual([]);
    expect(codes.filter((status) => status === 429).length).toBeGreaterThan(looked);
    // The agent's own new browser waits as well, and is told how long; never longer than minutes.
    await door.db('sign_in_tries').update({ failures: 900, next_at: door.db.raw('clock_timestamp()') });
    await signIn(new Browser(door, '10.9.0.1'), { name, password: 'one more guess', code });
    const waiting = await signIn(new Browser(door, '10.9.0.2'), { name, password: PASSWORD, code });
    expect(waiting.statusCode).toBe(429);
    expect(Number(waiting.headers['retry-after'])).toBeLessThanOrEqual(300);
    await door.db('sign_in_tries').update({ next_at: door.db.raw('clock_timestamp()') });
    const right = await signIn(new Browser(door, '10.9.0.3'), { name, password: PASSWORD, code });
    expect(right.statusCode).toBe(303);
  });

  test('W07 guesses elsewhere do not keep the agent out of a browser that was used before', async () => {
    const { name, secret, browser } = await working();
    await browser.post('/sign-out', {});
    expect(browser.cookies.size).toBe(1);
    await signIn(new Browser(door), { name, password: 'guess', code: '1' });
    await door
      .db('sign_in_tries')
      .update({ failures: 900, next_at: door.db.raw(`clock_timestamp() + interval '1 hour'`) });
    const code = codeOf(secret);
    expect((await signIn(new Browser(door), { name, password: PASSWORD, code })).statusCode).toBe(429);
    expect((await signIn(browser, { name, password: PASSWORD, code })).statusCode).toBe(303);
    await door.db('sign_in_tries').delete();
  });

  test('counts of names that nobody has go by their age, not by a sign-in', async () => {
    await signIn(new Browser(door, '10.9.1.1'), { name: 'nobody of old' });
    await door
      .db('sign_in_tries')
      .update({ next_at: door.db.raw(`clock_timestamp() - interval '49 hours'`) });
    await signIn(new Browser(door, '10.9.1.1'), { name: 'nobody of today' });
    await forgetOldTries(door.db);
    expect(await door.db('sign_in_tries').select('failures')).toEqual([{ failures: 1 }]);
    await door.db('sign_in_tries').delete();
  });

  test('W07 one address tries thirty times a minute, whatever names it tries', async () => {
    const browser = new Browser(door, '203.0.113.77');
    for (let n = 0; n < 30; n += 1) await signIn(browser, { name: 'guessed name' });
    expect((await signIn(browser, { name: 'another name' })).statusCode).toBe(429);
    expect((await signIn(new Browser(door, '203.0.113.78'), { name: 'another name' })).statusCode).toBe(422);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '',
    '/ö',
  ])('leads nowhere but to the desk itself: %j', async (next) => {
    const form = await new Browser(door).get(`/sign-in?next=${encodeURIComponent(next)}`);
    expect(form.body).toContain('name="next" value="/queue"');
  });

  test('W05 is not done by a form of another site', async () => {
    const { name, secret } = await working();
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://elsewhere.example' }]) {
      const browser = new Browser(door);
      const answer = await signIn(browser, { name, password: PASSWORD, code: codeOf(secret) }, headers);
      expect([answer.statusCode, browser.cookies.size]).toEqual([403, 0]);
    }
  });
});

describe('W07 a session', () => {
  const tokenOf = (browser: Browser) => browser.cookies.get('purgedesk_session') ?? '';
  const at = (token: string, headers = {}) => {
    const thief = new Browser(door);
    thief.cookies.set('purgedesk_session', token);
    return thief.get('/queue', headers);
  };

  test('W07 gets a new token at each sign-in, and the one before ends', async () => {
    const { name, secret, browser } = await working();
    const before = tokenOf(browser);
    await signIn(browser, { name, password: PASSWORD, code: codeOf(secret) });
    expect(tokenOf(browser)).not.toBe(before);
    expect((await at(before)).statusCode).toBe(303);
    expect((await at(tokenOf(browser))).statusCode).toBe(200);
  });

  test('W07 cannot be planted: a token that we did not make stays nobody’s', async () => {
    const { name, secret } = await working();
    const browser = new Browser(door);
    browser.cookies.set('purgedesk_session', 'A'.repeat(43));
    await signIn(browser, { name, password: PASSWORD, code: codeOf(secret) });
    expect(tokenOf(browser)).not.toBe('A'.repeat(43));
    expect((await at('A'.repeat(43))).statusCode).toBe(303);
  });

  test.each([
    ['30 minutes without use', 'seen_at'],
    ['12 hours, however busy it was', 'created_at'],
  ])('W07 is over after %s', async (_title, column) => {
    const { browser, id } = await working();
    const back = column === 'seen_at' ? '29 minutes' : '11 hours 59 minutes';
    const set = (interval: string) =>
      door
        .db('agent_sessions')
        .where({ agent_id: id })
        .update({ [column]: door.db.raw(`clock_timestamp() - cast(? as interval)`, [interval]) });
    await set(back);
    expect((await at(tokenOf(browser))).statusCode).toBe(200);
    await set(column === 'seen_at' ? '31 minutes' : '12 hours 1 minute');
    expect((await at(tokenOf(browser))).statusCode).toBe(303);
  });

  test('W07 ends in the database when the agent signs out', async () => {
    const { browser } = await working();
    const token = tokenOf(browser);
    const answer = await browser.post('/sign-out', {});
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sign-in']);
    expect((await at(token)).statusCode).toBe(303);
  });

  test.each([
    { title: 'is shut out', order: { what: 'disabled' } as const },
    { title: 'gets another role', order: { what: 'role', role: 'viewer' } as const },
    { title: 'is reset', order: { what: 'reset' } as const },
  ])('W07 ends when the agent $title', async ({ order }) => {
    const { browser, id } = await working();
    expect((await browser.get('/queue')).statusCode).toBe(200);
    await changeAgent(door.db, COMMAND, id, order);
    expect((await browser.get('/queue')).statusCode).toBe(303);
  });

  test('W07 counts no more once its agent is shut out, though it was not ended', async () => {
    const { browser, id } = await working();
    await door.db('agents').where({ id }).update({ disabled_at: new Date() });
    expect((await browser.get('/queue')).statusCode).toBe(303);
  });

  test('W07 whoever is shut out and let in again needs to sign in', async () => {
    const { browser, id } = await working();
    await changeAgent(door.db, COMMAND, id, { what: 'disabled' });
    await changeAgent(door.db, COMMAND, id, { what: 'enabled' });
    expect((await browser.get('/queue')).statusCode).toBe(303);
  });

  test('W05 whoever follows a link from elsewhere is asked by a page of ours once, and not to sign in', async () => {
    const asked = await new Browser(door).get('/queue?state=grace', { 'sec-fetch-site': 'cross-site' });
    expect(asked.statusCode).toBe(200);
    expect(asked.body).toContain('<meta http-equiv="refresh" content="0;url=/queue?state&#x3D;grace">');
    const again = await new Browser(door).get('/queue?state=grace');
    expect(again.headers.location).toBe('/sign-in?next=%2Fqueue%3Fstate%3Dgrace');
  });
});

test.each([
  { publicUrl: 'https://desk.example', name: '__Host-purgedesk_session', path: '/', secure: true },
  {
    publicUrl: 'https://desk.example/desk/',
    name: '__Secure-purgedesk_session',
    path: '/desk',
    secure: true,
  },
  { publicUrl: 'http://127.0.0.1:8080', name: 'purgedesk_session', path: '/', secure: undefined },
])('W05 W07 the cookie of $publicUrl is $name', async ({ publicUrl, name, path, secure }) => {
  await using sample = await openDoor({ publicUrl, hasSamples: true });
  const browser = new Browser(sample);
  const answer = await browser.post('/sign-in/sample', { name: 'Vera' });
  expect(answer.cookies).toEqual([
    {
      name,
      value: expect.stringMatching(/^[\w-]{43}$/),
      path,
      httpOnly: true,
      sameSite: 'Strict',
      ...(secure === undefined ? {} : { secure }),
    },
  ]);
  expect((await browser.get('/queue')).statusCode).toBe(200);
  const out = await browser.post('/sign-out', {});
  expect(out.cookies[0]).toMatchObject({ name, value: '', path });
});

describe('the sample agents', () => {
  test('come in without a password where everything is a sample, in each role', async () => {
    await using sample = await openDoor({ hasSamples: true });
    for (const name of ['Vera', 'Alex', 'Petra', 'Paul', 'Adele']) {
      const browser = new Browser(sample);
      expect((await browser.get('/sign-in')).body).toContain(`Continue as ${name}`);
      await browser.post('/sign-in/sample', { name });
      expect((await browser.get('/queue')).body).toContain(name);
    }
    const unknown = await new Browser(sample).post('/sign-in/sample', { name: 'Eve' });
    expect([unknown.statusCode, unknown.cookies]).toEqual([422, []]);
  });

  test('W07 are nobody where anything is real, also with a session of theirs', async () => {
    await using sample = await openDoor({ hasSamples: true });
    const browser = new Browser(sample);
    await browser.post('/sign-in/sample', { name: 'Adele' });
    await using real = await openDoor({ db: sample.db, hasSamples: false });
    const there = new Browser(real);
    for (const [name, value] of browser.cookies) there.cookies.set(name, value);
    expect((await there.get('/queue')).statusCode).toBe(303);
    expect((await there.get('/sign-in')).body).not.toContain('Continue as');
    expect((await new Browser(real).post('/sign-in/sample', { name: 'Adele' })).statusCode).toBe(404);
  });

  test('W07 never stand in for somebody real of the same name', async () => {
    await using sample = await openDoor({ hasSamples: true });
    await addAgent(sample.db, COMMAND, { name: 'adele', email: null, role: 'admin' });
    const answer = await new Browser(sample).post('/sign-in/sample', { name: 'Adele' });
    expect([answer.statusCode, answer.cookies]).toEqual([422, []]);
  });
});
