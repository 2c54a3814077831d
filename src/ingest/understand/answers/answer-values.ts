/** One value of a bare answer, read as the same line of our form would be. */
import type { DeletionRequest, Problem, RequestField } from '../../../domain/request.ts';
import { fieldMentions, propertyOf } from '../requests/form-fields.ts';
import { isGeneric } from '../requests/generic.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { hasPhrase } from '../sentences/phrases.ts';
import { type Statement, statementsOf } from '../sentences/statements.ts';
import { fold, wordsOf } from '../sentences/words.ts';
import { datesIn } from '../time/dates.ts';
import { framesIn, isFinerThanDay } from '../time/time-frames.ts';
import { type Field, KINDS } from '../vocabulary/vocabulary.ts';
import { ALL_TIME_WORDS, type Part, type Reader } from './answer-parts.ts';
import { POINTING, SENTENCE } from './answer-words.ts';

/** A field's value as a part of a request. */
export interface Value {
  readonly field: RequestField;
  readonly given: Partial<DeletionRequest>;
  readonly workspaceName: string | null;
  readonly problem: Problem | null;
}

/** The days that the parts give, if they give nothing but days. */
export function frameOf(parts: readonly Part[], reader: Reader): Value | null {
  const { dates, lexicon } = reader;
  const first = parts.filter(({ field }) => field === 'firstDay');
  const last = parts.filter(({ field }) => field === 'lastDay');
  const isPair = parts.length === 2 && first.length === 1 && last.length === 1;
  if (!isPair && (parts.length !== 1 || first.length + last.length > 0)) return null;
  // "3. to 9 May 2024" in a list of answers: was the number a day?
  const [head] = wordsOf(parts[0]?.text ?? '');
  if (parts[0]?.number != null && head !== undefined && lexicon.time.range.includes(head.text)) return null;
  const text = isPair ? `${first[0]?.text} - ${last[0]?.text}` : spaced(parts[0]?.text ?? '', lexicon);
  const statement = formLine('Time frame', text, lexicon);
  if (statement === null) return null;
  const value = (timeFrame: DeletionRequest['timeFrame'], problem: Problem | null): Value => ({
    field: 'timeFrame',
    given: { timeFrame },
    workspaceName: null,
    problem,
  });
  if (isFinerThanDay(statement, lexicon)) return value(null, 'finer_than_day');
  const [only, more] = framesIn(statement, dates, lexicon);
  if (only === undefined || more !== undefined) return null;
  if (only.frame === null) return only.problem === null ? null : value(null, only.problem);
  if (isPair && datesIn(statement.text, dates).length !== 2) return null;
  return onlyDays(statement, only.frame, reader) ? value(only.frame, null) : null;
}

/** "3-9 May 2024" and "3. bis 9. Mai 2024" as "3 - 9 May 2024", so that both days are read. */
function spaced(text: string, { time }: Lexicon): string {
  const range = /^(\d{1,2})\.?\s{0,2}([^\s\d]{1,6})\s{0,2}(\d{1,2})(?=\.? \p{L})/u.exec(text);
  const joins = range?.[2] !== undefined && ['-', '–', ...time.range].includes(fold(range[2]));
  return joins ? `${range[1]} - ${range[3]}${text.slice(range[0].length)}` : text;
}

/** Whether every word of the line is a date or one of the small words around dates. */
function onlyDays(
  statement: Statement,
  frame: NonNullable<DeletionRequest['timeFrame']>,
  { dates, lexicon }: Reader,
): boolean {
  let left = statement.text;
  const atoms = datesIn(statement.text, dates);
  if (atoms.length === 0) return wordsOf(left).length <= ALL_TIME_WORDS;
  for (const { start, end } of [...atoms].reverse()) left = `${left.slice(0, start)} ${left.slice(end)}`;
  const small = smallWords(lexicon);
  return wordsOf(left.replaceAll(/[-–—_]/g, ' ')).every(({ text }) => {
    if (small.has(text) || isGeneric(text, lexicon)) return true;
    // "1 to 31 May 2024": the first day stands in front of the date and was read with it.
    return (
      /^\d{1,2}(?:st|nd|rd|th)?$/.test(text) &&
      frame.from?.slice(8) === String(Number.parseInt(text, 10)).padStart(2, '0')
    );
  });
}

const smallWords = ({ time }: Lexicon): ReadonlySet<string> =>
  new Set(
    [time.range, time.rangeAnd, time.between, time.from, time.since, time.after, time.before, time.until]
      .concat([time.onwards, time.orEarlier, time.within, time.frameNouns])
      .flat()
      .flatMap((phrase) => wordsOf(phrase))
      .map(({ text }) => text),
  );

