import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PurgedeskError } from '../../src/domain/errors.ts';
import type { Store } from '../../src/purge/store.ts';
import { openS3Store } from '../../src/purge/stores/s3.ts';
import { ACME } from './fixtures.ts';
import {
  isAcmesTwoDays,
  makeBucket,
  OTHER_KEYS,
  s3Step,
  s3Store,
  type TestBucket,
  workspaceStep,
} from './s3-bucket.ts';
import { type FaultyProxy, PROXY_WAYS, proxyFaults, startProxy } from './s3-proxy.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { describeStoreContract, eraseAll, NEVER, type StoreHarness } from './store-contract.ts';
import { describeStoreFaults } from './store-faults.ts';

let server: S3Server;
let proxy: FaultyProxy;
beforeAll(async () => {
  server = await startS3Server();
  proxy = await startProxy(server.endpoint);
});
afterAll(async () => {
  await proxy?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(() => proxy.reset());

const DAY = `events/${ACME}/src_web/2024-01-10/`;
const KEYS = [`${DAY}a`, `${DAY}b`, `${DAY}c/d`, `events/${ACME}/src_web/2024-01-11/a`];
const MATCHING = KEYS.length + 1;

async function filled(options: { versioned?: boolean } = {}): Promise<TestBucket> {
  const bucket = await makeBucket(server, options);
  await Promise.all([...KEYS, ...OTHER_KEYS].map(bucket.put));
  await bucket.beginUpload(`${DAY}large`);
  await bucket.beginUpload(`events/${ACME}0/large`);
  return bucket;
}

const othersOf = (bucket: TestBucket) => bucket.fingerprint((key) => !isAcmesTwoDays(key));

async function plain(): Promise<StoreHarness> {
  const bucket = await filled();
  const store = openS3Store(s3Store(server, bucket.name));
  return {
    store,
    step: s3Step(bucket.name),
    matching: MATCHING,
    tellsWhoDeleted: false,
    fingerprint: () => othersOf(bucket),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await bucket[Symbol.asyncDispose]();
    },
  };
}

describeStoreContract('S3 without versions', plain);

/** A store behind the proxy. */
const throughProxy = (bucket: TestBucket, attempts: number): Store =>
  openS3Store(s3Store({ ...server, endpoint: proxy.endpoint }, bucket.name), {
    callMs: 2_000,
    attempts,
    pauseMs: 1,
    longestPauseMs: 2,
  });

for (const { title, versioned, attempts, ways } of [
  { title: 'S3 with versions', versioned: true, attempts: 1, ways: PROXY_WAYS },
  { title: 'S3 without versions', versioned: false, attempts: 1, ways: ['lose'] },
  { title: 'S3 whose calls are made again', versioned: false, attempts: 3, ways: ['cut'] },
]) {
  describeStoreFaults(title, ways, async () => {
    const bucket = await filled({ versioned });
    const store = throughProxy(bucket, attempts);
    return {
      store,
      step: s3Step(bucket.name),
      matching: MATCHING,
      faults: proxyFaults(proxy),
      fingerprint: () => othersOf(bucket),
      refill: async () => {
        await Promise.all([...KEYS.map(bucket.put), bucket.beginUpload(`${DAY}large`)]);
      },
      [Symbol.asyncDispose]: async () => {
        await store.close();
        await bucket[Symbol.asyncDispose]();
      },
    };
  });
}

/** A list of objects, as a server gives it that does not know the rest of the query. */
const listOf = (contents: string): string =>
  `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`;
const FOREIGN = `<Contents><Key>events/${ACME}0/src_web/2024-01-10/a</Key>
  <LastModified>2024-01-10T00:00:00.000Z</LastModified></Contents>`;

describe('P04 F30 a server that', () => {
  test('never answers a deletion that it carried out is asked again, and the batch counts', async () => {
    await using bucket = await filled();
    const store = openS3Store(s3Store({ ...server, endpoint: proxy.endpoint }, bucket.name), {
      callMs: 500,
      attempts: 2,
      pauseMs: 1,
      longestPauseMs: 1,
    });
    let hung = 0;
    proxy.decide = ({ isBulkDelete }) => (isBulkDelete && hung++ === 0 ? 'hang' : 'pass');
    expect(await eraseAll(store, s3Step(bucket.name), 10)).toBe(MATCHING);
    expect(hung).toBe(2);
    await store.close();
  });

  test('never answers at all fails for want of time, so that less is asked of it', async () => {
    await using bucket = await filled();
    const patience = { callMs: 100, attempts: 1, pauseMs: 1, longestPauseMs: 1 };
    const store = openS3Store(s3Store({ ...server, endpoint: proxy.endpoint }, bucket.name), patience);
    proxy.decide = () => 'hang';
    await expect(store.rehearse(s3Step(bucket.name), NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
      details: { reason: 'timeout' },
    });
    await store.close();
  });

  test('is too busy for every object of a 200 is asked again', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 3);
    let slow = 0;
    proxy.decide = ({ isBulkDelete }) => (isBulkDelete && slow++ < 2 ? 'slow each' : 'pass');
    expect(await eraseAll(store, s3Step(bucket.name), 10)).toBe(MATCHING);
    await store.close();
  });

  test('stays too busy is given up on, and nothing is called deleted', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 3);
    proxy.decide = ({ isBulkDelete }) => (isBulkDelete ? 'slow each' : 'pass');
    const step = workspaceStep(bucket.name);
    const matching = await store.rehearse(step, NEVER);
    // The upload goes by another call.
    const first = await store.erase(step, null, { limit: 100, signal: NEVER });
    expect(first).toMatchObject({ deleted: 1, done: false });
    await expect(store.erase(step, null, { limit: 100, signal: NEVER })).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
    });
    expect(await store.countRemaining(step, NEVER)).toBe(matching - 1);
    await store.close();
  });

  test('denies each object of a 200, and knows no lock, is for a person', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 1);
    proxy.decide = ({ isBulkDelete }) => (isBulkDelete ? 'deny each' : 'pass');
    const step = s3Step(bucket.name);
    await store.erase(step, null, { limit: 1, signal: NEVER });
    const refused = store.erase(step, null, { limit: 10, signal: NEVER });
    await expect(refused).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      details: { code: 'AccessDenied' },
    });
    await store.close();
  });

  test('F32 calls objects deleted that are still there is found out by the count', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 1);
    proxy.decide = ({ isBulkDelete }) => (isBulkDelete ? 'lie' : 'pass');
    expect(await eraseAll(store, s3Step(bucket.name), 2)).toBe(MATCHING);
    expect(await store.countRemaining(s3Step(bucket.name), NEVER)).toBe(KEYS.length);
    await store.close();
  });

  test('does not list uploads is refused, for it would pass for one without', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 1);
    proxy.decide = ({ path }) => (/[?&]uploads/.test(path) ? { xml: listOf('') } : 'pass');
    await expect(store.countRemaining(s3Step(bucket.name), NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: 'store lake: the server does not list uploads',
    });
    await store.close();
  });

  test('does not list versions never passes for empty', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    await bucket.put(`${DAY}a`);
    const store = throughProxy(bucket, 1);
    proxy.decide = ({ path }) => (/[?&]versions/.test(path) ? { xml: listOf('') } : 'pass');
    await expect(store.countRemaining(s3Step(bucket.name), NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
      details: { code: 'VersionsNotListed' },
    });
    await store.close();
  });

  test('lists what is outside of the prefix is not believed', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 1);
    const before = await bucket.fingerprint(() => true);
    proxy.decide = ({ path }) => (/list-type=2/.test(path) ? { xml: listOf(FOREIGN) } : 'pass');
    await expect(eraseAll(store, s3Step(bucket.name), 10)).rejects.toMatchObject({
      message: 'store lake: the server lists keys outside of the prefix that it was asked for',
    });
    expect(await bucket.fingerprint(() => true)).toBe(before);
    await store.close();
  });

  test('is not there is for another try', async () => {
    const nowhere = { ...server, endpoint: 'http://127.0.0.1:1' };
    const patience = { callMs: 2_000, attempts: 2, pauseMs: 1, longestPauseMs: 1 };
    const store = openS3Store(s3Store(nowhere, 'no-bucket'), patience);
    await expect(store.rehearse(s3Step('no-bucket'), NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
    });
    await store.close();
  });

  test('has no such bucket is for a person', async () => {
    const store = openS3Store(s3Store(server, 'no-bucket'));
    const error = await store.rehearse(s3Step('no-bucket'), NEVER).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(PurgedeskError);
    expect(error).toMatchObject({ code: 'PD_STORE_INVALID', details: { code: 'NoSuchBucket' } });
    await store.close();
  });
});

