import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectAnsweredOnce,
  expectNoLockedJob,
  expectOnlyAdasRowsGone,
  expectOutboxDeliveredOnce,
  expectProofsHold,
  expectTakenInOnce,
} from './assertions.ts';
import { type Ground, prepareGround } from './ground.ts';
import { ADAS_REQUEST } from './letters.ts';
import { openScene } from './scene.ts';
import { confirmAsAda, passGrace, untilCompleted } from './steps.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

test('a mail becomes a ticket, is confirmed, waits out its grace, deletes the rows and ends in a receipt', async () => {
  await using scene = await openScene(ground);
  const before = await scene.customers.checksums();
  const desk = await scene.serve();
  const request = await scene.write(ADAS_REQUEST);
  const ticket = await confirmAsAda(scene, request);
  await scene.until('the other admin is told', async () =>
    scene.inboxOf('tom').some((mail) => mail.template === 'owner_notice'),
  );
  expect(await scene.customers.checksums()).toEqual(before);
  await passGrace(scene, ticket);
  await untilCompleted(scene, ticket);
  await expectTakenInOnce(scene, [request]);
  expectAnsweredOnce(scene, [request]);
  await expectOnlyAdasRowsGone(scene, before);
  await expectOutboxDeliveredOnce(scene);
  desk.kill('SIGTERM');
  expect(await desk.exit).toEqual({ code: 0, signal: null });
  await expectNoLockedJob(scene);
  await expectProofsHold(scene);
  expect(desk.output()).not.toMatch(/[a-z]@(acme-inc|globex)\.test/);
});
