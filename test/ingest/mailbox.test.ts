import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import createImapServer, { type ImapServer } from 'hoodiecrow-imap';
import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';
import { describe, expect, test } from 'vitest';
import type { MailLogin } from '../../src/domain/mail-login.ts';
import {
  type MailboxAccount,
  type MailboxDeps,
  PROCESSED_KEYWORD,
  reconnectDelayMs,
  watchMailbox,
} from '../../src/ingest/mailbox.ts';
import { mailboxPorts, openMailbox } from '../../src/ingest/mailbox-store.ts';
import { parseMessage } from '../../src/ingest/parse-message.ts';
import { answerIdle } from '../../src/sandbox/imap-idle.ts';
import { type MailServer, startMailServer } from '../../src/sandbox/mail-server.ts';
import { startTcpProxy } from '../faults/tcp-proxy.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const DESK = 'desk@purgedesk.test';

describe('taking in mail', () => {
  test('250 mails are committed once each, byte for byte, and moved', async () => {
    await using desk = await startDesk();
    await send(desk.server, numbered(1, 250));
    await using _ = desk.watch();
    await until(async () => (await desk.count()) === 250 && (await desk.unmoved()) === 0);
    expect(await subjects(desk.db)).toEqual(numbered(1, 250));
    const kept = await desk.server.messages(DESK);
    expect(kept.map((mail) => mail.folder)).toEqual(Array(250).fill('Processed'));
    const rows = await desk.db.db('messages').orderBy('uid').select('raw', 'size_bytes');
    expect(rows.map((row) => row.raw)).toEqual(kept.map((mail) => mail.raw));
    expect(rows.every((row) => row.size_bytes === row.raw.length)).toBe(true);
    expect(await desk.db.db('mailboxes').first()).toMatchObject({ last_uid: 250, last_error: null });
  });

  test('a mail that arrives while the desk idles is there long before the next poll', async () => {
    await using desk = await startDesk();
    await using _ = desk.watch({ pollSeconds: 3_600 });
    await until(desk.polled);
    await sleep(200); // let it fall asleep
    for (const count of [1, 2, 3]) {
      await send(desk.server, numbered(count, count));
      await until(async () => (await desk.count()) === count && (await desk.unmoved()) === 0, 5_000);
    }
  });

  test('a mail above the cap is kept cut, says its true size, and those behind it are taken in', async () => {
    await using desk = await startDesk();
    const body = 'x'.repeat(76).concat('\r\n').repeat(360_000);
    await send(desk.server, ['big'], body);
    await send(desk.server, ['after']);
    await using _ = desk.watch();
    await until(async () => (await desk.count()) === 2 && (await desk.unmoved()) === 0);
    const rows = await desk.db
      .db('messages')
      .orderBy('uid')
      .select('size_bytes', desk.db.db.raw('length(raw) as kept'));
    expect(rows[0]?.size_bytes).toBeGreaterThan(body.length);
    expect(rows[0]?.kept).toBe(25 * 1_024 * 1_024 + 1);
    expect(rows[1]?.kept).toBe(rows[1]?.size_bytes);
  });
});

