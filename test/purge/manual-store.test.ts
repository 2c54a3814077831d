import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/connection.ts';
import type { TicketId } from '../../src/domain/ids.ts';
import { checkStores } from '../../src/purge/catalogue.ts';
import { readChecklist, type Tick, tickItem } from '../../src/purge/checklist.ts';
import { explainPlan } from '../../src/purge/plan.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { receiptText, verifyReceipt } from '../../src/purge/receipt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { openManualStore } from '../../src/purge/stores/manual.ts';
import { itemText } from '../../src/purge/stores/manual-catalogue.ts';
import { openStores } from '../../src/purge/stores/open-stores.ts';
import { type Desk, openDesk, RECEIPT_KEY } from './desk.ts';
import { type FaultyWire, postgresClient, startWire, WIRE_WAYS } from './faulty-wire.ts';
import { ACME, NEIGHBOUR, WORKSPACE_TARGET, workspaceNamed } from './fixtures.ts';
import { ITEMS, manualStore } from './office.ts';
import { describeStoreContract, NEVER, type StoreHarness } from './store-contract.ts';
import { describeStoreFaults, type FaultyHarness } from './store-faults.ts';

interface Scene extends AsyncDisposable {
  readonly desk: Desk;
  readonly ports: PurgePorts;
  readonly id: TicketId;
  tick(overrides?: Partial<Tick>): ReturnType<typeof tickItem>;
}

/** A desk with an archive and then the office, and a workspace whose purge has begun: steps 1 and 2 are the archive's. */
async function scene(): Promise<Scene> {
  const desk = await openDesk();
  const catalogue = [desk.customers.store, manualStore()];
  const stores = openStores(catalogue, desk.db);
  const ports = { ...desk.ports, catalogue, stores };
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(ports, id, NEVER);
  await desk.startPurge(id);
  return {
    desk,
    ports,
    id,
    tick: (overrides = {}) =>
      tickItem(ports, {
        ticketId: id,
        step: 3,
        item: 'shred',
        agent: 'ada',
        evidence: 'shredded, see protocol 17',
        ...overrides,
      }),
    [Symbol.asyncDispose]: async () => {
      await stores.close();
      await desk[Symbol.asyncDispose]();
    },
  };
}

/**
 * Two tenants whose purges are due at the same checklist of four items; those of the first are ticked as an agent does.
 * @param through - the database in which the store finds the ticks
 */
async function checklistHarness(
  through: (url: string) => Promise<{ readonly db: Knex } & AsyncDisposable>,
): Promise<StoreHarness & Required<Pick<FaultyHarness, 'refill'>>> {
  const desk = await openDesk();
  const items = ['one', 'two', 'three', 'four'].map((item) => ({ item, text: `${item} of {workspace}` }));
  const definition = manualStore({ checklists: [{ checklist: 'binders', items }] });
  const stores = openStores([definition], desk.db);
  const ports = { ...desk.ports, catalogue: [definition], stores };
  const reading = await through(desk.url);
  const store = openManualStore(definition, reading.db);
  const due = async (workspace: string) => {
    const id = await desk.ticketInGrace({ ...WORKSPACE_TARGET, workspaces: [workspaceNamed(workspace)] });
    await rehearse(ports, id, NEVER);
    await desk.startPurge(id);
    return desk.db('tickets').where({ id }).first('id', 'plan', 'plan_hash');
  };
  const [acme, neighbour] = [await due(ACME), await due(NEIGHBOUR)];
  const tick = async (ticketId: TicketId) => {
    const open = (await readChecklist(ports, ticketId)).find(({ ticked }) => ticked === null);
    // Of two that tick at once, one is told that it is done.
    if (open) await tickItem(ports, { ticketId, step: 1, item: open.item, agent: 'ada', evidence: 'seen' });
  };
  await tick(neighbour.id);
  return {
    store,
    step: acme.plan.steps[0],
    plan: acme.plan_hash,
    matching: items.length,
    byHand: () => tick(acme.id),
    refill: async () => {
      await desk.db('checklist_ticks').where({ ticket_id: acme.id }).delete();
    },
    fingerprint: async () =>
      JSON.stringify([
        await desk.customers.fingerprint('true'),
        await desk.db('checklist_ticks').whereNot({ ticket_id: acme.id }).orderBy('item'),
      ]),
    [Symbol.asyncDispose]: async () => {
      await reading[Symbol.asyncDispose]();
      await stores.close();
      await desk[Symbol.asyncDispose]();
    },
  };
}

