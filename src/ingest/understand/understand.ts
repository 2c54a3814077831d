import { dayOf } from '../../domain/calendar.ts';
import { type EvidenceSpan, missingPaths, type Understanding } from '../../domain/request.ts';
import type { ParsedMessage } from '../parse-message.ts';
import { withAllLabels } from './answers/all-labels.ts';
import { withAnswers } from './answers/inline-answers.ts';
import { automaticKind, speaksOfOurMatter } from './intent/automatic.ts';
import { pointsToSubject } from './intent/codes.ts';
import { type IntentReading, readIntent } from './intent/intent.ts';
import { ticketIn } from './intent/ticket-reference.ts';
import type { MailToRead } from './mail-to-read.ts';
import { OWN_TEXT_MAX, type OwnText, ownTextOf } from './own-text/own-text.ts';
import type { Corroborated } from './requests/mentions.ts';
import { namedIn } from './requests/named-things.ts';
import type { ReadSettings } from './requests/read-settings.ts';
import { type RequestsReading, readRequests } from './requests/requests.ts';
import { type Lexicon, lexiconFor, toldLanguage } from './sentences/lexicon.ts';
import { hasPhrase, says } from './sentences/phrases.ts';
import { type Statement, statementsOf } from './sentences/statements.ts';
import { wordsOf } from './sentences/words.ts';
import { orderIn } from './time/dates.ts';
import { isSame, saidByBoth } from './two-bodies.ts';
import { type Field, KINDS } from './vocabulary/vocabulary.ts';

export type { MailToRead } from './mail-to-read.ts';

/** What a mail says, by docs/parse.md. Pure: the mail's own Date is the only clock. Never throws on any text. */
export function understand(mail: MailToRead): Understanding {
  return explain(mail).understanding;
}

/** An understanding and what led to it. */
export interface Reading {
  readonly mail: MailToRead;
  readonly understanding: Understanding;
  /** What `evidence` points into. */
  readonly ownText: OwnText;
  readonly language: string;
  /** A word of it told the language; else it was read in English. */
  readonly tellsLanguage: boolean;
  /** The mail's text and its HTML ask for different things: a person has to look. */
  readonly disagrees: boolean;
  /**
   * A machine's mail, or a list's, in which somebody asks for a deletion with all that it needs, or to stop one. It is
   * understood as automatic all the same; a person has to look.
   */
  readonly asksAnyway: boolean;
  /** `null`: an automatic mail, or one that only passes another on. Its words are not weighed. */
  readonly words: WordsReading | null;
}

/** Of a mail that does not tell its language. */
const ASSUMED = 'en';

/** How the words of a mail were weighed. All places are those in `text`. */
export interface WordsReading {
  /** The own text, behind the subject where that is read too. */
  readonly text: string;
  /** How many signs of the subject stand in front of the own text. */
  readonly lead: number;
  readonly statements: readonly Statement[];
  readonly intent: IntentReading;
  readonly asked: RequestsReading;
  /** What the intent leaves of `asked`. */
  readonly taken: RequestsReading;
  readonly settings: ReadSettings;
}

/**
 * The understanding together with the own text that `evidence` points into, its language, and what led to it.
 * @param how.asWritten - an automatic mail's words are weighed like those of a person
 */
export function explain(
  mail: MailToRead,
  ownText: OwnText = ownTextOf(mail),
  how: { readonly asWritten?: boolean } = {},
): Reading {
  // A subject with a ticket is ours, and so is what an answer of nothing but names quotes.
  const told =
    ticketIn(mail.subject) === null
      ? toldLanguage(`${ownText.text}\n${mail.subject}`)
      : (toldLanguage(ownText.text) ?? toldLanguage(ownText.source));
  const language = told ?? ASSUMED;
  const kind = how.asWritten === true ? null : automaticKind(mail);
  const automatic = kind !== null;
  const words =
    automatic || ownText.forward === 'unhandled' ? null : read(mail, ownText, lexiconFor(language));
  const own = words === null ? unread(mail, ownText, automatic) : result(words);
  const asksAnyway = kind === 'other' && asks(mail, ownText, lexiconFor(language));
  const base = { mail, ownText, language, tellsLanguage: told !== null, asksAnyway, words };
  if (ownText.disagreement === null || automatic) return { ...base, understanding: own, disagrees: false };
  const html = { ...mail, text: null };
  const other = explain(html, ownTextOf(html), how).understanding;
  return { ...base, understanding: saidByBoth(own, other), disagrees: !isSame(own, other) };
}

