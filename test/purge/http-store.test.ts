import { describe, expect, test } from 'vitest';
import type { PlanStep } from '../../src/domain/plan.ts';
import type { Store, StoreCheckpoint } from '../../src/purge/store.ts';
import { openHttpStore } from '../../src/purge/stores/http.ts';
import { requestId } from '../../src/purge/stores/http-protocol.ts';
import { ACME, NEIGHBOUR, WEB_SOURCE } from './fixtures.ts';
import {
  type Fault,
  PEER_WAYS,
  type Peer,
  peerFaults,
  SLOW_PEER_WAYS,
  startPeer,
  type Thing,
} from './http-peer.ts';
import { describeStoreContract, eraseAll, NEVER, type StoreHarness, stepWith } from './store-contract.ts';
import { describeStoreFaults } from './store-faults.ts';

/** The web source of acme, two days of January. */
const STEP: PlanStep = {
  no: 1,
  store: 'crm',
  kind: 'http',
  target: 'messages',
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
  },
};
const MATCHING = 2 * 4;
const isMeant = (thing: Thing): boolean =>
  thing.collection === 'messages' &&
  thing.workspace_id === ACME &&
  thing.source_id === WEB_SOURCE &&
  thing.received_at >= '2024-01-10' &&
  thing.received_at < '2024-01-12';

/** Four messages a day, source and workspace over four days, and as many contacts. */
function sampleThings(): Thing[] {
  const things: Thing[] = [];
  for (const workspace of [ACME, NEIGHBOUR])
    for (const source of [WEB_SOURCE, 'src_ios'])
      for (const day of ['09', '10', '11', '12'])
        for (const n of [1, 2, 3, 4])
          for (const collection of ['messages', 'contacts'])
            things.push({
              id: things.length,
              collection,
              workspace_id: workspace,
              source_id: source,
              space_id: `spa_${n % 2}`,
              project_id: 'prj_1',
              user_ids: [`u${n}`, `a${n}`],
              event: n % 2 === 0 ? 'Signed Up' : 'Ordered',
              received_at: `2024-01-${day}T0${n - 1}:00:00.000Z`,
            });
  return things;
}

interface Scene extends StoreHarness {
  readonly peer: Peer;
}

const IMPATIENT = { timeouts: { connect: 2_000, headers: 200, body: 200 }, wait: 3, pause: 1 };

async function harness(
  overrides: Record<string, unknown> = {},
  pace: Parameters<typeof openHttpStore>[1] = {},
): Promise<Scene> {
  const peer = await startPeer(sampleThings(), overrides);
  const store = openHttpStore(peer.definition, pace);
  return {
    peer,
    store,
    step: STEP,
    matching: MATCHING,
    fingerprint: async () => peer.fingerprint((thing) => !isMeant(thing)),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}

describeStoreContract('an HTTP service', () => harness());

describeStoreContract('an HTTP service that takes its time', async () => {
  const scene = await harness({}, { pause: 1 });
  scene.peer.looksNeeded = 2;
  return scene;
});

/** What a purge does with a store: keeps each checkpoint, asks again after a failure that may pass. */
async function purge(store: Store, limit: number): Promise<{ deleted: number; failures: number }> {
  let checkpoint: StoreCheckpoint = null;
  let [deleted, failures] = [0, 0];
  for (let calls = 0; calls < 500; calls++) {
    try {
      const erased = await store.erase(STEP, checkpoint, { limit, signal: NEVER, plan: 'a'.repeat(64) });
      expect(erased.deleted).toBeLessThanOrEqual(erased.allowed ?? limit);
      deleted += erased.deleted;
      checkpoint = erased.checkpoint;
      if (!erased.done) continue;
      if ((await store.countRemaining(STEP, NEVER)) === 0) return { deleted, failures };
      checkpoint = null;
    } catch (error) {
      expect(error).toMatchObject({ code: 'PD_STORE_FAILED' });
      failures += 1;
    }
  }
  throw new Error('the purge never ended');
}

const KINDS = [
  { title: 'a service that deletes in batches', batches: true, looksNeeded: 0, slow: true },
  { title: 'a service that deletes batches later', batches: true, looksNeeded: 2, slow: false },
  { title: 'a service that takes a step whole', batches: false, looksNeeded: 0, slow: true },
  { title: 'a service that takes a step whole and its time', batches: false, looksNeeded: 3, slow: false },
] as const;

for (const { title, batches, looksNeeded, slow } of KINDS) {
  describeStoreFaults(title, [...PEER_WAYS, ...(slow ? SLOW_PEER_WAYS : [])], async () => {
    const scene = await harness({ batches }, IMPATIENT);
    scene.peer.looksNeeded = looksNeeded;
    return { ...scene, plan: 'a'.repeat(64), faults: peerFaults(scene.peer), tellsLost: !batches };
  });
}

test('every request of a plan has an id of its own, the same however often it is made', async () => {
  await using scene = await harness();
  await purge(scene.store, 3);
  const ids = [...scene.peer.requests.keys()];
  expect(ids).toHaveLength(3);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(['a', 'b'].flatMap((key) => [0, 1].map((nth) => requestId(key, nth)))).size).toBe(4);
  // Another plan asks anew, also for the very same step: its first request is one that nobody has made.
  const before = scene.peer.calls.length;
  await scene.store.erase(STEP, null, { limit: 3, signal: NEVER, plan: 'b'.repeat(64) });
  expect(scene.peer.calls.slice(before)).toEqual(['GET /requests', 'POST /requests']);
});

