import { en } from '../vocabulary/en.ts';
import { VOCABULARIES } from '../vocabulary/index.ts';
import {
  ACTS,
  type Act,
  FIELDS,
  type Field,
  KINDS,
  type Kind,
  type TimeWords,
  type Vocabulary,
} from '../vocabulary/vocabulary.ts';
import { bindPhrases, compilePhrases, type PhraseBook, type PhraseSet } from './phrases.ts';
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
  /** The names of all months of the language's own. */
  readonly months: ReadonlySet<string>;
  /** The names of months and weekdays. */
  readonly calendarWords: ReadonlySet<string>;
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

/** The language whose telling words weigh most here. Without any it is that of `otherwise`; English when none stands out. */
export const languageOf = (text: string, otherwise = ''): string =>
  toldLanguage(text) ?? (otherwise === '' ? null : toldLanguage(otherwise)) ?? en.language;

/** The same where nothing is assumed: `null` when no word tells it. */
export function toldLanguage(text: string): string | null {
  const scores = new Float64Array(VOCABULARIES.length);
  // In the order in which they are met.
  const met: number[] = [];
  for (const { text: word } of wordsOf(text.slice(0, SAMPLE_CHARS))) {
    const telling = word >= FIRST_KANA && KANA.test(word) ? JAPANESE_ONLY : TELLING.get(word);
    if (telling === undefined) continue;
    for (const nth of telling.languages) {
      const score = scores[nth] ?? 0;
      if (score === 0) met.push(nth);
      scores[nth] = score + telling.weight;
    }
  }
  if ((scores[JAPANESE] ?? 0) > KANA_MIN) return 'ja';
  let best = { language: en.language, score: 0 };
  for (const nth of met) {
    const [language, score] = [VOCABULARIES[nth]?.language ?? '', scores[nth] ?? 0];
    if (score > best.score || (score === best.score && language === en.language)) best = { language, score };
  }
  return best.score === 0 ? null : best.language;
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
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Fewer kana are a name or a greeting in another language. */
const KANA_MIN = 8;

/** The languages that have a word, by their place in the list of vocabularies: the fewer, the more it tells ("die"). */
interface Telling {
  readonly languages: readonly number[];
  readonly weight: number;
}

const JAPANESE = VOCABULARIES.findIndex(({ language }) => language === 'ja');
const JAPANESE_ONLY: Telling = { languages: [JAPANESE], weight: 1 };
const TELLING = tellingWords();

function tellingWords(): ReadonlyMap<string, Telling> {
  const languages = new Map<string, number[]>();
  const telling = new Set<string>();
  for (const [nth, vocabulary] of VOCABULARIES.entries()) {
    const note = (word: string): void => {
      const known = languages.get(word);
      if (known === undefined) languages.set(word, [nth]);
      else if (known.at(-1) !== nth) known.push(nth);
    };
    for (const word of wordsIn(vocabulary)) {
      note(word);
      telling.add(word);
    }
    // Every language borrows "workspace" and "source", so that they tell little.
    for (const word of Object.values(vocabulary.nouns).flat()) note(word);
  }
  const found = new Map<string, Telling>();
  for (const word of telling) {
    const own = languages.get(word) ?? [];
    found.set(word, { languages: own, weight: 1 / own.length ** 2 });
  }
  return found;
}

function compile(own: Vocabulary): Lexicon {
  const both = own === en ? [en] : [own, en];
  const phrases = (
    pick: (vocabulary: Vocabulary) => readonly string[],
    how: Partial<Omit<PhraseSet, 'byFirst'>> = {},
  ): PhraseSet =>
    merged(
      both.map((vocabulary) => compiledPhrases(pick(vocabulary), vocabulary)),
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
    months: new Set(own.time.months.flat()),
    calendarWords: new Set([...own.time.months.flat(), ...(own.time.weekdays ?? []).flat()]),
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
  const [first, ...others] = sets;
  if (first === undefined || others.length === 0)
    return { byFirst: first?.byFirst ?? new Map(), want, stops };
  const byFirst = new Map(first.byFirst);
  for (const set of others) {
    for (const [word, phrases] of set.byFirst) {
      const known = byFirst.get(word);
      byFirst.set(word, known === undefined ? phrases : [...known, ...phrases]);
    }
  }
  return { byFirst, want, stops };
}

/** The English phrases belong to every lexicon and are compiled once. */
function compiledPhrases(phrases: readonly string[], { classes }: Vocabulary): PhraseSet {
  const known = compiledLists.get(phrases);
  if (known !== undefined) return known;
  const made = compilePhrases(phrases, classes);
  compiledLists.set(phrases, made);
  return made;
}
const compiledLists = new WeakMap<readonly string[], PhraseSet>();

const recordOf = <Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value) =>
  Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
