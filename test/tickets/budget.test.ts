import { describe, expect, test } from 'vitest';
import { deskNow } from '../../src/db/connection.ts';
import { withinBudget } from '../../src/tickets/reply-budget.ts';
import { ada, bob, openTestDesk, sourceRequest, type TestDesk } from './desk.ts';

/** Mails that went out some minutes ago. */
async function sent(desk: TestDesk, hash: string, count: number, minutesAgo: number, unverified = true) {
  await desk.db.raw(
    `insert into outbox (key, template, locale, recipient_hash, before_verification, facts, created_at)
     select gen_random_uuid()::text, 'status', 'en', ?, ?, '{}', desk_now() - make_interval(mins => ?)
     from generate_series(1, ?)`,
    [hash, unverified, minutesAgo, count],
  );
}
const DAY = 24 * 60;

describe('whether one more mail may go out', () => {
  test.each([
    { title: 'a stranger’s first mail may', as: 'stranger', earlier: [], may: true },
    {
      title: 'a stranger’s second mail within a day may not',
      as: 'stranger',
      earlier: [[1, DAY - 1]],
      may: false,
    },
    {
      title: 'a stranger’s mail of the day before counts no more',
      as: 'stranger',
      earlier: [[1, DAY + 1]],
      may: true,
    },
    { title: 'a fifth mail to an address may', as: 'requester', earlier: [[4, 10]], may: true },
    {
      title: 'a sixth mail to an address within a day may not',
      as: 'requester',
      earlier: [[5, DAY - 1]],
      may: false,
    },
    { title: 'a party has no more than a requester', as: 'party', earlier: [[5, 10]], may: false },
    { title: 'mails of the day before count no more', as: 'requester', earlier: [[5, DAY + 1]], may: true },
  ] as const)('$title', async ({ as, earlier, may }) => {
    await using desk = await openTestDesk();
    for (const [count, minutes] of earlier) await sent(desk, desk.hash(ada), count, minutes);
    expect(await ask(desk, as)).toBe(may);
  });

  test('notices after the verification count for nobody', async () => {
    await using desk = await openTestDesk();
    await sent(desk, desk.hash(ada), 400, 5, false);
    expect(await ask(desk, 'stranger')).toBe(true);
  });

  test('300 mails an hour to whomsoever silence the desk until the hour has passed', async () => {
    await using desk = await openTestDesk();
    await sent(desk, 'somebody', 299, 30);
    expect(await ask(desk, 'requester')).toBe(true);
    await sent(desk, 'somebody', 1, 30);
    expect(await ask(desk, 'requester')).toBe(false);
    await desk.pass(0.6);
    expect(await ask(desk, 'requester')).toBe(true);
  });

  test('a flood of strangers leaves answers for those who are in charge of something', async () => {
    await using desk = await openTestDesk();
    await sent(desk, 'somebody', 199, 30);
    expect(await ask(desk, 'stranger')).toBe(true);
    await sent(desk, 'somebody', 1, 30);
    expect(await ask(desk, 'stranger')).toBe(false);
    expect(await ask(desk, 'requester')).toBe(true);
    await desk.pass(0.6);
    expect(await ask(desk, 'stranger')).toBe(true);
  });

  const ask = (desk: TestDesk, as: 'stranger' | 'requester' | 'party') =>
    desk.db.transaction(async (trx) => withinBudget(trx, desk.hash(ada), as, await deskNow(trx)));
});

describe('a spent budget', () => {
  test('keeps the desk silent, tells the agents and opens the ticket all the same', async () => {
    await using desk = await openTestDesk();
    await sent(desk, desk.hash(ada), 5, 10);
    const { handled, mails } = await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    expect(mails).toEqual([]);
    expect(handled).toMatchObject({ disposition: 'opened', needsAgent: true });
    expect(await desk.ticket()).toMatchObject({ state: 'verifying' });
  });

  test('does not lose the request: the reminder asks for the code a day later', async () => {
    await using desk = await openTestDesk();
    await sent(desk, desk.hash(ada), 5, 10);
    const { id } = await desk.asked();
    await desk.pass(24.1);
    await desk.tick();
    const [mail] = (await desk.outbox()).filter((one) => one.template === 'verify_request');
    expect(mail?.facts.challenge).toMatchObject({ triesLeft: 5 });
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('does not stop a cancel from pausing, nor the notices of a verified ticket', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await sent(desk, desk.hash(ada), 5, 1);
    await sent(desk, desk.hash(bob), 5, 1);
    await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${ticket.id}`, standing: 'unproven' });
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: ['doubtful_cancel'] });
    const { mails } = await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${ticket.id}` });
    expect(mails.map((mail) => mail.template)).toEqual(['cancelled', 'cancelled']);
  });

  test.each(['status', 'cancel'] as const)(
    'is spent by forged mails about a verified ticket too: %s makes at most five a day to one address',
    async (intent) => {
      await using desk = await openTestDesk();
      const { id } = await desk.inGrace();
      await desk.pass(25);
      const before = (await desk.outbox()).length;
      for (let count = 0; count < 12; count += 1) {
        await desk.mail({ from: ada, intent, ticket: `PD-${id}`, standing: 'unproven' });
      }
      const mails = (await desk.outbox()).slice(before);
      expect(mails.filter((mail) => mail.recipient === ada)).toHaveLength(5);
      expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
    },
  );
});