const connectedTo = (url: string): { readonly db: Knex } & AsyncDisposable => {
  const db = openDatabase(url);
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
};

describeStoreContract('a checklist', () => checklistHarness(async (url) => connectedTo(url)));

describeStoreFaults('a checklist', WIRE_WAYS, async () => {
  const { promise, resolve } = Promise.withResolvers<FaultyWire>();
  const harness = await checklistHarness(async (url) => {
    const wire = await startWire(url, postgresClient);
    const { db, [Symbol.asyncDispose]: close } = connectedTo(wire.through(url));
    resolve(wire);
    return {
      db,
      [Symbol.asyncDispose]: async () => {
        await close();
        await wire[Symbol.asyncDispose]();
      },
    };
  });
  return { ...harness, faults: await promise, tellsLost: true };
});

const holdsOf = async ({ desk, id }: Scene) =>
  (await desk.db('holds').where({ ticket_id: id, lifted_at: null }).orderBy('id')).map(
    ({ reason }) => reason,
  );

/** Runs the steps up to the checklist, which then waits. */
async function untilItWaits({ ports, id }: Scene): Promise<void> {
  for (const no of [1, 2, 3]) await runStep(ports, id, no, NEVER);
}

describe('a step that only people can do', () => {
  test('waits until every item is ticked, and burns no attempt', async () => {
    await using it = await scene();
    const { desk, ports, id } = it;
    await untilItWaits(it);
    expect(await holdsOf(it)).toEqual(['checklist']);
    expect(desk.events.at(-1)).toMatchObject({
      type: 'held',
      note: `step 3 is a checklist: purgedesk purge checklist PD-${id}`,
    });
    await runStep(ports, id, 3, NEVER);
    expect(await it.tick()).toEqual({ kind: 'ticked', left: 1 });
    await runStep(ports, id, 3, NEVER);
    expect(await desk.db('purge_steps').where({ ticket_id: id, no: 3 })).toMatchObject([
      { status: 'running', attempts: 0, estimate: 2 },
    ]);
    expect(await desk.db('receipts')).toEqual([]);
    expect(await it.tick({ item: 'tapes' })).toEqual({ kind: 'ticked', left: 0 });
    expect(await holdsOf(it)).toEqual([]);
    expect(desk.events.at(-1)).toMatchObject({ type: 'released', by: { kind: 'agent', name: 'ada' } });
    await runStep(ports, id, 3, NEVER);
    const row = await desk.db('receipts').where({ ticket_id: id }).first('signed');
    expect(verifyReceipt(receiptText(row.signed), RECEIPT_KEY.publicKey)).toMatchObject({
      ok: true,
      receipt: { steps: [{}, {}, { store: 'office', target: 'binders', deleted: 2, remaining: 0 }] },
    });
  });

  test('shows what there is to do, with its ids, its order and its evidence', async () => {
    await using it = await scene();
    expect(await readChecklist(it.ports, it.id)).toMatchObject([
      { step: 3, item: 'shred', isDue: false, ticked: null },
      { step: 3, item: 'tapes', isDue: false, ticked: null },
    ]);
    await untilItWaits(it);
    await it.tick();
    expect(await readChecklist(it.ports, it.id)).toMatchObject([
      {
        text: `Shred the binder of ${ACME} in the archive room`,
        ticked: { by: 'ada', evidence: 'shredded, see protocol 17' },
      },
      { text: `Ask the tape vault to erase ${ACME}`, isDue: true, ticked: null },
    ]);
    const { plan } = await it.desk.db('tickets').where({ id: it.id }).first('plan');
    expect(explainPlan(plan)[2]).toBe(
      `3. Delete from office, binders: by hand and uncounted, all of workspace ${ACME}.`,
    );
  });

  test('whose items were written anew is another plan, and nobody is asked to tick it', async () => {
    await using it = await scene();
    const catalogue = it.ports.catalogue.map((store) =>
      store.kind === 'manual'
        ? {
            ...store,
            checklists: store.checklists.map((list) => ({
              ...list,
              items: list.items.map((item) => ({ ...item, text: `${item.text}, and burn it` })),
            })),
          }
        : store,
    );
    await runStep({ ...it.ports, catalogue }, it.id, 1, NEVER);
    expect(it.desk.events.at(-1)).toEqual({ type: 'step_blocked', obstacles: ['plan_changed'] });
  });

  test('takes no tick that nobody may give', async () => {
    await using it = await scene();
    const refused = (why: string) => ({ kind: 'refused', why });
    expect(await it.tick()).toEqual(refused('it is not the turn of this step'));
    await untilItWaits(it);
    expect(await it.tick({ item: 'elsewhere' })).toEqual(refused('there is no such item'));
    expect(await it.tick({ step: 1 })).toEqual(refused('there is no such item'));
    expect(await it.tick({ evidence: ' ' })).toEqual(refused('evidence is needed'));
    await it.tick();
    expect(await it.tick({ agent: 'grace' })).toEqual(refused('ada ticked it already'));
    await it.desk
      .db('holds')
      .insert({ ticket_id: it.id, reason: 'agent', placed_by: 'agent', placed_at: new Date() });
    expect(await it.tick({ item: 'tapes' })).toEqual(refused('it is on hold (agent)'));
    await expect(it.tick({ ticketId: 1 as TicketId })).rejects.toMatchObject({ code: 'PD_TICKET_NOT_FOUND' });
    expect(await it.desk.db('checklist_ticks').select('item')).toEqual([{ item: 'shred' }]);
  });

  test('lifts no hold but its own', async () => {
    await using it = await scene();
    await untilItWaits(it);
    await it.tick();
    await it.tick({ item: 'tapes' });
    await it.desk
      .db('holds')
      .insert({ ticket_id: it.id, reason: 'agent', placed_by: 'agent', placed_at: new Date() });
    await it.tick({ item: 'tapes' });
    expect(await holdsOf(it)).toEqual(['agent']);
  });

  test('that an agent finishes while the run is about to wait goes on at once', async () => {
    await using it = await scene();
    const { desk, ports, id } = it;
    for (const no of [1, 2]) await runStep(ports, id, no, NEVER);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.recorded') return;
      desk.atCrashPoint = () => undefined;
      await it.tick();
      await it.tick({ item: 'tapes' });
    };
    await desk.db('test_jobs').delete();
    await runStep(ports, id, 3, NEVER);
    expect(await holdsOf(it)).toEqual([]);
    expect(await desk.db('test_jobs').select('key')).toEqual([{ key: `step:${id}:3` }]);
    await runStep(ports, id, 3, NEVER);
    expect(await desk.db('receipts')).toHaveLength(1);
  });

  test('counts ticks of its own plan only', async () => {
    await using it = await scene();
    await untilItWaits(it);
    await it.tick();
    await it.desk.db('checklist_ticks').update({ plan_hash: 'f'.repeat(64) });
    const { plan, plan_hash: hash } = await it.desk
      .db('tickets')
      .where({ id: it.id })
      .first('plan', 'plan_hash');
    const office = it.ports.stores.get('office');
    expect(await office.countRemaining(plan.steps[2], NEVER, hash)).toBe(2);
    expect(await it.tick()).toEqual({ kind: 'ticked', left: 1 });
    expect(await office.countRemaining(plan.steps[2], NEVER, hash)).toBe(1);
  });

  test('takes no tick before its purge runs, nor after', async () => {
    await using it = await scene();
    const grace = await it.desk.ticketInGrace(WORKSPACE_TARGET);
    await rehearse(it.ports, grace, NEVER);
    const refused = { kind: 'refused', why: 'its purge is not running' };
    expect(await it.tick({ ticketId: grace })).toEqual(refused);
    await untilItWaits(it);
    await it.tick();
    await it.tick({ item: 'tapes' });
    await runStep(it.ports, it.id, 3, NEVER);
    expect(await it.tick()).toEqual(refused);
  });

  test('is refused for another store, an empty id or a single property', async () => {
    await using it = await scene();
    const store = it.ports.stores.get('office');
    const { plan } = await it.desk.db('tickets').where({ id: it.id }).first('plan');
    const step = plan.steps[2];
    const refused = { code: 'PD_STORE_INVALID' };
    for (const wrong of [
      { ...step, store: 'archive' },
      { ...step, target: 'nothing' },
      { ...step, predicate: { ...step.predicate, workspaceId: ' ' } },
      { ...step, predicate: { ...step.predicate, users: [''] } },
      { ...step, predicate: { ...step.predicate, properties: [{ name: 'x', kind: 'user', event: null }] } },
    ]) {
      await expect(store.rehearse(wrong, NEVER)).rejects.toMatchObject(refused);
      await expect(store.countRemaining(wrong, NEVER)).rejects.toMatchObject(refused);
      await expect(store.erase(wrong, null, { limit: 1, signal: NEVER })).rejects.toMatchObject(refused);
    }
    await expect(store.rehearse(step, AbortSignal.abort(new Error('halt')))).rejects.toThrow('halt');
  });
});