test('a request that is made twice is carried out once', async () => {
  await using scene = await harness({}, IMPATIENT);
  const { peer, store } = scene;
  peer.fault = (_, call) => (call === 'POST /requests' ? 'reset_after' : null);
  const batch = () => store.erase(STEP, null, { limit: 2, signal: NEVER });
  await expect(batch()).rejects.toMatchObject({ code: 'PD_STORE_FAILED' });
  expect(await store.countRemaining(STEP, NEVER)).toBe(MATCHING - 2);
  peer.fault = () => null;
  expect(await eraseAll(store, STEP, 2)).toBe(MATCHING - 2);
});

describe('an answer that is not one', () => {
  test.each<{ fault: Fault | number; why: RegExp }>([
    { fault: 'redirect_before', why: /refuses with status 307/ },
    { fault: 'huge_before', why: /more than 1048576 bytes/ },
    { fault: 'packed_before', why: /packs its answers/ },
    { fault: 'not_json_before', why: /is not JSON/ },
    { fault: 'other_shape_before', why: /another shape/ },
    { fault: 'other_request_after', why: /another (request|shape)/ },
    { fault: 'no_results_after', why: /without its results|another shape/ },
    { fault: 400, why: /refuses with status 400/ },
    { fault: 401, why: /refuses with status 401/ },
    { fault: 403, why: /refuses with status 403/ },
    { fault: 409, why: /refuses with status 409/ },
  ])('$fault is for a person, in every call', async ({ fault, why }) => {
    await using scene = await harness();
    const { peer, store } = scene;
    peer.fault = () => fault;
    const refused = { code: 'PD_STORE_INVALID', message: expect.stringMatching(why) };
    await expect(store.rehearse(STEP, NEVER)).rejects.toMatchObject(refused);
    await expect(store.countRemaining(STEP, NEVER)).rejects.toMatchObject(refused);
    peer.fault = (_, call) => (call === 'POST /requests' ? fault : null);
    await expect(eraseAll(store, STEP, 2)).rejects.toMatchObject(refused);
    expect(peer.calls.filter((call) => call.includes('elsewhere'))).toEqual([]);
  });

  test.each([408, 425, 429, 500, 502, 503, 504])('status %i is for another try', async (status) => {
    await using scene = await harness();
    scene.peer.fault = () => status;
    await expect(scene.store.rehearse(STEP, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
      details: { store: 'crm', status },
    });
  });

  test.each(['silent_before', 'drip_after'] as const)('%s ends within its time', async (fault) => {
    await using scene = await harness({}, IMPATIENT);
    scene.peer.fault = () => fault;
    const why = fault === 'silent_before' ? 'headers_timeout' : 'body_timeout';
    await expect(scene.store.rehearse(STEP, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_FAILED',
      details: { why },
    });
  });

  test('a service that is not there is for another try, and no message names it', async () => {
    const peer = await startPeer([]);
    const store = openHttpStore(peer.definition);
    await peer[Symbol.asyncDispose]();
    const error = await store.rehearse(STEP, NEVER).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'PD_STORE_FAILED', details: { why: 'ECONNREFUSED' } });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/127\.0\.0\.1|a-token/);
    await store.close();
  });

  test('a connection that the service closed between two reads is opened again', async () => {
    await using scene = await harness();
    const { peer, store } = scene;
    await store.rehearse(STEP, NEVER);
    peer.fault = (nth) => (nth === 2 ? 'reset_before' : null);
    expect(await store.rehearse(STEP, NEVER)).toBe(MATCHING);
  });
});

