/** Cancels against everything that may happen at the same instant: exactly one wins, and the answer says which. */
import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '../../src/domain/ticket.ts';
import { answerCancel, type CancelChoice } from '../../src/tickets/answer-cancel.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { type Challenge, codeOf } from '../../src/verify/challenge.ts';
import { findChallenge } from '../../src/verify/challenge-store.ts';
import { untilBackendsWait } from '../support/database.ts';
import { EVENTS } from './cast.ts';
import { ada, bob, openTestDesk, type StoredTicket, sourceRequest, type TestDesk } from './desk.ts';

type Answer = string | undefined;

/** Lets the attempts queue up behind a lock on the ticket one after the other, and then lets go. */
async function inThisOrder(desk: TestDesk, id: number, attempts: readonly (() => Promise<Answer>)[]) {
  const holder = await desk.db.transaction();
  await holder('tickets').where({ id }).forUpdate();
  const running: Promise<Answer>[] = [];
  for (const attempt of attempts) {
    running.push(attempt());
    await untilBackendsWait(desk.db, running.length);
  }
  await holder.rollback();
  return Promise.all(running);
}

/** Ada's ticket of a day of its own, a second after the end of its grace. */
async function due(desk: TestDesk, round = 0): Promise<StoredTicket> {
  const day = new Date(Date.UTC(2020, 0, 1 + round)).toISOString().slice(0, 10);
  const ticket = await desk.inGrace(sourceRequest({ timeFrame: { from: day, to: day } }));
  await desk.until(ticket.grace_ends_at!);
  return ticket;
}

const cancelBy = (desk: TestDesk, id: number, from: string) => async (): Promise<Answer> => {
  const { mails } = await desk.mail({ from, intent: 'cancel', ticket: `PD-${id}` });
  return mails.find((mail) => mail.recipient === from)?.template;
};

const act = (desk: TestDesk, id: number, event: TicketEvent) => async (): Promise<Answer> =>
  (await desk.act({ id, event })).outcomes[0]?.kind;

/** What a ticket, its jobs and its steps say after a race, in one word; throws when they contradict each other. */
async function winnerOf(desk: TestDesk, id: number): Promise<'cancel' | 'purge'> {
  const { state } = await desk.ticket(id);
  const steps = (await desk.jobs()).filter((job) => job.key === `step:${id}:1`).length;
  const moves = await desk
    .db('ticket_events')
    .where({ ticket_id: id })
    .whereRaw('was <> became')
    .pluck('became');
  const ends = moves.filter((became) => became === 'cancelled' || became === 'purging');
  expect({ state, steps, ends }).toEqual(
    state === 'cancelled'
      ? { state: 'cancelled', steps: 0, ends: ['cancelled'] }
      : { state: 'purging', steps: 1, ends: ['purging'] },
  );
  return state === 'cancelled' ? 'cancel' : 'purge';
}

describe('F28 D03 a cancel by mail and the start of the purge', () => {
  test('F28 the cancel comes first: it wins, and says so', async () => {
    await using desk = await openTestDesk();
    const { id } = await due(desk);
    const answers = await inThisOrder(desk, id, [
      cancelBy(desk, id, ada),
      act(desk, id, EVENTS.grace_elapsed),
    ]);
    expect(answers).toEqual(['cancelled', 'refused']);
    expect(await winnerOf(desk, id)).toBe('cancel');
  });

  test('F28 the purge comes first: it wins, and the cancel is told so', async () => {
    await using desk = await openTestDesk();
    const { id } = await due(desk);
    const answers = await inThisOrder(desk, id, [
      act(desk, id, EVENTS.grace_elapsed),
      cancelBy(desk, id, ada),
    ]);
    expect(answers).toEqual(['moved', 'cancel_too_late']);
    expect(await winnerOf(desk, id)).toBe('purge');
  });

  test('F28 of a hundred races each has one winner, and each answer names it', async () => {
    await using desk = await openTestDesk();
    for (let round = 0; round < 100; round += 1) {
      const { id } = await due(desk, round);
      const from = round % 2 === 0 ? ada : bob;
      const tick = async () => String(await desk.tick());
      const cancel = cancelBy(desk, id, from);
      const [first, second] = round % 4 < 2 ? [cancel(), tick()] : [tick(), cancel()];
      const answers = await Promise.all([first, second]);
      const told = answers[round % 4 < 2 ? 0 : 1];
      expect([round, told]).toEqual([
        round,
        (await winnerOf(desk, id)) === 'cancel' ? 'cancelled' : 'cancel_too_late',
      ]);
    }
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  }, 240_000);
});

/** A ticket on hold because of an unproven cancel in Bob's name, its grace over unless told. */
async function doubted(desk: TestDesk, isOver = true): Promise<{ id: number; challenge: Challenge }> {
  const ticket = await desk.inGrace();
  await desk.until(new Date(ticket.grace_ends_at!.getTime() - 3_600_000));
  const { id } = ticket;
  const { mails } = await desk.mail({
    from: bob,
    intent: 'cancel',
    ticket: `PD-${id}`,
    standing: 'unproven',
  });
  const asked = mails.find((mail) => mail.recipient === bob)!.facts.challenge!;
  if (isOver) await desk.until(ticket.grace_ends_at!);
  return { id, challenge: (await findChallenge(desk.db, asked.id))! };
}

