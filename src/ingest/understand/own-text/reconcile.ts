import { fold } from '../sentences/words.ts';

/** Words of the writer that stand in one body of a mail and not in the other, at most ten of each. */
export interface Disagreement {
  readonly onlyInText: readonly string[];
  readonly onlyInHtml: readonly string[];
}

const SHOWN_MAX = 10;
const SHOWN_CHARS_MAX = 60;

/**
 * A quick look that spares most mails the reading of their HTML: the same letters in the same order, and no tag that
 * could hide some of them. `false` proves nothing.
 */
export function looksAlike(text: string, html: string): boolean {
  if (html.length > text.length * 12 + 4_000) return false;
  let at = 0;
  let other = 0;
  for (;;) {
    while (at < text.length && !counts(text, at)) at += 1;
    while (other < html.length) {
      const sign = html.charCodeAt(other);
      if (sign === LESS) {
        other = afterTag(text, html, other);
        if (other === -1) return false;
      } else if (sign === AMPERSAND) {
        const end = html.indexOf(';', other);
        if (end === -1 || end - other > 7 || !BLANK_ENTITIES.has(html.slice(other + 1, end))) return false;
        other = end + 1;
      } else if (counts(html, other)) break;
      else other += 1;
    }
    if (at >= text.length || other >= html.length) return at >= text.length && other >= html.length;
    if (text.charCodeAt(at) !== html.charCodeAt(other)) return false;
    at += 1;
    other += 1;
  }
}

const LESS = 0x3c;
const AMPERSAND = 0x26;
/** Entities that are no letters. */
const BLANK_ENTITIES = new Set(
  'nbsp amp lt gt quot apos #39 #160 #8217 #8239 rsquo lsquo ldquo rdquo'.split(' '),
);

/** Letters and digits count, and signs that join them in a name or an address. */
function counts(text: string, at: number): boolean {
  const sign = text.charCodeAt(at);
  if (isAlphanumeric(sign)) return true;
  if (sign !== 0x2d && sign !== 0x5f && sign !== 0x40) return false;
  return isAlphanumeric(text.charCodeAt(at - 1)) && isAlphanumeric(text.charCodeAt(at + 1));
}

function isAlphanumeric(sign: number): boolean {
  if (sign < 0x80)
    return (sign >= 0x61 && sign <= 0x7a) || (sign >= 0x30 && sign <= 0x39) || (sign >= 0x41 && sign <= 0x5a);
  if (sign < 0xc0) return sign === 0xaa || sign === 0xb5 || sign === 0xba;
  return !(sign >= 0x2000 && sign <= 0x206f) && !(sign >= 0x3000 && sign <= 0x3004) && sign !== 0xfeff;
}

/** The place behind the tag at `at`; -1 when the tag may change what is seen. */
function afterTag(text: string, html: string, at: number): number {
  const end = html.indexOf('>', at + 1);
  if (end === -1) return -1;
  const start = html.charCodeAt(at + 1) === 0x2f ? at + 2 : at + 1;
  let stop = start;
  while (stop < end && isAlphanumeric(html.charCodeAt(stop))) stop += 1;
  const name = html.slice(start, stop);
  if (!PLAIN_TAGS.has(name) && !PLAIN_TAGS.has(name.toLowerCase())) return -1;
  if (name === 'blockquote' && !/^>/m.test(text)) return -1;
  if (end - stop > 1 && TELLING_ATTRIBUTES.test(html.slice(stop, end))) return -1;
  return end + 1;
}

