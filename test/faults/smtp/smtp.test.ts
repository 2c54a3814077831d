/** The server that takes our mails fails: by dropping, by refusing, by hanging, by saying yes and bouncing later. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OutgoingMessage } from '../../../src/reply/message.ts';
import { openTransport, SMTP_TIMEOUTS } from '../../../src/reply/smtp.ts';
import { startSmtpServer, type TakenMail } from '../../flow/smtp-server.ts';
import { until } from '../../flow/until.ts';
import { freshDatabase } from '../../support/database.ts';
import { sampleMailbox } from '../../support/mailbox.ts';
import { smtpServerAt } from '../../support/smtp.ts';
import { injected } from '../tally.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { GREETING, openOffice, SILENCE, startScriptedServer, VERBS } from './office.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

describe('F05 the connection is cut before the server’s 250', () => {
  const taken: TakenMail[] = [];
  let sink: Awaited<ReturnType<typeof startSmtpServer>>;
  let proxy: TcpProxy;
  beforeAll(async () => {
    sink = await startSmtpServer('sink.example', (mail) => void taken.push(mail));
    proxy = await startTcpProxy({ target: { port: Number(new URL(sink.url).port) } });
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await sink.stop();
  });

  const message: OutgoingMessage = {
    messageId: '<pd.1.1.status.00@desk.example>',
    date: new Date('2027-03-01T09:16:00Z'),
    from: { name: 'Desk', address: 'desk@desk.example' },
    to: 'ada@acme.example',
    replyTo: 'desk@desk.example',
    subject: 'A mail',
    text: 'Words.\n'.repeat(20),
    html: '<p>Words.</p>',
    headers: { 'Auto-Submitted': 'auto-replied' },
    envelope: { from: '', to: ['ada@acme.example'] },
    attachments: [],
  };

  test('F05 at every byte of the answers and at many of the mail: what is called sent was taken once, what is called not sent was not', async () => {
    await using server = await startScriptedServer();
    await using way = await startTcpProxy({ target: { port: server.port } });
    const sendOnce = async () => {
      const before = [server.taken.length, way.passages().length] as const;
      const transport = openTransport(smtpServerAt(way.port), { connectionsMax: 1 });
      const { kind } = await transport.send(message);
      transport.close();
      while (way.open() > 0) await sleep(1);
      return { kind, copies: server.taken.length - before[0], passages: way.passages().slice(before[1]) };
    };
    const [whole] = (await sendOnce()).passages;
    if (whole === undefined) throw new Error('nothing went through');
    // A connection that ends in its greeting is tried once more after a while, so there are fewer of those.
    const places = [
      ...Array.from({ length: whole.toClient }, (_, toClient) => ({ toClient })).filter(
        ({ toClient }) => toClient > GREETING.length || toClient % 7 === 0,
      ),
      ...Array.from({ length: whole.toServer }, (_, toServer) => ({ toServer })).filter(
        ({ toServer }) => toServer % 23 === 0 || whole.toServer - toServer < 20,
      ),
    ];
    const outcomes: Record<string, number> = {};
    for (const cutAfter of places) {
      way.always({ cutAfter });
      const { kind, copies } = await sendOnce();
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      const allowed = { sent: [1], later: [0], refused: [], unknown: [0, 1] }[kind];
      expect(allowed, `cut after ${JSON.stringify(cutAfter)}: ${kind}`).toContain(copies);
    }
    injected('F05', places.length);
    expect(outcomes.later).toBeGreaterThan(50);
    expect(outcomes.unknown).toBeGreaterThan(10);
  });

  test('F05 what may have arrived is repeated once, a quarter of an hour later, in the same bytes, and only if it asks or tells the end', async () => {
    const desk = { name: 'Desk', address: 'desk@desk.example', publicUrl: 'https://desk.example' };
    using office = await openOffice(database.db, [
      sampleMailbox({ desk, smtpUrl: `smtp://127.0.0.1:${proxy.port}` }),
    ]);
    await office.queue(1);
    await office.queue(1, { template: 'status' });
    taken.length = 0;
    const lostAnswer = { cutAfterWords: { toServer: '\r\n.\r\n' } };
    proxy.always(lostAnswer);
    await office.flush();
    expect(await office.statuses()).toEqual({ unknown: 2 });
    const dueIn = (await office.rows()).map(({ due_in }) => due_in);
    expect(Math.min(...dueIn)).toBeGreaterThan(14 * 60);
    proxy.always({});
    await office.flush();
    expect(taken).toHaveLength(2); // what waits is not touched before its time
    proxy.always(lostAnswer);
    await office.letTimePass();
    await office.flush();
    await office.letTimePass();
    proxy.always({});
    await office.flush();
    injected('F05', 3);
    expect(await office.statuses()).toEqual({ unknown: 2 });
    const copies = Map.groupBy(taken, ({ recipient }) => recipient);
    const [asked, status] = ['person1@customer.example', 'person2@customer.example'].map((to) =>
      copies.get(to),
    );
    expect(status).toHaveLength(1);
    expect(asked).toHaveLength(2);
    const withoutTrace = ({ raw }: TakenMail) =>
      raw.toString('latin1').replace(/^(Return-Path|Received):.*\r\n(\t.*\r\n)*/gm, '');
    expect(new Set(asked?.map(withoutTrace)).size).toBe(1);
  });
});

