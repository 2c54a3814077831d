import { describe, expect, test } from 'vitest';
import type { DeletionRequest } from '../../src/domain/request.ts';
import { answerCancel, type CancelChoice, personBehind } from '../../src/tickets/answer-cancel.ts';
import { type Challenge, codeOf } from '../../src/verify/challenge.ts';
import { findChallenge } from '../../src/verify/challenge-store.ts';
import { EVENTS, grace } from './cast.ts';
import {
  ada,
  bob,
  openTestDesk,
  type StoredTicket,
  sourceRequest,
  spaceRequest,
  type TestDesk,
  told,
} from './desk.ts';

/** A cancel in somebody's name that proves nothing, and the challenge that it led to. */
async function doubted(
  desk: TestDesk,
  { id }: Pick<StoredTicket, 'id'>,
  from = bob,
  standing: 'unproven' | 'failed' = 'unproven',
) {
  const before = (await desk.outbox()).length;
  const { handled } = await desk.mail({ from, intent: 'cancel', ticket: `PD-${id}`, standing });
  const mails = (await desk.outbox()).slice(before);
  const asked = mails.find((mail) => mail.recipient === from)?.facts.challenge ?? null;
  const challenge = asked === null ? null : await findChallenge(desk.db, asked.id);
  return { handled, mails, challenge: challenge as Challenge };
}

const codeFor = (desk: TestDesk, challenge: Challenge) => codeOf(desk.deps.key, challenge.id);
const wrongFor = (desk: TestDesk, challenge: Challenge) =>
  codeFor(desk, challenge) === '000000' ? '000001' : '000000';

const settle = (
  desk: TestDesk,
  challenge: Challenge,
  choice: CancelChoice,
  code = codeFor(desk, challenge),
): Promise<'right' | 'wrong' | 'none'> =>
  desk.db.transaction((trx) => answerCancel(trx, desk.deps, challenge, code, choice));

/** What the desk wrote since. */
async function since<T>(desk: TestDesk, act: () => Promise<T>): Promise<readonly string[]> {
  const before = (await desk.outbox()).length;
  await act();
  return told((await desk.outbox()).slice(before));
}

const challengesOf = (desk: TestDesk) =>
  desk.db('challenges').where({ purpose: 'cancel' }).orderBy('created_at');