const PLAIN_TAGS = new Set(
  'html body div p br span b i u strong em a blockquote ul ol li hr pre code h1 h2 h3 h4 meta wbr tt'.split(
    ' ',
  ),
);
/** Attributes that could hide text; a class has no meaning without a style sheet, which is no plain tag. */
const TELLING_ATTRIBUTES =
  /display|visib|hid|colou?r(?!:\s*rgb\(204)|font|size|opacity|filter|height|width|position|indent|clip|transform|background|margin-(?:left|top):\s*-|signature|["'][^"']*[<>]/i;

/** Whether both own texts hold the same words, however they are wrapped, spaced, ruled and decorated. */
export const saysTheSame = (one: string, other: string): boolean =>
  one === other || sameLetters(one, other) || essenceOf(one) === essenceOf(other);

/** As saysTheSame for most mails, without making anything. */
function sameLetters(one: string, other: string): boolean {
  for (let at = 0, next = 0; ; at += 1, next += 1) {
    while (at < one.length && !counts(one, at)) at += 1;
    while (next < other.length && !counts(other, next)) next += 1;
    if (at >= one.length || next >= other.length) return at >= one.length && next >= other.length;
    if (one.charCodeAt(at) !== other.charCodeAt(next)) return false;
  }
}

/** Whether the words of one are a part of the other's. */
export function within(part: string, whole: string): boolean {
  const essence = essenceOf(part);
  return essence !== '' && essenceOf(whole).includes(essence);
}

const essenceOf = (text: string): string =>
  tokensOf(text)
    .map((token) => token.key)
    .join('');

interface Token {
  /** As it is compared. Letter case counts in tokens with a digit only: programs capitalise headings. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

function tokensOf(text: string): readonly Token[] {
  const plain = text.normalize('NFC');
  const tokens: Token[] = [];
  for (const match of plain.matchAll(TOKEN)) {
    const word = match[0].replace(INVISIBLE, '');
    const key = /\d/.test(word) ? word : fold(word);
    tokens.push({ key, start: match.index, end: match.index + match[0].length });
  }
  return tokens;
}

const TOKEN = /[\p{L}\p{M}\p{N}\u00ad\u200b-\u200d]+(?:[-_@.'’+][\p{L}\p{M}\p{N}\u00ad\u200b-\u200d]+)*/gu;
const INVISIBLE = /[\u00ad\u200b-\u200d]/g;

/**
 * What the own words of the two bodies differ in; `null` when they do not, or only in what programs add: targets of
 * links, names of pictures, and a last or first paragraph without any word about the matter, such as a signature.
 * @param html - the raw HTML, which holds the targets of its links
 */
export function disagreementOf(fromText: string, fromHtml: string, html = ''): Disagreement | null {
  const text = withoutAdditions(fromText, html);
  const shown = withoutAdditions(fromHtml, '');
  const [a, b] = [tokensOf(text), tokensOf(shown)];
  let front = 0;
  while (front < a.length && front < b.length && a[front]?.key === b[front]?.key) front += 1;
  let back = 0;
  while (
    back < a.length - front &&
    back < b.length - front &&
    a[a.length - 1 - back]?.key === b[b.length - 1 - back]?.key
  )
    back += 1;
  const left = a.slice(front, a.length - back);
  const right = b.slice(front, b.length - back);
  if (left.map(({ key }) => key).join('') === right.map(({ key }) => key).join('')) return null;
  const [onlyInText, onlyInHtml] = [surplus(left, right), surplus(right, left)];
  if (onlyInText.length === 0 && onlyInHtml.length === 0) {
    // The same words in another order: columns of a layout, or a "not" that has moved.
    const telling = left.filter(isTelling);
    return telling.length === 0 ? null : { onlyInText: shownOf(telling), onlyInHtml: shownOf(telling) };
  }
  const apart =
    front + back > 0 &&
    ((back === 0 && opensParagraph(text, left) && opensParagraph(shown, right)) ||
      (front === 0 && closesParagraph(text, left) && closesParagraph(shown, right)));
  if (apart && ![...onlyInText, ...onlyInHtml].some(isTelling)) return null;
  return { onlyInText: shownOf(onlyInText), onlyInHtml: shownOf(onlyInHtml) };
}

/** Link targets behind their labels that the HTML holds as well, and the names of pictures. */
function withoutAdditions(text: string, html: string): string {
  if (!/[<[(]/.test(text)) return text;
  return text
    .replace(/[<[(]((?:https?:|mailto:|tel:)[^<>[\]()\s]{1,2000})[>\])]/g, (all, target: string) =>
      html.includes(target.split('&')[0] ?? target) ? ' ' : all,
    )
    .replace(/\[(?:image|cid|inline image|bild|imagen?|immagine|afbeelding)\b[^\]\n]{0,200}\]/gi, ' ')
    .replace(/^[ \t]*\[[^\]\n]{1,200}\][ \t]*$/gm, ' ');
}

/** The tokens of `one` that `other` does not have, each as often as it is missing. */
function surplus(one: readonly Token[], other: readonly Token[]): readonly Token[] {
  const left = new Map<string, number>();
  for (const { key } of other) left.set(key, (left.get(key) ?? 0) + 1);
  return one.filter(({ key }) => {
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  });
}

const shownOf = (tokens: readonly Token[]): readonly string[] =>
  tokens.slice(0, SHOWN_MAX).map(({ key }) => key.slice(0, SHOWN_CHARS_MAX));

/** An empty line, or the end of the text, stands before these words. */
function opensParagraph(text: string, run: readonly Token[]): boolean {
  const [first] = run;
  return (
    first === undefined ||
    /\n[^\p{L}\p{N}]*\n[^\p{L}\p{N}]*$|^[^\p{L}\p{N}]*$/u.test(
      text.slice(Math.max(0, first.start - 80), first.start),
    )
  );
}

function closesParagraph(text: string, run: readonly Token[]): boolean {
  const last = run.at(-1);
  return (
    last === undefined ||
    /^[^\p{L}\p{N}]*\n[^\p{L}\p{N}]*(?:\n|$)|^[^\p{L}\p{N}]*$/u.test(text.slice(last.end, last.end + 80))
  );
}

/** A number, a name with a sign in it, or a word that decides what is to go. */
const isTelling = ({ key }: Token): boolean => /[\d_@-]/.test(key) || TELLING.test(key);

/** Beginnings of words that delete, deny, except or name what we keep, in the languages that we read. */
const TELLING = new RegExp(
  `^(?:${[
    'delet|remov|eras|purg|wip|drop|destroy|cancel|stop|not$|no$|never|without|except|only|keep|workspace|source|space|user|event|project|all$|every|instead|none|don|can|won',
    'lösch|entfern|vernicht|nicht|nie|kein|ohne|außer|nur$|behalt|arbeitsbereich|quelle|alle|statt|storn',
    'supprim|effac|efface|annul|ne$|pas$|jamais|sauf|sans|seulement|espace|tout|garde|conserv',
    'borr|elimin|suprim|nunca|salvo|sin$|sólo|solo|espacio|fuente|todo|conserv',
    'apag|exclu|remov|não|nao|nunca|exceto|sem$|apenas|só$|espaço|fonte|tudo|mant',
    'cancell|rimuov|non$|mai$|tranne|senza|spazio|sorgente|tutt|manten',
    'verwijder|wis|niet|geen|nooit|behalve|zonder|alleen|werkruimte|bron|annule|behoud',
    '.*(?:削除|消去|取り消|取消|除|ない|ません|ワークスペース|ソース)',
  ].join('|')})`,
  'u',
);
