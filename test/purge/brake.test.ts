import { describe, expect, test } from 'vitest';
import { PurgedeskError } from '../../src/domain/errors.ts';
import type { TicketId } from '../../src/domain/ids.ts';
import { brakeByHand, openBrakes, releaseBrake } from '../../src/purge/brake.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { type Desk, openDesk } from './desk.ts';
import { sampleTarget } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const PACE = { brakeSecondsMin: 5, brakeSecondsMax: 60 };
const MINUTES = 60;
const ORDER = { agent: 'ada', reason: 'maintenance' };

const failure = () =>
  new PurgedeskError('PD_STORE_FAILED', 'a store did not carry out a statement', {
    details: { store: 'archive' },
  });

/** A store that fails while `isDown` says so. */
function faulty() {
  const fault = { isDown: () => true, tries: 0, hold: null as Promise<void> | null };
  const guarded =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      fault.tries++;
      await fault.hold;
      if (fault.isDown()) throw failure();
      return call(...args);
    };
  const wrap = (store: Store): Store => ({
    ...store,
    rehearse: guarded(store.rehearse),
    erase: guarded(store.erase),
    countRemaining: guarded(store.countRemaining),
  });
  return { fault, wrap };
}

/** Tickets of one source each, with their purges begun while the store was well. */
async function purging(desk: Desk, fault: { isDown: () => boolean }, sources: readonly string[]) {
  const { isDown } = fault;
  fault.isDown = () => false;
  const ids: TicketId[] = [];
  for (const id of sources) {
    const ticket = await desk.ticketInGrace(sampleTarget({ source: { id, name: id } }));
    await rehearse(desk.ports, ticket, NEVER);
    await desk.startPurge(ticket);
    ids.push(ticket);
  }
  fault.isDown = isDown;
  return ids;
}

const statesOf = (desk: Desk) => desk.db('tickets').orderBy('id').pluck('state');