describe('faults', () => {
  test('a server that comes back with a new UIDVALIDITY is read anew, and no mail is stored twice', async () => {
    await using desk = await startDesk();
    const watching = desk.watch();
    await send(desk.server, numbered(1, 30));
    await until(async () => (await desk.count()) === 30 && (await desk.unmoved()) === 0);
    const copies = (await desk.server.messages(DESK)).map((mail) => mail.raw);
    await watching[Symbol.asyncDispose]();
    await using renumbered = await bareServer(
      ['MOVE', 'UIDPLUS'],
      [...copies, ...rawMails(['new'])].reverse(),
    );
    await using _ = desk.watch(renumbered.account);
    await until(async () => (await desk.count()) === 31 && renumbered.flags()?.length === 0);
    expect(await subjects(desk.db)).toEqual(['new', ...numbered(1, 30)].sort());
    expect(desk.logged('UIDVALIDITY changed')).toBe(1);
  });

  test('mails committed when the desk was killed before the move are moved by the next session', async () => {
    await using desk = await startDesk();
    await send(desk.server, numbered(1, 5));
    await desk.watchUntil('ingest.committed');
    expect(await desk.count()).toBe(5);
    expect(await desk.server.inbox(DESK)).toHaveLength(5);
    expect(await desk.unmoved()).toBe(5);
    await using _ = desk.watch();
    await until(async () => (await desk.unmoved()) === 0);
    expect(await desk.server.inbox(DESK)).toHaveLength(0);
    expect(await subjects(desk.db)).toEqual(numbered(1, 5));
  });

  test('mails moved when the desk was killed before it noted so are neither lost nor stored again', async () => {
    await using desk = await startDesk();
    await send(desk.server, numbered(1, 5));
    await desk.watchUntil('ingest.moved');
    expect(await desk.server.inbox(DESK)).toHaveLength(0);
    expect(await desk.unmoved()).toBe(5);
    await using _ = desk.watch();
    await until(async () => (await desk.unmoved()) === 0);
    expect(await subjects(desk.db)).toEqual(numbered(1, 5));
  });

  test('two pollers at once store each mail once', async () => {
    await using desk = await startDesk();
    await send(desk.server, numbered(1, 150));
    await using _first = desk.watch();
    await using _second = desk.watch();
    await until(async () => (await desk.unmoved()) === 0 && (await desk.server.inbox(DESK)).length === 0);
    expect(await subjects(desk.db)).toEqual(numbered(1, 150));
  });

  test('mails that a person removes between commit and move stop nothing', async () => {
    await using desk = await startDesk();
    await send(desk.server, numbered(1, 4));
    await using _ = desk.watch({}, (ports) => ({
      ...ports,
      commit: async (batch) => {
        await ports.commit(batch);
        const person = await signIn(accountOf(desk.server));
        await person.messageDelete('2:3', { uid: true });
        await person.logout();
      },
    }));
    await until(async () => (await desk.count()) === 4 && (await desk.unmoved()) === 0);
    expect(await desk.server.messages(DESK)).toHaveLength(2);
    expect(desk.logged('PD_MAILBOX_FAILED')).toBe(0);
  });

  test.each([
    { title: 'has no MOVE', plugins: [] },
    { title: 'refuses to move', plugins: ['MOVE', refuseMoves] },
  ])('mails are flagged where the server $title', async ({ plugins }) => {
    await using desk = await startDesk();
    await using bare = await bareServer(plugins, rawMails(numbered(1, 3)));
    await using _ = desk.watch(bare.account);
    await until(async () => (await desk.count()) === 3 && (await desk.unmoved()) === 0);
    expect(bare.flags()).toEqual([[PROCESSED_KEYWORD], [PROCESSED_KEYWORD], [PROCESSED_KEYWORD]]);
  });

  test('where mails can be neither moved nor flagged, that is an error, and they are not stored again', async () => {
    await using desk = await startDesk();
    await using bare = await bareServer([refuseStores], rawMails(numbered(1, 3)));
    const first = desk.watch(bare.account);
    await until(async () => desk.logged('neither moved nor flagged') === 1);
    await first[Symbol.asyncDispose]();
    await using _ = desk.watch(bare.account);
    await until(async () => desk.logged('neither moved nor flagged') === 2);
    expect([await desk.count(), await desk.unmoved()]).toEqual([3, 3]);
  });

  test('a mail that the server gives only in part is asked for again', async () => {
    await using desk = await startDesk();
    let cut = 0;
    const cutFirstAnswer = (server: ImapServer) => {
      const { outputHandlers } = server as ImapServer & { readonly outputHandlers: OutputHandler[] };
      outputHandlers.push((_connection, response) => {
        for (const part of [response.attributes ?? []].flat(4)) {
          if (cut > 0 || !part.value?.includes?.('Subject: mail 0002')) continue;
          part.value = part.value.slice(0, 40);
          cut += 1;
        }
      });
    };
    await using bare = await bareServer(['MOVE', 'UIDPLUS', cutFirstAnswer], rawMails(numbered(1, 3)));
    await using _ = desk.watch(bare.account);
    await until(async () => (await desk.count()) === 3 && (await desk.unmoved()) === 0);
    expect(cut).toBe(1);
    expect(await subjects(desk.db)).toEqual(numbered(1, 3));
    expect(desk.logged('only in part')).toBe(1);
  });

  test('a mail that the server refuses for good is taken in empty, for an agent, and those around it whole', async () => {
    await using desk = await startDesk();
    const refuseSecond = (server: ImapServer) => {
      const { getCommandHandler } = server as ImapServer & {
        readonly getCommandHandler: (name: string) => Parameters<ImapServer['setCommandHandler']>[1];
      };
      const answer = getCommandHandler.call(server, 'UID FETCH');
      server.setCommandHandler('UID FETCH', (connection, parsed, data, done) => {
        const [set] = parsed.attributes as { readonly value: string }[];
        if (/^(2|1:[23]|2:3)$/.test(set?.value ?? '')) return refusal(connection, parsed, data, done);
        answer(connection, parsed, data, done);
      });
    };
    await using bare = await bareServer(['MOVE', 'UIDPLUS', refuseSecond], rawMails(numbered(1, 3)));
    await using _ = desk.watch(bare.account);
    await until(async () => (await desk.count()) === 3 && (await desk.unmoved()) === 0);
    const rows = await desk.db.db('messages').orderBy('uid').select('raw', 'size_bytes');
    expect(rows.map((row) => row.raw)).toEqual([
      rawMails(numbered(1, 1))[0],
      Buffer.alloc(0),
      rawMails(numbered(3, 3))[0],
    ]);
    expect(desk.logged('"cause":"owed"')).toBe(3);
    expect(desk.logged('"withheld":1')).toBe(1);
    expect(await parseMessage(rows[1]?.raw)).toHaveProperty('unreadable');
  });

  test('a database that fails at the commit leaves the mails on the server, and they are taken in later', async () => {
    await using desk = await startDesk();
    await send(desk.server, numbered(1, 3));
    let failures = 0;
    await using _ = desk.watch({}, (ports) => ({
      ...ports,
      commit: async (batch) => {
        failures += 1;
        if (failures <= 2) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
        expect(await desk.server.inbox(DESK)).toHaveLength(3);
        await ports.commit(batch);
      },
    }));
    await until(async () => (await desk.count()) === 3 && (await desk.unmoved()) === 0);
    expect(desk.logged('57P01')).toBe(2);
  });

  test('a refused login is an error in the log and in the health, and does not end the poller', async () => {
    await using desk = await startDesk();
    const ended: string[] = [];
    await using watching = desk.watch({ login: passwordLogin('not-the-password') });
    void watching.done.then(() => ended.push('ended'));
    await until(async () => (await desk.db.db('mailboxes').first()).last_error === 'PD_MAILBOX_LOGIN');
    expect(desk.logged('PD_MAILBOX_LOGIN')).toBe(1);
    expect(ended).toEqual([]);
  });

  test('a server that is away is tried again until it is there', async () => {
    await using desk = await startDesk();
    await send(desk.server, ['first']);
    const real = Number(new URL(desk.server.imapUrlFor(DESK)).port);
    await using proxy = await startTcpProxy({ target: { port: real } });
    await proxy.refuse();
    await using _ = desk.watch({ port: proxy.port });
    await until(async () => desk.logged('ECONNREFUSED') >= 2);
    await proxy.accept();
    await until(async () => (await desk.count()) === 1);
  });

  test('no log line holds an address, a password or a word of a mail', async () => {
    await using desk = await startDesk();
    await send(desk.server, ['canarysubject']);
    await using _wrong = desk.watch({ login: passwordLogin('canarypassword') });
    await using _ = desk.watch();
    await until(async () => (await desk.count()) === 1 && (await desk.unmoved()) === 0);
    expect(desk.log.join('\n')).not.toMatch(/canary|purgedesk\.test|ada@/);
  });
});

