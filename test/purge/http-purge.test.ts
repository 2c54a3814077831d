import { describe, expect, test } from 'vitest';
import { planHash } from '../../src/domain/plan.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { receiptText, verifyReceipt } from '../../src/purge/receipt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { openHttpStore } from '../../src/purge/stores/http.ts';
import { type Desk, openDesk, RECEIPT_KEY } from './desk.ts';
import { describeLies, describePurgeSweep, type SweptPlace } from './fault-sweep.ts';
import { ACME, sampleTarget, WEB_SOURCE } from './fixtures.ts';
import { PEER_WAYS, type Peer, peerFaults, startPeer, type Thing } from './http-peer.ts';
import { NEVER } from './store-contract.ts';
import type { Faults } from './store-faults.ts';

const IMPATIENT = { timeouts: { connect: 2_000, headers: 1_000, body: 1_000 }, wait: 2, pause: 1 };

const DAYS = 10;
const MATCHING = DAYS * 3;
const isMeant = (thing: Thing): boolean =>
  thing.workspace_id === ACME && thing.source_id === WEB_SOURCE && thing.received_at < '2024-02';

const things = (): Thing[] =>
  Array.from({ length: 2 * 2 * 2 * MATCHING }, (_, id) => ({
    id,
    collection: 'messages',
    workspace_id: id % 2 === 0 ? ACME : 'ws_globex',
    source_id: Math.floor(id / 2) % 2 === 0 ? WEB_SOURCE : 'src_ios',
    space_id: 'spa_1',
    project_id: 'prj_1',
    user_ids: ['u1'],
    event: 'Ordered',
    received_at: `2024-0${1 + (Math.floor(id / 4) % 2)}-${String(1 + (id % DAYS)).padStart(2, '0')}T00:00:00.000Z`,
  }));

interface Scene extends AsyncDisposable {
  readonly desk: Desk;
  readonly peer: Peer;
  readonly ports: PurgePorts;
  readonly id: Awaited<ReturnType<Desk['ticketInGrace']>>;
  readonly before: string;
}

/** A desk whose only store is the service, with a ticket that is about to be rehearsed. */
async function scene(overrides: Record<string, unknown> = {}): Promise<Scene> {
  const desk = await openDesk();
  const peer = await startPeer(things(), overrides);
  const store = openHttpStore(peer.definition, IMPATIENT);
  const ports = {
    ...desk.ports,
    catalogue: [peer.definition],
    stores: { get: () => store, close: () => store.close() },
  };
  return {
    desk,
    peer,
    ports,
    id: await desk.ticketInGrace(sampleTarget()),
    before: peer.fingerprint((thing) => !isMeant(thing)),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await peer[Symbol.asyncDispose]();
      await desk[Symbol.asyncDispose]();
    },
  };
}

/** Until it is done, with as many tries as the queue would give it. */
async function work({ desk, ports, id }: Scene, tries = 8): Promise<void> {
  for (let left = tries; left > 0; left--) {
    await rehearse(ports, id, NEVER);
    const ticket = await desk.db('tickets').where({ id }).first('plan_hash');
    if (ticket.plan_hash !== null) break;
  }
  await desk.startPurge(id);
  for (let left = tries; left > 0; left--) await runStep(ports, id, 1, NEVER).catch(() => undefined);
}

async function expectPurged({ desk, peer, id, before }: Scene): Promise<void> {
  expect(peer.fingerprint(() => true)).toBe(before);
  const row = await desk.db('receipts').where({ ticket_id: id }).first('signed');
  const checked = verifyReceipt(receiptText(row.signed), RECEIPT_KEY.publicKey);
  expect(checked).toMatchObject({
    ok: true,
    receipt: { steps: [{ store: 'crm', target: 'messages', deleted: MATCHING, remaining: 0 }] },
  });
}

