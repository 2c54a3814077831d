/** Several processes of one desk: one asleep, one busy, one after the other replaced. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAnsweredOnce, expectOutboxDeliveredOnce } from '../flow/assertions.ts';
import { type DeskProcess, type Spawning, urlOf } from '../flow/desk-process.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { TWELVE_REQUESTS } from '../flow/letters.ts';
import { untilAnswered, untilNothingPends, untilTakenIn, writeAll } from '../flow/steps.ts';
import { until } from '../flow/until.ts';
import { injected } from './tally.ts';
import { expectNothingLost, holderOf, openTown, untilHolds } from './two-desks.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

/** Lets SIGUSR2 block the event loop. */
const BUSY: Spawning = {
  settings: { NODE_OPTIONS: `--import=${new URL('busy-loop.ts', import.meta.url).href}` },
};

/** What a process says of itself; `null` = it does not answer within a second, as a supervisor would ask. */
async function readiness(desk: DeskProcess): Promise<{ ready: boolean; reasons: string[] } | null> {
  try {
    const answer = await fetch(`${urlOf(desk)}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return (await answer.json()) as { ready: boolean; reasons: string[] };
  } catch {
    return null;
  }
}

describe.concurrent('two processes that read one mailbox', () => {
  test('F36 F16 D23 one whose event loop stands still keeps its lease, one that is stopped beyond it is refused', async () => {
    await using town = await openTown(ground);
    const { scene } = town;
    const first = await scene.serve(BUSY);
    const token = await untilHolds(scene, first);
    const second = await scene.serve();
    const chatter = town.chatter();
    await until('it is ready', async () => (await readiness(first))?.ready === true);

    first.kill('SIGUSR2');
    await until('it does not answer', async () => (await readiness(first)) === null);
    injected('F36');
    const unready = await until('it says why', async () => {
      const said = await readiness(first);
      return said?.ready === false && said.reasons.includes('event_loop') ? said : null;
    });
    expect(unready.ready).toBe(false);
    expect(await holderOf(scene)).toEqual({ pid: first.pid, token });

    const early = await writeAll(scene, TWELVE_REQUESTS.slice(0, 4));
    first.kill('SIGSTOP');
    injected('F16');
    const late = await writeAll(scene, TWELVE_REQUESTS.slice(4, 8));
    expect(await untilHolds(scene, second)).toBe(token + 1);
    await untilAnswered(scene, late);
    await scene.until('the sleeper’s session has been ended', async () => {
      const { rows } = await scene.db.raw<{ rows: unknown[] }>(
        "select from pg_stat_activity where datname = current_database() and application_name = 'purgedesk-live'",
      );
      return rows.length === 1;
    });
    first.kill('SIGCONT');
    await scene.until('it goes back in line', async () => first.output().includes('this one waits'));
    expect(await holderOf(scene)).toEqual({ pid: second.pid, token: token + 1 });
    await scene.until('its jobs run again', async () => first.output().includes('starting it again'));
    await chatter.stop();
    await expectNothingLost(town);
    expectAnsweredOnce(scene, [...early, ...late]);
    expect([first.ended(), second.ended()]).toEqual([null, null]);
  });

  test('F03 D23 that are replaced one after the other, under load, lose nothing and double nothing', async () => {
    await using town = await openTown(ground);
    const { scene } = town;
    let old = [await scene.serve(), await scene.serve()];
    const chatter = town.chatter();
    const sent: string[] = [];
    // At last the new desk is split: a process for each role.
    const fresh: readonly Spawning[] = [{}, { args: ['--role', 'ingest,work'] }, { args: ['--role', 'web'] }];
    for (const [at, spawning] of fresh.entries()) {
      sent.push(...(await writeAll(scene, TWELVE_REQUESTS.slice(at * 4, at * 4 + 4))));
      const [leaving, ...staying] = old;
      leaving?.kill('SIGTERM');
      injected('F03');
      expect(await leaving?.exit).toEqual({ code: 0, signal: null });
      old = [...staying, await scene.serve(spawning)];
    }
    const [worker, web] = old;
    if (worker === undefined || web === undefined) throw new Error('two are left');
    await untilHolds(scene, worker);
    await untilAnswered(scene, sent);
    await chatter.stop();
    await untilTakenIn(scene, town.posted.length);
    await untilNothingPends(scene);
    // Nothing was cut short: not one mail is of unknown outcome.
    await expectOutboxDeliveredOnce(scene);
    await expectNothingLost(town);
    expectAnsweredOnce(scene, sent);
    const status = async (desk: DeskProcess, path: string) =>
      (await fetch(`${urlOf(desk)}${path}`, { redirect: 'manual' })).status;
    expect(
      await Promise.all(['/', '/sign-in', '/metrics', '/readyz'].map((path) => status(worker, path))),
    ).toEqual([404, 404, 200, 200]);
    expect(await status(web, '/sign-in')).toBe(200);
  });
});
