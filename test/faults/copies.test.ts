import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { ADAS_REQUEST, smallTalk, TWELVE_REQUESTS } from '../flow/letters.ts';
import { messageIdOf } from '../flow/received-mail.ts';
import { openScene } from '../flow/scene.ts';
import { untilAnswered, untilNothingPends, untilTakenIn } from '../flow/steps.ts';
import { ATTACKS } from '../trust/attacks/index.ts';
import { makeKeys } from '../trust/attacks/keyring.ts';
import { byForm } from './form.ts';
import { checkInvariants } from './invariants.ts';
import { faultSeed, randomFrom } from './random.ts';
import { injected } from './tally.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

/** As a second server on the way passes it on. */
const through = (raw: Buffer, number: number): Buffer =>
  Buffer.concat([
    Buffer.from(
      `Delivered-To: desk@desk.example\r\nReceived: from hop${number}.example ([192.0.2.${number % 250}])\r\n\tby mx${number}.example with ESMTP id ${number};\r\n\tMon, 02 Nov 2026 09:00:00 +0000\r\n`,
    ),
    raw,
  ]);

test('F17 D11 a mail that is delivered two or fifty times opens one ticket and is answered once', async () => {
  await using scene = await openScene(ground);
  const copies = byForm({ short: [2, 50], long: [2, 3, 5, 10, 20, 50] });
  const sent: string[] = [];
  for (const [no, count] of copies.entries()) {
    const letter = TWELVE_REQUESTS[no];
    if (letter === undefined) continue;
    sent.push(await scene.write(letter));
    const raw = scene.written.at(-1) ?? Buffer.alloc(0);
    for (let copy = 2; copy <= count; copy += 1) await scene.put(through(raw, copy));
    injected('F17', count - 1);
  }
  await scene.serve();
  await untilTakenIn(scene, scene.written.length);
  // And once more, when the first has long been decided.
  await scene.put(through(scene.written[0] ?? Buffer.alloc(0), 99));
  injected('F17');
  await untilTakenIn(scene, scene.written.length);
  await untilAnswered(scene, sent);
  await untilNothingPends(scene);
  const rows = await scene.db('messages').select('disposition').count('* as n').groupBy('disposition');
  expect(Object.fromEntries(rows.map((row) => [row.disposition, row.n]))).toEqual({
    opened: sent.length,
    duplicate: scene.written.length - sent.length,
  });
  expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
});

test('F18 whatever poison lies first in the queue, the mails behind it are handled', async () => {
  const random = randomFrom(faultSeed());
  console.log(`F18: FAULT_SEED=${random.seed}`);
  await using scene = await openScene(ground);
  const { keys } = makeKeys();
  const poison = ATTACKS.filter(({ id }) => /^T7[0-7]$/.test(id))
    .map((attack) => ({ attack, order: random.next() }))
    .sort((one, other) => one.order - other.order);
  const behind: string[] = [];
  for (const [no, { attack }] of poison.entries()) {
    await scene.put(await attack.build(keys));
    const next = smallTalk(no);
    behind.push(messageIdOf(next));
    await scene.put(next);
  }
  const request = await scene.write(ADAS_REQUEST);
  injected('F18', poison.length);
  const desk = await scene.serve();
  await untilAnswered(scene, [request]);
  await untilTakenIn(scene, scene.written.length);
  await untilNothingPends(scene);
  expect(desk.ended()).toBeNull();
  const handled = await scene
    .db('messages')
    .select<{ disposition: string }[]>('disposition')
    .whereIn('message_id_header', behind);
  expect(handled.map(({ disposition }) => disposition)).toEqual(behind.map(() => 'other'));
  expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
});
