/** The clock of the database is set wrong. Whatever it says, nothing is purged before five days have really passed. */
import { describe, expect, test } from 'vitest';
import { openQuarantines } from '../../src/purge/clock/quarantine.ts';
import { eraseOwnContext, isContextDue } from '../../src/purge/erase-own-context.ts';
import type { Store } from '../../src/purge/store.ts';
import { type ClockedDesk, openClockedDesk } from './clock-double.ts';
import { injected } from './tally.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The database itself, whatever a program thinks. */
const startByHand = (desk: ClockedDesk) =>
  desk.db('tickets').update({ state: 'purging', purge_started_at: desk.db.raw('desk_now()') });

describe('F26 D02 a clock that is right', () => {
  test('starts the purge on its day, also after three days without the desk', async () => {
    await using desk = await openClockedDesk();
    const { grace_ends_at } = await desk.inGrace();
    await desk.work(DAY);
    await desk.sleep(3 * DAY);
    await desk.look();
    await desk.work(grace_ends_at!.getTime() - (await desk.now()).getTime() - 60_000);
    expect(await desk.state()).toBe('grace');
    await desk.work(HOUR);
    expect(await desk.state()).toBe('purging');
    expect(await openQuarantines(desk.db)).toEqual([]);
  });

  test('after days that no machine can vouch for, the purge comes later and nobody is needed', async () => {
    await using desk = await openClockedDesk();
    await desk.inGrace();
    await desk.work(DAY);
    desk.reboot();
    await desk.sleep(6 * DAY);
    await desk.work(3 * DAY);
    expect(await desk.state()).toBe('grace');
    expect(await desk.isHalted()).toBe(false);
    await desk.work(2 * DAY + 6 * HOUR);
    expect(await desk.state()).toBe('purging');
  });
});

