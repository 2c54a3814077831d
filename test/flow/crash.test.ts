import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectAnsweredOnce,
  expectOnlyAdasRowsGone,
  expectOutboxDeliveredAtMostOnce,
  expectOutboxDeliveredOnce,
  expectProofsHold,
  expectTakenInOnce,
} from './assertions.ts';
import { type Ground, prepareGround } from './ground.ts';
import { TWELVE_REQUESTS } from './letters.ts';
import { openScene } from './scene.ts';
import {
  confirmAsAda,
  passGrace,
  untilAnswered,
  untilCompleted,
  untilKilled,
  untilTakenIn,
  writeAll,
} from './steps.ts';

/** The twelve requests, and Ada's answer with the code. */
const ALL_MAILS = TWELVE_REQUESTS.length + 1;

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

describe.concurrent('twelve mails of four customers, and a kill -9', () => {
  test('after the mails are decided loses none and doubles none', async () => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    await untilKilled(scene, scene.spawn('ingest.decided'));
    await scene.serve();
    await untilAnswered(scene, sent);
    const ticket = await confirmAsAda(scene, sent[0] ?? '');
    await untilTakenIn(scene, ALL_MAILS);
    await passGrace(scene, ticket);
    await untilCompleted(scene, ticket);
    await expectTakenInOnce(scene, sent);
    expectAnsweredOnce(scene, sent);
    await expectOutboxDeliveredOnce(scene);
    await expectOnlyAdasRowsGone(scene, before);
    await expectProofsHold(scene);
  });

  test('after a batch is erased and not yet recorded still ends with the right rows gone and no others', async () => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    const desk = scene.spawn('purge.batch.erased');
    await untilAnswered(scene, sent);
    const ticket = await confirmAsAda(scene, sent[0] ?? '');
    await untilTakenIn(scene, ALL_MAILS);
    await passGrace(scene, ticket);
    await untilKilled(scene, desk);
    expect(await scene.customers.checksums()).not.toEqual(before);
    await scene.serve();
    await untilCompleted(scene, ticket);
    await expectTakenInOnce(scene, sent);
    expectAnsweredOnce(scene, sent);
    await expectOutboxDeliveredAtMostOnce(scene);
    await expectOnlyAdasRowsGone(scene, before);
    await expectProofsHold(scene);
  });
});
