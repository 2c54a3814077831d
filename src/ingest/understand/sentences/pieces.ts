import {
  isJapaneseBreak,
  japaneseContinues,
  japaneseFieldCuts,
  japaneseLabel,
  japaneseSpacedLabel,
} from '../japanese/lines.ts';
import type { Field } from '../vocabulary/vocabulary.ts';
import type { Lexicon } from './lexicon.ts';
import { fold } from './words.ts';

/** A sentence, an item of a list or the value of a form's line. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly paragraph: number;
  readonly item: boolean;
  readonly field: Field | null;
}

interface Prose {
  readonly start: number;
  readonly end: number;
  readonly item: boolean;
}

const LABEL_MAX = 45;
/** Signs of Japanese lists need no space behind them. */
const BULLET =
  /^\s*(?:(?:[-*•·‣◦–—+]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+|(?:[・●○■□◆◇▪▫①-⑳]|[０-９]{1,2}[.．)）、]|[(（][\d０-９]{1,2}[)）]|\d{1,2}[.．)）](?=[「『\u3040-\u30ff\u4e00-\u9fff]))\s*)/;

/** "3. März 2024" and "3. bis 7. Mai" begin with a day and not with the number of an item. */
const DAY =
  /^\s*\d{1,2}\.\s+(?:bis|und|–|-|jan|jän|feb|mär|maerz|mrz|apr|mai|jun|jul|aug|sep|okt|nov|dez|mar|may|oct|dec)/i;

/** How many signs of a line are the sign or number of a list's item. */
const bulletOf = (line: string): number => (DAY.test(line) ? 0 : (BULLET.exec(line)?.[0].length ?? 0));

/** Cuts a text into sentences, list items and form lines, in order. */
export function piecesOf(text: string, lexicon: Lexicon): readonly Piece[] {
  const pieces: Piece[] = [];
  let paragraph = 0;
  let prose: Prose | null = null;
  const flush = (): void => {
    if (prose !== null) pieces.push(...sentencesOf(text, prose, paragraph));
    prose = null;
  };
  let start = 0;
  let open: Field | null = null;
  let afterField = false;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    const trimmed = line.trim();
    const fields = trimmed === '' ? [] : fieldsIn(line, start, lexicon);
    const bullet = bulletOf(line);
    if (trimmed === '') {
      flush();
      afterField = false;
      paragraph += 1;
      if (open !== null && !listFollows(text, end)) open = null;
    } else if (fields.length > 0) {
      flush();
      for (const field of fields) pieces.push({ ...field, paragraph, item: false });
      afterField = true;
      const last = fields.at(-1);
      open =
        last !== undefined && LISTED.has(last.field) && awaitsList(text, last) && bulletOf(line) === 0
          ? last.field
          : null;
    } else if (open !== null && (bullet > 0 || /^\s/.test(line))) {
      pieces.push({ start: start + bullet, end, paragraph, item: false, field: open });
    } else if (afterField && bullet === 0 && continues(text.slice(pieces.at(-1)?.start, start - 1), line)) {
      const last = pieces.pop();
      if (last !== undefined) pieces.push({ ...last, end });
    } else if (bullet > 0) {
      flush();
      afterField = false;
      prose = { start: start + bullet, end, item: true };
    } else if (prose !== null && continues(text.slice(prose.start, prose.end), line)) {
      prose = { start: (prose as Prose).start, end, item: (prose as Prose).item };
    } else {
      flush();
      open = null;
      afterField = false;
      prose = { start, end, item: false };
    }
    start = end + 1;
  }
  flush();
  return pieces;
}

/** Fields whose value may be a list on the lines below. */
const LISTED: ReadonlySet<Field> = new Set<Field>([
  'user',
  'event',
  'property',
  'eventProperty',
  'userProperty',
  'timeFrame',
]);

/** Nothing stands behind the field's name, or a list that goes on. */
const awaitsList = (text: string, piece: Span): boolean =>
  /^\s*$|,\s*$/.test(text.slice(piece.start, piece.end));

const listFollows = (text: string, at: number): boolean =>
  BULLET.test(text.slice(at).trimStart().slice(0, 20));

