/**
 * Inbound messages are their own queue: pending rows are taken in sets, read and authenticated in parallel, then
 * decided one after the other in the same transaction, each behind a savepoint. A process that dies gives its rows back
 * by dying; one bad mail rolls back alone.
 */
import type { Knex } from 'knex';
import PQueue from 'p-queue';
import { deskNow } from '../db/connection.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import type { Handled } from '../domain/mail.ts';
import { decideMessage, type PutOff, type ReadMessage, readMessage, writeFacts } from './ingest-message.ts';
import type { IngestDeps, StoredMessage } from './ports.ts';
import { type Place, type SetOrder, setOrder } from './set-order.ts';

const SET_MAX = 50;
/** Raw bytes of one set: the bound on memory, whatever the mails hold. One mail always fits. */
const SET_BYTES_MAX = 26 * 1024 * 1024;
/** Sets under way at the same time; each holds one connection and its own bound of memory. */
const LANES = 3;
/** Mails read and authenticated at the same time: parsing is CPU, authentication mostly waits for DNS. */
const READERS = 8;
/** A mail that fails this often for a reason of ours is set aside for an agent. */
const ATTEMPTS_MAX = 6;

/** What became of one message. */
export interface Disposed extends Handled {
  readonly messageId: number;
}

/**
 * Handles everything pending until nothing is left. A few sets are under way at the same time: while one waits for the
 * database, another is read.
 * @returns the dispositions, as they were decided
 */
