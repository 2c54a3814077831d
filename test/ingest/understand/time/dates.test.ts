import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { addDays, dayOf } from '../../../../src/domain/calendar.ts';
import { lexiconFor } from '../../../../src/ingest/understand/sentences/lexicon.ts';
import { statementsOf } from '../../../../src/ingest/understand/sentences/statements.ts';
import { orderIn } from '../../../../src/ingest/understand/time/dates.ts';
import { type FrameReading, framesIn } from '../../../../src/ingest/understand/time/time-frames.ts';

const TODAY = '2025-03-12';

function frames(text: string, language = 'en'): readonly Omit<FrameReading, 'start' | 'end'>[] {
  const lexicon = lexiconFor(language);
  const settings = { today: TODAY, order: orderIn(text), words: lexicon.time };
  const statements = statementsOf(text, lexicon);
  return statements
    .flatMap((each) => framesIn(each, settings, lexicon))
    .map(({ frame, problem }) => ({ frame, problem }));
}

describe('a time frame in words', () => {
  test.each([
    ['from 2024-01-01 to 2024-03-31', '2024-01-01', '2024-03-31'],
    ['between 1 Jan - 31 Mar 2024', '2024-01-01', '2024-03-31'],
    ['from March 3 to March 9, 2024', '2024-03-03', '2024-03-09'],
    ['March 3-5, 2024', '2024-03-03', '2024-03-05'],
    ['from 3 to 5 March 2024', '2024-03-03', '2024-03-05'],
    ['for all of Q3 2023', '2023-07-01', '2023-09-30'],
    ['in the second quarter of 2024', '2024-04-01', '2024-06-30'],
    ['during January to March 2024', '2024-01-01', '2024-03-31'],
    ['in February 2024', '2024-02-01', '2024-02-29'],
    ['for the whole of 2024', '2024-01-01', '2024-12-31'],
    ['before March 2023', null, '2023-02-28'],
    ['since 1 June 2024', '2024-06-01', null],
    ['after 2024-06-01', '2024-06-02', null],
    ['until 31 May 2024', null, '2024-05-31'],
    ['for the last 7 days', '2025-03-06', '2025-03-12'],
    ['last month', '2025-02-01', '2025-02-28'],
    ['from yesterday to today', '2025-03-11', '2025-03-12'],
    ['for all time', null, null],
    ['on 29.11.2024 only', '2024-11-29', '2024-11-29', 'de'],
    ['vom 01.02.2025 bis 28.02.2025', '2025-02-01', '2025-02-28', 'de'],
    ['du 1er mars 2024 au 31 mars 2024', '2024-03-01', '2024-03-31', 'fr'],
    ['del 1 de marzo de 2024 al 31 de marzo de 2024', '2024-03-01', '2024-03-31', 'es'],
    ['de 1 de março de 2024 a 31 de março de 2024', '2024-03-01', '2024-03-31', 'pt'],
    ['dal 1 marzo 2024 al 31 marzo 2024', '2024-03-01', '2024-03-31', 'it'],
    ['van 1 maart 2024 tot en met 31 maart 2024', '2024-03-01', '2024-03-31', 'nl'],
    ['2024年5月1日から2024年5月31日まで', '2024-05-01', '2024-05-31', 'ja'],
  ] as const)('%s', (text, from, to, language?: string) => {
    expect(frames(text, language)).toEqual([{ frame: { from, to }, problem: null }]);
  });
});

describe('what cannot be used is asked back', () => {
  test.each([
    ['from 03/04/2024 to 05/06/2024', 'ambiguous_date'],
    ['from 2024-06-30 to 2024-06-01', 'reversed_range'],
    ['from 2025-03-01 to 2025-04-01', 'in_future'],
    ['for the first half of March 2024', null],
    ['around 3 March 2024', null],
    ['from 3 May 2024', null],
    ['from 30 February 2024 to 31 March 2024', null],
    ['on 3 May', null],
  ] as const)('%s', (text, problem) => {
    expect(frames(text)).toEqual([{ frame: null, problem }]);
  });
});

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

const day = fc.integer({ min: 0, max: 5_000 }).map((count) => addDays('2010-01-01', count));
const parts = (text: string): readonly [string, string, string] => [
  text.slice(0, 4),
  text.slice(5, 7),
  text.slice(8),
];
const FORMS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `${Number(parts(text)[2])} ${MONTHS[Number(parts(text)[1]) - 1]} ${parts(text)[0]}`,
  (text) => `${MONTHS[Number(parts(text)[1]) - 1]} ${Number(parts(text)[2])}, ${parts(text)[0]}`,
  (text) => `the ${Number(parts(text)[2])}th of ${MONTHS[Number(parts(text)[1]) - 1]} ${parts(text)[0]}`,
  (text) => text.replaceAll('-', '/'),
];
const JOINTS = [
  ['from ', ' to '],
  ['between ', ' and '],
  ['', ' - '],
  ['', ' – '],
  ['from ', ' until '],
  ['', ' through '],
] as const;

test('any range in a supported form reads back the same', () => {
  fc.assert(
    fc.property(
      day,
      fc.nat(400),
      fc.constantFrom(...FORMS),
      fc.constantFrom(...JOINTS),
      (from, length, form, joint) => {
        const to = addDays(from, length);
        fc.pre(to <= TODAY);
        expect(frames(`${joint[0]}${form(from)}${joint[1]}${form(to)}`)).toEqual([
          { frame: { from, to }, problem: null },
        ]);
      },
    ),
  );
});

test('no text reads as a day that is not in it', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2001-01-01'), max: new Date('2024-12-31'), noInvalidDate: true }),
      fc.string(),
      (date, noise) => {
        const found = frames(`on ${dayOf(date)} ${noise.replace(/[\d\n]/g, ' ')}`);
        for (const { frame } of found) {
          if (frame?.from != null) expect(frame.from).toBe(dayOf(date));
        }
      },
    ),
  );
});
