import { GetObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import type { S3StoreDefinition } from './s3-catalogue.ts';
import { openBucket } from './s3-client.ts';
import { isVersioned } from './s3-listing.ts';
import { CONNECT_MS, type StoreCheck } from './store-check.ts';

/** Whether the bucket answers, keeps versions, and locks objects. */
export async function checkS3(definition: S3StoreDefinition, signal: AbortSignal): Promise<StoreCheck> {
  const bucket = openBucket(definition, { callMs: CONNECT_MS, attempts: 1, pauseMs: 0, longestPauseMs: 0 });
  try {
    const versioned = await isVersioned(bucket, signal);
    const locked = await bucket.client
      .send(new GetObjectLockConfigurationCommand({ Bucket: bucket.bucket }), { abortSignal: signal })
      .then((answer) => answer.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled')
      .catch(() => false); // most servers answer with an error where there is none
    return {
      what: versioned
        ? 'Answers; it keeps versions, and purges delete all of them.'
        : 'Answers; it keeps no versions.',
      notes: locked
        ? [
            'The bucket locks objects: what is locked is not deleted before its day, and each such purge waits for an agent.',
          ]
        : [],
    };
  } finally {
    bucket.client.destroy();
  }
}
