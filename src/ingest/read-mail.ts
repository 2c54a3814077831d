/** One mail read from its bytes: what a worker thread does, and gives back as plain data. */
import type { Understanding } from '../domain/request.ts';
import { type CloserAnswer, type CloserQuestion, saysNothing } from './closer-question.ts';
import { isUnreadable, type ParsedMessage, parseMessage, type Unreadable } from './parse-message.ts';
import { isSealed } from './sealed-body.ts';
import { closerReading } from './understand/answers/answers.ts';
import { explain, mailToRead } from './understand/understand.ts';

/** A parsed mail without its bodies, which nobody needs once they are understood. */
export type MailFields = Omit<ParsedMessage, 'text' | 'html' | 'attachments'>;

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
  if (isUnreadable(message)) return message;
  const { understanding, language, tellsLanguage, disagrees, asksAnyway, ownText } = explain(
    mailToRead(message, answersForm),
  );
  const { text: _text, html: _html, attachments: _attachments, ...fields } = message;
  return {
    fields,
    understanding,
    language,
    tellsLanguage,
    disagrees,
    asksAnyway,
    sealed: isSealed(message),
    words: (message.text ?? ownText.text).slice(0, WORDS_MAX),
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