describe('a signal', () => {
  test('ends the pause between two attempts', async () => {
    await using bucket = await filled();
    const patience = { callMs: 2_000, attempts: 2, pauseMs: 600_000, longestPauseMs: 600_000 };
    const store = openS3Store(s3Store({ ...server, endpoint: proxy.endpoint }, bucket.name), patience);
    const halt = new AbortController();
    proxy.decide = () => {
      // Long after the answer: the call is over then, and the pause of ten minutes is not.
      setTimeout(() => halt.abort(new Error('halt')), 300);
      return 'busy';
    };
    await expect(store.rehearse(s3Step(bucket.name), halt.signal)).rejects.toThrow('halt');
    await store.close();
  });

  test('ends a call that hangs', async () => {
    await using bucket = await filled();
    const store = throughProxy(bucket, 1);
    const halt = new AbortController();
    proxy.decide = ({ isBulkDelete }) => {
      if (!isBulkDelete) return 'pass';
      setImmediate(() => halt.abort(new Error('halt')));
      return 'hang';
    };
    const batch = store.erase(s3Step(bucket.name), null, { limit: 10, signal: halt.signal });
    await expect(batch).rejects.toThrow('halt');
    await store.close();
  });
});

describe('the time of an object', () => {
  const prefixes = [{ prefix: 'events/{workspace}/{source}/', receivedAt: 'lastModified' }];
  const timed = (bucket: TestBucket) =>
    openS3Store(s3Store(server, bucket.name, { scopes: ['source'], prefixes }));
  const stepOf = (bucket: TestBucket, receivedFrom: string | null, receivedBefore: string) =>
    s3Step(bucket.name, { receivedFrom, receivedBefore }, 'events/{workspace}/{source}/');

  test('decides where no day is known', async () => {
    await using bucket = await filled();
    const store = timed(bucket);
    const year = new Date().getUTCFullYear();
    const past = stepOf(bucket, null, `${year - 1}-01-01T00:00:00.000Z`);
    const now = stepOf(bucket, `${year - 1}-01-01T00:00:00.000Z`, `${year + 2}-01-01T00:00:00.000Z`);
    expect(await store.rehearse(past, NEVER)).toBe(0);
    expect(await eraseAll(store, past, 10)).toBe(0);
    const matching = await store.rehearse(now, NEVER);
    expect(matching).toBeGreaterThan(MATCHING);
    expect(await eraseAll(store, now, 3)).toBe(matching);
    expect(await store.countRemaining(now, NEVER)).toBe(0);
    await store.close();
  });

  test('does not where the prefix has a day: a frame without a beginning takes the days that are there', async () => {
    await using bucket = await filled();
    await bucket.put(`events/${ACME}/src_web/0 not a day`);
    await bucket.put(`events/${ACME}/src_web/1024-01-01/a`);
    await bucket.put(`events/${ACME}/src_web/2003-02-01/a`);
    const store = openS3Store(s3Store(server, bucket.name));
    // 2003-02-01, 2024-01-09, the two days and the upload
    const step = s3Step(bucket.name, { receivedFrom: null });
    expect(await store.rehearse(step, NEVER)).toBe(MATCHING + 2);
    expect(await eraseAll(store, step, 3)).toBe(MATCHING + 2);
    expect(await store.countRemaining(step, NEVER)).toBe(0);
    const left = (await bucket.keysInSight()).filter((key) => key.startsWith(`events/${ACME}/src_web/`));
    expect(left.map((key) => key.slice(`events/${ACME}/src_web/`.length))).toEqual([
      '0 not a day',
      '1024-01-01/a',
      '2024-01-10',
      '2024-01-100/a',
      '2024-01-12/a',
    ]);
    await store.close();
  });
});
