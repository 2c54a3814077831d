import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import type { TokenSource } from '../../src/domain/mail-login.ts';
import { composeMessage, type OutgoingMessage } from '../../src/reply/message.ts';
import { type MailTransport, openTransport, type SmtpTimeouts } from '../../src/reply/smtp.ts';
import { smtpServerAt } from '../support/smtp.ts';
import { desk, mailFacts } from './facts.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const TINY: SmtpTimeouts = { dnsMs: 400, connectMs: 400, greetingMs: 400, answerMs: 400, mailMs: 3_000 };

const message = (overrides: Partial<Parameters<typeof composeMessage>[0]> = {}): OutgoingMessage =>
  composeMessage({
    facts: mailFacts('completed'),
    rendered: {
      language: 'en',
      subject: '[PD-1042] Data deletion request',
      text: 'Grüße\n',
      html: '<p>Grüße</p>',
    },
    desk,
    messageId: '<pd.1042.7.completed.00@desk.example.org>',
    inReplyTo: '<question@customer.example.org>',
    references: Array.from({ length: 12 }, (_, n) => `<${n}-${'r'.repeat(60)}@customer.example.org>`),
    to: 'ada@acme.example.org',
    instanceId: 'desk-1',
    returnPath: null,
    ...overrides,
  });

function transportTo(port: number, timeouts: Partial<SmtpTimeouts> = {}): MailTransport {
  const transport = openTransport(smtpServerAt(port), { timeouts });
  cleanups.push(() => transport.close());
  return transport;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Taken {
  readonly from: unknown;
  readonly to: readonly string[];
  readonly source: string;
}

/** A real SMTP server whose hooks a test scripts. */
async function smtpServer(options: SMTPServerOptions = {}): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const source = Buffer.concat(chunks).toString('utf8');
        taken.push({
          from: mailFrom === false ? false : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source,
        });
        done(null, 'queued for ada@acme.example.org as 4F1B');
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  cleanups.push(() => server.close(() => {}));
  return { port: (server.server.address() as AddressInfo).port, taken };
}

const refusal = (responseCode: number) =>
  Object.assign(new Error('for ada@acme.example.org'), { responseCode });

type Act = 'hang' | 'drop' | `${number} ${string}`;

/** A server that speaks by script: what it does at a verb, and fine answers elsewhere. Counts whole mails it got. */
async function scripted(
  script: Partial<Record<'CONNECT' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'DOT', Act>>,
  /** What it does after the first mail, the second and so on, instead of `DOT`. */
  dots: readonly Act[] = [],
) {
  const seen = { mails: 0, connections: 0 };
  const sockets = new Set<Socket>();
  const act = (socket: Socket, verb: keyof typeof script, fine: string): boolean => {
    const wanted = verb === 'DOT' ? (dots[seen.mails - 1] ?? script.DOT) : script[verb];
    if (wanted === 'hang') return false;
    if (wanted === 'drop') socket.destroy();
    else socket.write(`${wanted ?? fine}\r\n`);
    return wanted === undefined;
  };
  const server = createServer((socket) => {
    seen.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    let inMail = false;
    let rest = '';
    act(socket, 'CONNECT', '220 scripted ESMTP');
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (inMail) {
          if (line !== '.') continue;
          inMail = false;
          seen.mails += 1;
          act(socket, 'DOT', '250 taken');
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'QUIT') socket.end('221 bye\r\n');
        else if (verb === 'DATA') inMail = act(socket, 'DATA', '354 go on');
        else act(socket, verb as 'MAIL', '250 fine');
      }
    });
  });
  const port = await listening(server);
  const disconnect = () => {
    for (const socket of sockets) socket.destroy();
  };
  cleanups.push(() => {
    disconnect();
    server.close();
  });
  return { port, seen, disconnect };
}

