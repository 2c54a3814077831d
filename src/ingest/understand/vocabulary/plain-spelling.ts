import type { Vocabulary } from './vocabulary.ts';

type Lists = Readonly<Record<string, readonly string[]>>;

/**
 * The vocabulary with the spellings of people who leave accents out ("nao", "periode", "marz"), and in German of those
 * who write "ae" for "ä". A spelling that is another frequent word of the language ("é" and "e") is not added.
 */
export function withPlainSpelling(vocabulary: Vocabulary): Vocabulary {
  const frequent = new Set(vocabulary.common);
  const plainWords = (word: string): readonly string[] =>
    spellingsOf(word, vocabulary.language).filter((plain) => plain.length >= 2 && !frequent.has(plain));
  const words = (list: readonly string[]): readonly string[] => [
    ...new Set(list.flatMap((each) => [each, ...plainWords(each)])),
  ];
  // In a phrase each word may be spelt either way.
  const phrases = (list: readonly string[]): readonly string[] =>
    list.map((phrase) =>
      phrase
        .split(' ')
        .map((part) => words(part.split('|')).join('|'))
        .join(' '),
    );
  const { time } = vocabulary;
  return {
    ...vocabulary,
    // Short ones are words of other languages.
    common: words(vocabulary.common).filter((word) => word.length > 2 || frequent.has(word)),
    ...(vocabulary.partWords === undefined ? {} : { partWords: words(vocabulary.partWords) }),
    classes: mapped(vocabulary.classes, words),
    acts: mapped(vocabulary.acts as Lists, phrases),
    nouns: mapped(vocabulary.nouns as Lists, phrases),
    fields: mapped(vocabulary.fields as Lists, words),
    everything: phrases(vocabulary.everything),
    linkWords: words(vocabulary.linkWords),
    notWords: words(vocabulary.notWords),
    time: {
      ...time,
      ...(time.weekdays === undefined ? {} : { weekdays: time.weekdays.map(words) }),
      ...(time.weekdayShorts === undefined ? {} : { weekdayShorts: time.weekdayShorts.map(words) }),
      ...mapped(
        Object.fromEntries(
          OPTIONAL_LISTS.flatMap((name) => (time[name] === undefined ? [] : [[name, time[name]]])),
        ),
        words,
      ),
      months: time.months.map(words),
      ordinals: time.ordinals.map(words),
      numbers: Object.fromEntries(
        Object.entries(time.numbers).flatMap(([word, number]) => words([word]).map((each) => [each, number])),
      ),
      ...(mapped(Object.fromEntries(WORD_LISTS.map((name) => [name, time[name]])), words) as Pick<
        Vocabulary['time'],
        (typeof WORD_LISTS)[number]
      >),
      relative: mapped(time.relative, words) as Vocabulary['time']['relative'],
      ...(mapped(Object.fromEntries(PHRASE_LISTS.map((name) => [name, time[name]])), phrases) as Pick<
        Vocabulary['time'],
        (typeof PHRASE_LISTS)[number]
      >),
    },
  };
}

const WORD_LISTS = [
  'quarters',
  'halves',
  'ofWords',
  'lastDays',
  'lastWeeks',
  'range',
  'rangeAnd',
  'between',
  'from',
  'since',
  'after',
  'before',
  'until',
  'onwards',
  'orEarlier',
  'within',
  'deadline',
  'now',
] as const;
const OPTIONAL_LISTS = ['weekNames', 'fortnight', 'vague', 'asides', 'dataWords'] as const;
const PHRASE_LISTS = ['allTime', 'backReference', 'frameNouns', 'finer', 'clockWords'] as const;

const mapped = (lists: Lists, change: (list: readonly string[]) => readonly string[]): Lists =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, change(list)]));

/** Latin letters with a mark, without it. */
const MARKED = /[\u00c0-\u024f]/g;
/** Any of them, "ß" among them: a cheap look. */
const MARKED_OR_SHARP = /[\u00c0-\u024f]/;
const NONE: readonly string[] = [];
const MARKS = /[\u0300-\u036f]/g;

function spellingsOf(word: string, language: string): readonly string[] {
  if (!MARKED_OR_SHARP.test(word)) return language === 'nl' ? (STRESSED.get(word) ?? NONE) : NONE;
  const bare = word
    .replace(MARKED, (letter) => letter.normalize('NFD').replace(MARKS, ''))
    .replaceAll('ß', 'ss');
  const digraphs = word.replace(/[äöüß]/g, (letter) => DIGRAPHS[letter] ?? letter);
  const found = language === 'de' ? [bare, digraphs] : [bare];
  const stressed = language === 'nl' ? (STRESSED.get(word) ?? []) : [];
  return [...found, ...stressed].filter((each) => each !== word);
}

/** Dutch marks the word that a sentence stresses: "níet verwijderen", "álle workspaces". */
const STRESSED: ReadonlyMap<string, readonly string[]> = new Map([
  ['niet', ['níet', 'niét', 'níét', 'nìet']],
  ['niets', ['níets', 'níéts']],
  ['niks', ['níks']],
  ['geen', ['géén', 'géen']],
  ['nooit', ['nóóit', 'nóoit']],
  ['niemand', ['níemand', 'níémand']],
  ['wel', ['wél', 'wèl']],
  ['alle', ['álle']],
  ['alles', ['álles']],
  ['al', ['ál']],
  ['alleen', ['alléén', 'alléen', 'álleen']],
  ['enkel', ['énkel']],
  ['heel', ['héél', 'héel']],
  ['hele', ['héle']],
  ['ook', ['óók', 'óok']],
  ['maar', ['máár', 'máar']],
  ['toch', ['tóch']],
  ['nog', ['nóg']],
  ['voor', ['vóór', 'vóor']],
  ['na', ['ná']],
  ['tot', ['tót']],
  ['en', ['én']],
  ['of', ['óf']],
  ['behalve', ['behálve']],
  ['blijven', ['blíjven']],
  ['blijft', ['blíjft']],
  ['moet', ['móet', 'móét']],
  ['mag', ['mág']],
  ['weg', ['wég']],
  ['een', ['één']],
]);

const DIGRAPHS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', ß: 'ss' };
