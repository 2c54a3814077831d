/**
 * Inbound messages are their own queue: pending rows are taken in sets, read and authenticated in parallel, then
 * decided in the same transaction, side by side where they have nothing to do with each other. A process that dies gives
 * its rows back by dying; one bad mail rolls back alone.
 */
import type { Knex } from 'knex';
import PQueue from 'p-queue';
import { again } from '../db/again.ts';
import { prepared } from '../db/prepared.ts';
import { stayAwake } from '../db/stay-awake.ts';
import { type Disposed, disposeWave, wavesOf } from './dispose.ts';
import { type ReadMessage, readMessage } from './ingest-message.ts';
import type { IngestDeps, StoredMessage } from './ports.ts';
import { type Place, type SetOrder, setOrder } from './set-order.ts';

const SET_MAX = 50;
/** Raw bytes of one set: the bound on memory, whatever the mails hold. One mail always fits. */
const SET_BYTES_MAX = 26 * 1024 * 1024;
/** Sets under way at the same time; each holds one connection and its own bound of memory. */
const LANES = 3;
/**
 * Mails read and authenticated at the same time, of all sets in their order: the first one is decided while the next is
 * read. Parsing is CPU, authentication mostly waits for DNS.
 */
const READERS = 48;
/**
 * Handles everything pending until nothing is left. A few sets are under way at the same time: while one waits for the
 * database, another is read. Each that finds something makes room for one more; what comes later is told.
 * @param more - is given what to call when more may be pending
 * @returns the dispositions, as they were decided
 */
export async function handlePending(
  deps: IngestDeps,
  signal: AbortSignal,
  more: (start: () => void) => void = () => undefined,
): Promise<readonly Disposed[]> {
  const all: Disposed[] = [];
  const order = setOrder();
  const readers = new PQueue({ concurrency: READERS });
  const ended = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  let running = 0;
  const start = () => {
    if (running === LANES || signal.aborted || failures.length > 0) return;
    running += 1;
    lane()
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => {
        running -= 1;
        if (running === 0) ended.resolve();
      });
  };
  const lane = async () => {
    while (!signal.aborted) {
      const set = await handleSet(deps, { order, readers, found: start });
      if (set.length === 0) return;
      all.push(...set);
    }
  };
  start();
  if (running === 0) return all;
  more(start);
  await ended.promise;
  more(() => undefined);
  if (failures.length > 0) throw failures[0];
  return all;
}

/** What the sets that are under way have in common. */
interface Lanes {
  readonly order: SetOrder;
  readonly readers: PQueue;
  /** Told once a set has taken something, before it is read. */
  found(): void;
}

async function handleSet(deps: IngestDeps, lanes: Lanes): Promise<readonly Disposed[]> {
  const disposed = await again((isLast) =>
    deps.db.transaction(async (trx) => {
      const { taken: messages, place } = await lanes.order.take(() => takeSet(trx));
      if (messages.length > 0) lanes.found();
      try {
        const decided =
          messages.length === 0 ? [] : await decideSet(trx, deps, lanes.readers, messages, place, isLast);
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
  readers: PQueue,
  messages: readonly StoredMessage[],
  place: Place,
  isLast: boolean,
): Promise<readonly (Disposed | null)[]> {
  // Mails that are hard to read, or whose names cannot be looked up, take a set minutes.
  const { read, keys } = await stayAwake(trx, async () => {
    const mails = await readers.addAll(messages.map((message) => () => readMessage(deps, message)));
    const about = keysOf(mails);
    await place.turn(new Set(about));
    return { read: mails, keys: about };
  });
  await prepared(trx, BY_INDEX);
  await lockKeys(trx, keys);
  const { handled, now } = await beforehand(trx, messages);
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
  const taken = await prepared<{ rows: { id: number; size_bytes: number }[] }>(trx, TAKE_SET, [SET_MAX]);
  let bytes = 0;
  const ids = taken.rows
    .filter(({ size_bytes }, index) => {
      bytes += size_bytes;
      return index === 0 || bytes <= SET_BYTES_MAX;
    })
    .map((row) => row.id);
  if (ids.length === 0) return [];
  return (await prepared<{ rows: StoredMessage[] }>(trx, TAKEN, [ids])).rows;
}

const TAKEN = `
  select id, raw, size_bytes, content_hash, arrived_at, attempts, put_off_at,
    (select name from mailboxes where mailboxes.id = messages.mailbox_id) as mailbox
  from messages where id = any(cast(? as bigint[])) order by id`;

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
  await prepared(trx, LOCK_KEYS, { keys: [...keys] });
}

const LOCK_KEYS = `
  select pg_advisory_xact_lock(lock.key) from (
    select distinct hashtextextended(word, 11) as key from unnest(cast(:keys as text[])) as word order by key) lock`;

/** Desk time, and which contents of these messages were handled before: one content opens one ticket. */
async function beforehand(
  trx: Knex.Transaction,
  messages: readonly StoredMessage[],
): Promise<{ readonly now: Date; readonly handled: Set<string> }> {
  const hashes = messages.map((message) => message.content_hash);
  const { rows } = await prepared<{ rows: [{ now: Date; handled: string[] }] }>(trx, BEFOREHAND, [hashes]);
  return { now: rows[0].now, handled: new Set(rows[0].handled) };
}

const BEFOREHAND = `
  select desk_now() as now, array(
    select distinct content_hash from messages where content_hash = any(cast(? as text[])) and status = 'done') as handled`;
