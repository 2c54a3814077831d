import { type HeaderLines, type ParsedMail, simpleParser } from 'mailparser';

import { foldAscii, isPlainAddress } from '../domain/directory.ts';

/** What later stages need of one mail. Header values are raw and unfolded unless said otherwise. */
export interface ParsedMessage {
  /** Every value of a field in the order of the mail, raw and unfolded; none = empty. Any case of the name. */
  readonly header: (name: string) => readonly string[];
  /** `fields` counts From fields in the raw bytes: a parser that takes the first of two must not hide the second. */
  readonly from: { readonly fields: number; readonly raw: string | null; readonly name: string | null };
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  /** Decoded (RFC 2047); empty when the mail has none. */
  readonly subject: string;
  /** From the raw Date field (RFC 5322 section 3.6.1); `null` = absent or not a date. */
  readonly date: Date | null;
  /** Without angle brackets; the empty string is the null path (RFC 5321 section 4.5.5), `null` = no such field. */
  readonly returnPath: string | null;
  readonly autoSubmitted: string | null;
  readonly precedence: string | null;
  readonly autoResponseSuppress: string | null;
  readonly listId: string | null;
  readonly contentType: { readonly type: string; readonly reportType: string | null };
  readonly to: readonly string[];
  readonly cc: readonly string[];
  /** The text/plain parts, decoded; `null` = the mail has none. */
  readonly text: string | null;
  readonly html: string | null;
  /** What was attached, never its content. A message/rfc822 part is an attachment and is never read. */
  readonly attachments: readonly AttachmentMeta[];
}

export interface AttachmentMeta {
  /** As the sender wrote it: it may hold path separators, so it must not name a file. */
  readonly name: string | null;
  readonly contentType: string;
  readonly sizeBytes: number;
}

export interface Unreadable {
  /** One factual line without any text of the mail. */
  readonly unreadable: string;
}

export const isUnreadable = (result: ParsedMessage | Unreadable): result is Unreadable =>
  'unreadable' in result;

/** Caps on the raw mail, checked before any parser sees it. */
export const MESSAGE_BYTES_MAX = 25 * 1024 * 1024;
export const HEADER_BYTES_MAX = 256 * 1024;
export const HEADER_LINES_MAX = 2_000;
const PARTS_MAX = 1_000;

/** Reads one RFC 5322 message. A mail that cannot be read is a value with the reason, never a throw. */
export async function parseMessage(raw: Buffer): Promise<ParsedMessage | Unreadable> {
  const refused = overCap(raw);
  if (refused !== null) return { unreadable: refused };
  try {
    return messageOf(raw, await simpleParser(raw, PARSER_OPTIONS));
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    return { unreadable: `the message cannot be parsed${typeof code === 'string' ? ` (${code})` : ''}` };
  }
}

/**
 * The one author's plain address, ASCII folded to lower case. `null` unless there is exactly one From field that holds
 * exactly one mailbox `addr`, `<addr>` or `name <addr>`: groups, routes, comments and lists are not guessed at.
 */
export function authorOf(message: ParsedMessage): string | null {
  const { fields, raw } = message.from;
  if (fields !== 1 || raw === null) return null;
  const address = mailboxIn(raw.trim());
  return address !== null && isPlainAddress(address) ? foldAscii(address) : null;
}

const PARSER_OPTIONS = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  skipTextLinks: true,
  maxHeadSize: HEADER_BYTES_MAX,
  maxChildNodes: PARTS_MAX,
} as const;

function overCap(raw: Buffer): string | null {
  if (raw.length === 0) return 'the message is empty';
  if (raw.length > MESSAGE_BYTES_MAX) return `the message is larger than ${MESSAGE_BYTES_MAX} bytes`;
  const end = headerEnd(raw);
  if (end > HEADER_BYTES_MAX) return `the header is larger than ${HEADER_BYTES_MAX} bytes`;
  let lines = 0;
  let fields = 0;
  for (let at = 0; at < end; lines += 1) {
    const next = raw.indexOf(LF, at);
    const stop = next === -1 || next > end ? end : next;
    if (/^[!-9;-~]+[ \t]*:/.test(raw.toString('latin1', at, Math.min(stop, at + 256)))) fields += 1;
    at = stop + 1;
  }
  if (lines > HEADER_LINES_MAX) return `the header has more than ${HEADER_LINES_MAX} lines`;
  return fields === 0 ? 'there is no mail header' : null;
}

