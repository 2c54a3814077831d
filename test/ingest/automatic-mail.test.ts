import type { Knex } from 'knex';
import { createTransport } from 'nodemailer';
import { describe, expect, test } from 'vitest';

import type { MailEvidence } from '../../src/domain/evidence.ts';
import type { Handled } from '../../src/domain/mail.ts';
import { TEMPLATES, type TemplateName } from '../../src/domain/mail-facts.ts';
import { decideMessage, readMessage } from '../../src/ingest/ingest-message.ts';
import type { CameBack, IngestDeps } from '../../src/ingest/ports.ts';
import { understand } from '../../src/ingest/understand/understand.ts';
import { composeMessage, outgoingMessageId, readOutgoingMessageId } from '../../src/reply/message.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { desk as identity, mailFacts, secrets } from '../reply/facts.ts';
import { readHere } from './reader.ts';
import { mail } from './understand/mail.ts';

/** D13: whatever becomes of a mail of ours on its way back to us, it causes no mail. */
const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);
const key = Buffer.alloc(32, 7);
const ANSWERED: Handled = { disposition: 'opened', reason: 'answered', conversationId: 1, needsAgent: false };
const deps = {
  deskAddresses: [identity.address],
  localeOf: () => null,
  bounceOf: () => null,
  instanceId: 'desk-1',
  ...readHere({} as MailEvidence),
  standingOf: () => 'authenticated',
  ownMail: (id: string) => readOutgoingMessageId(key, id),
  bounced: async (_trx: unknown, came: CameBack) => came.messageIds.length,
  handle: async () => ANSWERED,
  log: () => {},
} as unknown as IngestDeps;

async function decided(raw: string | Buffer, isRepeated = false): Promise<Handled> {
  const bytes = Buffer.from(raw);
  const message = {
    id: 1,
    raw: bytes,
    size_bytes: bytes.length,
    content_hash: 'x',
    arrived_at: new Date(),
    attempts: 0,
    put_off_at: null,
    mailbox: null,
  };
  const read = await readMessage(deps, message);
  const handled = await decideMessage({} as Knex.Transaction, deps, read, { isRepeated, now: new Date() });
  if (!('disposition' in handled)) throw new Error('it was put off');
  return handled;
}

const compiler = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

/** The bytes of a mail of ours, as SMTP would take them. */
async function ours(template: TemplateName, locale: string, changes: { strange?: boolean } = {}) {
  const facts = { ...mailFacts(template), locale };
  const usedKey = changes.strange === true ? Buffer.alloc(32, 9) : key;
  const address = changes.strange === true ? 'help@other-desk.example' : identity.address;
  const rendered = render(templates, facts, { ...identity, address }, secrets);
  const message = composeMessage({
    facts,
    rendered,
    desk: { ...identity, address },
    messageId: outgoingMessageId(usedKey, { tag: 'PD-1042', outboxId: '7', template }, 'desk.example.org'),
    inReplyTo: '<question@customer.example>',
    references: [],
    to: 'ada@acme.example',
    instanceId: changes.strange === true ? 'desk-2' : 'desk-1',
    returnPath: null,
  });
  const sent = await compiler.sendMail({ ...message, attachments: [...message.attachments] } as never);
  return {
    raw: (sent.message as unknown as Buffer).toString('utf8'),
    rendered,
    messageId: message.messageId,
  };
}

const header = (raw: string): string => raw.slice(0, raw.indexOf('\r\n\r\n'));

const plain = (fields: readonly string[], text: string): string =>
  [
    ...fields,
    'To: support@desk.example.org',
    'Date: Mon, 23 Nov 2026 08:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    text.replaceAll(/\r?\n/g, '\r\n'),
  ].join('\r\n');

/** RFC 3464, with the mail in full or its header alone (RFC 3462). */
const bounce = (raw: string, part: 'message/rfc822' | 'text/rfc822-headers'): string =>
  [
    'From: Mail Delivery <post@relay.example>',
    'To: support@desk.example.org',
    'Subject: Re: your mail',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
    '',
    '--r',
    'Content-Type: text/plain',
    '',
    'The mail below found nobody.',
    '--r',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; relay.example',
    '',
    'Final-Recipient: rfc822; ada@acme.example',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--r',
    `Content-Type: ${part}`,
    '',
    part === 'message/rfc822' ? raw : header(raw),
    '--r--',
    '',
  ].join('\r\n');

const quoted = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');

const CASES = TEMPLATES.flatMap((template) => [...templates.keys()].map((locale) => ({ template, locale })));

