import { describe, expect, test } from 'vitest';
import { answerChallenge } from '../../src/tickets/answer-challenge.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { grace as agent } from './cast.ts';
import {
  ada,
  bob,
  member,
  openTestDesk,
  sourceRequest,
  spaceRequest,
  stranger,
  told,
  workspaceRequest,
  zoe,
} from './desk.ts';

describe('a mail that asks to delete', () => {
  test('D05 from somebody in charge and complete waits for the code, which one mail carries', async () => {
    await using desk = await openTestDesk();
    const { handled, mails } = await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    expect(handled).toMatchObject({ disposition: 'opened', needsAgent: false });
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(mails[0]?.facts).toMatchObject({
      recipient: 'requester',
      challenge: { triesLeft: 5, reminder: false },
      tickets: [{ state: 'verifying', verified: false, target: { source: { id: 'src_web' } } }],
    });
    expect(await desk.ticket()).toMatchObject({ state: 'verifying', verified_at: null, holds: [] });
    expect(JSON.stringify(mails[0]?.facts)).not.toContain(await desk.code());
  });

  test('incomplete is asked back, and the answer completes the same ticket', async () => {
    await using desk = await openTestDesk();
    const first = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest({ timeFrame: null })],
    });
    const { id } = await desk.ticket();
    expect(told(first.mails)).toEqual([`needs_details > ${ada}`]);
    expect(first.mails[0]?.facts.tickets[0]?.asks).toEqual([{ field: 'timeFrame', why: 'missing' }]);
    const second = await desk.mail({
      from: ada,
      intent: 'delete',
      ticket: `PD-${id}`,
      requests: [
        sourceRequest({ workspace: null, source: null, timeFrame: { from: '2024-01-01', to: '2024-01-31' } }),
      ],
    });
    expect(second.handled.disposition).toBe('joined');
    expect(told(second.mails)).toEqual([`verify_request > ${ada}`]);
    expect(await desk.tickets()).toMatchObject([
      {
        id,
        state: 'verifying',
        request: sourceRequest({ timeFrame: { from: '2024-01-01', to: '2024-01-31' } }),
      },
    ]);
  });

  test('of two requests of which one is not allowed is one mail, and the other request goes on', async () => {
    await using desk = await openTestDesk();
    const { mails } = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [workspaceRequest('globex'), sourceRequest()],
    });
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['rejected', 'verifying']);
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(mails[0]?.facts.others).toMatchObject([{ state: 'rejected', target: null }]);
    expect(JSON.stringify(mails[0]?.facts)).not.toMatch(/globex/i);
  });

  test('that asks for the same thing twice opens one ticket', async () => {
    await using desk = await openTestDesk();
    await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest(), sourceRequest()] });
    expect(await desk.tickets()).toHaveLength(1);
  });

  test('of two complete requests is one challenge that covers both', async () => {
    await using desk = await openTestDesk();
    const { mails } = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest(), spaceRequest()],
    });
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    expect(mails[0]?.facts.tickets).toHaveLength(2);
    const answer = await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(told(answer.mails)).toEqual([`grace_started > ${ada}`, `owner_notice > ${bob}`]);
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['grace', 'grace']);
  });

  test('from a stranger is answered neutrally once a day, then not at all', async () => {
    await using desk = await openTestDesk();
    const write = () => desk.mail({ from: stranger, intent: 'delete', requests: [workspaceRequest()] });
    const first = await write();
    expect(told(first.mails)).toEqual([`not_authorised > ${stranger}`]);
    expect(first.mails[0]?.facts).toMatchObject({ recipient: 'stranger', tickets: [{ target: null }] });
    expect(await write()).toMatchObject({
      handled: { disposition: 'silenced', needsAgent: true },
      mails: [],
    });
    await desk.pass(25);
    expect(told((await write()).mails)).toEqual([`not_authorised > ${stranger}`]);
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['rejected', 'rejected']);
  });

  test('is answered alike for a plain member, a stranger and a workspace that does not exist', async () => {
    const cases = [
      { from: member, slug: 'acme-inc' },
      { from: member, slug: 'no-such-workspace' },
      { from: stranger, slug: 'acme-inc' },
      { from: stranger, slug: 'no-such-workspace' },
    ];
    const answers = await Promise.all(
      cases.map(async ({ from, slug }) => {
        await using desk = await openTestDesk();
        const { handled, mails } = await desk.mail({
          from,
          intent: 'delete',
          requests: [workspaceRequest(slug)],
        });
        expect(mails).toHaveLength(1);
        const text = JSON.stringify({ handled, facts: mails[0]?.facts, tickets: mails[0]?.ticket_ids });
        return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT');
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).not.toMatch(/acme|no-such/i);
  });

  test('from the owner of another workspace is rejected as neutrally', async () => {
    await using desk = await openTestDesk();
    const { mails } = await desk.mail({ from: zoe, intent: 'delete', requests: [workspaceRequest()] });
    expect(told(mails)).toEqual([`not_authorised > ${zoe}`]);
    expect(JSON.stringify(mails[0]?.facts)).not.toMatch(/acme/i);
    expect(await desk.ticket()).toMatchObject({ state: 'rejected', verdict: 'wrong_workspace' });
  });

  test('that fails authentication waits for an agent, and nobody is written to', async () => {
    await using desk = await openTestDesk();
    const { handled, mails } = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest()],
      standing: 'failed',
    });
    expect(handled).toMatchObject({ disposition: 'opened', needsAgent: true });
    expect(mails).toEqual([]);
    expect(await desk.ticket()).toMatchObject({ state: 'received', holds: ['review'] });
  });

  test('of a target that is already on its way joins that ticket and tells its status', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    const again = await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest()] });
    expect(again.handled.disposition).toBe('joined');
    expect(told(again.mails)).toEqual([`status > ${ada}`]);
    const other = await desk.mail({ from: bob, intent: 'delete', requests: [sourceRequest()] });
    expect(told(other.mails)).toEqual([`status > ${bob}`]);
    expect((await desk.tickets()).map((ticket) => ticket.id)).toEqual([id]);
  });

  test('of another time frame is another ticket', async () => {
    await using desk = await openTestDesk();
    await desk.inGrace();
    await desk.mail({
      from: ada,
      intent: 'delete',
      requests: [sourceRequest({ timeFrame: { from: '2025-01-01', to: '2025-01-31' } })],
    });
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['grace', 'verifying']);
  });

  test('of more than 20 things at once is for an agent', async () => {
    await using desk = await openTestDesk();
    const { handled, mails } = await desk.mail({
      from: ada,
      intent: 'delete',
      requests: Array.from({ length: 21 }, () => sourceRequest()),
    });
    expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
    expect([...mails, ...(await desk.tickets())]).toEqual([]);
  });

  test.each([
    { who: 'somebody in charge', from: ada, answer: [`needs_details > ${ada}`] },
    { who: 'a plain member', from: member, answer: [`not_authorised > ${member}`] },
    { who: 'a stranger', from: stranger, answer: [`not_authorised > ${stranger}`] },
  ])('without saying of what: $who is answered, and no ticket is opened', async ({ from, answer }) => {
    await using desk = await openTestDesk();
    const { handled, mails } = await desk.mail({ from, intent: 'delete' });
    expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
    expect(told(mails)).toEqual(answer);
    expect(await desk.tickets()).toEqual([]);
  });
});

