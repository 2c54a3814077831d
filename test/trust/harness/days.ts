/** Ten days of a desk, from one due instant to the next. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from './clock.ts';

const DAYS = 10;
const DAY_MS = 86_400_000;
/** However little is due, the desk is looked at this often. */
const STEP_MAX_MS = DAY_MS / 2;
/** Something that is due again and again must not make ten days endless: after so many stops they lie further apart. */
const CLOSE_STOPS_MAX = 120;
const STEP_MIN_LATER_MS = DAY_MS / 8;

const POLL_MS = 10;
const NUDGE_AFTER_MS = 300;

/** @param quietMs - how long the desk may work on what is due at one instant */
export async function liveThrough(clock: Clock, start: Date, quietMs: number): Promise<void> {
  const end = start.getTime() + DAYS * DAY_MS;
  await untilQuiet(clock, quietMs);
  for (let stops = 1; ; stops += 1) {
    const now = (await clock.now()).getTime();
    if (now >= end) return;
    const due = (await clock.nextDue())?.getTime() ?? end;
    const earliest = stops > CLOSE_STOPS_MAX ? now + STEP_MIN_LATER_MS : now;
    await clock.advanceTo(new Date(Math.min(end, now + STEP_MAX_MS, Math.max(due, earliest))));
    await untilQuiet(clock, quietMs);
  }
}

/**
 * Waits until nothing is left that could be done now. One statement sees a decision and the jobs that it wrote at once,
 * so there is no gap to fall into.
 * @throws Error when the desk is still at work after `limitMs`
 */
export async function untilQuiet(clock: Clock, limitMs: number): Promise<void> {
  const begun = performance.now();
  for (let nudged = begun; ; await sleep(POLL_MS)) {
    const due = await clock.dueNow();
    if (due.mails + due.outgoing + due.jobs === 0) return;
    const now = performance.now();
    if (now - begun > limitMs) {
      const left = `${due.mails} mail(s), ${due.outgoing} to send, ${due.jobs} job(s)`;
      throw new Error(`still at work after ${limitMs / 1_000} s: ${left}`);
    }
    if (due.jobs === 0 && now - nudged > NUDGE_AFTER_MS) {
      nudged = now;
      await clock.nudge();
    }
  }
}
