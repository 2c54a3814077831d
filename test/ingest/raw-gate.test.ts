import { describe, expect, test } from 'vitest';
import { HEADER_BYTES_MAX, HEADER_LINES_MAX, MESSAGE_BYTES_MAX } from '../../src/domain/raw-header.ts';
import { rawGate, SIGNATURES_MAX } from '../../src/ingest/raw-gate.ts';

const mail = (header: readonly string[], body = 'Hello'): Buffer =>
  Buffer.from(`${header.join('\r\n')}\r\n\r\n${body}\r\n`, 'latin1');

const ADA = 'From: Ada <ada@acme.example>';
const REST = ['To: desk@desk.example', 'Subject: x', 'Date: Tue, 14 May 2024 09:12:41 +0200'];

describe('T09 the author is one plain address or nobody', () => {
  test.each([
    ['From: Ada@Acme.EXAMPLE', 'ada@acme.example'],
    ['From: <ada@acme.example>', 'ada@acme.example'],
    ['From: Ada Novak <ada@acme.example>', 'ada@acme.example'],
    ['From: "Novak, Ada <eve@evil.example>" <ada@acme.example>', 'ada@acme.example'],
    ['From: =?utf-8?q?Ad=C3=A1?= <ada@acme.example>', 'ada@acme.example'],
    ['from : ada@acme.example', 'ada@acme.example'],
    ['From:\r\n Ada\r\n <ada@acme.example>', 'ada@acme.example'],
  ])('%s', (from, author) => {
    expect(rawGate(mail([...REST, from]))).toEqual({ kind: 'readable', author, review: null });
  });

  test.each([
    'From: ada@acme.example, eve@evil.example',
    'From: <ada@acme.example> <eve@evil.example>',
    'From: ada@acme.example <eve@evil.example>',
    'From: Team: ada@acme.example;',
    'From: ada@acme.example (Ada)',
    'From: Ada (a comment) <ada@acme.example>',
    'From: <@relay.example:ada@acme.example>',
    'From: "ada"@acme.example',
    'From: "ada@acme.example x"@evil.example',
    'From: ada@[192.0.2.1]',
    'From: ada@acm\u00e9.example',
    'From: =?utf-8?q?ada=40acme.example?=',
    'From: Ada <=?utf-8?q?ada?=@acme.example>',
    'From: ada@acme.example..',
    `From: ${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(10)}`,
    'From: Ada',
    'From:',
  ])('%s', (from) => {
    const gate = rawGate(mail([...REST, from]));
    expect(gate).toMatchObject({ kind: 'readable', author: null, review: expect.any(String) });
  });
});

describe('T08 a second author is seen however it is written', () => {
  test.each([
    [ADA, 'From: eve@evil.example'],
    [ADA, 'FROM: eve@evil.example'],
    [ADA, 'From : eve@evil.example'],
    [ADA, 'From\t \t: eve@evil.example'],
    [ADA, 'From\r\n : eve@evil.example'],
    [ADA, 'From\r\n \r\n\t: eve@evil.example'],
    [ADA, 'From\u000b: eve@evil.example'],
    [ADA, '\u00a0From: eve@evil.example'],
    [ADA, '\u000cFrom\u00a0: eve@evil.example'],
    [' From: eve@evil.example', ADA],
    ['From : eve@evil.example', ADA],
  ])('%j and %j', (...froms) => {
    expect(rawGate(mail([...froms, ...REST]))).toMatchObject({
      author: null,
      review: 'there is not exactly one From',
    });
  });

  test('and one that no reader takes for a field is none', () => {
    const folded = 'X-Note: about\r\n From: eve@evil.example';
    expect(rawGate(mail([ADA, folded, ...REST]))).toMatchObject({ author: 'ada@acme.example', review: null });
    const spaced = 'Fr om: eve@evil.example';
    expect(rawGate(mail([ADA, ...REST, spaced]))).toMatchObject({ author: 'ada@acme.example', review: null });
  });

  test('nobody at all is for an agent too', () => {
    expect(rawGate(mail(REST))).toMatchObject({ author: null, review: 'there is not exactly one From' });
  });
});