describe('stopping', () => {
  test('an abort ends a wait at once and closes the connection', async () => {
    await using desk = await startDesk();
    const { port } = new URL(desk.server.imapUrlFor(DESK));
    await using proxy = await startTcpProxy({ target: { port: Number(port) } });
    const watching = desk.watch({ port: proxy.port, pollSeconds: 3_600 });
    await until(desk.polled);
    await watching[Symbol.asyncDispose]();
    await until(async () => proxy.open() === 0);
  });

  test('one that is aborted before it began connects to nothing', async () => {
    await using desk = await startDesk();
    await watchMailbox(desk.deps({ port: 1 }), AbortSignal.abort());
    expect(desk.log).toEqual([]);
  });
});

describe('reconnectDelayMs', () => {
  test.each([
    { failures: 1, random: 0, expected: 0 },
    { failures: 1, random: 0.999, expected: 999 },
    { failures: 4, random: 0.5, expected: 4_000 },
    { failures: 7, random: 0.5, expected: 30_000 },
    { failures: 5_000, random: 0.999_999, expected: 59_999 },
  ])('after $failures failures and with $random it is $expected ms', ({ failures, random, expected }) => {
    expect(reconnectDelayMs(failures, random)).toBe(expected);
  });

  test('none before the first failure', () => {
    expect(() => reconnectDelayMs(0, 0.5)).toThrow(RangeError);
  });
});

