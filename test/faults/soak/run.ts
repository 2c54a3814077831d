/**
 * Days of work in minutes: two desks on one database and mailbox, customers who write and answer, a clock that runs
 * faster, and kills, cut connections and restarts at random. Prints a line a minute, and at the end whether all holds.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { moveClock } from '../../../src/commands/move-clock.ts';
import { importEntry } from '../../../src/directory/import-entry.ts';
import { openCustomerDatabase } from '../../../src/sandbox/customer-database.ts';
import { SAMPLE_WORKSPACES } from '../../../src/sandbox/samples.ts';
import { CUSTOMERS_TEMPLATE, prepareGround } from '../../flow/ground.ts';
import { openScene } from '../../flow/scene.ts';
import { checkInvariants, checkRows } from '../invariants.ts';
import { randomFrom } from '../random.ts';
import { supervise } from '../supervisor.ts';
import { startTcpProxy } from '../tcp-proxy.ts';
import { settleCustomers } from './customers.ts';
import { checkDispositions, checkTickets, deleteAsAsked } from './judge.ts';
import { readSoakOptions } from './options.ts';
import { openPost } from './post.ts';
import { disturb } from './strangers.ts';
import { directoryWith, makeTown, settle } from './town.ts';
import { makeTrouble } from './trouble.ts';
import { measureStalls, residentMb, type Sample, slopeOf, tally } from './watch.ts';

const options = readSoakOptions(process.argv.slice(2));
const random = randomFrom(options.seed);
const began = performance.now();
const minutes = () => (performance.now() - began) / 60_000;
const say = (text: string) => console.log(text);

/** Of the new mails, the part that customers begin with; the rest is noise and worse. */
const CUSTOMERS_PART = 0.45;
const CLOCK_EVERY_MS = 5_000;
const WARM_UP_MINUTES = 10;
/** Normal work must be back so long after a fault. */
const RECOVERY_SECONDS = 120;
/** Within which what is due comes to its end once time has passed; of many, within which the next one does. */
const SETTLE_SECONDS = 300;
const SHOWN_OF_A_KIND = 20;
/** Nobody has written for so long: everybody has read their mail and answered. */
const QUIET_SECONDS = 45;

/** The first signal ends the work early, and everything is still looked at; the second ends the run. */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (!ending.signal.aborted) return ending.abort();
    for (const pid of desksRunning()) process.kill(pid, 'SIGKILL');
    process.exit(1);
  });
}
let desksRunning = (): readonly number[] => [];

say(
  `soak: ${options.minutes} minutes, clock ${options.speed.toFixed(0)} times as fast, ${options.rate} mails/s, --seed ${options.seed}`,
);
await using ground = Object.assign(await prepareGround(), {
  [Symbol.asyncDispose]: async () => ground.stop(),
});
await using scene = await openScene(ground);
const town = makeTown(Math.max(60, Math.ceil((options.rate * options.minutes * 60) / 5)));
const directory = join(ground.folder, 'town.json');
const known = SAMPLE_WORKSPACES.filter(
  ({ deletedAt, blockers }) => deletedAt === null && blockers.length === 0,
);
await writeFile(
  directory,
  JSON.stringify(
    directoryWith(
      known.map((one) => importEntry(one)),
      town,
    ),
  ),
);
const imported = await scene.command('directory', 'import', directory);
if (imported.code !== 0) throw new Error(`the town cannot move in:\n${imported.output}`);
await settle(scene.customers.url, town);
const copyName = `${scene.name}_untouched`;
const copyUrl = await ground.postgres.createDatabase(copyName, CUSTOMERS_TEMPLATE);
await settle(copyUrl, town);
await scene.db('desk_clock').update({ movable: true });

const imapUrl = new URL(scene.settings.IMAP_URL ?? '');
await using imap = await startTcpProxy({ target: { port: Number(imapUrl.port) } });
imapUrl.port = String(imap.port);
const settings = { ...scene.settings, IMAP_URL: imapUrl.href };
await using first = supervise(settings);
await using second = supervise(settings);
desksRunning = () => [first, second].flatMap(({ desk }) => desk().pid ?? []);
let offsetMs = 0;
const advance = async (byMs: number) => {
  offsetMs = (await moveClock(scene.db, { byMs })).getTime() - Date.now();
};
await using post = await openPost(scene, () => new Date(Date.now() + offsetMs));
const customers = settleCustomers(scene, post, town, random);
const stalls = measureStalls(scene.db, post);

