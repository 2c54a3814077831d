import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { deskNow } from '../../src/db/connection.ts';
import { ticketId } from '../../src/domain/ids.ts';
import { decide, readTickets } from '../../src/tickets/ticket-store.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { untilBackendsWait } from '../support/database.ts';
import { grace as agent, EVENTS, planHash, policy } from './cast.ts';
import { ada, openTestDesk, sourceRequest, spaceRequest, type TestDesk } from './desk.ts';

/** All that a decision may write. */
async function everything(desk: TestDesk) {
  const { db } = desk;
  return {
    tickets: await db('tickets').orderBy('id'),
    events: await db('ticket_events').orderBy(['ticket_id', 'seq']),
    holds: await db('holds').orderBy('id'),
    parties: await db('parties').orderBy(['ticket_id', 'address']),
    challenges: await db('challenges').orderBy('created_at'),
    outbox: await db('outbox').orderBy('id'),
    jobs: await desk.jobs(),
  };
}

const desked = { kind: 'desk' } as const;

describe('a decision', () => {
  test('writes state, event, mails and jobs together', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const before = await everything(desk);
    await desk.mail({ from: ada, intent: 'verify', code: await desk.code() });
    const after = await everything(desk);
    expect(after.tickets[0]).toMatchObject({ state: 'grace', audit_seq: before.tickets[0].audit_seq + 1 });
    expect(after.events.at(-1)).toMatchObject({
      ticket_id: id,
      type: 'challenge_answered',
      was: 'verifying',
      became: 'grace',
      actor: `party:${desk.hash(ada)}:owner`,
      previous_hash: before.tickets[0].audit_head,
      hash: after.tickets[0].audit_head,
    });
    expect(after.outbox.length).toBe(before.outbox.length + 2);
    expect(after.jobs.map((job) => job.task)).toEqual(['outbox.flush', 'purge.rehearse', 'outbox.flush']);
    expect(after.jobs).toContainEqual({ task: 'purge.rehearse', key: `rehearse:${id}` });
  });

  test.each([
    {
      title: 'its last write fails',
      fail: async (trx: Knex.Transaction) => {
        await trx.raw('select 1/0');
      },
    },
    {
      title: 'the process stops behind it',
      fail: () => Promise.reject(new Error('killed')),
    },
  ])('leaves nothing when $title', async ({ fail }) => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    await desk.act({ id, event: EVENTS.held });
    const before = await everything(desk);
    const attempt = desk.db.transaction(async (trx) => {
      await decide(trx, desk.deps, desked, [
        { ticketId: ticketId(id), event: { ...EVENTS.held, reason: 'review' } },
        { ticketId: ticketId(id), event: EVENTS.released },
        { ticketId: ticketId(id), event: EVENTS.lapsed },
      ]);
      await fail(trx);
    });
    await expect(attempt).rejects.toThrow();
    expect(await everything(desk)).toEqual(before);
  });

  test('leaves nothing when what must stand beside it cannot be written', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.outlast(ticket);
    const before = await everything(desk);
    const finish = desk.db.transaction((trx) =>
      decide(trx, desk.deps, desked, [
        { ticketId: ticketId(ticket.id), event: EVENTS.purge_finished, within: () => Promise.resolve() },
      ]),
    );
    await expect(finish).rejects.toMatchObject({ code: 'PD004' });
    expect(await everything(desk)).toEqual(before);
  });

  test('that is refused writes nothing at all, and runs nothing beside it', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const before = await everything(desk);
    let ran = false;
    const decision = await desk.db.transaction((trx) =>
      decide(trx, desk.deps, desked, [
        {
          ticketId: ticketId(id),
          event: EVENTS.purge_finished,
          within: async () => {
            ran = true;
          },
        },
      ]),
    );
    expect(decision).toMatchObject({ outcomes: [{ kind: 'refused' }], mails: 0 });
    expect(ran).toBe(false);
    expect(await everything(desk)).toEqual(before);
  });

  test('about a ticket that does not exist is a fault', async () => {
    await using desk = await openTestDesk();
    await expect(desk.act({ id: 999_999, event: EVENTS.status_asked })).rejects.toMatchObject({
      code: 'PD_TICKET_NOT_FOUND',
    });
  });

  test('reads a row that lacks what its state guarantees as a fault, never as a ticket', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.db.raw('alter table tickets drop constraint tickets_grace_is_five_days');
    await desk.db('tickets').where({ id }).update({ grace_ends_at: null });
    await expect(readTickets(desk.db, [ticketId(id)])).rejects.toMatchObject({ code: 'PD_TICKET_CORRUPT' });
  });
});

