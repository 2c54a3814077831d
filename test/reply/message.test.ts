import { describe, expect, test } from 'vitest';
import { TEMPLATES } from '../../src/domain/mail-facts.ts';
import { receiptKey, signReceipt, verifyReceipt } from '../../src/purge/receipt.ts';
import {
  bounceAddress,
  bounceAddressOfTest,
  boundedReferences,
  composeMessage,
  outgoingMessageId,
  readBounceAddress,
  readOutgoingMessageId,
  readReplyAddress,
  receiptFile,
  replyAddress,
} from '../../src/reply/message.ts';
import { desk, mailFacts, withTicket } from './facts.ts';

const key = Buffer.alloc(32, 7);
const otherKey = Buffer.alloc(32, 8);
const rendered = {
  language: 'en',
  subject: '[PD-1042] Data deletion request',
  text: 'Hello\n',
  html: '<p>Hello</p>',
};

const compose = (overrides: Partial<Parameters<typeof composeMessage>[0]> = {}) =>
  composeMessage({
    facts: mailFacts('verify_request'),
    rendered,
    desk,
    messageId: '<pd.1042.7.verify_request.00@desk.example.org>',
    inReplyTo: '<question@customer.example.org>',
    references: [],
    to: 'ada@acme.example.org',
    instanceId: 'desk-1',
    returnPath: null,
    ...overrides,
  });

describe('headers', () => {
  test('an answer to a mail is marked as automatic, in the thread, from nobody in the envelope', () => {
    const message = compose({ references: ['<first@customer.example.org>'] });
    expect(message).toMatchObject({
      from: { name: 'purgedesk support', address: 'support@desk.example.org' },
      to: 'ada@acme.example.org',
      replyTo: 'support@desk.example.org',
      envelope: { from: '', to: ['ada@acme.example.org'] },
      date: new Date('2026-11-22T09:16:00.000Z'),
    });
    expect(message.headers).toEqual({
      'Auto-Submitted': 'auto-replied',
      'X-Auto-Response-Suppress': 'All',
      'X-Purgedesk-Loop': 'desk-1',
      'X-Purgedesk-Ticket': 'PD-1042',
      'X-Purgedesk-Mail-Type': 'verify_request',
      'Content-Language': 'en',
      'In-Reply-To': '<question@customer.example.org>',
      References: '<first@customer.example.org> <question@customer.example.org>',
    });
  });

  test.each(['owner_notice', 'grace_reminder', 'purge_started', 'completed', 'expired'] as const)(
    '%s is a notice, though it stands in a thread',
    (name) => {
      const { headers } = compose({ facts: mailFacts(name) });
      expect(headers['Auto-Submitted']).toBe('auto-generated');
      expect(headers['In-Reply-To']).toBe('<question@customer.example.org>');
    },
  );

  test('D13 every mail type carries the marks of automatic mail', () => {
    for (const template of TEMPLATES) {
      const { headers } = compose({ facts: mailFacts(template), inReplyTo: null });
      expect(headers).toMatchObject({
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        'X-Purgedesk-Loop': 'desk-1',
        'X-Purgedesk-Mail-Type': template,
      });
      expect(headers).not.toHaveProperty('In-Reply-To');
    }
  });

  test('a VERP sender and a keyed reply address are used when given', () => {
    const message = compose({
      returnPath: 'bounce+7@desk.example.org',
      replyTo: 'support+pd1.aa@desk.example.org',
    });
    expect(message.envelope.from).toBe('bounce+7@desk.example.org');
    expect(message.replyTo).toBe('support+pd1.aa@desk.example.org');
  });

  test('more than ten references keep the first four and the last six', () => {
    const ids = Array.from({ length: 25 }, (_, n) => `<${n}@x.example.org>`);
    expect(boundedReferences(ids)).toEqual([...ids.slice(0, 4), ...ids.slice(-6)]);
    expect(boundedReferences([...ids.slice(0, 5), ...ids.slice(0, 5)])).toEqual(ids.slice(0, 5));
  });

  test('the attached receipt verifies as it stands', () => {
    const { publicKey, privateKey } = receiptKey(new Uint8Array(32).fill(7));
    const facts = mailFacts('completed');
    const [ticket] = facts.tickets;
    const signed = signReceipt(ticket!.receipt!.receipt, privateKey);
    const [attached] = compose({
      facts: { ...facts, tickets: [{ ...ticket!, receipt: signed }] },
    }).attachments;
    expect(verifyReceipt(attached!.content, publicKey)).toMatchObject({ ok: true });
  });

  test('a completed mail brings for each ticket its page and its signed receipt along, no other mail does', () => {
    const facts = mailFacts('completed');
    const [ticket] = facts.tickets;
    const other = { ...ticket!.receipt!, receipt: { ...ticket!.receipt!.receipt, ticket: 'PD-1043' } };
    const tickets = [ticket!, { ...ticket!, reference: 'PD-1043', receipt: other }];
    const certificates = new Map([
      ['PD-1042', Buffer.from('page of 1042')],
      ['PD-1043', Buffer.from('page of 1043')],
    ]);
    const { attachments } = compose({ facts: { ...facts, tickets }, certificates });
    expect(attachments).toEqual([
      {
        filename: 'certificate-PD-1042.pdf',
        contentType: 'application/pdf',
        content: certificates.get('PD-1042'),
      },
      {
        filename: 'receipt-PD-1042.json',
        contentType: 'application/json',
        content: receiptFile(ticket!.receipt!),
      },
      {
        filename: 'certificate-PD-1043.pdf',
        contentType: 'application/pdf',
        content: certificates.get('PD-1043'),
      },
      { filename: 'receipt-PD-1043.json', contentType: 'application/json', content: receiptFile(other) },
    ]);
    const status = withTicket('status', 'source', { receipt: ticket!.receipt });
    expect(compose({ facts: status, certificates }).attachments).toEqual([]);
  });

  test('who is in charge of one workspace of several gets neither: they tell of the others too', () => {
    const { attachments } = compose({ facts: withTicket('completed', 'account', { receipt: null }) });
    expect(attachments).toEqual([]);
  });
});

