import { describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import type { Target } from '../../src/domain/target.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { receiptText, verifyReceipt } from '../../src/purge/receipt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import type { Store } from '../../src/purge/store.ts';
import { type Desk, RECEIPT_KEY } from './desk.ts';
import { NEVER } from './store-contract.ts';
import type { Faults } from './store-faults.ts';

/** A desk with one place of one kind, which holds what is to be deleted and more. */
export interface SweptPlace extends AsyncDisposable {
  readonly desk: Desk;
  /** With this place only in their catalogue. */
  readonly ports: PurgePorts;
  readonly target: Target;
  /** How many things the target matches. */
  readonly matching: number;
  /** A checksum over everything in the place that the target does not match. */
  others(): Promise<string>;
  /** A checksum over everything in the place. */
  everything(): Promise<string>;
  /** Puts back all that the target matches, for another purge. */
  refill(): Promise<void>;
  /** Does by hand what the purge waits for, where it waits for people. */
  byHand?(ticketId: TicketId): Promise<void>;
}

/** More operations than any of these purges makes. */
const OPERATIONS_MAX = 300;

/** A purge for each operation. */
const SWEEP_TIMEOUT_MS = 300_000;

/**
 * A whole purge, in which each operation goes wrong in its turn: it ends with the right things gone, no others, and a
 * receipt without a wrong figure.
 */
export function describePurgeSweep(
  name: string,
  ways: readonly string[],
  open: () => Promise<SweptPlace & { readonly faults: Faults }>,
): void {
  describe(`F30 F31 the Nth operation of a whole purge of ${name} goes wrong`, () => {
    test.each(ways)(
      '%s: only the end is later',
      async (way) => {
        await using place = await open();
        const others = await place.others();
        let runs = 0;
        for (let nth = 1, wasMet = true; wasMet; nth++) {
          expect(nth).toBeLessThan(OPERATIONS_MAX);
          if (nth > 1) await place.refill();
          place.faults.failAt(nth, way);
          const id = await purged(place);
          wasMet = place.faults.wasMet();
          place.faults.heal();
          await expectPurged(place, id, others);
          runs = nth;
        }
        expect(runs).toBeGreaterThan(5);
      },
      SWEEP_TIMEOUT_MS,
    );
  });
}

/** Rehearses and purges, as often as the queue tries; by hand what waits for people. */
async function purged({ desk, ports, target, byHand }: SweptPlace): Promise<TicketId> {
  const id = await desk.ticketInGrace(target);
  await rehearsed(desk, ports, id);
  await desk.startPurge(id);
  for (let tries = 0; tries < 20; tries++) {
    await desk.work(ports).catch(() => undefined);
    const { state } = await desk.db('tickets').where({ id }).first('state');
    if (state === 'completed') return id;
    await byHand?.(id);
    // What threw is for the queue to try again.
    await desk.db.transaction((trx) =>
      desk.ports.enqueue(trx, 'purge.step', { ticketId: id, no: 1 }, `step:${id}:1`),
    );
  }
  throw new Error('the purge never ended');
}

async function rehearsed(desk: Desk, ports: PurgePorts, id: TicketId): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    await rehearse(ports, id, NEVER).catch(() => undefined);
    await desk.work(ports).catch(() => undefined);
    if ((await desk.db('tickets').where({ id }).first('plan_hash')).plan_hash !== null) return;
  }
  throw new Error('the rehearsal never ended');
}

async function expectPurged(place: SweptPlace, id: TicketId, others: string): Promise<void> {
  const { desk, matching } = place;
  expect(await place.everything()).toBe(others);
  const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
  const checked = verifyReceipt(receiptText(signed), RECEIPT_KEY.publicKey);
  if (!checked.ok) throw new Error(checked.why);
  const { receipt } = checked;
  const taken = receipt.version === 2 ? receipt.deletedTotal + receipt.byHandTotal : receipt.deletedTotal;
  expect([taken, receipt.remainingTotal]).toEqual([matching, 0]);
  const steps = await desk.db('purge_steps').where({ ticket_id: id });
  expect(await desk.db('erasure_ledger').where({ ticket_id: id })).toHaveLength(steps.length);
  const types = desk.events.splice(0).map(({ type }) => type);
  expect(types).not.toContain('step_failed');
  // A desk that was not told of its own commit saw no event.
  expect(types.filter((type) => type === 'purge_finished').length).toBeLessThanOrEqual(1);
}

/** What a store can say that is not so; `null` for a count = the truth. */
const LIES: readonly { readonly title: string; readonly lie: (store: Store) => Partial<Store> }[] = [
  {
    title: 'deletes nothing and says so',
    lie: () => ({ erase: async (_step, checkpoint) => ({ deleted: 0, checkpoint, done: true }) }),
  },
  {
    title: 'calls deleted what it did not delete',
    lie: () => ({
      erase: async (_step, _from, { limit }) => ({ deleted: limit, checkpoint: 'x', done: true }),
    }),
  },
  {
    title: 'deletes far more than it was asked to',
    lie: () => ({
      erase: async (_step, _from, { limit }) => ({ deleted: limit + 1, checkpoint: 'x', done: false }),
    }),
  },
  {
    title: 'goes on deleting for ever',
    lie: () => {
      let batches = 0;
      return {
        erase: async (_step, _from, { limit }) => ({
          deleted: limit,
          checkpoint: `${batches++}`,
          done: false,
        }),
      };
    },
  },
  {
    title: 'deletes nothing and counts nothing afterwards',
    lie: () => ({
      erase: async (_step, checkpoint) => ({ deleted: 0, checkpoint, done: true }),
      countRemaining: async () => 0,
    }),
  },
  { title: 'counts what is no number', lie: () => ({ countRemaining: async () => Number.NaN }) },
];

/** A store of one kind that lies stops the purge for an agent, and nothing is called done. */
export function describeLies(name: string, open: () => Promise<SweptPlace>): void {
  describe(`F32 ${name}`, () => {
    test.each(LIES)('that $title is stopped for an agent', async ({ lie }) => {
      await using place = await open();
      const { desk } = place;
      const others = await place.others();
      const stores = {
        ...place.ports.stores,
        get: (store: string) => ({ ...place.ports.stores.get(store), ...lie(place.ports.stores.get(store)) }),
      };
      const ports = { ...place.ports, stores };
      const id = await desk.ticketInGrace(place.target);
      await rehearse(ports, id, NEVER);
      await desk.startPurge(id);
      await desk.work(ports);
      const last = desk.events.at(-1);
      // What waits for people waits on.
      if (place.byHand) expect(['held', 'step_failed']).toContain(last?.type);
      else expect(last).toEqual({ type: 'step_failed', step: 1, error: 'PD_STORE_LIED' });
      expect(await desk.db('tickets').where({ id }).first('state')).toEqual({ state: 'purging' });
      expect(await desk.db('receipts')).toEqual([]);
      expect(await desk.db('erasure_ledger')).toEqual([]);
      expect(await place.others()).toBe(others);
    });
  });
}