describe('T16 a field that must be single comes twice', () => {
  test.each([
    'Sender: a@acme.example',
    'Reply-To: a@acme.example',
    'To: b@desk.example',
    'Cc: c@desk.example',
    'Subject : y',
    'Date: Tue, 14 May 2024 09:12:41 +0200',
    'Message-ID: <1@acme.example>',
    'In-Reply-To: <1@acme.example>',
    'References: <1@acme.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/html',
    'content-transfer-encoding: base64',
    'Content-Disposition: inline',
  ])('%s', (field) => {
    const review = 'a header field that must be single comes twice';
    expect(rawGate(mail([ADA, field, field]))).toMatchObject({ kind: 'readable', review });
    expect(rawGate(mail([ADA, field]))).toMatchObject({ review: null });
  });

  test('what may come often may', () => {
    expect(
      rawGate(mail([ADA, ...REST, 'Received: a', 'Received: b', 'Comments: a', 'Comments: b'])),
    ).toMatchObject({
      review: null,
    });
  });
});

describe('T78 line ends of more than one kind', () => {
  const review = 'the lines end in more than one way';
  test.each([
    ['a bare LF in the body', mail([ADA, ...REST], 'a\nb')],
    ['a bare CR in the body', mail([ADA, ...REST], 'a\rb')],
    ['a bare CR in the header', mail([ADA, ...REST, 'X: y\rFrom: eve@evil.example'])],
    ['a bare LF in the header', mail([ADA, ...REST, 'X: y\nY: z'])],
    ['a smuggled end of data', mail([ADA, ...REST], 'a\n.\r\nMAIL FROM:<eve@evil.example>')],
  ])('%s', (_title, raw) => {
    expect(rawGate(raw)).toMatchObject({ kind: 'readable', review });
  });

  test('a file with LF throughout is consistent', () => {
    const raw = Buffer.from(
      mail([ADA, ...REST])
        .toString('latin1')
        .replaceAll('\r\n', '\n'),
      'latin1',
    );
    expect(rawGate(raw)).toMatchObject({ author: 'ada@acme.example', review: null });
  });
});

test('T74 a NUL in the header is for an agent, one in the body is not', () => {
  expect(rawGate(mail([ADA, ...REST, 'X: \0']))).toMatchObject({ review: 'there is a NUL in the header' });
  expect(rawGate(mail([ADA, ...REST], 'a\0b'))).toMatchObject({ review: null });
});

test('T76 more signatures than honest mail carries are for an agent', () => {
  const signatures = (count: number) => Array<string>(count).fill('DKIM-Signature: v=1; d=acme.example; s=a');
  expect(rawGate(mail([ADA, ...REST, ...signatures(SIGNATURES_MAX)]))).toMatchObject({ review: null });
  expect(rawGate(mail([ADA, ...REST, ...signatures(60)]))).toMatchObject({ review: expect.any(String) });
});

describe('T70 D20 what no parser may see', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `a${at}@b.example`).join(',\r\n ');
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no header', Buffer.from('\r\njust words\r\n')],
    ['no field', Buffer.from('just words\nwithout a field')],
    ['a mail that is too large', Buffer.alloc(MESSAGE_BYTES_MAX + 1, 'a')],
    ['too many header lines', mail([ADA, ...Array<string>(HEADER_LINES_MAX).fill('X: y')])],
    ['one field folded too often', mail([ADA, `X:${'\r\n y'.repeat(HEADER_LINES_MAX)}`])],
    ['a header that is too large', mail([ADA, ...Array<string>(300).fill(`X: ${'y'.repeat(900)}`)])],
    ['a header without end', Buffer.from(`${ADA}\r\nX: ${'y'.repeat(HEADER_BYTES_MAX)}`)],
    ['more recipients than a parser reads', mail([ADA, `To: ${many(1_500)}`])],
    ['30,000 recipients', mail([ADA, `To: ${'a@b.co,'.repeat(30_000)}`])],
    ['quotes instead of addresses', mail([ADA, `To: ${'"'.repeat(100_000)}`])],
  ])('%s', (_title, raw) => {
    expect(rawGate(raw)).toEqual({ kind: 'unreadable', reason: expect.any(String) });
  });

  test('and no more than that', () => {
    expect(rawGate(mail([ADA, `To: ${many(900)}`]))).toMatchObject({ review: null });
    expect(rawGate(mail([ADA, ...Array<string>(HEADER_LINES_MAX - 1).fill('X: y')]))).toMatchObject({
      review: null,
    });
  });
});

test('reasons hold nothing of the mail', () => {
  const secret = 'eve-was-here';
  for (const header of [
    [`From: ${secret}`],
    [ADA, ADA, secret],
    [`${secret}: x`, ADA, `To: ${secret}`, 'To: x'],
  ]) {
    expect(JSON.stringify(rawGate(mail(header)))).not.toContain(secret);
  }
});
