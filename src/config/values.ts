import { Buffer } from 'node:buffer';
import { isIP } from 'node:net';
import { z } from 'zod';
import { refuse } from './problem.ts';
import { Secret } from './secret.ts';

const SECRET_KEY_MIN_BYTES = 32;

export function dnsServers(text: string): readonly string[] {
  const servers = listed(text).map((server) => {
    const match = /^(?:\[([^\]]+)\]|([^:]+)|([^[\]]+))(?::(\d{1,5}))?$/.exec(
      isIP(server) === 6 ? `[${server}]` : server,
    );
    const host = match?.[1] ?? match?.[2] ?? '';
    const port = Number(match?.[4] ?? 53);
    if (isIP(host) === 0 || port < 1 || port > 65_535) return null;
    return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  });
  const right = servers.filter((server) => server !== null);
  return right.length === servers.length ? right : refuse('is not a list of IP addresses with ports');
}

export function hostNames(text: string): readonly string[] {
  const names = listed(text).map((name) => name.toLowerCase());
  const right = names.every((name) => /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name));
  return right ? names : refuse('is not a list of host names');
}

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

export function secretKey(text: string): Secret<Buffer> {
  const hex = /^([0-9a-f]{2})+$/i.test(text);
  if (!hex && !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return refuse('is neither hex nor base64');
  const bytes = Buffer.from(text, hex ? 'hex' : 'base64');
  if (bytes.length < SECRET_KEY_MIN_BYTES) return refuse(`is shorter than ${SECRET_KEY_MIN_BYTES} bytes`);
  return new Secret(bytes);
}

/** For text from the environment. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `is not a whole number from ${min} to ${max}`,
    )
    .transform(Number);
}

/** One line that customers read, from YAML. */
export function words(most: number) {
  return z
    .string('is not a text')
    .max(most, `is longer than ${most} characters`)
    .refine((text) => text.trim() !== '', 'is empty')
    .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), 'holds a line end or another control character');
}

/** For numbers from YAML. */
export function integer(min: number, max: number) {
  const what = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return z
    .number(`is not a whole number ${what}`)
    .refine(
      (value) => Number.isSafeInteger(value) && value >= min && value <= max,
      `is not a whole number ${what}`,
    );
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One plain ASCII address, for a From header and an envelope alike. */
export const plainAddress = z
  .string()
  .max(254, 'is longer than 254 characters')
  // Without the u flag: with it and i, \P{ASCII} also means k and s, whose folded kin are outside of ASCII.
  .regex(/^[!#-'*+\-/-9=?A-Z^-~.]+@[a-z0-9-]+(\.[a-z0-9-]+)*$/i, 'is not one plain ASCII address');

export const folderName = z.string().regex(/^\P{Cc}+$/u, 'is empty or holds a control character');

/** ISO 639-1 */
export const locale = z.string().regex(/^[a-z]{2}$/, 'is not a language of two letters like de');

/** What an OAuth provider calls a client, or lets it do. */
export const printable = (most: number) =>
  z
    .string()
    .regex(new RegExp(`^[!-~]{1,${most}}$`), `is not 1 to ${most} printable characters without spaces`);
