import { bindPhrases, compilePhrases, type PhraseBook, type PhraseSet } from './phrases.ts';
import { en } from './vocabulary/en.ts';
import { VOCABULARIES } from './vocabulary/index.ts';
import {
  ACTS,
  type Act,
  FIELDS,
  type Field,
  KINDS,
  type Kind,
  type TimeWords,
  type Vocabulary,
} from './vocabulary/vocabulary.ts';
import { fold, wordsOf } from './words.ts';

/** A language's vocabulary, compiled, together with English: mails in every language borrow its nouns. */
export interface Lexicon {
  readonly language: string;
  readonly common: ReadonlySet<string>;
  /** Frequent words that say which part of the data: "old", "my". */
  readonly partWords: ReadonlySet<string>;
  readonly acts: Readonly<Record<Act, PhraseSet>>;
  readonly nouns: Readonly<Record<Kind, PhraseSet>>;
  readonly fields: ReadonlyMap<string, Field>;
  readonly deleteWords: ReadonlySet<string>;
  /** Those of them that are forms of a verb. */
  readonly deleteVerbs: ReadonlySet<string>;
  /** Verbs that ask for a deletion when they open a sentence. */
  readonly imperatives: ReadonlySet<string>;
  readonly cancelWords: ReadonlySet<string>;
  readonly everything: PhraseSet;
  readonly linkWords: ReadonlySet<string>;
  readonly placeWords: ReadonlySet<string>;
  /** Words that announce a name: "called". */
  readonly calledWords: ReadonlySet<string>;
  /** Verbs of what a source does: "collected". */
  readonly collectWords: ReadonlySet<string>;
  readonly notWords: readonly string[];
  readonly andWords: ReadonlySet<string>;
  readonly time: TimeWords;
  readonly timePhrases: Readonly<Record<TimePhrases, PhraseSet>>;
  /** All of the phrases above, to be looked for in one pass. */
  readonly book: PhraseBook;
}

type TimePhrases = 'allTime' | 'backReference' | 'frameNouns' | 'finer' | 'clockWords';
const TIME_PHRASES: readonly TimePhrases[] = [
  'allTime',
  'backReference',
  'frameNouns',
  'finer',
  'clockWords',
];

/**
 * The language whose telling words weigh most here. Without any it is that of `otherwise`; English when none stands out.
 */
export function languageOf(text: string, otherwise = ''): string {
  const scores = new Map<string, number>();
  for (const { text: word } of wordsOf(text.slice(0, SAMPLE_CHARS))) {
    const languages =
      word >= FIRST_KANA && KANA.test(word) ? JAPANESE_ONLY : (TELLING.get(word) ?? NO_LANGUAGE);
    for (const language of languages)
      scores.set(language, (scores.get(language) ?? 0) + 1 / languages.length ** 2);
  }
  if ((scores.get('ja') ?? 0) > KANA_MIN) return 'ja';
  let best = { language: en.language, score: 0 };
  for (const [language, score] of scores) {
    if (score > best.score || (score === best.score && language === en.language)) best = { language, score };
  }
  return best.score === 0 && otherwise !== '' ? languageOf(otherwise) : best.language;
}

export function lexiconFor(language: string): Lexicon {
  const known = compiled.get(language);
  if (known !== undefined) return known;
  const lexicon = compile(VOCABULARIES.find((vocabulary) => vocabulary.language === language) ?? en);
  compiled.set(lexicon.language, lexicon);
  return lexicon;
}

const SAMPLE_CHARS = 2_000;
const compiled = new Map<string, Lexicon>();

/** Frequent words and the verbs and nouns of the trade. */
const wordsIn = ({ common, classes }: Vocabulary): readonly string[] => [
  ...common,
  ...Object.values(classes).flat(),
];

const FIRST_KANA = '\u3040';
const NO_LANGUAGE: readonly string[] = [];
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Fewer kana are a name or a greeting in another language. */
const KANA_MIN = 8;

const JAPANESE_ONLY: readonly string[] = ['ja'];

/** The languages that have a word: the fewer they are, the more it tells ("die", "source"). */
const TELLING = tellingWords();

