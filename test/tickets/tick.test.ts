import { describe, expect, test } from 'vitest';
import { deskNow } from '../../src/db/connection.ts';
import { HOUR_MS } from '../../src/domain/calendar.ts';
import { resumePurges } from '../../src/purge/halt.ts';
import { tick } from '../../src/tickets/tick.ts';
import { grace as agent, planHash, policy } from './cast.ts';
import { ada, bob, openTestDesk, sourceRequest, spaceRequest, type TestDesk, told } from './desk.ts';

const release = (desk: TestDesk, id: number, reason: 'agent' | 'review' = 'agent') =>
  desk.act({ id, event: { type: 'released', reason, by: agent, note: '' } });
const hold = (desk: TestDesk, id: number) =>
  desk.act({ id, event: { type: 'held', reason: 'agent', by: agent, note: '' } });
/** What was written since `before` mails. */
const since = async (desk: TestDesk, before: number) => told((await desk.outbox()).slice(before));

describe('before the verification', () => {
  test('a challenge is reminded of once after a day, with the same code', async () => {
    await using desk = await openTestDesk();
    await desk.asked();
    const code = await desk.code();
    await desk.pass(23.9);
    expect(await desk.tick()).toBe(0);
    await desk.pass(0.2);
    await desk.tick();
    await desk.tick();
    const mails = await desk.outbox();
    expect(told(mails)).toEqual([`verify_request > ${ada}`, `verify_request > ${ada}`]);
    expect(mails[1]?.facts.challenge).toMatchObject({ reminder: true });
    expect(await desk.code()).toBe(code);
  });

  test('a reminder never asks for a code that nobody can answer: it carries a new one', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.db('challenges').update({ voided_at: new Date() });
    await desk.pass(24.1);
    await desk.tick();
    const [, reminder] = await desk.outbox();
    expect(reminder?.facts.challenge).toMatchObject({ triesLeft: 5 });
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test('a code that is locked is not reminded of', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.act({ id, event: { type: 'challenge_failed', triesLeft: 0 } });
    const before = (await desk.outbox()).length;
    await desk.pass(30);
    await desk.tick();
    expect(await since(desk, before)).toEqual([]);
    expect((await desk.ticket(id)).wake_at! > (await deskNow(desk.db))).toBe(true);
  });

  test('a challenge that nobody answers expires after 72 hours, and the requester hears of it', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.pass(72.1);
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'expired', wake_at: null });
    expect(told(await desk.outbox()).at(-1)).toBe(`expired > ${ada}`);
  });

  test('D12 two tickets of a conversation are reminded of, and expire, in one mail', async () => {
    await using desk = await openTestDesk();
    await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest(), spaceRequest()] });
    const [first, second] = await desk.tickets();
    const before = (await desk.outbox()).length;
    await desk.pass(24.1);
    await desk.tick();
    expect(await since(desk, before)).toEqual([`verify_request > ${ada}`]);
    await desk.pass(48);
    await desk.tick();
    expect(await since(desk, before)).toEqual([`verify_request > ${ada}`, `expired > ${ada}`]);
    const expired = (await desk.outbox()).at(-1);
    expect(expired?.ticket_ids).toEqual([first?.id, second?.id]);
  });

  test('an incomplete request expires after 14 days', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked(sourceRequest({ timeFrame: null }));
    await desk.pass(14 * 24 - 0.1);
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'needs_details' });
    await desk.pass(0.2);
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'expired' });
  });

  test('a second ticket in the conversation starts the clocks of both anew', async () => {
    await using desk = await openTestDesk();
    const first = await desk.asked();
    await desk.pass(60);
    await desk.mail({ from: ada, intent: 'delete', ticket: `PD-${first.id}`, requests: [spaceRequest()] });
    await desk.pass(20);
    await desk.tick();
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['verifying', 'verifying']);
  });
});

