/** A workspace deleted long ago, of which nobody in charge is known any more. Real database, judge and directory. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approvePlan, vouchFor } from '../../src/commands/approve-ticket.ts';
import { isSameAgent } from '../../src/domain/agents.ts';
import { graceEnd } from '../../src/domain/calendar.ts';
import { ticketId } from '../../src/domain/ids.ts';
import type { DeletionRequest } from '../../src/domain/request.ts';
import type { Ticket, TicketEvent } from '../../src/domain/ticket.ts';
import { requestDigest } from '../../src/tickets/correct.ts';
import { transition } from '../../src/tickets/transition.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { grace as agent, EVENTS, planHash, policy, ticketIn } from './cast.ts';
import { ada, openTestDesk, stranger, type TestDesk, told, workspaceRequest } from './desk.ts';

const otherPlan = 'b'.repeat(64);
const byId: DeletionRequest = { ...workspaceRequest(), workspace: { id: 'ws_old' } };

/** ws_old was deleted in 2021; whoever was in charge of it left before. */
async function openDesk(): Promise<TestDesk> {
  const desk = await openTestDesk();
  await desk.db('workspaces').insert({
    id: 'ws_old',
    slug: 'umbrella-old',
    name: 'Umbrella',
    created_at: '2018-01-01T00:00:00Z',
    deleted_at: '2021-06-01T00:00:00Z',
  });
  await desk.db('members').insert([
    {
      workspace_id: 'ws_old',
      address: 'old@umbrella.example',
      role: 'owner',
      removed_at: '2021-01-01T00:00:00Z',
    },
    { workspace_id: 'ws_old', address: 'clerk@umbrella.example', role: 'member' },
  ]);
  return desk;
}

const ask = (desk: TestDesk, from = stranger, request = byId) =>
  desk.mail({ from, intent: 'delete', requests: [request] });

const orders = (desk: TestDesk) => ({ db: desk.db, tickets: desk.deps, decide: desk.decide });

const vouchBy = (desk: TestDesk, id: number, name: string, seen: DeletionRequest | null = null) =>
  vouchFor(orders(desk), ticketId(id), {
    agent: name,
    reason: 'the liquidator’s letter of 3 May',
    seen: seen === null ? null : requestDigest(seen),
  });
const approveBy = (desk: TestDesk, id: number, name: string, plan = planHash) =>
  approvePlan(orders(desk), ticketId(id), { agent: name, reason: 'seen', planHash: plan });
const rehearse = (desk: TestDesk, id: number, plan = planHash) =>
  desk.act({ id, event: { type: 'rehearsed', planHash: plan, estimate: 10, overCap: false } });

/** Up to the plan that waits for its two approvals. */
async function planned(desk: TestDesk): Promise<number> {
  await ask(desk);
  const { id } = await desk.ticket();
  await vouchBy(desk, id, 'Grace');
  await rehearse(desk, id);
  return id;
}

