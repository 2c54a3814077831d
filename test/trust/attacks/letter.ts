/** A mail as its sender writes it: header fields in order, byte for byte, and a body. */

import { CLOCK, DESK } from './world.ts';

export interface LetterOptions {
  /** The whole value of From; `null` = no such field. */
  readonly from: string | null;
  readonly to?: string;
  readonly subject?: string;
  readonly text?: string | Buffer;
  /** When it was written, in minutes before the desk's clock. */
  readonly minutesAgo?: number;
  /** The whole value of Message-ID; `null` = none. */
  readonly messageId?: string | null;
  /** The whole value; `null` = none. */
  readonly contentType?: string | null;
  readonly encoding?: string;
  /** Whole fields without their line end, above and below all others. */
  readonly above?: readonly string[];
  readonly below?: readonly string[];
}

/** LF in `text` becomes CRLF; a Buffer stays as it is. */
export function letter(options: LetterOptions): Buffer {
  const { from, to = DESK, subject = 'Deletion request', text = '', minutesAgo = 5 } = options;
  const date = new Date(CLOCK.getTime() - minutesAgo * 60_000);
  const messageId = options.messageId === undefined ? idFrom(from ?? subject, subject) : options.messageId;
  const contentType = options.contentType === undefined ? 'text/plain; charset=utf-8' : options.contentType;
  const fields = [
    ...(options.above ?? []),
    ...(from === null ? [] : [`From: ${from}`]),
    `To: ${to}`,
    `Subject: ${subject}`,
    `Date: ${mailDate(date)}`,
    ...(messageId === null ? [] : [`Message-ID: ${messageId}`]),
    ...(contentType === null ? [] : ['MIME-Version: 1.0', `Content-Type: ${contentType}`]),
    ...(options.encoding === undefined ? [] : [`Content-Transfer-Encoding: ${options.encoding}`]),
    ...(options.below ?? []),
  ];
  const body = typeof text === 'string' ? Buffer.from(text.replace(/\n/g, '\r\n')) : text;
  return Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n\r\n`), body]);
}

/** RFC 5322 section 3.3, in UTC. */
export const mailDate = (date: Date): string => date.toUTCString().replace('GMT', '+0000');

/** A MIME body of parts, each with its own header lines (RFC 2046 section 5.1). */
export function multipart(
  boundary: string,
  parts: readonly { head: readonly string[]; body: string }[],
): string {
  const written = parts.map(({ head, body }) => `--${boundary}\n${head.join('\n')}\n\n${body}\n`);
  return `${written.join('')}--${boundary}--\n`;
}

const idFrom = (from: string, subject: string): string => {
  const letters = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '')
      .slice(0, 24);
  return `<${letters(subject)}.${letters(from)}@mail.example>`;
};
