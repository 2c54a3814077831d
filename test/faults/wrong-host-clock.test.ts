/** Hosts whose own clock is days wrong. The database's counts, so nothing comes early and nothing late. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeskProcess, spawnDesk, untilReady } from '../flow/desk-process.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { ADAS_REQUEST } from '../flow/letters.ts';
import { openScene, type Scene } from '../flow/scene.ts';
import { confirmAsAda, passGrace, untilCompleted } from '../flow/steps.ts';
import { injected } from './tally.ts';

const DAY = 86_400_000;
const PRELOAD = fileURLToPath(new URL('shifted-clock.mjs', import.meta.url));

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

async function serveAt(scene: Scene, shiftMs: number): Promise<DeskProcess> {
  const shifted = { NODE_OPTIONS: `--import=${PRELOAD}`, CLOCK_SHIFT_MS: String(shiftMs) };
  const desk = await untilReady(spawnDesk({ ...scene.settings, ...shifted }));
  injected('F26');
  return desk;
}

/** Has the desk look at what is due, and waits until it has. */
async function tickOnce(scene: Scene): Promise<void> {
  await scene.db.raw(`select graphile_worker.add_job('tick', payload => '{}'::json, job_key => 'tick.test')`);
  await scene.until('the tick has run', async () => {
    const job = await scene.db('graphile_worker.jobs').where({ key: 'tick.test' }).first('id');
    return job === undefined;
  });
}

test('F26 D02 desks whose hosts are six days ahead, or behind, purge on the day of the database', async () => {
  await using scene = await openScene(ground);
  const ahead = await serveAt(scene, 6 * DAY);
  try {
    const id = await confirmAsAda(scene, await scene.write(ADAS_REQUEST));
    const state = async () => (await scene.db('tickets').where({ id }).first('state')).state;
    const { wait } = await scene
      .db('tickets')
      .where({ id })
      .first(scene.db.raw(`extract(epoch from grace_ends_at - now()) / 3600 as wait`));
    expect(Number(wait)).toBeGreaterThan(119.9);
    expect(Number(wait)).toBeLessThanOrEqual(144);
    await tickOnce(scene);
    expect(await state()).toBe('grace');
    ahead.kill('SIGKILL');
    await ahead.exit;
    const behind = await serveAt(scene, -6 * DAY);
    try {
      await tickOnce(scene);
      expect(await state()).toBe('grace');
      await passGrace(scene, id);
      await untilCompleted(scene, id);
      expect(await scene.db('purge_quarantines')).toEqual([]);
    } finally {
      behind.kill('SIGKILL');
      await behind.exit;
    }
  } finally {
    ahead.kill('SIGKILL');
  }
});
