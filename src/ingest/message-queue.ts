/**
 * Inbound messages are their own queue: pending rows are taken in sets, read and authenticated in parallel, then
 * decided in the same transaction, side by side where they have nothing to do with each other. A process that dies gives
 * its rows back by dying; one bad mail rolls back alone.
 */
import type { Knex } from 'knex';
import PQueue from 'p-queue';
import { again } from '../db/again.ts';
import { deskNow } from '../db/connection.ts';
import { stayAwake } from '../db/stay-awake.ts';
import { type Disposed, disposeWave, wavesOf } from './dispose.ts';
import { type ReadMessage, readMessage, writeFacts } from './ingest-message.ts';
import type { IngestDeps, StoredMessage } from './ports.ts';
import { type Place, type SetOrder, setOrder } from './set-order.ts';

const SET_MAX = 50;
/** Raw bytes of one set: the bound on memory, whatever the mails hold. One mail always fits. */
const SET_BYTES_MAX = 26 * 1024 * 1024;
/** Sets under way at the same time; each holds one connection and its own bound of memory. */
const LANES = 3;
/** Mails read and authenticated at the same time: parsing is CPU, authentication mostly waits for DNS. */
const READERS = 8;
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
  const disposed = await again((isLast) =>
    deps.db.transaction(async (trx) => {
      const { taken: messages, place } = await order.take(() => takeSet(trx));
      try {
        const decided = messages.length === 0 ? [] : await decideSet(trx, deps, messages, place, isLast);
        if (decided.length > 0) deps.crashPoint('ingest.deciding');
        return decided;
      } finally {
        place.leave();
      }
    }),
  );
  if (disposed.length > 0) deps.crashPoint('ingest.decided');
  for (const one of disposed) {
    if (one === null) continue;
    deps.log('info', `mail ${one.disposition}`, { message: one.messageId, reason: one.reason });
  }
  // A mail that was put off counts as work done: the set must not look empty while others wait behind it.
  return disposed.map((one) => one ?? NOT_YET);
}

/**
 * Everything that is looked up for a set is looked up by keys. The planner takes any set of rows for a hundred, and would
 * read a table from end to end that is still small or whose statistics are of yesterday, some twenty times a set. Before
 * PostgreSQL 18 what cannot be read otherwise then looks dear, and dear statements would be compiled first.
 */
const BY_INDEX = "select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

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
  isLast: boolean,
): Promise<readonly (Disposed | null)[]> {
  // Mails that are hard to read, or whose names cannot be looked up, take a set minutes.
  const { read, keys } = await stayAwake(trx, async () => {
    const readers = new PQueue({ concurrency: READERS });
    const mails = await readers.addAll(messages.map((message) => () => readMessage(deps, message)));
    const about = keysOf(mails);
    await place.turn(new Set(about));
    return { read: mails, keys: about };
  });
  await trx.raw(BY_INDEX);
  await lockKeys(trx, keys);
  await writeFacts(trx, read);
  const handled = await handledContents(trx, messages);
  const now = await deskNow(trx);
  const results: (Disposed | null)[] = [];
  for (const wave of await wavesOf(trx, deps, read, { now, isLast })) {
    const known = wave.map((mail) => ({
      mail,
      before: { isRepeated: handled.has(mail.message.content_hash), now },
    }));
    const disposed = await disposeWave(trx, deps, known, isLast);
    for (const [at, one] of disposed.entries()) {
      const hash = wave[at]?.message.content_hash;
      if (one !== null && hash !== undefined) handled.add(hash);
    }
    results.push(...disposed);
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
      trx.raw('(select name from mailboxes where mailboxes.id = messages.mailbox_id) as mailbox'),
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
