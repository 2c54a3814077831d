import type { MailToRead } from '../mail-to-read.ts';
import type { Lexicon } from '../sentences/lexicon.ts';
import { findPhrases, hasPhrase, hitsOf, type PhraseHit, says } from '../sentences/phrases.ts';
import type { Statement } from '../sentences/statements.ts';
import { fold, wordsOf } from '../sentences/words.ts';

/** Six digits that may be the code. A code of the subject has no place in the own text: both offsets are -1. */
export interface CodeCandidate {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface CodeReading {
  /** Each different code that the writer gives: more than one must be asked about. */
  readonly candidates: readonly CodeCandidate[];
  /** Words beside the code that make it no confirmation: a question what it is for, a doubt, a condition, a later time. */
  readonly wavers: boolean;
}

/** The codes in the writer's own words, and in the subject when these point to it. */
export function readCodes(
  mail: MailToRead,
  statements: readonly Statement[],
  ownText: string,
  lexicon: Lexicon,
): CodeReading {
  const inText = codesIn(statements, ownText, lexicon);
  const candidates = distinct([...inText, ...codesInSubject(mail, ownText)]);
  return { candidates, wavers: statements.some((each) => wavers(each, candidates, lexicon)) };
}

/** Whether the writer refers to the subject line. */
export const pointsToSubject = (own: string): boolean =>
  /(?<!\bdata )\bsubject\b(?! (?:access|rights|id|matter))|\bbetreff\b|\bobjet\b|\basunto\b|\boggetto\b|\bonderwerp\b|件名/i.test(
    own.slice(0, 2_000),
  );

/** Polite words that make a question an order. */
export const PLEASE: ReadonlySet<string> = new Set(
  'please kindly pls plz bitte merci veuillez prière favor favore prego preghiamo ruego rogamos gelieve graag alstublieft peço pedimos'.split(
    ' ',
  ),
);

/** A change of what is to go makes no confirmation either: the desk asks back. */
function wavers(each: Statement, codes: readonly CodeCandidate[], lexicon: Lexicon): boolean {
  const { acts } = lexicon;
  if (each.role === 'negated' || says(each, acts.wavering)) return true;
  const harmless = hitsOf(each, acts.harmless);
  const free = (hit: PhraseHit): boolean =>
    !harmless.some((other) => hit.from < other.to && other.from < hit.to);
  const holds = codes.some(({ start }) => each.start <= start && start < each.end);
  if (holds && hitsOf(each, acts.condition).some(free)) return true;
  if (holds && says(each, acts.later)) return true;
  // "123456, and when will it be done?" asks about what it confirms.
  const asks = each.asks && !says(each, acts.status);
  return holds && asks && !each.words.some(({ text }) => PLEASE.has(text) || text === 'you');
}

/** "The code is in the subject": the six digits that the subject calls a code, or that stand at its end. */
function codesInSubject({ subject }: MailToRead, ownText: string): readonly CodeCandidate[] {
  if (!pointsToSubject(ownText)) return [];
  const found = /(?:code|codes|kode|código|codice|コード)?\W{0,4}(?<![\d-])(\d{3}[ -]?\d{3})\W*$/iu.exec(
    fold(subject),
  )?.[1];
  return found === undefined ? [] : [{ text: found.replace(/[ -]/, ''), start: -1, end: -1 }];
}

/**
 * Six digits, or three and three, that stand alone. Japanese stands beside a number without a space; a counter behind
 * it makes it an amount.
 */
const SIX_DIGITS =
  /(?<![\p{Script=Latin}\p{N}+#$€£_./-]|\d )(\d{6}|\d{3}[ \u00a0\u2009\u202f‐‑–-]\d{3}|\d{2} \d{2} \d{2}|\d(?: \d){5})(?![\p{Script=Latin}\p{N}_円件名人年個]|\s?[%€$£]|[-./ ]\d)/gu;

interface Found extends CodeCandidate {
  readonly statement: Statement;
  /** Told by the word "code", in front of all else, or alone in a line. */
  readonly strong: boolean;
}

/** What the writer gives as the code. Numbers that are called something else do not count. */
function codesIn(
  statements: readonly Statement[],
  ownText: string,
  lexicon: Lexicon,
): readonly CodeCandidate[] {
  const found: Found[] = [];
  let early = true;
  for (const statement of statements) {
    // A field of a form has a name that is not "code".
    if (statement.field !== null) continue;
    const text = /[\d０-９]/.test(statement.text) ? fold(statement.text) : '';
    const told = says(statement, lexicon.acts.code);
    for (const match of text === '' ? [] : text.matchAll(SIX_DIGITS)) {
      const start = statement.start + match.index;
      const end = start + match[0].length;
      const digits = match[0].replace(/\D/g, '');
      const grouped = match[0].length > 7;
      if (grouped && !told) continue;
      if (isCalledOtherwise(ownText, start, match[0].length, lexicon)) continue;
      const strong =
        told ||
        says(statement, lexicon.acts.rightCode) ||
        isAlone(lineAround(ownText, start)) ||
        (early && OPENING.test(text) && text.search(/\d/) === match.index);
      found.push({ text: digits, start, end, statement, strong });
    }
    early = early && statement.words.length < 4;
  }
  const strong = found.filter((each) => each.strong);
  // "The first code had expired. The new one is 771320."
  const spokenOf = statements.some((each) => says(each, lexicon.acts.code));
  const short = statements.reduce((sum, { words }) => sum + words.length, 0) <= SHORT_WORDS;
  const given = strong.length > 0 ? strong : spokenOf || short ? found : [];
  const right = distinct(given.filter((each) => says(each.statement, lexicon.acts.rightCode)));
  return right.length === 1 ? right : distinct(given);
}

/** In an answer of few words six digits that are called nothing else are the code: "Sure thing, 339104". */
const SHORT_WORDS = 20;

const isAlone = (line: string): boolean =>
  /^[\s"'*`>:.「『【]*\d{3}\D?\d{3}[\s"'*`.!」』】。]*(?:です)?。?$/.test(fold(line));

const OPENING = /^\W{0,3}\d{3}[ -]?\d{3}(?:\s*[-–—,.:;!。、」]|\s|です|$)/;

const distinct = <Code extends CodeCandidate>(codes: readonly Code[]): readonly Code[] =>
  codes.filter((each, index) => codes.findIndex((other) => other.text === each.text) === index);

/** "our customer number 200417", "the first code (550917) had expired". */
function isCalledOtherwise(text: string, at: number, length: number, lexicon: Lexicon): boolean {
  // "the first code, 118640, had expired": the commas only set the number off.
  const head = text.slice(Math.max(0, at - BESIDE_CHARS), at);
  const apposed = /,\s$/.test(head) && text.charAt(at + length) === ',';
  // A short word with a dot ("Ref.", "Tel.") ends no sentence.
  const before = wordsOf(
    (apposed ? head.trimEnd().slice(0, -1) : head).replace(
      /^.*(?:[,;!?]\s|[^\s.]{4,40}\.\s|\d{4,40}[^\w-]|\n)/s,
      '',
    ),
  );
  const after = AFTER.exec(text.slice(at + length, at + length + BESIDE_CHARS))?.[0] ?? '';
  // "604118, not 604119" denies the number behind it.
  const behind = wordsOf(after.replace(DENIES_NEXT, ''));
  return hasPhrase(behind, lexicon.acts.otherCode) || isNamedOtherwise(before, lexicon);
}

const BESIDE_CHARS = 40;
/** The rest of the clause, or what brackets say about the number: "(expired)", but not "(mistyped before as 616116)". */
const AFTER = /^ ?\([^()\d]{0,30}\)|^[,)]?[^,;.(\n]{0,30}/;

const DENIES_NEXT = /\b(?:not|nicht|non|no|niet|não|statt|instead of)\s+\d.*$/is;

/** The nearest name in front of the number counts: "for customer number 12 the code is …" gives a code. */
function isNamedOtherwise(before: ReturnType<typeof wordsOf>, lexicon: Lexicon): boolean {
  const others = findPhrases(before, lexicon.acts.otherCode);
  const called = findPhrases(before, lexicon.acts.code).at(-1);
  return others.some((other) => called === undefined || other.to > called.from - 2);
}

function lineAround(text: string, at: number): string {
  const start = text.lastIndexOf('\n', at) + 1;
  const end = text.indexOf('\n', at);
  return text.slice(start, end === -1 ? text.length : end);
}