function asks(mail: MailToRead, ownText: OwnText, lexicon: Lexicon): boolean {
  if (ownText.forward === 'unhandled' || !speaksOfOurMatter(ownText.text)) return false;
  const { intent, missing, ticket, requests } = result(read(mail, ownText, lexicon));
  if (intent === 'delete') return missing.length === 0;
  return intent === 'cancel' && (ticket !== null || requests.some(({ workspace }) => workspace !== null));
}

export function mailToRead(message: ParsedMessage, answersForm = false): MailToRead {
  return {
    header: (name) => message.header.get(name.toLowerCase()) ?? [],
    subject: message.subject,
    date: message.date,
    author: message.author,
    authorName: message.from.name,
    mediaType: message.contentType.type,
    partTypes: message.attachments.map(({ contentType, method }) =>
      method === null ? contentType : `${contentType}; method=${method}`,
    ),
    answersForm,
    text: message.text,
    html: message.html,
  };
}

function unread(mail: MailToRead, { text }: OwnText, autoReply: boolean): Understanding {
  const ticket = ticketIn(mail.subject) ?? (autoReply ? null : ticketIn(text));
  return {
    intent: 'other',
    autoReply,
    ticket,
    code: null,
    requests: [],
    problems: [],
    missing: [],
    evidence: [],
  };
}

function read(mail: MailToRead, ownText: OwnText, detected: Lexicon): WordsReading {
  const answers = mail.answersForm || ticketIn(mail.subject) !== null;
  const lexicon = answers ? withAllLabels(detected) : detected;
  const own = new Set(wordsOf(mail.authorName ?? '').map((word) => word.text));
  const { text, isSubject } = withSubject(mail.subject, ownText.text, lexicon);
  const settings = settingsOf(mail, text, lexicon);
  const lead = isSubject ? text.length - ownText.text.length : 0;
  const statements = statementsOf(text, lexicon, (pieces) =>
    answers ? withAnswers(pieces, text, ownText, lead, { ...settings, own }) : pieces,
  );
  const spoken = headed(isSubject ? asSubjectSays(statements, lexicon) : statements, mail, lexicon);
  const asked = readRequests(spoken, settings);
  const intent = readIntent(mail, spoken, text, lexicon, asked.requests.length > 0);
  const taken = intent.intent === 'delete' ? asked : namedIn(intent.intent, statements, settings);
  return { text, lead, statements: spoken, intent, asked, taken, settings };
}

/**
 * The subject is read when the body points to it or is empty. It then stands in front of the own text. One with a
 * ticket is ours, also where our mail is passed on without a word.
 */
function withSubject(subject: string, own: string, lexicon: Lexicon): { text: string; isSubject: boolean } {
  const bare = subject.replace(/^(?:\s*(?:re|aw|sv|antw|fwd?|wg)\s*:)+/i, '').trim();
  const empty = own.trim() === '';
  const points = pointsToSubject(own) && !hasPhrase(wordsOf(own.slice(0, 2_000)), lexicon.acts.headline);
  const isOurs = /^\s*re:/i.test(subject) || ticketIn(subject) !== null;
  return (empty || points) && bare !== '' && !isOurs
    ? { text: `${bare}\n\n${own}`, isSubject: true }
    : { text: own, isSubject: false };
}

/** "Please do what the subject says": a subject that names a deletion asks for it. */
const asSubjectSays = (statements: readonly Statement[], lexicon: Lexicon): readonly Statement[] =>
  statements.some(({ role }) => role === 'request' || role === 'negated' || role === 'keep')
    ? statements
    : statements.map((each, index) =>
        index === 0 && each.role === 'statement' && says(each, lexicon.acts.headline)
          ? { ...each, role: 'request' }
          : each,
      );

/**
 * A form under a headline or a subject that says "deletion request" asks for what its fields name; so do the answers to
 * our own questions when they name the thing. A workspace alone may be part of an older request and asks for nothing.
 */