async function sweptService(batches: boolean): Promise<SweptPlace & { readonly faults: Faults }> {
  const it = await scene({ batches });
  const { desk, peer, ports } = it;
  peer.looksNeeded = 1;
  const meant = [...peer.things.values()].filter(isMeant);
  return {
    desk,
    ports,
    target: sampleTarget(),
    matching: MATCHING,
    faults: peerFaults(peer),
    others: async () => it.before,
    everything: async () => peer.fingerprint(() => true),
    refill: async () => {
      const others = [...peer.things.values()];
      peer.things.clear();
      for (const thing of [...meant, ...others].sort((a, b) => a.id - b.id)) peer.things.set(thing.id, thing);
    },
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
}

for (const { title, batches } of [
  { title: 'a service that deletes in batches', batches: true },
  { title: 'a service that takes a step whole', batches: false },
]) {
  describePurgeSweep(title, PEER_WAYS, () => sweptService(batches));
  describeLies(title, () => sweptService(batches));
}

const lastEvent = ({ desk }: Scene) => desk.events.at(-1);

describe('a purge of a service', () => {
  test.each([
    { title: 'in batches', batches: true, looks: 0 },
    { title: 'in batches that take time', batches: true, looks: 2 },
    { title: 'whole', batches: false, looks: 0 },
    { title: 'whole, over a long time', batches: false, looks: 40 },
  ])('$title ends with a receipt of what was there', async ({ batches, looks }) => {
    await using it = await scene({ batches });
    it.peer.looksNeeded = looks;
    await work(it, 20);
    await expectPurged(it);
  });

  test('F31 a service that is gone for a while is asked again, and only the end is later', async () => {
    await using it = await scene();
    let calls = 0;
    it.peer.fault = () => (++calls > 6 && calls < 10 ? 'reset_before' : null);
    await work(it);
    await expectPurged(it);
  });

  test('that is held while a request waits takes it back', async () => {
    await using it = await scene({ batches: false });
    const { desk, peer, ports, id } = it;
    peer.looksNeeded = 1_000_000;
    await rehearse(ports, id, NEVER);
    await desk.startPurge(id);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.recorded' || peer.requests.size === 0) return;
      desk.atCrashPoint = () => undefined;
      await desk
        .db('holds')
        .insert({ ticket_id: id, reason: 'agent', placed_by: 'agent', placed_at: new Date() });
    };
    await runStep(ports, id, 1, NEVER);
    expect(peer.calls.at(-1)).toBe('DELETE /requests');
    expect(desk.events.map(({ type }) => type)).not.toContain('step_failed');
  });

  test('that sleeps is looked at again, and no attempt is counted', async () => {
    await using it = await scene({ batches: false });
    const { desk, peer, ports, id } = it;
    peer.looksNeeded = 1_000_000;
    await rehearse(ports, id, NEVER);
    await desk.startPurge(id);
    await desk.db('test_jobs').delete();
    for (let wakes = 0; wakes < 7; wakes++) await runStep(ports, id, 1, NEVER);
    expect(await desk.db('test_jobs').select('key')).toEqual([{ key: `step:${id}:1` }]);
    expect(await desk.db('purge_steps').where({ ticket_id: id })).toMatchObject([
      { status: 'running', attempts: 0, deleted: 0 },
    ]);
    peer.looksNeeded = 0;
    await runStep(ports, id, 1, NEVER);
    await expectPurged(it);
  });
});

test('what the service retains is never called deleted: an agent is told, with its day', async () => {
  await using it = await scene();
  const { desk, peer, ports, id } = it;
  const kept = [...peer.things.values()].filter(isMeant).slice(0, 2);
  for (const thing of kept) {
    peer.things.set(thing.id, { ...thing, kept: { reason: 'legal_hold', until: '2031-01-01' } });
  }
  await rehearse(ports, id, NEVER);
  await desk.startPurge(id);
  await runStep(ports, id, 1, NEVER);
  expect(lastEvent(it)).toMatchObject({ type: 'held', note: expect.stringContaining('2031-01-01') });
  expect(await desk.db('receipts')).toEqual([]);
  expect([...peer.things.values()].filter(isMeant)).toHaveLength(2);
  for (const thing of kept) peer.things.set(thing.id, thing);
  await desk.release(id, 'residue');
  await runStep(ports, id, 1, NEVER);
  await expectPurged(it);
});

describe('F32 a service that lies', () => {
  test.each<{ title: string; lie: (it: Scene) => void; batches: boolean }>([
    {
      title: 'reports more than it was allowed',
      batches: true,
      lie: ({ peer }) => {
        peer.lie = () => ({ deleted: 2_000 });
      },
    },
    {
      title: 'reports more than was counted',
      batches: false,
      lie: ({ peer }) => {
        peer.lie = () => ({ deleted: 2 * MATCHING });
      },
    },
    {
      title: 'completes and deletes nothing',
      batches: true,
      lie: ({ peer }) => {
        peer.failing = () => true;
        peer.lie = () => ({ failed: 0 });
      },
    },
  ])('and $title stops for an agent', async ({ lie, batches }) => {
    await using it = await scene({ batches });
    await rehearse(it.ports, it.id, NEVER);
    lie(it);
    await work(it);
    expect(lastEvent(it)).toMatchObject({ type: 'step_failed', step: 1 });
    expect(await it.desk.db('receipts')).toEqual([]);
    expect(await it.desk.db('erasure_ledger')).toEqual([]);
  });
});

test('the plan names the service and what takes no part', async () => {
  await using it = await scene();
  await rehearse(it.ports, it.id, NEVER);
  const ticket = await it.desk.db('tickets').where({ id: it.id }).first('plan', 'plan_hash');
  expect(planHash(ticket.plan)).toBe(ticket.plan_hash);
  expect(ticket.plan.steps).toMatchObject([{ store: 'crm', kind: 'http', target: 'messages' }]);
  expect(ticket.plan.exclusions).toContain(
    'contacts in the store crm: it takes no part in the deletion of a source',
  );
});
