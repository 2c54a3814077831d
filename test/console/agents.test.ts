/** Who works at the desk: on the command line, on /agents, and what agents change about themselves. */
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { addAgentCommands } from '../../src/commands/cli-agents.ts';
import { addAgent, changeAgent } from '../../src/console/access/agents.ts';
import { storeSecret } from '../../src/console/access/credentials.ts';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { hashPassword } from '../../src/console/access/password.ts';
import { startSession } from '../../src/console/access/sessions.ts';
import { type AgentRole, plainName } from '../../src/domain/agents.ts';
import { untilBackendsWait } from '../support/database.ts';
import { Browser, codeOf, type Door, openDoor, PASSWORD, tokenIn } from './door.ts';

let door: Door;
let hash: string;
beforeAll(async () => {
  door = await openDoor();
  hash = await hashPassword(PASSWORD);
});
afterAll(() => door[Symbol.asyncDispose]());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

let made = 0;

/** Somebody who works here already, in a browser of their own. */
async function someone(role: AgentRole, on: Door = door) {
  made += 1;
  const name = `${role} ${made}`;
  const [row] = await on
    .db('agents')
    .insert({ name, plain_name: plainName(name), role, password_hash: hash })
    .returning<{ id: number }[]>('id');
  const id = row!.id;
  const secret = Buffer.from(`secret of number ${String(made).padStart(3, '0')}`);
  await on.db.transaction((trx) => storeSecret(trx, on.ports.key, id, { secret, step: 1 }));
  const signedIn = async (from: Door) => {
    const browser = new Browser(from, `198.51.100.${made}`);
    browser.cookies.set(SESSION_COOKIE, await startSession(from.db, id, 'Firefox on Linux'));
    return browser;
  };
  return { id, name, secret, browser: await signedIn(on), another: () => signedIn(on) };
}

const stored = (id: number) => door.db('agents').where({ id }).first();

describe('the command line', () => {
  async function run(...args: readonly string[]): Promise<string> {
    vi.stubEnv('DATABASE_URL', door.url);
    vi.stubEnv('SECRET_KEY', Buffer.from(door.ports.key).toString('base64'));
    vi.stubEnv('IMAP_URL', 'imap://desk:secret@127.0.0.1:1/INBOX');
    vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
    vi.stubEnv('DESK_ADDRESS', 'desk@example.org');
    vi.stubEnv('PUBLIC_URL', 'https://privacy.example.org/desk/');
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
    const program = new Command();
    addAgentCommands(program);
    await program.parseAsync(['node', 'purgedesk', 'agent', ...args]);
    vi.restoreAllMocks();
    return written.join('');
  }

  test('adds an agent with a link, lists, changes, shuts out and lets in, and each is noted', async () => {
    const added = await run('add', 'Ada Lovelace', '--role', 'admin', '--email', 'ada@example.org');
    expect(added).toMatch(/https:\/\/privacy\.example\.org\/desk\/set-up\/[\w-]{43}\n/);
    expect((await new Browser(door).get(`/set-up/${tokenIn(added)}`)).statusCode).toBe(200);
    expect(await run('list')).toMatch(/Ada Lovelace +admin +link not used yet/);
    await expect(run('add', 'ada-lovelace', '--role', 'viewer')).rejects.toThrow('one that looks like it');
    await expect(run('add', '<b>', '--role', 'viewer')).rejects.toThrow('a name has');
    await expect(run('add', 'Other', '--role', 'root')).rejects.toThrow('a role is one of');
    await expect(run('disable', 'Ada Lovelace')).rejects.toThrow('last admin');
    await run('add', 'Grace', '--role', 'admin', '--as', 'Root');
    expect(await run('role', 'ada lovelace', 'agent', '--as', 'Root')).toContain('Done');
    await run('disable', 'Ada Lovelace', '--as', 'Root');
    expect(await run('list')).toMatch(/Ada Lovelace +agent, disabled/);
    await run('enable', 'Ada Lovelace', '--as', 'Root');
    expect(JSON.parse(await run('reset', 'Ada Lovelace', '--as', 'Root', '--json')).link).toMatch(
      /\/set-up\//,
    );
    const acts = await door.db('agent_events').select('what', 'actor').orderBy('id');
    expect(acts.map(({ what, actor }) => `${what} by ${actor}`)).toEqual([
      'added by the command line',
      'added by Root',
      'role by Root',
      'disabled by Root',
      'enabled by Root',
      'reset by Root',
    ]);
  });
});

