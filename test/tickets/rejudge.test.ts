import { describe, expect, test } from 'vitest';
import { ticketId } from '../../src/domain/ids.ts';
import { rejudge } from '../../src/tickets/rejudge.ts';
import { untilBackendsWait } from '../support/database.ts';
import { grace as agent, EVENTS } from './cast.ts';
import { ada, openTestDesk, sourceRequest, stranger, type TestDesk, told, workspaceRequest } from './desk.ts';

/** A ticket whose mail failed authentication: nobody was written to, an agent must look. */
async function doubtful(desk: TestDesk, from = ada, request = sourceRequest()): Promise<number> {
  await desk.mail({ from, intent: 'delete', requests: [request], standing: 'failed' });
  return (await desk.ticket()).id;
}
const release = (desk: TestDesk, id: number) =>
  desk.act({ id, event: { type: 'released', reason: 'review', by: agent, note: 'known to us' } });
const again = (desk: TestDesk, id: number) =>
  desk.db.transaction((trx) => rejudge(trx, desk.deps, ticketId(id)));

describe('a ticket that an agent let pass', () => {
  test('is judged anew by a job, and the code goes to the address in the directory', async () => {
    await using desk = await openTestDesk();
    const id = await doubtful(desk);
    await release(desk, id);
    expect(await desk.jobs()).toContainEqual({ task: 'ticket.rejudge', key: `rejudge:${id}` });
    await again(desk, id);
    expect(told(await desk.outbox())).toEqual([`verify_request > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null, holds: [] });
  });

  test('of somebody without a role is rejected, and still nobody is written to', async () => {
    await using desk = await openTestDesk();
    const id = await doubtful(desk, stranger, workspaceRequest());
    await release(desk, id);
    await again(desk, id);
    expect(await desk.ticket(id)).toMatchObject({ state: 'rejected' });
    expect(await desk.outbox()).toEqual([]);
  });

  test('is judged once, however often the job runs', async () => {
    await using desk = await openTestDesk();
    const id = await doubtful(desk);
    await release(desk, id);
    await again(desk, id);
    await again(desk, id);
    expect(await desk.outbox()).toHaveLength(1);
  });

  test.each([
    {
      title: 'while it is held',
      before: (desk: TestDesk, id: number) => desk.act({ id, event: EVENTS.held }),
    },
    {
      title: 'once it is rejected',
      before: (desk: TestDesk, id: number) => desk.act({ id, event: EVENTS.rejected_by_agent }),
    },
    {
      title: 'once its requester was erased',
      before: (desk: TestDesk, id: number) => desk.db('tickets').where({ id }).update({ requester: null }),
    },
  ])('is not judged $title', async ({ before }) => {
    await using desk = await openTestDesk();
    const id = await doubtful(desk);
    await release(desk, id);
    await before(desk, id);
    const was = await desk.ticket(id);
    await again(desk, id);
    expect(await desk.ticket(id)).toEqual(was);
    expect(await desk.outbox()).toEqual([]);
  });

  test('is judged as it stands when its turn comes, not as it stood before', async () => {
    await using desk = await openTestDesk();
    const id = await doubtful(desk);
    await release(desk, id);
    const other = await desk.db.transaction();
    await other('tickets').where({ id }).forUpdate();
    const judged = again(desk, id);
    await untilBackendsWait(desk.db, 1);
    await other('tickets')
      .where({ id })
      .update({ request: JSON.stringify(sourceRequest({ source: 'iOS App' })) });
    await other.commit();
    await judged;
    expect(await desk.ticket(id)).toMatchObject({
      request: { source: 'iOS App' },
      target: { source: { id: 'src_ios' } },
    });
  });
});