describe('F26 D02 a clock that jumps', () => {
  test.each([
    { jump: HOUR, when: 'while the desk works' },
    { jump: 6 * DAY, when: 'while the desk works' },
    { jump: -6 * DAY, when: 'while the desk works' },
    { jump: HOUR, when: 'while the desk is down' },
    { jump: 6 * DAY, when: 'while the desk is down' },
    { jump: -6 * DAY, when: 'while the desk is down' },
  ])('by $jump ms $when halts all purges, and none is early', async ({ jump, when }) => {
    await using desk = await openClockedDesk();
    await desk.inGrace();
    const startedAt = desk.elapsedMs();
    await desk.work(2 * DAY);
    if (when === 'while the desk is down') await desk.sleep(5 * HOUR);
    await desk.setClock(jump);
    injected('F26');
    await desk.tick(); // before anybody has looked at the clock
    expect(await desk.state()).toBe('grace');
    await desk.look();
    expect(await openQuarantines(desk.db)).toMatchObject([{ kind: 'clock_jump', endsAt: null }]);
    expect(desk.lines).toEqual(['the clock of the database jumped: all purges are halted']);
    await expect(startByHand(desk)).rejects.toMatchObject({ code: 'PD005' });
    await desk.work(13 * DAY);
    expect(await desk.state()).toBe('grace');
    expect(await desk.resume()).toBe(true);
    await desk.tick();
    expect(await desk.state()).toBe('purging');
    expect(desk.elapsedMs() - startedAt).toBeGreaterThan(5 * DAY);
    expect(await desk.db('purge_orders').orderBy('id').pluck('agent')).toEqual(['desk', 'Grace']);
  });

  test('and is believed by an agent all the same purges nobody early', async () => {
    await using desk = await openClockedDesk();
    const { grace_ends_at } = await desk.inGrace();
    const told = grace_ends_at!.getTime() - (await desk.now()).getTime();
    const startedAt = desk.elapsedMs();
    await desk.setClock(6 * DAY);
    injected('F26');
    await desk.look();
    await desk.resume();
    await desk.look();
    await desk.tick();
    expect(await desk.state()).toBe('grace');
    await expect(startByHand(desk)).rejects.toMatchObject({ code: 'PD005' });
    for (let hours = 0; (await desk.state()) === 'grace' && hours < 300; hours += 1) await desk.work(HOUR);
    expect(await desk.state()).toBe('purging');
    // Not before the date that was told, in time that really passed; five days are but the least of it.
    expect(desk.elapsedMs() - startedAt).toBeGreaterThanOrEqual(told);
    expect(desk.elapsedMs() - startedAt).toBeLessThan(told + 2 * HOUR);
  });

  test('while the machine starts anew starts nothing early, without being noticed forward', async () => {
    await using desk = await openClockedDesk();
    await desk.inGrace();
    await desk.work(2 * DAY);
    desk.reboot();
    await desk.setClock(6 * DAY);
    injected('F26');
    await desk.work(2 * DAY + 18 * HOUR);
    expect(await desk.state()).toBe('grace');
    await desk.work(DAY + 18 * HOUR);
    expect(await desk.state()).toBe('purging');
  });

  test('while a later date is told counts that date from then on, and keeps nothing for ever', async () => {
    await using desk = await openClockedDesk();
    await desk.inGrace();
    await desk.work(4 * DAY);
    await desk.setClock(300 * DAY);
    injected('F26');
    await desk.look();
    await desk.resume();
    // A hold was released: three days from now, by a clock that is wrong.
    await desk.db('tickets').update({ not_before: new Date((await desk.now()).getTime() + 3 * DAY) });
    await desk.work(2 * DAY + 12 * HOUR);
    expect(await desk.state()).toBe('grace');
    await desk.work(DAY);
    expect(await desk.state()).toBe('purging');
  });

  test('while the machine starts anew makes nothing of the own mails due, and midnight comes all the same', async () => {
    await using desk = await openClockedDesk();
    const { db } = desk;
    const store = {
      kind: 'none',
      rehearse: async () => 0,
      countRemaining: async () => 0,
      erase: async () => ({ deleted: 0, checkpoint: null, done: true }),
    } as unknown as Store;
    const ports = { db, store, crashPoint: () => undefined };
    const erase = async () => (await eraseOwnContext(ports, AbortSignal.timeout(60_000))).kind;
    const asOf = async (): Promise<Date> =>
      (await db('own_context_runs').orderBy('id', 'desc').first('as_of')).as_of;
    expect(await erase()).toBe('through');
    const first = await asOf();
    desk.reboot();
    await desk.setClock(365 * DAY);
    injected('F26');
    await desk.look();
    expect(await erase()).toBe('through');
    expect((await asOf()).getTime() - first.getTime()).toBeLessThan(HOUR);
    expect(await erase()).toBe('idle');
    await desk.work(2 * DAY);
    expect(await erase()).toBe('through');
    const later = (await asOf()).getTime() - first.getTime();
    expect(later).toBeGreaterThanOrEqual(2 * DAY);
    expect(later).toBeLessThan(2.5 * DAY);
    // Put right: the days that the clock had run ahead are not waited for.
    await desk.setClock(-365 * DAY);
    await desk.look();
    await desk.resume();
    expect(await isContextDue(db)).toBe(true);
    expect(await erase()).toBe('through');
    expect((await asOf()).getTime()).toBeLessThanOrEqual((await desk.now()).getTime());
  });

  test('under a halt of an agent adds its reason to theirs, and is settled by the same order', async () => {
    await using desk = await openClockedDesk();
    await desk.db('purge_switch').update({ halted_at: new Date(), halted_by: 'Ada', reason: 'maintenance.' });
    await desk.setClock(-6 * DAY);
    injected('F26');
    await desk.look();
    await desk.setClock(6 * DAY);
    await desk.look();
    const halt = await desk.db('purge_switch').first('halted_by', 'reason');
    expect(halt).toEqual({
      halted_by: 'Ada',
      reason:
        'maintenance. The clock of the database went back by 6 d 0 h. Put it right, then resume purges.',
    });
    expect(await desk.resume()).toBe(true);
    expect(await openQuarantines(desk.db)).toEqual([]);
    await desk.look();
    expect(await desk.isHalted()).toBe(false);
  });
});