/** Holds the rows, lets the attempts queue up behind them one after the other, and then lets go. */
async function raced<T>(desk: TestDesk, ids: readonly number[], attempts: readonly (() => Promise<T>)[]) {
  const holder = await desk.db.transaction();
  await holder('tickets').whereIn('id', ids).orderBy('id').forUpdate();
  const running: Promise<T>[] = [];
  for (const attempt of attempts) {
    running.push(attempt());
    await untilBackendsWait(desk.db, running.length);
  }
  await holder.rollback();
  return Promise.all(running);
}

describe('two at once', () => {
  test('of two agents who approve one moves the ticket and one is refused', async () => {
    await using desk = await openTestDesk({ ...policy, review: 'all' });
    const { id } = await desk.inGrace();
    expect(await desk.ticket(id)).toMatchObject({ state: 'approval', plan_hash: planHash });
    const before = (await desk.outbox()).length;
    const approve = () => desk.act({ id, event: EVENTS.approved });
    const decisions = await raced(desk, [id], [approve, approve]);
    expect(decisions.flatMap((one) => one.outcomes.map(({ kind }) => kind)).sort()).toEqual([
      'moved',
      'refused',
    ]);
    expect((await desk.outbox()).length).toBe(before + 2);
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  });

  test('of a cancel and the end of the grace exactly one wins, and the answer says which', async () => {
    await using desk = await openTestDesk();
    const seen = new Set<string>();
    const rounds = 6;
    for (let round = 0; round < rounds; round += 1) {
      const days = `2023-0${round + 1}-0`;
      const ticket = await desk.inGrace(sourceRequest({ timeFrame: { from: `${days}1`, to: `${days}2` } }));
      const { id } = ticket;
      await desk.until(ticket.grace_ends_at!);
      const cancel = () =>
        desk
          .mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` })
          .then(({ mails }) => mails.find((mail) => mail.recipient === ada)?.template);
      const elapse = () =>
        desk.act({ id, event: EVENTS.grace_elapsed }).then(({ outcomes }) => outcomes[0]?.kind);
      const attempts = round % 2 === 0 ? [cancel, elapse] : [elapse, cancel];
      const answers = await raced(desk, [id], attempts as (() => Promise<string | undefined>)[]);
      const { state } = await desk.ticket(id);
      seen.add(state);
      const [told, kind] = round % 2 === 0 ? answers : answers.toReversed();
      expect({ told, kind }).toEqual(
        state === 'cancelled'
          ? { told: 'cancelled', kind: 'refused' }
          : { told: 'cancel_too_late', kind: 'moved' },
      );
      const steps = (await desk.jobs()).filter((job) => job.key === `step:${id}:1`);
      expect(steps).toHaveLength(state === 'purging' ? 1 : 0);
      await desk.pass(25);
    }
    expect([...seen].every((state) => state === 'cancelled' || state === 'purging')).toBe(true);
  });

  test('a hold and the end of the grace: a purge never starts behind a hold', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    const { id } = ticket;
    await desk.until(ticket.grace_ends_at!);
    await raced(
      desk,
      [id],
      [() => desk.act({ id, event: EVENTS.held }), () => desk.act({ id, event: EVENTS.grace_elapsed })],
    );
    const types = (await desk.db('ticket_events').where({ ticket_id: id }).orderBy('seq')).map(
      (one) => one.type,
    );
    const { state } = await desk.ticket(id);
    expect(types.at(-1) === 'held' ? state === 'purging' || state === 'grace' : state === 'purging').toBe(
      true,
    );
    if (state === 'purging') expect(types.indexOf('grace_elapsed')).toBeLessThan(types.indexOf('held'));
  });

  test('decisions about different tickets do not wait for each other', async () => {
    await using desk = await openTestDesk();
    const a = await desk.inGrace();
    const b = await desk.inGrace(spaceRequest());
    const cancel = (trx: Knex.Transaction, id: number) =>
      decide(trx, desk.deps, desked, [{ ticketId: ticketId(id), event: EVENTS.cancelled_by_agent }]);
    // The one transaction is open until the other has come through, so a lock that both want would never be free.
    const slow = await desk.db.transaction();
    await slow.raw(`set local lock_timeout = '5s'`);
    await cancel(slow, a.id);
    await desk.db.transaction(async (quick) => {
      await quick.raw(`set local lock_timeout = '5s'`);
      await cancel(quick, b.id);
    });
    await slow.commit();
    expect((await desk.tickets()).map((ticket) => ticket.state)).toEqual(['cancelled', 'cancelled']);
  });

  test('one transaction asks for one flush, however many decisions it takes', async () => {
    await using desk = await openTestDesk();
    const a = await desk.inGrace();
    const b = await desk.inGrace(spaceRequest());
    const before = (await desk.jobs()).length;
    await desk.db.transaction(async (trx) => {
      for (const { id } of [a, b]) {
        await decide(trx, desk.deps, desked, [{ ticketId: ticketId(id), event: EVENTS.cancelled_by_agent }]);
      }
    });
    expect((await desk.jobs()).slice(before).map((job) => job.task)).toEqual(['outbox.flush']);
  });

  test('two decisions about the same tickets in opposite order both come through', async () => {
    await using desk = await openTestDesk();
    const a = await desk.inGrace();
    const b = await desk.inGrace(spaceRequest());
    const hold = (id: number, reason: 'agent' | 'review') => ({ id, event: { ...EVENTS.held, reason } });
    const decisions = await raced(
      desk,
      [a.id, b.id],
      [
        () => desk.act(hold(a.id, 'agent'), hold(b.id, 'agent')),
        () => desk.act(hold(b.id, 'review'), hold(a.id, 'review')),
      ],
    );
    expect(decisions.flatMap((one) => one.outcomes.map(({ kind }) => kind))).toEqual(Array(4).fill('stayed'));
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  });

  test('two right codes: the grace starts once', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.asked();
    const code = await desk.code();
    const answer = () => desk.mail({ from: ada, intent: 'verify', code });
    const answers = await raced(desk, [id], [answer, answer]);
    expect(answers.flatMap(({ mails }) => mails.map((mail) => mail.template)).sort()).toEqual([
      'grace_started',
      'owner_notice',
      'status',
    ]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace' });
  });

  test.each([
    { title: 'a right code before a changed request', codeFirst: true },
    { title: 'a changed request before the code for the old one', codeFirst: false },
  ])(
    '$title: neither waits for the other for ever, and the code confirms its own scope alone',
    async ({ codeFirst }) => {
      await using desk = await openTestDesk();
      const { id } = await desk.asked();
      const code = await desk.code();
      const answer = () => desk.mail({ from: ada, intent: 'verify', code, ticket: `PD-${id}` });
      const change = () =>
        desk.mail({
          from: ada,
          intent: 'delete',
          ticket: `PD-${id}`,
          requests: [sourceRequest({ source: 'iOS App' })],
          closer: { corrects: () => true },
        });
      await raced(desk, [id], codeFirst ? [answer, change] : [change, answer]);
      const ticket = await desk.ticket(id);
      expect(ticket).toMatchObject(
        codeFirst
          ? { state: 'grace', target: { source: { id: 'src_web' } } }
          : { state: 'verifying', verified_at: null, target: { source: { id: 'src_ios' } } },
      );
    },
  );
});

describe('the database itself refuses', () => {
  const elapsed = async (desk: TestDesk) => {
    const ticket = await desk.inGrace();
    await desk.until(ticket.grace_ends_at!);
    const now = await deskNow(desk.db);
    const start = (columns: object = {}) =>
      desk
        .db('tickets')
        .where({ id: ticket.id })
        .update({ state: 'purging', purge_started_at: now, ...columns });
    return { ticket, start };
  };

  test('a purge while a hold stands', async () => {
    await using desk = await openTestDesk();
    const { ticket, start } = await elapsed(desk);
    await desk.act({ id: ticket.id, event: EVENTS.held });
    await expect(start()).rejects.toMatchObject({ code: 'PD002' });
    await desk.act({ id: ticket.id, event: { ...EVENTS.released, by: agent } });
    await start({ not_before: null });
  });

  test('a purge of a workspace that was stopped', async () => {
    await using desk = await openTestDesk();
    const { start } = await elapsed(desk);
    await desk
      .db('workspace_stops')
      .insert({ workspace_id: 'ws_acme', placed_by_hash: 'x', placed_at: new Date() });
    await expect(start()).rejects.toMatchObject({ code: 'PD002' });
  });

  test.each([
    { title: 'without a plan', columns: { plan_hash: null }, constraint: 'tickets_purge_after_grace' },
    {
      title: 'before its grace has ended',
      columns: { purge_started_at: new Date('2020-01-01T00:00:00Z') },
      constraint: 'tickets_purge_after_grace',
    },
    {
      title: 'before its later hour',
      columns: { not_before: new Date('2100-01-01T00:00:00Z') },
      constraint: 'tickets_purge_after_grace',
    },
    {
      title: 'that nobody verified',
      columns: { verified_at: null },
      constraint: /tickets_verified_before_approval|tickets_grace_is_five_days/,
    },
    {
      title: 'without a target',
      columns: { target: null },
      constraint: 'tickets_resolved_before_verifying',
    },
    {
      title: 'of somebody who is not entitled',
      columns: { verdict: 'not_entitled' },
      constraint: 'tickets_resolved_before_verifying',
    },
  ])('a purge $title', async ({ columns, constraint }) => {
    await using desk = await openTestDesk();
    const { start } = await elapsed(desk);
    await expect(start(columns)).rejects.toMatchObject({
      constraint: expect.stringMatching(constraint) as unknown,
    });
    await start();
  });

  test('a grace of less than 120 hours', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await expect(
      desk.db.raw(
        `update tickets set grace_ends_at = grace_started_at + interval '119 hours 59 minutes' where id = ?`,
        [id],
      ),
    ).rejects.toMatchObject({ constraint: 'tickets_grace_is_five_days' });
  });

  test.each(['received', 'verifying', 'grace', 'purging', 'completed', 'rejected'])(
    'to take a cancelled ticket back to %s',
    async (state) => {
      await using desk = await openTestDesk();
      const { id } = await desk.inGrace();
      await desk.act({ id, event: EVENTS.cancelled_by_agent });
      await expect(desk.db('tickets').where({ id }).update({ state })).rejects.toMatchObject({
        code: 'PD003',
      });
    },
  );

  test('a completed ticket without a receipt', async () => {
    await using desk = await openTestDesk();
    const ticket = await desk.inGrace();
    await desk.outlast(ticket);
    await expect(
      desk.db('tickets').where({ id: ticket.id }).update({ state: 'completed', closed_at: new Date() }),
    ).rejects.toMatchObject({ code: 'PD004' });
  });

  test.each([
    'update ticket_events set type = type',
    'delete from ticket_events',
    'truncate ticket_events',
    'update audit_anchors set hash = hash',
    'delete from audit_anchors',
    'truncate audit_anchors',
    'update receipts set signed = signed',
    'delete from receipts',
  ])('P05 %s', async (statement) => {
    await using desk = await openTestDesk();
    await desk.asked();
    await expect(desk.db.raw(statement)).rejects.toMatchObject({ code: 'PD001' });
  });
});

describe('P05 the audit chain', () => {
  /** As somebody who owns the database could. */
  const tamper = (desk: TestDesk, statement: string) =>
    desk.db.transaction(async (trx) => {
      await trx.raw('set local session_replication_role = replica');
      await trx.raw(statement);
    });

  test.each([
    {
      title: 'who acted',
      statement: `update ticket_events set actor = 'agent:mallory' where seq = 1`,
      problem: /event 1 was changed/,
    },
    {
      title: 'what was said',
      statement: `update ticket_events set details = '{"verdict":"entitled"}' where seq = 1`,
      problem: /event 1 was changed/,
    },
    {
      title: 'when',
      statement: `update ticket_events set at = at + interval '1 second' where seq = 2`,
      problem: /event 2 was changed/,
    },
    {
      title: 'that the newest event ever was',
      statement: 'delete from ticket_events where seq = (select max(seq) from ticket_events)',
      problem: /the newest events are missing/,
    },
    {
      title: 'that the first event ever was',
      statement: 'delete from ticket_events where seq = 1',
      problem: /event 1 is missing/,
    },
    {
      title: 'the head on the ticket',
      statement: `update tickets set audit_head = 'x'`,
      problem: /the newest events are missing/,
    },
  ])('breaks where somebody with all rights changes $title', async ({ statement, problem }) => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    expect(await verifyAudit(desk.db)).toMatchObject({ tickets: 1, events: 3, problems: [] });
    await tamper(desk, statement);
    const { problems } = await verifyAudit(desk.db);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0]).toContain(`PD-${id}`);
  });

  test('holds no address and no words of a mail or an agent', async () => {
    await using desk = await openTestDesk();
    const { id } = await desk.inGrace();
    await desk.act({ id, event: { ...EVENTS.held, note: 'Ada phoned' } });
    await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    const text = JSON.stringify(await desk.db('ticket_events'));
    expect(text).not.toMatch(/@|acme|website|phoned/i);
  });
});
