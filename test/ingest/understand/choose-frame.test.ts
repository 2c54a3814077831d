import { describe, expect, test } from 'vitest';

import { understand } from '../../../src/ingest/understand/understand.ts';
import { mail } from './mail.ts';

const DATE = new Date('2025-03-12T10:00:00Z');

/** The time frames of all requests, and the problems. */
function read(text: string): string {
  const { requests, problems } = understand(mail({ text, date: DATE }));
  const frames = requests.map(({ timeFrame }) =>
    timeFrame === null ? 'null' : `${timeFrame.from ?? ''}..${timeFrame.to ?? ''}`,
  );
  return [...frames, ...problems].join(' ');
}

const ASKED = 'Please delete the data of source "Website" in workspace acme-inc';

describe('which dates are the time frame', () => {
  test.each([
    ['in the sentence that asks', `${ASKED} from 1 to 5 May 2024.`, '2024-05-01..2024-05-05'],
    ['in a sentence behind it', `${ASKED}.\n\nOnly 1 to 5 May 2024 please.`, '2024-05-01..2024-05-05'],
    ['in a form', `${ASKED}.\n\nTime frame: 1 to 5 May 2024`, '2024-05-01..2024-05-05'],
    [
      'in two lines of a form',
      `${ASKED}.\n\nFirst day: 2024-05-01\nLast day: 2024-05-05`,
      '2024-05-01..2024-05-05',
    ],
    ['half of it in a form', `${ASKED}.\n\nFirst day: 2024-05-01`, 'null'],
    [
      'told before',
      `The consent banner was broken from 1 to 5 May 2024. ${ASKED} for that period.`,
      '2024-05-01..2024-05-05',
    ],
    [
      'told before, and another day behind it',
      `The consent banner was broken from 1 to 5 May 2024. ${ASKED} for that period. Our auditor comes on the 11th of June.`,
      '2024-05-01..2024-05-05',
    ],
    [
      'told before as the entire period',
      `The consent banner was broken from 1 to 5 May 2024. ${ASKED} for the entire period.`,
      '2024-05-01..2024-05-05',
    ],
    ['the entire period when none was told', `${ASKED} for the entire period.`, '..'],
    ['two that differ', `${ASKED} from 1 to 5 May 2024 and from 9 to 11 June 2024.`, 'null'],
    ['a deadline', `${ASKED} from 1 to 5 May 2024. Our deadline is 20 March 2025.`, '2024-05-01..2024-05-05'],
    ['a deadline alone', `${ASKED} by 20 March 2025.`, 'null'],
    [
      'a call alone',
      `As agreed in our call on 3 March 2025, please delete source "Website" in workspace acme-inc.`,
      'null',
    ],
    [
      'a contract',
      `${ASKED} from 1 to 5 May 2024, as in our contract of 1 June 2020.`,
      '2024-05-01..2024-05-05',
    ],
    ['what came before the request', `On Monday we noticed it. ${ASKED} since 3 March 2025.`, '2025-03-03..'],
  ])('%s', (_, text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('corrections', () => {
  test.each([
    [
      'one end',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, the end is wrong: I meant 21 June 2024.`,
      '2024-06-03..2024-06-21',
    ],
    [
      'the start',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, the start is wrong: I meant 1 June 2024.`,
      '2024-06-01..2024-06-14',
    ],
    [
      'an end that would run backwards',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, the end is wrong: I meant 1 June 2024.`,
      'null reversed_range',
    ],
    [
      'a day that replaces nobody knows what',
      `${ASKED} from 3 June 2024 to 14 June 2024.\n\nSorry, I meant 21 June 2024.`,
      'null',
    ],
    [
      'the whole frame',
      `${ASKED} from 1 to 30 April 2024.\n\nHm, no: it was May, not April. So 1 to 31 May 2024 please.`,
      '2024-05-01..2024-05-31',
    ],
    [
      'another frame without a word of correction',
      `${ASKED} from 1 to 30 April 2024.\n\nSo 1 to 31 May 2024 please.`,
      'null',
    ],
  ])('%s', (_, text, reading) => {
    expect(read(text)).toBe(reading);
  });
});

describe('days taken out of a frame leave none', () => {
  test.each([
    `${ASKED} for all of 2024 except March.`,
    `${ASKED} for all of 2024 except for the week of 4 March 2024.`,
    `${ASKED} for all of 2024, but not March.`,
    `${ASKED} for all of 2024, not in March 2024.`,
  ])('%s', (text) => {
    expect(read(text)).toBe('null');
  });

  test('what is outside the frame takes nothing out', () => {
    expect(read(`${ASKED} for May 2024, not April.`)).toBe('2024-05-01..2024-05-31');
  });
});

test('two sources have each its own frame', () => {
  const text = `Please delete in workspace acme-inc:

- source "Website": 1 to 5 May 2024
- source "Kiosk": June 2024`;
  expect(read(text)).toBe('2024-05-01..2024-05-05 2024-06-01..2024-06-30');
});
