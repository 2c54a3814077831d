import { createHash, randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { PlanStep } from '../../src/domain/plan.ts';
import { type S3StoreDefinition, s3StoreSchema } from '../../src/purge/stores/s3-catalogue.ts';
import { ACME, WEB_SOURCE } from './fixtures.ts';

export interface Login {
  readonly endpoint: string;
  readonly login: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A bucket of one test. */
export interface TestBucket extends AsyncDisposable {
  readonly name: string;
  readonly client: S3Client;
  put(key: string): Promise<string | undefined>;
  /** Leaves a delete marker where the bucket keeps versions. */
  remove(key: string): Promise<void>;
  /** An upload with one part that is never finished. */
  beginUpload(key: string): Promise<void>;
  /** Keeps no new versions from now on. */
  suspend(): Promise<void>;
  /** An instant between what was stored before the call and what is stored after it, by the server's clock. */
  timeNow(): Promise<string>;
  /** What a plain listing shows. */
  keysInSight(): Promise<string[]>;
  /** Waits until the server has fewer versions than this under a prefix. */
  untilFewer(count: number, prefix: string): Promise<void>;
  /** A checksum over all objects, versions, markers and uploads whose key `kept` selects. */
  fingerprint(kept: (key: string) => boolean): Promise<string>;
}

export async function makeBucket(
  { endpoint, login }: Login,
  options: { versioned?: boolean; locked?: boolean } = {},
): Promise<TestBucket> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    // A copy: the client adds keys of its own.
    credentials: { ...login },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const Bucket = `b-${randomUUID()}`;
  await client.send(
    new CreateBucketCommand({ Bucket, ...(options.locked ? { ObjectLockEnabledForBucket: true } : {}) }),
  );
  const keepVersions = (Status: 'Enabled' | 'Suspended') =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  if (options.versioned) await keepVersions('Enabled');
  return {
    name: Bucket,
    client,
    put: async (Key) =>
      (await client.send(new PutObjectCommand({ Bucket, Key, Body: randomUUID() }))).VersionId,
    remove: async (Key) => {
      await client.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    beginUpload: async (Key) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const part = { Bucket, Key, UploadId, PartNumber: 1, Body: randomUUID() };
      await client.send(new UploadPartCommand(part));
    },
    suspend: async () => {
      await keepVersions('Suspended');
    },
    timeNow: async () => {
      await client.send(new PutObjectCommand({ Bucket, Key: 'clock', Body: 'tick' }));
      // A listing tells milliseconds, the header of an object seconds.
      const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'clock' }));
      const time = page.Contents?.[0]?.LastModified;
      if (time === undefined) throw new Error('the server told no time');
      return time.toISOString();
    },
    keysInSight: async () =>
      ((await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key = '' }) => Key),
    untilFewer: async (count, Prefix) => {
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
        const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
        if ((page.Versions ?? []).length < count) return;
      }
      throw new Error('nothing was deleted within 30 s');
    },
    fingerprint: async (kept) => {
      const lines = await Promise.all(
        (await everything(client, Bucket))
          .filter(({ key }) => kept(key))
          .map((thing) => lineOf(client, Bucket, thing)),
      );
      return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
    },
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

interface Found {
  readonly key: string;
  readonly kind: 'object' | 'version' | 'marker' | 'upload';
  readonly version?: string | undefined;
}

async function everything(client: S3Client, Bucket: string): Promise<Found[]> {
  const objects = await client.send(new ListObjectsV2Command({ Bucket }));
  const versions = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  if (objects.IsTruncated || versions.IsTruncated || uploads.IsTruncated) {
    throw new Error('a test bucket holds more than one page');
  }
  const named = (kind: Found['kind'], key = '', version?: string): Found => ({ kind, key, version });
  return [
    ...(objects.Contents ?? []).map(({ Key }) => named('object', Key)),
    ...(versions.Versions ?? []).map(({ Key, VersionId }) => named('version', Key, VersionId)),
    ...(versions.DeleteMarkers ?? []).map(({ Key, VersionId }) => named('marker', Key, VersionId)),
    ...(uploads.Uploads ?? []).map(({ Key, UploadId }) => named('upload', Key, UploadId)),
  ];
}

async function lineOf(client: S3Client, Bucket: string, { kind, key, version }: Found): Promise<string> {
  const name = JSON.stringify([kind, key, version ?? null]);
  if (kind === 'marker' || kind === 'upload') return name;
  const VersionId = kind === 'version' ? version : undefined;
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key, VersionId }));
  return `${name} ${await Body?.transformToString()}`;
}

/** Days of events by workspace and source, people by workspace, profiles by user. */
export const PREFIXES = [
  { prefix: 'events/{workspace}/{source}/{day}/', scopes: ['source'] },
  { prefix: 'events/{workspace}/', scopes: ['workspace', 'account'] },
  { prefix: 'profiles/{workspace}/{user}/', scopes: ['user'] },
];

export const s3Store = (
  { endpoint, login }: Login,
  bucket: string,
  overrides: Record<string, unknown> = {},
): S3StoreDefinition =>
  s3StoreSchema.parse({
    name: 'lake',
    kind: 's3',
    endpoint,
    region: 'us-east-1',
    bucket,
    forcePathStyle: true,
    ...login,
    archive: true,
    scopes: ['workspace', 'account', 'source', 'user'],
    prefixes: PREFIXES,
    ...overrides,
  });

/** The web source of acme, two days of January, unless overridden. */
export const s3Step = (
  bucket: string,
  predicate: Partial<PlanStep['predicate']> = {},
  prefix = 'events/{workspace}/{source}/{day}/',
): PlanStep => ({
  no: 1,
  store: 'lake',
  kind: 's3',
  target: `${bucket}/${prefix}`,
  action: 'delete',
  predicate: {
    workspaceId: ACME,
    sourceId: WEB_SOURCE,
    spaceId: null,
    projectId: null,
    users: [],
    events: [],
    properties: [],
    receivedFrom: '2024-01-10T00:00:00.000Z',
    receivedBefore: '2024-01-12T00:00:00.000Z',
    ...predicate,
  },
});

/** A step about everything of one workspace. */
export const workspaceStep = (bucket: string, workspaceId = ACME): PlanStep =>
  s3Step(
    bucket,
    { workspaceId, sourceId: null, receivedFrom: null, receivedBefore: null },
    'events/{workspace}/',
  );

/** Keys that differ from acme's two days in one thing each. */
export const OTHER_KEYS = [
  `events/${ACME}/${WEB_SOURCE}/2024-01-09/z`,
  `events/${ACME}/${WEB_SOURCE}/2024-01-12/a`,
  `events/${ACME}/${WEB_SOURCE}/2024-01-100/a`,
  `events/${ACME}/${WEB_SOURCE}/2024-01-10`,
  `events/${ACME}/${WEB_SOURCE}0/2024-01-10/a`,
  `events/${ACME}/src_ios/2024-01-10/a`,
  `events/${ACME}0/${WEB_SOURCE}/2024-01-10/a`,
  `events/${ACME.slice(0, -1)}/${WEB_SOURCE}/2024-01-10/a`,
  `events/${ACME.toUpperCase()}/${WEB_SOURCE}/2024-01-10/a`,
  `events/ws_globex/${WEB_SOURCE}/2024-01-10/a`,
  `profiles/${ACME}/u1/a`,
];

export const isAcmesTwoDays = (key: string): boolean =>
  [10, 11].some((day) => key.startsWith(`events/${ACME}/${WEB_SOURCE}/2024-01-${day}/`));