describe('hostile input', () => {
  test.each([
    'ada@acme.example.org, eve@example.net',
    'ada@acme.example.org\r\nBcc: eve@example.net',
    '"Ada" <ada@acme.example.org>',
    'ada',
    '',
  ])('%j is no recipient, and is not repeated in the error', (to) => {
    expect(() => compose({ to })).toThrow('the recipient is not one plain address');
  });

  test.each([
    ['CR LF', '\r\n'],
    ['a bare CR', '\r'],
    ['a bare LF', '\n'],
    ['NUL', '\0'],
    ['NEL of C1', '\u0085'],
    ['another of C1', '\u009b'],
    ['LINE SEPARATOR', '\u2028'],
    ['PARAGRAPH SEPARATOR', '\u2029'],
  ])('T60 %s in any header value makes no second header', (_name, end) => {
    const evil = `x${end}Bcc: eve@example.net`;
    const message = compose({
      inReplyTo: `<a@b.example>${end}Bcc: eve@example.net`,
      references: [evil, '<ok@b.example>', '<a b@c>', `<${'x'.repeat(300)}@c.example>`],
      instanceId: evil,
      rendered: { ...rendered, subject: evil },
      desk: { ...desk, name: evil },
      facts: mailFacts('received', 'source', { tag: evil }),
    });
    const values = [message.subject, message.from.name, ...Object.values(message.headers)];
    for (const value of values) expect(value).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(message.headers.References).toBe('<ok@b.example>');
    expect(message.headers).not.toHaveProperty('In-Reply-To');
  });
});

