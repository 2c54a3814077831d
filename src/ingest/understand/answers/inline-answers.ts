/** Answers written between, below or by the numbers of our own questions, which stand quoted in the same mail. */

import type { OwnText } from '../own-text/own-text.ts';
import { workspaceRefOf } from '../requests/mentions.ts';
import { hasPhrase } from '../sentences/phrases.ts';
import type { Piece, Span } from '../sentences/pieces.ts';
import { wordsOf } from '../sentences/words.ts';
import { type Field, KINDS } from '../vocabulary/vocabulary.ts';
import { type AnswerSettings, fieldOfEvents, isUnknown, valueIn } from './answer-spans.ts';
import { askedIn } from './asked-fields.ts';

/**
 * Turns own sentences that answer a quoted question into lines of a form. What follows a value in its sentence stays
 * prose ("…, delete those five days please"), and so does all that cannot be read as a value.
 * @param lead how many signs stand in `text` before the own text
 */
export function withAnswers(
  pieces: readonly Piece[],
  text: string,
  ownText: OwnText,
  lead: number,
  settings: AnswerSettings,
): readonly Piece[] {
  if (ownText.forward !== 'none') return pieces;
  const numbered = numberedAnswers(pieces, text, ownText, lead, settings);
  if (numbered !== null) return numbered;
  const below = askedAbove(ownText);
  if (below.size === 0) return pieces;
  const taken = new Set<number>();
  return pieces.flatMap((piece) => {
    const at = lineStartOf(text, piece.start) - lead;
    // Only the first sentence below a question; a list of users or events may go on.
    const first = !taken.has(at);
    taken.add(at);
    const field = first && piece.field === null ? below.get(at) : undefined;
    return field === undefined ? [piece] : answered(piece, text, field, settings);
  });
}

const lineStartOf = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** The own lines that stand below one quoted question, by their offset in the own text. */
function askedAbove({ source, lines }: OwnText): ReadonlyMap<number, Field> {
  const asked = new Map<number, Field>();
  let end = 0;
  let open: Field | null = null;
  let blanks = 0;
  for (const line of lines) {
    if (line.length === 0 && line.sourceStart === 0) {
      blanks += 1;
      continue;
    }
    const between = quotedBetween(source.slice(end, line.sourceStart));
    if (between !== null) open = lastAsked(between);
    // A list of names stays in one paragraph.
    else if (blanks > 0 || (open !== 'user' && open !== 'event')) open = null;
    if (open !== null) asked.set(line.start, open);
    end = line.sourceStart + line.length;
    blanks = 0;
  }
  return asked;
}

const MARK = /^\s*[>＞][>＞\s]*/;

/** The quoted lines of what lies between two own lines, without their marks; `null` = nothing is quoted there. */
function quotedBetween(between: string): readonly string[] | null {
  if (!/[>＞]/.test(between)) return null;
  const lines = between
    .slice(-BETWEEN_MAX)
    .split('\n')
    .filter((line) => MARK.test(line));
  return lines.length === 0 ? null : lines.map((line) => line.replace(MARK, ''));
}
/** A quote is read this far back. UTF-16 code units. */
const BETWEEN_MAX = 10_000;

/** What the last quoted paragraph asks. Below several questions only days can be told from the other answers. */
function lastAsked(lines: readonly string[]): Field | null {
  const asked = askedIn(lines);
  const last = asked.at(-1);
  if (last?.field == null) return null;
  const open = asked.filter(({ field }) => field !== null);
  return open.length === 1 || last.field === 'timeFrame' ? last.field : null;
}

/** The value of a sentence as a line of a form, and the rest of it as prose. */
function answered(piece: Piece, text: string, field: Field, settings: AnswerSettings): readonly Piece[] {
  const said = text.slice(piece.start, piece.end);
  const value = valueIn(field, said, settings);
  if (value === null) return [piece];
  const form: Piece = {
    ...piece,
    item: false,
    field:
      field === 'event' || field === 'property' ? fieldOfEvents(said.slice(value.start, value.end)) : field,
    start: piece.start + value.start,
    end: piece.start + value.end,
  };
  const rest = said.slice(value.next);
  const gap = /^[\s,;.!–—-]*/.exec(rest)?.[0].length ?? 0;
  if (gap >= rest.length) return [form];
  return [form, { ...piece, item: false, start: piece.start + value.next + gap }];
}

interface Numbered {
  readonly number: number;
  readonly span: Span;
}

const NUMBER = /(?:^|\s)\(?(\d{1,2})\s?[.):]\s+(?=\S)/g;

