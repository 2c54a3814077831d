import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { z } from 'zod';
import type { PlanStep, Predicate } from '../../domain/plan.ts';
import type { Erased, EraseOptions, Store, StoreCheckpoint, StoreResidue } from '../store.ts';
import { type S3StoreDefinition, targetOf } from './s3-catalogue.ts';
import {
  ask,
  type Bucket,
  failed,
  invalid,
  isInDoubt,
  openBucket,
  S3_PATIENCE,
  type S3Patience,
} from './s3-client.ts';
import { abortUploads, deleteThings, type Lock, lockOf, worstOf } from './s3-deletion.ts';
import { isVersioned, listGroups, listUploads, type Thing, type Upload } from './s3-listing.ts';
import {
  type DaySearch,
  dayIn,
  daySearches,
  type ExactPrefix,
  exactPrefixes,
  isInFrame,
} from './s3-prefixes.ts';

/** How many prefixes one batch walks through at most, so that it ends also where most of them are empty. */
const PREFIXES_A_BATCH = 500;
const LOCKS_AT_ONCE = 8;
/** Long enough for several calls of a thousand at once. */
const BATCH_MS = 2_500;

/**
 * A bucket of an S3 server. A batch walks prefix after prefix: first the uploads that were never finished, then key
 * after key all versions and, once none is left of a key, its delete markers: without its marker a locked version would
 * be in sight again. The server's word for a deletion is not proof: every count lists anew.
 */
export function openS3Store(definition: S3StoreDefinition, patience: S3Patience = S3_PATIENCE): Store {
  const bucket = openBucket(definition, patience);
  const store: OpenStore = { definition, bucket, days: null };
  return {
    name: definition.name,
    batchMs: BATCH_MS,
    rehearse: (step, signal) => countMatches(store, step, signal),
    countRemaining: (step, signal) => countMatches(store, step, signal),
    findResidue: (step, signal) => findResidue(store, step, signal),
    erase: (step, checkpoint, options) => eraseBatch(store, step, checkpoint, options),
    close: async () => bucket.client.destroy(),
  };
}

interface OpenStore {
  readonly definition: S3StoreDefinition;
  readonly bucket: Bucket;
  /** The days that the last search of a batch found, and for what: a walk does not look for them again in each batch. */
  days: { readonly of: string; readonly held: ReadonlySet<string> } | null;
}

/** A step, looked up and checked. */
interface Search {
  readonly bucket: Bucket;
  readonly versioned: boolean;
  readonly predicate: Predicate;
  readonly prefixes: readonly ExactPrefix[];
  readonly signal: AbortSignal;
}

/** What of one key a predicate matches. */
interface Matches {
  readonly key: string;
  readonly versions: readonly Thing[];
  readonly markers: readonly Thing[];
}

/** @param goesOn - for a batch behind another, which may know the days from then */
async function searchFor(
  store: OpenStore,
  step: PlanStep,
  signal: AbortSignal,
  goesOn = false,
): Promise<Search> {
  const { definition, bucket } = store;
  const template = definition.prefixes.find((prefix) => targetOf(definition, prefix) === step.target);
  if (template === undefined || step.store !== definition.name || step.action !== 'delete') {
    throw invalid(definition.name, 'a step is not one of this store');
  }
  const { predicate } = step;
  const searches = checked(store, () => daySearches(template, predicate));
  // What is wrong with the predicate shows before anything is read.
  checked(store, () => exactPrefixes(template, predicate, []));
  signal.throwIfAborted();
  const versioned = await isVersioned(bucket, signal);
  const of = JSON.stringify([step.target, predicate]);
  const known = goesOn && store.days?.of === of ? store.days.held : null;
  const held = known ?? (await heldDays(bucket, versioned, searches, signal));
  if (known === null) store.days = { of, held };
  const prefixes = checked(store, () => exactPrefixes(template, predicate, held));
  return { bucket, versioned, predicate, prefixes, signal };
}

function checked<T>({ definition }: OpenStore, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (error instanceof RangeError) throw invalid(definition.name, error.message);
    throw error;
  }
}

/** No day before is believed: it would be a counter or a mistake, and there are too many of them to walk through. */
const BEFORE_FIRST_YEAR = '1999~';