function tellingWords(): ReadonlyMap<string, readonly string[]> {
  const languages = new Map<string, Set<string>>();
  const note = (words: readonly string[], { language }: Vocabulary): void => {
    for (const word of words) languages.set(word, (languages.get(word) ?? new Set()).add(language));
  };
  for (const vocabulary of VOCABULARIES) {
    note(wordsIn(vocabulary), vocabulary);
    // Every language borrows "workspace" and "source", so that they tell little.
    note(Object.values(vocabulary.nouns).flat(), vocabulary);
  }
  const telling = new Map<string, readonly string[]>();
  for (const vocabulary of VOCABULARIES) {
    for (const word of wordsIn(vocabulary)) telling.set(word, [...(languages.get(word) ?? [])]);
  }
  return telling;
}

function compile(own: Vocabulary): Lexicon {
  const both = own === en ? [en] : [own, en];
  const phrases = (
    pick: (vocabulary: Vocabulary) => readonly string[],
    how: Partial<Omit<PhraseSet, 'byFirst'>> = {},
  ): PhraseSet =>
    merged(
      both.map((vocabulary) => compilePhrases(pick(vocabulary), vocabulary.classes)),
      how,
    );
  const set = (pick: (vocabulary: Vocabulary) => readonly string[]): ReadonlySet<string> =>
    new Set(both.flatMap(pick));
  const acts = recordOf(ACTS, (act) =>
    phrases((vocabulary) => vocabulary.acts[act] ?? [], {
      want: act === 'request' ? 'shortest' : 'longest',
      stops: act === 'negation' || act === 'past',
    }),
  );
  const nouns = recordOf(KINDS, (kind) => phrases((vocabulary) => vocabulary.nouns[kind] ?? []));
  const everything = phrases((vocabulary) => vocabulary.everything);
  const timePhrases = recordOf(TIME_PHRASES, (name) => phrases((vocabulary) => vocabulary.time[name]));
  const deleteClasses = ['delete', 'deleted', 'deleting', 'deletion'];
  return {
    language: own.language,
    common: set((vocabulary) => vocabulary.common),
    partWords: new Set(own.partWords ?? []),
    acts,
    nouns,
    fields: new Map(
      both
        .toReversed()
        .flatMap(({ fields }) =>
          FIELDS.flatMap((field) => (fields[field] ?? []).map((name) => [fold(name), field] as const)),
        ),
    ),
    deleteVerbs: set(({ classes }) =>
      deleteClasses.filter((name) => name !== 'deletion').flatMap((name) => classes[name] ?? []),
    ),
    deleteWords: set(({ classes }) => deleteClasses.flatMap((name) => classes[name] ?? [])),
    imperatives: set(({ classes }) => classes.imperative ?? classes.delete ?? []),
    cancelWords: set(({ classes }) => classes.cancel ?? []),
    everything,
    linkWords: set((vocabulary) => vocabulary.linkWords),
    placeWords: set((vocabulary) => vocabulary.placeWords),
    collectWords: set((vocabulary) => vocabulary.collectWords ?? []),
    calledWords: set((vocabulary) => vocabulary.calledWords ?? []),
    notWords: both.flatMap((vocabulary) => vocabulary.notWords),
    andWords: set((vocabulary) => vocabulary.andWords),
    time: own.time,
    timePhrases,
    book: bindPhrases([
      ...Object.values(acts),
      ...Object.values(nouns),
      ...Object.values(timePhrases),
      everything,
    ]),
  };
}

function merged(
  sets: readonly PhraseSet[],
  { want = 'longest', stops = false }: Partial<Omit<PhraseSet, 'byFirst'>>,
): PhraseSet {
  const byFirst = new Map<string, PhraseSet['byFirst'] extends ReadonlyMap<string, infer P> ? P : never>();
  for (const set of sets) {
    for (const [word, phrases] of set.byFirst) byFirst.set(word, [...(byFirst.get(word) ?? []), ...phrases]);
  }
  return { byFirst, want, stops };
}

const recordOf = <Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value) =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