/**
 * "1. acme-inc 2. Website Prod 3. May 2024" with our numbered questions quoted anywhere: all of the numbers must fit, or
 * none counts.
 */
function numberedAnswers(
  pieces: readonly Piece[],
  text: string,
  ownText: OwnText,
  lead: number,
  settings: AnswerSettings,
): readonly Piece[] | null {
  const lines = ownText.lines
    .filter(({ length }) => length > 0)
    .map(({ start, length }) => ({
      start: start + lead,
      text: text.slice(start + lead, start + lead + length),
    }));
  const first = lines.findIndex((line) => /^\s*\(?1\s?[.):]\s+\S/.test(line.text));
  if (first === -1) return null;
  const questions = numberedQuestions(ownText);
  if (questions.size < 2) return null;
  const announced = lines[first - 1]?.text ?? '';
  const words = wordsOf(announced);
  // "Please delete these sources:" announces a list of its own.
  const ownList =
    words.some((word) => settings.lexicon.deleteWords.has(word.text)) ||
    KINDS.some((kind) => hasPhrase(words, settings.lexicon.nouns[kind]));
  if (/[:：]\s*$/.test(announced) && ownList) return null;
  const found: Numbered[] = [];
  for (const line of lines.slice(first, first + LINES_MAX)) {
    const marks = [...line.text.matchAll(NUMBER)];
    const opens = marks[0]?.index === 0 && Number(marks[0][1]) === found.length + 1;
    if (!opens) break;
    for (const [index, mark] of marks.entries()) {
      if (Number(mark[1]) !== found.length + 1) continue;
      const next = marks.slice(index + 1).find((each) => Number(each[1]) === found.length + 2);
      const start = line.start + mark.index + mark[0].length;
      const end = next === undefined ? line.start + line.text.trimEnd().length : line.start + next.index;
      found.push({ number: found.length + 1, span: { start, end } });
    }
  }
  const read = found.map(({ number, span }) => {
    const field = questions.get(number);
    const piece: Piece = { ...span, paragraph: 0, item: false, field: null };
    const parts = field === undefined ? [] : answered(piece, text, field, settings);
    const [head] = parts;
    return head?.field == null || !fits(head, text, settings) ? null : parts;
  });
  if (read.length === 0 || read.some((each) => each === null)) return null;
  const from = lines[first]?.start ?? 0;
  const to = found.at(-1)?.span.end ?? from;
  const paragraph = pieces.find(({ end }) => end > from)?.paragraph ?? 0;
  const form = read.flatMap((parts) => parts ?? []).map((each) => ({ ...each, paragraph }));
  const before = pieces.filter(({ end }) => end <= from);
  const after = pieces
    .filter(({ end }) => end > to)
    .map((each) => (each.start < to ? { ...each, start: to } : each))
    .filter((each) => text.slice(each.start, each.end).trim() !== '');
  return [...before, ...form, ...after];
}

const LINES_MAX = 20;

/** Whether no name of a source stands where a workspace is asked for, as where numbers count something else. */
function fits(piece: Piece, text: string, { lexicon }: AnswerSettings): boolean {
  const value = text.slice(piece.start, piece.end).trim();
  if (piece.field !== 'workspace' || value === '' || isUnknown(value, lexicon)) return true;
  const token = /^\S+/.exec(value)?.[0].replace(/^["'`]|["'`.,;]+$/g, '') ?? '';
  return workspaceRefOf(token, false) !== null || /^https?:\/\//i.test(token);
}

/** Our questions by their numbers, from all of the mail that is not the writer's. A number with two meanings has none. */
function numberedQuestions({ source, lines }: OwnText): ReadonlyMap<number, Field> {
  const own = new Set(lines.filter(({ length }) => length > 0).map(({ sourceStart }) => sourceStart));
  const foreign: string[] = [];
  let start = 0;
  for (const line of source.slice(0, SOURCE_MAX).split('\n')) {
    if (!own.has(start)) foreign.push(line.replace(MARK, ''));
    start += line.length + 1;
    if (foreign.length > FOREIGN_MAX) break;
  }
  const questions = new Map<number, Field>();
  const twice = new Set<number>();
  for (const { number, field } of askedIn(foreign, FOREIGN_MAX)) {
    if (number === null || field === null) continue;
    if (questions.has(number) && questions.get(number) !== field) twice.add(number);
    questions.set(number, field);
  }
  for (const number of twice) questions.delete(number);
  return questions;
}
const SOURCE_MAX = 100_000;
const FOREIGN_MAX = 400;
