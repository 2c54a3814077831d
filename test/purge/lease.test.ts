import { describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { type Desk, openDesk } from './desk.ts';
import { sampleTarget } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

async function purging(desk: Desk): Promise<TicketId> {
  const id = await desk.ticketInGrace(sampleTarget());
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  return id;
}

const stepOf = (desk: Desk, id: TicketId) => desk.db('purge_steps').where({ ticket_id: id }).first();

/** Counts every erase that reaches the store, and lets a test wait in the middle of a count. */
function counted() {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const counter = { erases: 0, slow: false };
  const wrap = (store: Store): Store => ({
    ...store,
    rehearse: async (step, signal, plan) => {
      if (counter.slow) {
        reached.resolve();
        await Promise.race([
          goOn.promise,
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ]);
      }
      return store.rehearse(step, signal, plan);
    },
    erase: (...call) => {
      counter.erases++;
      return store.erase(...call);
    },
  });
  return { counter, wrap, reached: reached.promise, goOn: goOn.resolve };
}

describe('the lease of a step', () => {
  test('F26 that was taken while the clock was ahead is waited for by nobody', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    await desk.db('purge_steps').update({
      status: 'running',
      lease_until: desk.db.raw("clock_timestamp() + interval '1 year'"),
    });
    await desk.db('test_jobs').delete();
    await runStep(desk.ports, id, 1, NEVER);
    expect((await stepOf(desk, id)).status).toBe('done');
  });

  test('keeps a second worker away while the first one lives, and the second comes back after its end', async () => {
    const { counter, wrap, reached, goOn } = counted();
    await using desk = await openDesk({ wrap });
    const id = await purging(desk);
    counter.slow = true;
    const first = runStep(desk.ports, id, 1, NEVER);
    await reached;
    const { checkpoint } = await stepOf(desk, id);
    await desk.db('test_jobs').delete();
    await runStep(desk.ports, id, 1, NEVER);
    expect((await stepOf(desk, id)).checkpoint).toEqual(checkpoint);
    const [job] = await desk.db('test_jobs');
    expect(job).toMatchObject({ key: `step:${id}:1` });
    expect(job.after_seconds).toBeGreaterThan(20);
    counter.slow = false;
    goOn();
    await first;
    const { erases } = counter;
    await desk.work();
    expect(counter.erases).toBe(erases);
    expect(desk.events.map(({ type }) => type)).toEqual(['rehearsed', 'step_finished', 'purge_finished']);
  });

  test('is renewed while one long call is under way', async () => {
    const { counter, wrap, reached, goOn } = counted();
    await using desk = await openDesk({ wrap, pace: { lookMs: 10, heartbeatMs: 10 } });
    const id = await purging(desk);
    counter.slow = true;
    const run = runStep(desk.ports, id, 1, NEVER);
    await reached;
    const { lease_until: before } = await stepOf(desk, id);
    while ((await stepOf(desk, id)).lease_until <= before) await desk.db.raw('select pg_sleep(0.01)');
    goOn();
    await run;
    expect(await stepOf(desk, id)).toMatchObject({ status: 'done' });
  });

  test('passes to another run once it has ended; the first one is broken off in its call, not at the end of it', async () => {
    const { counter, wrap, reached } = counted();
    await using desk = await openDesk({ wrap, pace: { lookMs: 10 } });
    const id = await purging(desk);
    counter.slow = true;
    const hung = runStep(desk.ports, id, 1, NEVER);
    await reached;
    counter.slow = false;
    await desk.pass(31);
    await desk.work();
    expect(await stepOf(desk, id)).toMatchObject({ status: 'done' });
    await hung; // nothing lets its count go on
    expect(desk.events.map(({ type }) => type)).toEqual(['rehearsed', 'step_finished', 'purge_finished']);
  });

  test('ends with the run: whatever comes next need not wait', async () => {
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async () => ({ deleted: 0, checkpoint: 'asked', done: false, waits: 'service' }),
      }),
    });
    const id = await purging(desk);
    await runStep(desk.ports, id, 1, NEVER);
    expect(await stepOf(desk, id)).toMatchObject({ status: 'running', lease_until: null });
  });

  test('a run that cannot see the switch breaks itself off and comes back', async () => {
    const { counter, wrap, reached } = counted();
    await using desk = await openDesk({ wrap, pace: { lookMs: 10, lookMsMax: 50 } });
    const id = await purging(desk);
    counter.slow = true;
    const run = runStep(desk.ports, id, 1, NEVER);
    await reached;
    counter.slow = false;
    await using lock = await locked(desk, 'purge_switch');
    await lock.blocks();
    await run;
    expect(await desk.db('test_jobs').pluck('key')).toEqual([`step:${id}:1`]);
    expect(await stepOf(desk, id)).toMatchObject({ status: 'running', attempts: 0, lease_until: null });
    await lock.release();
    await desk.work();
    expect(await stepOf(desk, id)).toMatchObject({ status: 'done' });
  });
});

/** Keeps everybody else from reading a table. */
async function locked(desk: Desk, table: string) {
  const trx = await desk.db.transaction();
  await trx.raw('lock table ?? in access exclusive mode', [table]);
  let held = true;
  const release = async () => {
    if (held) await trx.rollback();
    held = false;
  };
  return {
    /** Resolves once somebody waits for it. */
    blocks: async () => {
      for (;;) {
        const { rows } = await desk.db.raw('select from pg_locks where not granted');
        if (rows.length > 0) return;
      }
    },
    release,
    [Symbol.asyncDispose]: release,
  };
}