describe('T43 a cancel that proves nothing', () => {
  test('T43 asks the address in whose name it came, with a link, and tells the requester without one', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { handled, mails, challenge } = await doubted(desk, ticket);
    expect(handled.needsAgent).toBe(true);
    expect(told(mails)).toEqual([`cancel_paused > ${bob}`, `cancel_paused > ${ada}`]);
    expect(mails.map((mail) => mail.facts.challenge?.id ?? null)).toEqual([challenge.id, null]);
    expect(challenge).toMatchObject({ purpose: 'cancel', requesterHash: desk.hash(bob), triesLeft: 5 });
    expect(Object.keys(challenge.ticketDigests)).toEqual([String(ticket.id)]);
    expect(challenge.expiresAt.getTime() - challenge.createdAt.getTime()).toBe(72 * 3_600_000);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  });

  test('T43 in the name of the requester makes one mail, which has the link', async () => {
    await using desk = await openTestDesk();
    const { mails, challenge } = await doubted(desk, await desk.inGrace(), ada);
    expect(told(mails)).toEqual([`cancel_paused > ${ada}`]);
    expect(challenge.requesterHash).toBe(desk.hash(ada));
  });

  test.each([
    { name: 'another admin', from: bob, mails: [`cancel_paused > ${ada}`] },
    { name: 'the requester', from: ada, mails: [`cancel_paused > ${ada}`] },
  ])('T43 that fails authentication in the name of $name asks nobody', async ({ from, mails: expected }) => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { mails } = await doubted(desk, ticket, from, 'failed');
    expect(told(mails)).toEqual(expected);
    expect(mails.map((mail) => mail.facts.challenge)).toEqual([null]);
    expect(await challengesOf(desk)).toEqual([]);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  });

  test('T43 a second time is no second challenge while the first is open', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const first = await doubted(desk, ticket);
    await settle(desk, first.challenge, 'go_on', wrongFor(desk, first.challenge));
    await desk.pass(1);
    const second = await doubted(desk, ticket);
    expect(second.challenge).toMatchObject({ id: first.challenge.id, triesLeft: 4 });
    expect(await challengesOf(desk)).toHaveLength(1);
  });

  test('T43 gives no new tries for a locked challenge until that has expired', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { challenge } = await doubted(desk, ticket);
    for (let time = 0; time < 5; time += 1) {
      expect(await settle(desk, challenge, 'go_on', wrongFor(desk, challenge))).toBe('wrong');
    }
    expect(await settle(desk, challenge, 'go_on')).toBe('none');
    await desk.pass(25);
    expect((await doubted(desk, ticket)).challenge).toBeNull();
    await desk.pass(48);
    const next = await doubted(desk, ticket);
    expect(next.challenge.id).not.toBe(challenge.id);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  });

  test('does not void the challenge that waits for the confirmation, nor the other way round', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.asked();
    const code = await desk.code();
    const { challenge } = await doubted(desk, ticket);
    await desk.mail({ from: ada, intent: 'verify', code, ticket: `PD-${ticket.id}` });
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'verifying', holds: ['doubtful_cancel'] });
    expect((await desk.ticket(ticket.id)).verified_at).toBeInstanceOf(Date);
    expect(await settle(desk, challenge, 'go_on')).toBe('right');
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: [] });
  });

  test('asks once about several that it may mean', async () => {
    await using desk = await openTestDesk();
    const first = await desk.inGrace();
    const second = await desk.inGrace(spaceRequest());
    const { mails } = await desk.mail({ from: ada, intent: 'cancel' });
    expect(told(mails)).toEqual([`cancel_paused > ${ada}`]);
    const challenge = await findChallenge(desk.db, mails[0]!.facts.challenge!.id);
    expect(Object.keys(challenge!.ticketDigests)).toEqual([String(first.id), String(second.id)]);
    expect(await settle(desk, challenge!, 'cancel')).toBe('right');
    expect((await desk.tickets()).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('on its page', () => {
  test('the cancel is confirmed: all is off, and everybody hears of it', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { challenge } = await doubted(desk, ticket);
    const mails = await since(desk, () => settle(desk, challenge, 'cancel'));
    expect([...mails].sort()).toEqual([`cancelled > ${ada}`, `cancelled > ${bob}`]);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'cancelled' });
    const event = await desk
      .db('ticket_events')
      .where({ type: 'cancel_asked' })
      .orderBy('seq', 'desc')
      .first();
    expect(event).toMatchObject({
      actor: `party:${desk.hash(bob)}:admin`,
      details: { standing: 'authenticated', via: 'page' },
    });
  });

  test('the cancel is denied: the deletion goes on, with the same waiting time', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { challenge } = await doubted(desk, ticket);
    const mails = await since(desk, () => settle(desk, challenge, 'go_on'));
    expect([...mails].sort()).toEqual([`status > ${ada}`, `status > ${bob}`]);
    expect(await desk.ticket(ticket.id)).toMatchObject({
      state: 'grace',
      holds: [],
      grace_ends_at: ticket.grace_ends_at,
      not_before: null,
    });
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });

  test('denied after the grace has ended: another day passes, and everybody hears of it first', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 3 * 3_600_000));
    const { challenge } = await doubted(desk, ticket);
    await desk.pass(24);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace' });
    const mails = await since(desk, () => settle(desk, challenge, 'go_on'));
    expect([...mails].sort()).toEqual([`grace_reminder > ${ada}`, `grace_reminder > ${bob}`]);
    await desk.pass(23);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: [] });
    await desk.pass(2);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });

  test('T43 one person’s answer does not speak for another in whose name it was asked', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const his = (await doubted(desk, ticket, bob)).challenge;
    const hers = (await doubted(desk, ticket, ada)).challenge;
    expect(his.id).not.toBe(hers.id);
    expect(await since(desk, () => settle(desk, his, 'go_on'))).toEqual([]);
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: ['doubtful_cancel'] });
    await settle(desk, hers, 'go_on');
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: [] });
  });

  test('T43 who asks again after a denial counts again', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const hers = (await doubted(desk, ticket, ada)).challenge;
    await settle(desk, (await doubted(desk, ticket, bob)).challenge, 'go_on');
    await doubted(desk, ticket, bob);
    await settle(desk, hers, 'go_on');
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: ['doubtful_cancel'] });
  });

  test('T43 nor for a mail whose authentication failed: that is the agents’', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await doubted(desk, ticket, ada, 'failed');
    const { challenge } = await doubted(desk, ticket, bob);
    await settle(desk, challenge, 'go_on');
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: ['doubtful_cancel'] });
    await desk.act({ id: ticket.id, event: { ...EVENTS.released, reason: 'doubtful_cancel' } });
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: [] });
  });

  test('T43 a hold that an agent placed is for agents to lift', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const held = { ...EVENTS.held, reason: 'doubtful_cancel', by: grace } as const;
    await desk.act({ id: ticket.id, event: held });
    await settle(desk, (await doubted(desk, ticket)).challenge, 'go_on');
    expect(await desk.ticket(ticket.id)).toMatchObject({ holds: ['doubtful_cancel'] });
  });

  test('T26 who is no longer in charge can still cancel, and takes nothing up again', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const first = (await doubted(desk, ticket)).challenge;
    await desk.db('members').where({ address: bob }).update({ removed_at: new Date() });
    expect(await settle(desk, first, 'go_on')).toBe('right');
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
    const hers = (await doubted(desk, ticket, ada)).challenge;
    await settle(desk, hers, 'go_on');
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
    const second = (await doubted(desk, ticket)).challenge;
    await settle(desk, second, 'cancel');
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'cancelled' });
  });

  test.each([
    { title: 'a wrong code', change: async () => undefined, right: false },
    {
      title: 'the right code after 72 hours',
      change: (desk: TestDesk) => desk.pass(72),
      right: true,
    },
    {
      title: 'the right code for a request that has changed since',
      change: (desk: TestDesk) => desk.db('tickets').update({ digest: 'b'.repeat(64) }),
      right: true,
    },
    {
      title: 'the right code of somebody whose address was erased',
      change: async (desk: TestDesk) => {
        await desk.db('parties').where({ address: bob }).delete();
      },
      right: true,
    },
  ])('$title changes nothing', async ({ change, right }) => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { challenge } = await doubted(desk, ticket);
    await change(desk);
    const before = await desk.ticket(ticket.id);
    for (const choice of ['cancel', 'go_on'] as const) {
      const code = right ? codeFor(desk, challenge) : wrongFor(desk, challenge);
      const mails = await since(desk, async () =>
        expect(await settle(desk, challenge, choice, code)).toBe(right ? 'none' : 'wrong'),
      );
      expect(mails).toEqual([]);
    }
    expect(await desk.ticket(ticket.id)).toEqual(before);
  });

  test('too late is told so, truthfully', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 3_600_000));
    const { challenge } = await doubted(desk, ticket);
    await desk.act({ id: ticket.id, event: { ...EVENTS.released, reason: 'doubtful_cancel' } });
    await desk.until(ticket.grace_ends_at!);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
    const mails = await since(desk, () => settle(desk, challenge, 'cancel'));
    expect(mails).toEqual([`cancel_too_late > ${bob}`]);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });
});