async function heldDays(
  bucket: Bucket,
  versioned: boolean,
  searches: readonly DaySearch[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (const search of searches) {
    for await (const day of daysBehind(bucket, versioned, search, signal)) held.add(day);
  }
  return held;
}

/** Every day behind a head that holds anything. Days sort as text: behind one found, the search jumps over its keys. */
async function* daysBehind(
  bucket: Bucket,
  versioned: boolean,
  { head, pattern }: DaySearch,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const { key } of listUploads(bucket, head, signal)) {
    const day = dayIn(pattern.exec(key.slice(head.length)));
    if (day !== null && day > BEFORE_FIRST_YEAR) yield day;
  }
  for (let after: string | null = head + BEFORE_FIRST_YEAR; after !== null; ) {
    const groups = listGroups(bucket, versioned, head, after, signal);
    after = null;
    for await (const { key } of groups) {
      const rest = key.slice(head.length);
      const match = pattern.exec(rest);
      const day = dayIn(match);
      if (match !== null && day !== null) {
        yield day;
        // The next character after a slash: behind all keys of this day.
        after = `${head}${match[0].slice(0, -1)}0`;
        break;
      }
      if (!/^\d/.test(rest)) break;
    }
  }
}

/** Key after key what matches. Markers over a version that stays are no match: deleting them would bring it back. */
async function* matchesUnder(
  { bucket, versioned, predicate, signal }: Search,
  { prefix, byTime }: ExactPrefix,
  after: string | null,
): AsyncGenerator<Matches> {
  for await (const { key, versions, markers } of listGroups(bucket, versioned, prefix, after, signal)) {
    if (!byTime) {
      yield { key, versions, markers };
      continue;
    }
    const matching = versions.filter(({ time }) => isInFrame(predicate, time));
    const stays = matching.length < versions.length;
    yield {
      key,
      versions: matching,
      markers: stays ? [] : markers.filter(({ time }) => isInFrame(predicate, time)),
    };
  }
}

async function* uploadsUnder(search: Search, { prefix, byTime }: ExactPrefix): AsyncGenerator<Upload> {
  for await (const upload of listUploads(search.bucket, prefix, search.signal)) {
    if (!byTime || isInFrame(search.predicate, upload.time)) yield upload;
  }
}

async function countMatches(store: OpenStore, step: PlanStep, signal: AbortSignal): Promise<number> {
  const search = await searchFor(store, step, signal);
  let count = 0;
  for (const prefix of search.prefixes) {
    for await (const _ of uploadsUnder(search, prefix)) count += 1;
    let keys = 0;
    for await (const { versions, markers } of matchesUnder(search, prefix, null)) {
      keys += 1;
      count += versions.length + markers.length;
    }
    if (search.versioned && keys === 0) await checkEmpty(search, prefix);
  }
  return count;
}

/** A server that does not know its versions lists none, whatever is there. */
async function checkEmpty({ bucket, signal }: Search, { prefix }: ExactPrefix): Promise<void> {
  const input = { Bucket: bucket.bucket, Prefix: prefix, MaxKeys: 1 };
  const page = await ask(bucket, signal, (options) =>
    bucket.client.send(new ListObjectsV2Command(input), options),
  );
  if ((page.Contents ?? []).length > 0) throw failed(bucket.store, 'VersionsNotListed');
}

/**
 * Where a walk goes on. Within a key it counts what it left behind there: the deleted are gone from the next listing, so
 * that a version's id would point at nothing.
 */
const positionSchema = z
  .strictObject({
    prefix: z.string().min(1),
    /** The last key that is done with; `null` = none of this prefix is. */
    after: z.string().nullable(),
    /** The key behind it that is begun, and how many of its versions were refused. */
    key: z.string().nullable(),
    left: z.int().min(0),
  })
  .nullable();
type Position = NonNullable<z.infer<typeof positionSchema>>;