describe('Message-ID', () => {
  const parts = { tag: 'PD-1042', outboxId: '77', template: 'grace_started' } as const;

  test('reads back what went in, with and without a ticket, with a UUID too', () => {
    for (const each of [
      parts,
      { ...parts, tag: null },
      { ...parts, outboxId: '0b7c5bb2-6cf1-4a7a-9a5f-0f5a4f6f2b11' },
    ]) {
      const id = outgoingMessageId(key, each, 'desk.example.org');
      expect(id).toMatch(/^<pd\.\d+\.[^\s<>]+@desk\.example\.org>$/);
      expect(readOutgoingMessageId(key, id)).toEqual(each);
      expect(readOutgoingMessageId(key, id.slice(1, -1))).toEqual(each);
      expect(outgoingMessageId(key, each, 'desk.example.org')).toBe(id);
    }
  });

  test('refuses every forgery', () => {
    const id = outgoingMessageId(key, parts, 'desk.example.org');
    const forged = [
      outgoingMessageId(otherKey, parts, 'desk.example.org'),
      id.replace('.1042.', '.1043.'),
      id.replace('.77.', '.78.'),
      id.replace('grace_started', 'completed'),
      id.replace('grace_started', 'nowhere'),
      id.replace(/\.[0-9a-f]{32}@/, '.@'),
      id.replace(/\.([0-9a-f]{31})[0-9a-f]@/, '.$1@'),
      id.replace(/@.*/, ''),
      '<x@y.example>',
      '',
      `<pd.${'1'.repeat(10_000)}@x>`,
    ];
    for (const each of forged) expect(readOutgoingMessageId(key, each), each.slice(0, 80)).toBeNull();
  });

  test('is made of safe parts only', () => {
    expect(() => outgoingMessageId(key, { ...parts, outboxId: 'a>b' }, 'desk.example.org')).toThrow(
      RangeError,
    );
    expect(() => outgoingMessageId(key, { ...parts, tag: 'PD-1\r\n' }, 'desk.example.org')).toThrow(
      RangeError,
    );
    expect(() => outgoingMessageId(key, parts, 'x\r\ny')).toThrow(RangeError);
  });
});

describe('reply address', () => {
  test('names its conversation, in any case, and only at this desk', () => {
    const address = replyAddress(key, 'PD-1042', desk.address);
    expect(address).toMatch(/^support\+pd1042\.[0-9a-f]{20}@desk\.example\.org$/);
    expect(readReplyAddress(key, address, [desk.address])).toBe('PD-1042');
    expect(readReplyAddress(key, address.toUpperCase(), [desk.address])).toBe('PD-1042');
    expect(readReplyAddress(key, address, ['help@desk.example.org'])).toBeNull();
    expect(readReplyAddress(key, address.replace('desk.', 'evil.'), [desk.address])).toBeNull();
    expect(readBounceAddress(key, bounceAddressOfTest(desk.address), [desk.address])).toBeNull();
  });

  test('of a desk whose address is itself a subaddress of another one', () => {
    const [whole, part] = ['help@desk.example.org', 'help+privacy@desk.example.org'];
    for (const ours of [
      [whole, part],
      [part, whole],
    ]) {
      for (const one of ours) {
        expect(readReplyAddress(key, replyAddress(key, 'PD-1042', one), ours)).toBe('PD-1042');
        expect(readBounceAddress(key, bounceAddress(key, 7, one), ours)).toBe(7);
      }
    }
  });

  test('refuses every forgery', () => {
    const address = replyAddress(key, 'PD-1042', desk.address);
    const forged = [
      desk.address,
      'support+pd1042@desk.example.org',
      'support+pd1042.@desk.example.org',
      address.replace('1042', '1043'),
      address.replace(/[0-9a-f]@/, '@'),
      replyAddress(otherKey, 'PD-1042', desk.address),
      `x${address}`,
      '',
    ];
    for (const each of forged) expect(readReplyAddress(key, each, [desk.address]), each).toBeNull();
  });

  test('a local part without room for it stays as it is', () => {
    const long = `${'s'.repeat(50)}@desk.example.org`;
    expect(replyAddress(key, 'PD-1042', long)).toBe(long);
  });
});