export async function handlePending(deps: IngestDeps, signal: AbortSignal): Promise<readonly Disposed[]> {
  const all: Disposed[] = [];
  const order = setOrder();
  const lane = async () => {
    while (!signal.aborted) {
      const set = await handleSet(deps, order);
      if (set.length === 0) return;
      all.push(...set);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return all;
}

async function handleSet(deps: IngestDeps, order: SetOrder): Promise<readonly Disposed[]> {
  const disposed = await deps.db.transaction(async (trx) => {
    const { taken: messages, place } = await order.take(() => takeSet(trx));
    try {
      return messages.length === 0 ? [] : await decideSet(trx, deps, messages, place);
    } finally {
      place.leave();
    }
  });
  if (disposed.length > 0) deps.crashPoint('ingest.decided');
  for (const one of disposed) {
    if (one === null) continue;
    deps.log('info', `mail ${one.disposition}`, { message: one.messageId, reason: one.reason });
  }
  // A mail that was put off counts as work done: the set must not look empty while others wait behind it.
  return disposed.map((one) => one ?? NOT_YET);
}

const NOT_YET: Disposed = {
  messageId: 0,
  disposition: 'other',
  reason: 'put off',
  conversationId: null,
  needsAgent: false,
};

async function decideSet(
  trx: Knex.Transaction,
  deps: IngestDeps,
  messages: readonly StoredMessage[],
  place: Place,
): Promise<readonly (Disposed | null)[]> {
  const readers = new PQueue({ concurrency: READERS });
  const read = await readers.addAll(messages.map((message) => () => readMessage(deps, message)));
  const keys = keysOf(read);
  await place.turn(new Set(keys));
  await lockKeys(trx, keys);
  await writeFacts(trx, read);
  const handled = await handledContents(trx, messages);
  const now = await deskNow(trx);
  const results: (Disposed | null)[] = [];
  for (const mail of read) {
    const isRepeated = handled.has(mail.message.content_hash);
    const one = await disposeOne(trx, deps, mail, { isRepeated, now });
    if (one !== null) handled.add(mail.message.content_hash);
    results.push(one);
  }
  return results;
}

async function takeSet(trx: Knex.Transaction): Promise<readonly StoredMessage[]> {
  const taken = await trx.raw<{ rows: { id: number; size_bytes: number }[] }>(TAKE_SET, [SET_MAX]);
  let bytes = 0;
  const ids = taken.rows
    .filter(({ size_bytes }, index) => {
      bytes += size_bytes;
      return index === 0 || bytes <= SET_BYTES_MAX;
    })
    .map((row) => row.id);
  if (ids.length === 0) return [];
  return trx('messages')
    .select<StoredMessage[]>(
      'id',
      'raw',
      'size_bytes',
      'content_hash',
      'arrived_at',
      'attempts',
      'put_off_at',
    )
    .whereIn('id', ids)
    .orderBy('id');
}

const TAKE_SET = `
  select id, size_bytes from messages
  where status = 'pending' and (not_before is null or not_before <= clock_timestamp())
    and (retry_at is null or retry_at <= desk_now())
  order by id limit ? for update skip locked`;

const keysOf = (read: readonly ReadMessage[]): readonly string[] =>
  [
    ...new Set(
      read.flatMap((mail) => [mail.message.content_hash, ...(mail.author === null ? [] : [mail.author])]),
    ),
  ].sort();

/**
 * Mails of one author or of one content are decided one after the other, also by two processes.
 * @param keys - authors and content hashes
 */
export async function lockKeys(trx: Knex.Transaction, keys: readonly string[]): Promise<void> {
  await trx.raw(LOCK_KEYS, { keys: [...keys] });
}

const LOCK_KEYS = `
  select pg_advisory_xact_lock(lock.key) from (
    select distinct hashtextextended(word, 11) as key from unnest(cast(:keys as text[])) as word order by key) lock`;

/** Contents of these messages that were handled before: one content opens one ticket. */
async function handledContents(
  trx: Knex.Transaction,
  messages: readonly StoredMessage[],
): Promise<Set<string>> {
  const rows = await trx('messages')
    .distinct<{ content_hash: string }[]>('content_hash')
    .whereIn(
      'content_hash',
      messages.map((message) => message.content_hash),
    )
    .where({ status: 'done' });
  return new Set(rows.map((row) => row.content_hash));
}

async function disposeOne(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  how: { readonly isRepeated: boolean; readonly now: Date },
): Promise<Disposed | null> {
  try {
    const handled = await trx.transaction(async (savepoint) => {
      const result = await decideMessage(savepoint, deps, mail, how);
      if ('retryAt' in result) await readAgain(savepoint, deps, mail, how.now, result);
      else await writeDisposition(savepoint, mail, result);
      return result;
    });
    return 'retryAt' in handled ? null : { messageId: mail.message.id, ...handled };
  } catch (error) {
    return putOff(trx, deps, mail, error);
  }
}

/** No fault: DNS did not tell yet who sent the mail. What was found out so far stands in its evidence. */
async function readAgain(
  trx: Knex.Transaction,
  deps: IngestDeps,
  { message }: ReadMessage,
  now: Date,
  { retryAt }: PutOff,
): Promise<void> {
  await trx('messages')
    .where({ id: message.id })
    .update({ put_off_at: message.put_off_at ?? now, retry_at: retryAt });
  deps.log('warn', 'a mail is read again later: who sent it cannot be looked up', { message: message.id });
}

async function writeDisposition(trx: Knex.Transaction, mail: ReadMessage, handled: Handled): Promise<void> {
  await trx('messages')
    .where({ id: mail.message.id })
    .update({
      status: 'done',
      disposition: handled.disposition,
      disposition_reason: handled.reason,
      needs_agent: handled.needsAgent,
      conversation_id: handled.conversationId,
      handled_at: trx.raw('desk_now()'),
    });
}

/** A fault of ours, not of the mail: later again, with growing gaps; an agent sees it when that does not help. */
async function putOff(
  trx: Knex.Transaction,
  deps: IngestDeps,
  mail: ReadMessage,
  error: unknown,
): Promise<Disposed | null> {
  const { id, attempts } = mail.message;
  const name = faultCode(error);
  deps.log('error', 'a mail could not be handled', {
    message: id,
    attempts: attempts + 1,
    code: name,
    at: firstFrame(error),
  });
  if (attempts + 1 < ATTEMPTS_MAX) {
    await trx('messages')
      .where({ id })
      .update({
        attempts: attempts + 1,
        not_before: trx.raw('clock_timestamp() + make_interval(secs => ?)', [5 * 4 ** attempts]),
      });
    return null;
  }
  const handled: Handled = {
    disposition: 'unreadable',
    reason: `failed ${ATTEMPTS_MAX} times: ${name}`,
    conversationId: null,
    needsAgent: true,
  };
  await writeDisposition(trx, mail, handled);
  return { messageId: id, ...handled };
}