describe('the request', () => {
  test.each([
    { title: 'by ID', request: byId },
    { title: 'by slug', request: workspaceRequest('umbrella-old') },
  ])('$title waits for agents and starts nothing by itself', async ({ request }) => {
    await using desk = await openDesk();
    const { handled } = await ask(desk, stranger, request);
    expect(await desk.ticket()).toMatchObject({ state: 'received', verdict: 'ownerless', holds: ['review'] });
    expect(handled.needsAgent).toBe(true);
    expect((await desk.jobs()).map((job) => job.task)).not.toContain('purge.rehearse');
  });

  test('T28 its author hears what any stranger hears', async () => {
    await using desk = await openDesk();
    const unknown = await ask(desk, 'a@nobody.example', workspaceRequest('never-was'));
    const known = await ask(desk, 'b@nobody.example', workspaceRequest('globex'));
    const ownerless = await ask(desk, 'c@nobody.example');
    const seen = [unknown, known, ownerless].map(({ mails }) =>
      mails.map(({ facts: { tag: _tag, at: _at, tickets, ...facts } }) => [
        facts,
        tickets.map(({ target }) => target),
      ]),
    );
    expect(seen[2]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[1]);
    expect(told(ownerless.mails)).toEqual(['not_authorised > c@nobody.example']);
  });

  test.each([
    { title: 'a member of it who was never in charge', from: 'clerk@umbrella.example' },
    { title: 'the owner of another workspace', from: ada },
  ])('$title gets no further than a stranger', async ({ from }) => {
    await using desk = await openDesk();
    await ask(desk, from);
    expect(await desk.ticket()).toMatchObject({ state: 'received', verdict: 'ownerless', holds: ['review'] });
  });

  test.each<{ title: string; change: (desk: TestDesk) => Promise<unknown> }>([
    {
      title: 'a workspace that lives',
      change: (desk) => desk.db('workspaces').where({ id: 'ws_old' }).update({ deleted_at: null }),
    },
    {
      title: 'a deleted workspace with a known admin',
      change: (desk) =>
        desk.db('members').where({ address: 'clerk@umbrella.example' }).update({ role: 'admin' }),
    },
    {
      title: 'a slug that another workspace has too',
      change: (desk) =>
        desk.db('workspaces').insert({
          id: 'ws_new',
          slug: 'umbrella-old',
          name: 'Umbrella',
          created_at: '2022-01-01T00:00:00Z',
        }),
    },
    {
      title: 'a slug that another deleted workspace has too',
      change: (desk) =>
        desk.db('workspaces').insert({
          id: 'ws_old_too',
          slug: 'umbrella-old',
          name: 'Umbrella',
          created_at: '2016-01-01T00:00:00Z',
          deleted_at: '2017-01-01T00:00:00Z',
        }),
    },
  ])('$title is nothing that agents could vouch for', async ({ change }) => {
    await using desk = await openDesk();
    await change(desk);
    await ask(desk, stranger, workspaceRequest('umbrella-old'));
    expect((await desk.ticket()).state).toBe('rejected');
  });

  test('only all of it can be asked for', async () => {
    await using desk = await openDesk();
    await ask(desk, stranger, { ...byId, scope: 'user', users: ['u1'] });
    expect((await desk.ticket()).state).toBe('rejected');
  });

  test('an agent who merely lets the mail pass has vouched for nothing', async () => {
    await using desk = await openDesk();
    await ask(desk);
    const { id } = await desk.ticket();
    await desk.act({ id, event: { ...EVENTS.released, reason: 'review', by: agent } });
    await desk.rejudge(id);
    expect(await desk.ticket(id)).toMatchObject({ state: 'received', holds: ['review'] });
  });
});

