import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { openOutgoing } from '../../src/commands/outgoing.ts';
import { readBounceAddress, readReplyAddress } from '../../src/reply/message.ts';
import { flushOutbox } from '../../src/reply/outbox.ts';
import { readMail } from '../flow/received-mail.ts';
import { startSmtpServer } from '../flow/smtp-server.ts';
import { sampleMailbox } from '../support/mailbox.ts';
import { ada, bob, codeIn, DESK, openMailDesk, REQUEST, rawOf, type Sent, told } from './desk.ts';

const SHOP = 'privacy@shop.example';
const BLOG = 'blog@desk.example';

const header = (mail: Sent, name: string): string =>
  new RegExp(`^${name}:\\s*(.*(?:\\r?\\n[ \\t].*)*)`, 'im')
    .exec(mail.raw.toString())?.[1]
    ?.replace(/\s+/g, ' ') ?? '';

/** Main and blog send through the sink of the desk, the shop through a server of its own. */
async function openThreeMailboxes() {
  const shops: Sent[] = [];
  const shop = await startSmtpServer('out.shop.example', async (mail) => {
    const { template, text } = await readMail(mail.recipient, mail.raw);
    shops.push({ ...mail, template, text });
  });
  const identity = { publicUrl: 'https://desk.example' };
  const desk = await openMailDesk({}, [], (smtpUrl) => [
    sampleMailbox({ address: DESK, smtpUrl }),
    sampleMailbox({
      name: 'shop',
      smtpUrl: shop.url,
      locale: 'de',
      desk: { ...identity, name: 'Shop', address: SHOP, signature: 'Shop Ltd, Dublin' },
    }),
    sampleMailbox({
      name: 'blog',
      smtpUrl,
      envelope: 'address',
      desk: { ...identity, name: 'Blog', address: BLOG },
    }),
  ]);
  return {
    desk,
    shops,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await shop.stop();
    },
  };
}

test('what answers a mail leaves through the mailbox that it came to, and so does all that follows', async () => {
  await using three = await openThreeMailboxes();
  const { desk, shops } = three;
  const { key } = desk.desk.environment;
  const addresses = [DESK, SHOP, BLOG];

  await desk.write({ from: ada, text: REQUEST, to: SHOP }, 'shop');
  expect(desk.sent).toEqual([]);
  const [challenge] = shops;
  if (challenge === undefined) throw new Error('no challenge');
  expect(header(challenge, 'From')).toBe(`Shop <${SHOP}>`);
  expect(header(challenge, 'Message-ID')).toMatch(/@shop\.example>$/);
  expect(readReplyAddress(key, header(challenge, 'Reply-To'), addresses)).toBe('PD-1001');
  expect(header(challenge, 'Reply-To')).toMatch(/@shop\.example$/);
  expect(challenge.text).toContain('-- \nShop\nShop Ltd, Dublin\n');
  expect(challenge.text).not.toContain(DESK);
  // The envelope is the mail's own, and nobody else's (RFC 3834 section 3.3).
  expect(challenge.sender).toMatch(/^privacy\+bounce\.\d+\.[0-9a-f]{20}@shop\.example$/);
  const [{ id } = { id: 0 }] = await desk.desk.db('outbox').select('id');
  expect(readBounceAddress(key, challenge.sender, addresses)).toBe(id);
  expect(await desk.desk.db('outbox').pluck('mailbox')).toEqual(['shop']);

  // The code comes to another mailbox: the conversation stays where it began, and everybody hears of it from there.
  const answer = { from: ada, text: codeIn(challenge), subject: 'Re: [PD-1001] Code', to: DESK };
  await desk.write(answer, 'main');
  expect(told(shops.slice(1))).toEqual([`grace_started > ${ada}`, `owner_notice > ${bob}`]);
  expect(desk.sent).toEqual([]);

  // Blog and main log in alike, and still are two.
  await desk.write({ from: bob, text: REQUEST.replace('2024-01-01', '2023-01-01'), to: BLOG }, 'blog');
  const [blogs] = desk.sent;
  if (blogs === undefined) throw new Error('no mail of the blog');
  expect(header(blogs, 'From')).toBe(`Blog <${BLOG}>`);
  expect(blogs.sender).toBe(BLOG);

  // Our own addresses, whichever: no loop, and no request.
  const own = { from: BLOG, text: REQUEST, to: SHOP };
  expect(await desk.write(own, 'shop')).toMatchObject({ disposition: 'own', sent: [] });
});

test('the same mail to two addresses is one request with one answer', async () => {
  await using three = await openThreeMailboxes();
  const { desk, shops } = three;
  const raw = rawOf({ from: ada, text: REQUEST, to: `${SHOP}, ${DESK}` });
  expect(await desk.write(raw, 'shop')).toMatchObject({ disposition: 'opened' });
  const again = Buffer.from(raw.toString().replace('id 4XYZ', 'id 5ABC'));
  expect(await desk.write(again, 'main')).toMatchObject({ disposition: 'duplicate', sent: [] });
  expect(told(shops)).toEqual([`verify_request > ${ada}`]);
  expect(await desk.tickets()).toHaveLength(1);
});

