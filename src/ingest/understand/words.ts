/** A word of a statement: lower case, with its place in the own text. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits into words. Runs of letters, digits and inner `'_-` are one word; each Han or Kana character is its own word,
 * so that languages without spaces match phrases character by character. Other signs are no words.
 */
export function wordsOf(text: string, offset = 0): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const start = offset + match.index;
    words.push({ text: fold(match[0]), start, end: start + match[0].length });
  }
  return words;
}

/** Lower case with one kind of apostrophe. Never changes the length of what it is used on here. */
export const fold = (text: string): string =>
  text
    .replace(/İ/g, 'I')
    .toLowerCase()
    .replace(/[’ʼ`´]/g, "'");

const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]|[\p{Script=Latin}\p{M}\p{N}][\p{Script=Latin}\p{M}\p{N}'’_-]*/gu;

/** A list of phrases, ready to be looked for. */
export interface PhraseSet {
  readonly byFirst: ReadonlyMap<string, readonly Phrase[]>;
}

/** Sets of interchangeable words, and gaps of up to `n` words. */
type Phrase = readonly (ReadonlySet<string> | number)[];

/**
 * Compiles phrases such as `please ~ {delete}`: `~` is a gap of up to four words, `~9` of up to nine, `a|b` either
 * word, `{name}` any word of that class, `#` a number. A gap or a number cannot stand first.
 */
export function compilePhrases(
  phrases: readonly string[],
  classes: Readonly<Record<string, readonly string[]>>,
): PhraseSet {
  const byFirst = new Map<string, Phrase[]>();
  for (const source of phrases) {
    const phrase = source.split(' ').flatMap((part) => partsOf(part, classes));
    const first = phrase[0];
    if (first === undefined || typeof first === 'number') throw new RangeError(`no first word: ${source}`);
    for (const word of first) {
      const known = byFirst.get(word);
      if (known === undefined) byFirst.set(word, [phrase]);
      else known.push(phrase);
    }
  }
  return { byFirst };
}

const GAP_WORDS = 4;

function partsOf(part: string, classes: Readonly<Record<string, readonly string[]>>): Phrase {
  if (part.startsWith('~')) return [part === '~' ? GAP_WORDS : Number(part.slice(1))];
  if (part === '#') return [new Set(['#'])];
  const words = part
    .split('|')
    .flatMap((word) => (word.startsWith('{') ? (classes[word.slice(1, -1)] ?? []) : [word]));
  // A literal without spaces between its words (Japanese) is a row of single characters.
  const rows = words.map((word) => wordsOf(word).map((found) => found.text));
  const [only] = rows;
  if (rows.length === 1 && only !== undefined && only.length > 1) return only.map((word) => new Set([word]));
  return [new Set(rows.map((row) => row.join('')))];
}

export interface PhraseHit {
  /** Index of the first word and of the word after the last. */
  readonly from: number;
  readonly to: number;
}

/** Every place where a phrase begins, with the longest hit there, or the shortest. Work is bounded by words × phrases. */
export function findPhrases(
  words: readonly Word[],
  set: PhraseSet,
  want: 'longest' | 'shortest' = 'longest',
): readonly PhraseHit[] {
  const hits: PhraseHit[] = [];
  for (let from = 0; from < words.length; from += 1) {
    let to = -1;
    for (const phrase of set.byFirst.get(words[from]?.text ?? '') ?? []) {
      const end = matchEnd(words, from, phrase, 0);
      if (end !== -1 && (to === -1 || (want === 'longest' ? end > to : end < to))) to = end;
    }
    if (to !== -1) hits.push({ from, to });
  }
  return hits;
}

export const hasPhrase = (words: readonly Word[], set: PhraseSet): boolean =>
  findPhrases(words, set).length > 0;

/** Greedy over single words; a gap takes the fewest words that let the next word match. */
function matchEnd(words: readonly Word[], from: number, phrase: Phrase, first: number): number {
  let at = from;
  for (let index = first; index < phrase.length; index += 1) {
    const part = phrase[index];
    if (typeof part === 'number') {
      const next = phrase[index + 1];
      if (next === undefined || typeof next === 'number') return -1;
      let skipped = 0;
      while (skipped <= part && !accepts(next, words[at])) {
        at += 1;
        skipped += 1;
      }
      if (skipped > part) return -1;
    } else {
      if (part === undefined || !accepts(part, words[at])) return -1;
      at += 1;
    }
  }
  return at;
}

/** `#` in a phrase stands for any number in digits. */
const accepts = (set: ReadonlySet<string>, word: Word | undefined): boolean =>
  word !== undefined && (set.has(word.text) || (set.has('#') && /^\d+$/.test(word.text)));
