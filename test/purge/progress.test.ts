import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CANARY_LIMIT,
  deletedInAll,
  mostExpected,
  nextLimit,
  smallerLimit,
  takeOver,
} from '../../src/purge/progress.ts';

const progress = { run: 'a', before: 100, after: '7', inFlight: 0, unrecorded: 0 };

describe('deletedInAll', () => {
  test.each([
    {
      title: 'is the sum of the records when none is missing',
      recorded: 100,
      remaining: 0,
      unrecorded: 0,
      expected: 100,
    },
    { title: 'does not claim what others deleted', recorded: 60, remaining: 0, unrecorded: 0, expected: 60 },
    {
      title: 'counts rows that arrived meanwhile',
      recorded: 120,
      remaining: 0,
      unrecorded: 0,
      expected: 120,
    },
    {
      title: 'finds a batch whose record was lost',
      recorded: 60,
      remaining: 0,
      unrecorded: 50,
      expected: 100,
    },
    {
      title: 'claims no more than the lost batch could delete',
      recorded: 60,
      remaining: 0,
      unrecorded: 10,
      expected: 70,
    },
    {
      title: 'knows that the lost batch did nothing',
      recorded: 100,
      remaining: 0,
      unrecorded: 50,
      expected: 100,
    },
  ])('$title', ({ recorded, remaining, unrecorded, expected }) => {
    expect(deletedInAll(recorded, remaining, { ...progress, unrecorded })).toBe(expected);
  });
});

describe('takeOver', () => {
  test('keeps the place and adds the batch that was under way', () => {
    expect(takeOver({ ...progress, inFlight: 1_000, unrecorded: 5 }, 'b')).toEqual({
      ...progress,
      run: 'b',
      unrecorded: 1_005,
    });
  });

  test('begins at the beginning when there is nothing to take over', () => {
    expect(takeOver(null, 'b')).toEqual({ run: 'b', before: null, after: null, inFlight: 0, unrecorded: 0 });
  });
});

describe('the size of a batch', () => {
  test('P02 is one, then a thousand', () => {
    expect(CANARY_LIMIT).toBe(1);
    expect(nextLimit(CANARY_LIMIT, 3)).toBe(1_000);
  });

  test('at most doubles, at most halves, and stays within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 50_000 }),
        fc.double({ min: 0, max: 100_000, noNaN: true }),
        (limit, ms) => {
          const next = nextLimit(limit, ms);
          expect(next).toBeGreaterThanOrEqual(Math.max(10, Math.floor(limit / 2)));
          expect(next).toBeLessThanOrEqual(Math.min(50_000, limit * 2));
        },
      ),
    );
  });

  test('goes down to a tenth after a time-out, until it cannot', () => {
    expect([smallerLimit(1_000), smallerLimit(50), smallerLimit(10), smallerLimit(1)]).toEqual([
      100,
      10,
      null,
      null,
    ]);
  });
});

test('P02 more than a fifth and a thousand beyond the estimate is too much', () => {
  expect([mostExpected(0), mostExpected(10_000)]).toEqual([1_000, 13_000]);
});
