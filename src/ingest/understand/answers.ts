/** Bare answers to the desk's own questions: lines that mean something only beside what was asked. */
import type { CloserReading, Answers, Questions } from '../../domain/mail.ts';
import type { DeletionRequest, Problem, RequestField } from '../../domain/request.ts';
import { type DateSettings, datesIn, orderIn } from './dates.ts';
import { fieldMentions, propertyOf } from './form-fields.ts';
import { isGeneric } from './generic.ts';
import { type Lexicon, languageOf, lexiconFor } from './lexicon.ts';
import type { MailToRead } from './mail-to-read.ts';
import { isAutomatic } from './automatic.ts';
import { ownTextOf } from './own-text.ts';
import { hasPhrase } from './phrases.ts';
import { type Statement, statementsOf } from './statements.ts';
import { framesIn, isFinerThanDay } from './time-frames.ts';
import { type Field, KINDS } from './vocabulary/vocabulary.ts';
import { fold, wordsOf } from './words.ts';
import { workspaceSaid } from './workspace-said.ts';
import { dayOf } from '../../domain/calendar.ts';

/** What a mail says beyond its understanding, read when it is asked for. */
export const closerReading = (mail: MailToRead): CloserReading => ({
  corrects: () => corrects(mail),
  workspace: () => workspaceSaid(mail),
  answersTo: (questions) => readAnswers(mail, questions),
});

/** More than this is no bare answer. UTF-16 code units, and lines. */
const TEXT_MAX = 4_000;
const LINES_MAX = 60;

function corrects(mail: MailToRead): boolean {
  const { text } = ownTextOf(mail);
  return statementsOf(text, lexiconFor(languageOf(`${text}\n${mail.subject}`))).some((each) => each.corrects);
}

/**
 * Reads a mail that consists of answers and courtesies only. A value is taken where exactly one question can have it:
 * by a label, by the number of the question, as the only date, or because there are as many values as questions, in the
 * same order. Anything else in the mail, a question, a doubt, a negation, makes all of it unclear.
 * @returns `null` when it is not certain what is answered
 */
export function readAnswers(mail: MailToRead, questions: readonly Questions[]): Answers | null {
  const { text, forward } = ownTextOf(mail);
  if (questions.length === 0 || forward !== 'none' || isAutomatic(mail)) return null;
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0 || lines.length > LINES_MAX || text.length > TEXT_MAX) return null;
  const lexicon = lexiconFor(languageOf(`${text}\n${mail.subject}`));
  if (statementsOf(text, lexicon).some((each) => speaksOtherwise(each, lexicon))) return null;
  const reader: Reader = {
    lexicon,
    dates: {
      today: mail.date === null ? null : dayOf(mail.date),
      order: orderIn(text),
      words: lexicon.time,
    },
    own: new Set(fold(mail.authorName ?? '').split(/[\s,]+/)),
  };
  const found: Found[] = [];
  for (const section of sectionsOf(lines, questions)) {
    const given = answersIn(section, reader);
    if (given === null) return null;
    found.push(...given);
  }
  return found.length === 0 ? null : joined(found, questions);
}

/** Words that make a mail something else than an answer. A correction is an answer still. */
function speaksOtherwise(each: Statement, { acts }: Lexicon): boolean {
  if (each.asks || each.cancels || each.status || each.excludes || each.undecided) return true;
  if (OTHER_ROLES.has(each.role)) return true;
  return [acts.unsure, acts.wavering, acts.condition, acts.later, acts.negation].some((act) =>
    hasPhrase(each.words, act),
  );
}

const OTHER_ROLES: ReadonlySet<Statement['role']> = new Set<Statement['role']>([
  'request',
  'negated',
  'keep',
  'question',
  'past',
  'orders',
]);

interface Reader {
  readonly lexicon: Lexicon;
  readonly dates: DateSettings;
  /** The words of the writer's own name. */
  readonly own: ReadonlySet<string>;
}

interface Section {
  readonly lines: readonly string[];
  readonly questions: readonly Questions[];
}

