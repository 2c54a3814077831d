import { htmlToText } from './html-text.ts';
import type { MailToRead } from './mail-to-read.ts';
import { compilePhrases, hasPhrase } from './phrases.ts';
import { MAIL_FURNITURE } from './vocabulary/furniture.ts';
import { fold, wordsOf } from './words.ts';

/** What the writer newly wrote, and where each line of it stood in the mail's text. */
export interface OwnText {
  readonly text: string;
  /** For each line of `text`: its offset here, its offset in `source`, its length. In order. */
  readonly lines: readonly {
    readonly start: number;
    readonly sourceStart: number;
    readonly length: number;
  }[];
  /** The body that was read: the text part, or the HTML part turned into text. */
  readonly source: string;
  /** The mail passes on somebody else's mail; `handled`: the writer asks to have it done, so that it is part of `text`. */
  readonly forward: 'none' | 'handled' | 'unhandled';
}

/** Own text beyond this is not read: no request is longer, and work stays bounded. UTF-16 code units. */
export const OWN_TEXT_MAX = 100_000;
const SOURCE_MAX = 400_000;
const LINES_MAX = 10_000;

/** Takes quotes, signatures, disclaimers and footers away. */
export function ownTextOf(mail: MailToRead): OwnText {
  const source = bodyOf(mail).slice(0, SOURCE_MAX);
  const marked = markQuotes(linesOf(source), isForwardSubject(mail.subject));
  const own = dropFurniture(marked.own, mail.authorName);
  if (marked.forwarded.length === 0) return assemble(source, own, 'none');
  const comment = own.map((line) => line.text).join(' ');
  if (!asksToHandle(comment)) return assemble(source, own, 'unhandled');
  const passedOn = dropFurniture(markQuotes(unquoted(marked.forwarded), false).own, null);
  return assemble(source, [...own, BLANK, ...passedOn], 'handled');
}

interface Line {
  readonly text: string;
  readonly start: number;
}

const BLANK: Line = { text: '', start: 0 };

/** Prefers the text part; the HTML part when there is no text or it only says that there is HTML. */
function bodyOf(mail: MailToRead): string {
  const text = mail.text ?? '';
  if (mail.html === null) return text;
  const words = wordsOf(text.slice(0, 2_000));
  if (words.length > 0 && !(words.length < 40 && hasPhrase(words, HTML_ONLY))) return text;
  return htmlToText(mail.html);
}

const HTML_ONLY = compilePhrases(
  ['html ~9 view|display|client|viewer|reader', 'view ~9 html', 'support ~ html'],
  {},
);

/** No-break and other wide spaces become plain ones, one for one, so that offsets hold. */
function linesOf(source: string): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const line of source.split('\n', LINES_MAX)) {
    lines.push({ text: line.replace(/\r$/, '').replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, ' '), start });
    start += line.length + 1;
  }
  return lines;
}

interface Marked {
  readonly own: readonly Line[];
  readonly forwarded: readonly Line[];
}

/** Separates own lines from quoted and forwarded ones. `isForward`: a header block starts a forward, not a quote. */
function markQuotes(lines: readonly Line[], isForward: boolean): Marked {
  const own: Line[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? BLANK;
    const text = line.text.trim();
    if (isReplyMarker(text)) break;
    if (isForwardMark(text)) return { own, forwarded: afterHeader(lines, at + 1) };
    if (isOriginalMark(text) || headerBlockEnd(lines, at) > at) {
      if (isForward) return { own, forwarded: afterHeader(lines, isOriginalMark(text) ? at + 1 : at) };
      break;
    }
    if (text.startsWith('>')) {
      own.push({ text: '', start: line.start });
      continue;
    }
    const attribution = attributionEnd(lines, at);
    if (attribution > at) {
      const next = lines.slice(attribution).find(({ text: later }) => later.trim() !== '');
      if (next !== undefined && !next.text.trim().startsWith('>')) break;
      at = attribution - 1;
      continue;
    }
    own.push(line);
  }
  return { own, forwarded: [] };
}

const isReplyMarker = (text: string): boolean =>
  text.length < 120 && /^[-–— ]{0,9}(?:please )?reply above this line[-–— ]{0,9}$/i.test(text);

const isForwardSubject = (subject: string): boolean =>
  /^\s*(?:fwd?|wg|tr|rv|enc|i|doorst|fs|vb|転送)\s*[:：]/i.test(subject);