const LABELS = {
  workspace: 'Workspace',
  source: 'Source',
  space: 'Space',
  users: 'Users',
  events: 'Events',
  project: 'Project',
} as const satisfies Record<Exclude<RequestField, 'timeFrame'>, string>;

/** A name as the same line of our form would give it. */
export function nameOf(
  field: Exclude<RequestField, 'timeFrame'>,
  parts: readonly Part[],
  reader: Reader,
): Value | null {
  const { lexicon } = reader;
  const listed = field === 'users' || field === 'events';
  if (!listed && parts.length !== 1) return null;
  const mentions = parts.map((part) => {
    const label = part.field === null ? null : LABEL_OF[part.field];
    const text = bareValue(field, part, reader);
    const line = text === null ? null : formLine(label ?? LABELS[field], text, lexicon);
    return line === null ? [] : fieldMentions(line, lexicon);
  });
  if (mentions.some((found) => found.length === 0 || found.some(({ name }) => name === null))) return null;
  const all = mentions.flat();
  const [only] = all;
  if (only?.name == null || (!listed && all.length !== 1)) return null;
  const value = (given: Partial<DeletionRequest>, workspaceName: string | null = null): Value => ({
    field,
    given,
    workspaceName,
    problem: null,
  });
  switch (field) {
    case 'workspace':
      return only.ref === null ? value({}, only.name) : value({ workspace: only.ref });
    case 'users':
      return value({ users: [...new Set(all.flatMap(({ name }) => name ?? []))] });
    case 'events':
      return value({
        events: all.flatMap(({ kind, name }) => (kind === 'event' && name !== null ? [name] : [])),
        properties: all.filter(({ kind }) => kind !== 'event').map(propertyOf),
      });
    default:
      return value({ [field]: only.name });
  }
}

/** Labels whose reading differs from that of the field's first one. */
const LABEL_OF: Readonly<Partial<Record<Field, string>>> = {
  workspaceId: 'Workspace ID',
  eventProperty: 'Event property',
  userProperty: 'User property',
  property: 'Property',
};

const NAME_MAX = 120;

/**
 * The text without "it's" and the like. A name that a noun of the trade, a pointing word or nothing but general words
 * make up ("the second one", "all of them", "the same source") is none.
 */
function bareValue(field: RequestField, part: Part, { lexicon, dates }: Reader): string | null {
  const text = part.text
    .replace(/^(?:(?:it['’]s|it is|that['’]s|that is|this is|yes|sure|sorry)[,:]?\s+)+/i, '')
    .trim();
  const words = wordsOf(text);
  if (text.length > NAME_MAX || words.length === 0) return null;
  if (part.field !== null) return text;
  // "May 2024" names no source, whatever its number says.
  if (datesIn(text, dates).some(({ start, end }) => end - start >= text.length - 1)) return null;
  const points = words.some((word) => POINTING.has(word.text));
  const empty = words.every((word) => isGeneric(word.text, lexicon));
  if (points || empty) return null;
  const isQuoted = /^["“„«'`]/.test(text);
  if (field === 'workspace' && /^https?:\/\/\S+$/i.test(text)) return text;
  if (!isQuoted && (words.length > BARE_WORDS_MAX || words.some((word) => SENTENCE.has(word.text))))
    return null;
  if (!isQuoted && lexicon.notWords.some((not) => fold(text).split(/\s+/).includes(not))) return null;
  const nouns = KINDS.filter((kind) => kind !== field).some((kind) => hasPhrase(words, lexicon.nouns[kind]));
  if (nouns && !isQuoted) return null;
  // Users and events are in no directory that would find a name wrong.
  if (field === 'events' && words.some((word) => lexicon.deleteWords.has(word.text))) return null;
  if (field === 'users' && wordsOutsideIds(text) > 0) return null;
  return /[.!?;]\s+\S/.test(text) ? null : text;
}

/** Words of a list of users that are no identifiers: with them it is a sentence. */
const wordsOutsideIds = (text: string): number =>
  text
    .split(/[\s,;、]+/)
    .filter((token) => /^[\p{L}'’]{2,}$/u.test(token) && !/^(?:and|und|et|y|e|en)$/i.test(token)).length;

/** Names are short; longer ones come in quotes or behind a label. */
const BARE_WORDS_MAX = 6;

/** The value as the one line of a form, `null` when it would not read as one. */
function formLine(label: string, text: string, lexicon: Lexicon): Statement | null {
  const [only, more] = statementsOf(`${label}: ${text}`, lexicon);
  return only === undefined || more !== undefined || only.role !== 'form' ? null : only;
}