/** Lines behind a ticket's number speak of that ticket, all others of any that was asked about. */
function sectionsOf(lines: readonly string[], questions: readonly Questions[]): readonly Section[] {
  const sections: { lines: string[]; questions: readonly Questions[] }[] = [{ lines: [], questions }];
  for (const line of lines) {
    const head = /^\[?(PD-\d{1,15})\]?\s*(?:[:：.)–—-]+\s*|$)/i.exec(line);
    const rest = head === null ? line : line.slice(head[0].length);
    if (head !== null) {
      const named = head[1]?.toUpperCase();
      sections.push({ lines: [], questions: questions.filter(({ reference }) => reference === named) });
    }
    if (rest !== '') sections.at(-1)?.lines.push(rest);
  }
  return sections.filter((section) => section.lines.length > 0);
}

/** One value that was found, for one ticket. */
interface Found {
  readonly ticketId: number;
  readonly value: Value;
}

/** A field's value as a part of a request. */
interface Value {
  readonly field: RequestField;
  readonly given: Partial<DeletionRequest>;
  readonly workspaceName: string | null;
  readonly problem: Problem | null;
}

/** One question about one ticket. */
interface Question {
  readonly ticketId: number;
  readonly field: RequestField;
}

/** One line, or a part of one, without its number and its label. */
interface Part {
  readonly number: number | null;
  readonly field: Field | null;
  readonly text: string;
}

function answersIn({ lines, questions }: Section, reader: Reader): readonly Found[] | null {
  const asked = questions.flatMap(({ ticketId, asks }) =>
    asks.flatMap(({ field }): Question[] => (field === 'scope' ? [] : [{ ticketId, field }])),
  );
  const parts = lines.flatMap((line) => partsOf(line, reader.lexicon)).filter((part) => !isCourtesy(part, reader));
  if (parts.length === 0) return [];
  if (asked.length === 0) return null;
  const numbered = parts.filter(({ number }) => number !== null);
  if (numbered.length > 0) return numbered.length === parts.length ? byNumber(parts, asked, questions, reader) : null;
  const labelled = byLabel(parts, asked, questions, reader);
  if (labelled === null) return null;
  const taken = (question: Question): boolean =>
    labelled.some(({ ticketId, value }) => ticketId === question.ticketId && value.field === question.field);
  const bare = parts.filter(({ field }) => field === null);
  const rest = byPlace(bare, asked.filter((question) => !taken(question)), reader);
  return rest === null ? null : [...labelled, ...rest];
}

const NUMBERED = /^\(?(\d{1,2})\s*[.):]\s+(?=\S)/;

/** `2. acme-inc`, `Source: Web`, `• May 2024`; several numbers in one line are as many parts. */
function partsOf(line: string, lexicon: Lexicon): readonly Part[] {
  const number = NUMBERED.exec(line);
  if (number !== null) return numberedIn(line, lexicon);
  return [partOf(line.replace(/^(?:[-*•·‣◦–—+]\s+)/, ''), null, lexicon)];
}

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

function partOf(text: string, number: number | null, lexicon: Lexicon): Part {
  const [only, more] = statementsOf(text, lexicon);
  const trimmed = text.trim().replace(/[.!;,]+$/, '');
  if (only?.field == null || more !== undefined) return { number, field: null, text: trimmed };
  return { number, field: only.field, text: only.text.trim() };
}

/** "Hi", "Thanks for getting back to me", "Ada": words that answer nothing. */
function isCourtesy({ field, number, text }: Part, { lexicon, own }: Reader): boolean {
  if (field === 'aside' || field === 'ticket') return true;
  if (field !== null || number !== null) return false;
  const words = wordsOf(text);
  return (
    !/\d/.test(text) &&
    words.every((word) => isGeneric(word.text, lexicon) || COURTESIES.has(word.text) || own.has(word.text))
  );
}

const COURTESIES = new Set(
  'hi hello hey dear team support sir madam good morning afternoon evening sorry apologies delay reply message mail getting back me you your quick response asking help sure yes ok okay here go goes see below answer answers details detail information info requested asked as above kind best warm regards cheers sincerely many very much again hallo guten tag morgen danke vielen dank viele grüße gruß freundlichen liebe bonjour merci cordialement hola gracias saludos olá obrigado obrigada ciao grazie saluti dag bedankt groeten met vriendelijke mit'.split(
    ' ',
  ),
);

/** Numbers answer the questions in their order; the questions of several tickets have no common count. */
function byNumber(
  parts: readonly Part[],
  asked: readonly Question[],
  questions: readonly Questions[],
  reader: Reader,
): readonly Found[] | null {
  if (questions.length !== 1 || new Set(parts.map(({ number }) => number)).size < parts.length) return null;
  return every(parts, (part) => {
    const question = asked[(part.number ?? 0) - 1];
    if (question === undefined) return null;
    if (part.field !== null && FIELD_OF[part.field] !== question.field) return null;
    return foundIn(question, [part], reader);
  });
}

