/**
 * The same request twice is answered twice and done once. The key is written first and the answer last, both in the
 * transaction that does the work: a second request waits at the key until the first is through, and then reads its
 * answer; of one that failed nothing is left, and the next one does the work.
 */
import type { Knex } from 'knex';
import { ApiFault, FAULTS, type FaultBody, type FaultCode } from './fault.ts';

export interface KeyedRequest {
  readonly tokenId: number;
  readonly key: string;
  /** Keyed hash of method, address and body. */
  readonly hash: Buffer;
}

const HOURS = 24;
/** How long a second request waits for the first. */
const WAIT_MS = 5_000;
/** SQLSTATE of a lock that did not come in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/** @throws ApiFault what the work throws, `key_reused` or `key_in_use` */
export async function answerOnce(
  db: Knex,
  request: KeyedRequest,
  work: (trx: Knex.Transaction) => Promise<object>,
): Promise<object> {
  const end = await db.transaction(async (trx): Promise<object | ApiFault> => {
    const known = await takeKey(trx, request);
    if (known !== null) return known;
    const outcome = await attempt(trx, work);
    await trx.raw(KEEP, {
      token: request.tokenId,
      key: request.key,
      status: outcome instanceof ApiFault ? outcome.status : 200,
      answer: JSON.stringify(outcome instanceof ApiFault ? outcome.body : outcome),
    });
    return outcome;
  });
  if (end instanceof ApiFault) throw end;
  return end;
}

/** Forgets the keys of yesterday. */
export async function forgetAnswers(db: Knex): Promise<void> {
  await db.raw(FORGET, [HOURS]);
}

/** @returns what was answered before, or `null` when the key is this request's now */
async function takeKey(
  trx: Knex.Transaction,
  { tokenId, key, hash }: KeyedRequest,
): Promise<object | ApiFault | null> {
  await trx.raw(`set local lock_timeout = '${WAIT_MS}ms'`);
  const taken = await trx
    .raw<{ rows: unknown[] }>(TAKE, { token: tokenId, key, hash, hours: HOURS })
    .catch((error: unknown) => {
      throw isWaiting(error) ? new ApiFault('key_in_use') : error;
    });
  await trx.raw('set local lock_timeout = default');
  if (taken.rows.length > 0) return null;
  const found = await trx.raw<{ rows: Kept[] }>(FIND, [tokenId, key]);
  const [kept] = found.rows;
  if (kept === undefined) throw new ApiFault('key_in_use');
  if (!kept.request_hash.equals(hash)) throw new ApiFault('key_reused');
  return kept.status >= 400 ? faultAgain(kept.answer as FaultBody) : kept.answer;
}

interface Kept {
  readonly request_hash: Buffer;
  readonly status: number;
  readonly answer: object;
}

const isWaiting = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;

/** Behind a savepoint: of what is refused halfway nothing stays but the refusal. */
async function attempt(
  trx: Knex.Transaction,
  work: (trx: Knex.Transaction) => Promise<object>,
): Promise<object | ApiFault> {
  try {
    return await trx.transaction(work);
  } catch (error) {
    if (error instanceof ApiFault && error.status < 500) return error;
    throw error;
  }
}

function faultAgain({ code, message, errors }: FaultBody): ApiFault {
  const fault: FaultCode = code in FAULTS ? (code as FaultCode) : 'fault';
  return new ApiFault(fault, { detail: message, errors });
}

// A key that is older than a day is taken over as if it were new.
const TAKE = `
  insert into api_answers as a (token_id, key, request_hash) values (:token, :key, :hash)
  on conflict (token_id, key) do update
    set request_hash = excluded.request_hash, status = null, answer = null, created_at = clock_timestamp()
    where a.created_at < clock_timestamp() - make_interval(hours => :hours)
  returning key`;

const FIND =
  'select request_hash, status, answer from api_answers where token_id = ? and key = ? and status is not null';

const KEEP = `
  update api_answers set status = :status, answer = cast(:answer as json) where token_id = :token and key = :key`;

const FORGET = `delete from api_answers where created_at < clock_timestamp() - make_interval(hours => ?)`;
