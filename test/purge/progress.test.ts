import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  brakeSeconds,
  CANARY_LIMIT,
  deletedInAll,
  mostExpected,
  nextLimit,
  type Speed,
  smallerLimit,
  speedAfter,
  standingOf,
  takeOver,
  withinExpected,
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

  test('grows to four times at most, shrinks to half at least, and stays within its bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 50_000 }),
        fc.double({ min: 0, max: 100_000, noNaN: true }),
        (limit, ms) => {
          const next = nextLimit(limit, ms);
          expect(next).toBeGreaterThanOrEqual(Math.max(10, Math.floor(limit / 2)));
          expect(next).toBeLessThanOrEqual(Math.min(50_000, limit * 4));
        },
      ),
    );
  });

  test('heads for half a second, unless the store says otherwise', () => {
    expect([nextLimit(4_000, 250), nextLimit(4_000, 800), nextLimit(4_000, 250, 1_000)]).toEqual([
      8_000, 2_500, 16_000,
    ]);
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

describe('withinExpected', () => {
  test.each([
    { title: 'leaves a batch alone that fits', limit: 500, deleted: 0, expected: 500 },
    { title: 'asks for no more than may still go', limit: 5_000, deleted: 800, expected: 320 },
    { title: 'asks for one when all has gone that may', limit: 5_000, deleted: 1_120, expected: 1 },
    { title: 'asks for one when more has gone', limit: 5_000, deleted: 5_000, expected: 1 },
  ])('$title', ({ limit, deleted, expected }) => {
    expect(withinExpected(limit, 100, deleted)).toBe(expected);
  });
});

test('a store that keeps failing is left alone for 5, 10, 20, 40 and then 60 seconds, for ever', () => {
  expect([1, 2, 3, 4, 5, 6, 5_000].map((failures) => brakeSeconds(failures, 5, 60))).toEqual([
    5, 10, 20, 40, 60, 60, 60,
  ]);
});

describe('speedAfter', () => {
  const STILL: Speed = { runningMs: 0, rate: null };
  const speedOf = (batches: readonly (readonly [deleted: number, ms: number])[]): Speed =>
    batches.reduce<Speed>((speed, [deleted, ms]) => speedAfter(speed, deleted, ms), STILL);

  test('is the mean of all at first, so that a canary does not stand for the rest', () => {
    expect(speedOf([[1, 1_000]])).toEqual({ runningMs: 1_000, rate: 1 });
    expect(
      speedOf([
        [1, 1_000],
        [999, 1_000],
      ]),
    ).toEqual({ runningMs: 2_000, rate: 500 });
  });

  test('follows a store that slows down within a minute', () => {
    const fast = Array.from({ length: 600 }, () => [1_000, 500] as const);
    const slow = Array.from({ length: 120 }, () => [100, 500] as const);
    expect(speedOf(fast).rate).toBeCloseTo(2_000);
    expect(speedOf([...fast, ...slow]).rate).toBeLessThan(500);
  });

  test('is between the slowest and the fastest batch, whatever they are', () => {
    const batch = fc.tuple(fc.nat({ max: 50_000 }), fc.integer({ min: 1, max: 100_000 }));
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 50 }), (batches) => {
        const rates = batches.map(([deleted, ms]) => (deleted * 1_000) / ms);
        const { rate } = speedOf(batches);
        expect(rate).toBeGreaterThanOrEqual(Math.min(...rates) - 1e-6);
        expect(rate).toBeLessThanOrEqual(Math.max(...rates) * (1 + 1e-9) + 1e-6);
      }),
    );
  });
});

describe('standingOf', () => {
  const step = { deleted: 250, estimate: 1_000, rate: 50, isDone: false };
  test.each([
    { title: 'under way', given: {}, expected: { percent: 25, perSecond: 50, etaSeconds: 15 } },
    { title: 'not begun', given: { deleted: 0, rate: null }, expected: { percent: 0, etaSeconds: null } },
    { title: 'stuck', given: { rate: 0 }, expected: { percent: 25, etaSeconds: null } },
    {
      title: 'all gone and not read back',
      given: { deleted: 1_000 },
      expected: { percent: 99, etaSeconds: 0 },
    },
    { title: 'past its estimate', given: { deleted: 1_500 }, expected: { percent: 99, etaSeconds: 0 } },
    {
      title: 'with nothing to do',
      given: { deleted: 0, estimate: 0 },
      expected: { percent: 0, etaSeconds: 0 },
    },
    {
      title: 'done',
      given: { isDone: true, deleted: 0, estimate: 0 },
      expected: { percent: 100, etaSeconds: 0 },
    },
  ])('$title', ({ given, expected }) => {
    expect(standingOf({ ...step, ...given })).toMatchObject(expected);
  });
});
