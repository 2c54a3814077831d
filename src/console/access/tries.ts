/**
 * Wrong tries in a row, counted in the database so that several processes count together. A name is never locked for
 * good: after a few tries each one more waits longer, up to five minutes. A browser in which the agent has signed in
 * before has a count of its own, so that nobody who guesses elsewhere keeps the agent out.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Knex } from 'knex';
import { plainName } from '../../domain/agents.ts';
import { keyed } from '../../domain/canonical.ts';

const FREE_TRIES = 5;
const WAIT_MAX_SECONDS = 300;

/** What the tries of this name in this browser are counted under; a name that nobody has is no different. */
export const countedAs = (key: Uint8Array, name: string, browser: string | undefined): Buffer =>
  keyed(key, 'sign-in tries', `${plainName(name)}\0${knownBrowser(key, name, browser)}`);

/** The same for passwords that are asked of somebody who is signed in. */
export const countedFor = (key: Uint8Array, agentId: number): Buffer =>
  keyed(key, 'password tries', String(agentId));

/**
 * Counts a try before it is looked at: of many at once no more are looked at than one after the other.
 * @returns seconds to wait, 0 = look at it
 */
export async function takeTry(db: Knex, counted: Buffer): Promise<number> {
  const taken = await db.raw<{ rows: unknown[] }>(TAKE, {
    counted,
    free: FREE_TRIES,
    most: WAIT_MAX_SECONDS,
  });
  if (taken.rows.length > 0) return 0;
  const found = await db.raw<{ rows: { wait: number }[] }>(WAIT, { counted });
  return Math.max(1, found.rows[0]?.wait ?? 1);
}

/** The try was right. */
export async function forgetTries(db: Knex, counted: Buffer): Promise<void> {
  await db.raw('delete from sign_in_tries where name_hash = :counted', { counted });
}

/** Names that nobody has are tried too, and nobody ever signs in as them: their counts go by their age. */
export async function forgetOldTries(db: Knex): Promise<void> {
  await db.raw(`delete from sign_in_tries where next_at < clock_timestamp() - interval '2 days'`);
}

const TAKE = `
  insert into sign_in_tries as tries (name_hash, failures, next_at) values (:counted, 1, clock_timestamp())
  on conflict (name_hash) do update set
    failures = case when tries.next_at < clock_timestamp() - interval '1 day' then 1 else least(tries.failures + 1, 1000) end,
    next_at = clock_timestamp() + make_interval(secs => case
      when tries.failures + 1 < :free or tries.next_at < clock_timestamp() - interval '1 day' then 0
      else least(cast(:most as integer), power(2, least(tries.failures + 1 - :free, 20))) end)
  where tries.next_at <= clock_timestamp()
  returning 1`;

const WAIT = `
  select cast(ceil(extract(epoch from next_at - clock_timestamp())) as integer) as wait
  from sign_in_tries where name_hash = :counted`;

/** Marks the browser in which this agent has signed in. */
export function browserMark(key: Uint8Array, name: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `${nonce}.${markOf(key, name, nonce)}`;
}

function knownBrowser(key: Uint8Array, name: string, browser: string | undefined): string {
  const [nonce = '', mark = ''] = (browser ?? '').slice(0, 200).split('.');
  const wanted = Buffer.from(markOf(key, name, nonce));
  const got = Buffer.from(mark);
  return got.length === wanted.length && timingSafeEqual(got, wanted) ? nonce : '';
}

const markOf = (key: Uint8Array, name: string, nonce: string): string =>
  keyed(key, 'known browser', `${plainName(name)}\0${nonce}`).toString('base64url');
