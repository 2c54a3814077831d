import type { Intent } from '../../domain/request.ts';
import { isJapanesePlea, isJapaneseStop, japaneseAsksHow } from './japanese/clauses.ts';
import type { Lexicon } from './lexicon.ts';
import type { MailToRead } from './mail-to-read.ts';
import { hasPhrase, hitsOf, type PhraseHit, says } from './phrases.ts';
import type { Statement } from './statements.ts';
import { fold, wordsOf } from './words.ts';

/** What the mail wants, with the signals that led to it. */
export interface IntentReading {
  readonly intent: Intent;
  readonly ticket: string | null;
  readonly code: { readonly text: string; readonly start: number; readonly end: number } | null;
}

/** `scoped`: the mail names something to delete, by a form or in a request. */
export function readIntent(
  mail: MailToRead,
  statements: readonly Statement[],
  ownText: string,
  lexicon: Lexicon,
  scoped: boolean,
): IntentReading {
  const ticket = ticketIn(mail.subject) ?? ticketIn(ownText);
  const isReply =
    ticket !== null ||
    mail.header('in-reply-to').length > 0 ||
    /^\s*(?:re|aw|sv|antw)\s*:/i.test(mail.subject);
  const spoken = statements.filter(({ role }) => role !== 'orders' && role !== 'aside');
  const cancels = spoken.some(
    (each) => each.cancels && each.role !== 'form' && !(each.role === 'question' && asksHow(each, lexicon)),
  );
  const shouts =
    isReply &&
    spoken.some(
      ({ words, text }) =>
        (words.length <= 2 && lexicon.cancelWords.has(words[0]?.text ?? '')) || isJapaneseStop(text),
    );
  if (shouts) return { intent: 'cancel', ticket, code: null };
  const requests = spoken.filter(({ role }) => role === 'request');
  const undecided = spoken.some((each) => each.undecided && !each.cancels);
  const codes = isReply ? [...codesIn(spoken, ownText, lexicon), ...codesInSubject(mail, ownText)] : [];
  const [code] = codes;
  const reading = (intent: Intent): IntentReading => ({
    intent,
    ticket,
    code: intent === 'verify' && codes.length === 1 && code !== undefined ? code : null,
  });
  if (undecided && !scoped) return reading('other');
  const corrects = spoken.some((each) => each.corrects && each.role === 'request');
  if (cancels && !(requests.length > 0 && scoped && corrects)) return reading('cancel');
  const confirms =
    codes.length > 1 || (codes.length === 1 && !spoken.some((each) => wavers(each, codes, lexicon)));
  if (confirms && !(requests.length > 0 && scoped)) return reading('verify');
  if (undecided) return reading('other');
  const status = spoken.some(
    (each) => each.status && each.role !== 'request' && (each.asks || each.role !== 'negated'),
  );
  if (status && !scoped) return reading('status');
  if (requests.length > 0 && (scoped || asksPlainly(requests, lexicon))) return reading('delete');
  if (status) return reading('status');
  if (requests.length > 0) return reading('delete');
  if (spoken.some(({ role }) => role === 'negated') && (isReply || scoped)) return reading('cancel');
  const begs = spoken.some(
    (each) =>
      each.role === 'negated' &&
      !each.asks &&
      (each.words.some(({ text }) => PLEASE.has(text)) || isJapanesePlea(each.text)),
  );
  return reading(begs ? 'cancel' : 'other');
}

/** "Please do not delete …" without a deletion that is wanted stops one that somebody fears. */
const PLEASE = new Set(
  'please kindly bitte merci veuillez prière favor favore prego preghiamo ruego rogamos gelieve graag alstublieft peço pedimos'.split(
    ' ',
  ),
);

/** `PD-1042`, upper case. */
export function ticketIn(text: string): string | null {
  return (
    /(?<![\p{Script=Latin}\p{N}_-])PD-([1-9]\d{0,14})(?![\p{Script=Latin}\p{N}_]|-\d)/iu
      .exec(text.slice(0, 20_000))?.[0]
      .toUpperCase() ?? null
  );
}

/**
 * Words beside a code that make it no confirmation: a question what it is for, a doubt, a condition, a later time, or a
 * change of what is to go. The desk asks back.
 */
