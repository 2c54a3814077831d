import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectTakenInOnce } from '../flow/assertions.ts';
import { spawnDesk } from '../flow/desk-process.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { smallTalk, TWELVE_REQUESTS } from '../flow/letters.ts';
import { openScene } from '../flow/scene.ts';
import {
  letUncertainMailsRepeat,
  untilAnswered,
  untilNothingPends,
  untilTakenIn,
  writeAll,
} from '../flow/steps.ts';
import { byForm } from './form.ts';
import { checkInvariants } from './invariants.ts';
import { faultSeed, randomFrom } from './random.ts';
import { supervise } from './supervisor.ts';
import { injected } from './tally.ts';
import { startTcpProxy } from './tcp-proxy.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

const KILLS = byForm({ short: 10, long: 500 });
/** From just after the start, when nothing is connected yet, to the middle of work. */
const LIFE_MS_MAX = 9_000;

test('F02 D11 D24 kills at random moments, of two desks under load, lose no mail and double none', async () => {
  const random = randomFrom(faultSeed());
  console.log(`F02: FAULT_SEED=${random.seed}`);
  await using scene = await openScene(ground);
  await using first = supervise(scene.settings);
  await using second = supervise(scene.settings);
  const sent: string[] = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const letter = TWELVE_REQUESTS[sent.length];
    if (letter !== undefined) sent.push(await scene.write(letter));
    for (let talk = 0; talk < 5; talk += 1) await scene.put(smallTalk(kill * 10 + talk));
    await sleep(random.next() * LIFE_MS_MAX); // the moment is what is random here
    await random.pick([first, second]).kill('SIGKILL');
    injected('F02');
  }
  await untilTakenIn(scene, scene.written.length);
  await untilNothingPends(scene);
  await letUncertainMailsRepeat(scene);
  await untilAnswered(scene, sent);
  await expectTakenInOnce(scene, sent);
  expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
  expect([...first.ownEnds, ...second.ownEnds], 'no desk ended by itself').toEqual([]);
});

describe('F03 a SIGTERM in the middle of work', () => {
  test('lets the mails on their way to a slow server arrive, and leaves the rest to the next desk', async () => {
    await using scene = await openScene(ground);
    const relay = new URL(scene.relay.url);
    await using slow = await startTcpProxy({ target: { port: Number(relay.port) } });
    slow.always({ delayMs: 150 });
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    const desk = spawnDesk({ ...scene.settings, SMTP_URL: `smtp://127.0.0.1:${slow.port}` });
    try {
      await scene.until('a mail is on its way', async () =>
        scene.db('outbox').select('id').where({ status: 'sending' }).first(),
      );
      desk.kill('SIGTERM');
      injected('F03');
      const exit = await scene.until('the desk drains and ends', async () => desk.ended());
      expect(exit).toEqual({ code: 0, signal: null });
    } finally {
      desk.kill('SIGKILL');
    }
    const left = await scene.db('outbox').select('id').whereIn('status', ['sending', 'unknown']);
    expect(left, 'no mail is of unknown outcome').toEqual([]);
    await scene.serve();
    await untilAnswered(scene, sent);
    await untilTakenIn(scene, sent.length);
    await untilNothingPends(scene);
    expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
  });
});
