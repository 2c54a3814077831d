import { describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import { overDayCap } from '../../src/purge/day-cap.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { type Desk, openDesk } from './desk.ts';
import { ACME, sampleTarget, WEB_SOURCE } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const JANUARY = 31 * EVENTS_A_DAY;

/** Tickets that were within the day's cap at their rehearsals, which knew nothing of each other. */
async function purging(desk: Desk, sources: readonly string[]): Promise<TicketId[]> {
  const ids: TicketId[] = [];
  for (const [index, id] of sources.entries()) {
    const ticket = await desk.ticketInGrace(sampleTarget({ source: { id, name: id } }));
    const ends = new Date(Date.UTC(2024, 4, 8 + index));
    await desk.db('tickets').where({ id: ticket }).update({ grace_ends_at: ends });
    await rehearse(desk.ports, ticket, NEVER);
    ids.push(ticket);
  }
  expect(desk.events).toMatchObject(sources.map(() => ({ type: 'rehearsed', overCap: false })));
  desk.events.length = 0;
  for (const id of ids) await desk.startPurge(id);
  return ids;
}

const deletedOf = (desk: Desk, id: TicketId) =>
  desk.db('purge_steps').where({ ticket_id: id }).first('deleted');

describe('the cap of a day', () => {
  test('counts what other tickets really deleted today, and holds the next one before its first row', async () => {
    await using desk = await openDesk({ policy: { dayCap: 2 * JANUARY - 1 } });
    const [first, second] = (await purging(desk, ['src_web', 'src_ios'])) as [TicketId, TicketId];
    const before =
      await desk.customers.fingerprint(`not (workspace_id = '${ACME}' and source_id = '${WEB_SOURCE}'
      and received_at >= '2024-01-01Z' and received_at < '2024-02-01Z')`);
    await desk.work();
    expect(await deletedOf(desk, first)).toEqual({ deleted: JANUARY });
    expect(await deletedOf(desk, second)).toEqual({ deleted: 0 });
    expect(await desk.customers.fingerprint('true')).toBe(before);
    expect(desk.events.at(-1)).toEqual({
      type: 'held',
      reason: 'review',
      by: { kind: 'desk' },
      note: `the day's cap is ${2 * JANUARY - 1}: this ticket deletes about ${JANUARY}, others have deleted ${JANUARY} since 00:00 UTC and have 0 to go`,
    });
  });

  test('is lifted for one ticket by an agent, also through the rehearsal that the release asks for', async () => {
    await using desk = await openDesk({ policy: { dayCap: 2 * JANUARY - 1, ticketCap: JANUARY } });
    const [, second] = (await purging(desk, ['src_web', 'src_ios'])) as [TicketId, TicketId];
    await desk.work();
    await desk.release(second, 'review');
    await rehearse(desk.ports, second, NEVER);
    expect(desk.events.at(-1)).toMatchObject({ type: 'rehearsed', overCap: false });
    await runStep(desk.ports, second, 1, NEVER);
    expect(await deletedOf(desk, second)).toEqual({ deleted: JANUARY });
  });

  test('a release covers as much as the ticket was held for, not more', async () => {
    await using desk = await openDesk({ policy: { dayCap: 2 * JANUARY - 1, ticketCap: JANUARY } });
    const [, second] = (await purging(desk, ['src_web', 'src_ios'])) as [TicketId, TicketId];
    await desk.work();
    await desk.release(second, 'review');
    await desk.customers.db.raw(`insert into events (workspace_id, source_id, event, received_at)
      values ('${ACME}', 'src_ios', 'Late', '2024-01-15Z')`);
    await rehearse(desk.ports, second, NEVER);
    expect(desk.events.at(-1)).toMatchObject({ type: 'rehearsed', overCap: true });
  });

  test('counts what purges under way still have to delete', async () => {
    await using desk = await openDesk({ policy: { dayCap: 2 * JANUARY - 1 } });
    const [first, second] = (await purging(desk, ['src_web', 'src_ios'])) as [TicketId, TicketId];
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.recorded') return;
      desk.atCrashPoint = () => undefined;
      await runStep(desk.ports, second, 1, NEVER);
    };
    await runStep(desk.ports, first, 1, NEVER);
    expect(await deletedOf(desk, second)).toEqual({ deleted: 0 });
    expect(desk.events.find(({ type }) => type === 'held')).toMatchObject({
      note: expect.stringMatching(`deleted 1 since 00:00 UTC and have ${JANUARY - 1} to go$`),
    });
  });

  test('forgets what was deleted on another day', async () => {
    await using desk = await openDesk({ policy: { dayCap: 2 * JANUARY - 1 } });
    const [first, second] = (await purging(desk, ['src_web', 'src_ios'])) as [TicketId, TicketId];
    await runStep(desk.ports, first, 1, NEVER);
    await desk.db.raw(`update purge_steps set last_batch_at = last_batch_at - interval '1 day'`);
    await runStep(desk.ports, second, 1, NEVER);
    expect(await deletedOf(desk, second)).toEqual({ deleted: JANUARY });
  });

  test('lets one of two through that begin at once: the second counts the first before that is committed', async () => {
    const cap = 2 * JANUARY - 1;
    await using desk = await openDesk({ policy: { dayCap: cap } });
    const [first, second] = (await purging(desk, ['src_web', 'src_ios'])) as [TicketId, TicketId];
    const trx = await desk.db.transaction();
    expect(await overDayCap(trx, cap, first)).toBeNull();
    await trx('purge_steps').where({ ticket_id: first }).update({ started_at: new Date() });
    let hasLooked = false;
    const later = desk.db
      .transaction((other) => overDayCap(other, cap, second))
      .finally(() => {
        hasLooked = true;
      });
    for (let waits = false; !waits && !hasLooked; ) {
      const { rows } = await desk.db.raw(`select from pg_locks where locktype = 'advisory' and not granted`);
      waits = rows.length > 0;
    }
    await trx.commit();
    expect(await later).toEqual({ estimate: JANUARY, gone: 0, ahead: JANUARY, cap });
  });
});
