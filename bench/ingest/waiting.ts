import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { prepareGround } from './ground.ts';
import { placeMails } from './maildir.ts';
import { memoryOf } from './processes.ts';
import { DESK_IS_DONE, MAILS_A_SENDER, makeMails } from './round.ts';

/** What the desk promises of a process, in MiB. */
const PEAK_MAX = 256;
const SAMPLE_MS = 1_000;
const PART = 5_000;
/** The caches fill and the code gets warm before. */
const SETTLED_MAILS = 3_000;

/** Memory of one process while it works off a mailbox in which so many mails wait. */
export async function benchWaiting(mails: number, nodeOptions: readonly string[]): Promise<void> {
  await using ground = await prepareGround();
  const url = await ground.deskDatabase('desk', Math.ceil(mails / MAILS_A_SENDER) + 1);
  const desk = await ground.party('desk', url);
  await desk.startDesk(nodeOptions);
  const [{ pid = 0 } = {}] = desk.processes;
  await sleep(3_000);
  console.log(`idle: ${memoryOf(pid).rss.toFixed(0)} MB`);
  const releases: (() => Promise<void>)[] = [];
  for (let first = 0; first < mails; first += PART) {
    const batch = { first, firstSender: first / MAILS_A_SENDER, mails: Math.min(PART, mails - first) };
    const made = await makeMails(ground, batch);
    releases.push(
      await placeMails(
        ground.folder,
        'desk',
        made.map(({ raw }) => raw),
      ),
    );
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const begun = performance.now();
  for (const release of releases) await release();
  const samples: { readonly handled: number; readonly rss: number }[] = [];
  for (let done = false; !done; ) {
    await sleep(SAMPLE_MS);
    const { rows } = await client.query(
      `select count(*)::int as handled from messages where status = 'done'`,
    );
    samples.push({ handled: rows[0]?.handled ?? 0, rss: memoryOf(pid).rss });
    done = samples.at(-1)?.handled === mails && (await client.query(DESK_IS_DONE)).rows[0]?.done === true;
  }
  const seconds = (performance.now() - begun) / 1_000;
  await client.end();
  const { peak } = memoryOf(pid);
  const settled = samples.filter(({ handled }) => handled >= Math.min(SETTLED_MAILS, mails / 2));
  console.log(
    `${mails.toLocaleString('en')} mails waited, ${(mails / seconds).toFixed(0)} mails/s: peak ${peak.toFixed(0)} MB, ` +
      `${(slope(settled) * 1_000).toFixed(2)} MB more for each 1,000 mails handled`,
  );
  const quarter = Math.max(1, Math.ceil(samples.length / 4));
  const peaks = [0, 1, 2, 3].map((no) =>
    Math.max(0, ...samples.slice(no * quarter, (no + 1) * quarter).map(({ rss }) => rss)).toFixed(0),
  );
  console.log(`  peaks of the quarters ${peaks.join(', ')} MB`);
  if (peak > PEAK_MAX) process.exitCode = 1;
}

/** Least squares: MB a mail. */
function slope(samples: readonly { readonly handled: number; readonly rss: number }[]): number {
  const mean = (of: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ handled }) => handled), mean(({ rss }) => rss)];
  const spread = samples.reduce((sum, { handled }) => sum + (handled - x) ** 2, 0);
  return samples.reduce((sum, { handled, rss }) => sum + (handled - x) * (rss - y), 0) / spread;
}
