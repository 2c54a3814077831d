import { describe, expect, test } from 'vitest';
import { switchNews } from '../../src/commands/switch-news.ts';
import { listen } from '../../src/db/listen.ts';
import type { TicketId } from '../../src/domain/ids.ts';
import { countRunning, haltPurges, readHalt, resumePurges, SWITCH_CHANNEL } from '../../src/purge/halt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { type Desk, openDesk } from './desk.ts';
import { ACME, sampleTarget, WEB_SOURCE } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const MEANT = `workspace_id = '${ACME}' and source_id = '${WEB_SOURCE}'
  and received_at >= '2024-01-01Z' and received_at < '2024-02-01Z'`;
const HALT = { agent: 'ada', reason: 'a customer called' };
const RESUME = { agent: 'bob', reason: 'it was a mistake' };

async function purging(desk: Desk): Promise<TicketId> {
  const id = await desk.ticketInGrace(sampleTarget());
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  return id;
}

const left = async (desk: Desk): Promise<number> =>
  (await desk.db.raw(`select count(*) as left from events where ${MEANT}`)).rows[0].left;
const stepOf = (desk: Desk, id: TicketId) => desk.db('purge_steps').where({ ticket_id: id }).first();
const stateOf = async (desk: Desk, id: TicketId) =>
  (await desk.db('tickets').where({ id }).first('state')).state;