test('a request whose answer is lost fails the batch, so that the purge knows of what it may have deleted', async () => {
  await using scene = await harness();
  const { peer, store } = scene;
  await store.rehearse(STEP, NEVER);
  let lost = false;
  peer.fault = (_, call) => {
    if (lost || call !== 'POST /requests') return null;
    lost = true;
    return 'reset_after';
  };
  await expect(store.erase(STEP, null, { limit: 2, signal: NEVER })).rejects.toMatchObject({
    code: 'PD_STORE_FAILED',
  });
});

test.each([true, false])(
  'from the beginning, what earlier requests deleted does not count again (batches: %s)',
  async (batches) => {
    await using scene = await harness({ batches });
    const { peer, store } = scene;
    const [sample] = [...peer.things.values()].filter(isMeant);
    if (sample === undefined) throw new Error('no sample');
    expect((await purge(store, 1)).deleted).toBe(MATCHING);
    for (let late = 1; late <= 12; late++) {
      peer.things.set(10_000 + late, { ...sample, id: 10_000 + late });
      expect((await purge(store, 1)).deleted).toBe(1);
    }
    expect(peer.calls.length).toBeLessThan(300);
  },
);

describe('a service that takes every request for an old one is stopped', () => {
  test('when it answers a new one with 200, after a few at most', async () => {
    await using scene = await harness({}, { pause: 1 });
    const { peer, store } = scene;
    peer.statusOfNew = 200;
    await expect(store.erase(STEP, null, { limit: 1, signal: NEVER })).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: expect.stringContaining('seems to know every request'),
    });
    expect(peer.requests.size).toBeLessThan(30);
  });

  test('when it knows what nobody has made', async () => {
    await using scene = await harness();
    scene.peer.statusOfUnknown = 200;
    await expect(scene.store.erase(STEP, null, { limit: 1, signal: NEVER })).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: expect.stringContaining('seems to know every request'),
    });
    expect(scene.peer.requests.size).toBe(0);
  });
});

test('a signal ends the waiting for a request', async () => {
  await using scene = await harness();
  scene.peer.looksNeeded = 1_000_000;
  const halt = new AbortController();
  const batch = scene.store.erase(STEP, null, { limit: 2, signal: halt.signal });
  const ended = expect(batch).rejects.toThrow('halt');
  while (!scene.peer.calls.includes('POST /requests')) await new Promise((resolve) => setImmediate(resolve));
  halt.abort(new Error('halt'));
  await ended;
  expect(await scene.store.countRemaining(STEP, NEVER)).toBe(MATCHING);
});

test('a request that takes long moves the checkpoint with each look', async () => {
  await using scene = await harness({}, { wait: 0 });
  scene.peer.looksNeeded = 2;
  const first = await scene.store.erase(STEP, null, { limit: 3, signal: NEVER });
  const second = await scene.store.erase(STEP, first.checkpoint, { limit: 1, signal: NEVER });
  expect(first).toMatchObject({ deleted: 0, done: false });
  expect(second).toMatchObject({ deleted: 0, done: false });
  expect(second.checkpoint).not.toEqual(first.checkpoint);
  const third = await scene.store.erase(STEP, second.checkpoint, { limit: 1, signal: NEVER });
  expect(third).toMatchObject({ deleted: 3, allowed: 3, done: false });
});