describe('T52 a mail of ours that comes back', () => {
  test.each(CASES)('$template in $locale is answered in no form', async ({ template, locale }) => {
    const { raw, rendered } = await ours(template, locale);
    expect(await decided(raw)).toMatchObject({ disposition: 'own' });
    expect((await decided(bounce(raw, 'message/rfc822'))).disposition).toBe('automatic');
    expect((await decided(bounce(raw, 'text/rfc822-headers'))).disposition).toBe('automatic');

    const strange = await ours(template, locale, { strange: true });
    expect(await decided(strange.raw)).toMatchObject({ disposition: 'automatic', needsAgent: false });

    const from = ['From: Ada <ada@acme.example>', `Subject: Re: ${rendered.subject}`];
    const away = 'I am out of the office until Monday. For urgent matters please contact Bob.';
    const marked = plain([...from, 'Auto-Submitted: auto-replied'], `${away}\n\n${rendered.text}`);
    expect((await decided(marked)).disposition).toBe('automatic');
    const unmarked = plain(from, `${away}\n\nOn Sun, 22 Nov 2026 Desk wrote:\n${quoted(rendered.text)}`);
    expect((await decided(unmarked)).disposition).toBe('automatic');
    const qmail = plain(
      ['From: Post <post@relay.example>', 'Subject: your mail'],
      `Hi. This is the qmail-send program at relay.example.\nI could not find:\n<ada@acme.example>\n\n--- Below this line is a copy of the message.\n\n${rendered.text}`,
    );
    expect(await decided(qmail)).toMatchObject({ disposition: 'automatic', needsAgent: false });
  });
});

describe('T41 a mail of ours of which a relay left nothing but the words', () => {
  test.each(CASES)(
    '$template in $locale asks for nothing and carries no code',
    async ({ template, locale }) => {
      const { rendered } = await ours(template, locale);
      const from = { author: 'ada@acme.example', authorName: 'Ada', subject: `Fwd: ${rendered.subject}` };
      for (const body of [
        { text: rendered.text, html: null },
        { text: null, html: rendered.html },
      ]) {
        expect(understand(mail({ ...from, ...body }))).toMatchObject({
          intent: 'other',
          code: null,
          requests: [],
        });
      }
    },
  );
});

test('T53 a report about a mail of ours is told to the agents, and is answered by nothing', async () => {
  const { raw } = await ours('verify_request', 'en');
  expect(await decided(bounce(raw, 'message/rfc822'))).toMatchObject({
    disposition: 'automatic',
    needsAgent: true,
  });
});

const plainMail = (fields: readonly string[], text: string): Buffer =>
  Buffer.from(
    [
      ...fields,
      'To: support@desk.example.org',
      'Subject: Deletion',
      'Date: Wed, 15 May 2024 10:00:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      '',
      text,
    ].join('\r\n'),
  );

const COMPLETE = 'Please delete the workspace lumen-labs.\r\n\r\nAda';
const ADA = 'From: Ada Novak <ada@lumen.example>';

describe('T51 a request in a mail that is not answered', () => {
  test.each([
    ['through a list', [ADA, 'List-Id: <privacy.lists.lumen.example>', 'Precedence: list']],
    ['sent in bulk', [ADA, 'Precedence: bulk']],
    ['by a program of the customer', [ADA, 'Auto-Submitted: auto-generated']],
    ['with a null path', [ADA, 'Return-Path: <>']],
    ['from where nobody reads', ['From: Lumen <no-reply@lumen.example>']],
    ['from a postmaster', ['From: postmaster@lumen.example']],
  ])('is shown to an agent: %s', async (_title, fields) => {
    expect(await decided(plainMail(fields, COMPLETE))).toMatchObject({
      disposition: 'automatic',
      needsAgent: true,
      conversationId: null,
    });
  });

  test('so is a stop that names its workspace', async () => {
    const text = 'Please stop the deletion of the workspace lumen-labs.';
    expect(await decided(plainMail([ADA, 'Precedence: list'], text))).toMatchObject({
      disposition: 'automatic',
      needsAgent: true,
    });
  });

  test.each([
    ['a report', [ADA, 'X-Failed-Recipients: ada@lumen.example'], COMPLETE],
    ['a daemon', ['From: MAILER-DAEMON@lumen.example'], COMPLETE],
    [
      'a newsletter',
      [ADA, 'List-Unsubscribe: <mailto:u@lumen.example>'],
      'Our news: delete less, keep more.',
    ],
    ['half a request', [ADA, 'Precedence: bulk'], 'Please delete the source Web.'],
  ])('but not %s', async (_title, fields, text) => {
    expect(await decided(plainMail(fields, text))).toMatchObject({
      disposition: 'automatic',
      needsAgent: false,
    });
  });

  test('and once only: a copy is not shown again', async () => {
    const raw = plainMail([ADA, 'Precedence: bulk'], COMPLETE);
    expect(await decided(raw, true)).toMatchObject({ disposition: 'automatic', needsAgent: false });
  });
});

describe('T50 a mail whose sender wants no automatic answer of any kind', () => {
  const all = [ADA, 'X-Auto-Response-Suppress: All'];

  test('is shown to an agent and not answered', async () => {
    expect(await decided(plainMail(all, COMPLETE))).toMatchObject({
      disposition: 'automatic',
      needsAgent: true,
      conversationId: null,
    });
  });

  test('is heard when it asks to stop', async () => {
    const text = 'Please stop the deletion of the workspace lumen-labs.';
    expect(await decided(plainMail(all, text))).toEqual(ANSWERED);
  });

  test('is answered when only single kinds are unwanted, as Exchange writes it for people', async () => {
    const fields = [ADA, 'X-Auto-Response-Suppress: OOF, AutoReply'];
    expect(await decided(plainMail(fields, COMPLETE))).toEqual(ANSWERED);
  });
});
