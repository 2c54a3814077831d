import { expect, test } from 'vitest';
import { rehearseReplay } from '../../../src/purge/ledger/replay.ts';
import { runReplay } from '../../../src/purge/ledger/replay-run.ts';
import { verifyLedger } from '../../../src/purge/ledger/verify.ts';
import { rehearse } from '../../../src/purge/rehearse.ts';
import { runStep } from '../../../src/purge/run-purge.ts';
import { openHttpStore } from '../../../src/purge/stores/http.ts';
import { openDesk } from '../desk.ts';
import { ACME, sampleTarget, WEB_SOURCE } from '../fixtures.ts';
import { startPeer, type Thing } from '../http-peer.ts';
import { NEVER } from '../store-contract.ts';
import { knowWorkspace } from './scene.ts';

const ALL = { since: null, store: null, file: null, includeUndatable: false };
const PATIENCE = { timeouts: { connect: 2_000, headers: 2_000, body: 2_000 }, wait: 2, pause: 1 };
const COUNT = 20;

const isMeant = (thing: Thing): boolean => thing.workspace_id === ACME;
const things = (): Thing[] =>
  Array.from({ length: 2 * COUNT }, (_, id) => ({
    id,
    collection: 'messages',
    workspace_id: id % 2 === 0 ? ACME : 'ws_globex',
    source_id: WEB_SOURCE,
    space_id: 'spa_1',
    project_id: 'prj_1',
    user_ids: ['u1'],
    event: 'Ordered',
    received_at: '2024-01-05T00:00:00.000Z',
  }));

test.each([
  { title: 'in batches', batches: true },
  { title: 'a step whole', batches: false },
])(
  'a service that deletes $title and was restored is asked anew, each time it was restored',
  async ({ batches }) => {
    await using desk = await openDesk({ policy: { purgeEnabled: true } });
    await knowWorkspace(desk);
    await using peer = await startPeer(things(), { batches });
    const store = openHttpStore(peer.definition, PATIENCE);
    const ports = {
      ...desk.ports,
      catalogue: [peer.definition],
      stores: { get: () => store, close: () => store.close() },
    };
    const others = peer.fingerprint((thing) => !isMeant(thing));
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(ports, id, NEVER);
    await desk.startPurge(id);
    await runStep(ports, id, 1, NEVER);
    expect(peer.fingerprint(() => true)).toBe(others);

    for (const round of [1, 2]) {
      for (const thing of things().filter(isMeant)) peer.things.set(thing.id, thing);
      const { total, digest } = await rehearseReplay(ports, ALL, NEVER);
      expect(total).toBe(COUNT);
      const order = { digest: digest ?? '', agent: 'Grace', reason: 'restored', reasonHash: 'e'.repeat(32) };
      let outcome = await runReplay(ports, ALL, order, NEVER);
      while (!outcome.isFinished && outcome.steps[0]?.end === 'waits')
        outcome = await runReplay(ports, ALL, order, NEVER);
      expect(outcome.isFinished).toBe(true);
      expect([...peer.things.values()].filter(isMeant)).toEqual([]);
      const replayed = await desk.db('erasure_ledger').where({ kind: 'replayed' }).orderBy('seq');
      expect(replayed.map((row) => row.deleted)).toEqual(Array(round).fill(COUNT));
    }
    expect([...peer.things.values()].map((thing) => thing.workspace_id)).toEqual(
      Array(COUNT).fill('ws_globex'),
    );
    expect(await verifyLedger(desk.db, ports.ledgerKey)).toMatchObject({ entries: 3, problems: [] });
    await store.close();
  },
);