describe('a step that is given up', () => {
  const PLAN = 'a'.repeat(64);

  test('takes back a request that nobody has begun, and goes on with the next', async () => {
    await using scene = await harness({}, { wait: 0 });
    const { peer, store } = scene;
    peer.looksNeeded = 1_000_000;
    const begun = await store.erase(STEP, null, { limit: 3, signal: NEVER, plan: PLAN });
    await store.callBack?.(STEP, begun.checkpoint, { signal: NEVER, plan: PLAN });
    expect([...peer.requests.values()]).toMatchObject([{ status: 'cancelled', deleted: 0 }]);
    peer.looksNeeded = 0;
    const next = await store.erase(STEP, begun.checkpoint, { limit: 3, signal: NEVER, plan: PLAN });
    expect(next).toMatchObject({ deleted: 3, done: false });
    expect(peer.requests.size).toBe(2);
  });

  test('leaves alone what has begun, and asks nothing when nothing is under way', async () => {
    await using scene = await harness({}, { wait: 0 });
    const { peer, store } = scene;
    peer.looksNeeded = 2;
    const begun = await store.erase(STEP, null, { limit: 3, signal: NEVER, plan: PLAN });
    const looked = await store.erase(STEP, begun.checkpoint, { limit: 3, signal: NEVER, plan: PLAN });
    await store.callBack?.(STEP, looked.checkpoint, { signal: NEVER, plan: PLAN });
    expect([...peer.requests.values()]).toMatchObject([{ status: 'in_progress' }]);
    const calls = peer.calls.length;
    for (const idle of [null, { next: 0, under: null, before: null }]) {
      await store.callBack?.(STEP, idle, { signal: NEVER, plan: PLAN });
    }
    expect(peer.calls).toHaveLength(calls);
    expect(await store.erase(STEP, looked.checkpoint, { limit: 3, signal: NEVER, plan: PLAN })).toMatchObject(
      {
        deleted: 3,
      },
    );
  });
});

test('a request that the service cancelled by itself fails the batch once', async () => {
  await using scene = await harness({}, { wait: 0 });
  const { peer, store } = scene;
  peer.looksNeeded = 1_000_000;
  const begun = await store.erase(STEP, null, { limit: 3, signal: NEVER });
  for (const known of peer.requests.values()) known.status = 'cancelled';
  peer.looksNeeded = 0;
  const again = () => store.erase(STEP, begun.checkpoint, { limit: 3, signal: NEVER });
  await expect(again()).rejects.toMatchObject({
    code: 'PD_STORE_FAILED',
    message: 'a service cancelled a request',
  });
  expect(await again()).toMatchObject({ deleted: 3, done: false });
});

test('a request that takes very long lets the step sleep', async () => {
  await using scene = await harness({}, { wait: 0 });
  scene.peer.looksNeeded = 1_000_000;
  let checkpoint: StoreCheckpoint = null;
  const waits: unknown[] = [];
  for (let looks = 0; looks < 6; looks++) {
    const erased = await scene.store.erase(STEP, checkpoint, { limit: 3, signal: NEVER });
    waits.push(erased.waits);
    checkpoint = erased.checkpoint;
  }
  expect(waits).toEqual([undefined, undefined, undefined, undefined, 'service', 'service']);
});

describe('a part that fails', () => {
  test.each(KINDS)('is not done: $title', async ({ batches, looksNeeded }) => {
    await using scene = await harness({ batches }, IMPATIENT);
    const { peer, store } = scene;
    peer.looksNeeded = looksNeeded;
    let stuck = true;
    peer.failing = (thing) => stuck && thing.event === 'Ordered';
    const before = await scene.fingerprint();
    let checkpoint: StoreCheckpoint = null;
    let deleted = 0;
    const batch = async () => {
      const erased = await store.erase(STEP, checkpoint, { limit: 10, signal: NEVER });
      expect(erased.done).toBe(false);
      deleted += erased.deleted;
      checkpoint = erased.checkpoint;
    };
    const untilFailure = async () => {
      for (let calls = 0; calls < 20; calls++) await batch();
    };
    const failed = { code: 'PD_STORE_FAILED', details: { store: 'crm', failed: MATCHING / 2 } };
    await expect(untilFailure()).rejects.toMatchObject(failed);
    await expect(untilFailure()).rejects.toMatchObject(failed);
    expect(deleted).toBe(MATCHING / 2);
    stuck = false;
    expect(deleted + (await purgeFrom(store, checkpoint))).toBe(MATCHING);
    expect(await scene.fingerprint()).toBe(before);
  });
});

