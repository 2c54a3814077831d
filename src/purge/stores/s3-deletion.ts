/** Deleting what a listing found, and finding out why something stays. */
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { dayOf } from '../../domain/calendar.ts';
import { PurgedeskError } from '../../domain/errors.ts';
import type { StoreResidue } from '../store.ts';
import { ask, type Bucket, failed, invalid, isInDoubt, isPassing, pause, refused } from './s3-client.ts';
import type { Thing, Upload } from './s3-listing.ts';

/** The protocol's own bound. */
const KEYS_A_CALL = 1_000;
/** Fewer would cost more in calls than they save in time. */
const KEYS_WORTH_A_CALL = 100;
const BULK_CALLS_AT_ONCE = 4;
const SMALL_CALLS_AT_ONCE = 8;

export type Lock = Omit<StoreResidue, 'count'>;

/** What became of some things. */
export interface Outcome {
  readonly deleted: number;
  /** What is locked. */
  readonly locked: readonly Thing[];
  /** The first thing that went wrong; the rest of the outcome holds all the same. */
  readonly fault: unknown;
}

const NOTHING: Outcome = { deleted: 0, locked: [], fault: null };

/** Deletes these very versions, at most 1,000 a call; never asks for a lock to be passed over. Nothing of it throws: see `fault`. */
export async function deleteThings(
  bucket: Bucket,
  things: readonly Thing[],
  signal: AbortSignal,
): Promise<Outcome> {
  const bulk = things.filter(({ key }) => isPlainXml(key));
  const odd = things.filter(({ key }) => !isPlainXml(key));
  const size = keysACall(bulk.length);
  const chunks = Array.from({ length: Math.ceil(bulk.length / size) }, (_, index) =>
    bulk.slice(index * size, (index + 1) * size),
  );
  const inBulk = await runAll(BULK_CALLS_AT_ONCE, chunks, (chunk) => deleteChunk(bucket, chunk, signal));
  const one = await runAll(SMALL_CALLS_AT_ONCE, odd, (thing) => deleteOne(bucket, thing, signal));
  return joined([inBulk, one]);
}

/** Shared out over all the calls that may run at once: a server works on one call key after key. */
export const keysACall = (keys: number): number =>
  Math.min(KEYS_A_CALL, Math.max(KEYS_WORTH_A_CALL, Math.ceil(keys / BULK_CALLS_AT_ONCE)));

/** Ends uploads that were never finished, and with them their parts. */
export const abortUploads = (
  bucket: Bucket,
  uploads: readonly Upload[],
  signal: AbortSignal,
): Promise<Outcome> =>
  runAll(SMALL_CALLS_AT_ONCE, uploads, async ({ key, uploadId }) => {
    const input = { Bucket: bucket.bucket, Key: key, UploadId: uploadId };
    const call: Call = (options) => bucket.client.send(new AbortMultipartUploadCommand(input), options);
    return deletedBy(bucket, call, ['NoSuchUpload'], signal);
  });

type Call = (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>;

/** One thing by one call. Gone when the call is made again, it went by the attempt before, whose answer was lost. */
async function deletedBy(
  bucket: Bucket,
  call: Call,
  gone: readonly string[],
  signal: AbortSignal,
): Promise<Outcome> {
  let attempts = 0;
  try {
    await ask(bucket, signal, (options) => {
      attempts += 1;
      return call(options);
    });
    return { ...NOTHING, deleted: 1 };
  } catch (error) {
    if (!gone.includes(codeOf(error))) throw error;
    return attempts > 1 ? { ...NOTHING, deleted: 1 } : NOTHING;
  }
}

/** Why a version cannot be deleted now; `null` = no lock is on it. */
export async function lockOf(bucket: Bucket, thing: Thing, signal: AbortSignal): Promise<Lock | null> {
  if (thing.version === null) return null;
  const input = { Bucket: bucket.bucket, Key: thing.key, VersionId: thing.version };
  const hold = await unlessNone(
    ask(bucket, signal, (options) => bucket.client.send(new GetObjectLegalHoldCommand(input), options)),
  );
  if (hold?.LegalHold?.Status === 'ON') return { reason: 'legal_hold', until: null };
  const retention = await unlessNone(
    ask(bucket, signal, (options) => bucket.client.send(new GetObjectRetentionCommand(input), options)),
  );
  const until = retention?.Retention?.RetainUntilDate;
  return until === undefined || until.getTime() <= Date.now()
    ? null
    : { reason: 'object_lock', until: dayOf(until) };
}

/** How servers say that an object, or a bucket, knows no lock. */
const NO_LOCK = [
  'NoSuchObjectLockConfiguration',
  'ObjectLockConfigurationNotFoundError',
  'InvalidRequest',
  'NoSuchKey',
  'NoSuchVersion',
];

async function unlessNone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (NO_LOCK.includes(codeOf(error))) return null;
    throw error;
  }
}

const GONE = ['NoSuchKey', 'NoSuchVersion'];

