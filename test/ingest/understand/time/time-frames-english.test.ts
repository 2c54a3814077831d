import { describe, expect, test } from 'vitest';

import { readingOf } from './frames.ts';

/** A request around the words, so that they are one part of a sentence. */
const asked = (words: string): string => readingOf(`Please delete the events of source Website ${words}.`);

describe('days, months and years as people write them', () => {
  test.each([
    ['from 2024-01-01 to 2024-03-31', '2024-01-01..2024-03-31'],
    ['from 2024-01-01T00:00:00Z to 2024-03-31T23:59:59Z', '2024-01-01..2024-03-31'],
    ['from 2024-01-01 00:00 until 2024-03-31 23:59 UTC', '2024-01-01..2024-03-31'],
    ['for 2024-01-01/2024-01-31', '2024-01-01..2024-01-31'],
    ['for 2024-01-01..2024-01-31', '2024-01-01..2024-01-31'],
    ['between 2024/1/5 and 2024/1/9', '2024-01-05..2024-01-09'],
    ['from 07/10/2024 through 19/10/2024', '2024-10-07..2024-10-19'],
    ['from 10/07/2024 through 10/19/2024', '2024-10-07..2024-10-19'],
    ['from 19/10 to 07/11/2024', '2024-10-19..2024-11-07'],
    ['from 3 March 2024 to 9 March 2024', '2024-03-03..2024-03-09'],
    ['from the 3rd of May until the 17th of May 2024', '2024-05-03..2024-05-17'],
    ['Sept. 8th thru 12th, 2024', '2024-09-08..2024-09-12'],
    ['September 8 - 12, 2024', '2024-09-08..2024-09-12'],
    ['from 3-5 March 2024', '2024-03-03..2024-03-05'],
    ['between the 3rd and the 9th of June 2024', '2024-06-03..2024-06-09'],
    ['from Mon 3 June to Sun 9 June 2024', '2024-06-03..2024-06-09'],
    ['from Monday, June 3rd 2024 to Sunday, June 9th 2024', '2024-06-03..2024-06-09'],
    ['from 14 February to 2 March 2024', '2024-02-14..2024-03-02'],
    ['from 14 February 2024 to 2 March', '2024-02-14..2024-03-02'],
    ['from 20 December 2023 to 10 January', '2023-12-20..2024-01-10'],
    ['from December to February 2024', '2023-12-01..2024-02-29'],
    ['for Nov 2023 through Jan 2024', '2023-11-01..2024-01-31'],
    ['from 12 to 14 May (2024)', '2024-05-12..2024-05-14'],
    ['for 03/2024 - 05/2024', '2024-03-01..2024-05-31'],
    ['for 2024-03 to 2024-05', '2024-03-01..2024-05-31'],
    ["in March '24", '2024-03-01..2024-03-31'],
    ['in March of last year', '2024-03-01..2024-03-31'],
    ['from 3 to 9 March this year', '2025-03-03..2025-03-09'],
    ['in August, September and October 2024', '2024-08-01..2024-10-31'],
    ['for April and May 2024', '2024-04-01..2024-05-31'],
    ['on 3 and 4 March 2024', '2024-03-03..2024-03-04'],
    ['in 2022 and 2023', '2022-01-01..2023-12-31'],
    ['for 2022-2023', '2022-01-01..2023-12-31'],
    ['for all of 2024', '2024-01-01..2024-12-31'],
    ['on 5 May 2024', '2024-05-05..2024-05-05'],
    ['on Sunday 5 May 2024 only', '2024-05-05..2024-05-05'],
    ['from January 2024 to the end of March 2024', '2024-01-01..2024-03-31'],
    ['from 3 January 2024 until the end of March 2024', '2024-01-03..2024-03-31'],
  ])('%s', (words, reading) => {
    expect(asked(words)).toBe(reading);
  });
});

