import { describe, expect, test } from 'vitest';
import { graceEnd } from '../../src/domain/calendar.ts';
import type { TicketEvent } from '../../src/domain/ticket.ts';
import { grace as agent, EVENTS } from '../tickets/cast.ts';
import { ada, openTestDesk, type TestDesk } from '../tickets/desk.ts';

/** All that an agent can say to a ticket, with whichever reason. */
const ORDERS: readonly TicketEvent[] = [
  { ...EVENTS.approved, by: agent },
  { ...EVENTS.held, by: agent },
  ...(['agent', 'review', 'billing', 'export', 'doubtful_cancel', 'step_failed', 'purging_off'] as const).map(
    (reason): TicketEvent => ({ ...EVENTS.released, reason, by: agent }),
  ),
];

async function orderEverything(desk: TestDesk, id: number): Promise<void> {
  for (const event of ORDERS) await desk.act({ id, event });
  await desk.tick();
}

describe('W06 a rogue agent', () => {
  test('verifies nobody: what waits for its code goes on waiting, whatever is ordered', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await orderEverything(desk, id);
    expect(await desk.ticket(id)).toMatchObject({
      state: 'verifying',
      verified_at: null,
      grace_ends_at: null,
    });
  });

  test('shortens no grace: its end stays where it was, and nothing starts before', async () => {
    await using desk = await openTestDesk();
    const before = await desk.inGrace();
    await desk.pass(24);
    await orderEverything(desk, before.id);
    const after = await desk.ticket(before.id);
    expect(after).toMatchObject({ state: 'grace', grace_ends_at: before.grace_ends_at });
    expect(after.grace_ends_at).toEqual(graceEnd(before.verified_at as Date));
    expect((await desk.jobs()).map((job) => job.task)).not.toContain('purge.step');
  });

  test('leaves the name in the audit chain with every order', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.act({ id, event: { ...EVENTS.held, by: agent } });
    await desk.act({ id, event: { ...EVENTS.released, by: agent } });
    const events = await desk
      .db('ticket_events')
      .select('type', 'actor')
      .where({ ticket_id: id })
      .orderBy('seq');
    expect(events.slice(-2)).toEqual([
      { type: 'held', actor: `agent:${agent.kind === 'agent' ? agent.name : ''}` },
      { type: 'released', actor: `agent:${agent.kind === 'agent' ? agent.name : ''}` },
    ]);
  });
});

describe('P01 what changed while the grace ran', () => {
  test.each<{ title: string; change: (desk: TestDesk) => Promise<unknown> }>([
    {
      title: 'the requester lost the role on the fourth day',
      change: (desk) => desk.db('members').where({ address: ada }).update({ role: 'member' }),
    },
    {
      title: 'the requester left on the fourth day',
      change: (desk) => desk.db('members').where({ address: ada }).update({ removed_at: new Date() }),
    },
    {
      title: 'the workspace was made anew under the same ID on the fourth day',
      change: (desk) => desk.db('workspaces').where({ id: 'ws_acme' }).update({ created_at: new Date() }),
    },
  ])('$title: no purge starts, and an agent decides', async ({ change }) => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.pass(4 * 24);
    await change(desk);
    await desk.outlast(ticket);
    await desk.pass(24);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['review'] });
    expect((await desk.jobs()).map((job) => job.task)).not.toContain('purge.step');
  });

  test('a ticket of which nothing changed starts', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });
});
