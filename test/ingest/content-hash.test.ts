import { expect, test } from 'vitest';
import { contentHash } from '../../src/ingest/content-hash.ts';

const mail = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');
const CONTENT = [
  'From: Ada <ada@example.org>',
  'Subject: Delete our source,',
  ' please',
  'DKIM-Signature: v=1; d=example.org; b=abc',
  '',
  'Hello',
  '',
  'Received: this is body text',
];
const original = contentHash(
  mail('Return-Path: <ada@example.org>', 'Received: from a', '\tby b; Mon', ...CONTENT),
);

test.each([
  { title: 'without trace headers', copy: mail(...CONTENT) },
  {
    title: 'with other trace headers',
    copy: mail('Received: from c', 'Delivered-To: x@example.org', ...CONTENT),
  },
  { title: 'with results of authentication', copy: mail('Authentication-Results: mx; spf=pass', ...CONTENT) },
  {
    title: 'sealed by ARC',
    copy: mail('ARC-Seal: i=1;', ' a=rsa-sha256', 'ARC-Message-Signature: i=1', ...CONTENT),
  },
  { title: 'rated by a spam filter', copy: mail('X-Spam-Status: No', 'X-Original-To: x', ...CONTENT) },
  {
    title: 'with LF line ends',
    copy: Buffer.from(
      mail(...CONTENT)
        .toString()
        .replaceAll('\r\n', '\n'),
    ),
  },
  { title: 'with header names in capitals', copy: mail('RECEIVED : from d', ...CONTENT) },
])('a copy $title has the same hash', ({ copy }) => {
  expect(contentHash(copy)).toBe(original);
});

test.each([
  { title: 'another subject', copy: mail(...CONTENT.map((line) => line.replace('please', 'now'))) },
  { title: 'another word in the body', copy: mail(...CONTENT.map((line) => line.replace('Hello', 'Hallo'))) },
  { title: 'a body line that looks like a trace header gone', copy: mail(...CONTENT.slice(0, -1)) },
  { title: 'its signature removed', copy: mail(...CONTENT.filter((line) => !line.startsWith('DKIM'))) },
  { title: 'a header that only begins like one of trace', copy: mail('Received-By-Us: x', ...CONTENT) },
  { title: 'one byte outside of ASCII changed', copy: mail(...CONTENT, 'caf\u00e9') },
])('a mail with $title has another hash', ({ copy }) => {
  expect(contentHash(copy)).not.toBe(original);
});

test('bytes that no charset explains are told apart', () => {
  expect(contentHash(Buffer.from([10, 0x80]))).not.toBe(contentHash(Buffer.from([10, 0x81])));
});

test.each(['', '\n', '\r\n\r\n', 'no header end', ' folded first'])('%j has a hash', (text) => {
  expect(contentHash(Buffer.from(text))).toMatch(/^[0-9a-f]{64}$/);
});

test('25 MiB of anything are hashed', () => {
  for (const filling of ['a', '\n', '\r\n', 'Received: x\n', 'X: y\n']) {
    expect(contentHash(Buffer.alloc(25 * 1_024 * 1_024, filling))).toMatch(/^[0-9a-f]{64}$/);
  }
});