const isForwardMark = (text: string): boolean =>
  text.length < 80 && MAIL_FURNITURE.forwardMarks.some((mark) => bare(text) === mark);

const isOriginalMark = (text: string): boolean =>
  text.length < 80 && /^[-_*]/.test(text) && MAIL_FURNITURE.originalMarks.some((mark) => bare(text) === mark);

/** Without the rules and colons around it. */
const bare = (text: string): string => fold(text.replace(/^[-_=*>\s]+/, '').replace(/[-_=*:\s]+$/, ''));

/** The line after a copied header (From, Sent, To, Subject …) that begins at `at`; `at` when there is none. */
function headerBlockEnd(lines: readonly Line[], at: number): number {
  if (!MAIL_FURNITURE.fromLabels.has(labelOf(lines[at]?.text ?? ''))) return at;
  let labels = 0;
  let end = at;
  for (let next = at; next < Math.min(lines.length, at + 9); next += 1) {
    const text = lines[next]?.text ?? '';
    if (MAIL_FURNITURE.headerLabels.has(labelOf(text))) {
      labels += 1;
      end = next + 1;
    } else if (text.trim() === '' && labels >= 3) break;
  }
  return labels >= 3 ? end : at;
}

/** `From` of `*From:* Ann <a@b.c>`; empty when the line is no header line. */
function labelOf(line: string): string {
  const text = line.replace(/^[>\s*]+/, '');
  const colon = text.search(/[:：]/);
  return colon <= 0 || colon > 24 ? '' : fold(text.slice(0, colon).replace(/\*/g, '').trim());
}

function afterHeader(lines: readonly Line[], from: number): readonly Line[] {
  let at = from;
  while (at < lines.length && (lines[at]?.text ?? '').replace(/[>\s]/g, '') === '') at += 1;
  const plain = lines.map((line) => ({ ...line, text: line.text.replace(/^[> ]+/, '') }));
  while (at < lines.length && MAIL_FURNITURE.headerLabels.has(labelOf(plain[at]?.text ?? ''))) at += 1;
  return lines.slice(at);
}

/** A forwarded mail that is wholly quoted loses one level of quoting. */
function unquoted(lines: readonly Line[]): readonly Line[] {
  const filled = lines.filter((line) => line.text.trim() !== '');
  if (!filled.every((line) => line.text.trimStart().startsWith('>'))) return lines;
  return lines.map((line) => {
    const cut = /^\s*> ?/.exec(line.text)?.[0].length ?? 0;
    return { text: line.text.slice(cut), start: line.start + cut };
  });
}

/** The line after `On 3 May, Ann wrote:`, which may be wrapped over three lines; `at` when there is none. */
function attributionEnd(lines: readonly Line[], at: number): number {
  const first = (lines[at]?.text ?? '').trim();
  if (first === '' || first.length > 200) return at;
  if (/^\* .{1,120}@.{1,80}\[\d{4}-\d\d-\d\d[^\]]{0,20}\]:$/.test(first)) return at + 1;
  let joined = '';
  for (let next = at; next < Math.min(lines.length, at + 3); next += 1) {
    const text = (lines[next]?.text ?? '').trim();
    if (text === '' || text.startsWith('>')) return at;
    joined = `${joined} ${text}`.trim();
    if (/[:：]$/.test(text) && joined.length < 400 && isAttribution(joined)) return next + 1;
  }
  return at;
}

