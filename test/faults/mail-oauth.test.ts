/** A mailbox that is opened by OAuth 2.0: a real Dovecot that asks the provider whether a token is valid. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenSource } from '../../src/mail-auth/token-source.ts';
import { type Dovecot, startDovecot } from '../flow/dovecot.ts';
import { startTokenEndpoint, type TokenEndpoint } from '../support/token-endpoint.ts';
import { accountAt, type Inbox, mail, mails, openInbox, shas } from './imap/inbox.ts';
import { signIn } from './imap/person.ts';
import { startScriptedServer } from './imap/scripted-server.ts';
import { injected } from './tally.ts';

const USER = 'oauth-desk';
let folder: string;
let endpoint: TokenEndpoint;
let dovecot: Dovecot;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgedesk-oauth-'));
  await chmod(folder, 0o711); // as root Dovecot opens mail under another account
  endpoint = await startTokenEndpoint(USER);
  const oauth = join(folder, 'oauth2.conf.ext');
  await writeFile(
    oauth,
    [
      `introspection_mode = get`,
      `introspection_url = ${endpoint.introspectUrl}`,
      'username_attribute = username',
      'active_attribute = active',
      'active_value = true',
      '',
    ].join('\n'),
  );
  dovecot = await startDovecot(
    folder,
    undefined,
    [
      'auth_mechanisms = plain login xoauth2 oauthbearer',
      'auth_cache_size = 0',
      'mail_max_userip_connections = 3',
      `passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = ${oauth}\n}`,
      '',
    ].join('\n'),
  );
  url = await dovecot.addUser(USER);
});
afterAll(async () => {
  await dovecot?.stop();
  await endpoint?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const sourceWith = (secret: string) =>
  tokenSource({
    client: {
      tokenUrl: endpoint.tokenUrl,
      clientId: 'desk',
      clientSecret: { reveal: () => secret },
      scope: null,
    },
    refreshTokens: null,
    random: Math.random,
    now: () => performance.now(),
  });
const expectNoSecrets = (inbox: Inbox) => expect(inbox.log.join('\n')).not.toMatch(/canary/);

describe('OAuth 2.0', () => {
  test('opens the mailbox, also when tokens have expired or are revoked; a password goes on to', async () => {
    await using inbox = await openInbox();
    const tokens = sourceWith('canary-secret');
    endpoint.lifetime = 3_600;
    await dovecot.deliver(USER, mail(1));
    await inbox.watch(accountAt(url, { login: { kind: 'oauth', tokens } }));
    await inbox.untilTakenIn(1);
    expect(endpoint.given).toHaveLength(1);
    // Revoked: refused once, thrown away, another fetched before anybody is told.
    endpoint.revoke(endpoint.given[0]!);
    await dovecot.deliver(USER, mail(2));
    await inbox.watch(accountAt(url, { login: { kind: 'oauth', tokens } }));
    await inbox.untilTakenIn(2);
    expect(endpoint.given).toHaveLength(2);
    expect(inbox.logged('PD_MAILBOX')).toBe(0);
    // Gone by the time of the next session: a new one is fetched, nothing is refused.
    endpoint.lifetime = 1;
    tokens.rejected(endpoint.given[1]!);
    await tokens.accessToken();
    await inbox.until('the token is over', async () => (await tokens.accessToken()) !== endpoint.given[2]);
    endpoint.lifetime = 3_600;
    await dovecot.deliver(USER, mail(3));
    await inbox.watch(accountAt(url, { login: { kind: 'oauth', tokens } }));
    await inbox.untilTakenIn(3);
    expect(inbox.logged('PD_MAILBOX')).toBe(0);
    await dovecot.deliver(USER, mail(4));
    await inbox.watch(accountAt(url));
    await inbox.untilTakenIn(4);
    expect(await inbox.stored()).toEqual(shas(mails(1, 4)));
    expectNoSecrets(inbox);
  });

  test('with a client that the provider refuses is an error that names its code, and ends no poller', async () => {
    await using inbox = await openInbox();
    await inbox.watch(accountAt(url, { login: { kind: 'oauth', tokens: sourceWith('canary-wrong') } }));
    await inbox.until('it is told', async () => (await inbox.lastError()) === 'PD_MAILBOX_TOKEN');
    expect(inbox.logged('"cause":"invalid_client"')).toBe(1);
    expect(inbox.logged('"retryInMs":90000')).toBe(1);
    expectNoSecrets(inbox);
  });

  test('with a provider that is away comes back by itself', async () => {
    await using inbox = await openInbox();
    await dovecot.deliver(USER, mail(5));
    endpoint.answer = (response) => void response.destroy();
    await inbox.watch(accountAt(url, { login: { kind: 'oauth', tokens: sourceWith('canary-secret') } }));
    await inbox.until('it is told', async () => (await inbox.lastError()) === 'PD_MAILBOX_TOKEN');
    endpoint.answer = null;
    await inbox.untilTakenIn(1);
    expect(inbox.logged('"retryInMs":90000')).toBe(0);
    expect(await inbox.lastError()).toBeNull();
  });

  test('with tokens that the mail server refuses is a refused login, after one more token', async () => {
    await using inbox = await openInbox();
    const asked = endpoint.given.length;
    const login = { kind: 'oauth', tokens: sourceWith('canary-secret') } as const;
    await inbox.watch(accountAt(await dovecot.addUser('somebody-else'), { login }));
    await inbox.until('it is told', async () => (await inbox.lastError()) === 'PD_MAILBOX_LOGIN');
    expect(endpoint.given.length - asked).toBe(2);
    expect(inbox.logged('"retryInMs":90000')).toBe(1);
    expectNoSecrets(inbox);
  });
});

describe('F10 D19 a login that is refused', () => {
  test.each([
    { title: 'for good', answer: 'NO [AUTHENTICATIONFAILED] no', code: 'PD_MAILBOX_LOGIN', waits: 90_000 },
    { title: 'without a reason', answer: 'NO no', code: 'PD_MAILBOX_LOGIN', waits: 90_000 },
    {
      title: 'because the server is busy',
      answer: 'NO [UNAVAILABLE] later',
      code: 'PD_MAILBOX_FAILED',
      waits: null,
    },
    { title: 'because of a limit', answer: 'NO [LIMIT] too many', code: 'PD_MAILBOX_FAILED', waits: null },
    {
      title: 'because the account is in use',
      answer: 'NO [INUSE] wait',
      code: 'PD_MAILBOX_FAILED',
      waits: null,
    },
  ])('$title is $code', async ({ answer, code, waits }) => {
    await using server = await startScriptedServer([mail(1)]);
    await using inbox = await openInbox();
    let refused = 0;
    server.script = (talk) => {
      if (talk.command !== 'LOGIN' || refused >= 4) return false;
      refused += 1;
      talk.send(`${talk.tag} ${answer}\r\n`);
      return true;
    };
    await inbox.watch(accountAt(server.url));
    await inbox.until('it is told', async () => inbox.logged(code) > 0);
    injected('F10', refused);
    if (waits === null) {
      await inbox.untilTakenIn(1);
      expect(refused).toBe(4);
    } else {
      expect(inbox.logged(`"retryInMs":${waits}`)).toBe(1);
      expect(refused).toBe(1);
    }
  });

  test('by a greeting that says BYE is waited out, with ever longer pauses', async () => {
    await using server = await startScriptedServer([mail(1)]);
    await using inbox = await openInbox();
    server.greeting = '* BYE [UNAVAILABLE] too many connections';
    await inbox.watch(accountAt(server.url), { random: () => 0.01 });
    await inbox.until('it was tried several times', async () => server.connections() >= 4);
    // Ever longer pauses: 10, 20, 40, 80 ms here, up to a minute outside.
    expect(inbox.logged('"retryInMs":40')).toBe(1);
    expect(inbox.logged('PD_MAILBOX_LOGIN')).toBe(0);
    server.greeting = '* OK welcome';
    await inbox.untilTakenIn(1);
    injected('F10', server.connections() - 1);
  });

  test('by the limit of connections that a real server sets is waited out too', async () => {
    await using inbox = await openInbox();
    const crowded = await dovecot.addUser('crowded');
    await dovecot.deliver('crowded', mail(1));
    const persons = await Promise.all([1, 2, 3].map(() => signIn(crowded)));
    await inbox.watch(accountAt(crowded));
    await inbox.until('it was tried', async () => inbox.logged('PD_MAILBOX_FAILED') >= 3);
    for (const person of persons) await person.logout();
    await inbox.untilTakenIn(1);
    injected('F10');
    expect(inbox.logged('PD_MAILBOX_LOGIN')).toBe(0);
  });
});