describe('F31 a store that is gone', () => {
  test('is tried by one run at a time, ever more seldom; once it is back all goes on without a person', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const before =
      await desk.customers.fingerprint(`not (workspace_id = 'ws_acme' and source_id in ('src_web', 'src_ios')
      and received_at >= '2024-01-01Z' and received_at < '2024-02-01Z')`);
    await purging(desk, fault, ['src_web', 'src_ios']);
    fault.tries = 0;
    let triesWhileDown = 0;
    fault.isDown = () => {
      const isDown = desk.passed() < 10 * MINUTES;
      if (isDown) triesWhileDown++;
      return isDown;
    };
    await desk.work();
    expect(await statesOf(desk)).toEqual(['completed', 'completed']);
    expect(desk.passed() - 10 * MINUTES).toBeLessThanOrEqual(120);
    // 5, 10, 20, 40 and then 60 seconds apart, whichever ticket's turn it is.
    expect(triesWhileDown).toBeLessThanOrEqual(14);
    expect(triesWhileDown).toBeGreaterThanOrEqual(9);
    expect(await desk.db('holds')).toEqual([]);
    expect(await desk.customers.fingerprint('true')).toBe(before);
  });

  test('is said to be gone once, not at each try', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    await purging(desk, fault, ['src_web', 'src_ios']);
    fault.isDown = () => desk.passed() < 10 * MINUTES;
    await desk.work();
    const errors = desk.lines.filter(({ level }) => level === 'error');
    expect(errors).toEqual([
      {
        level: 'error',
        message: 'a store keeps failing; what is to be deleted there waits',
        details: { store: 'archive', code: 'PD_STORE_FAILED', failures: 3 },
      },
    ]);
    expect(desk.lines).toContainEqual(expect.objectContaining({ message: 'a store works again' }));
  });

  test('and said again a day later', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const [id] = await purging(desk, fault, ['src_web']);
    for (let tries = 0; tries < 5; tries++) {
      await runStep(desk.ports, id as TicketId, 1, NEVER);
      await desk.pass(60);
    }
    const errors = () => desk.lines.filter(({ level }) => level === 'error').length;
    expect(errors()).toBe(1);
    await desk.db.raw(`update store_brakes set told_at = told_at - interval '1 day'`);
    await runStep(desk.ports, id as TicketId, 1, NEVER);
    expect(errors()).toBe(2);
  });

  test('lets one of many runs try it', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const ids = await purging(desk, fault, ['src_web', 'src_ios', 'src_web']);
    await runStep(desk.ports, ids[0] as TicketId, 1, NEVER);
    await desk.pass(5);
    fault.tries = 0;
    const gate = Promise.withResolvers<void>();
    fault.hold = gate.promise;
    let ended = 0;
    const runs = ids.map(async (id) => {
      await runStep(desk.ports, id, 1, NEVER);
      if (++ended === 2) gate.resolve();
    });
    await Promise.all(runs);
    expect(fault.tries).toBe(1);
    expect(await openBrakes(desk.db)).toMatchObject([{ failures: 2 }]);
  });

  test('whose trier dies is tried by another run', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const [first, second] = await purging(desk, fault, ['src_web', 'src_ios']);
    await runStep(desk.ports, first as TicketId, 1, NEVER);
    await desk.pass(5);
    const taken = Promise.withResolvers<void>();
    const dead = Promise.withResolvers<void>();
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.taken') return;
      desk.atCrashPoint = () => undefined;
      taken.resolve();
      await dead.promise;
    };
    fault.isDown = () => false;
    const hung = runStep(desk.ports, first as TicketId, 1, NEVER);
    await taken.promise;
    await runStep(desk.ports, second as TicketId, 1, NEVER);
    expect(await desk.db('purge_steps').where({ ticket_id: second }).first('deleted')).toEqual({
      deleted: 0,
    });
    await desk.pass(31);
    await runStep(desk.ports, second as TicketId, 1, NEVER);
    expect(await desk.db('purge_steps').where({ ticket_id: second }).first('status')).toEqual({
      status: 'done',
    });
    dead.resolve();
    await hung;
  });

  test('several runs that fail at once count as one failure', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const ids = await purging(desk, fault, ['src_web', 'src_ios', 'src_android']);
    const gate = Promise.withResolvers<void>();
    fault.hold = gate.promise;
    fault.tries = 0;
    const runs = ids.map((id) => runStep(desk.ports, id, 1, NEVER));
    while (fault.tries < 3) await desk.db.raw('select pg_sleep(0.01)');
    gate.resolve();
    await Promise.all(runs);
    expect(await openBrakes(desk.db)).toMatchObject([{ failures: 1 }]);
  });

  test('stops the batches of other tickets between two of theirs', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const [first, second] = await purging(desk, fault, ['src_web', 'src_ios']);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.recorded') return;
      desk.atCrashPoint = () => undefined;
      fault.isDown = () => true;
      await runStep(desk.ports, second as TicketId, 1, NEVER);
      fault.isDown = () => false; // so that nothing but the brake keeps the first one
    };
    fault.isDown = () => false;
    await runStep(desk.ports, first as TicketId, 1, NEVER);
    expect(await desk.db('purge_steps').where({ ticket_id: first }).first()).toMatchObject({
      status: 'running',
      deleted: 1,
      lease_until: null,
    });
    expect(await desk.db('test_jobs').pluck('key')).toContain(`step:${first}:1`);
  });

  test('is not said to be braked when nobody needs it any more, and is tried by whoever does next', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    expect(await openBrakes(desk.db)).toHaveLength(1);
    await desk.pass(6 * MINUTES);
    expect(await openBrakes(desk.db)).toEqual([]);
    fault.tries = 0;
    await rehearse(desk.ports, id, NEVER);
    expect(fault.tries).toBe(1);
    expect(await openBrakes(desk.db)).toMatchObject([{ failures: 2 }]);
  });

  test('that flaps is taken for down: the pauses go on growing', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const [id] = await purging(desk, fault, ['src_web']);
    let rehearsed = 0;
    fault.isDown = () => rehearsed++ % 3 === 2; // the count and a batch go through, the next batch does not
    for (let tries = 0; tries < 3; tries++) {
      await runStep(desk.ports, id as TicketId, 1, NEVER);
      await desk.pass(60);
    }
    const failures = await desk.db('store_brakes').pluck('failures');
    expect(failures[0]).toBeGreaterThan(1);
  });
});

