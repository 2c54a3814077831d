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
import { compilePhrases, fold, type PhraseSet, wordsOf } from './words.ts';

/** A language's vocabulary, compiled, together with English: mails in every language borrow its nouns. */
export interface Lexicon {
  readonly language: string;
  readonly common: ReadonlySet<string>;
  readonly acts: Readonly<Record<Act, PhraseSet>>;
  readonly nouns: Readonly<Record<Kind, PhraseSet>>;
  readonly fields: ReadonlyMap<string, Field>;
  readonly deleteWords: ReadonlySet<string>;
  /** Verbs that ask for a deletion when they open a sentence. */
  readonly imperatives: ReadonlySet<string>;
  readonly cancelWords: ReadonlySet<string>;
  readonly everything: PhraseSet;
  readonly linkWords: ReadonlySet<string>;
  readonly placeWords: ReadonlySet<string>;
  readonly notWords: readonly string[];
  readonly andWords: ReadonlySet<string>;
  readonly time: TimeWords;
  readonly timePhrases: Readonly<Record<TimePhrases, PhraseSet>>;
}

type TimePhrases = 'allTime' | 'backReference' | 'frameNouns' | 'finer' | 'clockWords';
const TIME_PHRASES: readonly TimePhrases[] = [
  'allTime',
  'backReference',
  'frameNouns',
  'finer',
  'clockWords',
];

/** The language whose frequent words are most frequent here; English when none stands out. */
export function languageOf(text: string): string {
  const words = wordsOf(text.slice(0, SAMPLE_CHARS)).map((word) => word.text);
  if (words.filter((word) => /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word)).length > 8) return 'ja';
  let best = { language: en.language, score: 0 };
  for (const { vocabulary, telling } of TELLING) {
    const score = words.filter((word) => telling.has(word)).length;
    if (score > best.score) best = { language: vocabulary.language, score };
  }
  return best.language;
}

export function lexiconFor(language: string): Lexicon {
  const known = compiled.get(language);
  if (known !== undefined) return known;
  const lexicon = compile(VOCABULARIES.find((vocabulary) => vocabulary.language === language) ?? en);
  compiled.set(lexicon.language, lexicon);
  return lexicon;
}

const SAMPLE_CHARS = 5_000;
const compiled = new Map<string, Lexicon>();

/** Frequent words and the verbs and nouns of the trade. */
const wordsIn = ({ common, classes }: Vocabulary): readonly string[] => [
  ...common,
  ...Object.values(classes).flat(),
];

/** Words that only one language has here, so that shared ones ("die", "source") do not mislead. */
const TELLING = VOCABULARIES.map((vocabulary) => {
  // Every language borrows "workspace" and "source", so that they tell nothing.
  const others = new Set(
    VOCABULARIES.filter((other) => other !== vocabulary).flatMap((other) => [
      ...wordsIn(other),
      ...Object.values(other.nouns).flat(),
    ]),
  );
  return { vocabulary, telling: new Set(wordsIn(vocabulary).filter((word) => !others.has(word))) };
});

function compile(own: Vocabulary): Lexicon {
  const both = own === en ? [en] : [own, en];
  const phrases = (pick: (vocabulary: Vocabulary) => readonly string[]): PhraseSet =>
    merged(both.map((vocabulary) => compilePhrases(pick(vocabulary), vocabulary.classes)));
  const set = (pick: (vocabulary: Vocabulary) => readonly string[]): ReadonlySet<string> =>
    new Set(both.flatMap(pick));
  const deleteClasses = ['delete', 'deleted', 'deleting', 'deletion'];
  return {
    language: own.language,
    common: set((vocabulary) => vocabulary.common),
    acts: recordOf(ACTS, (act) => phrases((vocabulary) => vocabulary.acts[act] ?? [])),
    nouns: recordOf(KINDS, (kind) => phrases((vocabulary) => vocabulary.nouns[kind] ?? [])),
    fields: new Map(
      both
        .toReversed()
        .flatMap(({ fields }) =>
          FIELDS.flatMap((field) => (fields[field] ?? []).map((name) => [fold(name), field] as const)),
        ),
    ),
    deleteWords: set(({ classes }) => deleteClasses.flatMap((name) => classes[name] ?? [])),
    imperatives: set(({ classes }) => classes.imperative ?? classes.delete ?? []),
    cancelWords: set(({ classes }) => classes.cancel ?? []),
    everything: phrases((vocabulary) => vocabulary.everything),
    linkWords: set((vocabulary) => vocabulary.linkWords),
    placeWords: set((vocabulary) => vocabulary.placeWords),
    notWords: both.flatMap((vocabulary) => vocabulary.notWords),
    andWords: set((vocabulary) => vocabulary.andWords),
    time: own.time,
    timePhrases: recordOf(TIME_PHRASES, (name) => phrases((vocabulary) => vocabulary.time[name])),
  };
}

function merged(sets: readonly PhraseSet[]): PhraseSet {
  const byFirst = new Map<string, PhraseSet['byFirst'] extends ReadonlyMap<string, infer P> ? P : never>();
  for (const set of sets) {
    for (const [word, phrases] of set.byFirst) byFirst.set(word, [...(byFirst.get(word) ?? []), ...phrases]);
  }
  return { byFirst };
}

const recordOf = <Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value) =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