describe('a server that takes the mail', () => {
  test('gets the null sender, one recipient, folded headers and the receipt', async () => {
    const { port, taken } = await smtpServer();
    expect(await transportTo(port).send(message())).toEqual({
      kind: 'sent',
      response: expect.stringContaining('as 4F1B'),
    });
    const [mail, ...more] = taken;
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ from: '', to: ['ada@acme.example.org'] });
    const head = mail?.source.slice(0, mail.source.indexOf('\r\n\r\n')) ?? '';
    for (const line of [
      'Message-ID: <pd.1042.7.completed.00@desk.example.org>',
      'From: purgedesk support <support@desk.example.org>',
      'To: ada@acme.example.org',
      'Subject: [PD-1042] Data deletion request',
      'Auto-Submitted: auto-generated',
      'X-Auto-Response-Suppress: All',
      'In-Reply-To: <question@customer.example.org>',
      'Date: Sun, 22 Nov 2026 09:16:00 +0000',
    ]) {
      expect(head.split('\r\n')).toContain(line);
    }
    expect(head.match(/^References:(?:.*\r\n)(?:[ \t].*\r\n)*/m)?.[0].match(/<[^>]+>/g)).toHaveLength(10);
    expect(mail?.source).toContain('filename=receipt-PD-1042.json');
  });

  test('keeps the answer without the addresses in it', async () => {
    const { port } = await smtpServer();
    const result = await transportTo(port).send(message());
    expect(JSON.stringify(result)).not.toContain('@');
  });

  test('gets the same bytes when the same mail is sent again', async () => {
    const { port, taken } = await smtpServer();
    const transport = transportTo(port);
    await transport.send(message());
    await transport.send(message());
    expect(taken).toHaveLength(2);
    expect(taken[0]?.source).toBe(taken[1]?.source);
  });

  test('is used for many mails over few connections', async () => {
    const { port, taken } = await smtpServer();
    const transport = transportTo(port);
    const results = await Promise.all(Array.from({ length: 20 }, () => transport.send(message())));
    expect(results.every(({ kind }) => kind === 'sent')).toBe(true);
    expect(taken).toHaveLength(20);
  });

  test('T60 cannot be made to read further headers from a subject or a name', async () => {
    const { port, taken } = await smtpServer();
    const plain = message();
    await transportTo(port).send({
      ...plain,
      subject: 'x\r\nBcc: eve@example.net',
      from: { ...plain.from, name: 'y\r\nBcc: eve@example.net' },
      headers: { ...plain.headers, 'X-Purgedesk-Loop': 'z\r\nBcc: eve@example.net' },
    });
    expect(taken[0]?.to).toEqual(['ada@acme.example.org']);
    expect(taken[0]?.source).not.toMatch(/^Bcc:/im);
  });
});

describe('answers are sorted', () => {
  const at = (verb: 'onMailFrom' | 'onRcptTo', code: number): SMTPServerOptions => ({
    [verb]: (_address: unknown, _session: unknown, done: (error: Error) => void) => done(refusal(code)),
  });
  const afterData = (code: number): SMTPServerOptions => ({
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => done(refusal(code)));
    },
  });

  test.each([
    {
      title: '450 for the recipient',
      options: at('onRcptTo', 450),
      result: { kind: 'later', code: 450, reason: 'recipient' },
    },
    { title: '550 for the recipient', options: at('onRcptTo', 550), result: { kind: 'refused', code: 550 } },
    {
      title: '451 for the sender',
      options: at('onMailFrom', 451),
      result: { kind: 'later', code: 451, reason: 'answer' },
    },
    {
      title: '553 for the sender',
      options: at('onMailFrom', 553),
      result: { kind: 'later', code: 553, reason: 'sender' },
    },
    {
      title: '530 for the sender',
      options: at('onMailFrom', 530),
      result: { kind: 'later', code: 530, reason: 'login' },
    },
    {
      title: '452 after the mail',
      options: afterData(452),
      result: { kind: 'later', code: 452, reason: 'answer' },
    },
    { title: '554 after the mail', options: afterData(554), result: { kind: 'refused', code: 554 } },
  ])('$title', async ({ options, result }) => {
    const { port } = await smtpServer(options);
    expect(await transportTo(port).send(message())).toEqual(result);
  });

  test('421 at the greeting, 554 at the greeting and 503 are no verdict on the mail', async () => {
    for (const script of [
      { CONNECT: '421 busy' },
      { CONNECT: '554 not now' },
      { MAIL: '503 out of step' },
    ] as const) {
      const { port } = await scripted(script);
      expect(await transportTo(port).send(message())).toMatchObject({ kind: 'later' });
    }
  });

  test('a token logs in; one that the server refuses is thrown away for another, once', async () => {
    const good = new Set(['token-2']);
    const { port, taken } = await smtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      authMethods: ['XOAUTH2'],
      onAuth: ({ username, accessToken = '' }, _session, done) =>
        good.has(accessToken)
          ? done(null, { user: username })
          : done(null, { data: { status: '401', schemes: 'bearer' } } as never),
    });
    const seen: string[] = [];
    let next = 1;
    const tokens: TokenSource = {
      accessToken: async () => `token-${next}`,
      rejected: (token) => {
        seen.push(token);
        next += 1;
      },
    };
    const transport = openTransport(smtpServerAt(port, { login: { user: 'desk', kind: 'oauth', tokens } }));
    cleanups.push(() => transport.close());
    expect(await transport.send(message())).toMatchObject({ kind: 'sent' });
    expect(seen).toEqual(['token-1']);
    good.clear();
    transport.close();
    const again = openTransport(smtpServerAt(port, { login: { user: 'desk', kind: 'oauth', tokens } }));
    cleanups.push(() => again.close());
    expect(await again.send(message())).toMatchObject({ kind: 'later', reason: 'login' });
    const none = { accessToken: () => Promise.reject(new Error('no token')), rejected: () => undefined };
    const without = openTransport(
      smtpServerAt(port, { login: { user: 'desk', kind: 'oauth', tokens: none } }),
    );
    cleanups.push(() => without.close());
    expect(await without.send(message())).toEqual({ kind: 'later', code: null, reason: 'login' });
    expect(taken).toHaveLength(1);
  });

  test('a wrong password is ours to put right: later, not refused', async () => {
    const { port } = await smtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refusal(535)),
    });
    const transport = openTransport(
      smtpServerAt(port, { login: { user: 'desk', kind: 'password', password: { reveal: () => 'wrong' } } }),
    );
    cleanups.push(() => transport.close());
    expect(await transport.send(message())).toEqual({ kind: 'later', code: 535, reason: 'login' });
  });
});

