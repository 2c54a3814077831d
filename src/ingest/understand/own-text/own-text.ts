import type { MailToRead } from '../mail-to-read.ts';
import { wishFor } from './forwards.ts';
import { readHtml } from './html-text.ts';
import { BLANK, isBlank, LINES_MAX, type Line, linesOf, markQuotes } from './quotes.ts';
import { type Disagreement, disagreementOf, looksAlike, saysTheSame, within } from './reconcile.ts';
import { dropFurniture } from './signature.ts';

export type { Disagreement } from './reconcile.ts';

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
  /**
   * Words that stand in one of the mail's two bodies only, text and HTML; `null` = they say the same, or there is one.
   * Readers of the one and of the other would understand different things, so that a person has to look.
   */
  readonly disagreement: Disagreement | null;
  /**
   * What was left out may be the writer's: text below a quote that bears no marks, with nothing above it, or an end that
   * nests or runs on beyond what is read. A person should look before the mail counts as empty.
   */
  readonly unsure: boolean;
}

/** Own text beyond this is not read: no request is longer, and work stays bounded. UTF-16 code units. */
export const OWN_TEXT_MAX = 100_000;
const SOURCE_MAX = 400_000;

/** Takes quotes, signatures, disclaimers and footers away. */
export function ownTextOf(mail: MailToRead): OwnText {
  const text = mail.text ?? '';
  const { html } = mail;
  if (html === null) return readBody(text, mail);
  if (isStub(text)) return readHtmlBody(html, mail);
  const fromText = readBody(text, mail);
  if (looksAlike(text, html)) return fromText;
  const { body: fromHtml, hasFields, cut } = withFacts(html, mail);
  const fields = hasFields && fromHtml.text !== '';
  if (saysTheSame(fromText.text, fromHtml.text)) return fields ? fromHtml : fromText;
  if (isInOrder(mail, html)) return inOrder(text, html, fromText, fromHtml, mail);
  const flat = hasFields ? readBody(readHtml(html, true).text, mail) : fromHtml;
  const disagreement = disagreementOf(fromText.text, flat.text, html);
  if (disagreement !== null) return { ...fromText, disagreement, unsure: fromText.unsure || cut };
  return fields ? fromHtml : fromText;
}

function readHtmlBody(html: string, mail: MailToRead): OwnText {
  const { body, cut } = withFacts(html, mail);
  return cut ? { ...body, unsure: true } : body;
}

function withFacts(html: string, mail: MailToRead) {
  const { text, hasFields, cut } = readHtml(html);
  return { body: readBody(text, mail), hasFields, cut };
}

function readBody(body: string, mail: MailToRead): OwnText {
  const source = body.length > SOURCE_MAX ? body.slice(0, SOURCE_MAX) : body;
  const lines = linesOf(source);
  const marked = markQuotes(lines, isForwardSubject(mail.subject));
  const own = dropFurniture(marked.own, mail.authorName);
  const unsure = marked.unsure || body.length > SOURCE_MAX || lines.length >= LINES_MAX;
  if (marked.forwarded === null) return assemble(source, own, 'none', unsure);
  const wish = wishFor(own.map((line) => line.text).join(' '));
  if (wish === 'ignore') return assemble(source, own, 'unhandled', unsure);
  if (wish === 'apart') return assemble(source, own, 'none', unsure);
  const passedOn = dropFurniture(markQuotes(marked.forwarded, false).own, marked.forwardedFrom);
  return assemble(source, [...own, BLANK, ...passedOn], 'handled', unsure);
}

export const isForwardSubject = (subject: string): boolean =>
  /^\s*(?:\[[^\]]{0,40}\]\s*)?(?:fwd?|wg|tr|rv|enc|i|doorst|fs|vb|pd|vs|転送)\s*[:：]/i.test(subject);

/** The text part is empty or only says that there is HTML. */
function isStub(text: string): boolean {
  if (text.length > STUB_CHARS_MAX) return false;
  if (text.trim() === '') return true;
  return /\bhtml\b/i.test(text) && STUB.test(text);
}

const STUB_CHARS_MAX = 400;
const STUB =
  /view|display|client|viewer|reader|support|browser|anzeigen|darstell|afficher|lecteur|visualiz|mostrar|weergeven|bekijk|表示/i;

/** The parser puts the bodies of a mixed mail one behind the other: each of them is shown, none stands for the other. */
const isInOrder = (mail: MailToRead, html: string): boolean =>
  mail.mediaType === 'multipart/mixed' && (html.startsWith(JOINT) || html.endsWith(JOINT));
const JOINT = '<br/>\n';

function inOrder(
  text: string,
  html: string,
  fromText: OwnText,
  fromHtml: OwnText,
  mail: MailToRead,
): OwnText {
  if (within(fromHtml.text, fromText.text)) return fromText;
  if (within(fromText.text, fromHtml.text)) return fromHtml;
  const shown = readHtml(html).text;
  return readBody(html.startsWith(JOINT) ? `${text}\n\n${shown}` : `${shown}\n\n${text}`, mail);
}

function assemble(
  source: string,
  lines: readonly Line[],
  forward: OwnText['forward'],
  unsure: boolean,
): OwnText {
  const placed: { start: number; sourceStart: number; length: number }[] = [];
  const texts: string[] = [];
  let start = 0;
  for (const line of trimBlanks(lines)) {
    const room = OWN_TEXT_MAX - start;
    const text = line.text.length > room ? line.text.slice(0, Math.max(0, room)) : line.text;
    placed.push({ start, sourceStart: line.start, length: text.length });
    texts.push(text);
    start += text.length + 1;
    if (start >= OWN_TEXT_MAX) break;
  }
  return { text: texts.join('\n'), lines: placed, source, forward, disagreement: null, unsure };
}

function trimBlanks(lines: readonly Line[]): readonly Line[] {
  const first = lines.findIndex((line) => !isBlank(line));
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => !isBlank(line)) + 1);
}
