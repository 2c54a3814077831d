/** One mail read from its bytes: what a worker thread does, and gives back as plain data. */
import type { Understanding } from '../domain/request.ts';
import { type CloserAnswer, type CloserQuestion, saysNothing } from './closer-question.ts';
import { isUnreadable, type ParsedMessage, parseMessage, type Unreadable } from './parse-message.ts';
import { isSealed } from './sealed-body.ts';
import { closerReading } from './understand/answers/answers.ts';
import { explain, mailToRead } from './understand/understand.ts';

/** The header fields that are asked for once a mail is understood; names in lower case. */
const KEPT_FIELDS = [
  'x-purgedesk-loop',
  'x-auto-response-suppress',
  'delivered-to',
  'x-original-to',
  'envelope-to',
] as const;

/** What is still needed of a mail once it is understood: no more goes from thread to thread. */
export interface MailFields
  extends Pick<
    ParsedMessage,
    | 'author'
    | 'review'
    | 'messageId'
    | 'inReplyTo'
    | 'references'
    | 'subject'
    | 'returnPath'
    | 'contentType'
    | 'to'
    | 'cc'
  > {
  readonly header: ReadonlyMap<(typeof KEPT_FIELDS)[number], readonly string[]>;
}

export interface MailReading {
  readonly fields: MailFields;
  readonly understanding: Understanding;
  readonly language: string;
  /** A word of it told the language; else it was read in English. */
  readonly tellsLanguage: boolean;
  /** Its text and its HTML ask for different things. */
  readonly disagrees: boolean;
  readonly asksAnyway: boolean;
  /** Its words lie in a part that is not read: encrypted, or packed. */
  readonly sealed: boolean;
  /** What an agent can find the mail by: the beginning of its text. */
  readonly words: string;
}

/** UTF-16 code units of a mail that are searched. What lies behind them is history. */
const WORDS_MAX = 20_000;

/** @param answersForm - it is known to answer a form of ours */
export async function readMail(raw: Buffer, answersForm: boolean): Promise<MailReading | Unreadable> {
  const message = await parseMessage(raw);
  return isUnreadable(message) ? message : readingOf(message, answersForm);
}

/** Understands a parsed mail. */
export function readingOf(message: ParsedMessage, answersForm: boolean): MailReading {
  const { understanding, language, tellsLanguage, disagrees, asksAnyway, ownText } = explain(
    mailToRead(message, answersForm),
  );
  return {
    fields: fieldsOf(message),
    understanding,
    language,
    tellsLanguage,
    disagrees,
    asksAnyway,
    sealed: isSealed(message),
    words: (message.text ?? ownText.text).slice(0, WORDS_MAX),
  };
}

function fieldsOf(message: ParsedMessage): MailFields {
  const { author, review, messageId, inReplyTo, references, subject, returnPath, contentType, to, cc } =
    message;
  const header = new Map(
    KEPT_FIELDS.flatMap((name) => {
      const values = message.header.get(name);
      return values === undefined ? [] : [[name, values] as const];
    }),
  );
  return {
    header,
    author,
    review,
    messageId,
    inReplyTo,
    references,
    subject,
    returnPath,
    contentType,
    to,
    cc,
  };
}

/** Reads a mail again for one question. One that cannot be read says nothing. */
export async function readCloser<Q extends CloserQuestion>(
  raw: Buffer,
  answersForm: boolean,
  question: Q,
): Promise<CloserAnswer<Q>> {
  const message = await parseMessage(raw);
  if (isUnreadable(message)) return saysNothing(question);
  const reading = closerReading(mailToRead(message, answersForm));
  switch (question.kind) {
    case 'corrects':
      return (await reading.corrects()) as CloserAnswer<Q>;
    case 'workspace':
      return (await reading.workspace()) as CloserAnswer<Q>;
    case 'answers':
      return (await reading.answersTo(question.questions, question.language)) as CloserAnswer<Q>;
  }
}
