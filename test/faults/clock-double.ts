/** A desk whose clock can be set wrong, on a machine whose uptime the test winds on. Nothing is the sandbox's. */
import { deskNow } from '../../src/db/connection.ts';
import { type LookMemory, lookAtClock, type Machine } from '../../src/purge/clock/look-at-clock.ts';
import { resumePurges } from '../../src/purge/halt.ts';
import { openTestDesk } from '../tickets/desk.ts';

const HOUR = 3_600_000;

export async function openClockedDesk() {
  const desk = await openTestDesk();
  const { db } = desk;
  await db('desk_clock').update({ movable: false });
  await db.raw('create table test_clock as select 0::bigint as offset_ms');
  await db.raw(`create or replace function desk_now() returns timestamptz language sql stable as
    $$ select clock_timestamp() + offset_ms * interval '1 millisecond' from test_clock $$`);
  let elapsedMs = 0;
  let bootedAtMs = -40 * 24 * HOUR;
  let boots = 0;
  const machine: Machine = { id: '', uptimeMs: () => elapsedMs - bootedAtMs };
  const memory: LookMemory = { looks: 0 };
  const lines: string[] = [];
  const ports = {
    db,
    enqueue: async () => undefined,
    log: (_level: string, message: string) => lines.push(message),
    restored: async () => undefined,
  };
  const look = () => lookAtClock(ports, { ...machine, id: `machine ${boots}` }, memory);
  const setClock = (ms: number) => db.raw('update test_clock set offset_ms = offset_ms + ?', [ms]);
  await look();
  return {
    ...desk,
    lines,
    look,
    /** Somebody sets the clock: no time passes. */
    setClock,
    /** Time passes, for clock and machine. */
    async sleep(ms: number): Promise<void> {
      elapsedMs += ms;
      await setClock(ms);
    },
    /** The same with the desk at work: looks, and ticks every six hours. */
    async work(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 6 * HOUR) {
        const step = Math.min(left, 6 * HOUR);
        elapsedMs += step;
        await setClock(step);
        await look();
        await desk.tick();
      }
    },
    /** The machine starts anew, which measures nothing of what was before. */
    reboot(): void {
      boots += 1;
      bootedAtMs = elapsedMs;
    },
    resume: () => resumePurges(ports, { agent: 'Grace', reason: 'the clock is right' }),
    elapsedMs: () => elapsedMs,
    async state(): Promise<string> {
      return (await desk.ticket()).state;
    },
    now: () => deskNow(db),
    isHalted: async () =>
      (await db('purge_switch').first<{ halted_at: Date | null }>('halted_at')).halted_at !== null,
  };
}

export type ClockedDesk = Awaited<ReturnType<typeof openClockedDesk>>;
