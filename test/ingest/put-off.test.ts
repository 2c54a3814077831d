import { expect, test } from 'vitest';
import { retryAt } from '../../src/ingest/put-off.ts';

const minute = 60_000;
const start = new Date('2026-11-22T10:00:00Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * minute);

test('T06 waits double from five minutes up, the last try is a day after the first, and then there is none', () => {
  const tries: number[] = [];
  let now = start;
  for (let at = retryAt(null, now); at !== null; at = retryAt(start, now)) {
    now = at;
    tries.push((now.getTime() - start.getTime()) / minute);
  }
  expect(tries).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_440]);
});

test('T06 a desk that slept through its tries makes one more only within the day', () => {
  expect(retryAt(start, later(700))).toEqual(later(1_400));
  expect(retryAt(start, later(1_439))).toEqual(later(1_440));
  expect(retryAt(start, later(10_000))).toBeNull();
});
