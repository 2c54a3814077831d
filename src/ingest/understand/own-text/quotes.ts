import { fold } from '../sentences/words.ts';
import { MAIL_FURNITURE } from '../vocabulary/furniture.ts';

/** A line of the body without its end; `start` is its offset there. */
export interface Line {
  readonly text: string;
  readonly start: number;
}

export const BLANK: Line = { text: '', start: 0 };

export interface Marked {
  /** The writer's lines; what is quoted stands as a blank line. */
  readonly own: readonly Line[];
  /** The mail that is passed on, without its header; `null` = none. */
  readonly forwarded: readonly Line[] | null;
  /** Who wrote the mail that is passed on, as its header says. */
  readonly forwardedFrom: string | null;
  /** What was cut as a quote bears no marks and no clear introduction, or has nothing above it: it may be the writer's. */
  readonly unsure: boolean;
}

/** Lines beyond are not read: no request is longer, and work stays bounded. */
export const LINES_MAX = 10_000;

/** No-break and other wide spaces become plain ones, one for one, so that offsets hold. */
export function linesOf(source: string): readonly Line[] {
  const plain = WIDE.test(source) ? source.replace(WIDE_ALL, ' ') : source;
  const lines: Line[] = [];
  for (let start = 0; lines.length < LINES_MAX; ) {
    const end = plain.indexOf('\n', start);
    const stop = end === -1 ? plain.length : end;
    const cut = stop > start && plain.charCodeAt(stop - 1) === CR ? stop - 1 : stop;
    lines.push({ text: plain.slice(start, cut), start });
    if (end === -1) break;
    start = end + 1;
  }
  return lines;
}

const WIDE = /[\u00a0\u2000-\u200a\u202f\u3000]/;
const WIDE_ALL = /[\u00a0\u2000-\u200a\u202f\u3000]/g;
const CR = 0x0d;
const GREATER = 0x3e;
const WIDE_GREATER = 0xff1e;

export const isBlank = (line: Line | undefined): boolean => line === undefined || line.text.trim() === '';

/**
 * Separates the writer's lines from quoted and forwarded ones: lines behind `>` (RFC 3676 section 4.5), what follows an
 * introduction such as "On 3 May Ann wrote:", a copied header as Outlook writes it, a line of dashes with "Original
 * Message", or our own "reply above this line". `isForward`: a copied header opens a forwarded mail, not a quote.
 */
export function markQuotes(lines: readonly Line[], isForward: boolean): Marked {
  const own: Line[] = [];
  let hasWords = false;
  let lastQuoted = -2;
  let introduced = -2;
  const result = (unsure: boolean): Marked => ({ own, forwarded: null, forwardedFrom: null, unsure });
  const passOn = (at: number): Marked => ({ own, ...belowHeader(lines, at), unsure: false });
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? BLANK;
    const text = line.text.trim();
    const sign = text.charCodeAt(0);
    if (text === '') {
      own.push(BLANK);
      continue;
    }
    if (sign === GREATER || sign === WIDE_GREATER) {
      if (isEscapedFrom(lines, at)) {
        own.push({ text: line.text.replace('>', ' '), start: line.start });
        continue;
      }
      const opensQuote = lastQuoted < at - 1 && introduced < at - 1;
      if (opensQuote && isForwardMark(text)) {
        const end = quoteEnd(lines, at);
        const inner = belowHeader(unquoted(lines.slice(at + 1, end)), 0);
        const rest = markQuotes(lines.slice(end), false);
        return { ...inner, own: [...own, BLANK, ...rest.own], unsure: rest.unsure };
      }
      lastQuoted = at;
      own.push(BLANK);
      continue;
    }
    if (RULE_SIGNS.has(sign) || (text.length <= 80 && text.endsWith(':'))) {
      if (isForwardMark(text)) return passOn(at + 1);
      if (isOriginalMark(text))
        return isForward ? passOn(at + 1) : result(!hasWords && hasMore(lines, at + 1));
      if (isReplyMarker(text)) return result(!hasWords && hasMore(lines, at + 1));
    } else if ((sign | 0x20) === 0x70 || (sign | 0x20) === 0x72) {
      if (isReplyMarker(text)) return result(!hasWords && hasMore(lines, at + 1));
    }
    const header = headerEnd(lines, at);
    if (header > at) return isForward ? passOn(at) : result(!hasWords && hasMore(lines, header));
    const last = text.charCodeAt(text.length - 1);
    if (last === COLON || last === WIDE_COLON) {
      const found = introductionAt(lines, at, own);
      if (found !== null) {
        for (let each = found.from; each < at; each += 1) own[each] = BLANK;
        const next = nextFilled(lines, at + 1);
        if (next === -1) return result(false);
        if (!isQuotedLine(lines[next])) {
          return result(!found.clear || !own.some((each) => each !== BLANK));
        }
        own.push(BLANK);
        introduced = next;
        at = next - 1;
        while (own.length < next) own.push(BLANK);
        continue;
      }
    }
    if (isWrappedOff(lines, at, lastQuoted)) {
      lastQuoted = at;
      own.push(BLANK);
      continue;
    }
    hasWords = true;
    own.push(line);
  }
  return result(false);
}

