import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TEMPLATES } from '../../src/domain/mail-facts.ts';
import { planMails } from '../../src/tickets/mail-plan.ts';
import type { ReplyIntent } from '../../src/tickets/outcome.ts';

const ada = 'ada@acme.example';
const bob = 'bob@acme.example';
const eve = 'eve@acme.example';
const audience = { sender: ada, requester: ada, parties: [ada, bob] };
const intent = (template: ReplyIntent['template'], to: ReplyIntent['to']): ReplyIntent => ({ template, to });

test.each([
  {
    title: 'the requester who wrote is answered once, as requester',
    wishes: [
      { ticketId: 1, intent: intent('cancelled', 'sender'), audience },
      { ticketId: 1, intent: intent('cancelled', 'requester'), audience },
    ],
    mails: [{ recipient: ada, template: 'cancelled', as: 'requester', ticketIds: [1], otherIds: [] }],
  },
  {
    title: 'the more urgent template is the mail, the other ticket a line in it',
    wishes: [
      { ticketId: 1, intent: intent('not_authorised', 'sender'), audience },
      { ticketId: 2, intent: intent('verify_request', 'requester'), audience },
    ],
    mails: [{ recipient: ada, template: 'verify_request', as: 'requester', ticketIds: [2], otherIds: [1] }],
  },
  {
    title: 'two tickets of one template are one mail',
    wishes: [
      { ticketId: 1, intent: intent('verify_request', 'requester'), audience },
      { ticketId: 2, intent: intent('verify_request', 'requester'), audience },
    ],
    mails: [{ recipient: ada, template: 'verify_request', as: 'requester', ticketIds: [1, 2], otherIds: [] }],
  },
  {
    title: 'the others are neither the requester nor the sender',
    wishes: [
      {
        ticketId: 1,
        intent: intent('owner_notice', 'others'),
        audience: { sender: bob, requester: ada, parties: [ada, bob, eve, eve] },
      },
    ],
    mails: [{ recipient: eve, template: 'owner_notice', as: 'party', ticketIds: [1], otherIds: [] }],
  },
  {
    title: 'a stranger gets the neutral mail as a stranger, even one who asked',
    wishes: [{ ticketId: 1, intent: intent('not_authorised', 'sender'), audience }],
    mails: [{ recipient: ada, template: 'not_authorised', as: 'stranger', ticketIds: [1], otherIds: [] }],
  },
  {
    title: 'when the desk acts there is no sender to answer',
    wishes: [{ ticketId: 1, intent: intent('cancelled', 'sender'), audience: { ...audience, sender: null } }],
    mails: [],
  },
  {
    title: 'after an erasure there is no requester to write to',
    wishes: [
      { ticketId: 1, intent: intent('expired', 'requester'), audience: { ...audience, requester: null } },
    ],
    mails: [],
  },
  {
    title: 'each party hears of its own ticket',
    wishes: [
      {
        ticketId: 1,
        intent: intent('owner_notice', 'others'),
        audience: { sender: ada, requester: ada, parties: [bob] },
      },
      {
        ticketId: 2,
        intent: intent('owner_notice', 'others'),
        audience: { sender: ada, requester: ada, parties: [eve] },
      },
    ],
    mails: [
      { recipient: bob, template: 'owner_notice', as: 'party', ticketIds: [1], otherIds: [] },
      { recipient: eve, template: 'owner_notice', as: 'party', ticketIds: [2], otherIds: [] },
    ],
  },
])('$title', ({ wishes, mails }) => {
  expect(planMails(wishes)).toEqual(mails);
});

test('of any two templates one is always the same mail, whichever ticket came first', () => {
  for (const first of TEMPLATES) {
    for (const second of TEMPLATES) {
      const wish = (ticketId: number, template: ReplyIntent['template']) => ({
        ticketId,
        intent: intent(template, 'sender'),
        audience,
      });
      const [there] = planMails([wish(1, first), wish(2, second)]);
      const [back] = planMails([wish(2, second), wish(1, first)]);
      expect(back?.template).toBe(there?.template);
      expect([first, second]).toContain(there?.template);
    }
  }
});

test('whatever is wished for, nobody gets two mails and nobody hears of a ticket that is not theirs', () => {
  const address = fc.constantFrom(ada, bob, eve, 'zoe@globex.example');
  const wish = fc.record({
    ticketId: fc.integer({ min: 1, max: 4 }),
    intent: fc.record({
      template: fc.constantFrom(...TEMPLATES),
      to: fc.constantFrom('sender' as const, 'requester' as const, 'others' as const),
    }),
    audience: fc.record({
      sender: fc.option(address),
      requester: fc.option(address),
      parties: fc.array(address, { maxLength: 3 }),
    }),
  });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
      const mails = planMails(wishes);
      expect(new Set(mails.map((mail) => mail.recipient)).size).toBe(mails.length);
      for (const mail of mails) {
        const heard = [...mail.ticketIds, ...mail.otherIds];
        expect(new Set(heard).size).toBe(heard.length);
        for (const id of heard) {
          const theirs = wishes.some(
            ({ ticketId, audience: { sender, requester, parties } }) =>
              ticketId === id && [sender, requester, ...parties].some((one) => one === mail.recipient),
          );
          expect(theirs).toBe(true);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