test('a mailbox that is taken out of the configuration is answered for by the first one, and that is said once', async () => {
  await using three = await openThreeMailboxes();
  const { desk } = three;
  await desk.write({ from: ada, text: REQUEST, to: SHOP }, 'shop');
  await desk.desk.db('outbox').update({ status: 'pending', message_id_header: null });
  const said: unknown[] = [];
  const environment = { ...desk.desk.environment, mailboxes: desk.desk.environment.mailboxes.slice(0, 1) };
  const outgoing = openOutgoing(environment, (_level, message) => said.push(message));
  await desk.desk.db('outbox').insert(
    (await desk.desk.db('outbox').select('*')).map(({ id: _, key, facts, ...row }) => ({
      ...row,
      facts: JSON.stringify(facts),
      key: `${key}:again`,
    })),
  );
  const sent = await flushOutbox({ ...desk.desk.outbox, ...outgoing }, new AbortController().signal);
  outgoing.close();
  expect(sent).toBe(2);
  expect(desk.sent.map((mail) => header(mail, 'From'))).toEqual(Array(2).fill(`Test Desk <${DESK}>`));
  expect(header(desk.sent[0] as Sent, 'Message-ID')).toMatch(/@desk\.example>$/);
  expect(said).toEqual([expect.stringContaining('leave through the first one')]);
});

test('a server that takes no subaddress as sender gets the address itself, and no customer is blamed', async () => {
  const senders: string[] = [];
  let isRefused = (sender: string): boolean => sender.includes('+');
  let [verb, words] = ['MAIL', 'not yours'];
  const answerAt = (here: string, mailFrom: false | { readonly address: string }): Error | null =>
    here === verb && mailFrom !== false && isRefused(mailFrom.address)
      ? Object.assign(new Error(words), { responseCode: words.startsWith('5.7.1 ') ? 553 : 550 })
      : null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onMailFrom: (address, _session, done) => done(answerAt('MAIL', address)),
    onRcptTo: (_address, { envelope: { mailFrom } }, done) => done(answerAt('RCPT', mailFrom)),
    onData: (stream, { envelope: { mailFrom } }, done) => {
      const answer = answerAt('DATA', mailFrom);
      if (answer === null) senders.push(mailFrom === false ? '' : mailFrom.address);
      stream.on('end', () => done(answer)).resume();
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const smtpUrl = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const desk = await openMailDesk({}, [], () => [sampleMailbox({ address: DESK, smtpUrl })]);
  try {
    const { db, outbox, environment } = desk.desk;
    await desk.write({ from: ada, text: REQUEST });
    expect(senders).toEqual([DESK]);
    expect(await db('outbox').pluck('status')).toEqual(['sent']);
    for (const [at, said] of REFUSED_SENDERS) {
      [verb, words] = [at, said];
      const logged: string[] = [];
      const outgoing = openOutgoing(environment, (_level, message) => logged.push(message));
      const flush = async () => {
        await db('outbox').update({ status: 'pending', next_attempt_at: '2020-01-01' });
        await flushOutbox({ ...outbox, ...outgoing }, new AbortController().signal);
        return db('outbox').select('status', 'last_error');
      };
      // Where not even the address may send, the mail waits for somebody to put that right.
      isRefused = () => true;
      const code = said.startsWith('5.7.1 ') ? 553 : 550;
      expect(await flush(), said).toEqual([{ status: 'pending', last_error: `sender ${code}` }]);
      expect(logged).toEqual([]);
      isRefused = (sender) => sender.includes('+');
      senders.length = 0;
      expect(await flush(), said).toMatchObject([{ status: 'sent' }]);
      expect([senders, logged.length]).toEqual([[DESK], 1]);
      outgoing.close();
    }
    expect(await db('undeliverable_addresses')).toEqual([]);
    expect((await desk.tickets()).flatMap(({ holds }) => holds)).toEqual([]);
  } finally {
    await desk[Symbol.asyncDispose]();
    await new Promise<void>((resolve) => server.close(resolve));
  }
});

/** As servers word it that an account may not send as the subaddress, and at which verb they say so. */
const REFUSED_SENDERS = [
  ['MAIL', 'not yours'],
  ['RCPT', `5.7.1 <desk+bounce.7@desk.example>: Sender address rejected: not owned by user ${DESK}`],
  ['RCPT', 'Sender address is not allowed.'],
  ['DATA', '5.7.60 SMTP; Client does not have permissions to send as this sender'],
  ['DATA', '5.2.252 SendAsDenied; desk not allowed to send as desk+bounce'],
] as const;
