import { afterAll, beforeAll, expect, test } from 'vitest';
import { statusTokenOf } from '../../src/tickets/status-links.ts';
import { codeOf, linkTokenOf } from '../../src/verify/challenge.ts';
import { ada, workspaceRequest } from '../tickets/desk.ts';
import { seedMail } from './mails-seed.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let agent: Visitor;
let secrets: readonly string[];
let letter: string;
let ticket: { readonly id: number; readonly conversation_id: number };
/** Opened the ticket. */
let opening: number;

/** Ada asked; the code is on its way, and may come back in any mail. */
beforeAll(async () => {
  whole = await openWholeDesk();
  agent = await whole.signIn('viewer');
  const { db, deps } = whole.desk;
  const asked = await whole.desk.mail({ from: ada, intent: 'delete', requests: [workspaceRequest()] });
  opening = asked.messageId;
  await db('messages')
    .where({ id: opening })
    .update({ raw: Buffer.from(plainMail(ada, 'Please.')) });
  ticket = await whole.desk.ticket();
  const challenge = await db('challenges').first<{ id: string }>('id');
  const status = await db('status_links').first<{ id: string }>('id');
  const [code, link, page] = [
    codeOf(deps.key, challenge.id),
    linkTokenOf(deps.key, challenge.id),
    statusTokenOf(deps.key, status.id),
  ];
  secrets = [code, `${code.slice(0, 3)} ${code.slice(3)}`, link, page];
  letter = `Your code:\r\n\r\n  ${code}\r\n\r\nhttp://desk.example/c/${link}\r\nhttp://desk.example/s/${page}\r\n`;
});
afterAll(() => whole[Symbol.asyncDispose]());

const HEAD = 'To: desk@desk.example\r\nSubject: Re: your code\r\nMIME-Version: 1.0\r\n';
const plainMail = (from: string, text: string): string =>
  `From: ${from}\r\n${HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`;
const quoted = (text: string): string => text.replace(/^/gm, '> ');
const parts = (from: string, ...bodies: readonly string[]): string =>
  `From: ${from}\r\n${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${bodies.map((body) => `--b\r\n${body}\r\n`).join('')}--b--\r\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n');

const showsNone = (body: string): void => {
  for (const secret of secrets) expect(body).not.toContain(secret);
};

/** Every way to a mail's words. */
const pagesOf = (id: number): readonly string[] => [
  `/mails/${id}`,
  `/mails/${id}/html`,
  `/mails/${id}/raw`,
  `/mails/${id}/attachments/1`,
  `/tickets/PD-${ticket.id}?mail=${id}`,
  `/tickets/PD-${ticket.id}`,
];

const html = (text: string): string =>
  `Content-Type: text/html\r\n\r\n<p>Hi</p><blockquote>${text.replaceAll('\r\n', '<br>')}</blockquote>`;
const file = (text: string): string =>
  `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=m.eml\r\n\r\n${plainMail('desk@desk.example', text)}`;
const packed = (text: string): string =>
  `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=m.eml\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(plainMail('desk@desk.example', text))}`;
const words = 'Content-Type: text/plain\r\n\r\nsee below';

const CASES = [
  {
    name: 'a quote of the customer',
    author: ada,
    disposition: 'joined',
    joins: true,
    raw: () => plainMail(ada, `What is this?\n\n${quoted(letter)}`),
  },
  {
    name: 'the customer’s own words',
    author: ada,
    disposition: 'other',
    joins: false,
    raw: () => plainMail(ada, `My code is ${secrets[0]}, or ${secrets[1]}`),
  },
  {
    name: 'a quote of a colleague',
    author: 'cy@elsewhere.example',
    disposition: 'other',
    joins: false,
    raw: () => plainMail('cy@elsewhere.example', `Spam?\n\n${quoted(letter)}`),
  },
  {
    name: 'a bounce with the mail in it',
    author: 'mailer-daemon@acme.example',
    disposition: 'automatic',
    joins: false,
    raw: () => parts('mailer-daemon@acme.example', words, file(letter)),
  },
  {
    name: 'an out-of-office in base64',
    author: ada,
    disposition: 'automatic',
    joins: true,
    raw: () =>
      parts(
        ada,
        `Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(`Away\n${quoted(letter)}`)}`,
        packed(letter),
      ),
  },
  {
    name: 'HTML',
    author: 'cy@elsewhere.example',
    disposition: 'other',
    joins: false,
    raw: () => parts('cy@elsewhere.example', html(letter), packed(letter)),
  },
  {
    name: 'what cannot be read',
    author: null,
    disposition: 'unreadable',
    joins: false,
    raw: () => `garbage ${letter}`,
  },
  {
    name: 'an answer of a program with the code alone',
    author: 'robot@elsewhere.example',
    disposition: 'automatic',
    joins: false,
    raw: () => plainMail('robot@elsewhere.example', `Received: ${secrets[0]}`),
  },
  {
    name: 'the words of a colleague',
    author: 'cy@elsewhere.example',
    disposition: 'other',
    joins: false,
    raw: () => plainMail('cy@elsewhere.example', `Got ${secrets[0]} for http://desk.example/c/${secrets[2]}`),
  },
] as const;

const ids: number[] = [];

test.each(CASES)(
  'T41 while the code counts, nobody reads it or a link in $name',
  async ({ author, disposition, joins, raw }) => {
    const { db } = whole.desk;
    const id = await seedMail(db, { author, disposition, raw: raw(), subject: `Re: ${secrets[0]}` });
    ids.push(id);
    if (joins) await db('messages').where({ id }).update({ conversation_id: ticket.conversation_id });
    // The page of a ticket keeps what it read: it must not keep what it hid, or did not hide.
    for (const path of [...pagesOf(id), '/mails?show=all', '/search?q=code'])
      showsNone((await agent.get(path)).body);
    const kept = await agent.get(`/mails/${id}/raw`);
    expect(kept.statusCode).toBe(423);
    expect(kept.body).toContain('kept back until');
  },
);

test('the mail that asked is shown as it came', async () => {
  const shown = await agent.get(`/mails/${opening}/raw`);
  expect([shown.statusCode, shown.body]).toEqual([200, plainMail(ada, 'Please.')]);
});

test('once the code was answered it is shown, but for links that still lead somewhere', async () => {
  const { db } = whole.desk;
  await db('challenges').update({ answered_at: db.raw('desk_now()') });
  const [quote, own] = [ids[0] ?? 0, ids[1] ?? 0];
  expect((await agent.get(`/mails/${own}/raw`)).body).toContain(secrets[0]);
  const page = (await agent.get(`/mails/${quote}`)).body;
  expect(page).toContain(secrets[0]);
  expect((await agent.get(`/tickets/PD-${ticket.id}?mail=${quote}`)).body).toContain(secrets[0]);
  // The page of the ticket is still open to whoever has its link, and cancels.
  expect(page).not.toContain(secrets[3]);
  for (const id of ids) {
    if (!ids.slice(2, 7).includes(id)) continue;
    const kept = await agent.get(`/mails/${id}/raw`);
    expect(kept.statusCode).toBe(423);
    const attached = await agent.get(`/mails/${id}/attachments/1`);
    expect([404, 423]).toContain(attached.statusCode);
    expect((await agent.get(`/mails/${id}/html`)).body).not.toContain(secrets[3]);
  }
  await db('status_links').update({ expires_at: db.raw('desk_now()') });
  for (const id of ids) expect((await agent.get(`/mails/${id}/raw`)).statusCode).toBe(200);
  expect((await agent.get(`/mails/${ids[3]}/attachments/1`)).body).toContain(secrets[2]);
});
