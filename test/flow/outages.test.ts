import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectAnsweredOnce,
  expectOutboxDeliveredAtMostOnce,
  expectOutboxDeliveredOnce,
  expectTakenInOnce,
} from './assertions.ts';
import { type Ground, prepareGround } from './ground.ts';
import { TWELVE_REQUESTS } from './letters.ts';
import { openScene } from './scene.ts';
import { superviseDesk, untilAnswered, untilNothingPends, untilTakenIn, writeAll } from './steps.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

test('D10 D19 a mail server that is killed and comes back costs no mail and no second reply', async () => {
  await using scene = await openScene(ground);
  const desk = await scene.serve();
  const first = await writeAll(scene, TWELVE_REQUESTS.slice(0, 6));
  await ground.dovecot.kill();
  const second = await writeAll(scene, TWELVE_REQUESTS.slice(6));
  await scene.until('the desk says that the mailbox is not being read', async () =>
    desk.output().includes('the mailbox is not being read'),
  );
  await ground.dovecot.start();
  await untilAnswered(scene, [...first, ...second]);
  await untilTakenIn(scene, 12);
  await untilNothingPends(scene);
  expect(desk.ended()).toBeNull();
  await expectTakenInOnce(scene, [...first, ...second]);
  expectAnsweredOnce(scene, [...first, ...second]);
  await expectOutboxDeliveredOnce(scene);
});

test('D19 a database that is cut off in the middle and comes back costs no mail and no second reply', async () => {
  await using scene = await openScene(ground);
  await using _supervised = await superviseDesk(scene);
  const first = await writeAll(scene, TWELVE_REQUESTS.slice(0, 6));
  await scene.until('the first mails are there', async () => scene.db('messages').select('id').first());
  await ground.postgres.crash();
  await ground.postgres.start();
  await scene.until('the database answers', () => scene.db('desk_clock').select('id').first());
  const second = await writeAll(scene, TWELVE_REQUESTS.slice(6));
  await untilAnswered(scene, second);
  await untilTakenIn(scene, 12);
  await untilNothingPends(scene);
  await expectTakenInOnce(scene, [...first, ...second]);
  await expectOutboxDeliveredAtMostOnce(scene);
});