describe('W06 two agents', () => {
  test('vouch and approve: the grace starts in full, and the notices go to the address that was vouched for', async () => {
    await using desk = await openDesk();
    await ask(desk);
    const { id } = await desk.ticket();
    const before = (await desk.outbox()).length;
    await vouchBy(desk, id, 'Grace');
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', vouched_by: 'Grace', holds: [] });
    expect((await desk.jobs()).map((job) => job.task)).toContain('purge.rehearse');
    await rehearse(desk, id);
    expect(await approveBy(desk, id, 'Grace')).toMatchObject({ kind: 'stayed' });
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', verdict: 'ownerless' });
    expect((await desk.outbox()).length).toBe(before);
    await desk.pass(30);
    expect(await approveBy(desk, id, 'Linus')).toMatchObject({ kind: 'moved' });
    const ticket = await desk.ticket(id);
    expect(ticket).toMatchObject({ state: 'grace', verdict: 'entitled', approved_by: ['Grace', 'Linus'] });
    expect(ticket.grace_ends_at).toEqual(graceEnd(ticket.verified_at!));
    const mails = (await desk.outbox()).slice(before);
    expect(told(mails)).toEqual([`grace_started > ${stranger}`]);
    expect(mails[0]?.facts.tickets[0]?.unconfirmed).toBe(true);
    const events = await desk
      .db('ticket_events')
      .select('type', 'actor', 'details')
      .where({ ticket_id: id })
      .orderBy('seq');
    expect(events.slice(-4)).toMatchObject([
      { type: 'vouched', actor: 'agent:Grace' },
      { type: 'rehearsed' },
      { type: 'approved', actor: 'agent:Grace', details: { planHash, approvals: 1 } },
      { type: 'approved', actor: 'agent:Linus', details: { planHash, approvals: 2 } },
    ]);
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
    await desk.outlast(ticket);
    expect(await desk.ticket(id)).toMatchObject({ state: 'purging', holds: [] });
  });

  test('are two: the first cannot approve again, under no spelling of the name', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Grace Hopper');
    for (const name of [
      'Grace Hopper',
      'grace hopper',
      'GRACE.HOPPER',
      'Ｇｒａｃｅ Hopper',
      'grace-hopper',
    ]) {
      expect(await approveBy(desk, id, name)).toMatchObject({ kind: 'refused', why: 'same_agent' });
    }
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', approved_by: ['Grace Hopper'] });
  });

  test('keep their words with the ticket, and a keyed hash of them in its chain', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Linus');
    expect(await desk.db('agent_notes').select('agent', 'act', 'note').orderBy('id')).toEqual([
      { agent: 'Grace', act: 'vouched', note: 'the liquidator’s letter of 3 May' },
      { agent: 'Linus', act: 'approved', note: 'seen' },
    ]);
    expect(await desk.db('holds').select('lifted_by', 'lift_note').where({ ticket_id: id })).toEqual([
      { lifted_by: 'agent:Grace', lift_note: 'the liquidator’s letter of 3 May' },
    ]);
    const chain = JSON.stringify(await desk.db('ticket_events').select('details'));
    expect(chain).not.toContain('liquidator');
    expect(chain).toMatch(/"reason":"[0-9a-f]{32}"/);
  });

  test('start again when the plan changes after the first approval', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Grace');
    await rehearse(desk, id, otherPlan);
    expect(await desk.ticket(id)).toMatchObject({ approved_by: [], holds: ['review'] });
    await desk.act({ id, event: { ...EVENTS.released, reason: 'review', by: agent } });
    expect(await approveBy(desk, id, 'Linus', planHash)).toMatchObject({
      kind: 'refused',
      why: 'plan_changed',
    });
    expect(await approveBy(desk, id, 'Linus', otherPlan)).toMatchObject({ kind: 'stayed' });
    expect(await approveBy(desk, id, 'Grace', otherPlan)).toMatchObject({ kind: 'moved' });
  });

  test('start again when it changes in the grace, which then begins anew', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Grace');
    await approveBy(desk, id, 'Linus');
    const first = await desk.ticket(id);
    await desk.pass(100);
    await rehearse(desk, id, otherPlan);
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', approved_by: [], holds: ['review'] });
    await desk.act({ id, event: { ...EVENTS.released, reason: 'review', by: agent } });
    await approveBy(desk, id, 'Grace', otherPlan);
    await approveBy(desk, id, 'Linus', otherPlan);
    const again = await desk.ticket(id);
    expect(again.state).toBe('grace');
    expect(again.grace_ends_at! > first.grace_ends_at!).toBe(true);
  });

  test('start again when it changes after the purge was started and before its first step', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Grace');
    await approveBy(desk, id, 'Linus');
    await desk.outlast(await desk.ticket(id));
    expect((await desk.ticket(id)).state).toBe('purging');
    await rehearse(desk, id, otherPlan);
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', approved_by: [], holds: ['review'] });
    await desk.act({ id, event: { ...EVENTS.released, reason: 'review', by: agent } });
    await approveBy(desk, id, 'Grace', otherPlan);
    await approveBy(desk, id, 'Linus', otherPlan);
    await desk.outlast(await desk.ticket(id));
    expect(await desk.ticket(id)).toMatchObject({ state: 'purging', plan_hash: otherPlan });
  });

  test.each([
    { title: 'an owner who is known again', role: 'owner' },
    { title: 'an admin who is known again', role: 'admin' },
  ])(
    'are not asked any more where there is $title: the purge stops, and that person can cancel',
    async ({ role }) => {
      await using desk = await openDesk();
      const id = await planned(desk);
      await approveBy(desk, id, 'Grace');
      await approveBy(desk, id, 'Linus');
      await desk.db('members').insert({ workspace_id: 'ws_old', address: 'new@umbrella.example', role });
      await desk.outlast(await desk.ticket(id));
      expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['review'] });
      await desk.mail({ from: 'new@umbrella.example', intent: 'cancel', requests: [byId] });
      expect((await desk.ticket(id)).state).toBe('cancelled');
    },
  );

  test.each<{ title: string; change: object }>([
    { title: 'lives again', change: { deleted_at: null } },
    { title: 'was made anew', change: { created_at: '2025-01-01T00:00:00Z' } },
  ])('cannot purge what $title', async ({ change }) => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Grace');
    await approveBy(desk, id, 'Linus');
    await desk.db('workspaces').where({ id: 'ws_old' }).update(change);
    await desk.outlast(await desk.ticket(id));
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['review'] });
  });

  test('cannot vouch where the directory knows somebody since the mail came', async () => {
    await using desk = await openDesk();
    await ask(desk);
    const { id } = await desk.ticket();
    await desk.db('members').where({ address: 'old@umbrella.example' }).update({ removed_at: null });
    expect(await vouchBy(desk, id, 'Grace')).toMatchObject({ kind: 'refused', why: 'not_ownerless' });
    expect(await desk.ticket(id)).toMatchObject({ state: 'received', holds: ['review'] });
  });

  test('vouch for what they looked at, and for nothing that it was changed into', async () => {
    await using desk = await openDesk();
    await ask(desk);
    const { id } = await desk.ticket();
    const other = { ...byId, workspace: { slug: 'umbrella-old' } };
    expect(await vouchBy(desk, id, 'Grace', other)).toMatchObject({ kind: 'refused', why: 'scope_changed' });
    expect(await desk.ticket(id)).toMatchObject({ state: 'received', holds: ['review'] });
    expect(await vouchBy(desk, id, 'Grace', byId)).toMatchObject({ kind: 'moved' });
  });

  test.each([
    { title: 'is shut out', change: { disabled_at: new Date(0) } },
    { title: 'is no approver any more', change: { role: 'agent' } },
  ])('are not two when the first $title before the second approves', async ({ change }) => {
    await using desk = await openDesk();
    const id = await planned(desk);
    const agents = ['Ida', 'Sam'].map((name) => ({ name, plain_name: name.toLowerCase(), role: 'approver' }));
    await desk.db('agents').insert(agents);
    await approveBy(desk, id, 'Ida');
    await desk.db('agents').where({ name: 'Ida' }).update(change);
    expect(await approveBy(desk, id, 'Sam')).toMatchObject({ kind: 'stayed' });
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', approved_by: ['Sam'] });
    expect(await approveBy(desk, id, 'Linus')).toMatchObject({ kind: 'moved' });
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  });

  test('cannot vouch for somebody who can answer a code by now', async () => {
    await using desk = await openDesk();
    await ask(desk, 'clerk@umbrella.example');
    const { id } = await desk.ticket();
    await desk.db('members').where({ address: 'clerk@umbrella.example' }).update({ role: 'owner' });
    expect(await vouchBy(desk, id, 'Grace')).toMatchObject({ kind: 'refused', why: 'not_ownerless' });
  });

  test('whoever was vouched for can cancel, and so can an agent before', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    await approveBy(desk, id, 'Grace');
    await approveBy(desk, id, 'Linus');
    await desk.mail({ from: stranger, intent: 'cancel', ticket: `PD-${id}` });
    expect((await desk.ticket(id)).state).toBe('cancelled');
  });

  test('the database itself lets no vouched ticket into its grace with one of them', async () => {
    await using desk = await openDesk();
    const id = await planned(desk);
    const forged = {
      state: 'grace',
      verdict: 'entitled',
      grace_started_at: new Date(),
      grace_ends_at: new Date(Date.now() + 6 * 86_400_000),
      verified_at: new Date(0),
    };
    for (const approved_by of [[], ['Grace'], ['Grace', 'grace']]) {
      await expect(
        desk
          .db('tickets')
          .where({ id })
          .update({ ...forged, approved_by }),
      ).rejects.toThrow('tickets_vouched_take_two_agents');
    }
    const byCorrector = { ...forged, corrected_by: ['Grace'], approved_by: ['Grace', 'Linus'] };
    await expect(desk.db('tickets').where({ id }).update(byCorrector)).rejects.toThrow(
      'tickets_vouched_keep_correctors_out',
    );
  });
});