describe('quarters, halves and weeks', () => {
  test.each([
    ['for Q4 2023', '2023-10-01..2023-12-31'],
    ['for Q4/2023', '2023-10-01..2023-12-31'],
    ['for Q4 of 2023', '2023-10-01..2023-12-31'],
    ['for 2023Q4', '2023-10-01..2023-12-31'],
    ['for 2023-Q4', '2023-10-01..2023-12-31'],
    ['in the 4th quarter of 2023', '2023-10-01..2023-12-31'],
    ['in the third quarter 2023', '2023-07-01..2023-09-30'],
    ['in the last quarter of 2023', '2023-10-01..2023-12-31'],
    ['for Q1 and Q2 2024', '2024-01-01..2024-06-30'],
    ['from Q3 2023 to Q1 2024', '2023-07-01..2024-03-31'],
    ['in H1 2024', '2024-01-01..2024-06-30'],
    ['in the second half of 2023', '2023-07-01..2023-12-31'],
    ['in week 14 of 2024', '2024-04-01..2024-04-07'],
    ['in CW 14 2024', '2024-04-01..2024-04-07'],
    ['in 2024-W14', '2024-04-01..2024-04-07'],
    ['for weeks 14', ''],
    ['in week 14', 'null'],
    ['in week 53 of 2024', 'null'],
    ['in the third quarter', 'null'],
  ])('%s', (words, reading) => {
    expect(asked(words)).toBe(reading);
  });
});

describe('days that count from the mail', () => {
  test.each([
    ['received yesterday', '2025-03-11..2025-03-11'],
    ['from the day before yesterday until yesterday', '2025-03-10..2025-03-11'],
    ['from this week', '2025-03-10..2025-03-12'],
    ['from last week', '2025-03-03..2025-03-09'],
    ['collected last month', '2025-02-01..2025-02-28'],
    ['of this quarter', '2025-01-01..2025-03-12'],
    ['of last quarter', '2024-10-01..2024-12-31'],
    ['of last year', '2024-01-01..2024-12-31'],
    ['for the last 7 days', '2025-03-06..2025-03-12'],
    ['for the last two weeks', '2025-02-27..2025-03-12'],
    ['of the past fortnight', '2025-02-27..2025-03-12'],
    ['for the last 7 days, today included', '2025-03-06..2025-03-12'],
    ['since Monday', '2025-03-10..'],
    ['since yesterday', '2025-03-11..'],
    ['since last Thursday', '2025-03-06..'],
    ['since the 1st of this month', '2025-03-01..'],
    ['from the 1st of this month up to and including today', '2025-03-01..2025-03-12'],
    ['from 3 March 2025 until today', '2025-03-03..2025-03-12'],
  ])('%s', (words, reading) => {
    expect(asked(words)).toBe(reading);
  });
});

describe('open ends', () => {
  test.each([
    ['before March 2024', '..2024-02-29'],
    ['before 3 March 2024', '..2024-03-02'],
    ['until 3 March 2024', '..2024-03-03'],
    ['up to and including 3 March 2024', '..2024-03-03'],
    ['until the end of March 2024', '..2024-03-31'],
    ['since 3 March 2024', '2024-03-03..'],
    ['after 3 March 2024', '2024-03-04..'],
    ['after March 2024', '2024-04-01..'],
    ['from 3 March 2024 onwards', '2024-03-03..'],
    ['from 3 March 2024 on', '2024-03-03..'],
    ['since 3 March 2024 and before 7 March 2024', '2024-03-03..2024-03-06'],
    ['after 3 March 2024 and before 7 March 2024', '2024-03-04..2024-03-06'],
    ['for all time', '..'],
    ['since the beginning of time', '..'],
  ])('%s', (words, reading) => {
    expect(asked(words)).toBe(reading);
  });
});

