/**
 * Signs as RFC 6376 says, relaxed/relaxed, and also as it should not be done: libraries refuse to make most of the
 * signatures that attackers send.
 */

import { createHash, sign as signBytes } from 'node:crypto';
import type { SigningKey } from './keyring.ts';
import { CLOCK } from './world.ts';

export interface SignatureOptions {
  /** Names for h=, in order; a name stands once for each field that is covered. */
  readonly fields?: readonly string[];
  readonly algorithm?: 'rsa-sha256' | 'rsa-sha1' | 'ed25519-sha256';
  /** l=: the canonical body's first bytes only. */
  readonly length?: number;
  /** t= in minutes before the desk's clock; `null` = no t=. */
  readonly minutesAgo?: number | null;
  /** x= in minutes after the desk's clock. */
  readonly expiresIn?: number;
  /** v= when it is not 1. */
  readonly version?: string;
  /** d= when it is not the key's domain. */
  readonly domain?: string;
  /** More tags, each with its semicolon: `i=@x.example;` */
  readonly tags?: string;
}

export const DEFAULT_FIELDS = [
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
] as const;

/** The mail with one more DKIM-Signature on top. */
export function signed(mail: Buffer, key: SigningKey, options: SignatureOptions = {}): Buffer {
  const { algorithm = 'rsa-sha256', minutesAgo = 4, length } = options;
  const end = mail.indexOf('\r\n\r\n');
  const head = fieldsOf(mail.toString('latin1', 0, end));
  const names = options.fields ?? DEFAULT_FIELDS.filter((name) => head.some((field) => field.name === name));
  const whole = relaxedBody(mail.toString('latin1', end + 4));
  const body = length === undefined ? whole : whole.slice(0, length);
  const digest = algorithm === 'rsa-sha1' ? 'sha1' : 'sha256';
  const seconds = (minutes: number) => Math.floor(CLOCK.getTime() / 1_000) + minutes * 60;
  const tags = [
    `v=${options.version ?? '1'};`,
    `a=${algorithm};`,
    'c=relaxed/relaxed;',
    `d=${options.domain ?? key.domain};`,
    `s=${key.selector};`,
    ...(minutesAgo === null ? [] : [`t=${seconds(-minutesAgo)};`]),
    ...(options.expiresIn === undefined ? [] : [`x=${seconds(options.expiresIn)};`]),
    ...(length === undefined ? [] : [`l=${length};`]),
    ...(options.tags === undefined ? [] : [options.tags]),
    `h=${names.join(':')};`,
    `bh=${createHash(digest).update(body, 'latin1').digest('base64')};`,
    'b=',
  ];
  const unsigned = `DKIM-Signature: ${tags.join('\r\n\t')}`;
  const covered = `${coveredFields(head, names)}${relaxedField(unsigned)}`;
  const bytes = Buffer.from(covered, 'latin1');
  const made =
    algorithm === 'ed25519-sha256'
      ? signBytes(null, createHash('sha256').update(bytes).digest(), key.privateKey)
      : signBytes(digest, bytes, key.privateKey);
  const folded = (made.toString('base64').match(/.{1,70}/g) ?? []).join('\r\n\t ');
  return Buffer.concat([Buffer.from(`${unsigned}${folded}\r\n`, 'latin1'), mail]);
}

/** Puts whole fields above the mail, as somebody on its way can. */
export const withAbove = (mail: Buffer, ...fields: readonly string[]): Buffer =>
  Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n`), mail]);

interface Field {
  readonly name: string;
  readonly text: string;
}

function fieldsOf(head: string): readonly Field[] {
  return head
    .replace(/\r\n(?=[ \t])/g, '\u0000')
    .split('\r\n')
    .map((line) => ({
      name: line.slice(0, line.indexOf(':')).trim().toLowerCase(),
      text: line.replaceAll('\u0000', '\r\n'),
    }));
}

/** A name that stands in h= again means the next field of that name from below, or none. */
function coveredFields(head: readonly Field[], names: readonly string[]): string {
  const left = [...head].reverse();
  return names
    .map((name) => {
      const at = left.findIndex((field) => field.name === name);
      return at < 0 ? '' : `${relaxedField(left.splice(at, 1)[0]?.text ?? '')}\r\n`;
    })
    .join('');
}

/** RFC 6376 section 3.4.2. */
function relaxedField(text: string): string {
  const colon = text.indexOf(':');
  const value = text
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${text.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** RFC 6376 section 3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  return lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
}
