import { wordsOf } from '../sentences/words.ts';
import { en } from '../vocabulary/en.ts';
import type { TimeWords } from '../vocabulary/vocabulary.ts';
import { PhraseTable } from './time-phrases.ts';

/** How a phrase in front of a date bounds the frame. */
export type Lead = 'before' | 'since' | 'after' | 'until' | 'from' | 'between' | 'within' | 'deadline';
/** How a phrase behind a date bounds it. */
export type Tail = 'onwards' | 'orEarlier';
/** What stands between two dates: `range` joins them, `exclusive` ends a range before the second, `list` counts up. */
export type Joint = 'range' | 'exclusive' | 'list';

export const RELATIVE_NAMES = [
  'today',
  'yesterday',
  'beforeYesterday',
  'thisWeek',
  'lastWeek',
  'thisMonth',
  'lastMonth',
  'thisQuarter',
  'lastQuarter',
  'thisYear',
  'lastYear',
] as const;

export type RelativeName = (typeof RELATIVE_NAMES)[number];

/** A relative date; `count` days for `lastDays`. */
export type Relative = (typeof RELATIVE_NAMES)[number] | 'lastDays' | 'lastWeeks' | 'fortnight' | 'vague';

/** A language's words for time, ready to be looked up by token. */
export interface TimeIndex {
  readonly months: ReadonlyMap<string, number>;
  /** Monday = 0. The short forms count only beside a date. */
  readonly weekdays: PhraseTable<number>;
  readonly weekdayShorts: ReadonlyMap<string, number>;
  readonly ordinals: PhraseTable<number>;
  readonly quarters: PhraseTable<true>;
  readonly halves: PhraseTable<true>;
  readonly quarterLetters: ReadonlySet<string>;
  readonly weekNames: PhraseTable<true>;
  readonly of: PhraseTable<true>;
  readonly relative: PhraseTable<Relative>;
  readonly leads: PhraseTable<Lead>;
  readonly tails: PhraseTable<Tail>;
  readonly joints: PhraseTable<Joint>;
  readonly asides: ReadonlySet<string>;
  readonly dataWords: ReadonlySet<string>;
  readonly dottedDayFirst: boolean;
  /** Words that open a form without a digit. */
  readonly openers: ReadonlySet<string>;
  /** Words that open a form of any kind: at any other word none begins. */
  readonly starters: ReadonlySet<string>;
}

export function timeIndexOf(words: TimeWords): TimeIndex {
  const known = indexes.get(words);
  if (known !== undefined) return known;
  const built = indexed(words);
  indexes.set(words, built);
  return built;
}

const indexes = new WeakMap<TimeWords, TimeIndex>();

function indexed(words: TimeWords): TimeIndex {
  const both = words === en.time ? [words] : [words, en.time];
  const shorts = numbered(words.weekdayShorts ?? []);
  const relative = relativePhrases(words);
  const index = {
    // People borrow the English months ("May"), save those that are weekdays of their own ("mar").
    months: new Map(
      both
        .toReversed()
        .flatMap((each) => numbered(each.months).filter(([name]) => each === words || !hasName(shorts, name)))
        .map(([name, nth]) => [name, nth + 1]),
    ),
    weekdays: new PhraseTable(numbered(words.weekdays ?? [])),
    weekdayShorts: new Map(shorts),
    ordinals: new PhraseTable(numbered(words.ordinals).map(([name, nth]) => [name, nth + 1])),
    quarters: new PhraseTable(flags(words.quarters)),
    halves: new PhraseTable(flags(words.halves)),
    quarterLetters: new Set(words.quarterLetters),
    weekNames: new PhraseTable(flags(words.weekNames ?? [])),
    of: new PhraseTable(flags(words.ofWords)),
    relative: new PhraseTable(relative, words.numbers),
    leads: new PhraseTable(leadPhrases(words)),
    tails: new PhraseTable([
      ...words.onwards.map((phrase) => [phrase, 'onwards'] as const),
      ...words.orEarlier.map((phrase) => [phrase, 'orEarlier'] as const),
    ]),
    joints: new PhraseTable(jointPhrases(words, both)),
    asides: new Set(both.flatMap(({ asides }) => asides ?? [])),
    dataWords: new Set(both.flatMap(({ dataWords }) => dataWords ?? [])),
    dottedDayFirst: words.dottedDayFirst,
    openers: openersOf(
      words,
      relative.map(([phrase]) => phrase),
    ),
  };
  return { ...index, starters: startersOf(index, words) };
}

