import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareGround } from './ground.ts';
import { placeMails } from './maildir.ts';
import { makeMails } from './round.ts';

const MAILS = 25;
const WARM_UP = 5;
/** What the desk promises of the median. */
const MEDIAN_MAX_MS = 1_000;

/** Milliseconds from a mail's delivery into the mailbox until its answer has gone out, one at a time at an idle desk. */
export async function benchIdle(): Promise<void> {
  await using ground = await prepareGround();
  const desk = await ground.party('desk', await ground.deskDatabase('desk', MAILS));
  await desk.startDesk();
  const took: number[] = [];
  for (const [index, { raw }] of (
    await makeMails(ground, { first: 0, firstSender: 0, mails: MAILS })
  ).entries()) {
    // At any point of whatever the desk does in turns.
    await sleep(randomInt(500, 2_500));
    const release = await placeMails(ground.folder, 'desk', [raw]);
    const answered = ground.answered(1);
    const begun = Date.now();
    await release();
    const { at } = await answered;
    if (index >= WARM_UP) took.push((at[0]?.[1] ?? Number.NaN) - begun);
  }
  took.sort((a, b) => a - b);
  const share = (part: number) =>
    took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? Number.NaN;
  console.log(
    `from delivery to the answer at an idle desk, ${took.length} mails: ` +
      `p50 ${share(0.5)} ms, p95 ${share(0.95)} ms, ${took[0]}-${took.at(-1)} ms`,
  );
  if (share(0.5) > MEDIAN_MAX_MS) process.exitCode = 1;
}