const LF = 0x0a;

/** Offset of the empty line that ends the header section (RFC 5322 section 2.1); the length when there is none. */
function headerEnd(raw: Buffer): number {
  const ends = ['\r\n\r\n', '\n\n'].map((gap) => raw.indexOf(gap)).filter((at) => at !== -1);
  return ends.length === 0 ? raw.length : Math.min(...ends);
}

function messageOf(raw: Buffer, mail: ParsedMail): ParsedMessage {
  const fields = fieldsOf(mail.headerLines);
  const header = (name: string): readonly string[] => fields.get(name.toLowerCase()) ?? [];
  const first = (name: string): string | null => header(name)[0] ?? null;
  return {
    header,
    from: { fields: countFrom(raw), raw: first('from'), name: mail.from?.value[0]?.name || null },
    messageId: mail.messageId ?? null,
    inReplyTo: mail.inReplyTo ?? null,
    references: typeof mail.references === 'string' ? [mail.references] : (mail.references ?? []),
    subject: mail.subject ?? '',
    date: dateOf(first('date')),
    returnPath: first('return-path')?.replace(/[<>\s]/g, '') ?? null,
    autoSubmitted: first('auto-submitted'),
    precedence: first('precedence') ?? first('x-precedence'),
    autoResponseSuppress: first('x-auto-response-suppress'),
    listId: first('list-id'),
    contentType: contentTypeOf(first('content-type')),
    to: addressesOf(mail.to),
    cc: addressesOf(mail.cc),
    text: mail.text ?? null,
    html: typeof mail.html === 'string' ? mail.html : null,
    attachments: mail.attachments.map((part) => ({
      name: part.filename ?? null,
      contentType: part.contentType,
      sizeBytes: part.size,
    })),
  };
}

/** A Map, so that a field called `__proto__` is a field like any other. */
function fieldsOf(lines: HeaderLines): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const { key, line } of lines) {
    const value = line
      .slice(line.indexOf(':') + 1)
      .replace(/\r?\n/g, '')
      .trim();
    const values = fields.get(key.toLowerCase());
    if (values === undefined) fields.set(key.toLowerCase(), [value]);
    else values.push(value);
  }
  return fields;
}

const countFrom = (raw: Buffer): number =>
  raw
    .toString('latin1', 0, headerEnd(raw))
    .split('\n')
    .filter((line) => /^from[ \t]*:/i.test(line)).length;

/** mailparser turns an invalid date into now; the field itself decides. */
function dateOf(value: string | null): Date | null {
  if (value === null) return null;
  const found = RFC5322_DATE.exec(value);
  if (found === null) return null;
  const date = new Date(found[0]);
  return Number.isNaN(date.getTime()) ? null : date;
}

const RFC5322_DATE =
  /^(?:[A-Za-z]{3},? *)?\d{1,2} +[A-Za-z]{3} +(?:19|2\d)\d{2} +\d{1,2}:\d{2}(?::\d{2})? +(?:[+-]\d{4}|UTC?|GMT|[ECMP][SD]T|Z)\b/;

function contentTypeOf(value: string | null): ParsedMessage['contentType'] {
  const [type = ''] = (value ?? 'text/plain').split(';');
  const report = /report-type\s*=\s*"?([A-Za-z0-9-]+)/i.exec(value ?? '');
  return { type: type.trim().toLowerCase(), reportType: report?.[1]?.toLowerCase() ?? null };
}

function addressesOf(field: ParsedMail['to']): readonly string[] {
  const lists = field === undefined ? [] : Array.isArray(field) ? field : [field];
  return lists.flatMap((list) => list.value.flatMap((entry) => (entry.address ? [entry.address] : [])));
}

/** `addr`, `<addr>`, `words <addr>` or `"quoted words" <addr>`; `null` for anything richer. */
function mailboxIn(value: string): string | null {
  if (!value.endsWith('>')) return value;
  const open = value.lastIndexOf('<');
  if (open === -1) return null;
  const name = value.slice(0, open).trim();
  const quoted = /^"(?:[^"\\]|\\.)*"$/.test(name);
  return quoted || !/[<>@,;:"()\\]/.test(name) ? value.slice(open + 1, -1) : null;
}
