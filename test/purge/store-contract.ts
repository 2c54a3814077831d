import { describe, expect, test } from 'vitest';
import type { PlanStep, Predicate } from '../../src/domain/plan.ts';
import type { Store, StoreCheckpoint } from '../../src/purge/store.ts';

/** One store with known content, fresh for each test. */
export interface StoreHarness extends AsyncDisposable {
  readonly store: Store;
  /** Matches `matching` things, more than 3, beside many that differ from them in one field each. */
  readonly step: PlanStep;
  readonly matching: number;
  /** `false` = the place calls a thing deleted also when another run was first. */
  readonly tellsWhoDeleted?: boolean;
  /** Hash of the plan that the step belongs to, where the store asks for it. */
  readonly plan?: string;
  /**
   * Of a store that waits for people: has one more of the matching things done by hand. Such a store counts what is to be
   * done, which is the same for every tenant, and what was done stays done: a run from the beginning counts it again.
   */
  readonly byHand?: () => Promise<void>;
  /** A checksum over everything that the step does not match. */
  fingerprint(): Promise<string>;
}

export const NEVER = new AbortController().signal;

/** The same step with another predicate. */
export const stepWith = (step: PlanStep, predicate: Partial<Predicate>): PlanStep => ({
  ...step,
  predicate: { ...step.predicate, ...predicate },
});

/** Erases with batches of one size until the store says that it is done; at most 10,000 batches. */
export async function eraseAll(
  store: Store,
  step: PlanStep,
  limit: number,
  { plan, byHand }: Pick<StoreHarness, 'plan' | 'byHand'> = {},
): Promise<number> {
  let checkpoint: StoreCheckpoint = null;
  for (let batch = 0, deleted = 0; batch < 10_000; batch++) {
    const erased = await store.erase(step, checkpoint, optionsOf(limit, plan));
    expect(erased.deleted).toBeLessThanOrEqual(erased.allowed ?? limit);
    deleted += erased.deleted;
    if (erased.done) return deleted;
    if (erased.waits === 'agent') await byHand?.();
    checkpoint = erased.checkpoint;
  }
  throw new Error('the store never said that it was done');
}

const optionsOf = (limit: number, plan: string | undefined) => ({
  limit,
  signal: NEVER,
  ...(plan === undefined ? {} : { plan }),
});

