import { describe, expect, test } from 'vitest';
import { ticketId } from '../../src/domain/ids.ts';
import { countNearDeadline, listTickets, showTicket } from '../../src/tickets/queries.ts';
import { ada, openTestDesk, sourceRequest, workspaceRequest } from './desk.ts';

test('the list is newest first, with what is resolved, held and due', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  await desk.mail({ from: ada, intent: 'delete', requests: [workspaceRequest()], standing: 'failed' });
  const lines = await listTickets(desk.db);
  expect(lines.map((line) => [line.state, line.status, line.holds, line.target?.scope ?? null])).toEqual([
    ['received', 'pending', ['review'], null],
    ['verifying', 'pending', [], 'source'],
  ]);
  expect(await listTickets(desk.db, { states: ['verifying'] })).toHaveLength(1);
  expect(await listTickets(desk.db, { limit: 1 })).toHaveLength(1);
});

test('one ticket is shown with its events and mails; one that is not there is null', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
  const { id } = await desk.ticket();
  const shown = await showTicket(desk.db, id);
  expect(shown).toMatchObject({
    reference: `PD-${id}`,
    verdict: 'entitled',
    events: [{ seq: 1, type: 'judged', was: 'received', became: 'verifying' }],
    mails: [{ template: 'verify_request', status: 'pending' }],
    receipt: null,
  });
  expect(await showTicket(desk.db, ticketId(id + 1))).toBeNull();
});

describe('a ticket is counted as near its deadline', () => {
  test.each([
    { title: 'not with a week left', daysLeft: 7, count: 0 },
    { title: 'with four days left', daysLeft: 4, count: 1 },
    { title: 'when the deadline has passed', daysLeft: -2, count: 1 },
  ])('$title', async ({ daysLeft, count }) => {
    await using desk = await openTestDesk();
    await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    await desk.pass((30 - daysLeft) * 24);
    expect(await countNearDeadline(desk.db)).toBe(count);
  });

  test('never once it is closed', async () => {
    await using desk = await openTestDesk();
    await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    await desk.mail({ from: ada, intent: 'cancel' });
    await desk.pass(40 * 24);
    expect(await countNearDeadline(desk.db)).toBe(0);
  });
});
