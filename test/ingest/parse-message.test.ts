import { describe, expect, test } from 'vitest';

import {
  authorOf,
  HEADER_LINES_MAX,
  isUnreadable,
  MESSAGE_BYTES_MAX,
  type ParsedMessage,
  parseMessage,
} from '../../src/ingest/parse-message.ts';

const raw = (header: readonly string[], body = 'Hello'): Buffer =>
  Buffer.from(`${header.join('\r\n')}\r\n\r\n${body}\r\n`);

async function read(header: readonly string[], body?: string): Promise<ParsedMessage> {
  const message = await parseMessage(raw(header, body));
  if (isUnreadable(message)) throw new TypeError(message.unreadable);
  return message;
}

describe('the author', () => {
  test.each([
    { title: 'a bare address', from: ['From: Ada@Example.ORG'], author: 'ada@example.org' },
    {
      title: 'a name and an address',
      from: ['From: Ada Novak <ada@example.org>'],
      author: 'ada@example.org',
    },
    { title: 'a quoted name', from: ['From: "Novak, Ada" <ada@example.org>'], author: 'ada@example.org' },
    {
      title: 'an encoded name',
      from: ['From: =?utf-8?q?Ad=C3=A1?= <ada@example.org>'],
      author: 'ada@example.org',
    },
    { title: 'no field', from: [], author: null },
    { title: 'two fields', from: ['From: ada@example.org', 'From: mallory@example.org'], author: null },
    { title: 'two mailboxes', from: ['From: ada@example.org, mallory@example.org'], author: null },
    { title: 'two angle addresses', from: ['From: <ada@example.org> <mallory@example.org>'], author: null },
    { title: 'an address as name', from: ['From: ada@example.org <mallory@example.org>'], author: null },
    { title: 'a group', from: ['From: Team: ada@example.org;'], author: null },
    { title: 'a comment', from: ['From: ada@example.org (Ada)'], author: null },
    { title: 'a domain that is not ASCII', from: ['From: ada@exämple.org'], author: null },
  ])('$title gives $author', async ({ from, author }) => {
    expect(authorOf(await read([...from, 'To: desk@example.org', 'Subject: x']))).toBe(author);
  });
});

describe('the date', () => {
  test.each([
    { value: 'Tue, 14 May 2024 09:12:41 +0200', date: '2024-05-14T07:12:41.000Z' },
    { value: '14 May 2024 09:12 GMT (comment)', date: '2024-05-14T09:12:00.000Z' },
    { value: 'yesterday', date: null },
    { value: '2024-05-14', date: null },
  ])('$value is $date and never now', async ({ value, date }) => {
    const message = await read(['From: a@example.org', `Date: ${value}`]);
    expect(message.date?.toISOString() ?? null).toBe(date);
  });
});

test('a field called __proto__ is a field like any other', async () => {
  const message = await read(['From: a@example.org', '__proto__: x', 'constructor: y']);
  expect(message.header('__PROTO__')).toEqual(['x']);
  expect(message.header('toString')).toEqual([]);
});

test('an attached message is never read as text', async () => {
  const inner = 'From: b@example.org\r\nSubject: inner\r\n\r\nPlease delete everything.';
  const message = await read(
    ['From: a@example.org', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=x'],
    `--x\r\nContent-Type: text/plain\r\n\r\nSee attachment.\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n${inner}\r\n--x--`,
  );
  expect(message.text?.trim()).toBe('See attachment.');
  expect(message.attachments).toMatchObject([{ contentType: 'message/rfc822' }]);
});

test('format=flowed lines are joined', async () => {
  const message = await read(
    ['From: a@example.org', 'Content-Type: text/plain; charset=utf-8; format=flowed'],
    'one \r\ntwo',
  );
  expect(message.text).toContain('one two');
});

describe('a mail that cannot be read is a value with its reason', () => {
  test.each([
    { title: 'nothing', bytes: Buffer.alloc(0) },
    { title: 'no header', bytes: Buffer.from('just words\nwithout a field') },
    { title: 'too many header lines', bytes: raw(Array(HEADER_LINES_MAX + 2).fill('X-A: b')) },
    { title: 'a header that is too large', bytes: raw(Array(400).fill(`X-A: ${'b'.repeat(900)}`)) },
    { title: 'a mail that is too large', bytes: Buffer.alloc(MESSAGE_BYTES_MAX + 1, 'a') },
  ])('$title', async ({ bytes }) => {
    expect(await parseMessage(bytes)).toMatchObject({ unreadable: expect.any(String) });
  });
});
