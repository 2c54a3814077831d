import { type Word, wordsOf } from './words.ts';

/** A list of phrases, ready to be looked for. */
export interface PhraseSet {
  readonly byFirst: ReadonlyMap<string, readonly Phrase[]>;
  /** Which of the hits at one place counts. */
  readonly want: 'longest' | 'shortest';
  /** A gap in its phrases ends at a comma: "we do not need it, delete it" denies no deletion. */
  readonly stops: boolean;
}

/** Words that may stand at one place of a phrase, or a gap of up to `n` words. */
interface Choice {
  readonly words: ReadonlySet<string>;
  /** Any number in digits will do as well. */
  readonly number: boolean;
}
type Phrase = readonly (Choice | number | typeof END)[];
/** Here the clause must end. */
const END = 'end';

/**
 * Compiles phrases such as `please ~ {delete}`: `~` is a gap of up to four words, `~9` of up to nine, `a|b` either
 * word, `{name}` any word of that class, `#` a number, `$` the end of the clause. A gap cannot stand first.
 */
export function compilePhrases(
  phrases: readonly string[],
  classes: Readonly<Record<string, readonly string[]>>,
  { want = 'longest', stops = false }: Partial<Omit<PhraseSet, 'byFirst'>> = {},
): PhraseSet {
  const byFirst = new Map<string, Phrase[]>();
  const parts = partsIn(classes);
  for (const source of phrases) {
    const phrase = source.split(' ').flatMap((part) => {
      const known = parts.get(part);
      if (known !== undefined) return known;
      const made = partsOf(part, classes);
      parts.set(part, made);
      return made;
    });
    const first = phrase[0];
    if (first === undefined || typeof first === 'number' || first === END)
      throw new RangeError(`no first word: ${source}`);
    for (const word of first.number ? [...first.words, NUMBER] : first.words) {
      const known = byFirst.get(word);
      if (known === undefined) byFirst.set(word, [phrase]);
      else known.push(phrase);
    }
  }
  return { byFirst, want, stops };
}

/** The parts of all phrases with the same classes, so that each is made once. */
function partsIn(classes: Readonly<Record<string, readonly string[]>>): Map<string, Phrase> {
  const known = partsByClasses.get(classes) ?? new Map<string, Phrase>();
  partsByClasses.set(classes, known);
  return known;
}
const partsByClasses = new WeakMap<Readonly<Record<string, readonly string[]>>, Map<string, Phrase>>();

/** Numbers are looked up under one name. */
const NUMBER = '#';
const keyOf = (word: Word | undefined): string =>
  word === undefined ? '' : isNumber(word.text) ? NUMBER : word.text;
const isNumber = (text: string): boolean => {
  const first = text.charCodeAt(0);
  return first >= DIGIT_0 && first <= DIGIT_9 && /^\d+$/.test(text);
};
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

const GAP_WORDS = 4;

function partsOf(part: string, classes: Readonly<Record<string, readonly string[]>>): Phrase {
  if (part.startsWith('~')) return [part === '~' ? GAP_WORDS : Number(part.slice(1))];
  if (part === '$') return [END];
  if (part === '#') return [{ words: new Set<string>(), number: true }];
  const words = part
    .split('|')
    .flatMap((word) => (word.startsWith('{') ? (classes[word.slice(1, -1)] ?? []) : [word]));
  // A literal without spaces between its words (Japanese) is a row of single characters.
  const rows = words.map((word) =>
    PLAIN_WORD.test(word) ? [word] : wordsOf(word).map((found) => found.text),
  );
  const [only] = rows;
  if (rows.length === 1 && only !== undefined && only.length > 1)
    return only.map((word) => ({ words: new Set([word]), number: false }));
  return [{ words: new Set(rows.map((row) => row.join(''))), number: words.includes('#') }];
}

/** Most words stay as they are. */
const PLAIN_WORD = /^[a-z]+$/;

export interface PhraseHit {
  /** Index of the first word and of the word after the last. */
  readonly from: number;
  readonly to: number;
}

/** Every place where a phrase begins, one hit a place. Work is bounded by words × phrases. */
export function findPhrases(words: readonly Word[], set: PhraseSet): readonly PhraseHit[] {
  const hits: PhraseHit[] = [];
  for (let from = 0; from < words.length; from += 1) {
    let to = -1;
    const phrases = set.byFirst.get(keyOf(words[from]));
    if (phrases === undefined) continue;
    for (const phrase of phrases) to = better(set, to, matchEnd(words, from, phrase, set.stops));
    if (to !== -1) hits.push({ from, to });
  }
  return hits;
}

export const hasPhrase = (words: readonly Word[], set: PhraseSet): boolean =>
  findPhrases(words, set).length > 0;

const better = ({ want }: PhraseSet, known: number, end: number): number =>
  end !== -1 && (known === -1 || (want === 'longest' ? end > known : end < known)) ? end : known;

/** The hits of many sets in one row of words. */
export type Hits = ReadonlyMap<PhraseSet, readonly PhraseHit[]>;

/** Words whose phrases have been found. */
export interface Searched {
  readonly words: readonly Word[];
  readonly hits: Hits;
}

interface Entry {
  readonly set: PhraseSet;
  readonly phrase: Phrase;
}

