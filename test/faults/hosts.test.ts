/** A desk on two hosts beside that of the servers; one of them is cut off from the network while it works. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAnsweredOnce } from '../flow/assertions.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { TWELVE_REQUESTS } from '../flow/letters.ts';
import type { Scene } from '../flow/scene.ts';
import { confirmAsAda, untilAnswered, writeAll } from '../flow/steps.ts';
import { type Network, openNetwork } from './network.ts';
import { injected } from './tally.ts';
import { expectNothingLost, openTown, untilHolds } from './two-desks.ts';

let network: Network;
let ground: Ground;
beforeAll(async () => {
  network = await openNetwork(2);
  ground = await prepareGround(network.address);
});
afterAll(async () => {
  await ground?.stop();
  await network?.[Symbol.asyncDispose]();
});

describe('F16 D23 a host that is cut off from the network while it reads the mailbox', () => {
  test('is replaced by another, is refused when it comes back, and nothing is lost or doubled', async () => {
    const [b, c] = network.hosts;
    if (b === undefined || c === undefined) throw new Error('two hosts were asked for');
    await using town = await openTown(ground);
    const { scene } = town;
    const onB = await scene.serve({ through: b.through });
    const token = await untilHolds(scene, onB);
    // A job that B has begun and that does not end before the cut.
    const release = await beginJob(scene);
    const onC = await scene.serve({ through: c.through });
    const chatter = town.chatter();
    const first = await writeAll(scene, TWELVE_REQUESTS.slice(0, 4));
    await untilAnswered(scene, first.slice(0, 1));
    await b.cutOff();
    injected('F16');
    await release();
    const meanwhile = await writeAll(scene, TWELVE_REQUESTS.slice(4, 8));
    expect(await untilHolds(scene, onC)).toBe(token + 1);
    await untilAnswered(scene, meanwhile);
    await scene.until('C ends what B had begun', async () =>
      scene.db('audit_checks').select('id').whereNotNull('finished_at').first(),
    );
    await b.reconnect();
    await scene.until('B goes back in line', async () => onB.output().includes('this one waits'));
    const last = await writeAll(scene, TWELVE_REQUESTS.slice(8));
    await untilAnswered(scene, last);
    const ticket = await confirmAsAda(scene, first[0] ?? '');
    expect(ticket).toBeGreaterThan(0);
    // C goes for good: B, which was stale, reads on.
    onC.kill('SIGTERM');
    expect(await onC.exit).toEqual({ code: 0, signal: null });
    expect(await untilHolds(scene, onB)).toBe(token + 2);
    await chatter.stop();
    await expectNothingLost(town);
    expectAnsweredOnce(scene, [...first, ...meanwhile, ...last]);
    expect(onB.ended()).toBeNull();
  });
});

/** Has a check of the audit chains begin and wait for a row that is locked here. @returns what lets it go on */
async function beginJob({ db, until }: Scene): Promise<() => Promise<unknown>> {
  await db('audit_checks').insert({ asked_by: 'test' });
  const trx = await db.transaction();
  await trx.raw('select id from audit_checks for update');
  await db.raw("select graphile_worker.add_job('audit.check', queue_name => 'audit')");
  await until('the job has begun', async () =>
    db('graphile_worker.jobs').where({ task_identifier: 'audit.check' }).whereNotNull('locked_by').first(),
  );
  return () => trx.commit();
}
