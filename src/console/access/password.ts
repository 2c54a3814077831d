import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import PQueue from 'p-queue';
import { plainName } from '../../domain/agents.ts';
import { COMMON } from './common-passwords.ts';

const PASSWORD_MIN = 12;
const PASSWORD_MAX = 200;

/** Memory 128 × N × r bytes: 32 MB each. As strong as N = 2^17 with p = 1 (OWASP Password Storage Cheat Sheet). */
const COST = { log2N: 15, r: 8, p: 3 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** Of the threads that Node has for this and for files and names, two at most are ever busy with passwords. */
const threads = new PQueue({ concurrency: 2 });

/** More than this may wait for them: further sign-ins are asked to come back, so that those under way are answered. */
const WAITING_MAX = 40;
export const isBusy = (): boolean => threads.size >= WAITING_MAX;

/** `scrypt$log2N$r$p$salt$hash`: what is needed to check it, also after the cost was raised. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.log2N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** @param stored - `null` = there is none: takes as long as if there was one */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, log2N, r, p, salt, hash] = (stored ?? NOBODYS).split('$');
  const wanted = Buffer.from(hash ?? '', 'base64');
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const got = await derive(password, Buffer.from(salt ?? '', 'base64'), cost);
  return timingSafeEqual(got, wanted) && stored !== null;
}

const NOBODYS = [
  'scrypt',
  COST.log2N,
  COST.r,
  COST.p,
  Buffer.alloc(SALT_BYTES).toString('base64'),
  Buffer.alloc(HASH_BYTES).toString('base64'),
].join('$');

function derive(password: string, salt: Buffer, { log2N, r, p }: typeof COST): Promise<Buffer> {
  const N = 2 ** log2N;
  const options = { N, r, p, maxmem: 256 * N * r };
  return threads.add(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        // Two keyboards may write one letter in two ways.
        scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, hash) =>
          error === null ? resolve(hash) : reject(error),
        );
      }),
  );
}

/** Why a password is not taken, in words for whoever chose it; `null` = it is. */
export function weaknessOf(password: string, name: string): string | null {
  if ([...password].length < PASSWORD_MIN) return `Please take ${PASSWORD_MIN} characters or more.`;
  if (password.length > PASSWORD_MAX) return `Please take ${PASSWORD_MAX} characters at most.`;
  const plain = plainName(password);
  const without = plainName(name).length < 3 ? plain : plain.replaceAll(plainName(name), '');
  if (without.length < PASSWORD_MIN - 4 && without !== plain)
    return 'That is mostly your name. Please take something that nobody would try.';
  const letters = new Set(password.toLowerCase());
  if (letters.size < 5 || isCommon(plain) || isCommon(plain.replace(/\d+$/, '')))
    return 'That is one of the first that somebody would try. Please take another one; three or four unrelated words are good.';
  return null;
}

const isCommon = (plain: string): boolean => COMMON.has(plain);