describe('holds that lift themselves', () => {
  test('a settled invoice starts the full grace, and everybody hears of it', async () => {
    await using desk = await openTestDesk();
    await desk.db('blockers').insert({ workspace_id: 'ws_acme', kind: 'billing' });
    const { id, state } = await desk.inGrace(sourceRequest(), false);
    expect(state).toBe('verifying');
    await desk.pass(200);
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', holds: ['billing'] });
    await desk.db('blockers').delete();
    const before = (await desk.outbox()).length;
    await desk.tick();
    const ticket = await desk.ticket(id);
    expect(ticket).toMatchObject({ state: 'grace', holds: [] });
    const now = await deskNow(desk.db);
    expect(ticket.grace_ends_at!.getTime() - now.getTime()).toBeGreaterThanOrEqual(119 * HOUR_MS);
    expect(await since(desk, before)).toEqual([`grace_started > ${ada}`, `owner_notice > ${bob}`]);
  });

  test('while purging is off every ticket stops in its grace; switched on, a notice and a day come first', async () => {
    await using desk = await openTestDesk({ ...policy, purgeEnabled: false });
    const ticket = await desk.inGrace();
    expect(ticket.holds).toEqual(['purging_off']);
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['purging_off'] });
    expect(told(await desk.outbox()).join()).not.toMatch(/purge_started|grace_reminder/);
    const on = { ...desk.deps, policy };
    await tick(desk.db, on, (error) => expect.unreachable(String(error)));
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: [] });
    await desk.pass(23.9);
    await tick(desk.db, on, (error) => expect.unreachable(String(error)));
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace' });
    await desk.pass(0.2);
    await tick(desk.db, on, (error) => expect.unreachable(String(error)));
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });

  test('while all purges are halted none starts; resumed, it starts by itself, with no hold, notice or day between', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.db('purge_switch').update({ halted_at: new Date(), halted_by: 'ada', reason: 'a call' });
    await desk.pass(6 * 24);
    const before = (await desk.outbox()).length;
    await desk.tick();
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: [], not_before: null });
    expect(await since(desk, before)).toEqual([]);
    const enqueue = async () => undefined;
    await resumePurges({ db: desk.db, enqueue }, { agent: 'ada', reason: 'all is well' });
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'purging' });
    expect(await since(desk, before)).toEqual([`purge_started > ${ada}`]);
  });

  test('an agent who lifts purging_off by hand starts nothing while it is off', async () => {
    await using desk = await openTestDesk({ ...policy, purgeEnabled: false });
    const ticket = await desk.inGrace();
    await desk.act({
      id: ticket.id,
      event: { type: 'released', reason: 'purging_off', by: agent, note: '' },
    });
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: ['purging_off'] });
  });

  test('a closed ticket that was held is not looked at again', async () => {
    await using desk = await openTestDesk();
    await desk.db('blockers').insert({ workspace_id: 'ws_acme', kind: 'billing' });
    const { id } = await desk.inGrace(sourceRequest(), false);
    expect(await desk.tick()).toBe(1);
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    expect(await desk.tick()).toBe(0);
  });
});

describe('in the grace', () => {
  test('a day before its end everybody is reminded once, and at its end the purge starts', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const before = (await desk.outbox()).length;
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 24 * HOUR_MS));
    await desk.tick();
    await desk.tick();
    expect(await since(desk, before)).toEqual([`grace_reminder > ${ada}`, `grace_reminder > ${bob}`]);
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 5_000));
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace' });
    await desk.until(ticket.grace_ends_at!);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging', plan_hash: planHash });
    expect(await since(desk, before + 2)).toEqual([`purge_started > ${ada}`]);
    expect(await desk.jobs()).toContainEqual({ task: 'purge.step', key: `step:${ticket.id}:1` });
  });

  test('a reminder that was due while something else happened still goes out', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 20 * HOUR_MS));
    await desk.mail({ from: ada, intent: 'status', ticket: `PD-${ticket.id}` });
    const before = (await desk.outbox()).length;
    await desk.tick();
    expect(await since(desk, before)).toEqual([`grace_reminder > ${ada}`, `grace_reminder > ${bob}`]);
  });

  test('a ticket held at the hour of its reminder is reminded of after the release', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await hold(desk, ticket.id);
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 24 * HOUR_MS));
    const before = (await desk.outbox()).length;
    await desk.tick();
    expect(await since(desk, before)).toEqual([]);
    await desk.pass(20);
    await release(desk, ticket.id);
    await desk.tick();
    await desk.tick();
    expect(await since(desk, before)).toEqual([`grace_reminder > ${ada}`, `grace_reminder > ${bob}`]);
  });

  test('an owner who came during the grace is reminded like the others', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.db('members').insert({ workspace_id: 'ws_acme', address: 'new@acme.example', role: 'owner' });
    const before = (await desk.outbox()).length;
    await desk.until(new Date(ticket.grace_ends_at!.getTime() - 24 * HOUR_MS));
    await desk.tick();
    expect(await since(desk, before)).toContain('grace_reminder > new@acme.example');
  });

  test('without a plan nothing starts, and the rehearsal is asked for again', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace(sourceRequest(), false);
    await desk.db.raw('delete from graphile_worker._private_jobs');
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds: [] });
    expect(await desk.jobs()).toContainEqual({ task: 'purge.rehearse', key: `rehearse:${ticket.id}` });
    await desk.act({
      id: ticket.id,
      event: { type: 'rehearsed', planHash, estimate: 10, overCap: false },
    });
    await desk.pass(1);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });

  test.each([
    {
      title: 'the requester lost the role',
      change: (desk: TestDesk) => desk.db('members').where({ address: ada }).update({ role: 'member' }),
      holds: ['review'],
    },
    {
      title: 'the requester was removed',
      change: (desk: TestDesk) =>
        desk.db('members').where({ address: ada }).update({ removed_at: new Date() }),
      holds: ['review'],
    },
    {
      title: 'the workspace was made anew under the same ID',
      change: (desk: TestDesk) =>
        desk.db('workspaces').where({ id: 'ws_acme' }).update({ created_at: new Date() }),
      holds: ['review'],
    },
    {
      title: 'the requester was erased',
      change: (desk: TestDesk) => desk.db('tickets').update({ requester: null }),
      holds: ['review'],
    },
    {
      title: 'an owner stopped the workspace by mail',
      change: (desk: TestDesk) =>
        desk
          .db('workspace_stops')
          .insert({ workspace_id: 'ws_acme', placed_by_hash: 'x', placed_at: new Date() }),
      holds: ['doubtful_cancel'],
    },
  ])(
    'P01 where $title by the end of the grace, nothing starts and an agent decides',
    async ({ change, holds }) => {
      await using desk = await openTestDesk();
      const ticket = await desk.inGrace();
      await change(desk);
      await desk.outlast(ticket);
      await desk.pass(48);
      await desk.tick();
      expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', holds, wake_at: null });
      expect((await desk.jobs()).map((job) => job.task)).not.toContain('purge.step');
    },
  );

  test('a ticket released after its grace has ended waits a day, and everybody hears of it first', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await hold(desk, ticket.id);
    await desk.outlast(ticket);
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace', wake_at: null });
    const before = (await desk.outbox()).length;
    await release(desk, ticket.id);
    await desk.tick();
    expect(await since(desk, before)).toEqual([`grace_reminder > ${ada}`, `grace_reminder > ${bob}`]);
    await desk.pass(23.9);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace' });
    await desk.pass(0.2);
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
    expect(await since(desk, before + 2)).toEqual([`purge_started > ${ada}`]);
  });
});

