/** A process of its own: lists a prefix and deletes what it finds, a thousand a call and four calls at once. No checks. */
import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import type { Bucket } from './objects.ts';

export interface BareOrder {
  readonly bucket: Bucket;
  readonly prefix: string;
}

const CALLS_AT_ONCE = 4;

process.on('message', async ({ bucket, prefix }: BareOrder) => {
  const { endpoint, name: Bucket, login } = bucket;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { ...login },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const begun = performance.now();
  const queue = new PQueue({ concurrency: CALLS_AT_ONCE });
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, StartAfter: after }));
    const keys = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    after = keys.at(-1)?.Key;
    more = page.IsTruncated === true;
    // The next page is listed while this one is deleted, and no more of them are kept than calls may run.
    await queue.onSizeLessThan(CALLS_AT_ONCE);
    void queue.add(() => client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys } })));
  }
  await queue.onIdle();
  process.send?.(performance.now() - begun);
  client.destroy();
});