type Ports = MailboxDeps['ports'];

/** A mail server with the desk's mailbox, a database with its row, and pollers that retry without a pause. */
async function startDesk() {
  const db = await freshDatabase();
  const server = await mailServer();
  const mailboxId = await openMailbox(db.db, 'sandbox/desk', 'INBOX');
  const log: string[] = [];
  const note = (details: object, message: string) => log.push(`${message} ${JSON.stringify(details)}`);
  const deps = (overrides: Partial<MailboxAccount> = {}): MailboxDeps => ({
    account: { ...accountOf(server), ...overrides },
    ports: mailboxPorts(db.db, { mailboxId, token: 0 }),
    log: { debug: note, info: note, warn: note, error: note },
    random: () => 0.02,
    crashPoint: () => undefined,
    limits: { withholdMs: 0 },
  });
  const single = async (sql: string) => (await db.db.raw<{ rows: [{ n: number }] }>(sql)).rows[0].n;
  return {
    db,
    server,
    log,
    deps,
    logged: (text: string) => log.filter((line) => line.includes(text)).length,
    count: () => single('select count(*)::int as n from messages'),
    unmoved: () => single('select count(*)::int as n from messages where moved_at is null'),
    polled: async () => (await db.db('mailboxes').first()).last_polled_at !== null,
    watch: (overrides: Partial<MailboxAccount> = {}, wrap = (ports: Ports): Ports => ports) => {
      const stop = new AbortController();
      const plain = deps(overrides);
      const done = watchMailbox({ ...plain, ports: wrap(plain.ports) }, stop.signal);
      return {
        done,
        [Symbol.asyncDispose]: async () => {
          stop.abort();
          await done;
        },
      };
    },
    /** As a kill at this point would do it: nothing that comes after it happens. */
    watchUntil: (label: string) => {
      const stop = new AbortController();
      const crashPoint = (at: string) => {
        if (at !== label) return;
        stop.abort();
        throw new Error('killed');
      };
      return watchMailbox({ ...deps(), crashPoint }, stop.signal);
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await db[Symbol.asyncDispose]();
    },
  };
}