describe('a store that is braked by hand', () => {
  test('is left alone until it is released, whatever time passes', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const [id] = await purging(desk, fault, ['src_web']);
    fault.isDown = () => false;
    fault.tries = 0;
    await brakeByHand(desk.ports, 'archive', ORDER);
    for (let tries = 0; tries < 3; tries++) {
      await runStep(desk.ports, id as TicketId, 1, NEVER);
      await desk.pass(86_400);
    }
    const other = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, other, NEVER);
    expect(fault.tries).toBe(0);
    expect(await openBrakes(desk.db)).toMatchObject([{ setBy: 'ada', reason: 'maintenance', seconds: null }]);
    await desk.db('test_jobs').delete();
    expect(await releaseBrake(desk.ports, 'archive', { ...ORDER, agent: 'bob' })).toBe(true);
    expect(await desk.db('test_jobs').pluck('key')).toEqual([`step:${id}:1`]);
    await desk.work();
    expect((await statesOf(desk))[0]).toBe('completed');
    expect(await desk.db('purge_orders').select('what', 'store', 'agent').orderBy('id')).toEqual([
      { what: 'brake', store: 'archive', agent: 'ada' },
      { what: 'release', store: 'archive', agent: 'bob' },
    ]);
  });

  test('breaks off a batch that is under way, and fails nothing', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: { ...PACE, lookMs: 10 } });
    const [id] = await purging(desk, fault, ['src_web']);
    fault.isDown = () => false;
    await desk.customers.db.raw(`
      create function crawl() returns trigger language plpgsql as
        $$ begin if (select count(*) from events) < 799 then perform pg_sleep(0.03); end if; return old; end $$;
      create trigger events_crawl before delete on events for each row execute function crawl()`);
    let guarded = 0;
    const inBatch = Promise.withResolvers<void>();
    desk.atCrashPoint = (label) => {
      if (label === 'purge.guarded' && ++guarded === 2) inBatch.resolve();
    };
    const run = runStep(desk.ports, id as TicketId, 1, NEVER);
    await inBatch.promise;
    await brakeByHand(desk.ports, 'archive', ORDER);
    await run;
    expect(await desk.db('purge_steps').where({ ticket_id: id }).first()).toMatchObject({
      deleted: 1,
      attempts: 0,
      last_error: null,
    });
    expect(await openBrakes(desk.db)).toMatchObject([{ setBy: 'ada', failures: 0 }]);
  });

  test('a release has a store that failed tried at once', async () => {
    const { fault, wrap } = faulty();
    await using desk = await openDesk({ wrap, pace: PACE });
    const [id] = await purging(desk, fault, ['src_web']);
    for (let tries = 0; tries < 6; tries++) {
      await runStep(desk.ports, id as TicketId, 1, NEVER);
      await desk.pass(60);
    }
    await runStep(desk.ports, id as TicketId, 1, NEVER);
    fault.isDown = () => false;
    const passed = desk.passed();
    expect(await releaseBrake(desk.ports, 'archive', ORDER)).toBe(true);
    await desk.work();
    expect(await statesOf(desk)).toEqual(['completed']);
    expect(desk.passed()).toBe(passed);
    expect(await releaseBrake(desk.ports, 'archive', ORDER)).toBe(false);
  });
});