let working = true;
let writing = true;
/** Runs again and again; while the database is away nothing here can work either. */
const loop = async (everyMs: () => number, work: () => Promise<unknown>): Promise<void> => {
  while (working) {
    await work().catch((error: unknown) => lastError(error));
    await sleep(everyMs());
  }
};
let harnessErrors = 0;
const lastError = (error: unknown) => {
  harnessErrors += 1;
  if (process.env.SOAK_DEBUG !== undefined) console.error(String(error));
};

/** By process. */
const memory = new Map<string, readonly Sample[]>();
let lives = '';
const trouble = makeTrouble({
  desks: [first, second],
  imap,
  postgres: ground.postgres,
  random,
  means: {
    kill: 60_000,
    cut: 40_000,
    restart: Math.max(120_000, (options.minutes * 60_000) / 12),
  },
  // In the first third both; then one is left alone, so that its memory can be watched.
  mortal: () => (minutes() < options.minutes / 3 ? [first, second] : [second]),
});

const loops = [
  loop(
    () => random.wait(1_000 / options.rate),
    async () => {
      if (!writing) return;
      const asked = random.chance(CUSTOMERS_PART) && (await customers.ask());
      if (!asked) await disturb(post, town, random);
    },
  ),
  loop(
    () => 500,
    () => customers.read(),
  ),
  loop(
    () => 1_000,
    () => stalls.look(),
  ),
  loop(
    () => CLOCK_EVERY_MS,
    async () => {
      if (writing) await advance(Math.round(CLOCK_EVERY_MS * (options.speed - 1)));
    },
  ),
];

const line = async () => {
  const rss: string[] = [];
  for (const [name, supervised] of Object.entries({ first, second })) {
    const { pid } = supervised.desk();
    const mb = await residentMb(pid);
    if (mb !== null) {
      const life = `${name} desk ${pid}`;
      memory.set(life, [...(memory.get(life) ?? []), { minute: minutes(), mb }]);
    }
    rss.push(`${name} ${mb?.toFixed(0) ?? '-'} MB`);
  }
  const clock = await scene.db.raw<{ rows: { days: string }[] }>(
    'select round(offset_ms / 86400000.0, 1) as days from desk_clock',
  );
  const { kills, terms, cuts, restarts } = trouble.counts;
  lives = `desk starts ${first.starts()} + ${second.starts()}`;
  say(
    [
      `minute ${minutes().toFixed(0)}, desk day ${clock.rows[0]?.days}: mails in ${post.book.length}`,
      `dispositions ${await tally(scene.db, 'messages', 'disposition')}`,
      `tickets ${await tally(scene.db, 'tickets', 'state')}`,
      `replies ${scene.delivered.length}`,
      rss.join(', '),
      stalls.report(),
      `kills ${kills}, terms ${terms}, cuts ${cuts}, restarts ${restarts}, ${lives}`,
    ].join(' | '),
  );
};

while (!ending.signal.aborted && minutes() < options.minutes) {
  await sleep(60_000, undefined, { signal: ending.signal }).catch(() => undefined);
  await line().catch((error: unknown) => say(`minute ${minutes().toFixed(0)}: ${String(error)}`));
}

/**
 * Waits until nothing is left, as long as it gets less.
 *
 * @param withinSeconds - in which there must be less than ever before
 * @returns seconds that it took, `null` when it did not come to an end
 */
async function settled(
  what: string,
  withinSeconds: number,
  left: () => Promise<number>,
): Promise<number | null> {
  const since = performance.now();
  const seconds = () => (performance.now() - since) / 1_000;
  let least = Number.POSITIVE_INFINITY;
  for (let progressed = 0; seconds() - progressed < withinSeconds; ) {
    const now = await left().catch(() => least);
    if (now === 0) return seconds();
    if (now < least) {
      least = now;
      progressed = seconds();
    }
    await sleep(1_000);
  }
  breaches.push(`I8 not within ${withinSeconds} s: ${what}`);
  return null;
}

const breaches: string[] = [];
const count = async (sql: string): Promise<number> =>
  (await scene.db.raw<{ rows: { n: number }[] }>(`select count(*) as n from ${sql}`)).rows[0]?.n ?? 0;

