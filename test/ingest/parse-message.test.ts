import { describe, expect, test } from 'vitest';

import { HEADER_LINES_MAX, MESSAGE_BYTES_MAX } from '../../src/domain/raw-header.ts';
import { isUnreadable, type ParsedMessage, parseMessage } from '../../src/ingest/parse-message.ts';

const raw = (header: readonly string[], body = 'Hello'): Buffer =>
  Buffer.from(`${header.join('\r\n')}\r\n\r\n${body}\r\n`);

async function read(header: readonly string[], body?: string): Promise<ParsedMessage> {
  const message = await parseMessage(raw(header, body));
  if (isUnreadable(message)) throw new TypeError(message.unreadable);
  return message;
}

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

test('T65 a field called __proto__ is a field like any other', async () => {
  const message = await read(['From: a@example.org', '__proto__: x', 'constructor: y']);
  expect(message.header.get('__proto__')).toEqual(['x']);
  expect(message.header.get('tostring')).toBeUndefined();
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
