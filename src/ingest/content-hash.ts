import { createHash } from 'node:crypto';
import { HEADER_BYTES_MAX } from '../domain/raw-header.ts';

/**
 * SHA-256 of a mail without what a second delivery of the same mail changes, lower-case hex. Two copies (an alias, a
 * re-numbered mailbox, a file read again) have one hash, and only the first of them opens tickets. Line ends count as
 * LF. `DKIM-Signature` stays in: a copy without the signature must not pass for the signed original. A header above the
 * parser's cap is taken as it is: that mail is unreadable anyway, and millions of fields would stop everything else.
 */
export function contentHash(raw: Buffer): string {
  const text = raw.toString('latin1').replaceAll('\r\n', '\n');
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  const header = end === -1 ? text : text.slice(0, end);
  const body = end === -1 ? '' : text.slice(end);
  const hash = createHash('sha256');
  if (header.length > HEADER_BYTES_MAX) return hash.update(text, 'latin1').digest('hex');
  for (const field of fieldsOf(header)) {
    if (!TRACE_FIELD.test(field)) hash.update(field, 'latin1').update('\n');
  }
  return hash.update(body, 'latin1').digest('hex');
}

/**
 * What servers on the way add: trace (RFC 5321 section 4.4), authentication results (RFC 8601), ARC (RFC 8617), envelope
 * copies, spam and virus verdicts.
 */
const TRACE_FIELD =
  /^(return-path|(x-)?received|(x-)?delivered-to|x-original-to|(x-)?envelope-(to|from)|(x-)?authentication-results|received-spf|arc-[a-z-]+|x-spam[a-z-]*|x-virus[a-z-]*|x-google-smtp-source|x-gm-message-state)[ \t]*:/i;

/** Header fields with their folded lines; a first line that is none (mbox `From `) is a field of its own. */
function fieldsOf(header: string): string[] {
  const fields: string[][] = [];
  for (const line of header.split('\n')) {
    const last = fields.at(-1);
    if (last !== undefined && /^[ \t]/.test(line)) last.push(line);
    else fields.push([line]);
  }
  return fields.map((lines) => lines.join('\n'));
}
