import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Block,
  blocksOf,
  fieldOf,
  type Mark,
  partsOf,
  shortened,
} from '../../src/console/ticket/mail-text.ts';

const textOf = (blocks: readonly Block[]): string =>
  blocks.flatMap(({ pieces }) => pieces.flatMap(({ parts }) => parts.map(({ text }) => text))).join('');

/** Words, line ends, signs of two halves, lone halves, and signs that cannot be seen. */
const anyText = fc
  .array(
    fc.constantFrom(
      'a',
      'delete ',
      '\n',
      '\r\n',
      '𝒜',
      '👩‍💻',
      '\ud83d',
      '\udc00',
      '\u202e',
      '\u200b',
      '\u0000',
      '<b>',
      '&amp;',
    ),
    {
      maxLength: 30,
    },
  )
  .map((parts) => parts.join(''));
const anyOffset = fc.oneof(fc.integer({ min: -5, max: 80 }), fc.constantFrom(Number.NaN, 1e12, 3.5));
const anyMark = fc.record({
  n: fc.integer({ min: 1, max: 9 }),
  id: fc.string(),
  label: fc.string(),
  start: anyOffset,
  end: anyOffset,
});
const anyLeftOut = fc.record({ why: fc.constant('a quote'), start: anyOffset, end: anyOffset });

describe('the text of a mail in pieces', () => {
  test('is the text of the mail, whatever is marked and left out', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.array(anyMark, { maxLength: 6 }),
        fc.array(anyLeftOut, { maxLength: 4 }),
        (text, marks, leftOut) => {
          expect(textOf(blocksOf(text, marks, leftOut))).toBe(text);
        },
      ),
    );
  });

  test('never parts the two halves of a sign', () => {
    fc.assert(
      fc.property(fc.nat({ max: 9 }), fc.nat({ max: 9 }), (start, end) => {
        const mark = { n: 1, id: 'm', label: 'x', start, end };
        const [block] = blocksOf('𝒜👩𝒜👩', [mark], []);
        for (const { parts } of block!.pieces)
          for (const part of parts) expect([part.text.isWellFormed(), part.sign]).toEqual([true, null]);
      }),
    );
  });

  test('opens each mark once and closes it once', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyMark, { maxLength: 6 }), (text, marks) => {
        const unique = marks.map((mark, index) => ({ ...mark, id: `m${index}` }));
        const pieces = blocksOf(text, unique, []).flatMap((block) => block.pieces);
        const begun = pieces.flatMap(({ around }) => around.flatMap(({ id }) => (id === null ? [] : [id])));
        const ended = pieces.flatMap(({ ends }) => ends);
        expect(new Set(begun).size).toBe(begun.length);
        expect(ended).toHaveLength(begun.length);
      }),
    );
  });

  test('marks exactly the words that are meant, one in the other too', () => {
    const text = 'delete acme-inc now';
    const mark = (n: number, start: number, end: number): Mark => ({
      n,
      id: `w${n}`,
      label: 'x',
      start,
      end,
    });
    const [block] = blocksOf(text, [mark(1, 7, 15), mark(2, 7, 11), mark(3, 9, 19)], []);
    const said = (n: number) =>
      block!.pieces
        .filter(({ around }) => around.some((each) => each.n === n))
        .flatMap(({ parts }) => parts.map((part) => part.text))
        .join('');
    expect([said(1), said(2), said(3)]).toEqual(['acme-inc', 'acme', 'me-inc now']);
  });

  test('quotes and signatures stand apart, with the blank lines around them', () => {
    const text = 'please\n\n> older\n> mail\n\n-- \nAda\n';
    const blocks = blocksOf(
      text,
      [],
      [
        { why: 'a quote', start: 8, end: 22 },
        { why: 'a signature', start: 24, end: 31 },
      ],
    );
    expect(blocks.map(({ why, lines }) => [why, lines])).toEqual([
      [null, '2 lines'],
      ['a quote', '3 lines'],
      ['a signature', '2 lines'],
    ]);
  });
});

test('signs that cannot be seen are named', () => {
  expect(partsOf('a\u202eb\u200bc')).toEqual([
    { text: 'a', sign: null },
    { text: '\u202e', sign: 'U+202E' },
    { text: 'b', sign: null },
    { text: '\u200b', sign: 'U+200B' },
    { text: 'c', sign: null },
  ]);
  expect(partsOf('👩‍💻\tz\u00e9\n')).toEqual([{ text: '👩‍💻\tz\u00e9\n', sign: null }]);
});

test('a long text ends between two signs', () => {
  expect(shortened('ab👩', 3)).toEqual({ text: 'ab', cut: 2 });
  expect(shortened('abc', 3)).toEqual({ text: 'abc', cut: 0 });
});

test('a field names its request and itself', () => {
  expect(fieldOf({ field: 'requests.2.users.1' })).toEqual({ request: 2, key: 'users' });
  expect(fieldOf({ field: 'code' })).toEqual({ request: null, key: 'code' });
});