writing = false;
await trouble.stop();
const recovery = await settled('every mail has its disposition', RECOVERY_SECONDS, async () => {
  const done = await count("messages where status = 'done' and moved_at is not null");
  return Math.abs(post.book.length - done);
});
if (recovery !== null && recovery > RECOVERY_SECONDS)
  breaches.push(`I8 every mail had its disposition only ${recovery.toFixed(0)} s after the last fault`);
say(`after the last fault every mail was handled within ${recovery?.toFixed(0) ?? '-'} s`);
await finish();
await line();
breaches.push(
  ...(await checkInvariants(scene, { mails: post.mails })),
  ...(await checkDispositions(scene.db, post)),
  ...(await checkTickets(scene.db, customers)),
);
await deleteAsAsked(scene.db, customers, copyUrl);
const untouched = await openCustomerDatabase(ground.postgres.urlOf('postgres'), {
  until: new Date(0),
  name: copyName,
});
breaches.push(...checkRows(await untouched.checksums(), await scene.customers.checksums()));
await untouched.close();
working = false;
await Promise.all(loops);
report();

/** Lets every clock run out: uncertain mails are repeated, codes lapse, graces end, purges come to their end. */
async function finish(): Promise<void> {
  await outboxAtRest();
  await customersAtRest();
  for (let day = 0; day < 8; day += 0.25) {
    await advance(6 * 3_600_000);
    await sleep(1_500);
  }
  await settled('every ticket has come to its end', SETTLE_SECONDS, async () => {
    await advance(60_000);
    return count("tickets where state in ('needs_details', 'verifying', 'approval', 'grace', 'purging')");
  });
  await outboxAtRest();
}

/** A repeat is due a quarter of an hour after a lease of three minutes, by a clock that cannot be moved. */
async function outboxAtRest(): Promise<void> {
  await settled('the outbox is sent', SETTLE_SECONDS, async () => {
    const owed = `status = 'unknown' and template in ('verify_request', 'completed') and attempts < 2`;
    await scene.db.raw(
      `update outbox set lease_until = clock_timestamp() - interval '1 second'
       where status = 'sending' and lease_until < clock_timestamp() + interval '100 seconds'`,
    );
    await scene.db.raw(`update outbox set next_attempt_at = clock_timestamp() where ${owed}`);
    await advance(60_000);
    return count(`outbox where status in ('pending', 'sending') or (${owed})`);
  });
}

/** Everybody has read their mail and answered what they mean to answer. */
async function customersAtRest(): Promise<void> {
  let quiet = 0;
  let last = -1;
  await settled('customers have nothing more to say', 2 * SETTLE_SECONDS, async () => {
    const now = post.book.length + scene.delivered.length;
    quiet = now === last ? quiet + 1 : 0;
    last = now;
    return Math.max(0, QUIET_SECONDS - quiet);
  });
}

/** Breaches that differ in numbers and names alone are of one kind. */
function kindOf(breach: string): string {
  return breach.replaceAll(/\S*@\S*/g, '…').replaceAll(/[\w-]*\d[\w-]*/g, '#');
}

function report(): void {
  say('');
  for (const [name, samples] of memory) {
    const slope = slopeOf(samples, WARM_UP_MINUTES);
    if (slope !== null)
      say(
        `${name}: ${slope.mbAnHour.toFixed(1)} MB an hour over minutes ${slope.from.minute.toFixed(0)} to ${slope.to.minute.toFixed(0)} (${slope.from.mb.toFixed(0)} to ${slope.to.mb.toFixed(0)} MB, ${slope.samples} samples)`,
      );
  }
  for (const own of [...first.ownEnds, ...second.ownEnds]) say(`a desk ended by itself: ${own}`);
  say(`mails in ${post.book.length}, requests ${customers.requests.size}, replies ${scene.delivered.length}`);
  say(
    `longest stall ${stalls.longestSeconds().toFixed(1)} s; the harness itself met ${harnessErrors} errors`,
  );
  for (const [kind, alike] of Map.groupBy(breaches, kindOf)) {
    say(`BREACH ${alike.length} times: ${kind}`);
    for (const breach of alike.slice(0, SHOWN_OF_A_KIND)) say(`  ${breach}`);
  }
  say(breaches.length === 0 ? 'all invariants hold' : `${breaches.length} breaches, --seed ${options.seed}`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
