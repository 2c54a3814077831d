import { PutObjectLegalHoldCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import { openBrakes } from '../../src/purge/brake.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { openS3Store } from '../../src/purge/stores/s3.ts';
import { type Desk, openDesk } from './desk.ts';
import { describeLies, describePurgeSweep, type SweptPlace } from './fault-sweep.ts';
import { ACME, WORKSPACE_TARGET } from './fixtures.ts';
import { makeBucket, OTHER_KEYS, s3Store, type TestBucket } from './s3-bucket.ts';
import { type FaultyProxy, PROXY_WAYS, proxyFaults, startProxy } from './s3-proxy.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { NEVER } from './store-contract.ts';
import type { Faults } from './store-faults.ts';

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

const isAcmes = (key: string) => key.startsWith(`events/${ACME}/`);
const KEYS = Array.from({ length: 12 }, (_, index) => `events/${ACME}/src_web/2024-01-10/${index}`);
/** Of the keys, one more version, a marker and an upload. */
const MATCHING = KEYS.length + 3;

/** A workspace whose purge has begun, with a bucket behind the proxy as its only store. */
interface Scene extends AsyncDisposable {
  readonly desk: Desk;
  readonly ports: PurgePorts;
  readonly bucket: TestBucket;
  readonly id: TicketId;
  readonly others: string;
}

async function purging(options: { locked?: boolean; uploads?: boolean } = {}): Promise<Scene> {
  const bucket = await makeBucket(server, { versioned: true, ...options });
  await Promise.all([...KEYS, ...OTHER_KEYS.filter((key) => !isAcmes(key))].map(bucket.put));
  await bucket.put(`${KEYS[0]}`);
  await bucket.remove(`${KEYS[1]}`);
  if (options.uploads ?? true) await bucket.beginUpload(`events/${ACME}/large`);
  const desk = await openDesk();
  const catalogue = [s3Store({ ...server, endpoint: proxy.endpoint }, bucket.name)];
  const stores = openStores(catalogue, desk.db);
  const ports = { ...desk.ports, catalogue, stores };
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(ports, id, NEVER);
  await desk.startPurge(id);
  return {
    desk,
    ports,
    bucket,
    id,
    others: await bucket.fingerprint((key) => !isAcmes(key)),
    [Symbol.asyncDispose]: async () => {
      await stores.close();
      await desk[Symbol.asyncDispose]();
      await bucket[Symbol.asyncDispose]();
    },
  };
}

const stateOf = async ({ desk, id }: Scene) => (await desk.db('tickets').where({ id }).first('state')).state;

async function expectPurged(scene: Scene): Promise<void> {
  const { desk, bucket, id, others } = scene;
  expect(await bucket.fingerprint(() => true)).toBe(others);
  expect(await stateOf(scene)).toBe('completed');
  const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
  expect(signed.receipt).toMatchObject({ deletedTotal: MATCHING, remainingTotal: 0 });
}

const IMPATIENT = { callMs: 5_000, attempts: 1, pauseMs: 1, longestPauseMs: 1 };

/** One bucket for all purges of a sweep; each call fails at once. */
async function sweptBucket(versioned: boolean): Promise<SweptPlace & { readonly faults: Faults }> {
  const bucket = await makeBucket(server, { versioned });
  await Promise.all(OTHER_KEYS.filter((key) => !isAcmes(key)).map(bucket.put));
  const refill = async () => {
    await Promise.all([...KEYS.slice(0, 4).map(bucket.put), bucket.beginUpload(`events/${ACME}/large`)]);
    if (versioned) await bucket.remove(`${KEYS[1]}`);
  };
  await refill();
  const desk = await openDesk();
  const definition = s3Store({ ...server, endpoint: proxy.endpoint }, bucket.name);
  const store = openS3Store(definition, IMPATIENT);
  const stores = { get: () => store, close: () => store.close() };
  return {
    desk,
    ports: { ...desk.ports, catalogue: [definition], stores },
    target: WORKSPACE_TARGET,
    matching: versioned ? 6 : 5,
    faults: proxyFaults(proxy),
    others: () => bucket.fingerprint((key) => !isAcmes(key)),
    everything: () => bucket.fingerprint(() => true),
    refill,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await desk[Symbol.asyncDispose]();
      await bucket[Symbol.asyncDispose]();
    },
  };
}

describePurgeSweep('a bucket with versions', PROXY_WAYS, () => sweptBucket(true));
describePurgeSweep('a bucket without versions', ['lose'], () => sweptBucket(false));
describeLies('a bucket', () => sweptBucket(true));

describe('a purge of a bucket', () => {
  test('deletes all versions, markers and uploads of the workspace and nothing else', async () => {
    await using scene = await purging();
    await runStep(scene.ports, scene.id, 1, NEVER);
    await expectPurged(scene);
  });

  test.each([1, 2])('that stops after batch %i, before its record, ends the same', async (nth) => {
    await using scene = await purging();
    const halt = new AbortController();
    let passed = 0;
    scene.desk.atCrashPoint = (label) => {
      if (label !== 'purge.batch.erased' || ++passed !== nth) return;
      halt.abort(new Error('halt'));
      throw new Error('halt');
    };
    // The job ends well: the step was given back with a job of its own.
    await runStep(scene.ports, scene.id, 1, halt.signal);
    await runStep(scene.ports, scene.id, 1, NEVER);
    await expectPurged(scene);
  });

  test('F32 whose server calls deleted what is still there is stopped for an agent', async () => {
    await using scene = await purging({ uploads: false });
    proxy.decide = ({ isBulkDelete }) => (isBulkDelete ? 'lie' : 'pass');
    await runStep(scene.ports, scene.id, 1, NEVER);
    expect(scene.desk.events.at(-1)).toEqual({ type: 'step_failed', step: 1, error: 'PD_STORE_LIED' });
    expect(await stateOf(scene)).toBe('purging');
    expect(await scene.desk.db('erasure_ledger')).toEqual([]);
  });

  test('with a legal hold waits for an agent, and ends once the hold is off', async () => {
    await using scene = await purging({ locked: true });
    const hold = (Status: 'ON' | 'OFF') =>
      scene.bucket.client.send(
        new PutObjectLegalHoldCommand({ Bucket: scene.bucket.name, Key: KEYS[5], LegalHold: { Status } }),
      );
    await hold('ON');
    await runStep(scene.ports, scene.id, 1, NEVER);
    expect(scene.desk.events.at(-1)).toMatchObject({
      type: 'held',
      reason: 'residue',
      note: 'step 1 (lake) is not done: 1 kept by a legal hold',
    });
    expect(await stateOf(scene)).toBe('purging');
    await hold('OFF');
    await scene.desk.release(scene.id, 'residue');
    await runStep(scene.ports, scene.id, 1, NEVER);
    await expectPurged(scene);
  });

  // The last one: for a while after its end, others wait for the gateway that was killed.
  test('F31 whose server is away is tried again, is never called done meanwhile, and ends the same', async () => {
    await using scene = await purging();
    await server.killGateway();
    await runStep(scene.ports, scene.id, 1, NEVER);
    expect(await openBrakes(scene.desk.db)).toMatchObject([{ lastError: 'PD_STORE_FAILED', failures: 1 }]);
    expect(await stateOf(scene)).toBe('purging');
    await server.startGateway();
    await runStep(scene.ports, scene.id, 1, NEVER);
    await expectPurged(scene);
  });
});