describe('the code by mail', () => {
  test('settles nothing: an authenticated reply with it is answered as a question', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { challenge } = await doubted(desk, ticket);
    await desk.mail({
      from: bob,
      intent: 'verify',
      code: codeFor(desk, challenge),
      ticket: `PD-${ticket.id}`,
    });
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
    expect(await findChallenge(desk.db, challenge.id)).toMatchObject({ triesLeft: 5, answeredAt: null });
  });

  test('the code of a cancel confirms no deletion, and the code of a deletion settles no cancel', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.asked();
    const verifyCode = await desk.code();
    const { challenge } = await doubted(desk, ticket, ada);
    const cancelCode = codeFor(desk, challenge);
    if (verifyCode === cancelCode) return;
    await desk.mail({ from: ada, intent: 'verify', code: cancelCode, ticket: `PD-${ticket.id}` });
    expect(await desk.ticket(ticket.id)).toMatchObject({ verified_at: null });
    expect(await settle(desk, challenge, 'cancel', verifyCode)).toBe('wrong');
    const verifying = await desk.db('challenges').where({ purpose: 'verify' }).first();
    const posing = { ...challenge, id: verifying.id };
    expect(await settle(desk, posing, 'cancel', verifyCode)).toBe('none');
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'verifying', holds: ['doubtful_cancel'] });
  });
});

describe('who is behind a challenge', () => {
  const account: DeletionRequest = {
    ...sourceRequest(),
    scope: 'account',
    workspace: null,
    source: null,
    timeFrame: null,
  };

  test('of an account’s workspaces a party is known by their own', async () => {
    await using desk = await openTestDesk();
    await desk.db('members').insert({ workspace_id: 'ws_globex', address: ada, role: 'owner' });
    const ticket = await desk.asked(account);
    const { challenge } = await doubted(desk, ticket, bob);
    const person = await personBehind(desk.db, desk.deps.key, challenge);
    expect(person).toEqual({
      address: bob,
      role: 'admin',
      workspaceIds: ['ws_acme'],
      mayResume: [ticket.id],
    });
  });
});