/** A label says which question is meant. Two labels make a time frame: the first and the last day. */
function byLabel(
  parts: readonly Part[],
  asked: readonly Question[],
  questions: readonly Questions[],
  reader: Reader,
): readonly Found[] | null {
  const labelled = parts.filter(({ field }) => field !== null);
  const fields = new Set(labelled.map(({ field }) => (field === null ? undefined : FIELD_OF[field])));
  return every([...fields], (field) => {
    if (field === undefined) return null;
    const own = labelled.filter((part) => part.field !== null && FIELD_OF[part.field] === field);
    const meant = asked.filter((question) => question.field === field);
    const [lone] = questions;
    // What was not asked for is still said, and may contradict what is known: the ticket decides.
    const question = meant.length === 0 && questions.length === 1 && lone !== undefined ? { ticketId: lone.ticketId, field } : meant[0];
    return question === undefined || meant.length > 1 ? null : foundIn(question, own, reader);
  });
}

const FIELD_OF: Readonly<Partial<Record<Field, RequestField>>> = {
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

/** Values without number and label: dates for the one time frame, the others in the order of the questions. */
function byPlace(parts: readonly Part[], asked: readonly Question[], reader: Reader): readonly Found[] | null {
  if (parts.length === 0) return [];
  const [only] = parts;
  const split = parts.length === 1 && asked.length > 1 && only !== undefined ? pieces(only) : parts;
  const dated = split.filter(({ text }) => datesIn(text, reader.dates).length > 0);
  const names = split.filter((part) => !dated.includes(part));
  const frames = asked.filter(({ field }) => field === 'timeFrame');
  const others = asked.filter(({ field }) => field !== 'timeFrame');
  const allTime = names.filter(({ text }) => isAllTime(text, reader));
  if (dated.length === 0 && frames.length === 1 && allTime.length === 1) {
    dated.push(...allTime);
    names.splice(names.indexOf(dated[0] as Part), 1);
  }
  if (dated.length > 1 || (dated.length === 1 && frames.length !== 1)) return null;
  const [frame] = frames;
  const when = dated.length === 1 && frame !== undefined ? foundIn(frame, dated, reader) : [];
  const what = namesOf(names, others, reader);
  return when === null || what === null ? null : [...when, ...what];
}

/** "acme-inc, Website Prod, May 2024". */
const pieces = ({ text }: Part): readonly Part[] =>
  text
    .split(/[;,]\s+/)
    .slice(0, LINES_MAX)
    .map((piece) => ({ number: null, field: null, text: piece.trim() }));

function namesOf(names: readonly Part[], asked: readonly Question[], reader: Reader): readonly Found[] | null {
  if (names.length === 0) return [];
  const [question] = asked;
  // A list of users or events may stand on many lines when it is all that was asked for.
  if (asked.length === 1 && question !== undefined && (question.field === 'users' || question.field === 'events'))
    return foundIn(question, names, reader);
  if (names.length !== asked.length || new Set(asked.map(({ ticketId }) => ticketId)).size > 1) return null;
  return every(names, (part, index) => {
    const at = asked[index];
    return at === undefined ? null : foundIn(at, [part], reader);
  });
}

function every<T>(things: readonly T[], read: (thing: T, index: number) => readonly Found[] | null): readonly Found[] | null {
  const found = things.map(read);
  return found.some((each) => each === null) ? null : found.flatMap((each) => each ?? []);
}

function foundIn({ ticketId, field }: Question, parts: readonly Part[], reader: Reader): readonly Found[] | null {
  const value = field === 'timeFrame' ? frameOf(parts, reader) : nameOf(field, parts, reader);
  return value === null ? null : [{ ticketId, value }];
}

/** The days that the parts give, if they give nothing but days. */
function frameOf(parts: readonly Part[], reader: Reader): Value | null {
  const { dates, lexicon } = reader;
  const first = parts.filter(({ field }) => field === 'firstDay');
  const last = parts.filter(({ field }) => field === 'lastDay');
  const isPair = parts.length === 2 && first.length === 1 && last.length === 1;
  if (!isPair && (parts.length !== 1 || first.length + last.length > 0)) return null;
  const text = isPair ? `${first[0]?.text} - ${last[0]?.text}` : (parts[0]?.text ?? '');
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
    return /^\d{1,2}(?:st|nd|rd|th)?$/.test(text) && frame.from?.slice(8) === String(Number.parseInt(text, 10)).padStart(2, '0');
  });
}

