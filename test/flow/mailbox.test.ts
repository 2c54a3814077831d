import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectAnsweredOnce,
  expectNoLockedJob,
  expectOutboxDeliveredOnce,
  expectProcessedOnce,
  expectTakenInOnce,
} from './assertions.ts';
import { type Ground, prepareGround } from './ground.ts';
import { ADAS_REQUEST, deletionOf, smallTalk, TWELVE_REQUESTS, unreadable } from './letters.ts';
import { messageIdOf } from './received-mail.ts';
import { openScene } from './scene.ts';
import { untilAnswered, untilKilled, untilNothingPends, untilTakenIn, writeAll } from './steps.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

describe.concurrent('the mailbox', () => {
  test('whose numbers change while the desk is down is read anew, and no mail is taken in twice', async () => {
    await using scene = await openScene(ground);
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    await untilKilled(scene, scene.spawn('ingest.committed'));
    const before = await ground.dovecot.uidValidity(scene.name);
    await ground.dovecot.forgetNumbers(scene.name);
    await scene.serve();
    await untilAnswered(scene, sent);
    const late = await scene.write(deletionOf('ada', 'acme-inc', 'Partner Feed'));
    await untilTakenIn(scene, 13);
    expect(await ground.dovecot.uidValidity(scene.name)).not.toBe(before);
    await untilNothingPends(scene);
    await expectTakenInOnce(scene, [...sent, late]);
    expectAnsweredOnce(scene, [...sent, late]);
    await expectOutboxDeliveredOnce(scene);
  });

  test('whose numbers change while the desk reads it loses no mail and doubles none', async () => {
    await using scene = await openScene(ground);
    await scene.serve();
    const first = await writeAll(scene, TWELVE_REQUESTS.slice(0, 4));
    await untilAnswered(scene, first);
    const before = await ground.dovecot.uidValidity(scene.name);
    await ground.dovecot.changeUidValidity(scene.name);
    const second = await writeAll(scene, TWELVE_REQUESTS.slice(4, 8));
    await untilAnswered(scene, second);
    await ground.dovecot.forgetNumbers(scene.name);
    const third = await writeAll(scene, TWELVE_REQUESTS.slice(8));
    await untilAnswered(scene, third);
    expect(await ground.dovecot.uidValidity(scene.name)).not.toBe(before);
    await untilTakenIn(scene, 12);
    await untilNothingPends(scene);
    await expectTakenInOnce(scene, [...first, ...second, ...third]);
    expectAnsweredOnce(scene, [...first, ...second, ...third]);
    await expectOutboxDeliveredOnce(scene);
  });

  test('with a mail that nobody can read hands that to agents and handles those before and behind it', async () => {
    await using scene = await openScene(ground);
    const poison = unreadable();
    const before = await scene.write(ADAS_REQUEST);
    await ground.dovecot.deliver(scene.name, poison);
    const behind = await scene.write(deletionOf('priya', 'globex', 'Website Prod'));
    await scene.serve();
    await untilAnswered(scene, [before, behind]);
    await untilTakenIn(scene, 3);
    const kept = await scene
      .db('messages')
      .select<{ raw: Buffer; disposition: string; needs_agent: boolean }[]>(
        'raw',
        'disposition',
        'needs_agent',
      )
      .where({ disposition: 'unreadable' });
    expect(kept).toEqual([{ raw: poison, disposition: 'unreadable', needs_agent: true }]);
    await expectProcessedOnce(scene, [before, behind, messageIdOf(poison)]);
    await expectTakenInOnce(scene, [before, behind]);
    expectAnsweredOnce(scene, [before, behind]);
  });

  test('F15 with 300 mails is taken in completely, also when a SIGTERM comes in the middle', async () => {
    await using scene = await openScene(ground);
    const mails = Array.from({ length: 300 }, (_, index) => smallTalk(index + 1));
    for (const mail of mails) await ground.dovecot.deliver(scene.name, mail);
    const desk = scene.spawn();
    await scene.until('some mails are taken in', async () => scene.db('messages').select('id').first());
    desk.kill('SIGTERM');
    expect(await scene.until('the desk drains and ends', async () => desk.ended())).toEqual({
      code: 0,
      signal: null,
    });
    await expectNoLockedJob(scene);
    await scene.serve();
    await untilTakenIn(scene, 300);
    await expectProcessedOnce(scene, mails.map(messageIdOf));
    const rows = await scene.db('messages').select('disposition').count('* as mails').groupBy('disposition');
    expect(rows).toEqual([{ disposition: 'other', mails: 300 }]);
    expect(scene.delivered).toEqual([]);
  });
});

describe.concurrent('the SMTP server', () => {
  test('that is down for a while gets every mail later, and once', async () => {
    await using scene = await openScene(ground);
    await scene.relay.stop();
    const desk = await scene.serve();
    const sent = await writeAll(scene, TWELVE_REQUESTS);
    await scene.until('the desk has tried', async () =>
      scene.db('outbox').select('id').where('attempts', '>', 0).where({ status: 'pending' }).first(),
    );
    await scene.relay.start();
    await untilAnswered(scene, sent);
    await untilNothingPends(scene);
    expect(desk.ended()).toBeNull();
    await expectTakenInOnce(scene, sent);
    expectAnsweredOnce(scene, sent);
    await expectOutboxDeliveredOnce(scene);
  });
});
