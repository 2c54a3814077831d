import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** What canonical JSON can hold. Numbers are integers: no store count, version or cap is anything else. */
export type Canonical =
  | string
  | number
  | boolean
  | null
  | readonly Canonical[]
  | { readonly [key: string]: Canonical | undefined };

/**
 * Canonical JSON after RFC 8785 (JCS), restricted to strings, safe integers, booleans, null, arrays and objects: keys
 * sorted by UTF-16 code unit, no white space. `undefined` members are left out.
 * @throws RangeError on a number that is not a safe integer
 */
export function canonicalJson(value: Canonical): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`canonical JSON holds safe integers only, got ${value}`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value as Record<string, Canonical | undefined>)
    .filter((member): member is [string, Canonical] => member[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/** SHA-256, lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** SHA-256 of the canonical JSON, lower-case hex. */
export const digestOf = (value: Canonical): string => sha256(canonicalJson(value));

/** HMAC-SHA-256, raw bytes. `purpose` separates uses of one key (code, link, Message-ID, address hash …). */
export const keyed = (key: Uint8Array, purpose: string, text: string): Buffer =>
  createHmac('sha256', keyObject(key)).update(`${purpose}\0${text}`).digest();

/** Made once for each key, whose bytes never change: making one takes four times as long as hashing with it. */
function keyObject(key: Uint8Array): KeyObject {
  const known = KEY_OBJECTS.get(key);
  if (known?.bytes.every((byte, at) => byte === key[at])) return known.object;
  const object = createSecretKey(key);
  KEY_OBJECTS.set(key, { object, bytes: Uint8Array.from(key) });
  return object;
}

/** With the bytes that each was made of: they may have been overwritten since. */
const KEY_OBJECTS = new WeakMap<Uint8Array, { readonly object: KeyObject; readonly bytes: Uint8Array }>();

/**
 * A keyed hash that stands for an address in events, logs and receipts: 32 hex digits. Without the key nobody can
 * test a guess; with it an auditor can.
 */
export const addressHash = (key: Uint8Array, address: string): string =>
  keyed(key, 'address', address).toString('hex').slice(0, 32);
