/** A cancel and the start of the purge, let loose at the same instant on connections of their own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { untilBackendsWait } from '../support/database.ts';
import { EVENTS } from '../tickets/cast.ts';
import { ada, bob, openTestDesk, type StoredTicket, sourceRequest, type TestDesk } from '../tickets/desk.ts';
import { byForm } from './form.ts';
import { faultSeed, randomFrom } from './random.ts';
import { injected } from './tally.ts';

const PAIRS = 3;
const HEAD_START_MS = 60;
/** A desk each; in the long form a thousand races. */
const DESKS = byForm({ short: 1, long: 21 });
const ROUNDS = byForm({ short: 8, long: 16 });

async function inGrace(desk: TestDesk, round: number, pair: number): Promise<StoredTicket> {
  const day = new Date(Date.UTC(2020, 0, 1 + round * PAIRS + pair)).toISOString().slice(0, 10);
  const ticket = await desk.inGrace(sourceRequest({ timeFrame: { from: day, to: day } }));
  expect(ticket).toMatchObject({ state: 'grace' });
  return ticket;
}

async function cancel(desk: TestDesk, id: number, from: string): Promise<string | undefined> {
  const { mails } = await desk.mail({ from, intent: 'cancel', ticket: `PD-${id}` });
  return mails.find((mail) => mail.recipient === from)?.template;
}

async function start(desk: TestDesk, id: number): Promise<string | undefined> {
  return (await desk.act({ id, event: EVENTS.grace_elapsed })).outcomes[0]?.kind;
}

test.each(Array.from({ length: DESKS }, (_, no) => no))(
  `F28 D03 of ${ROUNDS * PAIRS} races at desk %i each has one winner, and both answers name it`,
  async (no) => {
    await using desk = await openTestDesk();
    const random = randomFrom(faultSeed() + no);
    console.log(`FAULT_SEED=${random.seed - no}`);
    const wins = { cancelled: 0, purging: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      // Three answers to cancels that came too late and three new codes are more than one person gets in a day.
      await desk.pass(24);
      const tickets: StoredTicket[] = [];
      for (let pair = 0; pair < PAIRS; pair += 1) tickets.push(await inGrace(desk, round, pair));
      await desk.until(tickets.at(-1)!.grace_ends_at!);
      const barrier = await desk.db.transaction();
      await barrier('tickets')
        .whereIn(
          'id',
          tickets.map(({ id }) => id),
        )
        .forUpdate();
      const races = tickets.map(async ({ id }) => {
        const from = random.pick([ada, bob]);
        // The cancel has more to read before it comes to the ticket: without a head start it would always be second.
        const lateMs = random.below(HEAD_START_MS);
        return Promise.all([cancel(desk, id, from), sleep(lateMs).then(() => start(desk, id))]);
      });
      await untilBackendsWait(desk.db, PAIRS * 2).finally(() => barrier.rollback());
      const answers = await Promise.all(races);
      injected('F28', PAIRS);
      for (const [at, { id }] of tickets.entries()) {
        const { state } = await desk.ticket(id);
        expect([round, ...answers[at]!]).toEqual(
          state === 'cancelled' ? [round, 'cancelled', 'refused'] : [round, 'cancel_too_late', 'moved'],
        );
        wins[state as keyof typeof wins] += 1;
        const jobs = (await desk.jobs()).filter(({ key }) => key === `step:${id}:1`);
        expect(jobs).toHaveLength(state === 'cancelled' ? 0 : 1);
      }
    }
    expect(Math.min(wins.cancelled, wins.purging)).toBeGreaterThan(0);
    expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
  },
);