/** Resolves once `found` says so. */
async function until(found: () => Promise<boolean>): Promise<void> {
  while (!(await found())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** From the second batch on each row takes its time, and a batch of them seconds. */
const slow = (seconds: number) => `
  create function crawl() returns trigger language plpgsql as
    $$ begin if (select count(*) from events) < 799 then perform pg_sleep(${seconds}); end if; return old; end $$;
  create trigger events_crawl before delete on events for each row execute function crawl()`;

describe('D18 purges that are halted', () => {
  test('break off a batch that is under way; once that is acknowledged nothing more goes, and all goes on after', async () => {
    await using desk = await openDesk({ pace: { lookMs: 50 } });
    const kept = await desk.customers.fingerprint(`not (${MEANT})`);
    const id = await purging(desk);
    const all = await left(desk);
    const inBatch = Promise.withResolvers<void>();
    let guarded = 0;
    desk.atCrashPoint = (label) => {
      if (label === 'purge.guarded' && ++guarded === 2) inBatch.resolve();
    };
    await desk.db.raw(slow(0.03));
    const run = runStep(desk.ports, id, 1, NEVER);
    await inBatch.promise;
    expect(await countRunning(desk.db)).toBe(1);
    expect(await haltPurges(desk.ports, HALT)).toBe(true);
    await until(async () => (await countRunning(desk.db)) === 0);
    const acknowledged = await left(desk);
    expect(acknowledged).toBe(all - 1);
    await run;
    await desk.work();
    expect(await left(desk)).toBe(acknowledged);
    expect(await stepOf(desk, id)).toMatchObject({ status: 'running', deleted: 1, attempts: 0 });
    expect(desk.events.map(({ type }) => type)).toEqual(['rehearsed']);

    await desk.db.raw('drop trigger events_crawl on events');
    expect(await resumePurges(desk.ports, RESUME)).toBe(true);
    await desk.work();
    expect(await left(desk)).toBe(0);
    expect(await stateOf(desk, id)).toBe('completed');
    expect(await stepOf(desk, id)).toMatchObject({ deleted: all, attempts: 0 });
    expect(await desk.customers.fingerprint(`not (${MEANT})`)).toBe(kept);
  });

  test('are told at once, whatever the time between two looks', async () => {
    await using desk = await openDesk({ pace: { lookMs: 3_600_000 } });
    const id = await purging(desk);
    const news = switchNews();
    const inBatch = Promise.withResolvers<void>();
    let guarded = 0;
    desk.atCrashPoint = (label) => {
      if (label === 'purge.guarded' && ++guarded === 2) inBatch.resolve();
    };
    await desk.db.raw(slow(0.06));
    const hearing = new AbortController();
    const heard = Promise.withResolvers<void>();
    const tell = () => {
      news.tell();
      heard.resolve();
    };
    const listening = listen(desk.url, SWITCH_CHANNEL, tell, hearing.signal);
    await heard.promise; // it is called once when it is connected
    const run = runStep({ ...desk.ports, onSwitch: news.onSwitch }, id, 1, NEVER);
    await inBatch.promise;
    await haltPurges(desk.ports, HALT);
    await run;
    expect(await stepOf(desk, id)).toMatchObject({ deleted: 1, lease_until: null });
    hearing.abort();
    await listening;
  });

  test('begin no batch', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    const all = await left(desk);
    desk.atCrashPoint = async (label) => {
      if (label === 'purge.restricted') await haltPurges(desk.ports, HALT);
    };
    await desk.work();
    expect(await left(desk)).toBe(all);
    expect(await stepOf(desk, id)).toMatchObject({ status: 'running', deleted: 0, lease_until: null });
  });

  test('begin no step, and go on by themselves when resumed, except on hold', async () => {
    await using desk = await openDesk();
    const [first, second] = [await purging(desk), await purging(desk)];
    await haltPurges(desk.ports, HALT);
    await desk.work();
    expect(await stepOf(desk, first)).toMatchObject({ status: 'waiting' });
    await desk
      .db('holds')
      .insert({ ticket_id: second, reason: 'agent', placed_by: 'agent', placed_at: new Date() });
    await resumePurges(desk.ports, RESUME);
    expect(await desk.db('test_jobs').pluck('key')).toEqual([`step:${first}:1`]);
    await desk.work();
    expect(await stateOf(desk, first)).toBe('completed');
    expect(await stateOf(desk, second)).toBe('purging');
  });

  test('that are resumed while a step is being left go on all the same', async () => {
    await using desk: Desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (step, _from, options) => ({
          ...(await store.erase(step, null, options)),
          checkpoint: 'asked',
        }),
        callBack: async () => {
          await resumePurges(desk.ports, RESUME);
          await desk.db('test_jobs').delete(); // as if its job had come while the lease was still alive
        },
      }),
    });
    const id = await purging(desk);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.recorded') return;
      desk.atCrashPoint = () => undefined;
      await haltPurges(desk.ports, HALT);
    };
    await desk.work();
    expect(await stateOf(desk, id)).toBe('completed');
  });

  test('have what a service was asked for called back, also by a step that sleeps', async () => {
    let calledBack = 0;
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async () => ({ deleted: 0, checkpoint: 'asked', done: false, waits: 'service' }),
        callBack: async () => {
          calledBack++;
        },
      }),
    });
    const id = await purging(desk);
    await runStep(desk.ports, id, 1, NEVER);
    expect(await desk.db('test_jobs')).toMatchObject([{ after_seconds: 60 }]);
    await haltPurges(desk.ports, HALT);
    expect(await desk.db('test_jobs')).toMatchObject([{ after_seconds: 0 }]);
    await desk.work();
    expect(calledBack).toBe(1);
  });

  test('keep who, when and why, once for each change', async () => {
    await using desk = await openDesk();
    expect(await readHalt(desk.db)).toBeNull();
    await haltPurges(desk.ports, HALT);
    expect(await haltPurges(desk.ports, { agent: 'eve', reason: 'me too' })).toBe(false);
    expect(await readHalt(desk.db)).toMatchObject({ by: 'ada', reason: 'a customer called' });
    await resumePurges(desk.ports, RESUME);
    expect(await resumePurges(desk.ports, RESUME)).toBe(false);
    expect(await readHalt(desk.db)).toBeNull();
    expect(await desk.db('purge_orders').select('what', 'agent', 'reason').orderBy('id')).toEqual([
      { what: 'halt', ...HALT },
      { what: 'resume', ...RESUME },
    ]);
    await expect(desk.db('purge_orders').delete()).rejects.toThrow('append-only');
  });
});