describe('the entry of a checklist', () => {
  const withItem = (text: string, overrides: Record<string, unknown> = {}) =>
    manualStore({ checklists: [{ checklist: 'binders', items: [{ item: 'shred', text }] }], ...overrides });

  test('is right as it stands', () => {
    expect(checkStores([manualStore()])).toEqual([]);
    expect(checkStores([withItem('Remove {users} of {workspace}', { scopes: ['user'] })])).toEqual([]);
  });

  test.each([
    {
      title: 'an item that names no workspace',
      store: withItem('Shred it all'),
      problem: 'does not name {workspace}',
    },
    {
      title: 'a placeholder that nobody knows',
      store: withItem('{workspace} {constructor}'),
      problem: 'placeholder that nobody knows',
    },
    { title: 'a lone brace', store: withItem('{workspace} {users'), problem: 'brace without its other' },
    {
      title: 'a scope that an item does not name',
      store: withItem('Shred {workspace}', { scopes: ['user'] }),
      problem: 'checklist binders cannot express scope user: not every item names user',
    },
    {
      title: 'a scope that one of its items does not name',
      store: manualStore({
        scopes: ['user'],
        checklists: [
          {
            checklist: 'binders',
            items: [
              { item: 'one', text: '{workspace} {users}' },
              { item: 'two', text: '{workspace}' },
            ],
          },
        ],
      }),
      problem: 'checklist binders cannot express scope user: not every item names user',
    },
    {
      title: 'half a time frame',
      store: withItem('{workspace} {source} {before}', { scopes: ['source'], archive: true }),
      problem: 'cannot express scope source: not every item names receivedAt',
    },
    {
      title: 'an item listed twice',
      store: manualStore({ checklists: [{ checklist: 'binders', items: [ITEMS[0], ITEMS[0]] }] }),
      problem: 'checklist binders lists item shred twice',
    },
  ])('refuses $title', ({ store, problem }) => {
    expect(checkStores([store])).toContainEqual(expect.stringContaining(problem));
  });

  test.each(['two\nlines', 'a\u202Ereversed text', '', 'x'.repeat(501)])('refuses the text %j', (text) => {
    expect(() => withItem(text)).toThrow();
  });

  test('a value is data: braces in it are not filled in', () => {
    const predicate = {
      workspaceId: '{users}',
      sourceId: null,
      spaceId: null,
      projectId: null,
      users: ['$&', '{workspace}'],
      events: [],
      properties: [],
      receivedFrom: null,
      receivedBefore: '2024-05-02T13:00:00.000Z',
    };
    expect(itemText('{workspace} | {users} | {events} | {from} | {before}', predicate)).toBe(
      '{users} | $&, {workspace} | all | the beginning | 2024-05-02T13:00:00.000Z',
    );
  });
});
