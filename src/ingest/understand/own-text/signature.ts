import { compilePhrases, hasPhrase } from '../sentences/phrases.ts';
import { fold, wordsOf } from '../sentences/words.ts';
import { MAIL_FURNITURE } from '../vocabulary/furniture.ts';
import { BLANK, isBlank, type Line } from './quotes.ts';

/**
 * Takes signatures, disclaimers, gateway banners, list and mobile footers out of own lines. Below a signature only a
 * postscript, a correction or further words about the matter stay; when in doubt they stay, so that no denial is lost.
 */
export function dropFurniture(lines: readonly Line[], authorName: string | null): readonly Line[] {
  const kept: Line[] = [];
  const names = namesOf(authorName);
  const blocks = blocksOf(lines);
  let signed = false;
  for (const [index, block] of blocks.entries()) {
    const first = block[0]?.text.trim() ?? '';
    if (isListFooter(block, first)) break;
    if (isRule(first) && block.length === 1) continue;
    const isLast = index === blocks.length - 1;
    if (index === 0 && isBanner(block)) continue;
    const clean = dropDisclaimer(block);
    if (clean.length === 0) continue;
    if (signed && !speaksOn(clean)) continue;
    const cut = signatureStart(clean, names, isLast);
    const own = cut === -1 ? clean : clean.slice(0, cut);
    if (cut === -1 && isLast && index > 0 && isContact(clean)) continue;
    if (own.length > 0) {
      if (kept.length > 0) kept.push(BLANK);
      kept.push(...own);
    }
    if (cut !== -1) {
      signed = true;
      const after = afterSignature(clean, cut);
      if (after.length > 0) kept.push(BLANK, ...after);
    }
  }
  return kept;
}

/** All paragraphs, each up to where a disclaimer begins in it. */
export const withoutDisclaimers = (lines: readonly Line[]): readonly Line[] =>
  blocksOf(lines).flatMap((block) => dropDisclaimer(block));

function blocksOf(lines: readonly Line[]): readonly Line[][] {
  const blocks: Line[][] = [];
  let open: Line[] | null = null;
  for (const line of lines) {
    if (line === BLANK || isBlank(line)) open = null;
    else if (open !== null) open.push(line);
    else {
      open = [line];
      blocks.push(open);
    }
  }
  return blocks;
}

const UNDERSCORES = /^_{20,}$/;
const isRule = (text: string): boolean => UNDERSCORES.test(text);

/** Mailman's rule with the list's name and address below (RFC 2369 without its headers). */
const isListFooter = (block: readonly Line[], first: string): boolean =>
  block.length > 1 &&
  isRule(first) &&
  block.slice(1, 8).some(({ text }) => /mailing list|listinfo|unsubscri|-request@|\/lists?\//i.test(text));

function isBanner(block: readonly Line[]): boolean {
  const first = block[0]?.text ?? '';
  if (
    !/extern|outside|caution|warning|often|außerhalb|extérieur|estern|buiten|社外|外部/i.test(
      first.slice(0, 200),
    )
  )
    return false;
  const whole = joined(block);
  return (
    whole.length < 600 && !namesOurs(whole) && MAIL_FURNITURE.bannerMarks.some((mark) => whole.includes(mark))
  );
}

/** From the first line that opens like a disclaimer, and reads like one, to the end of its paragraph. */
function dropDisclaimer(block: readonly Line[]): readonly Line[] {
  const at = block.findIndex((line) => opensDisclaimer(line.text));
  if (at === -1) return block;
  const whole = joined(block.slice(at));
  const { disclaimerMarks, disclaimerHints } = MAIL_FURNITURE;
  const marks = count(whole, disclaimerMarks, 2);
  const hinted = marks < 2 && count(whole, disclaimerHints, 1) > 0;
  // "This mail is confidential: please delete the workspace acme" is a request.
  const enough = namesOurs(whole) ? marks >= 2 : marks >= 1 || (hinted && at === 0);
  return enough ? block.slice(0, at) : block;
}

const joined = (block: readonly Line[]): string =>
  fold(
    block
      .map((line) => line.text.trim())
      .join(' ')
      .slice(0, BLOCK_CHARS_MAX),
  );

/** Disclaimers are long, but not that long. */
const BLOCK_CHARS_MAX = 4_000;

function count(text: string, marks: readonly string[], enough: number): number {
  let found = 0;
  for (const mark of marks) {
    if (text.includes(mark)) found += 1;
    if (found >= enough) return found;
  }
  return found;
}

/** What a disclaimer never speaks of. */
const namesOurs = (folded: string): boolean => OURS.some((word) => folded.includes(word));
const OURS = [
  'workspace',
  'arbeitsbereich',
  'espace de travail',
  'espacio de trabajo',
  'espaço de trabalho',
  'area di lavoro',
  'werkruimte',
  'ワークスペース',
];

/** Openers by their first two letters, so that most lines are done after one look. */
const OPENERS: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  MAIL_FURNITURE.disclaimerOpeners,
  (opener) => opener.slice(0, 2),
);