async function purgeFrom(store: Store, from: StoreCheckpoint): Promise<number> {
  let [checkpoint, deleted] = [from, 0];
  for (let calls = 0; calls < 50; calls++) {
    const erased = await store.erase(STEP, checkpoint, { limit: 10, signal: NEVER });
    deleted += erased.deleted;
    if (erased.done) return deleted;
    checkpoint = erased.checkpoint;
  }
  throw new Error('the store never said that it was done');
}

test('what a service keeps for a reason is told with its day', async () => {
  await using scene = await harness();
  const { peer, store } = scene;
  const [kept] = [...peer.things.values()].filter(isMeant);
  if (kept === undefined) throw new Error('no sample');
  peer.things.set(kept.id, { ...kept, kept: { reason: 'legal_hold', until: '2031-01-01' } });
  expect(await eraseAll(store, STEP, 3)).toBe(MATCHING - 1);
  expect(await store.countRemaining(STEP, NEVER)).toBe(1);
  expect(await store.findResidue?.(STEP, NEVER)).toEqual([
    { reason: 'legal_hold', until: '2031-01-01', count: 1 },
  ]);
  peer.lieAboutCount = () => 0;
  await expect(store.countRemaining(STEP, NEVER)).rejects.toMatchObject({
    message: expect.stringContaining('retains more than it counts'),
  });
});

describe('P02 what a predicate matches', () => {
  const whole = { sourceId: null, receivedFrom: null, receivedBefore: null };
  test.each([
    { title: 'a workspace', predicate: whole, is: () => true },
    {
      title: 'a space',
      predicate: { ...whole, spaceId: 'spa_1' },
      is: (thing: Thing) => thing.space_id === 'spa_1',
    },
    {
      title: 'users',
      predicate: { ...whole, users: ['u2', 'a3'] },
      is: (thing: Thing) => /[ua][23]/.test(thing.user_ids.join()),
    },
    {
      title: 'events of a project until the cut-off',
      predicate: {
        ...whole,
        projectId: 'prj_1',
        events: ['Signed Up'],
        receivedBefore: '2024-01-11T02:00:00.000Z',
      },
      is: (thing: Thing) => thing.event === 'Signed Up' && thing.received_at < '2024-01-11T02',
    },
  ])('$title', async ({ predicate, is }) => {
    await using scene = await harness();
    const { peer, store } = scene;
    const isOne = (thing: Thing) =>
      thing.collection === 'messages' && thing.workspace_id === ACME && is(thing);
    const expected = [...peer.things.values()].filter(isOne).length;
    const others = peer.fingerprint((thing) => !isOne(thing));
    const step = stepWith(STEP, predicate);
    expect(expected).toBeGreaterThan(0);
    expect(await store.rehearse(step, NEVER)).toBe(expected);
    expect(await eraseAll(store, step, 5)).toBe(expected);
    expect(peer.fingerprint(() => true)).toBe(others);
  });

  test('a field that the collection does not narrow by is refused, and nothing is asked', async () => {
    await using scene = await harness();
    const { peer, store } = scene;
    const step = { ...STEP, target: 'contacts' };
    await expect(store.rehearse(step, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
      message: 'store crm: contacts does not narrow by source, receivedAt',
    });
    await expect(store.rehearse({ ...STEP, store: 'archive' }, NEVER)).rejects.toMatchObject({
      code: 'PD_STORE_INVALID',
    });
    expect(peer.calls).toEqual([]);
  });

  test('a checkpoint of another store is refused', async () => {
    await using scene = await harness();
    for (const checkpoint of ['17', 3, { next: -1, under: null, before: null }]) {
      await expect(scene.store.erase(STEP, checkpoint, { limit: 1, signal: NEVER })).rejects.toMatchObject({
        code: 'PD_STORE_INVALID',
      });
    }
  });
});
