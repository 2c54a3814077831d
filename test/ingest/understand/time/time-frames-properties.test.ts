import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { addDays } from '../../../../src/domain/calendar.ts';
import { lexiconFor } from '../../../../src/ingest/understand/sentences/lexicon.ts';
import { statementsOf } from '../../../../src/ingest/understand/sentences/statements.ts';
import { type DateAtom, datesIn, orderIn } from '../../../../src/ingest/understand/time/dates.ts';
import { frames, readingOf, TODAY } from './frames.ts';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'ja'] as const;
type Language = (typeof LANGUAGES)[number];

const day = fc.integer({ min: 0, max: 5_500 }).map((count) => addDays('2010-01-01', count));
const length = fc.integer({ min: 1, max: 400 });

const year = (text: string): string => text.slice(0, 4);
const month = (text: string): number => Number(text.slice(5, 7));
const number = (text: string): number => Number(text.slice(8));
const two = (value: number): string => String(value).padStart(2, '0');

/** The first name of a month is its full name. */
const named = (text: string, language: Language): string =>
  lexiconFor(language).time.months[month(text) - 1]?.[0] ?? '';

type Form = (text: string) => string;

const iso: Form = (text) => text;
const slashed: Form = (text) => text.replaceAll('-', '/');
const dotted: Form = (text) => `${two(number(text))}.${two(month(text))}.${year(text)}`;
const written =
  (language: Language, before = ' ', behind = ' '): Form =>
  (text) =>
    `${number(text)}${before}${named(text, language)}${behind}${year(text)}`;

/** How a day is written, and what stands in front of, between and behind the two ends. */
const SPOKEN: Readonly<Record<Language, { forms: readonly Form[]; joints: readonly (readonly string[])[] }>> =
  {
    en: {
      forms: [
        iso,
        slashed,
        written('en'),
        (text) => `${named(text, 'en')} ${number(text)}, ${year(text)}`,
        (text) => `the ${number(text)}th of ${named(text, 'en')} ${year(text)}`,
      ],
      joints: [
        ['from ', ' to '],
        ['between ', ' and '],
        ['from ', ' until '],
        ['', ' - '],
        ['', ' – '],
        ['', ' through '],
        ['from ', ' up to and including '],
      ],
    },
    de: {
      forms: [iso, dotted, written('de', '. ')],
      joints: [
        ['vom ', ' bis '],
        ['vom ', ' bis zum '],
        ['zwischen dem ', ' und dem '],
        ['', ' – '],
        ['vom ', ' bis einschließlich '],
      ],
    },
    fr: {
      forms: [iso, dotted, written('fr')],
      joints: [
        ['du ', ' au '],
        ['entre le ', ' et le '],
        ['du ', " jusqu'au "],
        ['', ' - '],
      ],
    },
    es: {
      forms: [iso, dotted, written('es', ' de ', ' de ')],
      joints: [
        ['del ', ' al '],
        ['entre el ', ' y el '],
        ['desde el ', ' hasta el '],
        ['', ' - '],
      ],
    },
    it: {
      forms: [iso, dotted, written('it')],
      joints: [
        ['dal ', ' al '],
        ['tra il ', ' e il '],
        ['dal ', ' fino al '],
        ['', ' - '],
      ],
    },
    pt: {
      forms: [iso, dotted, written('pt', ' de ', ' de ')],
      joints: [
        ['de ', ' a '],
        ['entre ', ' e '],
        ['desde ', ' até '],
        ['', ' - '],
      ],
    },
    nl: {
      forms: [iso, dotted, written('nl')],
      joints: [
        ['van ', ' tot en met '],
        ['van ', ' t/m '],
        ['tussen ', ' en '],
        ['', ' - '],
      ],
    },
    ja: {
      forms: [iso, slashed, (text) => `${year(text)}年${month(text)}月${number(text)}日`],
      joints: [
        ['', 'から', 'まで'],
        ['', '〜'],
      ],
    },
  };

describe.each(LANGUAGES)('any range that is written reads back the same: %s', (language) => {
  const { forms, joints } = SPOKEN[language];

  test('with both years', () => {
    fc.assert(
      fc.property(
        day,
        length,
        fc.constantFrom(...forms),
        fc.constantFrom(...joints),
        (from, days, form, [before, between, behind = '']) => {
          const to = addDays(from, days);
          fc.pre(to <= TODAY);
          const text = `${before}${form(from)}${between}${form(to)}${behind}`;
          expect(readingOf(text, language)).toBe(`${from}..${to}`);
        },
      ),
    );
  });

  test('a single day, month and quarter', () => {
    const quarter = { ja: '年第Q四半期' };
    fc.assert(
      fc.property(day, fc.constantFrom(...forms), (from, form) => {
        const single = language === 'ja' ? `${form(from)}のデータ` : form(from);
        expect(readingOf(single, language)).toBe(`${from}..${from}`);
        const nth = Math.ceil(month(from) / 3);
        const spoken =
          language === 'ja'
            ? `${year(from)}${quarter.ja.replace('Q', String(nth))}のデータ`
            : `Q${nth} ${year(from)}`;
        fc.pre(year(from) < '2025');
        expect(readingOf(spoken, language)).toMatch(
          new RegExp(`^${year(from)}-${two(nth * 3 - 2)}-01\\.\\.${year(from)}-${two(nth * 3)}-`),
        );
      }),
    );
  });
});