function opensDisclaimer(line: string): boolean {
  const text = line.length > 60 ? line.slice(0, 60) : line;
  const at = text.search(/[^\s*_"“'([>•|]/);
  if (at === -1) return false;
  const candidates = OPENERS.get(fold(text.slice(at, at + 2)));
  if (candidates === undefined) return false;
  const folded = fold(text.slice(at));
  return candidates.some((opener) => folded.startsWith(opener));
}

const SPEAKS_ON = compilePhrases(MAIL_FURNITURE.speaksOn, {});

function speaksOn(block: readonly Line[]): boolean {
  const text = block.map((line) => line.text).join(' ');
  if (/^\s*p\.? ?s\.?\b/i.test(text) || /^\s*(?:追伸|nb\b|n\.b\.)/i.test(text)) return true;
  if (block.some((line) => isField(line.text))) return true;
  return text.length < SPEECH_CHARS_MAX && hasPhrase(wordsOf(text), SPEAKS_ON);
}

/** Longer paragraphs below a signature are small print. */
const SPEECH_CHARS_MAX = 1_200;

/** `Workspace: acme`. */
function isField(line: string): boolean {
  const colon = line.slice(0, 40).search(/[:：]/);
  if (colon <= 0) return false;
  const name = fold(
    line
      .slice(0, colon)
      .replace(/[*_•-]/g, '')
      .trim(),
  );
  return (
    MAIL_FURNITURE.formThings.some((thing) => name.startsWith(thing)) &&
    !/\/\//.test(line.slice(colon, colon + 3))
  );
}

/** The line of the block at which a signature begins; -1 when none does. */
function signatureStart(block: readonly Line[], names: ReadonlySet<string>, isLast: boolean): number {
  for (let at = 0; at < block.length; at += 1) {
    const text = block[at]?.text.trim() ?? '';
    if (text.length > SIGNATURE_LINE_MAX) continue;
    if (DELIMITER.test(text)) {
      // Dashes above a form divide; "-- " with its space is a signature's alone (RFC 3676 section 4.3).
      if (block.slice(at + 1).some((line) => isField(line.text))) continue;
      return at;
    }
    const folded = fold(text)
      .replace(/^[-–—*_~\s]+/, '')
      .replace(/[*_.,!;:~\s–—-]+$/, '');
    if (folded === '') continue;
    if (MAIL_FURNITURE.closings.has(folded)) return at;
    if (isFooter(folded)) return at;
    if (names.size > 0 && isName(folded, names, isLast && at === block.length - 1)) return at;
  }
  return -1;
}

const SIGNATURE_LINE_MAX = 90;
const DELIMITER = /^(?:--|—|––|__|－－)$/;

/** "Ada", "Ada Novak, DPO", "Thanks, Ada", "Best regards Ada". A single letter only as the very last line. */
function isName(folded: string, names: ReadonlySet<string>, isEnd: boolean): boolean {
  if (names.has(folded)) return folded.length > 1 || isEnd;
  const gap = folded.search(/[,!.–—|/]|\s-\s/);
  if (gap > 0) {
    const head = folded.slice(0, gap).trim();
    const tail = folded.slice(gap + 1).replace(/^[\s,!.–—-]+/, '');
    if (isClosing(head) && tail.length > 0 && (names.has(tail) || isInitial(tail))) return true;
    if (head.includes(' ') && names.has(head) && !/\d/.test(tail)) return true;
  }
  const space = folded.lastIndexOf(' ');
  if (space === -1) return false;
  const before = folded.lastIndexOf(' ', space - 1);
  return [space, before].some(
    (at) =>
      at > 0 && names.has(folded.slice(at + 1)) && isClosing(folded.slice(0, at).replace(/[,!.\s-]+$/, '')),
  );
}

const isClosing = (text: string): boolean =>
  MAIL_FURNITURE.closings.has(text) || MAIL_FURNITURE.thanks.has(text);
const isInitial = (text: string): boolean => /^\p{L}\.?$/u.test(text);

const FOOTER_OPENERS: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  MAIL_FURNITURE.footerOpeners,
  (opener) => opener.slice(0, 3),
);

/** "Sent from my iPhone", "Get Outlook for iOS": an opening and the name of a thing. */
function isFooter(folded: string): boolean {
  if (MAIL_FURNITURE.footerEndings.some((ending) => folded.endsWith(ending)))
    return MAIL_FURNITURE.footerThings.some((thing) => folded.includes(thing));
  const openers = FOOTER_OPENERS.get(folded.slice(0, 3));
  if (openers === undefined || !openers.some((opener) => folded.startsWith(opener))) return false;
  return !namesOurs(folded) && MAIL_FURNITURE.footerThings.some((thing) => folded.includes(thing));
}

/** Lines of the same paragraph behind the signature's name that speak on: "Ada", "PS: not the other one". */
function afterSignature(block: readonly Line[], cut: number): readonly Line[] {
  const at = block.findIndex(
    (line, index) => index > cut && /^\s*(?:p\.? ?s\b\.?|追伸|nachtrag\b)/i.test(line.text),
  );
  return at === -1 ? [] : block.slice(at);
}

/** A last paragraph with a telephone line is a signature without a closing, unless it says more. */
function isContact(block: readonly Line[]): boolean {
  if (block.length < 2 || block.some((line) => line.text.length > SIGNATURE_LINE_MAX)) return false;
  return (
    block.some((line) => isPhone(line.text)) &&
    !speaksOn(block) &&
    !block.some((line) => DELETION.test(line.text))
  );
}

/** A paragraph that may ask for something is no signature. */
const DELETION =
  /delet|remov|eras|purg|user|lösch|entfern|supprim|effac|borr|elimin|apag|cancel|verwijder|wis|削除/i;

function isPhone(line: string): boolean {
  const text = fold(line.trim());
  const label = /^([\p{L}é]{1,10})[.:)\s]{1,3}\s?[+(\d][\d\s()./+-]{5,}/u.exec(text)?.[1];
  return label !== undefined && (PHONE_LABELS as ReadonlySet<string>).has(label);
}

const PHONE_LABELS: ReadonlySet<string> = new Set(MAIL_FURNITURE.phoneLabels);
const NO_NAMES: ReadonlySet<string> = new Set();

/** A name as people sign with it: whole, first, last, initial and last, initials. */
function namesOf(name: string | null): ReadonlySet<string> {
  if (name === null) return NO_NAMES;
  const parts = fold(name.replace(/["']/g, '').replace(/\(.*?\)|\|.*$/g, ''))
    .split(/[\s,]+/, 8)
    .filter((part) => part !== '');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (first === '') return NO_NAMES;
  const initial = first.slice(0, 1);
  return new Set([
    parts.join(' '),
    first,
    last,
    `${last} ${first}`,
    `${last}, ${first}`,
    `${initial}. ${last}`,
    `${initial} ${last}`,
    initial,
    `${first} ${last.slice(0, 1)}`,
    `${first} ${last}`,
  ]);
}
