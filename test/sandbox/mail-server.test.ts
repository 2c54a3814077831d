import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';
import { expect, test } from 'vitest';
import { type MailServer, startMailServer } from '../../src/sandbox/mail-server.ts';

const DESK = 'privacy@desk.example';
const ADA = 'ada@acme-inc.test';
const RAW = Buffer.from(
  'From: ada@acme-inc.test\r\nTo: privacy@desk.example\r\nSubject: gel\u00f6scht\r\n\r\n.dot\r\n\u00e9\r\n',
  'latin1',
);

test('a mail taken by SMTP is in the INBOX byte for byte, below the trace headers of the server', async () => {
  await using server = await start(() => new Date('2026-03-05T09:30:00Z'));
  await submit(server, [DESK]);
  const [mail, ...others] = await server.inbox(DESK);
  expect(others).toEqual([]);
  const text = mail?.toString('latin1') ?? '';
  expect(text).toMatch(
    /^Return-Path: <ada@acme-inc\.test>\r\nReceived: from \S+ \(\[127\.0\.0\.1\]\)\r\n\tby mx\.sandbox\.purgedesk\.test with ESMTP id [0-9a-f]{12};\r\n\tThu, 05 Mar 2026 09:30:00 \+0000\r\n/,
  );
  expect(text.endsWith(RAW.toString('latin1'))).toBe(true);
});

test('an IMAP client fetches the mail as it was stored, and moves it to Processed', async () => {
  await using server = await start(() => new Date('2026-03-05T09:30:00Z'));
  await submit(server, [DESK]);
  const client = await connect(server, DESK);
  const lock = await client.getMailboxLock('INBOX');
  const [found] = await client.fetchAll('1:*', { uid: true, source: true, internalDate: true });
  expect(found?.source).toEqual((await server.inbox(DESK))[0]);
  expect(found?.internalDate).toEqual(new Date('2026-03-05T09:30:00Z'));
  const moved = await client.messageMove([found?.uid ?? 0], 'Processed', { uid: true });
  expect(moved && [...(moved.uidMap?.keys() ?? [])]).toEqual([found?.uid]);
  lock.release();
  await client.logout();
  expect(await server.inbox(DESK)).toEqual([]);
  expect((await server.messages(DESK)).map((mail) => mail.folder)).toEqual(['Processed']);
});

test('a client that idles hears of a new mail', async () => {
  await using server = await start();
  const client = await connect(server, DESK);
  const lock = await client.getMailboxLock('INBOX');
  const heard = new Promise<number>((resolve) => client.once('exists', ({ count }) => resolve(count)));
  const idle = client.idle();
  await submit(server, [DESK]);
  expect(await heard).toBe(1);
  await client.noop(); // ends IDLE
  await idle;
  lock.release();
  await client.logout();
});

test('each account sees its own mail only, a tagged address is its mailbox, and a mail comes once', async () => {
  await using server = await start();
  await submit(server, [DESK, 'privacy+PD-1042.abc@desk.example', 'ADA@acme-inc.test']);
  expect(await server.inbox(DESK)).toHaveLength(1);
  expect(await server.inbox(ADA)).toHaveLength(1);
  const client = new ImapFlow({ ...settings(server, ADA), auth: { user: DESK, pass: 'wrong' } });
  await expect(client.connect()).rejects.toMatchObject({ authenticationFailed: true });
});

test('an unknown recipient is refused with 550 and nobody gets the mail', async () => {
  await using server = await start();
  await expect(submit(server, ['nobody@acme-inc.test'])).rejects.toMatchObject({ responseCode: 550 });
  expect(await server.inbox(ADA)).toEqual([]);
});

test('each start has a new UIDVALIDITY, the same for all folders of an account', async () => {
  const seen: bigint[] = [];
  for (let run = 0; run < 2; run++) {
    await using server = await start();
    const client = await connect(server, DESK);
    const uidValidity = await uidValidityOf(client, 'INBOX');
    expect(await uidValidityOf(client, 'Processed')).toBe(uidValidity);
    seen.push(uidValidity);
    await client.logout();
  }
  expect(seen[1]).toBeGreaterThan(seen[0] ?? 0n);
  expect(seen[0]).toBeGreaterThan(1_000_000_000n);
});

test('a stop drops clients that are still connected, idle or not', async () => {
  const server = await start();
  const client = await connect(server, DESK);
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const lock = await client.getMailboxLock('INBOX');
  const idle = client.idle().catch(() => undefined);
  await server.stop();
  await closed;
  await idle;
  lock.release();
  await server.stop();
});

async function start(now?: () => Date): Promise<MailServer & AsyncDisposable> {
  const server = await startMailServer({
    accounts: [{ address: DESK, folders: ['Processed'] }, { address: ADA }],
    ...(now === undefined ? {} : { now }),
  });
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}

async function submit(server: MailServer, to: readonly string[]): Promise<void> {
  const transport = nodemailer.createTransport(server.smtpUrl);
  try {
    await transport.sendMail({ envelope: { from: ADA, to: [...to] }, raw: RAW });
  } finally {
    transport.close();
  }
}

function settings(server: MailServer, address: string) {
  const url = new URL(server.imapUrlFor(address));
  const auth = { user: decodeURIComponent(url.username), pass: url.password };
  return { host: url.hostname, port: Number(url.port), secure: false, logger: false, auth } as const;
}

async function connect(server: MailServer, address: string): Promise<ImapFlow> {
  const client = new ImapFlow(settings(server, address));
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function uidValidityOf(client: ImapFlow, folder: string): Promise<bigint> {
  const status = await client.status(folder, { uidValidity: true });
  if (!status || status.uidValidity === undefined) throw new Error(`${folder} has no UIDVALIDITY`);
  return status.uidValidity;
}
