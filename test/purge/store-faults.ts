import { describe, expect, test } from 'vitest';
import type { Erased, StoreCheckpoint } from '../../src/purge/store.ts';
import { NEVER, type StoreHarness } from './store-contract.ts';

/** Lets one of the low-level operations that a store makes go wrong: a statement, a request, a call. */
export interface Faults {
  /**
   * From now on counts operations from 1, and the nth goes wrong, once.
   * @param way - one of the ways that the kind of store knows, like before or after it was carried out
   */
  failAt(nth: number, way: string): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Whether the nth operation came. */
  wasMet(): boolean;
}

export interface FaultyHarness extends StoreHarness {
  readonly faults: Faults;
  /** Puts back all that matches, for another run; without it each run takes a harness of its own. */
  readonly refill?: () => Promise<void>;
  /** The place tells what a batch did whose answer was lost, when it is asked for again. */
  readonly tellsLost?: boolean;
}

/** More operations than any of the calls makes. */
const OPERATIONS_MAX = 150;

/**
 * What src/purge/store.ts promises about faults, for any store: each operation of each call goes wrong in its turn. A
 * call either fails, for another try, or what it says is true.
 */
export function describeStoreFaults(
  name: string,
  ways: readonly string[],
  makeHarness: () => Promise<FaultyHarness>,
): void {
  describe(`F30 ${name} keeps the store contract when the Nth operation fails`, () => {
    test.each(ways)('%s: no count is ever a false one', async (way) => {
      await using harness = await makeHarness();
      const { store, step, matching, plan, faults } = harness;
      const before = await harness.fingerprint();
      const residue = async () => (await store.findResidue?.(step, NEVER)) ?? [];
      for (const [count, answer] of [
        [() => store.rehearse(step, NEVER, plan), matching],
        [() => store.countRemaining(step, NEVER, plan), matching],
        [residue, []],
      ] as const) {
        for (let nth = 1, wasMet = true; wasMet; nth++) {
          expect(nth).toBeLessThan(OPERATIONS_MAX);
          faults.failAt(nth, way);
          const counted = await count().catch(expectPassing);
          if (counted !== FAILED) expect(counted).toEqual(answer);
          wasMet = faults.wasMet();
          faults.heal();
          expect(await count()).toEqual(answer);
        }
      }
      expect(await harness.fingerprint()).toBe(before);
    });

    test.each(ways)('%s: repeated from its checkpoint, a batch changes nothing but the time', async (way) => {
      let harness = await makeHarness();
      let before = await harness.fingerprint();
      try {
        let runs = 0;
        for (let nth = 1, wasMet = true; wasMet; nth++) {
          expect(nth).toBeLessThan(OPERATIONS_MAX);
          const { store, step, matching, faults } = harness;
          const { deleted, lost } = await eraseWithFault(harness, nth, way);
          wasMet = faults.wasMet();
          faults.heal();
          expect(await store.countRemaining(step, NEVER, harness.plan)).toBe(0);
          expect(await harness.fingerprint()).toBe(before);
          expect(deleted).toBeLessThanOrEqual(matching);
          // Of a batch that failed nobody may know what it did; all others count to the last.
          expect(deleted).toBeGreaterThanOrEqual(matching - (harness.tellsLost ? 0 : lost));
          if (harness.refill === undefined) {
            await harness[Symbol.asyncDispose]();
            harness = await makeHarness();
            before = await harness.fingerprint();
          } else await harness.refill();
          runs = nth;
        }
        expect(runs).toBeGreaterThan(3);
      } finally {
        await harness[Symbol.asyncDispose]();
      }
    });
  });
}

const FAILED = Symbol('the call failed, for another try');

function expectPassing(error: unknown): typeof FAILED {
  expect(error).toMatchObject({ code: 'PD_STORE_FAILED' });
  return FAILED;
}

const LIMIT = 3;

/** All batches of a step, of which the one that meets the fault is asked for again. */
async function eraseWithFault(harness: FaultyHarness, nth: number, way: string) {
  const { store, step, plan, faults } = harness;
  const options = { limit: LIMIT, signal: NEVER, ...(plan === undefined ? {} : { plan }) };
  let checkpoint: StoreCheckpoint = null;
  let [deleted, failures] = [0, 0];
  faults.failAt(nth, way);
  for (let batch = 0; batch < 100; batch++) {
    const erased: Erased | typeof FAILED = await store.erase(step, checkpoint, options).catch(expectPassing);
    if (erased === FAILED) {
      failures += 1;
      expect(failures).toBe(1);
      continue;
    }
    expect(erased.deleted).toBeLessThanOrEqual(erased.allowed ?? LIMIT);
    deleted += erased.deleted;
    checkpoint = erased.checkpoint;
    if (erased.waits === 'agent') await harness.byHand?.();
    if (erased.done) return { deleted, lost: failures * LIMIT };
  }
  throw new Error('the store never said that it was done');
}