/** Phrases that begin with one word. */
interface Entries {
  /** Those that go on with a certain word, by that word. */
  readonly bySecond: Map<string, Entry[]>;
  /** Those that go on with a gap, by the words behind it. */
  readonly byGap: Map<string, Entry[]>;
  /** The widest of these gaps, in words; -1 = none. */
  reach: number;
  readonly others: Entry[];
}

/** Many sets that are looked for at once: a word that begins no phrase of any of them costs one look-up. */
export interface PhraseBook {
  readonly entriesOf: (word: string) => Entries | undefined;
}

/** Few of the words that begin a phrase are ever met, so that what begins with one is put together then. */
export function bindPhrases(sets: readonly PhraseSet[]): PhraseBook {
  const openers = new Map<string, { readonly sets: PhraseSet[]; entries: Entries | null }>();
  for (const set of sets) {
    for (const word of set.byFirst.keys()) {
      const known = openers.get(word);
      if (known === undefined) openers.set(word, { sets: [set], entries: null });
      else known.sets.push(set);
    }
  }
  return {
    entriesOf: (word) => {
      const opener = openers.get(word);
      if (opener === undefined) return undefined;
      opener.entries ??= entriesIn(opener.sets, word);
      return opener.entries;
    },
  };
}

function entriesIn(sets: readonly PhraseSet[], word: string): Entries {
  const entries: Entries = { bySecond: new Map(), byGap: new Map(), reach: -1, others: [] };
  for (const set of sets) {
    for (const phrase of set.byFirst.get(word) ?? []) enter(entries, { set, phrase });
  }
  return entries;
}

function enter(entries: Entries, entry: Entry): void {
  const [, second, third] = entry.phrase;
  if (typeof second === 'number' && typeof third === 'object') {
    entries.reach = Math.max(entries.reach, second);
    for (const word of wordsOfChoice(third)) put(entries.byGap, word, entry);
  } else if (typeof second === 'object') {
    for (const word of wordsOfChoice(second)) put(entries.bySecond, word, entry);
  } else entries.others.push(entry);
}

const wordsOfChoice = ({ words, number }: Choice): Iterable<string> => (number ? [...words, NUMBER] : words);

function put<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

/** As findPhrases for every set of the book, in one pass over the words. */
export function searchPhrases(words: readonly Word[], book: PhraseBook): Hits {
  const hits = new Map<PhraseSet, { from: number; to: number }[]>();
  let key = keyOf(words[0]);
  for (let from = 0; from < words.length; from += 1) {
    const entries = book.entriesOf(key);
    const next = keyOf(words[from + 1]);
    key = next;
    if (entries === undefined) continue;
    const certain = entries.bySecond.get(next);
    if (certain !== undefined) note(words, from, certain, hits);
    if (entries.others.length > 0) note(words, from, entries.others, hits);
    if (entries.reach !== -1) noteGaps(words, from, entries, hits);
  }
  return hits;
}

/** Only phrases whose word behind the gap is near enough can match. */
function noteGaps(
  words: readonly Word[],
  from: number,
  { byGap, reach }: Entries,
  hits: Map<PhraseSet, { from: number; to: number }[]>,
): void {
  const last = Math.min(words.length - 1, from + 1 + reach);
  for (let at = from + 1; at <= last; at += 1) {
    const text = words[at]?.text ?? '';
    const near = byGap.get(text);
    if (near !== undefined) note(words, from, near, hits);
    const counted = isNumber(text) ? byGap.get(NUMBER) : undefined;
    if (counted !== undefined) note(words, from, counted, hits);
  }
}

function note(
  words: readonly Word[],
  from: number,
  entries: readonly Entry[],
  hits: Map<PhraseSet, { from: number; to: number }[]>,
): void {
  for (const { set, phrase } of entries) {
    const end = matchEnd(words, from, phrase, set.stops);
    if (end === -1) continue;
    const known = hits.get(set);
    const last = known?.at(-1);
    if (known === undefined) hits.set(set, [{ from, to: end }]);
    else if (last === undefined || last.from !== from) known.push({ from, to: end });
    else last.to = better(set, last.to, end);
  }
}

const NONE: readonly PhraseHit[] = [];

/** The hits of a set that is in the book. */
export const hitsOf = ({ hits }: Searched, set: PhraseSet): readonly PhraseHit[] => hits.get(set) ?? NONE;

export const says = ({ hits }: Searched, set: PhraseSet): boolean => hits.has(set);

/** Greedy over single words; a gap takes the fewest words that let the next word match. */
function matchEnd(words: readonly Word[], from: number, phrase: Phrase, stops: boolean): number {
  let at = from;
  for (let index = 0; index < phrase.length; index += 1) {
    const part = phrase[index];
    if (typeof part === 'number') {
      const next = phrase[index + 1];
      if (next === undefined || typeof next === 'number' || next === END) return -1;
      let skipped = 0;
      if (stops && words[at]?.apart) return -1;
      while (skipped <= part && !accepts(next, words[at])) {
        at += 1;
        skipped += 1;
        if (stops && words[at]?.apart) return -1;
      }
      if (skipped > part) return -1;
    } else if (part === END) {
      if (at !== words.length) return -1;
    } else {
      if (part === undefined || !accepts(part, words[at])) return -1;
      at += 1;
    }
  }
  return at;
}

const accepts = (choice: Choice, word: Word | undefined): boolean =>
  word !== undefined && (choice.words.has(word.text) || (choice.number && isNumber(word.text)));
