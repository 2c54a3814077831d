import {
  type ObjectLockRetentionMode,
  PutBucketPolicyCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/domain/calendar.ts';
import { checkStore } from '../../src/purge/stores/check-store.ts';
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
import { type S3Server, startS3Server } from './s3-server.ts';
import { describeStoreContract, eraseAll, NEVER, type StoreHarness } from './store-contract.ts';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const DAY = `events/${ACME}/src_web/2024-01-10/`;
const isAcmes = (key: string) => key.startsWith(`events/${ACME}/`);

/** Everything that a versioned bucket can hold, for acme's two days and beside them. */
async function fill(bucket: TestBucket): Promise<void> {
  for (const key of [`${DAY}a`, `${DAY}b/c`, DAY, `events/${ACME}/src_web/2024-01-11/a`, ...OTHER_KEYS]) {
    await bucket.put(key);
  }
  for (const prefix of [DAY, `events/${ACME}0/src_web/2024-01-10/`]) {
    await bucket.put(`${prefix}a`);
    await bucket.put(`${prefix}a`);
    await bucket.put(`${prefix}removed`);
    await bucket.remove(`${prefix}removed`);
    await bucket.remove(`${prefix}never there`);
    await bucket.beginUpload(`${prefix}a`);
    await bucket.beginUpload(`${prefix}large`);
  }
}
/** 4 objects, 2 more versions, a version under a marker, 2 markers, 2 uploads. */
const MATCHING = 4 + 2 + 1 + 2 + 2;

async function versioned(): Promise<StoreHarness> {
  const bucket = await makeBucket(server, { versioned: true });
  await fill(bucket);
  const store = openS3Store(s3Store(server, bucket.name));
  return {
    store,
    step: s3Step(bucket.name),
    matching: MATCHING,
    tellsWhoDeleted: false,
    fingerprint: () => bucket.fingerprint((key) => !isAcmesTwoDays(key)),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await bucket[Symbol.asyncDispose]();
    },
  };
}

describeStoreContract('S3 with versions', versioned);

describe('P04 keys', () => {
  test('of every kind are deleted by their exact name', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    const odd = [
      'plus+plus',
      'a b',
      '%2F',
      'ü/é',
      '😀',
      '&<>"\'',
      'a\nb',
      'a\rb',
      'tab\t',
      '\u0001',
      '\u000b',
      '//',
      '../x',
      '~',
    ];
    for (const name of odd) await bucket.put(`events/${ACME}/${name}`);
    await bucket.put('events/ws_globex/../x');
    await bucket.beginUpload(`events/${ACME}/ü + %2B`);
    const others = await bucket.fingerprint((key) => !isAcmes(key));
    const store = openS3Store(s3Store(server, bucket.name));
    expect(await store.rehearse(workspaceStep(bucket.name), NEVER)).toBe(odd.length + 1);
    expect(await eraseAll(store, workspaceStep(bucket.name), 1_000)).toBe(odd.length + 1);
    expect(await store.countRemaining(workspaceStep(bucket.name), NEVER)).toBe(0);
    expect(await bucket.fingerprint(() => true)).toBe(others);
    await store.close();
  });

  test('that no call can name safely are for a person, and nothing that they might become is touched', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    await bucket.put('events/ws_globex/\u0001');
    await bucket.put(`events/${ACME}/../ws_globex/\u0001`);
    const before = await bucket.fingerprint(() => true);
    const store = openS3Store(s3Store(server, bucket.name));
    await expect(eraseAll(store, workspaceStep(bucket.name), 10)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: expect.stringContaining('no call can name it safely'),
    });
    expect(await bucket.fingerprint(() => true)).toBe(before);
    await store.close();
  });

  test('more than a page of them go in calls of a thousand', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    const keys = Array.from({ length: 1_100 }, (_, index) => `events/${ACME}/${index}`);
    for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map(bucket.put));
    await bucket.put(`events/${ACME}0/0`);
    const store = openS3Store(s3Store(server, bucket.name));
    const step = workspaceStep(bucket.name);
    expect(await store.rehearse(step, NEVER)).toBe(1_100);
    const erased = await store.erase(step, null, { limit: 5_000, signal: NEVER });
    expect(erased).toMatchObject({ deleted: 1_100, done: true });
    expect(await store.countRemaining(step, NEVER)).toBe(0);
    expect(await store.rehearse(workspaceStep(bucket.name, `${ACME}0`), NEVER)).toBe(1);
    await store.close();
  });

  test('in a bucket that keeps no versions any more go with their old versions', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    await bucket.put(`${DAY}a`);
    await bucket.suspend();
    await bucket.put(`${DAY}a`);
    await bucket.put(`${DAY}b`);
    await bucket.remove(`${DAY}b`);
    const store = openS3Store(s3Store(server, bucket.name));
    const step = s3Step(bucket.name);
    expect(await store.rehearse(step, NEVER)).toBe(3);
    expect(await eraseAll(store, step, 1)).toBe(3);
    expect(await store.countRemaining(step, NEVER)).toBe(0);
    await store.close();
  });
});

