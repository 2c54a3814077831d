/** The lines of a bare answer, cut into values. */
import type { RequestField } from '../../../domain/request.ts';
import { isGeneric } from '../requests/generic.ts';
import { mentionsIn } from '../requests/mentions.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { findPhrases, hasPhrase } from '../sentences/phrases.ts';
import { statementsOf } from '../sentences/statements.ts';
import { wordsOf } from '../sentences/words.ts';
import { type DateSettings, datesIn } from '../time/dates.ts';
import { type Field, KINDS, type Kind } from '../vocabulary/vocabulary.ts';
import { COURTESIES } from './answer-words.ts';

/** What reading an answer takes besides its lines. */
export interface Reader {
  readonly lexicon: Lexicon;
  readonly dates: DateSettings;
  /** The words of the writer's own name. */
  readonly own: ReadonlySet<string>;
}

/** One line, or a part of one, without its number and its label. */
export interface Part {
  readonly number: number | null;
  readonly field: Field | null;
  readonly text: string;
}

const NUMBERED = /^\(?(\d{1,2})\s*[.):]\s+(?=\S)/;

/** `2. acme-inc`, `Source: Web`, `• May 2024`; several numbers in one line are as many parts. */
export function partsOf(line: string, lexicon: Lexicon): readonly Part[] {
  if (NUMBERED.test(line)) return numberedIn(line, lexicon);
  const part = partOf(line.replace(/^(?:[-*•·‣◦–—+]\s+)/, ''), null, lexicon);
  return part.field === null ? (spokenIn(part.text, lexicon) ?? [part]) : [part];
}

/**
 * A lone number before a date may be a day of it: "1. bis 31. Mai 2024", "3. May 2024". It is one where a range goes on
 * behind it, or where there is no question of that number; otherwise nobody can tell, and `null` is returned.
 */
export function withDay(part: Part, questions: number, { lexicon, dates }: Reader): Part | null {
  if (part.number === null || datesIn(part.text, dates).length === 0) return part;
  const [first] = wordsOf(part.text);
  const ranges = first !== undefined && lexicon.time.range.includes(first.text);
  if (!ranges && part.number <= questions) return null;
  return { number: null, field: null, text: `${part.number}. ${part.text}` };
}

/** "The workspace is acme-inc and the source is called Website Prod": nothing but things with their names. */
function spokenIn(text: string, lexicon: Lexicon): readonly Part[] | null {
  const parts: Part[] = [];
  for (const statement of statementsOf(text, lexicon)) {
    const mentions = mentionsIn(statement, lexicon, new Set());
    for (const { kind, name, rejected } of mentions) {
      const field = SPOKEN[kind];
      if (name === null || rejected || field === undefined) return null;
      parts.push({ number: null, field, text: name });
    }
    const nouns = new Set(
      KINDS.flatMap((kind) =>
        findPhrases(statement.words, lexicon.nouns[kind]).flatMap(({ from, to }) =>
          statement.words.slice(from, to),
        ),
      ),
    );
    const left = statement.words.filter(
      (word) =>
        !nouns.has(word) && !mentions.some(({ start, end }) => start <= word.start && word.end <= end),
    );
    if (!left.every(({ text: word }) => isGeneric(word, lexicon) || COURTESIES.has(word))) return null;
  }
  return parts.length === 0 ? null : parts;
}

const SPOKEN: Readonly<Partial<Record<Kind, Field>>> = {
  workspace: 'workspace',
  source: 'source',
  space: 'space',
  project: 'project',
};

/** `1. acme-inc 2. Website Prod 3. May 2024`: counted on from the first number, so that other digits are none. */
function numberedIn(line: string, lexicon: Lexicon): readonly Part[] {
  const marks = [...line.matchAll(/(?:^|\s)\(?(\d{1,2})\s*[.):]\s+(?=\S)/g)];
  const first = Number(marks[0]?.[1]);
  const starts: { number: number; at: number; from: number }[] = [];
  for (const mark of marks) {
    if (Number(mark[1]) !== first + starts.length) continue;
    starts.push({ number: Number(mark[1]), at: mark.index, from: mark.index + mark[0].length });
  }
  return starts.map(({ number, from }, index) =>
    partOf(line.slice(from, starts[index + 1]?.at ?? line.length), number, lexicon),
  );
}

/** "3 to 7 May 2026 please": a plea behind the days is no part of them. */
function withoutThanks(text: string): string {
  const last = /[\s,.;]+(\p{L}+)$/u.exec(text);
  const word = wordsOf(last?.[1] ?? '')[0]?.text ?? '';
  return last !== null && /\d/.test(text.slice(0, last.index)) && COURTESIES.has(word)
    ? text.slice(0, last.index)
    : text;
}

function partOf(text: string, number: number | null, lexicon: Lexicon): Part {
  const [only, more] = statementsOf(text, lexicon);
  const trimmed = withoutThanks(text.trim().replace(/[.!;,]+$/, ''));
  if (only?.field == null || more !== undefined) return { number, field: null, text: trimmed };
  return { number, field: only.field, text: only.text.trim() };
}

/** "Hi", "Thanks for getting back to me", "Ada": words that answer nothing. */
export function isCourtesy({ field, number, text }: Part, reader: Reader): boolean {
  const { lexicon, own } = reader;
  if (field === 'aside' || field === 'ticket') return true;
  if (field !== null || number !== null || isAllTime(text, reader)) return false;
  const words = wordsOf(text);
  return (
    !/\d/.test(text) &&
    words.some((word) => COURTESIES.has(word.text) || own.has(word.text)) &&
    words.every((word) => isGeneric(word.text, lexicon) || COURTESIES.has(word.text) || own.has(word.text))
  );
}

/** Which question a label belongs to. */
export const FIELD_OF: Readonly<Partial<Record<Field, RequestField>>> = {
  workspace: 'workspace',
  workspaceId: 'workspace',
  source: 'source',
  space: 'space',
  user: 'users',
  event: 'events',
  property: 'events',
  eventProperty: 'events',
  userProperty: 'events',
  project: 'project',
  timeFrame: 'timeFrame',
  firstDay: 'timeFrame',
  lastDay: 'timeFrame',
};

export const ALL_TIME_WORDS = 4;

export const isAllTime = (text: string, { lexicon }: Reader): boolean =>
  hasPhrase(wordsOf(text), lexicon.timePhrases.allTime) && wordsOf(text).length <= ALL_TIME_WORDS;