describe('many tickets', () => {
  test('one that fails does not stop the others', async () => {
    await using desk = await openTestDesk();
    const bad = await desk.inGrace();
    const good = await desk.inGrace(spaceRequest());
    await desk.until(good.grace_ends_at!);
    const errors: number[] = [];
    const recheck: typeof desk.deps.recheck = (trx, target, requester) =>
      target.scope === 'source'
        ? Promise.reject(new Error('the directory is away'))
        : desk.deps.recheck(trx, target, requester);
    await tick(desk.db, { ...desk.deps, recheck }, (_error, id) => errors.push(id));
    expect(errors).toEqual([bad.id]);
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['grace', 'purging']);
  });

  test('a ticket that is due has its turn, however many others wait for an invoice', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.db.raw(`
      with copies as (
        insert into tickets (id, conversation_id, origin, scope, request, target, digest, workspace_ids, requester,
          requester_hash, requested_at, due_at, verdict, state, state_since, verified_at)
        select n, conversation_id, origin, scope, request, target, digest, workspace_ids, requester,
          requester_hash, requested_at, due_at, verdict, 'verifying', state_since, verified_at
        from tickets, generate_series(1, 40) n returning id)
      insert into holds (ticket_id, reason, placed_by, placed_at) select id, 'billing', 'desk', now() from copies`);
    await desk.db('blockers').insert({ workspace_id: 'ws_acme', kind: 'billing' });
    const { grace_ends_at: end } = await desk.ticket(id);
    await desk.until(end!);
    expect(await desk.tick(20)).toBe(20);
    expect(await desk.ticket(id)).toMatchObject({ state: 'purging' });
  });

  test('a ticket that somebody is deciding is left alone, and nobody waits', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.until(ticket.grace_ends_at!);
    const holder = await desk.db.transaction();
    await holder('tickets').where({ id: ticket.id }).forUpdate();
    await desk.tick();
    await holder.rollback();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'grace' });
    await desk.tick();
    expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging' });
  });
});

test('once a day all chains are tied to the day before', async () => {
  await using desk = await openTestDesk();
  await desk.asked();
  await desk.tick();
  await desk.tick();
  await desk.pass(24);
  await desk.tick();
  const anchors = await desk.db('audit_anchors').select('tickets', 'hash', 'previous_hash').orderBy('day');
  expect(anchors).toHaveLength(2);
  expect(anchors[0]).toMatchObject({ tickets: 1, previous_hash: '' });
  expect(anchors[1].previous_hash).toBe(anchors[0].hash);
});