describe('W06 /agents', () => {
  test('adds somebody and shows the link once; nobody else sees the page', async () => {
    const { browser, name } = await someone('admin');
    const fields = { name: 'Hedy <Lamarr>', email: '', role: 'agent' };
    expect((await browser.post('/agents', fields)).statusCode).toBe(422);
    const added = await browser.post('/agents', { ...fields, name: 'Hedy Lamarr' });
    expect([added.statusCode, tokenIn(added.body)]).toEqual([200, expect.stringMatching(/^.{43}$/)]);
    expect(tokenIn((await browser.get('/agents')).body)).toBe('');
    expect((await browser.get('/agents')).body).toMatch(
      new RegExp(`Hedy Lamarr</td><td>added[^\\n]*by ${name}`),
    );
    for (const role of ['viewer', 'agent', 'approver'] as const) {
      const other = await someone(role);
      expect((await other.browser.get('/agents')).statusCode).toBe(404);
      expect((await other.browser.post('/agents', { ...fields, name: 'Eve' })).statusCode).toBe(404);
    }
  });

  test('shuts out, lets in, resets and gives a role, and asks for the name where something is taken away', async () => {
    const { browser } = await someone('admin');
    const other = await someone('agent');
    const path = `/agents/${other.id}`;
    for (const act of ['disable', 'reset']) {
      for (const confirm of ['', 'yes', `${other.name}x`]) {
        expect((await browser.post(`${path}/${act}`, { confirm })).statusCode).toBe(422);
      }
    }
    expect(await stored(other.id)).toMatchObject({ disabled_at: null, password_hash: hash });
    expect((await browser.post(`${path}/role`, { role: 'root' })).statusCode).toBe(422);
    expect((await browser.post(`${path}/role`, { role: 'approver' })).headers.location).toBe(
      '/agents?done=role',
    );
    await browser.post(`${path}/disable`, { confirm: other.name.toUpperCase() });
    expect((await stored(other.id)).disabled_at).not.toBeNull();
    await browser.post(`${path}/enable`, {});
    const reset = await browser.post(`${path}/reset`, { confirm: other.name });
    expect(tokenIn(reset.body)).not.toBe('');
    expect(await stored(other.id)).toMatchObject({
      role: 'approver',
      disabled_at: null,
      password_hash: null,
    });
    expect(await door.db('agent_recovery_codes').where({ agent_id: other.id })).toEqual([]);
  });

  test.each(['role', 'disable', 'reset'])('W06 nobody changes their own: %s', async (act) => {
    const { browser, id, name } = await someone('admin');
    const answer = await browser.post(`/agents/${id}/${act}`, { role: 'viewer', confirm: name });
    expect([answer.statusCode, answer.body]).toEqual([
      422,
      expect.stringContaining('Nobody changes their own'),
    ]);
    expect(await stored(id)).toMatchObject({ role: 'admin', disabled_at: null, password_hash: hash });
  });

  test('W06 of two admins who shut each other out at once, one stays', async () => {
    await using alone = await openDoor();
    const one = await someone('admin', alone);
    const two = await someone('admin', alone);
    const holder = await alone.db.transaction();
    await holder.raw('lock table agents in share row exclusive mode');
    const orders = [
      changeAgent(alone.db, one, two.id, { what: 'disabled' }),
      changeAgent(alone.db, two, one.id, { what: 'disabled' }),
    ];
    await untilBackendsWait(alone.db, 2);
    await holder.rollback();
    expect((await Promise.all(orders)).map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
    expect(await alone.db('agents').whereNull('disabled_at')).toHaveLength(1);
    const third = await someone('viewer', alone);
    const late = await Promise.all(
      [one, two].map((by) => changeAgent(alone.db, by, third.id, { what: 'role', role: 'agent' })),
    );
    expect(late).toContainEqual({ kind: 'refused', why: 'no_admin_any_more' });
  });

  test('W06 what was changed can be neither altered nor removed', async () => {
    const { name } = await someone('admin');
    await addAgent(door.db, { id: null, name }, { name: `by ${name}`, email: null, role: 'viewer' });
    await expect(door.db('agent_events').update({ actor: 'Eve' })).rejects.toThrow();
    await expect(door.db('agent_events').delete()).rejects.toThrow();
    await expect(door.db.raw('truncate agent_events')).rejects.toThrow();
  });
});

describe('/account', () => {
  const NEW = 'candle moss orbit';

  test('W07 a new password needs the old one, and ends the other sessions', async () => {
    const agent = await someone('viewer');
    const other = await agent.another();
    const wrong = await agent.browser.post('/account/password', { old: 'not this one', password: NEW });
    expect([wrong.statusCode, wrong.body]).toEqual([422, expect.stringContaining('not your password')]);
    const weak = await agent.browser.post('/account/password', { old: PASSWORD, password: 'short' });
    expect(weak.statusCode).toBe(422);
    expect((await other.get('/queue')).statusCode).toBe(200);
    const changed = await agent.browser.post('/account/password', { old: PASSWORD, password: NEW });
    expect([changed.statusCode, changed.headers.location]).toEqual([303, '/account?done=password']);
    expect((await other.get('/queue')).statusCode).toBe(303);
    expect((await agent.browser.get('/queue')).statusCode).toBe(200);
    const fields = { name: agent.name, password: NEW, code: codeOf(agent.secret) };
    expect((await new Browser(door).post('/sign-in', fields)).statusCode).toBe(303);
  });

  test('W07 whoever finds a browser open cannot try passwords there for long', async () => {
    const agent = await someone('viewer');
    for (let n = 0; n < 5; n += 1)
      await agent.browser.post('/account/password', { old: `guess ${n}`, password: NEW });
    await door
      .db('sign_in_tries')
      .update({ failures: 900, next_at: door.db.raw(`clock_timestamp() + interval '1 hour'`) });
    const refused = await agent.browser.post('/account/password', { old: PASSWORD, password: NEW });
    expect([refused.statusCode, refused.body]).toEqual([422, expect.stringContaining('Too many tries')]);
    await door.db('sign_in_tries').delete();
  });

  test('W07 new codes need the password and the app; the former ones count no more', async () => {
    const agent = await someone('viewer');
    const look = await agent.browser.get('/account/codes');
    const again = await agent.browser.get('/account/codes');
    expect(secretIn(again.body)).toEqual(secretIn(look.body));
    const secret = secretIn(look.body);
    const wrong = await agent.browser.post('/account/codes', { old: 'not this one', code: codeOf(secret) });
    expect(wrong.statusCode).toBe(422);
    expect((await agent.browser.post('/account/codes', { old: PASSWORD, code: '12' })).statusCode).toBe(422);
    const done = await agent.browser.post('/account/codes', { old: PASSWORD, code: codeOf(secret) });
    expect(done.body.match(/<li>/g)).toHaveLength(10);
    const signIn = (code: string) =>
      new Browser(door).post('/sign-in', { name: agent.name, password: PASSWORD, code });
    expect((await signIn(codeOf(agent.secret))).statusCode).toBe(422);
    // The next one, which counts already: the one before was used.
    expect((await signIn(codeOf(secret, 1))).statusCode).toBe(303);
  });

  test('says what was done, and nothing that an address made up', async () => {
    const { browser } = await someone('admin');
    for (const page of ['/account', '/agents']) {
      for (const done of ['constructor', 'toString', '__proto__', 'role&done=session']) {
        const { statusCode, body } = await browser.get(`${page}?done=${done}`);
        expect([done, statusCode, body.includes('class="notice good"')]).toEqual([done, 200, false]);
      }
    }
    expect((await browser.get('/account?done=session')).body).toContain('class="notice good"');
  });

  test('lists one’s sessions and ends them, and nobody else’s', async () => {
    const agent = await someone('viewer');
    const other = await agent.another();
    const stranger = await someone('viewer');
    const ids = await door.db('agent_sessions').select('id', 'agent_id').orderBy('id');
    const of = (agentId: number) => ids.filter((row) => row.agent_id === agentId).map(({ id }) => String(id));
    expect((await agent.browser.get('/account')).body).toContain('Firefox on Linux');
    await agent.browser.post('/account/sessions', { session: of(stranger.id)[0] ?? '' });
    expect((await stranger.browser.get('/queue')).statusCode).toBe(200);
    await agent.browser.post('/account/sessions', { session: of(agent.id)[1] ?? '' });
    expect((await other.get('/queue')).statusCode).toBe(303);
    const third = await agent.another();
    await agent.browser.post('/account/sessions', { session: 'others' });
    expect((await third.get('/queue')).statusCode).toBe(303);
    const out = await agent.browser.post('/account/sessions', { session: of(agent.id)[0] ?? '' });
    expect(out.headers.location).toBe('/sign-in');
  });
});

function secretIn(html: string): Uint8Array {
  const text = /class="mono secret">([^<]*)/.exec(html)?.[1] ?? '';
  const bits = [...text.replaceAll(' ', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
