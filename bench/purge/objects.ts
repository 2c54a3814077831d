import http from 'node:http';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type StoreDefinition, storeSchema } from '../../src/purge/catalogue.ts';
import { startS3Server } from '../../test/purge/s3-server.ts';
import { line, ratios } from '../report.ts';
import type { BareOrder } from './bare-loop.ts';
import { memoryOf } from './memory.ts';
import { endProcess, startProcess, tell } from './processes.ts';
import { purgeInProcess } from './purge-process.ts';
import type { PurgeReport } from './purger.ts';

export interface ObjectsOptions {
  /** Objects to delete of ten times as many. */
  readonly objects: number;
  /** Each takes two workspaces of ten. */
  readonly rounds: number;
}

export interface Bucket {
  readonly endpoint: string;
  readonly name: string;
  readonly login: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const BUCKET = 'bench';
const WORKSPACES = 10;
const PUTS_AT_ONCE = 64;

/** One workspace of ten from a bucket: the whole engine beside a bare loop, by turns. */
export async function benchObjects(deskUrl: string, { objects, rounds }: ObjectsOptions): Promise<boolean> {
  await using server = await startS3Server();
  const bucket: Bucket = { endpoint: server.endpoint, name: BUCKET, login: server.login };
  console.log(
    `\nobjects: ${objects.toLocaleString('en')} of ${(objects * WORKSPACES).toLocaleString('en')} on a Ceph gateway`,
  );
  await fill(bucket, objects);
  const stores = [bucketStore(bucket)];
  const bare: number[] = [];
  const reports: PurgeReport[] = [];
  for (let round = 0; round < rounds; round++) {
    const runs = [
      async () => reports.push(await purgeInProcess({ deskUrl, stores, workspace: `ws_${2 * round}` })),
      async () => bare.push(await bareLoop(bucket, `ws_${2 * round + 1}`)),
    ];
    for (const run of round % 2 === 0 ? runs : runs.toReversed()) await run();
  }
  const left = await countKeys(bucket);
  const without = reports.map(({ total, counting }) => total - counting);
  const whole = reports.map(({ total }) => total);
  const perSecond = (values: readonly number[]) => values.map((ms) => (objects * 1_000) / ms);
  console.log(line('bare list and DeleteObjects', perSecond(bare), 'objects/s'));
  console.log(line('purge without its counts', perSecond(without), 'objects/s'));
  console.log(line('purge as it is', perSecond(whole), 'objects/s'));
  console.log(
    `  of the bare loop: ${ratios(bare, without)} without its counts, ${ratios(bare, whole)} with them`,
  );
  console.log(`  ${memoryOf(reports)}`);
  const kept = objects * (WORKSPACES - 2 * rounds);
  const isIntact = left === kept && reports.every(({ deleted }) => deleted === objects);
  console.log(`  objects of all others ${isIntact ? 'are all there' : `WERE TOUCHED: ${left} of ${kept}`}`);
  return isIntact;
}

const bucketStore = ({ endpoint, name, login }: Bucket): StoreDefinition =>
  storeSchema.parse({
    name: 'lake',
    kind: 's3',
    endpoint,
    region: 'us-east-1',
    bucket: name,
    forcePathStyle: true,
    ...login,
    scopes: ['workspace'],
    prefixes: [{ prefix: 'events/{workspace}/' }],
  });

async function bareLoop(bucket: Bucket, workspace: string): Promise<number> {
  const child = startProcess('./bare-loop.ts');
  try {
    const order: BareOrder = { bucket, prefix: `events/${workspace}/` };
    return await tell<number>(child, order);
  } finally {
    await endProcess(child);
  }
}

/** Plain puts of empty objects into an open bucket: signing each would take longer than storing it. */
async function fill({ endpoint, name, login }: Bucket, objects: number): Promise<void> {
  const client = clientOf({ endpoint, name, login });
  await client.send(new CreateBucketCommand({ Bucket: name, ACL: 'public-read-write' }));
  client.destroy();
  const agent = new http.Agent({ keepAlive: true, maxSockets: PUTS_AT_ONCE });
  let next = 0;
  const work = async () => {
    while (next < objects * WORKSPACES) await put(agent, `${endpoint}/${name}/${keyAt(next++)}`);
  };
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, work));
  agent.destroy();
}

const keyAt = (n: number): string =>
  `events/ws_${n % WORKSPACES}/2024-01-${10 + (n % 19)}/${String(n).padStart(9, '0')}.json`;

const put = (agent: http.Agent, url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method: 'PUT', agent, headers: { 'content-length': 0 } },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 200
            ? resolve()
            : reject(new Error(`a put was answered ${answer.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });

async function countKeys(bucket: Bucket): Promise<number> {
  const client = clientOf(bucket);
  let count = 0;
  for (let token: string | undefined, more = true; more; ) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket.name, ContinuationToken: token }),
    );
    count += page.KeyCount ?? 0;
    token = page.NextContinuationToken;
    more = page.IsTruncated === true;
  }
  client.destroy();
  return count;
}

const clientOf = ({ endpoint, login }: Bucket): S3Client =>
  new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { ...login } });