/** Opens with a known word or a date, closes with "wrote:", and tells a time or an address between. */
function isAttribution(text: string): boolean {
  const folded = fold(text);
  if (!/\d/.test(folded) && !folded.includes('@')) return false;
  const { attributionVerbs, attributionOpeners } = MAIL_FURNITURE;
  if (!attributionVerbs.some((verb) => folded.includes(verb))) return false;
  return attributionOpeners.some((opener) => folded.startsWith(opener)) || /^[\d<"]|@/.test(folded);
}

/** Takes signatures, disclaimers, list and mobile footers out of own lines. Quoted lines are blank by now. */
function dropFurniture(lines: readonly Line[], authorName: string | null): readonly Line[] {
  const kept: Line[] = [];
  const names = authorName === null ? NO_NAMES : namesOf(authorName);
  let signed = false;
  for (const block of blocksOf(lines)) {
    const first = block[0]?.text.trim() ?? '';
    if (isListFooter(first)) break;
    const clean = dropDisclaimer(block);
    if (clean.length === 0) continue;
    if (signed && !speaksOn(clean)) continue;
    const cut = clean.findIndex((line) => isSignatureStart(line.text, names));
    for (const line of cut === -1 ? clean : clean.slice(0, cut)) kept.push(line);
    kept.push(BLANK);
    signed ||= cut !== -1;
  }
  return kept;
}

function blocksOf(lines: readonly Line[]): readonly Line[][] {
  const blocks: Line[][] = [];
  let open = false;
  for (const line of lines) {
    if (line.text.trim() === '') open = false;
    else if (open) blocks.at(-1)?.push(line);
    else {
      blocks.push([line]);
      open = true;
    }
  }
  return blocks;
}

const isListFooter = (text: string): boolean => /^_{20,}$/.test(text);

/** From the first line that reads like a disclaimer to the end of its paragraph. */
function dropDisclaimer(block: readonly Line[]): readonly Line[] {
  const whole = fold(block.map((line) => line.text.trim()).join(' '));
  if (!MAIL_FURNITURE.disclaimerMarks.some((mark) => whole.includes(mark))) return block;
  const at = block.findIndex((line, index) => {
    const window = fold(`${line.text.trim()} ${block[index + 1]?.text.trim() ?? ''}`);
    const opens = MAIL_FURNITURE.disclaimerOpeners.some((opener) =>
      fold(line.text.trim()).startsWith(opener),
    );
    return opens || MAIL_FURNITURE.disclaimerMarks.some((mark) => window.includes(mark));
  });
  return at === -1 ? block : block.slice(0, at);
}

/** After the signature only a postscript or further words about the matter are the writer's. */
function speaksOn(block: readonly Line[]): boolean {
  const text = block.map((line) => line.text).join(' ');
  return /^\s*p\.? ?s\.?\b/i.test(text) || hasPhrase(wordsOf(text.slice(0, 2_000)), SPEAKS_ON);
}

const SPEAKS_ON = compilePhrases(MAIL_FURNITURE.speaksOn, {});
const HANDLE = compilePhrases(MAIL_FURNITURE.handleRequests, {});
const LEAVE = compilePhrases(MAIL_FURNITURE.leaveAlone, {});

const NO_NAMES: ReadonlySet<string> = new Set();

function isSignatureStart(line: string, names: ReadonlySet<string>): boolean {
  const text = line.trim();
  if (/^(?:--|—|––|__)$/.test(text)) return true;
  if (text.length > 80) return false;
  const folded = fold(text).replace(/[.,!;:\s]+$/, '');
  if (MAIL_FURNITURE.mobileFooters.some((footer) => folded.startsWith(footer))) return true;
  if (MAIL_FURNITURE.closings.has(folded)) return true;
  return names.has(folded);
}

/** A name as people sign with it: whole, first, last, initial and last, initials. */
function namesOf(name: string): ReadonlySet<string> {
  const parts = fold(name.replace(/["']/g, ''))
    .split(/[\s,]+/)
    .filter((part) => part !== '');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  const initial = first.slice(0, 1);
  return new Set([
    parts.join(' '),
    first,
    last,
    `${initial}. ${last}`,
    `${initial} ${last}`,
    initial,
    `${first} ${last.slice(0, 1)}`,
  ]);
}

const asksToHandle = (comment: string): boolean => {
  const words = wordsOf(comment.slice(0, 4_000));
  return hasPhrase(words, HANDLE) && !hasPhrase(words, LEAVE);
};

function assemble(source: string, lines: readonly Line[], forward: OwnText['forward']): OwnText {
  const placed: { start: number; sourceStart: number; length: number }[] = [];
  const texts: string[] = [];
  let start = 0;
  for (const line of trimBlanks(lines)) {
    const text = line.text.slice(0, Math.max(0, OWN_TEXT_MAX - start));
    placed.push({ start, sourceStart: line.start, length: text.length });
    texts.push(text);
    start += text.length + 1;
    if (start >= OWN_TEXT_MAX) break;
  }
  return { text: texts.join('\n'), lines: placed, source, forward };
}

function trimBlanks(lines: readonly Line[]): readonly Line[] {
  const filled = (line: Line): boolean => line.text.trim() !== '';
  const first = lines.findIndex(filled);
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex(filled) + 1);
}