test('two spellings of a name are one agent; two names are two', () => {
  for (const same of ['grace', 'GRACE', ' Grace', 'g.r.a.c.e', 'Ｇrace'])
    expect(isSameAgent('Grace', same)).toBe(true);
  for (const other of ['Linus', 'Graces', 'Grac']) expect(isSameAgent('Grace', other)).toBe(false);
});

/** The way to the purge, into which other events are strewn: few random walks alone would come that far. */
const WAY: readonly TicketEvent[] = [
  EVENTS.rehearsed,
  { ...EVENTS.released, reason: 'review' },
  { ...EVENTS.released, reason: 'agent' },
  { ...EVENTS.approved, by: { kind: 'agent', name: 'Grace' } },
  { ...EVENTS.approved, by: { kind: 'agent', name: 'Linus' } },
  EVENTS.grace_elapsed,
];

test('whatever else happens, no vouched ticket waits or purges without two agents who approved that very plan', () => {
  const names = ['Grace', 'grace', 'Linus', 'Margaret'];
  const event: fc.Arbitrary<TicketEvent> = fc.oneof(
    fc.constantFrom<TicketEvent>(EVENTS.held, EVENTS.blockers_changed, EVENTS.judged, EVENTS.vouched),
    { weight: 2, arbitrary: fc.constant<TicketEvent>(EVENTS.grace_elapsed) },
    fc
      .constantFrom(planHash, otherPlan)
      .map((hash): TicketEvent => ({ ...EVENTS.rehearsed, planHash: hash })),
    {
      weight: 4,
      arbitrary: fc
        .record({ name: fc.constantFrom(...names), hash: fc.constantFrom(planHash, otherPlan) })
        .map(
          ({ name, hash }): TicketEvent => ({
            type: 'approved',
            by: { kind: 'agent', name },
            planHash: hash,
          }),
        ),
    },
    ...(['agent', 'billing', 'review'] as const).map((reason) => ({
      weight: 2,
      arbitrary: fc.constant<TicketEvent>({ ...EVENTS.released, reason }),
    })),
  );
  let reached = 0;
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 2 }), { minLength: 12, maxLength: 12 }), (strewn) => {
      const events = strewn.flatMap((some, index) => [...some, WAY[index % WAY.length] ?? EVENTS.held]);
      let ticket: Ticket = transition(
        ticketIn('received', { holds: ['review'] }),
        EVENTS.vouched,
        policy,
        new Date(0),
      ).ticket;
      const approvals = new Map<string, Set<string>>();
      for (const [index, each] of events.entries()) {
        const before = ticket;
        const outcome = transition(ticket, each, policy, new Date(index * 7 * 86_400_000));
        ticket = outcome.ticket;
        if (outcome.kind === 'refused') continue;
        if (each.type === 'rehearsed' && 'planHash' in before && before.planHash !== each.planHash)
          approvals.clear();
        if (each.type === 'approved' && each.by.kind === 'agent') {
          approvals.set(
            each.planHash,
            (approvals.get(each.planHash) ?? new Set()).add(each.by.name.toLowerCase()),
          );
        }
        if (ticket.state === 'grace' || ticket.state === 'purging') {
          reached += 1;
          expect(approvals.get(ticket.planHash ?? '')?.size ?? 0).toBeGreaterThanOrEqual(2);
        }
      }
    }),
    { numRuns: 3_000 },
  );
  expect(reached).toBeGreaterThan(300);
});