/** What src/purge/store.ts promises, for any store; store-faults.ts has what it promises about faults. */
export function describeStoreContract(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`${name} keeps the store contract`, () => {
    test('a rehearsal counts exactly and changes nothing', async () => {
      await using harness = await makeHarness();
      const { store, step, matching, plan } = harness;
      const before = await harness.fingerprint();
      expect(await store.rehearse(step, NEVER, plan)).toBe(matching);
      expect(await store.rehearse(step, NEVER, plan)).toBe(matching);
      expect(await harness.fingerprint()).toBe(before);
    });

    test.each([1, 2, 3, 1_000])(
      'batches of %i delete exactly what matches and nothing else',
      async (limit) => {
        await using harness = await makeHarness();
        const { store, step, matching, plan } = harness;
        const before = await harness.fingerprint();
        expect(await eraseAll(store, step, limit, harness)).toBe(matching);
        expect(await store.countRemaining(step, NEVER, plan)).toBe(0);
        expect(await harness.fingerprint()).toBe(before);
      },
    );

    test('what a batch deleted is gone when it resolves, and no more than that', async () => {
      await using harness = await makeHarness();
      const { store, step, matching, plan } = harness;
      await harness.byHand?.();
      await harness.byHand?.();
      const erased = await store.erase(step, null, optionsOf(2, plan));
      expect(erased).toMatchObject({ deleted: 2, done: false });
      expect(await store.countRemaining(step, NEVER, plan)).toBe(matching - 2);
    });

    test('a batch repeated with the checkpoint from before it is harmless', async () => {
      await using harness = await makeHarness();
      const { store, step, matching, plan, byHand } = harness;
      await byHand?.();
      await byHand?.();
      const first = await store.erase(step, null, optionsOf(2, plan));
      const again = byHand ? first.deleted : 0;
      expect(await eraseAll(store, step, 2, harness)).toBe(matching - 2 + again);
      expect(await eraseAll(store, step, 2, harness)).toBe(byHand ? matching : 0);
    });

    test('two runs at once delete nothing that one would not, and each thing once', async () => {
      await using harness = await makeHarness();
      const { store, step, matching, plan } = harness;
      const before = await harness.fingerprint();
      const runs = await Promise.all([eraseAll(store, step, 1, harness), eraseAll(store, step, 2, harness)]);
      if (harness.byHand) expect(runs).toEqual([matching, matching]);
      else if (harness.tellsWhoDeleted ?? true) expect(runs[0] + runs[1]).toBe(matching);
      else expect(runs[0] + runs[1]).toBeGreaterThanOrEqual(matching);
      expect(await store.countRemaining(step, NEVER, plan)).toBe(0);
      expect(await harness.fingerprint()).toBe(before);
    });

    test('nothing to delete is an answer of its own', async () => {
      await using harness = await makeHarness();
      const { store, plan, matching, byHand } = harness;
      const nobody = stepWith(harness.step, { workspaceId: 'ws_nobody' });
      // People find out by looking that there is nothing.
      expect(await store.rehearse(nobody, NEVER, plan)).toBe(byHand ? matching : 0);
      expect(await store.erase(nobody, null, optionsOf(10, plan))).toMatchObject({
        deleted: 0,
        checkpoint: null,
        ...(byHand ? { done: false, allowed: matching, waits: 'agent' } : { done: true }),
      });
    });

    test.each<{ title: string; predicate: Partial<Predicate> }>([
      { title: 'an empty workspace id', predicate: { workspaceId: '' } },
      { title: 'a blank workspace id', predicate: { workspaceId: ' ' } },
      { title: 'an empty source id', predicate: { sourceId: '' } },
      { title: 'an empty user', predicate: { users: ['u1', ''] } },
    ])('$title is refused by every call', async ({ predicate }) => {
      await using harness = await makeHarness();
      const { store, matching, plan } = harness;
      const step = stepWith(harness.step, predicate);
      const refused = { code: 'PD_STORE_INVALID' };
      await expect(store.rehearse(step, NEVER, plan)).rejects.toMatchObject(refused);
      await expect(store.erase(step, null, optionsOf(1, plan))).rejects.toMatchObject(refused);
      await expect(store.countRemaining(step, NEVER, plan)).rejects.toMatchObject(refused);
      expect(await store.rehearse(harness.step, NEVER, plan)).toBe(matching);
    });

    test('wildcards in an id are letters like any other', async () => {
      await using harness = await makeHarness();
      for (const workspaceId of ['%', '_', 'ws%', `' or true --`, '*']) {
        const step = stepWith(harness.step, { workspaceId });
        const erased = await harness.store.erase(step, null, optionsOf(10, harness.plan));
        expect(erased).toMatchObject({ deleted: 0, done: harness.byHand === undefined });
      }
    });

    test('a signal that is aborted ends every call and deletes nothing', async () => {
      await using harness = await makeHarness();
      const { store, step, matching, plan } = harness;
      const aborted = AbortSignal.abort(new Error('halt'));
      await expect(store.rehearse(step, aborted, plan)).rejects.toThrow('halt');
      await expect(store.countRemaining(step, aborted, plan)).rejects.toThrow('halt');
      await expect(store.erase(step, null, { ...optionsOf(1, plan), signal: aborted })).rejects.toThrow(
        'halt',
      );
      expect(await store.rehearse(step, NEVER, plan)).toBe(matching);
    });

    test('can be closed twice', async () => {
      await using harness = await makeHarness();
      await harness.store.close();
      await harness.store.close();
    });
  });
}