async function deleteChunk(bucket: Bucket, chunk: readonly Thing[], signal: AbortSignal): Promise<Outcome> {
  let pending = chunk;
  let deleted = 0;
  const denied: Thing[] = [];
  for (let attempt = 1; pending.length > 0; attempt++) {
    const result = await deleteCall(bucket, pending, signal).catch((fault: unknown) => ({ fault }));
    if ('fault' in result) return { ...NOTHING, deleted, fault: result.fault };
    deleted += result.gone;
    const again: Thing[] = [];
    for (const [thing, code] of result.errors) {
      if (code === 'AccessDenied') denied.push(thing);
      else if (isPassing(code)) again.push(thing);
      else if (!GONE.includes(code)) return { ...NOTHING, deleted, fault: refused(bucket.store, code) };
    }
    if (again.length > 0 && attempt >= bucket.patience.attempts) {
      return { ...NOTHING, deleted, fault: failed(bucket.store, 'SlowDown') };
    }
    if (again.length > 0) await pause(bucket, attempt, signal);
    pending = again;
  }
  return joined([{ ...NOTHING, deleted }, await whyDenied(bucket, denied, signal)]);
}

interface CallResult {
  readonly gone: number;
  /** The server's code for each thing that it did not delete. */
  readonly errors: ReadonlyMap<Thing, string>;
}

/** One call. Only what the answer names as deleted counts; about what it does not mention it is asked again. */
async function deleteCall(
  bucket: Bucket,
  things: readonly Thing[],
  signal: AbortSignal,
): Promise<CallResult> {
  const Objects = things.map(({ key, version }) => ({
    Key: key,
    ...(version === null ? {} : { VersionId: version }),
  }));
  const input = { Bucket: bucket.bucket, Delete: { Objects, Quiet: false } };
  const answer = await ask(bucket, signal, (options) =>
    bucket.client.send(new DeleteObjectsCommand(input), options),
  );
  const gone = new Set((answer.Deleted ?? []).map(({ Key, VersionId }) => nameOf(Key, VersionId)));
  // Some servers leave the version out of an error.
  const codes = new Map<string, string>();
  for (const { Key, VersionId, Code } of answer.Errors ?? []) {
    codes.set(nameOf(Key, VersionId), Code ?? 'unknown');
    if (!VersionId) codes.set(nameOf(Key, undefined), Code ?? 'unknown');
  }
  const left = things.filter(({ key, version }) => !gone.has(nameOf(key, version)));
  const errors = left.map((thing): [Thing, string] => [
    thing,
    codes.get(nameOf(thing.key, thing.version)) ?? codes.get(nameOf(thing.key, undefined)) ?? 'InternalError',
  ]);
  return { gone: things.length - left.length, errors: new Map(errors) };
}

const nameOf = (key: string | undefined, version: string | null | undefined): string =>
  JSON.stringify([key, version ?? '']);

/** For a key that XML cannot carry: its call names it in the path. */
async function deleteOne(bucket: Bucket, thing: Thing, signal: AbortSignal): Promise<Outcome> {
  const { key, version } = thing;
  // On its way a path may be made shorter, and would then name somebody else's object.
  if (key.split('/').some((segment) => ['', '.', '..'].includes(segment))) {
    throw invalid(
      bucket.store,
      'a key holds control characters and dot segments: no call can name it safely',
    );
  }
  const input = { Bucket: bucket.bucket, Key: key, ...(version === null ? {} : { VersionId: version }) };
  const call: Call = (options) => bucket.client.send(new DeleteObjectCommand(input), options);
  try {
    return await deletedBy(bucket, call, GONE, signal);
  } catch (error) {
    if (codeOf(error) === 'AccessDenied') return whyDenied(bucket, [thing], signal);
    throw error;
  }
}

/** A denial that no lock explains is a right that the key lacks. */
const whyDenied = (bucket: Bucket, denied: readonly Thing[], signal: AbortSignal): Promise<Outcome> =>
  runAll(SMALL_CALLS_AT_ONCE, denied, async (thing) => {
    if ((await lockOf(bucket, thing, signal)) === null) throw refused(bucket.store, 'AccessDenied');
    return { ...NOTHING, locked: [thing] };
  });

/** Runs a few at a time; begins no more once one went wrong. */
async function runAll<T>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<Outcome>,
): Promise<Outcome> {
  const queue = new PQueue({ concurrency: atOnce });
  let stopped = false;
  const outcomes = await queue.addAll(
    items.map((item) => async (): Promise<Outcome> => {
      if (stopped) return NOTHING;
      const outcome = await work(item).catch((fault: unknown): Outcome => ({ ...NOTHING, fault }));
      stopped ||= outcome.fault !== null;
      return outcome;
    }),
  );
  return joined(outcomes);
}

const joined = (outcomes: readonly Outcome[]): Outcome => ({
  deleted: outcomes.reduce((sum, { deleted }) => sum + deleted, 0),
  locked: outcomes.flatMap(({ locked }) => locked),
  fault: worstOf(outcomes),
});

/** The fault to act on: one in doubt before one that is not; `null` = nothing went wrong. */
export function worstOf(outcomes: readonly Outcome[]): unknown {
  const faults = outcomes.map(({ fault }) => fault).filter((fault) => fault !== null);
  return faults.find(isInDoubt) ?? faults[0] ?? null;
}

const codeOf = (error: unknown): string =>
  error instanceof PurgedeskError ? String(error.details.code ?? '') : '';

/** Whether XML 1.0 carries a key there and back unchanged: a carriage return would come back as a line feed. */
const isPlainXml = (key: string): boolean => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(key);