describe('without an answer', () => {
  test('a server that is not there: later', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    expect(await transportTo(port).send(message())).toEqual({
      kind: 'later',
      code: null,
      reason: 'connection',
    });
  });

  test.each(['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const)(
    'silence at %s, before the mail went over: later',
    async (verb) => {
      const { port, seen } = await scripted({ [verb]: 'hang' });
      expect(await transportTo(port, TINY).send(message())).toEqual({
        kind: 'later',
        code: null,
        reason: 'timeout',
      });
      expect(seen.mails).toBe(0);
    },
  );

  test.each(['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA'] as const)(
    'a connection lost at %s: later, and no mail was taken',
    async (verb) => {
      const { port, seen } = await scripted({ [verb]: 'drop' });
      expect(await transportTo(port, TINY).send(message())).toMatchObject({ kind: 'later', code: null });
      expect(seen.mails).toBe(0);
    },
  );

  test.each(['drop', 'hang'] as const)(
    '%s after the final dot: unknown, and the mail is not sent again',
    async (act) => {
      const { port, seen } = await scripted({ DOT: act });
      expect(await transportTo(port, TINY).send(message())).toEqual({ kind: 'unknown' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(seen).toEqual({ mails: 1, connections: 1 });
    },
  );

  test('a mail lost after its dot on a connection that served before is unknown too, and not sent again', async () => {
    const { port, seen } = await scripted({}, ['250 taken', 'drop']);
    const transport = transportTo(port, TINY);
    expect(await transport.send(message())).toEqual({ kind: 'sent', response: '250 taken' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await transport.send(message())).toEqual({ kind: 'unknown' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(seen).toEqual({ mails: 2, connections: 1 });
  });

  test('a connection that the server ended while idle is replaced, and the mail goes out once', async () => {
    const { port, seen, disconnect } = await scripted({});
    const transport = transportTo(port, TINY);
    expect(await transport.send(message())).toMatchObject({ kind: 'sent' });
    disconnect();
    expect(await transport.send(message())).toMatchObject({ kind: 'sent' });
    expect(seen).toEqual({ mails: 2, connections: 2 });
  });

  test('a server that trickles its answer meets the deadline of the whole mail', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220-slow\r\n');
      const drip = setInterval(() => socket.write('220-slow\r\n'), 50);
      socket.on('close', () => clearInterval(drip));
      cleanups.push(() => socket.destroy());
    });
    const port = await listening(server);
    cleanups.push(() => server.close());
    const result = await transportTo(port, { mailMs: 600 }).send(message());
    expect(result).toEqual({ kind: 'later', code: null, reason: 'timeout' });
  });

  test('a closed transport takes nothing', async () => {
    const { port, taken } = await smtpServer();
    const transport = transportTo(port);
    transport.close();
    expect(await transport.send(message())).toEqual({ kind: 'later', code: null, reason: 'closed' });
    expect(taken).toEqual([]);
  });
});

describe('opening', () => {
  test('a server that must offer STARTTLS and does not gets no mail', async () => {
    const { port, taken } = await smtpServer();
    const transport = openTransport(smtpServerAt(port, { requireTls: true }), { timeouts: TINY });
    cleanups.push(() => transport.close());
    expect(await transport.send(message())).toMatchObject({ kind: 'later' });
    expect(taken).toEqual([]);
  });
});
