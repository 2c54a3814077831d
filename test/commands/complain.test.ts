import { afterEach, expect, test, vi } from 'vitest';
import { complain } from '../../src/commands/complain.ts';
import { PurgedeskError } from '../../src/domain/errors.ts';

afterEach(() => vi.restoreAllMocks());

/** What it prints, and the exit code. */
function said(error: unknown): readonly [number, string] {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  return [complain(error), text];
}

test('D25 what a database quotes is not repeated', () => {
  const quoting = Object.assign(new Error('duplicate key: (ada@acme.example)'), { code: '23505' });
  const [code, text] = said(quoting);
  expect([code, text]).toEqual([
    1,
    expect.stringMatching(/^purgedesk: an unexpected fault\nthe database answered 23505/),
  ]);
  expect(text).toMatch(/\n\s+at .*complain\.test\.ts/);
  expect(text).not.toContain('@');
});

test('a fault of ours says what to do, and one that nobody foresaw where it came up', () => {
  const ours = new PurgedeskError('PD_USAGE', 'no such ticket', { remedy: 'look at the list' });
  expect(said(ours)).toEqual([2, 'purgedesk: no such ticket\n  look at the list\n  (PD_USAGE)\n']);
  expect(said(new TypeError('no database'))).toEqual([
    1,
    expect.stringContaining('TypeError: no database\n'),
  ]);
});

test('F19 a database that is starting is told in a line, without a trace', () => {
  const starting = Object.assign(new Error('the database system is starting up'), { code: '57P03' });
  expect(said(starting)).toEqual([
    1,
    'purgedesk: the database does not answer now (57P03)\n  try again in a moment; if it stays so, check DATABASE_URL and the server\n',
  ]);
  const refused = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  expect(said(refused)).toEqual([
    1,
    'purgedesk: a server cannot be reached (ECONNREFUSED)\n  check DATABASE_URL, IMAP_URL and SMTP_URL\n',
  ]);
});
