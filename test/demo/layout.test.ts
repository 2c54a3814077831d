import { describe, expect, test } from 'vitest';
import { rowsInWords, running, stamp, wrap } from '../../src/commands/demo/layout.ts';

describe('wrap', () => {
  test('breaks at spaces and keeps a longer word whole', () => {
    expect(wrap('one two  three\nabcdefghijklm', 9)).toEqual(['one two', 'three', 'abcdefghijklm']);
  });

  test('says so when it leaves lines out, at the end of a word', () => {
    expect(wrap('one two three four five six', 13, 1)).toEqual(['one two …']);
    expect(wrap('one two', 13, 1)).toEqual(['one two']);
  });
});

test('the lines of a mail run on, with a dot where no sign stands', () => {
  expect(running('Hello,\n\nplease delete:\n  Source: Web \nDays: all\n')).toBe(
    'Hello, please delete: Source: Web · Days: all',
  );
});

test('instants are stamped in UTC, and rows are counted in words', () => {
  expect(stamp('2026-02-03T23:59:00.000Z')).toBe('Tue 03 Feb 23:59');
  expect([rowsInWords(1), rowsInWords(5400)]).toEqual(['1 row', '5,400 rows']);
});
