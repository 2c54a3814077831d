import { describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import type { PurgePorts } from '../../src/purge/ports.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { wakeStranded } from '../../src/purge/wake-stranded.ts';
import { enqueue } from '../../src/tickets/ticket-store.ts';
import { type Desk, openDesk } from './desk.ts';
import { WORKSPACE_TARGET } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

/** With the queue that a desk really has. */
const queued = (desk: Desk): PurgePorts => ({
  ...desk.ports,
  enqueue: (trx, task, payload, key, afterSeconds = 0) =>
    enqueue(trx, { task, payload: { ...payload }, key, queue: key }, { afterSeconds }),
});

const jobsOf = async ({ db }: Desk) =>
  db('graphile_worker.jobs')
    .select('task_identifier as task', 'key', 'attempts')
    .whereNotNull('key')
    .orderBy('key');

async function purging(desk: Desk): Promise<TicketId> {
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(desk.ports, id, NEVER);
  await desk.db('tickets').where({ id }).update({ state: 'purging', purge_started_at: new Date() });
  return id;
}

describe('a purge that has lost its job', () => {
  test('gets a new one, once', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    expect(await wakeStranded(queued(desk))).toBe(1);
    expect(await jobsOf(desk)).toEqual([{ task: 'purge.step', key: `step:${id}:1`, attempts: 0 }]);
    expect(await wakeStranded(queued(desk))).toBe(0);
  });

  test('gets a new one when the queue has given the old one up', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    await wakeStranded(queued(desk));
    await desk.db.raw('update graphile_worker._private_jobs set attempts = max_attempts');
    expect(await wakeStranded(queued(desk))).toBe(1);
    expect(await jobsOf(desk)).toEqual([{ task: 'purge.step', key: `step:${id}:1`, attempts: 0 }]);
  });

  test('gets one also when only its receipt is missing', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    await desk
      .db('purge_steps')
      .where({ ticket_id: id })
      .update({ status: 'done', remaining: 0, finished_at: new Date() });
    expect(await wakeStranded(queued(desk))).toBe(1);
  });

  test.each<{ title: string; change: (desk: Desk, id: TicketId) => PromiseLike<unknown> }>([
    {
      title: 'on hold',
      change: ({ db }, id) =>
        db('holds').insert({ ticket_id: id, reason: 'agent', placed_by: 'agent:ada', placed_at: new Date() }),
    },
    {
      title: 'whose step somebody runs',
      change: ({ db }, id) =>
        db.raw(
          "update purge_steps set status = 'running', lease_until = now() + interval '30 s' where ticket_id = ?",
          [id],
        ),
    },
    {
      title: 'while all are halted',
      change: ({ db }) =>
        db.raw("update purge_switch set halted_at = desk_now(), halted_by = 'ada', reason = 'a fire'"),
    },
    {
      title: 'that has not begun',
      change: ({ db }, id) => db('tickets').where({ id }).update({ state: 'grace' }),
    },
  ])('gets none $title', async ({ change }) => {
    await using desk = await openDesk();
    await change(desk, await purging(desk));
    expect(await wakeStranded(queued(desk))).toBe(0);
    expect(await jobsOf(desk)).toEqual([]);
  });
});

test('a ticket that was never rehearsed and has no job for it gets one, once', async () => {
  await using desk = await openDesk();
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  expect(await wakeStranded(queued(desk))).toBe(1);
  expect(await jobsOf(desk)).toEqual([{ task: 'purge.rehearse', key: `rehearse:${id}`, attempts: 0 }]);
  expect(await wakeStranded(queued(desk))).toBe(0);
});