async function eraseBatch(
  store: OpenStore,
  step: PlanStep,
  checkpoint: StoreCheckpoint,
  { limit, signal }: EraseOptions,
): Promise<Erased> {
  const parsed = positionSchema.safeParse(checkpoint);
  if (!parsed.success) throw invalid(store.definition.name, 'a checkpoint is not a place in a bucket');
  const search = await searchFor(store, step, signal, checkpoint !== null);
  const batch = await gather(search, parsed.data, limit);

  const { bucket } = search;
  const aborted = await abortUploads(bucket, batch.uploads, signal);
  const first = await deleteThings(bucket, batch.versions, signal);
  signal.throwIfAborted();
  const lockedKeys = new Set(first.locked.map(({ key }) => key));
  const bare = batch.markers.filter(({ key }) => !lockedKeys.has(key));
  const fault = worstOf([aborted, first]);
  const second = fault === null ? await deleteThings(bucket, bare, signal) : null;
  signal.throwIfAborted();

  const deleted = aborted.deleted + first.deleted + (second?.deleted ?? 0);
  const anyFault = fault ?? second?.fault ?? null;
  // In doubt the whole batch fails: only then does the purge know that more may be gone than was counted.
  if (anyFault !== null && (deleted === 0 || isInDoubt(anyFault))) throw anyFault;
  // From the same place again: what is gone is not met twice.
  if (anyFault !== null) return { deleted, checkpoint, done: false };
  const { next } = batch;
  if (next === null) return { deleted, checkpoint, done: true };
  const leftNow = first.locked.filter(({ key }) => key === next.key).length;
  return { deleted, checkpoint: { ...next, left: next.left + leftNow }, done: false };
}

interface Batch {
  readonly uploads: readonly Upload[];
  readonly versions: readonly Thing[];
  /** Of keys whose versions are all in this batch. */
  readonly markers: readonly Thing[];
  /** Where the next batch begins; `null` = this one reaches the end. */
  readonly next: Position | null;
}

/** Finds up to `limit` things, without deleting any. */
async function gather(search: Search, from: Position | null, limit: number): Promise<Batch> {
  const uploads: Upload[] = [];
  const versions: Thing[] = [];
  const markers: Thing[] = [];
  const room = () => limit - uploads.length - versions.length - markers.length;
  const upTo = (next: Position | null): Batch => ({ uploads, versions, markers, next });

  const ahead = search.prefixes.filter(({ prefix }) => from === null || prefix >= from.prefix);
  for (const [index, prefix] of ahead.entries()) {
    const begun = from?.prefix === prefix.prefix ? from : null;
    const at = { prefix: prefix.prefix, after: begun?.after ?? null, key: begun?.key ?? null };
    if (index >= PREFIXES_A_BATCH || room() === 0) return upTo({ ...at, left: begun?.left ?? 0 });
    for await (const upload of uploadsUnder(search, prefix)) {
      if (room() === 0) return upTo({ ...at, left: begun?.left ?? 0 });
      uploads.push(upload);
    }
    let { after } = at;
    for await (const group of matchesUnder(search, prefix, after)) {
      const left = begun !== null && group.key === begun.key ? begun.left : 0;
      const open = group.versions.slice(left);
      // Over what is locked the markers stay.
      const bare = left === 0 ? group.markers : [];
      if (room() < open.length + bare.length) {
        const taken = open.slice(0, room());
        versions.push(...taken);
        if (taken.length === open.length) markers.push(...bare.slice(0, room()));
        return upTo({ prefix: prefix.prefix, after, key: group.key, left });
      }
      versions.push(...open);
      markers.push(...bare);
      after = group.key;
    }
  }
  return upTo(null);
}

/** Every version that a lock or a legal hold keeps, and the markers over them. */
async function findResidue(
  store: OpenStore,
  step: PlanStep,
  signal: AbortSignal,
): Promise<readonly StoreResidue[]> {
  const search = await searchFor(store, step, signal);
  const counts = new Map<string, StoreResidue>();
  const add = ({ reason, until }: Lock, count: number) => {
    const name = `${reason} ${until}`;
    counts.set(name, { reason, until, count: (counts.get(name)?.count ?? 0) + count });
  };
  for (const prefix of search.prefixes) {
    for await (const { versions, markers } of matchesUnder(search, prefix, null)) {
      const locks = await locksOf(search, versions);
      for (const lock of locks) add(lock, 1);
      if (locks[0] !== undefined && markers.length > 0) add(locks[0], markers.length);
    }
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, residue]) => residue);
}

async function locksOf({ bucket, signal }: Search, versions: readonly Thing[]): Promise<readonly Lock[]> {
  const queue = new PQueue({ concurrency: LOCKS_AT_ONCE });
  const locks = await queue.addAll(versions.map((thing) => () => lockOf(bucket, thing, signal)));
  return locks.filter((lock) => lock !== null);
}
