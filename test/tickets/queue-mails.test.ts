import { expect, test } from 'vitest';
import { EVENTS } from './cast.ts';
import { ada, bob, openTestDesk, told } from './desk.ts';

test.each([
  { left: 3, partial: true },
  { left: 0, partial: undefined },
])('the mails about the end note that something was left: $left', async ({ left, partial }) => {
  await using desk = await openTestDesk();
  const ticket = await desk.inGrace();
  await desk.outlast(ticket);
  const before = (await desk.outbox()).length;
  await desk.decide([
    {
      ticketId: ticket.id,
      event: EVENTS.purge_finished,
      within: async (trx) => {
        const signed = JSON.stringify({ publicKey: 'a2V5', receipt: { remainingTotal: left } });
        await trx('receipts').insert({ ticket_id: ticket.id, signed, created_at: new Date() });
      },
    },
  ]);
  const mails = (await desk.outbox()).slice(before);
  expect(told(mails)).toEqual([`completed > ${ada}`, `completed > ${bob}`]);
  expect(mails.map((mail) => mail.facts.tickets[0]?.partial)).toEqual([partial, partial]);
});
