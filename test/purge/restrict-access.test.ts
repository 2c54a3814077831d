import { describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import { haltPurges } from '../../src/purge/halt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { type Desk, openDesk } from './desk.ts';
import { eventsTable, WORKSPACE_TARGET } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const PEOPLE = {
  name: 'identities',
  scopes: ['workspace'],
  archive: false,
  tables: [{ table: 'public.people', id: 'id', workspace: 'workspace_id', scopes: ['workspace'] }],
};

/** Two stores that can take access away, and what reaches them, in order. */
async function scene(fault: (call: string) => void = () => undefined) {
  const calls: string[] = [];
  const wrap = (store: Store): Store => ({
    ...store,
    restrict: async (step) => {
      const call = `restrict ${step.store}`;
      fault(call);
      calls.push(call);
    },
    erase: (step, ...rest) => {
      calls.push(`erase ${step.store}`);
      return store.erase(step, ...rest);
    },
  });
  const desk = await openDesk({ wrap, store: { tables: [eventsTable()] }, moreStores: [PEOPLE] });
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  return { desk, id, calls };
}

const firsts = (calls: readonly string[]) => [...new Set(calls)];
const stateOf = async (desk: Desk, id: TicketId) =>
  (await desk.db('tickets').where({ id }).first('state')).state;

describe('access is taken away', () => {
  test('in every store of the plan before the first deletion in any, and once', async () => {
    const it = await scene();
    await using desk = it.desk;
    await desk.work();
    expect(await stateOf(desk, it.id)).toBe('completed');
    expect(firsts(it.calls)).toEqual([
      'restrict archive',
      'restrict identities',
      'erase archive',
      'erase identities',
    ]);
    expect(it.calls.filter((call) => call.startsWith('restrict'))).toHaveLength(2);
  });

  test('in the stores that are left when a run goes on after one of them failed', async () => {
    let failures = 1;
    const it = await scene((call) => {
      if (call === 'restrict identities' && failures-- > 0) throw new Error('gone');
    });
    await using desk = it.desk;
    await expect(runStep(desk.ports, it.id, 1, NEVER)).rejects.toThrow('gone');
    expect(it.calls).toEqual(['restrict archive']);
    await runStep(desk.ports, it.id, 1, NEVER);
    expect(firsts(it.calls)).toEqual(['restrict archive', 'restrict identities', 'erase archive']);
    expect(it.calls.filter((call) => call === 'restrict archive')).toHaveLength(1);
  });

  test('F01 once more, and of nobody else, after a kill just before it', async () => {
    const it = await scene();
    await using desk = it.desk;
    const killed = new Error('killed');
    desk.atCrashPoint = (label) => {
      if (label === 'purge.restricting') throw killed;
    };
    await expect(runStep(desk.ports, it.id, 1, NEVER)).rejects.toBe(killed);
    expect(it.calls).toEqual([]);
    desk.atCrashPoint = () => undefined;
    await desk.work();
    expect(await stateOf(desk, it.id)).toBe('completed');
    expect(it.calls.filter((call) => call.startsWith('restrict'))).toHaveLength(2);
  });

  test('in none while purges are halted or the ticket is held', async () => {
    const it = await scene();
    await using desk = it.desk;
    desk.atCrashPoint = async (label) => {
      if (label === 'purge.counted') await haltPurges(desk.ports, { agent: 'ada', reason: 'stop' });
    };
    await desk.work();
    expect(it.calls).toEqual([]);
  });
});