const ALL_TIME_WORDS = 4;

const smallWords = ({ time }: Lexicon): ReadonlySet<string> =>
  new Set(
    [time.range, time.rangeAnd, time.between, time.from, time.since, time.after, time.before, time.until]
      .concat([time.onwards, time.orEarlier, time.within, time.frameNouns])
      .flat()
      .flatMap((phrase) => wordsOf(phrase))
      .map(({ text }) => text),
  );

const isAllTime = (text: string, { lexicon }: Reader): boolean =>
  hasPhrase(wordsOf(text), lexicon.timePhrases.allTime) && wordsOf(text).length <= ALL_TIME_WORDS;

const LABELS = {
  workspace: 'Workspace',
  source: 'Source',
  space: 'Space',
  users: 'Users',
  events: 'Events',
  project: 'Project',
} as const satisfies Record<Exclude<RequestField, 'timeFrame'>, string>;

/** A name as the same line of our form would give it. */
function nameOf(field: Exclude<RequestField, 'timeFrame'>, parts: readonly Part[], reader: Reader): Value | null {
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
function bareValue(field: RequestField, part: Part, { lexicon }: Reader): string | null {
  const text = part.text.replace(/^(?:(?:it['’]s|it is|that['’]s|that is|this is|yes|sure|sorry)[,:]?\s+)+/i, '').trim();
  const words = wordsOf(text);
  if (text.length > NAME_MAX || words.length === 0) return null;
  if (part.field !== null) return text;
  const points = words.some((word) => POINTING.has(word.text));
  const empty = words.every((word) => isGeneric(word.text, lexicon));
  if (points || empty) return null;
  const nouns = KINDS.some((kind) => hasPhrase(words, lexicon.nouns[kind]));
  if (nouns && !/^["“„«'`]/.test(text)) return field === 'space' && words.length <= 4 ? text : null;
  // Users and events are in no directory that would find a name wrong.
  if (field === 'events' && words.some((word) => lexicon.deleteWords.has(word.text))) return null;
  if (field === 'users' && wordsOutsideIds(text) > 0) return null;
  return /[.!?;]\s+\S/.test(text) ? null : text;
}

/** Words of a list of users that are no identifiers: with them it is a sentence. */
const wordsOutsideIds = (text: string): number =>
  text.split(/[\s,;、]+/).filter((token) => /^[\p{L}'’]{2,}$/u.test(token) && !/^(?:and|und|et|y|e|en)$/i.test(token)).length;

const POINTING = new Set(
  'first second third last latter former other another same both either neither previous one ones mentioned said above below whichever erste ersten zweite zweiten letzte letzten andere anderen gleiche beide premier première deuxième second dernier dernière même autre primero primera segundo segunda último última mismo misma otro otra ambos primeiro primeira mesmo outro ultimo primo prima secondo altro stesso eerste tweede laatste andere zelfde'.split(
    ' ',
  ),
);

/** The value as the one line of a form, `null` when it would not read as one. */
function formLine(label: string, text: string, lexicon: Lexicon): Statement | null {
  const [only, more] = statementsOf(`${label}: ${text}`, lexicon);
  return only === undefined || more !== undefined || only.role !== 'form' ? null : only;
}

/** All values of a ticket in one request. A field that is answered twice is not answered. */
function joined(found: readonly Found[], questions: readonly Questions[]): Answers | null {
  const answers: Answers['answers'][number][] = [];
  for (const { ticketId, scope } of questions) {
    const values = found.filter((each) => each.ticketId === ticketId).map(({ value }) => value);
    if (values.length === 0) continue;
    if (new Set(values.map(({ field }) => field)).size < values.length) return null;
    const given = values.reduce((known, value) => ({ ...known, ...value.given }), { ...NOTHING, scope });
    answers.push({
      ticketId,
      given,
      workspaceName: values.find(({ workspaceName }) => workspaceName !== null)?.workspaceName ?? null,
    });
  }
  const problems = [...new Set(found.flatMap(({ value }) => value.problem ?? []))];
  return { answers, problems };
}

const NOTHING: Omit<DeletionRequest, 'scope'> = {
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
};