describe('P04 what is locked', () => {
  const RETAINED_DAY = addDays(dayOf(new Date()), 40);
  const retain = (
    bucket: TestBucket,
    Key: string,
    VersionId: string | undefined,
    Mode: ObjectLockRetentionMode,
  ) =>
    bucket.client.send(
      new PutObjectRetentionCommand({
        Bucket: bucket.name,
        Key,
        VersionId,
        Retention: { Mode, RetainUntilDate: new Date(`${RETAINED_DAY}T12:00:00Z`) },
      }),
    );
  const hold = (bucket: TestBucket, Key: string, VersionId: string | undefined, Status: 'ON' | 'OFF') =>
    bucket.client.send(
      new PutObjectLegalHoldCommand({ Bucket: bucket.name, Key, VersionId, LegalHold: { Status } }),
    );

  test.each([1, 2, 1_000])('stays as residue with its date, and all the rest goes, by %i', async (limit) => {
    await using bucket = await makeBucket(server, { locked: true });
    for (const mode of ['GOVERNANCE', 'COMPLIANCE'] as const) {
      const version = await bucket.put(`${DAY}${mode}`);
      await bucket.put(`${DAY}${mode}`);
      await retain(bucket, `${DAY}${mode}`, version, mode);
    }
    await hold(bucket, `${DAY}held`, await bucket.put(`${DAY}held`), 'ON');
    await bucket.remove(`${DAY}held`);
    await bucket.put(`${DAY}open`);
    await bucket.put(`${DAY}zz`);
    const others = await bucket.fingerprint((key) => !isAcmesTwoDays(key));
    const store = openS3Store(s3Store(server, bucket.name));
    const step = s3Step(bucket.name);
    expect(await store.rehearse(step, NEVER)).toBe(8);
    expect(await eraseAll(store, step, limit)).toBe(4);
    expect(await store.countRemaining(step, NEVER)).toBe(4);
    expect(await store.findResidue?.(step, NEVER)).toEqual([
      { reason: 'legal_hold', until: null, count: 2 },
      { reason: 'object_lock', until: RETAINED_DAY, count: 2 },
    ]);
    // Hidden as before: with its marker gone it would be in sight again.
    expect(await bucket.keysInSight()).not.toContain(`${DAY}held`);
    expect(await eraseAll(store, step, limit)).toBe(0);
    expect(await bucket.fingerprint((key) => !isAcmesTwoDays(key))).toBe(others);
    await store.close();
  });

  test('goes once its hold is off', async () => {
    await using bucket = await makeBucket(server, { locked: true });
    const version = await bucket.put(`${DAY}held`);
    await hold(bucket, `${DAY}held`, version, 'ON');
    const store = openS3Store(s3Store(server, bucket.name));
    expect(await eraseAll(store, s3Step(bucket.name), 10)).toBe(0);
    await hold(bucket, `${DAY}held`, version, 'OFF');
    expect(await store.findResidue?.(s3Step(bucket.name), NEVER)).toEqual([]);
    expect(await eraseAll(store, s3Step(bucket.name), 10)).toBe(1);
    expect(await store.countRemaining(s3Step(bucket.name), NEVER)).toBe(0);
    await store.close();
  });
});

describe('a frame that the time of each version decides', () => {
  const prefixes = [{ prefix: 'events/{workspace}/{source}/', receivedAt: 'lastModified' }];

  test('leaves newer versions, and no marker goes that hides an older one', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    for (const name of ['both', 'hidden']) await bucket.put(`${DAY}${name}`);
    await bucket.put(`${DAY}old`);
    const cut = await bucket.timeNow();
    await bucket.put(`${DAY}both`);
    await bucket.remove(`${DAY}hidden`);
    await bucket.put(`${DAY}new`);
    const store = openS3Store(s3Store(server, bucket.name, { scopes: ['source'], prefixes }));
    const stepOf = (receivedFrom: string | null, receivedBefore: string) =>
      s3Step(bucket.name, { receivedFrom, receivedBefore }, 'events/{workspace}/{source}/');
    const end = new Date(Date.now() + 86_400_000).toISOString();
    // Not the marker over the older version.
    expect(await store.rehearse(stepOf(cut, end), NEVER)).toBe(2);
    expect(await eraseAll(store, stepOf(cut, end), 1)).toBe(2);
    const acmes = async () => (await bucket.keysInSight()).filter(isAcmes);
    expect(await acmes()).toEqual([`${DAY}both`, `${DAY}old`]);
    expect(await eraseAll(store, stepOf(null, cut), 1)).toBe(3);
    expect(await acmes()).toEqual([]);
    // The marker is all that is left.
    expect(await eraseAll(store, stepOf(cut, end), 1)).toBe(1);
    await store.close();
  });
});

