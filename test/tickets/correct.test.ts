/** An agent corrects what a customer asked for, and what two people have to look at. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeTicket, correctTicket } from '../../src/commands/agent-acts.ts';
import { isSameAgent } from '../../src/domain/agents.ts';
import { ticketId } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { DeletionRequest } from '../../src/domain/request.ts';
import { targetDigest } from '../../src/domain/target.ts';
import type { Actor, Ticket, TicketEvent } from '../../src/domain/ticket.ts';
import { requestDigest } from '../../src/tickets/correct.ts';
import { transition } from '../../src/tickets/transition.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import {
  corrected,
  EVENTS,
  entitled,
  incomplete,
  inWords,
  judgement,
  now,
  planHash,
  policy,
  ticketIn,
  verifiedAt,
} from './cast.ts';
import { ada, bob, openTestDesk, sourceRequest, spaceRequest, type TestDesk, told, zoe } from './desk.ts';

const agent = (name: string): Actor => ({ kind: 'agent', name });
const two: Policy = { ...policy, approvals: 2 };
const twoOfAll: Policy = { ...two, review: 'all' };
const event = EVENTS.corrected;

interface Case {
  readonly title: string;
  readonly ticket: Ticket;
  readonly event: TicketEvent;
  readonly policy?: Policy;
  readonly expected: string;
}

const CASES: readonly Case[] = [
  {
    title: 'a correction to what the requester may not ask for is refused',
    ticket: ticketIn('verifying'),
    event: { ...event, judgement: judgement('wrong_workspace') },
    expected: 'refused: not_entitled',
  },
  {
    title: 'nobody is corrected into a request that only agents could vouch for',
    ticket: ticketIn('needs_details'),
    event: { ...event, judgement: judgement('ownerless') },
    expected: 'refused: not_entitled',
  },
  {
    title: 'nor while it waits for a review',
    ticket: ticketIn('received', { holds: ['review'] }),
    event: { ...event, judgement: judgement('ownerless') },
    expected: 'refused: not_entitled',
  },
  {
    title: 'what an agent corrected is not vouched for, whatever the directory says since',
    ticket: ticketIn('received', { holds: ['review'], correctedBy: ['ida'] }),
    event: EVENTS.vouched,
    expected: 'refused: corrected_before',
  },
  {
    title: 'what waits for a code stays complete',
    ticket: ticketIn('verifying'),
    event: { ...event, judgement: incomplete },
    expected: 'refused: incomplete',
  },
  {
    title: 'what waits for details may be corrected bit by bit, without a mail for each',
    ticket: ticketIn('needs_details', { asks: incomplete.asks }),
    event: { ...event, judgement: incomplete },
    expected: 'stays',
  },
  {
    title: 'a correction that raises a new question asks it',
    ticket: ticketIn('needs_details', { asks: [{ field: 'workspace', why: 'missing' }] }),
    event: { ...event, judgement: incomplete },
    expected: 'stays, needs_details > requester',
  },
  {
    title: 'other words for the same thing send nobody a new code',
    ticket: ticketIn('approval'),
    event: { ...event, judgement: entitled },
    expected: 'stays',
  },
  {
    title: 'a correction that changes nothing is none',
    ticket: ticketIn('verifying'),
    event: { ...event, changes: [] },
    expected: 'refused: no_change',
  },
  {
    title: 'what waits for an invoice is confirmed anew',
    ticket: ticketIn('verifying', { verifiedAt, holds: ['billing'] }),
    event,
    expected: 'stays, verify_request > requester',
  },
  {
    title: 'what the app reported is corrected in the app',
    ticket: ticketIn('approval', { origin: 'app' }),
    event,
    expected: 'refused: wrong_state',
  },
  {
    title: 'what an agent vouched for stays what it is',
    ticket: ticketIn('approval', { vouchedBy: 'grace' }),
    event,
    expected: 'refused: wrong_state',
  },
  {
    title: 'nobody but an agent corrects',
    ticket: ticketIn('verifying'),
    event: { ...event, by: { kind: 'desk' } },
    expected: 'refused: wrong_state',
  },
  {
    title: 'a rehearsal of what was asked for before the correction counts for nothing',
    ticket: ticketIn('approval'),
    event: { ...EVENTS.rehearsed, digest: 'b'.repeat(64) },
    expected: 'refused: scope_changed',
  },
  {
    title: 'a note on what was erased is refused',
    ticket: { ...ticketIn('cancelled'), erasedAt: now } as Ticket,
    event: EVENTS.noted,
    expected: 'refused: wrong_state',
  },
  {
    title: 'of two people the first starts nothing',
    ticket: ticketIn('approval', { approvalsWanted: 2 }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'stays',
  },
  {
    title: 'of two people the second starts the grace',
    ticket: ticketIn('approval', { approvalsWanted: 2, approvedBy: ['ida'] }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'to grace, grace_started > requester, owner_notice > others',
  },
  {
    title: 'one person is not two',
    ticket: ticketIn('approval', { approvalsWanted: 2, approvedBy: ['Ｇrace'] }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'refused: same_agent',
  },
  {
    title: 'who corrected it does not approve it',
    ticket: ticketIn('approval', { approvalsWanted: 2, correctedBy: ['GRACE'] }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'refused: own_work',
  },
  {
    title: 'who vouched does not approve it where the policy wants two people',
    ticket: ticketIn('approval', { vouchedBy: 'Grace' }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'refused: own_work',
  },
  {
    title: 'who corrected what was vouched for does not approve it under any policy',
    ticket: ticketIn('approval', { vouchedBy: 'sam', correctedBy: ['grace'] }),
    event: EVENTS.approved,
    expected: 'refused: own_work',
  },
  {
    title: 'what a voucher approved counts for nothing once the policy wants two people',
    ticket: ticketIn('approval', { vouchedBy: 'ida', approvedBy: ['ida'] }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'stays',
  },
  {
    title: 'nor does what a corrector approved',
    ticket: ticketIn('approval', { correctedBy: ['ida'], approvedBy: ['ida'] }),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'stays',
  },
  {
    title: 'the word of an approver who is one no more has lapsed',
    ticket: ticketIn('approval', { approvalsWanted: 2, approvedBy: ['ida'] }),
    event: { ...EVENTS.approved, lapsed: ['Ida'] },
    policy: twoOfAll,
    expected: 'stays',
  },
  {
    title: 'also about a review',
    ticket: ticketIn('purging', { holds: ['review'], liftedBy: ['ida'] }),
    event: { ...EVENTS.released, reason: 'review', lapsed: ['Ida'] },
    policy: two,
    expected: 'stays',
  },
  {
    title: 'a policy that became stricter binds what waits already',
    ticket: ticketIn('approval'),
    event: EVENTS.approved,
    policy: twoOfAll,
    expected: 'stays',
  },
  {
    title: 'a policy that became looser does not let go what began under two people',
    ticket: ticketIn('approval', { approvalsWanted: 2 }),
    event: EVENTS.approved,
    expected: 'stays',
  },
  {
    title: 'who corrected it may approve it where one person is enough',
    ticket: ticketIn('approval', { correctedBy: ['grace'] }),
    event: EVENTS.approved,
    expected: 'to grace, grace_started > requester, owner_notice > others',
  },
  {
    title: 'another plan than two people approved is theirs to approve again',
    ticket: ticketIn('grace', { approvalsWanted: 2, approvedBy: ['ida', 'sam'] }),
    event: { ...EVENTS.rehearsed, planHash: 'b'.repeat(64) },
    policy: twoOfAll,
    expected: 'to approval, +review',
  },
  ...(['grace', 'purging'] as const).flatMap((state): readonly Case[] => [
    {
      title: `in ${state}, the first of two people lifts no review of the plan`,
      ticket: ticketIn(state, { holds: ['review'] }),
      event: { ...EVENTS.released, reason: 'review' },
      policy: two,
      expected: 'stays',
    },
    {
      title: `in ${state}, nobody lifts it twice`,
      ticket: ticketIn(state, { holds: ['review'], liftedBy: ['grace'] }),
      event: { ...EVENTS.released, reason: 'review' },
      policy: two,
      expected: 'refused: same_agent',
    },
    {
      title: `in ${state}, who corrected it does not lift it`,
      ticket: ticketIn(state, { holds: ['review'], correctedBy: ['grace'] }),
      event: { ...EVENTS.released, reason: 'review' },
      policy: two,
      expected: 'refused: own_work',
    },
  ]),
  {
    title: 'a review under two people goes with the second',
    ticket: ticketIn('purging', { holds: ['review'], liftedBy: ['ida'] }),
    event: { ...EVENTS.released, reason: 'review' },
    policy: two,
    expected: 'stays, -review, job purge.rehearse, job purge.step 1',
  },
  {
    title: 'other holds go with one, under two people too',
    ticket: ticketIn('purging', { holds: ['step_failed'] }),
    event: { ...EVENTS.released, reason: 'step_failed' },
    policy: two,
    expected: 'stays, -step_failed, job purge.rehearse, job purge.step 1',
  },
];

test.each(CASES)('$title', ({ ticket, event: happens, policy: set = policy, expected }) => {
  expect(inWords(transition(ticket, happens, set, now))).toBe(expected);
});

const become = (ticket: Ticket, happens: TicketEvent, set: Policy = policy): Ticket => {
  const outcome = transition(ticket, happens, set, now);
  return outcome.ticket;
};

describe('a correction', () => {
  test('leaves nothing verified, planned or approved of what was asked for before', () => {
    const was = ticketIn('approval', { approvedBy: ['ida'], approvalsWanted: 2, liftedBy: ['ida'] });
    const is = become(was, event);
    expect(is).toMatchObject({
      state: 'verifying',
      verifiedAt: null,
      approvedBy: [],
      liftedBy: [],
      correctedBy: ['grace'],
      digest: targetDigest(corrected),
    });
    expect(is).not.toHaveProperty('planHash');
    const old = transition(is, EVENTS.challenge_answered, policy, now);
    expect(inWords(old)).toBe('refused: scope_changed');
  });

  test('into other words for the same thing shapes nothing: approvals stay, also that of its author', () => {
    const was = ticketIn('approval', { approvedBy: ['grace'], approvalsWanted: 2 });
    const is = become(was, { ...event, judgement: entitled });
    expect(is).toMatchObject({ state: 'approval', approvedBy: ['grace'], correctedBy: [] });
    const next = transition(is, { ...EVENTS.approved, by: agent('ida') }, twoOfAll, now);
    expect(inWords(next)).toContain('to grace');
  });

  test('names its corrector once, however often and however spelt', () => {
    const once = become(ticketIn('received'), event);
    const twice = become(once, { ...event, by: agent(' GRACE ') });
    expect(twice.correctedBy).toEqual([' GRACE ']);
  });

  test('writes no word of the request into the chain', () => {
    const outcome = transition(ticketIn('verifying'), event, policy, now);
    expect(JSON.stringify('record' in outcome ? outcome.record : null)).not.toMatch(/Website|iOS|acme/);
  });
});

/** Whatever agents do in whatever order: a grace under two people has two, and neither shaped what is deleted. */
test('W06 no order of acts lets one person do the work of two', () => {
  const name = fc.constantFrom('Ida', 'ida.', 'Sam', 'Lena');
  const act = fc.oneof(
    name.map((by): TicketEvent => ({ ...EVENTS.approved, by: agent(by) })),
    fc.tuple(name, fc.boolean()).map(
      ([by, back]): TicketEvent => ({
        ...event,
        by: agent(by),
        judgement: { ...entitled, target: back ? entitled.target : corrected },
      }),
    ),
    name.map((by): TicketEvent => ({ ...EVENTS.released, reason: 'review', by: agent(by) })),
    fc.constantFrom<TicketEvent>(
      { ...EVENTS.challenge_answered },
      { ...EVENTS.challenge_answered, digest: targetDigest(corrected) },
      EVENTS.rehearsed,
      { ...EVENTS.rehearsed, planHash: 'b'.repeat(64) },
    ),
  );
  const begin = ticketIn('verifying');
  fc.assert(
    fc.property(fc.array(act, { maxLength: 14 }), (acts) => {
      let ticket = begin;
      for (const happens of acts) {
        ticket = become(ticket, happens, twoOfAll);
        if (ticket.state !== 'grace') continue;
        const [one, other, ...more] = ticket.approvedBy;
        expect(one !== undefined && other !== undefined && more.length === 0).toBe(true);
        expect(isSameAgent(one!, other!)).toBe(false);
        for (const by of [one!, other!])
          expect(ticket.correctedBy.some((corrector) => isSameAgent(corrector, by))).toBe(false);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe('on a desk', () => {
  let desk: TestDesk;
  beforeAll(async () => {
    desk = await openTestDesk({ ...policy, review: 'all', approvals: 2 });
  }, 60_000);
  afterAll(() => desk[Symbol.asyncDispose]());

  const orders = () => ({ db: desk.db, tickets: desk.deps, decide: desk.decide });
  const correctAs = async (id: number, next: DeletionRequest, seen?: DeletionRequest) => {
    const { request: is } = await desk.ticket(id);
    return correctTicket(orders(), ticketId(id), {
      agent: 'Grace',
      reason: 'the mail says so',
      words: 'source: Website → iOS App. the mail says so',
      request: next,
      seen: requestDigest(seen ?? is),
    });
  };
  const opened = async (first: DeletionRequest) => {
    await desk.pass(25);
    await desk.mail({ from: ada, intent: 'delete', requests: [first] });
    return (await desk.ticket()).id;
  };
  const answer = async (id: number) =>
    desk.mail({ from: ada, intent: 'verify', ticket: `PD-${id}`, code: await desk.code() });
  const close = (id: number) =>
    closeTicket(orders(), ticketId(id), { agent: 'Grace', reason: 'over', as: 'cancelled' });
  const newMails = async (act: () => Promise<unknown>) => {
    const before = (await desk.outbox()).length;
    await act();
    return told((await desk.outbox()).slice(before));
  };

  test('an incomplete request that is completed sends one code, to the address in the directory', async () => {
    const id = await opened(sourceRequest({ source: null }));
    expect((await desk.ticket(id)).state).toBe('needs_details');
    const mails = await newMails(() => correctAs(id, sourceRequest({ source: 'iOS App' })));
    expect(mails).toEqual([`verify_request > ${ada}`]);
    expect((await desk.ticket(id)).state).toBe('verifying');
    await answer(id);
    expect((await desk.ticket(id)).state).toBe('approval');
    await close(id);
  });

  test('the code of before confirms nothing any more, and a plan of before is no plan', async () => {
    const id = await opened(sourceRequest());
    const old = await desk.code();
    await answer(id);
    await desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
    const mails = await newMails(() => correctAs(id, spaceRequest()));
    expect(mails).toEqual([`verify_request > ${ada}`]);
    const row = await desk.db('tickets').where({ id }).first();
    expect(row).toMatchObject({
      state: 'verifying',
      scope: 'space',
      verified_at: null,
      plan_hash: null,
      plan: null,
      corrected_by: ['Grace'],
    });
    await desk.mail({ from: ada, intent: 'verify', ticket: `PD-${id}`, code: old });
    expect((await desk.ticket(id)).state).toBe('verifying');
    await close(id);
  });

  test('where no mail may go out the old code is worthless all the same, and the reminder brings a new one', async () => {
    const id = await opened(sourceRequest());
    const { request: is, conversation_id: conversation } = await desk.ticket(id);
    const silent = {
      ...orders(),
      tickets: {
        ...desk.deps,
        askPermit: async () => ({ kind: 'silenced' as const, because: 'address' as const }),
      },
    };
    const order = { agent: 'Grace', reason: 'x', words: 'x', seen: requestDigest(is) };
    await correctTicket(silent, ticketId(id), { ...order, request: spaceRequest() });
    const open = () =>
      desk.db('challenges').where({ conversation_id: conversation, answered_at: null, voided_at: null });
    expect(await open()).toEqual([]);
    await desk.pass(25);
    await desk.tick();
    expect(await open()).toHaveLength(1);
    await answer(id);
    expect((await desk.ticket(id)).state).toBe('approval');
    await close(id);
  });

  test('who is in charge only of what was named by mistake hears nothing of the rest', async () => {
    await desk.db('members').insert({ workspace_id: 'ws_globex', address: ada, role: 'owner' });
    const id = await opened(sourceRequest());
    await correctAs(id, sourceRequest({ workspace: { id: 'ws_globex' }, source: 'Globex Web' }));
    const parties = await desk.db('parties').where({ ticket_id: id }).orderBy('address').pluck('address');
    expect(parties).toEqual([ada, zoe]);
    expect(parties).not.toContain(bob);
    await close(id);
    await desk.db('members').where({ workspace_id: 'ws_globex', address: ada }).delete();
  });

  test('what somebody else corrected meanwhile is not overwritten', async () => {
    const id = await opened(sourceRequest());
    await correctAs(id, sourceRequest({ source: 'iOS App' }));
    const late = await correctAs(id, spaceRequest(), sourceRequest());
    expect(late).toMatchObject({ kind: 'refused', why: 'scope_changed' });
    const again = await correctAs(id, sourceRequest({ source: 'iOS App' }), sourceRequest());
    expect(again).toMatchObject({ kind: 'refused', why: 'no_change' });
    await close(id);
  });

  test('a correction to somebody else’s workspace changes and tells nothing', async () => {
    const id = await opened(sourceRequest());
    const mails = await newMails(async () => {
      const next = sourceRequest({ workspace: { id: 'ws_globex' }, source: 'Globex Web' });
      expect(await correctAs(id, next)).toMatchObject({ kind: 'refused', why: 'not_entitled' });
    });
    expect(mails).toEqual([]);
    expect((await desk.ticket(id)).request).toEqual(sourceRequest());
    expect(await desk.db('agent_notes').where({ ticket_id: id })).toEqual([]);
    await close(id);
  });

  test('the database starts no grace under two people with one of them, or with the corrector', async () => {
    const id = await opened(sourceRequest());
    await correctAs(id, sourceRequest({ source: 'iOS App' }));
    await answer(id);
    await desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
    const start = (names: readonly string[]) =>
      desk.db('tickets').where({ id }).update({
        state: 'grace',
        approved_by: names,
        grace_started_at: '2030-01-01T00:00:00Z',
        grace_ends_at: '2030-01-08T00:00:00Z',
      });
    for (const names of [[], ['Ida'], ['Ida', 'IDA'], ['Ida', 'Grace']])
      await expect(start(names)).rejects.toThrow('tickets_two_people_approve');
    await close(id);
  });

  test('the chain holds, and what the notes say is nowhere in it', async () => {
    expect((await verifyAudit(desk.db)).problems).toEqual([]);
    expect(JSON.stringify(await desk.db('ticket_events'))).not.toContain('the mail says so');
  });
});
