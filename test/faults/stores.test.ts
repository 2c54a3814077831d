/** A store that goes away in the middle of a purge, on a real connection that is refused for two days. */
import { describe, expect, test } from 'vitest';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { openDesk } from '../purge/desk.ts';
import { ACME, eventsTable, WORKSPACE_TARGET } from '../purge/fixtures.ts';
import { NEVER } from '../purge/store-contract.ts';
import { injected } from './tally.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const HOURS = 3_600;
/** As it is kept in the desk: a second store of the people, reached over the proxy. */
const PEOPLE = {
  name: 'people',
  tables: [
    { table: 'public.people', id: 'id', workspace: 'workspace_id', scopes: ['workspace', 'account'] },
  ] as unknown[],
};

async function openTwoStores() {
  let proxy: TcpProxy | undefined;
  const people: Record<string, unknown> = { ...PEOPLE };
  const desk = await openDesk({
    store: { tables: [eventsTable()] },
    moreStores: [people],
    pace: { brakeSecondsMin: 60, brakeSecondsMax: 6 * HOURS },
    through: async (url) => {
      const target = new URL(url);
      proxy = await startTcpProxy({ target: { host: target.hostname, port: Number(target.port) } });
      target.host = `${proxy.host}:${proxy.port}`;
      people.url = target.href;
      return url;
    },
  });
  return { desk, proxy: proxy! };
}

describe('F31 a store that is gone in the middle of a purge', () => {
  test('for two days: the ticket is never called done, agents are told, and the rest goes on by itself', async () => {
    const { desk, proxy } = await openTwoStores();
    await using _desk = desk;
    await using _proxy = proxy;
    const kept = `workspace_id <> '${ACME}'`;
    const others = await desk.db('people').whereRaw(kept).orderBy('id');
    const id = await desk.ticketInGrace(WORKSPACE_TARGET);
    await rehearse(desk.ports, id, NEVER);
    await desk.startPurge(id);
    await desk.db('test_jobs').del();
    await runStep(desk.ports, id, 1, NEVER);
    expect(await desk.db('events').where({ workspace_id: ACME })).toEqual([]);
    await proxy.refuse();
    injected('F31');
    const until = desk.passed() + 48 * HOURS;
    // Its job comes back whenever the brake lets it, as the queue would call it.
    while (desk.passed() < until) {
      const [job] = await desk.db('test_jobs').orderBy('after_seconds').limit(1);
      expect(job).toMatchObject({ task: 'purge.step', payload: { no: 2 } });
      await desk.pass(job.after_seconds);
      await desk.db('test_jobs').where({ key: job.key }).del();
      await runStep(desk.ports, id, 2, NEVER);
      expect(await desk.db('tickets').first('state')).toEqual({ state: 'purging' });
    }
    expect(await desk.db('receipts')).toEqual([]);
    expect(desk.events.map(({ type }) => type)).toEqual(['rehearsed', 'step_finished']);
    expect(desk.lines.filter(({ message }) => message.startsWith('a store keeps failing'))).not.toEqual([]);
    await proxy.accept();
    await desk.work();
    expect(await desk.db('tickets').first('state')).toEqual({ state: 'completed' });
    expect(await desk.db('people').orderBy('id')).toEqual(others);
    expect(await desk.db('purge_steps').orderBy('no').pluck('status')).toEqual(['done', 'done']);
  });
});