function startersOf(
  index: Pick<
    TimeIndex,
    'months' | 'weekdays' | 'weekdayShorts' | 'ordinals' | 'weekNames' | 'relative' | 'quarterLetters'
  >,
  { numbers }: TimeWords,
): ReadonlySet<string> {
  return new Set([
    ...index.months.keys(),
    ...index.weekdays.openers,
    ...index.weekdayShorts.keys(),
    ...index.ordinals.openers,
    ...index.weekNames.openers,
    ...index.relative.openers,
    ...index.quarterLetters,
    // "H1 2024"
    'h',
    // "two weeks ago"
    ...Object.keys(numbers),
    ...LAST_WORDS,
  ]);
}

/** "last", in front of a weekday or behind it. */
export const LAST_WORDS: ReadonlySet<string> = new Set(
  'last letzten letzter letztem vergangenen vorigen dernier pasado passado scorso vorige afgelopen'.split(
    ' ',
  ),
);

const numbered = (names: readonly (readonly string[])[]): readonly (readonly [string, number])[] =>
  names.flatMap((each, nth) => each.map((name) => [name, nth] as const));

const hasName = (list: readonly (readonly [string, number])[], name: string): boolean =>
  list.some(([each]) => each === name);

const flags = (phrases: readonly string[]): readonly (readonly [string, true])[] =>
  phrases.map((phrase) => [phrase, true] as const);

const relativePhrases = (words: TimeWords): readonly (readonly [string, Relative])[] => [
  ...(words.vague ?? []).map((phrase) => [phrase, 'vague'] as const),
  ...words.lastDays.map((phrase) => [phrase, 'lastDays'] as const),
  ...words.lastWeeks.map((phrase) => [phrase, 'lastWeeks'] as const),
  ...(words.fortnight ?? []).map((phrase) => [phrase, 'fortnight'] as const),
  ...RELATIVE_NAMES.flatMap((name) => words.relative[name].map((phrase) => [phrase, name] as const)),
];

const LEADS = ['deadline', 'before', 'since', 'after', 'until', 'from', 'between', 'within'] as const;

/** Where a phrase stands in two lists, the first list counts: "by" is a deadline, whatever else it may be. */
function leadPhrases(words: TimeWords): readonly (readonly [string, Lead])[] {
  const seen = new Map<string, Lead>();
  for (const lead of LEADS) {
    for (const phrase of words[lead]) if (!seen.has(phrase)) seen.set(phrase, lead);
  }
  return [...seen];
}

const RANGE_SIGNS = ['-', '--', '–', '—', '‐', '‑', '−', '~', '〜', '..', '...', '…', '->', '→', '=>', '>'];
const LIST_SIGNS = ['&', '+', ',', '、', ';', '/'];

/** "3 March and 9 March" counts up, also where a language lists "and the" among its words for ranges. */
function jointPhrases(words: TimeWords, both: readonly TimeWords[]): readonly (readonly [string, Joint])[] {
  const ands = new Set(words.rangeAnd);
  const [and = 'and'] = words.rangeAnd;
  return [
    ...both
      .flatMap(({ range }) => range)
      .filter((phrase) => !ands.has(phrase))
      .map((phrase) => [phrase, 'range'] as const),
    ...[...ands].map((phrase) => [phrase, 'list'] as const),
    ...words.before.flatMap((phrase) => [
      [phrase, 'exclusive'] as const,
      [`${and} ${phrase}`, 'exclusive'] as const,
    ]),
    ...RANGE_SIGNS.map((sign) => [sign, 'range'] as const),
    ...LIST_SIGNS.map((sign) => [sign, 'list'] as const),
  ];
}

function openersOf(words: TimeWords, relative: readonly string[]): ReadonlySet<string> {
  const phrases = [
    ...words.months.flat(),
    ...en.time.months.flat(),
    ...words.ordinals.flat(),
    ...(words.weekdays ?? []).flat(),
    ...relative.filter((phrase) => !phrase.startsWith('#')),
    // "trois derniers jours"
    ...(relative.some((phrase) => phrase.startsWith('#')) ? Object.keys(words.numbers) : []),
  ];
  return new Set(phrases.flatMap((phrase) => wordsOf(phrase).slice(0, 1)).map(({ text }) => text));
}
