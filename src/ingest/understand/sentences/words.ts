/** A word of a statement: lower case, with its place in the own text. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** A comma, semicolon or colon stands between it and the word before. */
  readonly apart: boolean;
}

/**
 * Splits into words. Runs of letters, digits and inner `'_-` are one word; each Han or Kana character is its own word,
 * so that languages without spaces match phrases character by character. Other signs are no words.
 */
export function wordsOf(text: string, offset = 0): readonly Word[] {
  return wordsIn(fold(text), 0, text.length, offset);
}

/** The words of a part of a text that is folded already. */
function wordsIn(folded: string, from: number, to: number, offset: number): Word[] {
  const words: Word[] = [];
  let apart = false;
  for (let at = from; at < to; at += 1) {
    const code = folded.charCodeAt(at);
    const kind = kindOf(code);
    if (kind === OTHER || kind === INNER) {
      apart ||= code === COMMA || code === COLON || code === SEMICOLON;
      continue;
    }
    const start = at;
    if (kind === LETTER) {
      while (at + 1 < to && (kindOf(folded.charCodeAt(at + 1)) & WITHIN) !== 0) at += 1;
    }
    words.push({ text: folded.slice(start, at + 1), start: offset + start, end: offset + at + 1, apart });
    apart = false;
  }
  return words;
}

/** Lower case, with one kind of apostrophe and plain ASCII. Never changes the length of what it is used on here. */
export function fold(text: string): string {
  const lower = (text.includes('İ') ? text.replaceAll('İ', 'I') : text).toLowerCase();
  return VARIANT.test(lower) ? lower.replace(VARIANTS, plain) : lower;
}

/** Apostrophes, and the full-width forms of ASCII (U+FF01 to U+FF5E) that Japanese mails hold. */
const VARIANT = /[’ʼ`´！-～]/;
const VARIANTS = /[’ʼ`´！-～]/g;
const FULL_WIDTH = 0xff01 - 0x21;
const plain = (sign: string): string =>
  sign >= '！' ? String.fromCharCode(sign.charCodeAt(0) - FULL_WIDTH) : "'";

const COMMA = 0x2c;
const COLON = 0x3a;
const SEMICOLON = 0x3b;

const OTHER = 0;
const LETTER = 1;
const INNER = 2;
const ALONE = 4;
/** What goes on with a word that has begun. */
const WITHIN = LETTER | INNER;

/** The kind of a UTF-16 code unit, found once. */
function kindOf(code: number): number {
  const known = kinds[code] ?? 0;
  if (known !== 0) return known - 1;
  const sign = String.fromCharCode(code);
  const kind = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u.test(sign)
    ? ALONE
    : /[\p{Script=Latin}\p{M}\p{N}]/u.test(sign)
      ? LETTER
      : /['’_-]/.test(sign)
        ? INNER
        : OTHER;
  kinds[code] = kind + 1;
  return kind;
}
const kinds = new Uint8Array(0x10000);