describe('F06 the server says no', () => {
  test('F06 not now, to one recipient, to all, or to so many: everybody gets the mail once, and nobody is hammered', async () => {
    await using server = await startScriptedServer({ RCPT: '451 4.7.1 greylisted, come back later' });
    using office = await openOffice(database.db, [
      sampleMailbox({ smtpUrl: `smtp://127.0.0.1:${server.port}` }),
    ]);
    await office.queue(20);
    await office.flush();
    injected('F06', 20);
    // Greylisting is about each recipient: the others are tried all the same, once each.
    expect(server.heard('RCPT')).toBe(20);
    await office.flush();
    expect(server.heard('RCPT')).toBe(20);
    expect(new Set((await office.rows()).map(({ last_error }) => last_error))).toEqual(
      new Set(['recipient 451']),
    );
    server.say({});
    await office.letTimePass();
    await office.flush();
    expect(await office.statuses()).toEqual({ sent: 20 });

    // Too many of us: the mails wait for the server, not each by itself, and lose no try by it.
    for (const script of [
      { CONNECT: '421 4.3.2 too many connections' },
      { MAIL: '450 4.7.1 message rate limit exceeded' },
      { AUTH: '454 4.7.0 later', MAIL: '421 4.4.2 closing' },
    ]) {
      server.say(script);
      server.sever();
      const verb = 'CONNECT' in script ? 'CONNECT' : 'MAIL';
      const before = server.heard(verb);
      await office.queue(30);
      await office.flush();
      await office.flush();
      await office.flush();
      expect(server.heard(verb) - before).toBeLessThanOrEqual(5);
      injected('F06', server.heard(verb) - before);
      const waiting = (await office.rows()).filter(({ status }) => status === 'pending');
      expect(waiting).toHaveLength(30);
      expect(waiting.filter(({ attempts }) => attempts > 0).length).toBeLessThanOrEqual(1);
      server.say({});
      await until('all of them are sent', async () => {
        await office.letTimePass();
        await office.flush();
        return (await office.statuses()).pending === undefined;
      });
    }
    expect(server.taken.toSorted()).toEqual([...new Set(server.taken)].toSorted());
    expect(server.taken).toHaveLength(110);
    expect(office.lost).toEqual([]);
  });

  test('F06 for good: that mail is given up once, and the others go out', async () => {
    await using server = await startScriptedServer({ RCPT: '550 5.1.1 no such user' });
    using office = await openOffice(database.db, [
      sampleMailbox({ smtpUrl: `smtp://127.0.0.1:${server.port}` }),
    ]);
    await office.queue(1);
    await office.flush();
    server.say({});
    await office.queue(9);
    await office.letTimePass();
    await office.flush();
    await office.letTimePass();
    await office.flush();
    injected('F06');
    expect(office.lost).toEqual(['person1@customer.example']);
    expect(await office.statuses()).toEqual({ failed: 1, sent: 9 });
    expect(server.taken).toHaveLength(9);
  });

  test('F06 a server that is away for hours: its mails lose no try, and are through soon after it is back', async () => {
    await using server = await startScriptedServer({});
    await using proxy = await startTcpProxy({ target: { port: server.port } });
    using office = await openOffice(database.db, [
      sampleMailbox({ smtpUrl: `smtp://127.0.0.1:${proxy.port}` }),
    ]);
    await proxy.refuse();
    await office.queue(12);
    for (let hour = 0; hour < 3; hour += 1) {
      await office.letTimePass();
      await office.flush();
      await sleep(1_100); // the first pauses are a second and two: some of these flushes come too early
    }
    injected('F06', 3);
    const rows = await office.rows();
    expect(rows.map(({ attempts }) => attempts).reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1);
    expect(Math.max(...rows.map(({ due_in }) => due_in))).toBeLessThanOrEqual(60);
    await proxy.accept();
    await until('all of them are sent', async () => {
      await office.flush();
      return (await office.statuses()).sent === 12;
    });
    expect(server.taken).toHaveLength(12);
  });
});

describe('F07 the server falls silent', () => {
  test.each(VERBS)('F07 at %s: the mails of the other server go out meanwhile', async (verb) => {
    await using slow = await startScriptedServer({ [verb]: SILENCE });
    await using good = await startScriptedServer({});
    const shop = sampleMailbox({ name: 'shop', address: 'shop@desk.example' });
    using office = await openOffice(database.db, [
      sampleMailbox({ smtpUrl: `smtp://127.0.0.1:${good.port}` }),
      {
        ...shop,
        smtp: smtpServerAt(slow.port, {
          requireTls: verb === 'STARTTLS',
          login: { user: 'shop', kind: 'password', password: { reveal: () => 'secret' } },
        }),
      },
    ]);
    await office.queue(6, { mailbox: 'shop' });
    await office.queue(6);
    const flush = office.flush();
    await until('the others are sent', async () => good.taken.length === 6);
    await until('the silence is there', async () => verb === 'QUIT' || slow.heard(verb) > 0);
    injected('F07');
    if (verb !== 'QUIT') {
      // A job that hangs holds one worker: the next one finds the lane busy, and sends for the other server.
      await office.queue(2);
      await office.flush();
      await until('those are sent too', async () => good.taken.length === 8);
      const { sending = 0 } = await office.statuses();
      expect(sending).toBeGreaterThan(0);
    }
    slow.say({});
    slow.sever();
    await flush;
    const { sending = 0, unknown = 0, pending = 0, sent = 0 } = await office.statuses();
    expect({ sending, all: unknown + pending + sent }).toEqual({
      sending: 0,
      all: verb === 'QUIT' ? 12 : 14,
    });
    expect(unknown > 0).toBe(verb === 'DOT');
    expect(good.taken).toHaveLength(verb === 'QUIT' ? 6 : 8);
  });

  test('F07 no silence and no trickle of a server takes longer than a minute of one mail', () => {
    const { mailMs, ...phases } = SMTP_TIMEOUTS;
    expect(mailMs).toBeLessThanOrEqual(60_000);
    expect(Math.max(...Object.values(phases))).toBeLessThan(mailMs);
  });
});
