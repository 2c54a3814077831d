/** Ending desks at their crash points, and taking away the waits that have nothing to do with what is tested. */

import { moveClock } from '../../src/commands/move-clock.ts';
import type { CrashLabel } from '../../src/domain/crash-label.ts';
import { REPEATABLE_TEMPLATES } from '../../src/domain/mail-facts.ts';
import { type DeskProcess, untilReady } from '../flow/desk-process.ts';
import type { Scene } from '../flow/scene.ts';
import { untilKilled } from '../flow/steps.ts';
import { byForm } from './form.ts';
import { injected } from './tally.ts';

/** In the long form each desk dies twice in a row at its point. */
const TIMES = byForm({ short: 1, long: 2 });
/** What was committed just before these happens once to a ticket: the next desk does not come there again. */
const ONCE: readonly CrashLabel[] = ['page.decided', 'tick.decided', 'purge.step.finished', 'purge.finished'];

/**
 * Starts a desk, has it come to a point, and sees it die there.
 * @param stir - what brings it there; called once for each desk that is to die, with one that runs
 */
export async function dieAt(
  scene: Scene,
  label: CrashLabel,
  stir: (desk: DeskProcess) => Promise<unknown> = () => hurry(scene),
): Promise<void> {
  const times = ONCE.includes(label) ? 1 : TIMES;
  for (let time = 1; time <= times; time += 1) {
    await buryTheDead(scene);
    const desk = scene.spawn(label);
    await Promise.race([untilReady(desk), desk.exit]).catch(() => undefined); // it may die before it is ready
    if (desk.ended() === null) await stir(desk);
    await untilKilled(scene, desk);
    injected('F01');
  }
}

/**
 * Nobody is alive: leases and locks of the dead are given up at once, as they would be by themselves some half a minute
 * later. That they are is what test/flow/crash.test.ts waits for.
 */
export async function buryTheDead({ db }: Scene): Promise<void> {
  await db.raw(`select graphile_worker.force_unlock_workers(array_agg(locked_by)) from graphile_worker.jobs
    where locked_by is not null having count(*) > 0`);
  await db.raw('update graphile_worker._private_jobs set run_at = now() where run_at > now()');
  for (const table of ['mailboxes', 'purge_steps', 'deliveries'])
    await db.raw(`update ${table} set lease_until = clock_timestamp() where lease_until > clock_timestamp()`);
}

/** Has everything that is due looked at now. Only a sandbox's clock can be moved: this one is declared to be one. */
export async function hurry({ db }: Scene): Promise<void> {
  await db('desk_clock').update({ movable: true });
  await moveClock(db, { byMs: 60_000 });
}

/**
 * Has mails of unknown outcome repeated now that may be, and waits until nothing more will be sent. Of other mails a
 * person would rather miss one than get two: those stay as they are, and agents see them.
 * @returns the Message-IDs of all whose outcome was unknown
 */
export async function settleOutbox(scene: Scene): Promise<readonly string[]> {
  const { db } = scene;
  const uncertain = await db('outbox')
    .whereIn('status', ['sending', 'unknown'])
    .update({ lease_until: db.raw("clock_timestamp() - interval '1 second'") })
    .returning<{ message_id_header: string }[]>('message_id_header');
  const owed = () =>
    db('outbox')
      .where({ status: 'unknown' })
      .where('attempts', '<', 2)
      .whereIn('template', REPEATABLE_TEMPLATES);
  await scene.until('nothing more will be sent', async () => {
    await owed().update({ next_attempt_at: db.fn.now() });
    await db.raw("select graphile_worker.add_job('outbox.flush', payload => '{}'::json)");
    const left = await db('outbox').select('id').whereIn('status', ['pending', 'sending']).first();
    return left === undefined && (await owed().select('id').first()) === undefined;
  });
  return uncertain.map((mail) => mail.message_id_header);
}
