/** What is under a prefix: objects or versions with their delete markers, and uploads that were never finished. */
import {
  GetBucketVersioningCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { ask, type Bucket, invalid } from './s3-client.ts';

/** One thing that can be deleted by itself. */
export interface Thing {
  readonly key: string;
  /** A version's id; `null` where the bucket keeps none. */
  readonly version: string | null;
  /** When it was stored. */
  readonly time: Date;
}

/** All that the bucket has under one key. */
export interface KeyGroup {
  readonly key: string;
  /** In the order of the server. */
  readonly versions: readonly Thing[];
  readonly markers: readonly Thing[];
}

export interface Upload {
  readonly key: string;
  readonly uploadId: string;
  readonly time: Date;
}

/** Whether the bucket has or had versions. */
export async function isVersioned(bucket: Bucket, signal: AbortSignal): Promise<boolean> {
  const { Status } = await ask(bucket, signal, (options) =>
    bucket.client.send(new GetBucketVersioningCommand({ Bucket: bucket.bucket }), options),
  );
  return Status !== undefined;
}

/** Key after key, each whole. @param after - begins behind this key */
export const listGroups = (
  bucket: Bucket,
  versioned: boolean,
  prefix: string,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<KeyGroup> =>
  versioned ? listVersions(bucket, prefix, after, signal) : listObjects(bucket, prefix, after, signal);

async function* listVersions(
  bucket: Bucket,
  prefix: string,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<KeyGroup> {
  let marker: { KeyMarker?: string; VersionIdMarker?: string } = after === null ? {} : { KeyMarker: after };
  let open = new Map<string, { versions: Thing[]; markers: Thing[] }>();
  for (;;) {
    const input = { Bucket: bucket.bucket, Prefix: prefix, EncodingType: 'url', ...marker } as const;
    const page = await ask(bucket, signal, (options) =>
      bucket.client.send(new ListObjectVersionsCommand(input), options),
    );
    const entries = [
      ...(page.Versions ?? []).map((entry) => ({ entry, list: 'versions' as const })),
      ...(page.DeleteMarkers ?? []).map((entry) => ({ entry, list: 'markers' as const })),
    ];
    for (const { entry, list } of entries) {
      const thing = {
        key: keyUnder(bucket, prefix, entry.Key, page),
        version: known(bucket, entry.VersionId),
        time: known(bucket, entry.LastModified),
      };
      if (thing.key === after) continue;
      const group = open.get(thing.key) ?? { versions: [], markers: [] };
      group[list].push(thing);
      open.set(thing.key, group);
    }
    // The last key of a page may go on in the next one.
    const cutKey = page.IsTruncated ? decoded(known(bucket, page.NextKeyMarker), page) : null;
    const cut = cutKey === null ? undefined : open.get(cutKey);
    if (cutKey !== null) open.delete(cutKey);
    for (const [key, group] of [...open].sort(([a], [b]) => byteOrder(a, b))) yield { key, ...group };
    if (cutKey === null) return;
    open = new Map(cut === undefined ? [] : [[cutKey, cut]]);
    marker = moved(bucket, marker, {
      KeyMarker: cutKey,
      ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
    });
  }
}

async function* listObjects(
  bucket: Bucket,
  prefix: string,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<KeyGroup> {
  let marker: { StartAfter?: string; ContinuationToken?: string } =
    after === null ? {} : { StartAfter: after };
  for (;;) {
    const input = { Bucket: bucket.bucket, Prefix: prefix, EncodingType: 'url', ...marker } as const;
    const page = await ask(bucket, signal, (options) =>
      bucket.client.send(new ListObjectsV2Command(input), options),
    );
    for (const entry of page.Contents ?? []) {
      const key = keyUnder(bucket, prefix, entry.Key, page);
      yield { key, versions: [{ key, version: null, time: known(bucket, entry.LastModified) }], markers: [] };
    }
    if (!page.IsTruncated) return;
    marker = moved(bucket, marker, { ContinuationToken: known(bucket, page.NextContinuationToken) });
  }
}

/** Without `encoding-type`: some servers encode these keys and do not say so. */
export async function* listUploads(
  bucket: Bucket,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Upload> {
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const input = { Bucket: bucket.bucket, Prefix: prefix, ...marker };
    const page = await ask(bucket, signal, (options) =>
      bucket.client.send(new ListMultipartUploadsCommand(input), options),
    );
    // A server that does not know this call answers with a list of objects, in which no upload stands.
    if (page.Bucket !== bucket.bucket) throw invalid(bucket.store, 'the server does not list uploads');
    for (const entry of page.Uploads ?? []) {
      yield {
        key: keyUnder(bucket, prefix, entry.Key, {}),
        uploadId: known(bucket, entry.UploadId),
        time: known(bucket, entry.Initiated),
      };
    }
    if (!page.IsTruncated) return;
    marker = moved(bucket, marker, {
      KeyMarker: known(bucket, page.NextKeyMarker),
      ...(page.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: page.NextUploadIdMarker }),
    });
  }
}

/** A server that ignores the prefix would hand over other tenants' keys. */
function keyUnder(bucket: Bucket, prefix: string, written: string | undefined, page: Encoding): string {
  const key = decoded(known(bucket, written), page);
  if (key.startsWith(prefix)) return key;
  throw invalid(bucket.store, 'the server lists keys outside of the prefix that it was asked for');
}

/** A listing that stands still would never end. */
function moved<Marker>(bucket: Bucket, from: Marker, to: Marker): Marker {
  if (JSON.stringify(from) !== JSON.stringify(to)) return to;
  throw invalid(bucket.store, 'the server’s listing does not move on');
}

function known<T>(bucket: Bucket, value: T | undefined): T {
  if (value === undefined) throw invalid(bucket.store, 'the server’s listing lacks a field');
  return value;
}

interface Encoding {
  /** What the server says that it did, whatever it was asked for. */
  readonly EncodingType?: string | undefined;
}

/** With `url`, keys come percent-encoded, a space as `+` or `%20`. */
const decoded = (text: string, { EncodingType }: Encoding): string =>
  EncodingType === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text;

/** The order in which S3 lists keys. */
const byteOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
