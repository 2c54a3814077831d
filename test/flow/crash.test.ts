import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectAnsweredOnce,
  expectOnlyAdasRowsGone,
  expectOutboxDeliveredAtMostOnce,
  expectOutboxDeliveredOnce,
  expectProofsHold,
  expectRepeatsAreTheSame,
  expectTakenInOnce,
} from './assertions.ts';
import { type Ground, prepareGround } from './ground.ts';
import { TWELVE_REQUESTS } from './letters.ts';
import { openScene } from './scene.ts';
import {
  confirmAsAda,
  letUncertainMailsRepeat,
  passGrace,
  untilAnswered,
  untilCompleted,
  untilKilled,
  untilNothingPends,
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
  test.each([
    { label: 'ingest.committed', moment: 'the mails are committed' },
    { label: 'ingest.moved', moment: 'they are moved' },
    { label: 'ingest.decided', moment: 'they are decided' },
  ])('after $moment loses none and doubles none', async ({ label }) => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    await untilKilled(scene, scene.spawn(label));
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

  test.each([
    { label: 'purge.batch.erased', moment: 'a batch is erased and not yet recorded' },
    { label: 'purge.batch.recorded', moment: 'a batch is recorded' },
  ])('after $moment still ends with the right rows gone and no others', async ({ label }) => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    const desk = scene.spawn(label);
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

  test('after the SMTP server took a reply and before that was noted sends it at most once more, and the same', async () => {
    await using scene = await openScene(ground);
    const before = await scene.customers.checksums();
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    await untilKilled(scene, scene.spawn('reply.sent'));
    expect(scene.delivered.length).toBeGreaterThanOrEqual(1);
    await scene.serve();
    await untilNothingPends(scene);
    await expectOutboxDeliveredAtMostOnce(scene);
    const uncertain = await letUncertainMailsRepeat(scene);
    await untilAnswered(scene, sent);
    expectRepeatsAreTheSame(scene, uncertain);
    const ticket = await confirmAsAda(scene, sent[0] ?? '');
    await untilTakenIn(scene, ALL_MAILS);
    await passGrace(scene, ticket);
    await untilCompleted(scene, ticket);
    await expectTakenInOnce(scene, sent);
    await expectOnlyAdasRowsGone(scene, before);
    await expectProofsHold(scene);
  });
});