describe('a key without a right', () => {
  test('to delete versions is for a person, and passes for no lock', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    await bucket.put(`${DAY}a`);
    const user = `limited${bucket.name.slice(2, 8)}`;
    await server.addUser(user);
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: [`arn:aws:iam:::user/${user}`] },
        Action: [
          's3:ListBucket',
          's3:ListBucketVersions',
          's3:ListBucketMultipartUploads',
          's3:GetBucketVersioning',
          's3:GetObjectRetention',
          's3:GetObjectLegalHold',
          's3:DeleteObject',
        ],
        Resource: [`arn:aws:s3:::${bucket.name}`, `arn:aws:s3:::${bucket.name}/*`],
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await bucket.client.send(new PutBucketPolicyCommand({ Bucket: bucket.name, Policy }));
    const login = { accessKeyId: user, secretAccessKey: `${user}secret` };
    const store = openS3Store(s3Store({ ...server, login }, bucket.name));
    expect(await store.rehearse(s3Step(bucket.name), NEVER)).toBe(1);
    await expect(eraseAll(store, s3Step(bucket.name), 1)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      details: { code: 'AccessDenied' },
    });
    expect(await store.countRemaining(s3Step(bucket.name), NEVER)).toBe(1);
    await store.close();
  });

  test('at all, or with a wrong secret, is for a person; neither is in the message', async () => {
    await using bucket = await makeBucket(server);
    const login = { accessKeyId: 'test', secretAccessKey: 'canary-secret' };
    const store = openS3Store(s3Store({ ...server, login }, bucket.name));
    const error = await store.rehearse(s3Step(bucket.name), NEVER).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'PD_STORE_INVALID', details: { code: 'SignatureDoesNotMatch' } });
    expect(JSON.stringify(error) + error.message + error.cause).not.toContain('canary');
    await store.close();
  });
});

test('a look at a bucket finds versions and locks, or says that it is not let in', async () => {
  await using plain = await makeBucket(server);
  await using locked = await makeBucket(server, { versioned: true, locked: true });
  const look = (name: string, over = {}) => checkStore(s3Store({ ...server, ...over }, name), NEVER);
  expect(await look(plain.name)).toEqual({ what: 'Answers; it keeps no versions.', notes: [] });
  expect(await look(locked.name)).toEqual({
    what: 'Answers; it keeps versions, and purges delete all of them.',
    notes: [expect.stringMatching(/^The bucket locks objects/)],
  });
  const login = { accessKeyId: 'test', secretAccessKey: 'wrong' };
  await expect(look(plain.name, { login })).rejects.toMatchObject({ code: 'PD_STORE_INVALID' });
});

describe('F30 a gateway that is killed in the middle of a deletion', () => {
  test('leaves a purge that ends with the same objects gone and no others', async () => {
    await using bucket = await makeBucket(server, { versioned: true });
    const keys = Array.from({ length: 600 }, (_, index) => `events/${ACME}/${index}`);
    for (let at = 0; at < keys.length; at += 50) await Promise.all(keys.slice(at, at + 50).map(bucket.put));
    for (const key of OTHER_KEYS.filter((other) => !isAcmes(other))) await bucket.put(key);
    const others = await bucket.fingerprint((key) => !isAcmes(key));
    const step = workspaceStep(bucket.name);
    const impatient = { callMs: 60_000, attempts: 1, pauseMs: 1, longestPauseMs: 1 };
    const store = openS3Store(s3Store(server, bucket.name), impatient);
    const batch = store.erase(step, null, { limit: 1_000, signal: NEVER });
    const ended = expect(batch).rejects.toMatchObject({ code: 'PD_STORE_FAILED' });
    await bucket.untilFewer(600, `events/${ACME}/`);
    await server.killGateway();
    await ended;
    await expect(store.countRemaining(step, NEVER)).rejects.toMatchObject({ code: 'PD_STORE_FAILED' });
    await server.startGateway();
    expect(await store.countRemaining(step, NEVER)).toBeGreaterThan(0);
    await eraseAll(store, step, 1_000);
    expect(await store.countRemaining(step, NEVER)).toBe(0);
    expect(await bucket.fingerprint(() => true)).toBe(others);
    await store.close();
  });
});
