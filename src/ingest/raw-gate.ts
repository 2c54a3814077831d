/**
 * What is looked at in the bytes of a mail before any parser sees them: sizes, line ends, and whether every reader would
 * find the same author. Parsers disagree on a second From, and a few kilobytes can keep one busy for minutes.
 */
import { foldAscii, isPlainAddress } from '../domain/directory.ts';
import {
  HEADER_BYTES_MAX,
  HEADER_LINES_MAX,
  type HeaderField,
  hasMixedLineEnds,
  headerSection,
  MESSAGE_BYTES_MAX,
  repeatedSingleton,
} from '../domain/raw-header.ts';

/** Reasons are fixed words without any text of the mail. */
export type RawGate =
  /** No parser may see it: it is kept raw for an agent. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | {
      readonly kind: 'readable';
      /** The one author's plain address, ASCII lower case; `null` = there is not exactly one. */
      readonly author: string | null;
      /** Why a person must look and nothing may be answered; `null` = nothing is wrong. */
      readonly review: string | null;
    };

/** More than honest mail ever carries; each costs look-ups and arithmetic. */
export const SIGNATURES_MAX = 10;
/** Address lists are read in time that grows with their square. */
const RECIPIENTS_MAX = 1_000;
const ADDRESS_FIELD_BYTES_MAX = 64 * 1024;

export function rawGate(raw: Buffer): RawGate {
  if (raw.length === 0) return unreadable('the message is empty');
  if (raw.length > MESSAGE_BYTES_MAX)
    return unreadable(`the message is larger than ${MESSAGE_BYTES_MAX} bytes`);
  const section = headerSection(raw);
  if (section.kind === 'too_large') return unreadable(`the header is larger than ${HEADER_BYTES_MAX} bytes`);
  if (section.kind === 'too_many_lines') {
    return unreadable(`the header has more than ${HEADER_LINES_MAX} lines`);
  }
  const { fields, bytes } = section;
  if (fields.length === 0) return unreadable('there is no mail header');
  const crowd = crowded(fields);
  if (crowd !== null) return unreadable(crowd);
  const nul = raw.indexOf(0);
  const author = authorIn(fields);
  return { kind: 'readable', author, review: odd(raw, fields, author, nul !== -1 && nul < bytes) };
}

const unreadable = (reason: string): RawGate => ({ kind: 'unreadable', reason });

const ADDRESS_FIELD = /^(?:resent-)?(?:from|sender|reply-to|to|cc|bcc)$|^(?:delivered-to|return-path)$/;

/** Too many addresses for a parser to read in the time that a mail has. */
function crowded(fields: readonly HeaderField[]): string | null {
  let recipients = 0;
  let bytes = 0;
  for (const { name, value } of fields) {
    if (!ADDRESS_FIELD.test(name)) continue;
    bytes += value.length;
    for (const character of value) if (character === ',' || character === ';') recipients += 1;
  }
  if (recipients > RECIPIENTS_MAX) return `the mail has more than ${RECIPIENTS_MAX} recipients`;
  return bytes > ADDRESS_FIELD_BYTES_MAX
    ? `the addresses are longer than ${ADDRESS_FIELD_BYTES_MAX} bytes`
    : null;
}

function odd(
  raw: Buffer,
  fields: readonly HeaderField[],
  author: string | null,
  hasNul: boolean,
): string | null {
  const count = (name: string): number => fields.filter((field) => field.name === name).length;
  if (hasNul) return 'there is a NUL in the header';
  if (count('from') !== 1) return 'there is not exactly one From';
  if (repeatedSingleton(fields) !== null) return 'a header field that must be single comes twice';
  if (author === null) return 'there is not exactly one plain author';
  if (count('dkim-signature') > SIGNATURES_MAX) return `there are more than ${SIGNATURES_MAX} signatures`;
  return hasMixedLineEnds(raw) ? 'the lines end in more than one way' : null;
}

/**
 * The one author: exactly one From with exactly one mailbox `addr`, `<addr>` or `name <addr>` whose address is plain.
 * Groups, routes, comments, lists and encoded addresses are not guessed at.
 */
function authorIn(fields: readonly HeaderField[]): string | null {
  const [from, second] = fields.filter(({ name }) => name === 'from');
  if (from === undefined || second !== undefined) return null;
  const address = mailboxIn(from.value);
  // An encoded word consists of characters that an address may have; some readers decode it all the same.
  const isPlain = address !== null && isPlainAddress(address) && !address.includes('=?');
  return isPlain ? foldAscii(address) : null;
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