describe.each(LANGUAGES.filter((language) => language !== 'ja'))(
  'a range whose first end borrows: %s',
  (language) => {
    const { joints } = SPOKEN[language];
    const dot = language === 'de' ? '.' : '';
    const of = language === 'es' || language === 'pt' ? ' de ' : ' ';

    test('the month and the year', () => {
      fc.assert(
        fc.property(day, fc.integer({ min: 1, max: 27 }), fc.constantFrom(...joints), (to, first, joint) => {
          fc.pre(first < number(to));
          const text = `${joint[0]}${first}${dot}${joint[1]}${number(to)}${dot}${of}${named(to, language)}${of}${year(to)}`;
          expect(readingOf(text, language)).toBe(`${to.slice(0, 8)}${two(first)}..${to}`);
        }),
      );
    });

    test('the year', () => {
      fc.assert(
        fc.property(day, length, fc.constantFrom(...joints), (from, days, joint) => {
          const to = addDays(from, days);
          fc.pre(to <= TODAY && year(from) === year(to));
          const text = `${joint[0]}${number(from)}${dot}${of}${named(from, language)}${joint[1]}${number(to)}${dot}${of}${named(to, language)}${of}${year(to)}`;
          expect(readingOf(text, language)).toBe(`${from}..${to}`);
        }),
      );
    });
  },
);

/** Words around dates, in all languages, and dates without a month or a year. */
const WORDS =
  "from to until since before after between and or not in on the of with about mid early last this half week month bis vom seit vor nach und du au jusqu'au depuis avant entre et del al hasta desde antes y dal fino prima e até de a van tot voor sinds tussen en から まで 以降 3 12 31 2. 3rd . , - – / ( ) : by only not except data events Website Monday May march Q3 KW 2".split(
    ' ',
  );
const DATES = [
  '2024-03-04',
  '5 May 2024',
  '06.07.2024',
  '13/09/2024',
  '2023',
  'March 2024',
  'Q2 2023',
  '1 June',
  'yesterday',
  '2023年5月1日',
];

/** The dates of all statements, each as it stands there. */
function datesSaid(text: string, language: string): readonly DateAtom[] {
  const lexicon = lexiconFor(language);
  const settings = { today: TODAY, order: orderIn(text), words: lexicon.time };
  return statementsOf(text, lexicon).flatMap((each) => datesIn(each.text, settings));
}

describe('no text reads as more than it says', () => {
  const said = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...DATES)), { maxLength: 9 });

  test.each(LANGUAGES)('every end is the end of a date that is there: %s', (language) => {
    fc.assert(
      fc.property(said, (parts) => {
        const text = parts.join(' ');
        const atoms = datesSaid(text, language);
        // Day and month that one end lends the other, in the years that are named.
        const years = [...text.matchAll(/20\d\d/g)].map(([found]) => Number(found));
        const lent = atoms.flatMap(({ parts: known }) =>
          known === null
            ? []
            : years.flatMap((each) => [each - 1, each, each + 1]).map((each) => ({ ...known, year: each })),
        );
        for (const { frame } of frames(text, language)) {
          if (frame === null) continue;
          for (const end of [frame.from, frame.to]) {
            if (end === null) continue;
            const near = [addDays(end, -1), end, addDays(end, 1)];
            const isThere =
              atoms.some(
                ({ days }) => days !== null && (near.includes(days.from) || near.includes(days.to)),
              ) || lent.some(({ day: nth }) => nth === null || nth === Number(end.slice(8)));
            expect(isThere, text).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a frame that begins and ends has both ends said', () => {
    fc.assert(
      fc.property(said, (parts) => {
        const text = parts.join(' ');
        const atoms = datesSaid(text, 'en');
        for (const { frame } of frames(text)) {
          if (frame?.from == null || frame.to == null) continue;
          const single = atoms.some(
            ({ days }) => days !== null && days.from === frame.from && days.to === frame.to,
          );
          expect(single || atoms.length >= 2, text).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('any text', () => {
  test.each(LANGUAGES)('never throws: %s', (language) => {
    const noise = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.constantFrom(...WORDS, ...DATES),
        fc.stringMatching(/^[0-9./:,-]{1,12}$/),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(noise, fc.constantFrom('', ' '), (parts, joint) => {
        for (const { frame } of frames(parts.join(joint), language)) {
          if (frame?.from != null && frame.to != null) expect(frame.from <= frame.to).toBe(true);
          if (frame?.to != null) expect(frame.to <= TODAY).toBe(true);
        }
      }),
    );
  });
});