function wavers(each: Statement, codes: readonly Candidate[], lexicon: Lexicon): boolean {
  const { acts } = lexicon;
  if (each.role === 'negated' || says(each, acts.wavering)) return true;
  const harmless = hitsOf(each, acts.harmless);
  const free = (hit: PhraseHit): boolean =>
    !harmless.some((other) => hit.from < other.to && other.from < hit.to);
  const holds = codes.some(({ start }) => each.start <= start && start < each.end);
  if (holds && hitsOf(each, acts.condition).some(free)) return true;
  if (holds && says(each, acts.later)) return true;
  return holds && each.asks && !each.words.some(({ text }) => PLEASE.has(text) || text === 'you');
}

/** "The code is in the subject": the six digits that the subject calls a code, or that stand at its end. */
function codesInSubject({ subject }: MailToRead, ownText: string): readonly Candidate[] {
  if (!pointsToSubject(ownText)) return [];
  const found = /(?:code|codes|kode|código|codice|コード)?\W{0,4}(?<![\d-])(\d{3}[ -]?\d{3})\W*$/iu.exec(
    subject,
  )?.[1];
  // It has no place in the own text.
  return found === undefined ? [] : [{ text: found.replace(/[ -]/, ''), start: -1, end: -1 }];
}

/** Whether the writer refers to the subject line. */
export const pointsToSubject = (own: string): boolean =>
  /\bsubject\b|\bbetreff\b|\bobjet\b|\basunto\b|\boggetto\b|\bonderwerp\b|件名/i.test(own.slice(0, 2_000));

const asksHow = (statement: Statement, { language, acts }: Lexicon): boolean =>
  language === 'ja' ? japaneseAsksHow(statement, acts) : says(statement, acts.question);

const asksPlainly = (requests: readonly Statement[], lexicon: Lexicon): boolean =>
  requests.some((each) => each.words.some((word) => lexicon.deleteWords.has(word.text)));

interface Candidate {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Six digits, or three and three, that the writer gives as the code: told by the word "code", standing at the front, or
 * alone in a line. Numbers that are called something else do not count.
 */
function codesIn(statements: readonly Statement[], ownText: string, lexicon: Lexicon): readonly Candidate[] {
  const strong: Candidate[] = [];
  const weak: Candidate[] = [];
  let early = true;
  for (const statement of statements) {
    const told = says(statement, lexicon.acts.code);
    // Japanese stands beside a number without a space; a counter behind it makes it an amount.
    for (const match of fold(statement.text).matchAll(
      /(?<![\p{Script=Latin}\p{N}+#_./-]|\d )(\d{6}|\d{3}[ -]\d{3})(?![\p{Script=Latin}\p{N}_円件名人年個]|[-./ ]\d)/gu,
    )) {
      const start = statement.start + match.index;
      const candidate = { text: match[0].replace(/[ -]/, ''), start, end: start + match[0].length };
      if (isCalledOtherwise(statement, match.index, match[0].length, lexicon)) continue;
      const line = fold(lineAround(ownText, start));
      const alone = /^[\s"'*`>:.「『【]*\d{3}[ -]?\d{3}[\s"'*`.!」』】。]*(?:です)?。?$/.test(line);
      const opens =
        early && /^\W{0,3}\d{3}[ -]?\d{3}(?:\s*[-–—,.:;!。、」]|\s|です|$)/.test(fold(statement.text));
      if (told || alone || opens) strong.push(candidate);
      else weak.push(candidate);
    }
    early = early && statement.words.length < 4;
  }
  // "The first code had expired. The new one is 771320."
  const spokenOf = statements.some((each) => says(each, lexicon.acts.code));
  const found = strong.length > 0 ? strong : spokenOf && weak.length === 1 ? weak : [];
  return found.filter((each, index) => found.findIndex((other) => other.text === each.text) === index);
}

/** "our customer number 200417", "the first code (550917) had expired". */
function isCalledOtherwise(statement: Statement, at: number, length: number, lexicon: Lexicon): boolean {
  const from = Math.max(0, at - 40);
  // "the first code, 118640, had expired": the commas only set the number off.
  const head = statement.text.slice(from, at);
  const apposed = /,\s$/.test(head) && statement.text.charAt(at + length) === ',';
  const before = (apposed ? head.trimEnd().slice(0, -1) : head).replace(/^.*[,;.]\s/s, '');
  const after = /^,?[^,;.]{0,30}/.exec(statement.text.slice(at + length))?.[0] ?? '';
  const near = [...wordsOf(before), ...wordsOf(after)];
  return hasPhrase(near, lexicon.acts.otherCode);
}

function lineAround(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at) + 1;
  const end = text.indexOf('\n', at);
  return text.slice(start, end === -1 ? text.length : end);
}
