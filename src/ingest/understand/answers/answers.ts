/** Bare answers to the desk's own questions: lines that mean something only beside what was asked. */
import { dayOf } from '../../../domain/calendar.ts';
import type { Answers, CloserReading, Questions } from '../../../domain/mail.ts';
import type { DeletionRequest, RequestField } from '../../../domain/request.ts';
import { isAutomatic } from '../intent/automatic.ts';
import type { MailToRead } from '../mail-to-read.ts';
import { type OwnText, ownTextOf } from '../own-text/own-text.ts';
import { type Lexicon, languageOf, lexiconFor } from '../sentences/lexicon.ts';
import { hasPhrase } from '../sentences/phrases.ts';
import { type Statement, statementsOf } from '../sentences/statements.ts';
import { fold } from '../sentences/words.ts';
import { datesIn, orderIn } from '../time/dates.ts';
import { workspaceSaid } from '../workspace-said.ts';
import { FIELD_OF, isAllTime, isCourtesy, type Part, partsOf, type Reader, withDay } from './answer-parts.ts';
import { frameOf, nameOf, type Value } from './answer-values.ts';
import { INSTEAD } from './answer-words.ts';

/** What a mail says beyond its understanding, read when it is asked for. */
export function closerReading(mail: MailToRead): CloserReading {
  let known: OwnText | null = null;
  const own = (): OwnText => {
    known ??= ownTextOf(mail);
    return known;
  };
  return {
    corrects: () => corrects(mail, own().text),
    workspace: () => workspaceSaid(mail),
    answersTo: (questions, language) => readAnswers(mail, questions, language, own()),
  };
}

/** More than this is no bare answer. UTF-16 code units, and lines. */
const TEXT_MAX = 4_000;
const LINES_MAX = 60;

/** For certain: "sorry" alone is a courtesy. */
function corrects(mail: MailToRead, text: string): boolean {
  if (text.length > CORRECTION_MAX) return false;
  return statementsOf(text, lexiconFor(languageOf(`${text}\n${mail.subject}`))).some(
    (each) => each.doubt || (each.corrects && each.words.some((word) => INSTEAD.has(word.text))),
  );
}

/** A longer mail is no short word of correction: what it says otherwise is asked. UTF-16 code units. */
const CORRECTION_MAX = 20_000;

/**
 * Reads a mail that consists of answers and courtesies only. A value is taken where exactly one question can have it:
 * by a label, by the number of the question, as the only date, or because there are as many values as questions, in the
 * same order. Anything else in the mail, a question, a doubt, a negation, makes all of it unclear.
 * A mail of few words tells no language: what cannot be read in its own is read in that of the conversation.
 * @returns `null` when it is not certain what is answered
 */
export function readAnswers(
  mail: MailToRead,
  questions: readonly Questions[],
  language: string,
  { text, forward }: OwnText = ownTextOf(mail),
): Answers | null {
  if (questions.length === 0 || forward !== 'none' || isAutomatic(mail)) return null;
  const own = languageOf(`${text}\n${mail.subject}`);
  const read = (lexicon: Lexicon): Answers | null => readIn(lexicon, text, mail, questions);
  return read(lexiconFor(own)) ?? (own === language ? null : read(lexiconFor(language)));
}

function readIn(
  lexicon: Lexicon,
  text: string,
  mail: MailToRead,
  questions: readonly Questions[],
): Answers | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0 || lines.length > LINES_MAX || text.length > TEXT_MAX) return null;
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

/** One question about one ticket. */
interface Question {
  readonly ticketId: number;
  readonly field: RequestField;
}

function answersIn({ lines, questions }: Section, reader: Reader): readonly Found[] | null {
  const asked = questions.flatMap(({ ticketId, asks }) =>
    asks.flatMap(({ field }): Question[] => (field === 'scope' ? [] : [{ ticketId, field }])),
  );
  const all = lines
    .flatMap((line) => partsOf(line, reader.lexicon))
    .filter((part) => !isCourtesy(part, reader));
  if (all.length === 0) return [];
  if (asked.length === 0) return null;
  const [lone, more] = all.filter(({ number }) => number !== null);
  const parts = every(all, (part) => {
    const read = part === lone && more === undefined ? withDay(part, asked.length, reader) : part;
    return read === null ? null : [read];
  });
  if (parts === null) return null;
  if (parts.some(({ number }) => number !== null)) {
    return parts.every(({ number }) => number !== null) ? byNumber(parts, asked, questions, reader) : null;
  }
  const labelled = byLabel(parts, asked, questions, reader);
  if (labelled === null) return null;
  const taken = (question: Question): boolean =>
    labelled.some(({ ticketId, value }) => ticketId === question.ticketId && value.field === question.field);
  const bare = parts.filter(({ field }) => field === null);
  const rest = byPlace(
    bare,
    asked.filter((question) => !taken(question)),
    reader,
  );
  return rest === null ? null : [...labelled, ...rest];
}

/** Numbers answer the questions in their order; the questions of several tickets have no common count. */
function byNumber(
  parts: readonly Part[],
  asked: readonly Question[],
  questions: readonly Questions[],
  reader: Reader,
): readonly Found[] | null {
  const [only, more] = asked;
  // The numbers of a list: "1. user_1", "2. user_2".
  if (only !== undefined && more === undefined && isListed(only)) return foundIn(only, parts, reader);
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
    const question =
      meant.length === 0 && questions.length === 1 && lone !== undefined
        ? { ticketId: lone.ticketId, field }
        : meant[0];
    return question === undefined || meant.length > 1 ? null : foundIn(question, own, reader);
  });
}

/** Values without number and label: dates for the one time frame, the others in the order of the questions. */
function byPlace(
  parts: readonly Part[],
  asked: readonly Question[],
  reader: Reader,
): readonly Found[] | null {
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

function namesOf(
  names: readonly Part[],
  asked: readonly Question[],
  reader: Reader,
): readonly Found[] | null {
  if (names.length === 0) return [];
  const [question] = asked;
  // A list of users or events may stand on many lines when it is all that was asked for.
  if (asked.length === 1 && question !== undefined && isListed(question))
    return foundIn(question, names, reader);
  if (names.length !== asked.length || new Set(asked.map(({ ticketId }) => ticketId)).size > 1) return null;
  return every(names, (part, index) => {
    const at = asked[index];
    return at === undefined ? null : foundIn(at, [part], reader);
  });
}

const isListed = ({ field }: Question): boolean => field === 'users' || field === 'events';

/** What is read from all things, `null` when one of them cannot be read. */
function every<T, Read>(
  things: readonly T[],
  read: (thing: T, index: number) => readonly Read[] | null,
): readonly Read[] | null {
  const found = things.map(read);
  return found.some((each) => each === null) ? null : found.flatMap((each) => each ?? []);
}

function foundIn(
  { ticketId, field }: Question,
  parts: readonly Part[],
  reader: Reader,
): readonly Found[] | null {
  const value = field === 'timeFrame' ? frameOf(parts, reader) : nameOf(field, parts, reader);
  return value === null ? null : [{ ticketId, value }];
}

/** All values of a ticket in one request. A field that is answered twice is not answered. */
function joined(found: readonly Found[], questions: readonly Questions[]): Answers | null {
  const answers: Answers['answers'][number][] = [];
  for (const { ticketId, scope } of questions) {
    const values = found.filter((each) => each.ticketId === ticketId).map(({ value }) => value);
    if (values.length === 0) continue;
    if (new Set(values.map(({ field }) => field)).size < values.length) return null;
    const given: DeletionRequest = Object.assign(
      { ...NOTHING, scope },
      ...values.map((value) => value.given),
    );
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