/** A line continues the one before when that was wrapped: long, or the next begins in lower case. */
function continues(before: string, line: string): boolean {
  const last = before.slice(before.lastIndexOf('\n') + 1).trimEnd();
  // A word alone behind a colon is the first row of a list.
  if (/[:：]$/.test(last) && (last.length < 60 || /^\s*\S+\s*$/.test(line))) return false;
  if (isJapaneseBreak(last, line)) return japaneseContinues(last, line);
  return last.length >= 50 || /^\s*[\p{Ll}("“„«]/u.test(line) || /[,;]$/.test(last);
}

/** The form fields in one line: `Name: value`, several divided by commas or bars, or a name and a wide gap. */
function fieldsIn(
  line: string,
  offset: number,
  lexicon: Lexicon,
): readonly (Omit<Piece, 'paragraph' | 'item'> & { field: Field })[] {
  const japanese = japaneseFieldCuts(line).filter((cut) => fieldIn(line.slice(cut + 1), 0, lexicon) !== null);
  const cuts =
    japanese.length > 0 ? japanese : [...line.matchAll(/[,;|]\s{1,4}(?=[\p{L}])/gu)].map((cut) => cut.index);
  const edges = [0, ...cuts.map((cut) => cut + 1), line.length];
  const parts = edges
    .slice(0, -1)
    .map((from, index) => fieldIn(line.slice(from, edges[index + 1]), offset + from, lexicon));
  const found = parts.filter((part) => part !== null);
  if (found.length === parts.length)
    return found.map((part) => ({ ...part, end: trimEnd(line, part.end - offset) + offset }));
  // The only part is the whole line.
  if (parts.length === 1) return [];
  const whole = fieldIn(line, offset, lexicon);
  return whole === null ? [] : [whole];
}

const trimEnd = (line: string, end: number): number =>
  line.slice(0, end).replace(/[,;|、，／/；｜\s]+$/, '').length;

function fieldIn(
  line: string,
  offset: number,
  lexicon: Lexicon,
): { start: number; end: number; field: Field } | null {
  const bullet = bulletOf(line) || (/^\s*/.exec(line)?.[0].length ?? 0);
  const rest = line.slice(bullet);
  const divider = (rest.startsWith('【') ? /】/ : /[:：=\t|]| {2,}| [-–—] |\.{2,}|…{1,10}/).exec(
    rest.slice(0, LABEL_MAX + 5),
  );
  const at = divider?.index ?? japaneseSpacedLabel(rest);
  if (at === -1) return null;
  const label = fold(
    rest
      .slice(0, at)
      .replace(/[*_.…\s]+$/, '')
      .replace(/^[*_|\s]+/, ''),
  ).replace(/\s+/g, ' ');
  const field =
    lexicon.fields.get(label) ?? numbered(lexicon.fields.get(plainLabel(japaneseLabel(label))), label);
  if (field === undefined) return null;
  const skipped = /^[.…\s:：=|*_】–—-]*/.exec(rest.slice(at))?.[0].length ?? 0;
  // What is asked for may be said by the name alone: "To be deleted: source X".
  const start = field === 'action' ? bullet : bullet + at + skipped;
  return { start: offset + start, end: offset + line.trimEnd().length, field };
}

/** "From 05:10" is a time and no label with a number. */
const numbered = (field: Field | undefined, label: string): Field | undefined =>
  (field === 'firstDay' || field === 'lastDay') && /\d$/.test(label) ? undefined : field;

/** Without its number or the note behind it: "User 2", "From (DD/MM/YYYY)". */
const plainLabel = (label: string): string =>
  label
    .replace(/ ?\([^()]{1,30}\)$/, '')
    .replace(/ ?#?\d{1,2}$/, '')
    .replace(/^(?:the|our|my|affected|exact) /, '');

const SENTENCE_OPENERS =
  /^(?:The|It|This|That|These|Those|We|They|He|She|You|I|My|Our|Your|Please|And|But|So|In|If|For|All|Only|No|Not|Thanks|Thank|Workspace|Source)\b/;

/** Sentences of a run of prose. A dot after a number or a short form ends none. */
function sentencesOf(
  text: string,
  prose: { readonly start: number; readonly end: number; readonly item: boolean },
  paragraph: number,
): readonly Piece[] {
  const body = text.slice(prose.start, prose.end);
  const pieces: Piece[] = [];
  let start = 0;
  for (const stop of body.matchAll(/[.!?…]+["'”»)]?\s+|[。！？]/g)) {
    const end = stop.index + stop[0].length;
    if (
      isAbbreviation(body.slice(Math.max(start, stop.index - 12), stop.index + 1), body.slice(end, end + 12))
    )
      continue;
    pieces.push({
      start: prose.start + start,
      end: prose.start + end,
      paragraph,
      item: prose.item,
      field: null,
    });
    start = end;
  }
  if (start < body.length) {
    pieces.push({ start: prose.start + start, end: prose.end, paragraph, item: prose.item, field: null });
  }
  return pieces;
}

function isAbbreviation(before: string, after: string): boolean {
  if (/\d-\d{2}\.$/.test(before)) return false; // an ISO date ends the sentence
  // Not the end of a slug: "shop-03."
  if (/(?:^|[\s(–—/]|(?<!\p{L})-)\d{1,2}\.$/u.test(before))
    return (
      /^[\p{L}\d–-]/u.test(after) &&
      !/^\p{Lu}\p{Ll}+ (?:the|this|we|it)\b/u.test(after) &&
      !SENTENCE_OPENERS.test(after)
    );
  // "vom 3.5. bis 7.5.2024"
  if (/(?<![\d.])\d{1,2}\.\d{1,2}\.$/.test(before)) return /^[\p{Ll}\d–-]/u.test(after);
  return (
    /(?:^|[\s('’])(?:e\.g|i\.e|etc|no|nr|vs|approx|incl|inc|ltd|corp|mr|mrs|ms|dr|z\.b|d\.h|o\.g|u\.a|bzw|bzgl|ca|gem|abs|lit|inkl|einschl|ggf|evtl|vgl|tel|sig|dott|spett|rif|lett|artt?|st|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mrt|febr|okt|fev|abr|ago|set|out|dez|p|\p{L})\.$/iu.test(
      before,
    ) && !/^(?:please|we|the|it|this|bitte|wir)\b/i.test(after)
  );
}

export interface Span {
  readonly start: number;
  readonly end: number;
}