const COLON = 0x3a;
const WIDE_COLON = 0xff1a;
/** `-`, `_`, `*`, `=`, `#`, `~`, and the dashes. */
const RULE_SIGNS: ReadonlySet<number> = new Set([...'-_*=#~–—－―'].map((sign) => sign.charCodeAt(0)));

function isQuotedLine(line: Line | undefined): boolean {
  const sign = line?.text.trimStart().charCodeAt(0);
  return sign === GREATER || sign === WIDE_GREATER;
}

const hasMore = (lines: readonly Line[], from: number): boolean => nextFilled(lines, from) !== -1;

function nextFilled(lines: readonly Line[], from: number): number {
  for (let at = from; at < lines.length; at += 1) if (!isBlank(lines[at])) return at;
  return -1;
}

/** Mail stores write `>From` for a line that begins with "From" (the mbox format). It stands among unquoted lines. */
const isEscapedFrom = (lines: readonly Line[], at: number): boolean =>
  (lines[at]?.text ?? '').startsWith('>From ') &&
  !isQuotedLine(lines[at - 1]) &&
  !isQuotedLine(lines[at + 1]) &&
  !(lines[at]?.text ?? '').includes('@');

/**
 * The end of a long quoted line that a relay broke off without its mark: short, in small letters, between two quoted
 * lines. A word of denial is never taken for that.
 */