describe('details that come later', () => {
  test('correct the request, and the code for the old one is worth nothing', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const old = await desk.code();
    const changed = await desk.mail({
      from: ada,
      intent: 'delete',
      ticket: `PD-${id}`,
      requests: [sourceRequest({ source: 'iOS App' })],
      closer: { corrects: () => true },
    });
    expect(told(changed.mails)).toEqual([`verify_request > ${ada}`]);
    const answer = await desk.mail({ from: ada, intent: 'verify', code: old });
    expect(told(answer.mails)).toEqual([`verify_failed > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null });
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', target: { source: { id: 'src_ios' } } });
  });

  test.each([
    { who: 'a stranger', from: stranger, standing: 'authenticated' as const },
    { who: 'another owner', from: zoe, standing: 'authenticated' as const },
    { who: 'the other admin', from: bob, standing: 'authenticated' as const },
    { who: 'somebody who forged From', from: ada, standing: 'failed' as const },
  ])('from $who change nothing, whatever thread they point to', async ({ from, standing }) => {
    await using desk = await openTestDesk();
    const before = await desk.asked(sourceRequest({ timeFrame: null }));
    await desk.db('outbox').update({ message_id_header: '<ours@desk.example>' });
    await desk.mail({
      from,
      standing,
      intent: 'delete',
      ticket: `PD-${before.id}`,
      to: [`desk+PD-${before.id}@desk.example`],
      references: ['<ours@desk.example>'],
      requests: [sourceRequest({ source: 'iOS App' })],
    });
    expect(await desk.ticket(before.id)).toEqual(before);
    const inThread = await desk.db('tickets').where({ conversation_id: before.conversation_id }).select('id');
    expect(inThread).toEqual([{ id: before.id }]);
  });

  test('that are not allowed do not close what waits for details', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.mail({
      from: ada,
      intent: 'delete',
      ticket: `PD-${id}`,
      standing: 'unproven',
      requests: [sourceRequest({ workspace: { slug: 'globex' } })],
    });
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['verifying']);
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('of a verified ticket are a new ticket', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.mail({
      from: ada,
      intent: 'delete',
      ticket: `PD-${id}`,
      requests: [sourceRequest({ source: 'iOS App' })],
    });
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['grace', 'verifying']);
  });
});

describe('a mail with a code', () => {
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

  test('that is right starts the grace, and everybody in charge hears of it', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const { handled, mails } = await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(handled).toMatchObject({ disposition: 'joined', needsAgent: false });
    expect(told(mails)).toEqual([`grace_started > ${ada}`, `owner_notice > ${bob}`]);
    const ticket = await desk.ticket(id);
    expect(ticket).toMatchObject({ state: 'grace', holds: [] });
    expect(ticket.grace_ends_at!.getTime() - ticket.verified_at!.getTime()).toBeGreaterThanOrEqual(
      120 * 3_600_000,
    );
    expect(await desk.jobs()).toContainEqual({ task: 'purge.rehearse', key: `rehearse:${id}` });
  });

  test('D06 that is wrong costs a try; after the fifth even the right one is worth nothing', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    const left: (number | undefined)[] = [];
    for (let tries = 0; tries < 5; tries += 1) {
      const { mails } = await desk.mail({ from: ada, intent: 'verify', code: wrong(code) });
      left.push(mails[0]?.facts.challenge?.triesLeft);
    }
    expect(left.slice(0, 4)).toEqual([4, 3, 2, 1]);
    await desk.mail({ from: ada, intent: 'verify', code });
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null, holds: ['review'] });
  });

  test('after the lock an agent’s release sends a new code, and that one counts', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    for (let tries = 0; tries < 5; tries += 1) {
      await desk.mail({ from: ada, intent: 'verify', code: wrong(code) });
    }
    await desk.pass(25);
    await desk.act({ id, event: { type: 'released', reason: 'review', by: agent, note: 'phoned' } });
    expect(told(await desk.outbox()).at(-1)).toBe(`verify_request > ${ada}`);
    expect(await desk.code()).not.toBe(code);
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test.each([
    { who: 'the other admin', from: bob },
    { who: 'a plain member', from: member },
    { who: 'a stranger', from: stranger },
    { who: 'another owner', from: zoe },
  ])('from $who is worth nothing, even in the right thread', async ({ from }) => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    await desk.mail({ from, intent: 'verify', code, ticket: `PD-${id}` });
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null });
    await desk.mail({ from: ada, intent: 'verify', code });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('in a mail that fails authentication costs no try and verifies nothing', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    for (const given of [code, ...Array.from({ length: 6 }, () => wrong(code))]) {
      const { mails } = await desk.mail({ from: ada, intent: 'verify', code: given, standing: 'failed' });
      expect(mails).toEqual([]);
    }
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null });
    expect(await desk.db('challenges').select('tries_left')).toEqual([{ tries_left: 5 }]);
  });

  test('counts once: the second answer tells the status', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    await desk.mail({ from: ada, intent: 'verify', code });
    const before = await desk.ticket(id);
    const second = await desk.mail({ from: ada, intent: 'verify', code, ticket: `PD-${id}` });
    expect(told(second.mails)).toEqual([`status > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', grace_ends_at: before.grace_ends_at });
  });

  test('of a cancelled ticket starts nothing', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    await desk.mail({ from: ada, intent: 'verify', code, ticket: `PD-${id}` });
    expect(await desk.ticket(id)).toMatchObject({ state: 'cancelled', verified_at: null });
  });

  test('that came after 72 hours starts nothing, even before the tick', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    await desk.pass(72.01);
    await desk.mail({ from: ada, intent: 'verify', code, ticket: `PD-${id}` });
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null });
  });

  test('is found without a thread, though an older challenge has run out', async () => {
    await using desk = await openTestDesk();
    await desk.asked();
    await desk.pass(100);
    await desk.tick();
    const { id } = await desk.asked(spaceRequest());
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('T26 of a requester who lost the role in between verifies nothing', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.db('members').where({ address: ada }).update({ role: 'member' });
    const { mails } = await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(told(mails)).toEqual([`verify_failed > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', verified_at: null, holds: ['review'] });
  });

  test('of a workspace with an open invoice verifies, holds and says what to settle', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.db('blockers').insert({ workspace_id: 'ws_acme', kind: 'billing' });
    const { mails } = await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(told(mails)).toEqual([`blocked > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', holds: ['billing'] });
    expect((await desk.ticket(id)).verified_at).toBeInstanceOf(Date);
  });
});

describe('a mail that asks to cancel', () => {
  test.each([
    { who: 'the requester', from: ada, other: bob },
    { who: 'another admin', from: bob, other: ada },
  ])('from $who cancels when it is authenticated, and all are told', async ({ from, other }) => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    const { handled, mails } = await desk.mail({ from, intent: 'cancel', ticket: `PD-${id}` });
    expect(handled.disposition).toBe('joined');
    expect([...told(mails)].sort()).toEqual([`cancelled > ${from}`, `cancelled > ${other}`].sort());
    expect(await desk.ticket(id)).toMatchObject({ state: 'cancelled' });
  });

  test('from a party whose mail proves nothing pauses, closes nothing and tells the requester', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    const { handled, mails } = await desk.mail({
      from: bob,
      intent: 'cancel',
      ticket: `PD-${id}`,
      standing: 'unproven',
    });
    expect(handled.needsAgent).toBe(true);
    expect(told(mails)).toEqual([`cancel_paused > ${bob}`, `cancel_paused > ${ada}`]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  });

  test('that fails authentication pauses, and the address in From is not written to', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    const before = (await desk.outbox()).length;
    const ours = '<pd.1.1.grace_started.0@desk.example>';
    await desk
      .db('outbox')
      .where({ recipient: ada, template: 'grace_started' })
      .update({ message_id_header: ours });
    await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${id}`, standing: 'failed' });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
    const mails = (await desk.outbox()).slice(before);
    expect(told(mails)).toEqual([`cancel_paused > ${ada}`]);
    // Under our own last mail to her: whoever wrote the cancel chose none of its words.
    expect(mails[0]?.in_reply_to).toBe(ours);
  });

  test.each([
    { who: 'a stranger', from: stranger },
    { who: 'a plain member', from: member },
    { who: 'the owner of another workspace', from: zoe },
  ])('from $who changes nothing, whatever thread it points to', async ({ from }) => {
    await using desk = await openTestDesk();
    const before = await desk.inGrace();
    await desk.db('outbox').update({ message_id_header: null });
    await desk.mail({
      from,
      intent: 'cancel',
      ticket: `PD-${before.id}`,
      to: [`desk+PD-${before.id}@desk.example`],
      requests: [sourceRequest()],
    });
    expect(await desk.ticket(before.id)).toEqual(before);
    expect(await desk.db('workspace_stops').select('id')).toEqual([]);
  });

  test('counts from an admin who was removed after the request', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.db('members').where({ address: bob }).update({ removed_at: new Date() });
    await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${id}` });
    expect(await desk.ticket(id)).toMatchObject({ state: 'cancelled' });
  });

  test('counts from an admin who came after the request', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.db('members').insert({ workspace_id: 'ws_acme', address: 'new@acme.example', role: 'admin' });
    await desk.mail({ from: 'new@acme.example', intent: 'cancel', ticket: `PD-${id}` });
    expect(await desk.ticket(id)).toMatchObject({ state: 'cancelled' });
  });

  test('of a deletion without a ticket here stops the workspace until an agent decides', async () => {
    await using desk = await openTestDesk();
    const { handled, mails } = await desk.mail({
      from: bob,
      intent: 'cancel',
      requests: [workspaceRequest()],
      standing: 'unproven',
    });
    expect(handled).toMatchObject({ disposition: 'joined', needsAgent: true });
    expect(told(mails)).toEqual([`cancel_paused > ${bob}`]);
    expect(await desk.db('workspace_stops').select('workspace_id', 'lifted_at')).toEqual([
      { workspace_id: 'ws_acme', lifted_at: null },
    ]);
    await desk.mail({ from: ada, intent: 'cancel', requests: [workspaceRequest()] });
    expect(await desk.db('workspace_stops').select('id')).toHaveLength(1);
  });

  test('without a word which of several pauses all and closes none', async () => {
    await using desk = await openTestDesk();
    await desk.inGrace();
    await desk.inGrace(spaceRequest());
    const { mails } = await desk.mail({ from: ada, intent: 'cancel' });
    expect(told(mails)).toEqual([`cancel_paused > ${ada}`]);
    expect(await desk.tickets()).toMatchObject([
      { state: 'grace', holds: ['doubtful_cancel'] },
      { state: 'grace', holds: ['doubtful_cancel'] },
    ]);
  });

  test('that points to somebody else’s ticket pauses the only one of the author, and closes nothing', async () => {
    await using desk = await openTestDesk();
    await desk.mail({
      from: zoe,
      intent: 'delete',
      requests: [sourceRequest({ workspace: { slug: 'globex' }, source: 'Globex Web' })],
    });
    const theirs = await desk.ticket();
    await desk.inGrace();
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${theirs.id}` });
    expect(await desk.tickets()).toMatchObject([
      { state: 'verifying', holds: [] },
      { state: 'grace', holds: ['doubtful_cancel'] },
    ]);
  });

  test('that names one of several by its kind cancels that one', async () => {
    await using desk = await openTestDesk();
    await desk.inGrace();
    await desk.inGrace(spaceRequest());
    await desk.mail({ from: ada, intent: 'cancel', requests: [spaceRequest({ space: null })] });
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['grace', 'cancelled']);
  });

  test('that comes too late is told so, truthfully', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.outlast(ticket);
    const { mails } = await desk.mail({ from: bob, intent: 'cancel', ticket: `PD-${ticket.id}` });
    expect(told(mails)).toEqual([`cancel_too_late > ${bob}`]);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });
});

test('a code typed on the page counts like one in a reply, and the page is answered by mail', async () => {
  await using desk = await openTestDesk();
  const { id, conversation_id: conversationId } = await desk.asked();
  const code = await desk.code();
  const challengeId = (await desk.outbox())[0]!.facts.challenge!.id;
  const type = (given: string) =>
    desk.db.transaction((trx) =>
      answerChallenge(trx, desk.deps, { conversationId, challengeId: null }, given, 'page', {
        kind: 'page',
        challengeId,
        sender: ada,
      }),
    );
  expect(await type('nonsense')).toMatchObject({ kind: 'wrong' });
  expect(await type(code)).toMatchObject({ kind: 'right' });
  expect(await type(code)).toEqual({ kind: 'none' });
  expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  expect(told(await desk.outbox())).toEqual([
    `verify_request > ${ada}`,
    `verify_failed > ${ada}`,
    `grace_started > ${ada}`,
    `owner_notice > ${bob}`,
  ]);
});

describe('a mail that asks for the status', () => {
  test.each([
    { who: 'the requester', from: ada, answer: [`status > ${ada}`] },
    { who: 'another admin', from: bob, answer: [`status > ${bob}`] },
    { who: 'a plain member', from: member, answer: [`not_authorised > ${member}`] },
    { who: 'a stranger', from: stranger, answer: [`not_authorised > ${stranger}`] },
    { who: 'somebody in charge elsewhere', from: zoe, answer: [`pointers > ${zoe}`] },
  ])('from $who is answered with what is theirs', async ({ from, answer }) => {
    await using desk = await openTestDesk();
    const before = await desk.inGrace();
    const { mails } = await desk.mail({ from, intent: 'status', ticket: `PD-${before.id}` });
    expect(told(mails)).toEqual(answer);
    if (from !== ada && from !== bob) expect(JSON.stringify(mails[0]?.facts)).not.toMatch(/acme|PD-/i);
    expect(await desk.ticket(before.id)).toMatchObject({ state: 'grace', holds: [] });
  });

  test('of a workspace without a ticket is answered from the directory', async () => {
    await using desk = await openTestDesk();
    const { mails } = await desk.mail({ from: ada, intent: 'status', requests: [workspaceRequest()] });
    expect(told(mails)).toEqual([`status > ${ada}`]);
    expect(mails[0]?.facts).toMatchObject({
      tickets: [],
      workspace: { slug: 'acme-inc', deletedAt: null, stopped: false },
    });
  });

  test('that fails authentication is answered to nobody', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    const { handled, mails } = await desk.mail({
      from: ada,
      intent: 'status',
      ticket: `PD-${id}`,
      standing: 'failed',
    });
    expect(mails).toEqual([]);
    expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
  });
});

test('a mail about something else is for an agent, and nobody is answered', async () => {
  await using desk = await openTestDesk();
  const { handled, mails } = await desk.mail({ from: ada, intent: 'other' });
  expect(handled).toMatchObject({ disposition: 'other', needsAgent: true });
  expect(mails).toEqual([]);
});

test('one mail makes at most one mail to each recipient, and every chain verifies', async () => {
  await using desk = await openTestDesk();
  await desk.mail({
    from: ada,
    intent: 'delete',
    requests: [sourceRequest(), spaceRequest(), workspaceRequest('globex')],
  });
  await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
  await desk.mail({ from: bob, intent: 'cancel', requests: [workspaceRequest()] });
  const mails = await desk.outbox();
  const pairs = mails.map((mail) => `${mail.cause_message_id} ${mail.recipient}`);
  expect(new Set(pairs).size).toBe(pairs.length);
  expect(await verifyAudit(desk.db)).toMatchObject({ tickets: 3, problems: [] });
});
