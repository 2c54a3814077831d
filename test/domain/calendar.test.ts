import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, dayOf, graceEnd, HOUR_MS, instantsOf, startOfDay } from '../../src/domain/calendar.ts';

/** Days since 1970-01-01 without Date: Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil. */
function civilDays(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** 440 days in a row over the leap day of 2028 and two ends of a year, counted by hand and not by Date. */
const DAYS = (() => {
  const lengths = (year: number) => [31, year % 4 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const all: { readonly day: string; readonly number: number }[] = [];
  let [year, month, day] = [2027, 11, 1];
  for (let count = 0; count < 440; count += 1) {
    const two = (n: number) => String(n).padStart(2, '0');
    all.push({ day: `${year}-${two(month)}-${two(day)}`, number: civilDays(year, month, day) });
    day += 1;
    if (day > lengths(year)[month - 1]!) [month, day] = [month + 1, 1];
    if (month > 12) [year, month] = [year + 1, 1];
  }
  return all;
})();
const HOURS = ['00:00:00.000', '00:00:00.001', '11:30:00.000', '23:59:59.999'];

/** Start, end and the wall clock that it was: test/domain/grace/write-cases.py, which shares nothing with the program. */
const CASES = readFileSync(new URL('grace/cases.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'));

describe('F27 D02 the end of the grace', () => {
  test('F27 is what another program says of 400 moments around changes of clocks, leap days and ends of years', () => {
    expect(CASES).toHaveLength(400);
    for (const [start, end, wall] of CASES)
      expect(`${graceEnd(new Date(start!)).toISOString()} ${wall}`).toBe(`${end} ${wall}`);
  });

  test('is 00:00 UTC of the sixth day after, on each of 440 days in a row', () => {
    expect(DAYS.map(({ day }) => day)).toEqual(
      expect.arrayContaining(['2027-12-31', '2028-02-28', '2028-02-29', '2028-03-01', '2028-12-31']),
    );
    for (const { day, number } of DAYS) {
      for (const hour of HOURS) {
        const end = graceEnd(new Date(`${day}T${hour}Z`));
        expect(end.getTime()).toBe((number + 6) * 24 * HOUR_MS);
      }
    }
  });

  test.each([
    { title: 'an ordinary week', start: '2026-03-02T10:00:00Z', end: '2026-03-08T00:00:00.000Z' },
    { title: 'the first instant of a day', start: '2026-03-02T00:00:00Z', end: '2026-03-08T00:00:00.000Z' },
    {
      title: 'the last instant of a day',
      start: '2026-03-02T23:59:59.999Z',
      end: '2026-03-08T00:00:00.000Z',
    },
    { title: 'over a leap day', start: '2028-02-24T12:00:00Z', end: '2028-03-01T00:00:00.000Z' },
    { title: 'from a leap day', start: '2028-02-29T12:00:00Z', end: '2028-03-06T00:00:00.000Z' },
    { title: 'over a February without one', start: '2027-02-24T12:00:00Z', end: '2027-03-02T00:00:00.000Z' },
    {
      title: 'a century that is no leap year',
      start: '2100-02-24T12:00:00Z',
      end: '2100-03-02T00:00:00.000Z',
    },
    { title: 'over the end of a year', start: '2026-12-28T22:00:00Z', end: '2027-01-03T00:00:00.000Z' },
    {
      title: 'over the spring change of Berlin',
      start: '2026-03-27T22:30:00Z',
      end: '2026-04-02T00:00:00.000Z',
    },
    {
      title: 'over the autumn change of Berlin',
      start: '2026-10-23T22:30:00Z',
      end: '2026-10-29T00:00:00.000Z',
    },
  ])('$title: $start to $end', ({ start, end }) => {
    expect(graceEnd(new Date(start)).toISOString()).toBe(end);
  });

  test('leaves five whole calendar days and lies 120 to 144 hours ahead, whenever it starts', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2400-01-01'), noInvalidDate: true }),
        (start) => {
          const hours = (graceEnd(start).getTime() - start.getTime()) / HOUR_MS;
          expect(hours).toBeGreaterThan(120);
          expect(hours).toBeLessThanOrEqual(144);
          expect(graceEnd(start).toISOString()).toMatch(/T00:00:00\.000Z$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test.each(['Europe/Berlin', 'America/Los_Angeles', 'Pacific/Apia', 'Australia/Lord_Howe'])(
    'is the same in a process whose zone is %s',
    (zone) => {
      const module = new URL('../../src/domain/calendar.ts', import.meta.url).href;
      const starts = DAYS.map(({ day }) => `${day}T22:30:00.000Z`);
      const program = `
        const { graceEnd } = await import(${JSON.stringify(module)});
        const starts = ${JSON.stringify(starts)};
        console.log(JSON.stringify({
          zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          ends: starts.map((start) => graceEnd(new Date(start)).toISOString()),
        }));`;
      const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, TZ: zone },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(JSON.parse(printed)).toEqual({
        zone,
        ends: starts.map((start) => graceEnd(new Date(start)).toISOString()),
      });
    },
  );
});

describe('days and frames', () => {
  test.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '20260101',
    '',
    '2026-04-31',
    ' 2026-01-01',
    '+02026-01-01',
  ])('%j is not a calendar day', (text) => {
    expect(() => startOfDay(text)).toThrow(RangeError);
  });

  test('adding days and counting them agree, over years', () => {
    for (const [index, { day, number }] of DAYS.entries()) {
      expect(addDays(DAYS[0]!.day, index)).toBe(day);
      expect(startOfDay(day).getTime()).toBe(number * 24 * HOUR_MS);
      expect(dayOf(new Date(number * 24 * HOUR_MS + 86_399_999))).toBe(day);
    }
  });

  test.each([
    {
      title: 'the last day of a frame belongs to it, whole',
      frame: { from: '2024-02-28', to: '2024-02-29' },
      range: { from: new Date('2024-02-28T00:00:00Z'), before: new Date('2024-03-01T00:00:00Z') },
    },
    {
      title: 'an open end stays open',
      frame: { from: '2024-01-01', to: null },
      range: { from: new Date('2024-01-01T00:00:00Z'), before: null },
    },
    {
      title: 'all time is open at both ends',
      frame: { from: null, to: null },
      range: { from: null, before: null },
    },
  ])('$title', ({ frame, range }) => {
    expect(instantsOf(frame)).toEqual(range);
  });
});
