import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReference, referenceOf, ticketId } from '../../src/domain/ids.ts';

test.each([
  { text: 'PD-1042', id: 1042 },
  { text: 'pd-1042', id: 1042 },
  { text: '  PD-1  ', id: 1 },
  { text: 'PD-999999999999999', id: 999_999_999_999_999 },
  { text: 'PD-0', id: null },
  { text: 'PD-01042', id: null },
  { text: 'PD--1', id: null },
  { text: 'PD-1042.5', id: null },
  { text: 'PD-1e3', id: null },
  { text: 'PD-9999999999999999', id: null },
  { text: 'PD-١٠٤٢', id: null },
  { text: 'XPD-1042', id: null },
  { text: 'PD-1042\n; drop', id: null },
  { text: 'PD 1042', id: null },
  { text: '', id: null },
])('$text is read as $id', ({ text, id }) => {
  expect(parseReference(text)).toBe(id);
});

test('every reference reads back as its number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (number) => {
      expect(parseReference(referenceOf(ticketId(number)))).toBe(number);
    }),
  );
});
