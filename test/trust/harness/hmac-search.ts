/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of many short texts that differ in their end only. The key's two blocks are
 * hashed once and a text fits into one block, so a try costs two rounds of the hash: several times less than the
 * runtime's own HMAC, which is made anew for each text.
 */

const BLOCK_BYTES = 64;
/** A text, its end mark and its length must fit into one block. */
const TEXT_BYTES_MAX = 55;

/** @returns the first six bytes of the HMAC of a text of at most 55 bytes, as one number */
export function hmacStart(key: Uint8Array): (text: Uint8Array) => number {
  if (key.length > BLOCK_BYTES) throw new RangeError('a key longer than a block would be hashed first');
  const padded = new Uint8Array(BLOCK_BYTES);
  padded.set(key);
  const inner = compress(
    START,
    padded.map((byte) => byte ^ 0x36),
    new Int32Array(8),
  );
  const outer = compress(
    START,
    padded.map((byte) => byte ^ 0x5c),
    new Int32Array(8),
  );
  const block = new Uint8Array(BLOCK_BYTES);
  const last = new Uint8Array(BLOCK_BYTES);
  end(last, 32);
  const middle = new Int32Array(8);
  const result = new Int32Array(8);
  return (text) => {
    if (text.length > TEXT_BYTES_MAX) throw new RangeError('a text longer than a block');
    block.fill(0);
    block.set(text);
    end(block, text.length);
    compress(inner, block, middle);
    for (let word = 0; word < 8; word += 1) put(last, word, middle[word] ?? 0);
    compress(outer, last, result);
    return ((result[0] ?? 0) >>> 0) * 0x1_0000 + ((result[1] ?? 0) >>> 16);
  };
}

/** The end mark behind `length` bytes, and the number of bits with the key's block before them. */
function end(block: Uint8Array, length: number): void {
  block[length] = 0x80;
  put(block, 15, (BLOCK_BYTES + length) * 8);
}

function put(bytes: Uint8Array, word: number, value: number): void {
  bytes[word * 4] = value >>> 24;
  bytes[word * 4 + 1] = value >>> 16;
  bytes[word * 4 + 2] = value >>> 8;
  bytes[word * 4 + 3] = value;
}

const primes = (count: number): readonly number[] => {
  const found: number[] = [];
  for (let next = 2; found.length < count; next += 1) {
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  }
  return found;
};

/** The first 32 bits behind the point of a root. */
const behindPoint = (root: number): number => Math.floor((root - Math.floor(root)) * 0x1_0000_0000) | 0;

const ROUNDS = Int32Array.from(primes(64), (prime) => behindPoint(Math.cbrt(prime)));
const START = Int32Array.from(primes(8), (prime) => behindPoint(Math.sqrt(prime)));
const words = new Int32Array(64);

/** One round of the hash over a block of 64 bytes. */
function compress(from: Int32Array, block: Uint8Array, to: Int32Array): Int32Array {
  const at = (list: Int32Array | Uint8Array, index: number): number => list[index] as number;
  for (let i = 0; i < 16; i += 1) {
    const b = i * 4;
    words[i] = (at(block, b) << 24) | (at(block, b + 1) << 16) | (at(block, b + 2) << 8) | at(block, b + 3);
  }
  for (let i = 16; i < 64; i += 1) {
    const x = at(words, i - 15);
    const y = at(words, i - 2);
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (at(words, i - 16) + s0 + at(words, i - 7) + s1) | 0;
  }
  let a = at(from, 0);
  let b = at(from, 1);
  let c = at(from, 2);
  let d = at(from, 3);
  let e = at(from, 4);
  let f = at(from, 5);
  let g = at(from, 6);
  let h = at(from, 7);
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(ROUNDS, i) + at(words, i)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  to[0] = at(from, 0) + a;
  to[1] = at(from, 1) + b;
  to[2] = at(from, 2) + c;
  to[3] = at(from, 3) + d;
  to[4] = at(from, 4) + e;
  to[5] = at(from, 5) + f;
  to[6] = at(from, 6) + g;
  to[7] = at(from, 7) + h;
  return to;
}