const settle = (desk: TestDesk, challenge: Challenge, choice: CancelChoice) => () =>
  desk.db.transaction(
    (trx): Promise<Answer> =>
      answerCancel(trx, desk.deps, challenge, codeOf(desk.deps.key, challenge.id), choice),
  );

const release = (desk: TestDesk, id: number) =>
  act(desk, id, { ...EVENTS.released, reason: 'doubtful_cancel' });

describe('F28 on the page', () => {
  test('a cancel and the clock: what is on hold does not start, and is cancelled', async () => {
    await using desk = await openTestDesk();
    const { id, challenge } = await doubted(desk);
    await Promise.all([desk.tick(), settle(desk, challenge, 'cancel')(), desk.tick()]);
    await desk.tick();
    expect(await winnerOf(desk, id)).toBe('cancel');
  });

  test.each(['cancel first', 'clock first'] as const)(
    'F28 a cancel behind a hold that an agent has lifted, and the purge: %s',
    async (order) => {
      await using desk = await openTestDesk();
      const { id, challenge } = await doubted(desk, false);
      await release(desk, id)();
      await desk.pass(2);
      const both = [settle(desk, challenge, 'cancel'), act(desk, id, EVENTS.grace_elapsed)];
      await inThisOrder(desk, id, order === 'cancel first' ? both : both.toReversed());
      expect(await winnerOf(desk, id)).toBe(order === 'cancel first' ? 'cancel' : 'purge');
      const templates = (await desk.outbox()).filter((mail) => mail.recipient === bob);
      expect(templates.at(-1)?.template).toBe(order === 'cancel first' ? 'cancelled' : 'cancel_too_late');
    },
  );

  test.each(['cancel first', 'resume first'] as const)(
    'a cancel by one person and the resume by another, %s: it is cancelled and never purged',
    async (order) => {
      await using desk = await openTestDesk();
      const { id, challenge } = await doubted(desk);
      const both = [cancelBy(desk, id, ada), settle(desk, challenge, 'go_on')];
      await inThisOrder(desk, id, order === 'cancel first' ? both : both.toReversed());
      await desk.pass(48);
      await desk.tick();
      expect(await winnerOf(desk, id)).toBe('cancel');
    },
  );

  test.each(['cancel first', 'release first'] as const)(
    'a cancel at the very moment when the last hold is lifted, %s: it is cancelled',
    async (order) => {
      await using desk = await openTestDesk();
      const { id } = await doubted(desk);
      const both = [cancelBy(desk, id, ada), release(desk, id)];
      const answers = await inThisOrder(desk, id, order === 'cancel first' ? both : both.toReversed());
      expect([...answers].sort()).toEqual(['cancelled', order === 'cancel first' ? 'refused' : 'stayed']);
      await desk.pass(48);
      await desk.tick();
      expect(await winnerOf(desk, id)).toBe('cancel');
    },
  );

  test('resumed after its grace: the clock of the same moment starts nothing', async () => {
    await using desk = await openTestDesk();
    const { id, challenge } = await doubted(desk);
    await inThisOrder(desk, id, [settle(desk, challenge, 'go_on'), act(desk, id, EVENTS.grace_elapsed)]);
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: [] });
    expect((await desk.jobs()).map((job) => job.task)).not.toContain('purge.step');
  });
});

describe('F29 the same link at once', () => {
  test.each([
    ['cancel', 'cancel'],
    ['go_on', 'go_on'],
    ['cancel', 'go_on'],
    ['go_on', 'cancel'],
  ] as const)('F29 %s and %s: the first counts, the second does nothing', async (first, second) => {
    await using desk = await openTestDesk();
    const { id, challenge } = await doubted(desk);
    const mailsBefore = (await desk.outbox()).length;
    const answers = await inThisOrder(desk, id, [
      settle(desk, challenge, first),
      settle(desk, challenge, second),
    ]);
    expect(answers).toEqual(['right', 'none']);
    expect(await desk.ticket(id)).toMatchObject(
      first === 'cancel' ? { state: 'cancelled' } : { state: 'grace', holds: [] },
    );
    expect((await desk.outbox()).length - mailsBefore).toBe(2);
  });

  test('F29 several at once: one counts', async () => {
    await using desk = await openTestDesk();
    const { id, challenge } = await doubted(desk);
    const answers = await Promise.all(Array.from({ length: 7 }, () => settle(desk, challenge, 'cancel')()));
    expect([...answers].sort()).toEqual([...Array(6).fill('none'), 'right']);
    expect(await winnerOf(desk, id)).toBe('cancel');
  });

  test('F29 after a cancel by mail the page cancels and resumes nothing', async () => {
    await using desk = await openTestDesk();
    const { id, challenge } = await doubted(desk);
    await cancelBy(desk, id, ada)();
    const before = await desk.ticket(id);
    await Promise.all([settle(desk, challenge, 'go_on')(), settle(desk, challenge, 'cancel')()]);
    expect(await desk.ticket(id)).toMatchObject({ state: 'cancelled', holds: before.holds });
    expect(await winnerOf(desk, id)).toBe('cancel');
  });

  test('F29 after it has expired neither counts', async () => {
    await using desk = await openTestDesk();
    const { id, challenge } = await doubted(desk);
    await desk.pass(72);
    const both = [settle(desk, challenge, 'go_on')(), settle(desk, challenge, 'cancel')()];
    expect(await Promise.all(both)).toEqual(['none', 'none']);
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  });
});