describe('what a careful person would ask about', () => {
  test.each([
    ['from 03/04/2024 to 05/06/2024', 'ambiguous_date'],
    ['on 01/02/24', 'ambiguous_date'],
    ['on 31/05/24', '2024-05-31..2024-05-31'],
    ['from 2024-06-30 to 2024-06-01', 'reversed_range'],
    ['from 2025-03-01 to 2025-04-01', 'in_future'],
    ['since 1 June 2025', 'in_future'],
    ['on 31 February 2024', 'null'],
    ['from 30 February 2024 to 31 March 2024', 'null'],
    ['on Monday 5 March 2024', 'null'],
    ['from 3 May to 9 May', 'null'],
    ['on 3 May', 'null'],
    ['since the 3rd', ''],
    ['in the first week of March 2024', 'null'],
    ['in the first half of March 2024', 'null'],
    ['in the middle of March 2024', 'null'],
    ['in early March 2024', 'null'],
    ['mid-March 2024', 'null'],
    ['around 3 March 2024', 'null'],
    ['from mid March to 5 April 2024', 'null'],
    ['from around 3 March 2024 to 5 April 2024', 'null'],
    ['in the two weeks before 3 March 2024', 'null'],
    ['in the week of 4 March 2024', 'null'],
    ['for the last three months', 'null'],
    ['for the past year', 'null'],
    ['since last Monday', 'null'],
    ['since Wednesday', 'null'],
    ['since 3 March 2024 until Easter', 'null'],
    ['since Easter until 5 April 2024', 'null'],
    ['from 3 March 2024', 'null'],
    ['from March 2024', 'null'],
    ['until March 2024', 'null'],
    ['from 3 January 2024 to March 2024', 'null'],
    ['from November to July 2024', 'null'],
    ['from 28 to 3 March 2024', 'null'],
    ['Kiosk 3 to 5 March 2024', 'null'],
    ['from 3 March 2024 to 5 March 2024 to 7 March 2024', 'null'],
    ['from 3 March 2024 to 5 March 2024 and later', 'null'],
    ['since the beginning of the year', 'null'],
    ['from 2024-05-05 00:00 to 2024-05-06 00:00', 'null'],
    ['not in March 2024', ''],
  ])('%s', (words, reading) => {
    expect(asked(words)).toBe(reading);
  });
});

describe('two days are no range', () => {
  test.each([
    ['on 8 and 22 March 2024', '2024-03-08..2024-03-08 2024-03-22..2024-03-22'],
    ['on Friday 8 and Friday 22 March 2024', '2024-03-08..2024-03-08 2024-03-22..2024-03-22'],
    ['on March 3, 5 and 7, 2024', '2024-03-03..2024-03-03 2024-03-05..2024-03-05 2024-03-07..2024-03-07'],
    ['on 3, 5 and 7 March 2024', '2024-03-03..2024-03-03 2024-03-05..2024-03-05 2024-03-07..2024-03-07'],
    ['in March and May 2024', '2024-03-01..2024-03-31 2024-05-01..2024-05-31'],
    ['on 2024-03-08, 2024-03-15', '2024-03-08..2024-03-08 2024-03-15..2024-03-15'],
  ])('%s', (words, reading) => {
    expect(asked(words)).toBe(reading);
  });
});

describe('finer than a day', () => {
  test.each([
    'on 3 March 2024 between 10:00 and 12:00',
    'on 3 March 2024 from 9am to 11am',
    'from 2024-03-03T08:15:00Z to 2024-03-03T09:00:00Z',
    'from 2024-03-03T00:00:00+02:00 to 2024-03-03T23:59:59+02:00',
    'from 3 March 2024 00:00 CET to 4 March 2024 23:59 CET',
    'of the last 3 hours',
    'from this morning',
    'from yesterday evening',
    'on 3 March 2024 in the morning',
  ])('%s', (words) => {
    expect(asked(words)).toBe('finer_than_day');
  });
});

describe('dates that are no time frame', () => {
  test.each([
    'by Friday',
    'by 15 June 2024',
    'as agreed in our call on 3 March 2025',
    'as in our contract of 1 June 2020',
    '(our letter of 3 March 2025)',
    'version 2.3.2024-beta',
    'with reference INV-2024-03-01',
    'from user_2024',
  ])('%s', (words) => {
    expect(asked(words)).toBe('');
  });

  test('We have been customers since 2019, please delete source A.', () => {
    expect(readingOf('We have been customers since 2019, please delete source A.')).toBe('');
  });

  test('Yesterday we spoke, please delete source A.', () => {
    expect(readingOf('Yesterday we spoke on the phone, please delete source A for us.')).toBe('');
  });

  test('a deadline beside the days', () => {
    expect(asked('from 1 to 5 May 2024, and be done before 15 June please')).toBe('2024-05-01..2024-05-05');
  });
});