const passwordLogin = (password: string): MailLogin => ({
  kind: 'password',
  password: { reveal: () => password },
});

async function mailServer(): Promise<MailServer & AsyncDisposable> {
  const server = await startMailServer({ accounts: [{ address: DESK }] });
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}

function accountOf(server: MailServer): MailboxAccount {
  const url = new URL(server.imapUrlFor(DESK));
  const password = decodeURIComponent(url.password);
  return {
    host: url.hostname,
    port: Number(url.port),
    secure: false,
    user: decodeURIComponent(url.username),
    login: passwordLogin(password),
    folder: 'INBOX',
    processedFolder: 'Processed',
    pollSeconds: 5,
  };
}

type OutputHandler = (connection: unknown, response: { readonly attributes?: { value?: string }[] }) => void;
type Plugin = string | ((server: ImapServer) => void);

/** An IMAP server with chosen capabilities and these mails in its INBOX. */
async function bareServer(plugins: readonly Plugin[], mails: readonly Buffer[]) {
  const server = createImapServer({
    plugins: [...plugins, answerIdle],
    users: { desk: { password: 'secret' } },
    storage: { INBOX: { uidvalidity: 5 }, '': { separator: '/', folders: {} } },
  });
  for (const raw of mails) server.appendMessage('INBOX', [], new Date(), raw.toString('latin1'));
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    account: { port, user: 'desk', login: passwordLogin('secret') },
    flags: () => server.getMailbox('INBOX')?.messages.map((mail) => mail.flags),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.server.close(resolve));
    },
  };
}

const refusal: Parameters<ImapServer['setCommandHandler']>[1] = (connection, parsed, data, done) => {
  const attributes = [{ type: 'TEXT', value: 'No permission' }];
  connection.send({ tag: parsed.tag, command: 'NO', attributes }, 'refused', parsed, data);
  done();
};
const refuse = (name: string) => (server: ImapServer) => server.setCommandHandler(name, refusal);
const refuseMoves = refuse('UID MOVE');
const refuseStores = refuse('UID STORE');

async function signIn(account: MailboxAccount): Promise<ImapFlow> {
  const { host, port, user, login } = account;
  const auth = { user, pass: login.kind === 'password' ? login.password.reveal() : '' };
  const client = new ImapFlow({ host, port, secure: false, doSTARTTLS: false, auth, logger: false });
  await client.connect();
  await client.mailboxOpen(account.folder);
  return client;
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `mail ${String(from + index).padStart(4, '0')}`);

const send = (server: MailServer, titles: readonly string[], body?: string): Promise<void> =>
  sendRaw(server, rawMails(titles, body));

const rawMails = (titles: readonly string[], body = 'Please delete it.\r\n'): Buffer[] =>
  titles.map((title) =>
    Buffer.from(`From: Ada <ada@example.org>\r\nTo: desk@purgedesk.test\r\nSubject: ${title}\r\n\r\n${body}`),
  );

async function sendRaw(server: MailServer, mails: readonly Buffer[]): Promise<void> {
  const { hostname, port } = new URL(server.smtpUrl);
  const transport = nodemailer.createTransport({
    host: hostname,
    port: Number(port),
    pool: true,
    maxConnections: 2,
  });
  const envelope = { from: 'ada@example.org', to: DESK };
  // In order, so that UIDs follow the numbers.
  for (const raw of mails) await transport.sendMail({ envelope, raw });
  transport.close();
}

async function subjects({ db }: TestDatabase): Promise<string[]> {
  const rows = await db('messages').select('raw');
  return rows.map((row) => /^Subject: (.*)\r$/m.exec(row.raw.toString('latin1'))?.[1] ?? '').sort();
}

async function until(isSo: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(20)) {
    if (await isSo()) return;
  }
  throw new Error(`it was not so within ${limitMs} ms`);
}
