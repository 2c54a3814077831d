import { fold } from '../sentences/words.ts';

/** A run of digits, a run of letters, one Han or Kana character, or one other sign. */
export interface Token {
  readonly kind: 'number' | 'word' | 'sign';
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** No space stands between this token and the one before. */
  readonly glued: boolean;
}

/** The tokens of a text, in one pass. Unlike words, `Q4`, `1er` and `2024年` fall into their parts. */
export function tokensOf(text: string): readonly Token[] {
  const folded = fold(text);
  const tokens: Token[] = [];
  let last = -1;
  for (let at = 0; at < folded.length; ) {
    const kind = kindAt(folded, at);
    const start = at;
    at += 1;
    if (kind === 'space') continue;
    if (kind === 'number' || kind === 'letter') {
      while (at < folded.length && kindAt(folded, at) === kind) at += 1;
    }
    tokens.push({
      kind: kind === 'letter' || kind === 'alone' ? 'word' : kind,
      text: folded.slice(start, at),
      start,
      end: at,
      glued: last === start,
    });
    last = at;
  }
  return tokens;
}

type Kind = 'number' | 'letter' | 'alone' | 'sign' | 'space';

function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return 'number';
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0xdf && code <= 0x24f && code !== 0xf7)) return 'letter';
  if (code <= 0x20 || code === 0xa0 || code === 0x202f || code === 0x3000) return 'space';
  // A combining mark goes on with its letter.
  if (code >= 0x300 && code <= 0x36f) return 'letter';
  return (code >= 0x3005 && code <= 0x30ff) || (code >= 0x4e00 && code <= 0x9fff) ? aloneAt(code) : 'sign';
}

/** Kana and Han; the brackets and marks in between are signs. */
const aloneAt = (code: number): Kind =>
  code > 0x3005 && code < 0x3041 && code !== 0x3007 ? 'sign' : 'alone';