function headed(statements: readonly Statement[], mail: MailToRead, lexicon: Lexicon): readonly Statement[] {
  const { subject } = mail;
  const forms = statements.filter(({ role }) => role === 'form');
  const [form] = forms;
  if (form === undefined || statements.some(({ role }) => role === 'request' || role === 'negated'))
    return statements;
  const says = (text: string): boolean => hasPhrase(wordsOf(text), lexicon.acts.headline);
  const asking = (chosen: Statement): readonly Statement[] =>
    statements.map((each) => (each === chosen ? { ...each, role: 'request' } : each));
  const head = statements.find(
    (each) =>
      each.role === 'statement' &&
      each.words.length <= 10 &&
      !each.status &&
      !each.cancels &&
      says(each.text),
  );
  if (head !== undefined && forms.length >= 2) return asking(head);
  if (statements.some((each) => each.role === 'question' || each.cancels || each.status)) return statements;
  const answers =
    mail.answersForm ||
    (ticketIn(subject) !== null && forms.some(({ field }) => field !== null && THING_FIELDS.has(field)));
  const scope = forms.find((each) => each.field === 'action');
  if (scope !== undefined && says(subject)) return asking(scope);
  return answers || (forms.length >= 2 && says(subject)) ? asking(form) : statements;
}

const THING_FIELDS: ReadonlySet<Field> = new Set<Field>([
  'source',
  'space',
  'user',
  'event',
  'eventProperty',
  'userProperty',
  'property',
]);

function settingsOf(mail: MailToRead, text: string, lexicon: Lexicon): ReadSettings {
  const label = mail.author?.split('@')[1]?.split('.')[0];
  const corroborated = corroborationOf(label === undefined || PROVIDERS.has(label) ? '' : label);
  const today = mail.date === null ? null : dayOf(mail.date);
  const subject = wordsOf(mail.subject);
  return {
    lexicon,
    dates: { today, order: orderIn(text), words: lexicon.time },
    corroborated,
    topics: new Set(KINDS.filter((kind) => hasPhrase(subject, lexicon.nouns[kind]))),
    targets: new Set<Statement['role']>(['request']),
    truncated: text.length >= OWN_TEXT_MAX - 1,
  };
}

/** A slug that begins like the sender's domain: `acme`, `acme-eu`, `acme-7` of acme.example or acme-inc.example. */
function corroborationOf(label: string): Corroborated {
  const bare = label.replace(/[-_]/g, '');
  const [first = ''] = label.split('-');
  const hint = first.length >= LABEL_MIN ? first.slice(0, LABEL_MIN) : bare.slice(0, LABEL_MIN);
  if (bare.length < LABEL_MIN) return { has: () => false };
  return {
    has: (token) => {
      const plain = token.replace(/[-_]/g, '');
      if (plain === bare) return true;
      if (!/[-\d]/.test(token)) return false;
      return (
        plain.startsWith(bare) ||
        token.split('-')[0] === first ||
        (bare.startsWith(plain) && plain.length > LABEL_MIN)
      );
    },
    hint,
  };
}
const LABEL_MIN = 4;

/** Mail providers speak for nobody's slug. */
const PROVIDERS = new Set(
  'gmail googlemail outlook hotmail live yahoo icloud me gmx web proton protonmail mail aol'.split(' '),
);

/** Evidence in the subject points nowhere. */
function result({ text, intent, taken: reading, lead }: WordsReading): Understanding {
  const evidence: EvidenceSpan[] = [...reading.evidence];
  if (intent.code !== null) {
    const { start, end } = intent.code;
    if (end - start === 6) evidence.push({ field: 'code', text: text.slice(start, end), start, end });
  }
  return {
    intent: intent.intent,
    autoReply: false,
    ticket: intent.ticket,
    code: intent.code?.text ?? null,
    requests: reading.requests,
    problems: reading.problems,
    missing: missingPaths(intent.intent, reading.requests),
    evidence: evidence
      .filter(({ start }) => start >= lead)
      .map((span) => ({ ...span, start: span.start - lead, end: span.end - lead })),
  };
}
