import { type Attachment, type HeaderLines, type ParsedMail, simpleParser } from 'mailparser';

import { HEADER_BYTES_MAX } from '../domain/raw-header.ts';
import { misshapen, PARTS_MAX } from './mime-shape.ts';
import { type RawGate, rawGate } from './raw-gate.ts';

/**
 * What later stages need of one mail: plain data, which crosses threads. Header values are raw and unfolded unless said
 * otherwise.
 */
export interface ParsedMessage {
  /** Every value of a field in the order of the mail, raw and unfolded, by its name in lower case. */
  readonly header: ReadonlyMap<string, readonly string[]>;
  /** The one author's plain address, ASCII lower case, from the raw bytes; `null` = there is not exactly one. */
  readonly author: string | null;
  /** Why a person must look before anything is done; `null` = the raw bytes are in order. Fixed words. */
  readonly review: string | null;
  readonly from: { readonly raw: string | null; readonly name: string | null };
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
  /** The method of a meeting program's message (RFC 6047), lower case; `null` = none. */
  readonly method: string | null;
  readonly sizeBytes: number;
}

export interface Unreadable {
  /** One factual line without any text of the mail. */
  readonly unreadable: string;
}

export const isUnreadable = (result: ParsedMessage | Unreadable): result is Unreadable =>
  'unreadable' in result;

/** Reads one RFC 5322 message. A mail that cannot be read is a value with the reason, never a throw. */
export const parseMessage = (raw: Buffer): Promise<ParsedMessage | Unreadable> =>
  parseBehind(rawGate(raw), raw);

/** The same behind the gate of the same bytes. */
export async function parseBehind(gate: RawGate, raw: Buffer): Promise<ParsedMessage | Unreadable> {
  if (gate.kind === 'unreadable') return { unreadable: gate.reason };
  const shape = misshapen(raw);
  if (shape !== null) return { unreadable: shape };
  try {
    return messageOf(gate, await simpleParser(raw, PARSER_OPTIONS));
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    return { unreadable: `the message cannot be parsed${typeof code === 'string' ? ` (${code})` : ''}` };
  }
}

/**
 * The bytes of one attachment, to be saved and never shown.
 * @param no - its place in `attachments`
 * @returns null when there is none, or the mail cannot be read
 */
export async function attachmentOf(raw: Buffer, no: number): Promise<Uint8Array | null> {
  if (rawGate(raw).kind === 'unreadable' || misshapen(raw) !== null) return null;
  try {
    return (await simpleParser(raw, PARSER_OPTIONS)).attachments[no]?.content ?? null;
  } catch {
    return null;
  }
}

const PARSER_OPTIONS = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  skipTextLinks: true,
  maxHeadSize: HEADER_BYTES_MAX,
  maxChildNodes: PARTS_MAX,
} as const;

function messageOf(gate: Pick<ParsedMessage, 'author' | 'review'>, mail: ParsedMail): ParsedMessage {
  const header = fieldsOf(mail.headerLines);
  const first = (name: string): string | null => header.get(name)?.[0] ?? null;
  return {
    header,
    author: gate.author,
    review: gate.review,
    from: { raw: first('from'), name: mail.from?.value[0]?.name || null },
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
      method: methodOf(part),
      sizeBytes: part.size,
    })),
  };
}

function methodOf(part: Attachment): string | null {
  const type = part.headers.get('content-type') as { params?: { method?: string } } | undefined;
  return type?.params?.method?.toLowerCase() ?? null;
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
