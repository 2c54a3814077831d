/** What a service signs when it calls back, after the Standard Webhooks specification 1.0. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the clock of a service may be off, and for how long a callback that was overheard can be sent again. */
const TOLERANCE_SECONDS = 300;

/** A secret as services get it: `whsec_` and 24 to 64 bytes in base64. */
export const CALLBACK_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A callback as it came in; nothing of it is believed. */
export interface Callback {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  /** `v1,` and base64; several, as while a secret is changed, stand with spaces between them. */
  readonly signatures: string;
  readonly body: Uint8Array;
}

/**
 * Whether whoever knows the secret signed this callback within the last minutes.
 * @param secret - `null` = the store takes no callbacks; the check then takes as long and fails
 */
export function isSigned(callback: Callback, secret: string | null, nowSeconds: number): boolean {
  const { id, timestamp, signatures, body } = callback;
  const expected = createHmac('sha256', Buffer.from((secret ?? NOBODYS).slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest();
  const given = signatures.split(' ').slice(0, SIGNATURES_MAX);
  const isRight = given.map((each) => isSame(each, expected)).includes(true);
  const isWhole = /^[\w.-]{1,256}$/.test(id) && /^\d{1,12}$/.test(timestamp);
  const isRecent = Math.abs(Number(timestamp) - nowSeconds) <= TOLERANCE_SECONDS;
  return isRight && isWhole && isRecent && secret !== null;
}

const SIGNATURES_MAX = 5;

/** So that a store without a secret costs as much time as one with. */
const NOBODYS = `whsec_${'A'.repeat(32)}`;

function isSame(signature: string, expected: Buffer): boolean {
  const given = Buffer.from(signature.startsWith('v1,') ? signature.slice(3) : '', 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
