/** Challenges whose code is known beforehand. */
import { randomBytes } from 'node:crypto';
import { codeOf } from '../../../src/verify/challenge.ts';
import { hmacStart } from './hmac-search.ts';

/** Missing after so many is one in 10^17. */
const TRIES_MAX = 40_000_000;

/**
 * An id whose code is this one. A code follows from the key and the id, and one id in a million has it: ids are tried
 * until one does, so that nothing in the desk knows of the harness. The desk's own function has the last word.
 */
export function challengeIdFor(key: Uint8Array, code: string): string {
  const start = randomBytes(16).toString('hex');
  const wanted = Number(code);
  const startOf = hmacStart(key);
  const text = Buffer.from(`code\0${uuid(start, 0)}`);
  for (let tried = 0; tried < TRIES_MAX; tried += 1) {
    text.write((0x1_0000_0000 + tried).toString(16).slice(-8), text.length - 8, 'latin1');
    if (startOf(text) % 1_000_000 !== wanted) continue;
    const id = uuid(start, tried);
    if (codeOf(key, id) === code) return id;
    throw new Error('the desk derives its codes in another way than the harness supposes');
  }
  throw new Error('no challenge with this code was found');
}

/** Version 4, variant 10 (RFC 9562); the last eight digits count. */
function uuid(start: string, count: number): string {
  const end = (0x1_0000_0000 + count).toString(16).slice(-8);
  return `${start.slice(0, 8)}-${start.slice(8, 12)}-4${start.slice(13, 16)}-a${start.slice(17, 20)}-${start.slice(20, 24)}${end}`;
}
