import { describe, expect, test } from 'vitest';
import { Suspects } from '../../src/ingest/imap/suspects.ts';
import { uidSet } from '../../src/ingest/imap/uid-set.ts';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Fails until one mail stands alone, as a connection that ends at this mail does. */
function isolate(suspects: Suspects, uid: number, nowMs = 0): number {
  for (let failures = 1; ; failures += 1) {
    const asked = range(uid, uid + suspects.window - 1);
    suspects.failed(asked, true, nowMs);
    if (asked.length === 1) return failures;
  }
}

describe('a mail whose FETCH fails', () => {
  test('is narrowed down by halves, set aside, and asked for after all others', () => {
    const suspects = new Suspects();
    suspects.begin('7');
    expect(isolate(suspects, 10)).toBe(8);
    expect(suspects.sort(range(10, 14))).toEqual({ others: [11, 12, 13, 14], aside: [10] });
    expect(suspects.owed).toBe(1);
  });

  test('keeps the cursor behind it until it is settled, and what is committed ahead of it is not asked for again', () => {
    const suspects = new Suspects();
    suspects.begin('7');
    isolate(suspects, 10);
    expect(suspects.frontier(14)).toBe(9);
    suspects.settled([11, 12]);
    suspects.committedAhead([11, 12]);
    expect(suspects.sort(range(10, 14)).others).toEqual([13, 14]);
    expect(suspects.frontier(14, 10)).toBe(14);
    suspects.settled([10]);
    expect(suspects.frontier(14)).toBe(14);
    expect(suspects.sort(range(13, 14))).toEqual({ others: [13, 14], aside: [] });
  });

  test('is given up after three tries in sessions that gave others, and not before its time', () => {
    const suspects = new Suspects();
    suspects.begin('7');
    isolate(suspects, 10, 1_000); // its last step was a first try alone
    suspects.failed([10], true, 2_000);
    expect(suspects.isHopeless(10, 900_000, 300_000)).toBe(false);
    suspects.failed([10], true, 3_000);
    expect(suspects.isHopeless(10, 300_999, 300_000)).toBe(false);
    expect(suspects.isHopeless(10, 301_000, 300_000)).toBe(true);
  });

  test('is never given up by tries that prove nothing', () => {
    const suspects = new Suspects();
    suspects.begin('7');
    for (let tries = 0; tries < 50; tries += 1) suspects.failed([10], false, tries);
    expect(suspects.isHopeless(10, 1e9, 0)).toBe(false);
  });

  test('lets others have their turn first, and is forgotten once it is gone or the numbers change', () => {
    const suspects = new Suspects();
    suspects.begin('7');
    for (const uid of [10, 11, 10]) suspects.failed([uid], true, 0);
    expect(suspects.sort([10, 11]).aside).toEqual([11, 10]);
    expect(suspects.sort([11]).aside).toEqual([11]);
    suspects.begin('8');
    expect(suspects.sort([11])).toEqual({ others: [11], aside: [] });
  });

  test('once mails come again, more are asked for at once', () => {
    const suspects = new Suspects();
    suspects.failed(range(1, 100), false, 0);
    suspects.failed(range(1, 50), false, 0);
    expect(suspects.window).toBe(25);
    for (const uid of [1, 2, 3]) suspects.settled([uid]);
    expect(suspects.window).toBe(100);
  });
});

test.each([
  { uids: [], expected: '' },
  { uids: [5], expected: '5' },
  { uids: [1, 2, 3, 7, 9, 10], expected: '1:3,7,9:10' },
])('$uids are written as $expected', ({ uids, expected }) => {
  expect(uidSet(uids)).toBe(expected);
});
