/**
 * A mail's text cut into pieces for the page: words that a field came from are marked, quotes and signatures stand apart,
 * and signs that cannot be seen are named. Put together again, the pieces are the text, sign for sign.
 */
import type { FieldWords, LeftOutWords } from './ports.ts';

/** Words that a field came from. */
export interface Mark {
  /** The field's number on the page. */
  readonly n: number;
  /** Of the element; unique on the page. */
  readonly id: string;
  readonly label: string;
  readonly start: number;
  readonly end: number;
}

export interface MarkAround {
  readonly n: number;
  /** Set where the mark begins. */
  readonly id: string | null;
}

/** Of a piece: signs as they are, or one that cannot be seen and its name. */
export type Part = { readonly text: string; readonly sign: string | null };

export interface Piece {
  readonly around: readonly MarkAround[];
  readonly parts: readonly Part[];
  /** Marks that end behind it. */
  readonly ends: readonly { readonly n: number; readonly label: string }[];
}

export interface Block {
  /** Why it was not read as the writer's words; `null` = it was. */
  readonly why: string | null;
  /** "12 lines" */
  readonly lines: string;
  readonly pieces: readonly Piece[];
}

/** Marks one behind the other, in and across each other, empty or beyond the text: whatever they say, no sign is lost. */
export function blocksOf(
  text: string,
  marks: readonly Mark[],
  leftOut: readonly LeftOutWords[],
): readonly Block[] {
  const sound = marks
    .map((mark) => ({ ...mark, start: whole(text, mark.start), end: whole(text, mark.end) }))
    .filter(({ start, end }) => start < end);
  return rangesOf(text, leftOut).map(({ start, end, why }) => ({
    why,
    lines: linesIn(text, start, end),
    pieces: piecesOf(text, start, end, sound),
  }));
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly why: string | null;
}

/** The whole text, one range behind the other; blank lines belong to what stands before them. */
function rangesOf(text: string, leftOut: readonly LeftOutWords[]): readonly Range[] {
  const ranges: Range[] = [];
  const push = (end: number, why: string | null): void => {
    const last = ranges.at(-1);
    const start = last?.end ?? 0;
    if (end <= start) return;
    const isBlank = why === null && text.slice(start, end).trim() === '';
    if (isBlank && last !== undefined) ranges[ranges.length - 1] = { ...last, end };
    else ranges.push({ start, end, why });
  };
  for (const { start, end, why } of [...leftOut].sort((a, b) => a.start - b.start)) {
    const from = whole(text, start);
    const to = whole(text, end);
    if (from >= to) continue;
    push(from, null);
    push(to, why);
  }
  push(text.length, null);
  return ranges;
}

/** Within the text, and never between the halves of one sign. */
function whole(text: string, offset: number): number {
  const at = Number.isFinite(offset) ? Math.min(Math.max(Math.trunc(offset), 0), text.length) : 0;
  const splits = isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
  return splits ? at - 1 : at;
}
const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

function piecesOf(text: string, from: number, to: number, marks: readonly Mark[]): readonly Piece[] {
  const here = marks.filter(({ start, end }) => start < to && end > from);
  const cuts = [
    ...new Set([from, to, ...here.flatMap(({ start, end }) => [Math.max(start, from), Math.min(end, to)])]),
  ];
  cuts.sort((a, b) => a - b);
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index] ?? from;
    const covering = here.filter((mark) => mark.start <= start && mark.end >= end);
    return {
      around: covering.map((mark) => ({ n: mark.n, id: mark.start === start ? mark.id : null })),
      parts: partsOf(text.slice(start, end)),
      ends: covering.filter((mark) => mark.end === end).map(({ n, label }) => ({ n, label })),
    };
  });
}

/** @returns the same signs, those that cannot be seen apart from the others */
export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { 0: sign, index } of text.matchAll(UNSEEN)) {
    if (index > at) parts.push({ text: text.slice(at, index), sign: null });
    parts.push({ text: sign, sign: nameOf(sign) });
    at = index + sign.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), sign: null });
  return parts;
}

/** Control signs but line ends and tabs; what turns the reading direction; what takes no room. Halves of signs. */
const UNSEEN =
  /[\p{Cc}--[\n\r\t]]|[\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gv;

const nameOf = (sign: string): string =>
  `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

function linesIn(text: string, from: number, to: number): string {
  let count = 1;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to - 1; at = text.indexOf('\n', at + 1))
    count += 1;
  return count === 1 ? '1 line' : `${count} lines`;
}

/** A page stays small, whatever was written. `cut`: UTF-16 code units that are not in `text`. */
export function shortened(text: string, most: number): { readonly text: string; readonly cut: number } {
  if (text.length <= most) return { text, cut: 0 };
  const end = whole(text, most);
  return { text: text.slice(0, end), cut: text.length - end };
}

/** `requests.2.users.1` is `users` of the third request. */
export function fieldOf({ field }: Pick<FieldWords, 'field'>): {
  readonly request: number | null;
  readonly key: string;
} {
  const [, request, key] = /^requests\.(\d+)\.([A-Za-z]+)/.exec(field) ?? [];
  return request === undefined || key === undefined
    ? { request: null, key: field }
    : { request: Number(request), key };
}
