import { describe, expect, test } from 'vitest';
import { DEPTH_MAX, misshapen, PARTS_MAX } from '../../src/ingest/mime-shape.ts';

/** A mail of multiparts within each other. */
function nested(depth: number, typeOf = (level: number) => `multipart/mixed; boundary="b${level}"`): Buffer {
  let text = 'From: ada@acme.example\r\n';
  for (let level = 0; level < depth; level += 1) {
    text += `Content-Type: ${typeOf(level)}\r\n\r\n--b${level}\r\n`;
  }
  return Buffer.from(`${text}Content-Type: text/plain\r\n\r\nHello\r\n`);
}

const flat = (parts: number): Buffer =>
  Buffer.from(
    `From: ada@acme.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(parts)}--b--\r\n`,
  );

describe('T70 parts within parts', () => {
  test('as deep as anybody writes are read', () => {
    expect(misshapen(nested(DEPTH_MAX))).toBeNull();
  });

  test.each([
    ['quoted boundaries', undefined],
    ['bare boundaries', (level: number) => `multipart/mixed; boundary=b${level}`],
    ['folded parameters', (level: number) => `Multipart/Mixed;\r\n\tcharset=x;\r\n BOUNDARY = "b${level}"`],
    ['continued parameters', (level: number) => `multipart/mixed; boundary*0="b${level}"`],
  ])('deeper ones are not: %s', (_title, typeOf) => {
    expect(misshapen(nested(DEPTH_MAX + 1, typeOf))).toBe('the parts are nested more than 32 deep');
  });

  test('nor are messages in messages', () => {
    const text = 'Content-Type: message/rfc822\r\n\r\n'.repeat(DEPTH_MAX + 1);
    expect(misshapen(Buffer.from(`${text}Subject: x\r\n\r\nHello`))).toBe(
      'the parts are nested more than 32 deep',
    );
  });

  test('one behind the other are not within each other', () => {
    const part = (at: number) =>
      `--b\r\nContent-Type: multipart/alternative; boundary=c${at}\r\n\r\n--c${at}\r\n\r\nx\r\n--c${at}--\r\n`;
    const text = Array.from({ length: 100 }, (_, at) => part(at)).join('');
    expect(
      misshapen(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${text}--b--\r\n`)),
    ).toBeNull();
  });
});

test('T71 a mail of too many parts is read by no parser', () => {
  expect(misshapen(flat(PARTS_MAX))).toBeNull();
  expect(misshapen(flat(100_000))).toBe('the mail has more than 1000 parts');
});

test('lines of dashes that are no delimiters are text', () => {
  expect(misshapen(Buffer.from(`Subject: x\r\n\r\n${'-- \r\n------\r\n'.repeat(5_000)}`))).toBeNull();
});
