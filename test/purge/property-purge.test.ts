import { describe, expect, test } from 'vitest';
import { rehearse } from '../../src/purge/rehearse.ts';
import { openDesk } from './desk.ts';
import { ACME, eventsTable, sampleTarget } from './fixtures.ts';
import { PROPERTIES } from './property-clearing.ts';
import { NEVER } from './store-contract.ts';

/** Properties for all rows, as if they had been there from the beginning. */
const FILL = `
  alter table events add properties jsonb, add context jsonb, add email text;
  update events set properties = '{"plan": 1, "left": 2}', context = '{"traits": {"age": 7}}', email = 'a@example.org'`;

const TARGET = sampleTarget({
  scope: 'events',
  source: null,
  project: { id: 'prj_1', name: 'Shop' },
  properties: [
    { name: 'plan', kind: 'event', event: 'Ordered' },
    { name: 'email', kind: 'user', event: null },
  ],
});
const IN_JANUARY = `workspace_id = '${ACME}' and received_at >= '2024-01-01Z' and received_at < '2024-02-01Z'`;

async function purging(events: string[]) {
  const desk = await openDesk({ store: { tables: [eventsTable({ properties: PROPERTIES })] } });
  await desk.db.raw(FILL);
  const id = await desk.ticketInGrace({ ...TARGET, events });
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  const count = async (where: string) =>
    Number((await desk.db.raw(`select count(*) as found from events where ${where}`)).rows[0].found);
  return { desk, id, count, [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose]() };
}

describe('a purge of single properties', () => {
  test('clears them from the rows of the project and the days, deletes no row, and touches no other', async () => {
    await using scene = await purging([]);
    const { desk, id, count } = scene;
    const all = await count('true');
    const matching = await count(IN_JANUARY);
    const others = await desk.customers.fingerprint(`not (${IN_JANUARY})`);
    await desk.work();
    const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
    expect(signed.receipt).toMatchObject({
      steps: [{ action: 'clear', estimate: matching, deleted: matching, remaining: 0 }],
      deletedTotal: 0,
      clearedTotal: matching,
      remainingTotal: 0,
    });
    expect(await count('true')).toBe(all);
    expect(
      await count(
        `${IN_JANUARY} and email is null and properties \\? 'left' and context->'traits' \\? 'age'`,
      ),
    ).toBe(matching);
    expect(await count(`${IN_JANUARY} and properties \\? 'plan' and event = 'Ordered'`)).toBe(0);
    expect(await count(`${IN_JANUARY} and not properties \\? 'plan' and event <> 'Ordered'`)).toBe(0);
    expect(await desk.customers.fingerprint(`not (${IN_JANUARY})`)).toBe(others);
  });

  test('that ends in the middle of a batch goes on where it was, and counts each row once', async () => {
    await using scene = await purging(['Signed Up']);
    const { desk, id, count } = scene;
    const matching = await count(IN_JANUARY);
    let batches = 0;
    desk.atCrashPoint = (label) => {
      if (label === 'purge.batch.erased' && ++batches === 2) throw new Error('killed');
    };
    await desk.work().catch((error) => expect(error).toMatchObject({ message: 'killed' }));
    desk.atCrashPoint = () => undefined;
    await desk.startPurge(id);
    await desk.work();
    const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
    expect(signed.receipt).toMatchObject({ clearedTotal: matching, deletedTotal: matching / 2 });
    expect(await count(`${IN_JANUARY} and event = 'Signed Up'`)).toBe(0);
  });
});