function isWrappedOff(lines: readonly Line[], at: number, lastQuoted: number): boolean {
  if (lastQuoted !== at - 1 || !isQuotedLine(lines[at + 1])) return false;
  const before = (lines[at - 1]?.text ?? '').trimEnd();
  const text = (lines[at]?.text ?? '').trim();
  if (before.length < 66 || /[.?!:;>]$/.test(before) || text.length > 40) return false;
  return (
    /^[\p{Ll}\p{N}]/u.test(text) && !MAIL_FURNITURE.denials.has(fold(/^[\p{L}']+/u.exec(text)?.[0] ?? ''))
  );
}

/** The line after the quote that `at` is in: blank lines belong to it when more of it follows. */
function quoteEnd(lines: readonly Line[], at: number): number {
  let end = at;
  for (let next = at; next < lines.length; next += 1) {
    if (isQuotedLine(lines[next])) end = next + 1;
    else if (!isBlank(lines[next])) break;
  }
  return end;
}

/** "-- Please reply above this line --" in any language we write: ruled on both sides, with a word for each. */
function isReplyMarker(text: string): boolean {
  if (text.length > 120) return false;
  const folded = fold(text);
  const ruled = RULE_SIGNS.has(text.charCodeAt(0)) && RULE_SIGNS.has(text.charCodeAt(text.length - 1));
  if (!ruled && !/^(?:please )?reply above this line\W{0,3}$/.test(folded)) return false;
  const { aboveWords, lineWords } = MAIL_FURNITURE;
  return aboveWords.some((word) => folded.includes(word)) && lineWords.some((word) => folded.includes(word));
}

const FORWARD_MARKS: ReadonlySet<string> = new Set(MAIL_FURNITURE.forwardMarks);
const ORIGINAL_MARKS: ReadonlySet<string> = new Set(MAIL_FURNITURE.originalMarks);

function isForwardMark(text: string): boolean {
  if (text.length > 120) return false;
  const name = bare(text);
  return (
    FORWARD_MARKS.has(name) || (/^[-_*=]{3}/.test(text) && /^forwarded by |^weitergeleitet von /.test(name))
  );
}

/** Rules stand on one side at least: the bare words are a headline of the writer's. */
const isOriginalMark = (text: string): boolean =>
  text.length <= 120 && RULE_SIGNS.has(text.charCodeAt(0)) && ORIGINAL_MARKS.has(bare(text));

/** Without the rules and colons around it. */
const bare = (text: string): string =>
  fold(text.replace(/^[-_=*#~–—－―>\s]+/, '').replace(/[-_=*#~–—－―:：\s]+$/, ''));

type HeaderKind = 'from' | 'sent' | 'to' | 'cc' | 'subject';
const HEADER_KINDS: ReadonlyMap<string, HeaderKind> = new Map(
  (Object.entries(MAIL_FURNITURE.headerLabels) as [HeaderKind, readonly string[]][]).flatMap(
    ([kind, labels]) => labels.map((label) => [label, kind] as const),
  ),
);
/** Labels are short: looking for a colon stops here. */
const LABEL_CHARS_MAX = 28;

/** `From` of `*From:* Ann <a@b.c>`, with the offset of what follows; `null` when the line is no header line. */
function labelOf(line: string): { readonly kind: HeaderKind; readonly value: string } | null {
  const stop = Math.min(line.length, LABEL_CHARS_MAX);
  let colon = -1;
  for (let at = 0; at < stop; at += 1) {
    const sign = line.charCodeAt(at);
    if (sign === COLON || sign === WIDE_COLON) {
      colon = at;
      break;
    }
  }
  if (colon <= 0) return null;
  const kind = HEADER_KINDS.get(
    fold(
      line
        .slice(0, colon)
        .replace(/[*_|>]/g, '')
        .trim(),
    ),
  );
  return kind === undefined
    ? null
    : {
        kind,
        value: line
          .slice(colon + 1)
          .replace(/^[*_\s|]+/, '')
          .trim(),
      };
}

const HEADER_LINES_MAX = 14;

/**
 * The line after a copied header (From, Sent, To, Subject …) that begins at `at`; `at` when there is none. An author and
 * two more fields are wanted, and an address or a time of day: "From: 1 January" and "To: 31 March" are a writer's own.
 */
function headerEnd(lines: readonly Line[], at: number): number {
  const first = labelOf(lines[at]?.text ?? '');
  if (first === null || first.kind === 'to' || first.kind === 'cc') return at;
  if (isFlatHeader(lines[at]?.text ?? '')) return at + 1;
  const kinds = new Set<HeaderKind>();
  let proof = false;
  let plainAuthor = false;
  let end = at;
  let loose = 0;
  for (let next = at; next < Math.min(lines.length, at + HEADER_LINES_MAX); next += 1) {
    const text = lines[next]?.text ?? '';
    const label = labelOf(text);
    if (label !== null) {
      kinds.add(label.kind);
      end = next + 1;
      loose = 0;
      if (label.kind === 'from') {
        plainAuthor = label.value === '' || !/^\d/.test(label.value);
        proof ||= label.value.includes('@');
      } else if (label.kind === 'to') proof ||= label.value.includes('@');
      else if (label.kind === 'sent') proof ||= /\d[:.h時]\s?\d/.test(label.value);
    } else if (text.trim() === '') {
      if (isBlank(lines[next + 1]) && kinds.size >= 3) break;
    } else {
      loose += 1;
      if (loose > 3 || isBlank(lines[next - 1])) break;
    }
  }
  return kinds.has('from') && kinds.size >= 3 && plainAuthor && proof ? end : at;
}

/** The whole header in one line, as careless conversions of HTML leave it. */
function isFlatHeader(text: string): boolean {
  if (text.length < 40 || !text.includes('@')) return false;
  const folded = fold(text.slice(0, 600));
  const has = (kind: HeaderKind): boolean =>
    MAIL_FURNITURE.headerLabels[kind].some(
      (label) => folded.includes(` ${label}:`) || folded.includes(` ${label} :`),
    );
  return has('sent') && has('to') && has('subject');
}

/** The forwarded mail from `at` on, without the header that it begins with. */
function belowHeader(lines: readonly Line[], at: number): Pick<Marked, 'forwarded' | 'forwardedFrom'> {
  let next = nextFilled(lines, at);
  if (next === -1) return { forwarded: [], forwardedFrom: null };
  const plain = isQuotedLine(lines[next]) ? unquoted(lines.slice(next)) : lines.slice(next);
  next = Math.max(0, nextFilled(plain, 0));
  const start = next;
  while (
    next < plain.length &&
    (labelOf(plain[next]?.text ?? '') !== null || isContinued(plain, next, start))
  )
    next += 1;
  const author = plain
    .slice(start, next)
    .map((line) => labelOf(line.text))
    .find((label) => label?.kind === 'from');
  const name = author?.value
    .replace(/<.*$|\[mailto.*$/, '')
    .replace(/["'*]/g, '')
    .trim();
  return { forwarded: plain.slice(next), forwardedFrom: name === undefined || name === '' ? null : name };
}

/** A long list of recipients runs on in the next line. */
const isContinued = (lines: readonly Line[], at: number, start: number): boolean =>
  at > start &&
  !isBlank(lines[at]) &&
  at - start < HEADER_LINES_MAX &&
  labelOf(lines[at + 1]?.text ?? '') !== null;

/** Takes one level of quoting away. */
function unquoted(lines: readonly Line[]): readonly Line[] {
  return lines.map((line) => {
    const cut = /^\s*[>＞] ?/.exec(line.text)?.[0].length ?? 0;
    return cut === 0 ? line : { text: line.text.slice(cut), start: line.start + cut };
  });
}

interface Introduction {
  /** Its first line. */
  readonly from: number;
  /** It tells a time of day or an address, as programs do; people leave that out. */
  readonly clear: boolean;
}

const INTRODUCTION_LINES_MAX = 4;
const INTRODUCTION_CHARS_MAX = 400;

/** The introduction of a quote that ends in line `at`, which ends in a colon; it may be wrapped. `own`: the lines before. */
function introductionAt(lines: readonly Line[], at: number, own: readonly Line[]): Introduction | null {
  const next = nextFilled(lines, at + 1);
  const marked = next !== -1 && isQuotedLine(lines[next]);
  let joined = '';
  let fallback: Introduction | null = null;
  for (let from = at; from >= 0 && from > at - INTRODUCTION_LINES_MAX; from -= 1) {
    if (from < at && own[from] === BLANK) break;
    joined = `${(lines[from]?.text ?? '').trim()} ${joined}`;
    if (joined.length > INTRODUCTION_CHARS_MAX) break;
    const kind = introductionKind(fold(joined.trim()));
    if (kind === null) continue;
    const clear = CLOCK.test(joined) || joined.includes('@');
    if (kind === 'opened') return { from, clear };
    // "Please delete what belongs to <jane@example.org>:" is none; a time of day or marks below make it one.
    if (CLOCK.test(joined) || marked) fallback ??= { from, clear };
  }
  if (fallback !== null) return fallback;
  // "Ann Smith wrote:" tells nothing, but the marks below it do.
  const text = fold((lines[at]?.text ?? '').trim());
  const bareVerb = text.length < 80 && MAIL_FURNITURE.closingVerbs.some((verb) => text.endsWith(verb));
  return bareVerb && marked ? { from: at, clear: true } : null;
}

const CLOCK = /\d{1,2}[:.h時]\s?\d{2}/;
const ENDS_IN_ADDRESS = /@[^<>\s]{1,120}>\)?\s{0,3}[:：]$/;

/** `opened`: by a word and a date that introduce ("On 3 May"); `closed`: only its end tells. */
function introductionKind(text: string): 'opened' | 'closed' | null {
  const dated = DIGIT.test(text.slice(0, 48));
  if (!dated && !text.includes('@')) return null;
  const { introductionVerbs, introductionOpeners } = MAIL_FURNITURE;
  const endsInAddress = ENDS_IN_ADDRESS.test(text);
  // A year, a time of day and an address in brackets introduce in any language.
  const full = YEAR.test(text) && CLOCK.test(text) && BRACKETED.test(text);
  if (!endsInAddress && !full && !introductionVerbs.some((verb) => text.includes(verb))) return null;
  if (dated && introductionOpeners.some((opener) => startsWithWord(text, opener))) return 'opened';
  if (/^\d/.test(text) && (endsInAddress || CLOCK.test(text))) return 'opened';
  return endsInAddress || text.includes('@') || /^[*<"]/.test(text) ? 'closed' : null;
}

/** Weekdays are listed without their endings: "tue" begins "tue, 29 oct" and "tues.", not "tuesday's" list. */
function startsWithWord(text: string, opener: string): boolean {
  if (!text.startsWith(opener)) return false;
  return opener.endsWith(' ') || /^\p{L}{0,7}[.,]? /u.test(text.slice(opener.length, opener.length + 12));
}

const YEAR = /(?:19|20)\d\d/;
const BRACKETED = /<[^<>\s@]{1,80}@/;
const DIGIT = /\d/;
