/**
 * A process that runs desks, one after the other. It is one of its own because a mail may bring it down: then whoever
 * started it says so of that mail and starts another.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { MailReader } from '../../../src/commands/mail-reader.ts';
import { openWholeDesk } from '../../../src/commands/open-desk.ts';
import { runDesk } from '../../../src/commands/run-desk.ts';
import { type Clock, openClock } from './clock.ts';
import { createDatabase, dropDatabase } from './databases.ts';
import { liveThrough, untilQuiet } from './days.ts';
import { deliver } from './maildir.ts';
import { outcomeOf } from './outcome.ts';
import { CUSTOMERS_TEMPLATE, DESK_TEMPLATE, type Job, type LaneAnswer, type Place } from './place.ts';
import { readerFor } from './reading.ts';
import type { MailReport } from './report.ts';
import { settingsOf } from './settings.ts';
import { startSink } from './sink.ts';
import { countRows } from './store.ts';

/** How long a desk may work on what is due at one instant of its days: machines are shared. */
const QUIET_MS = 120_000;

/** The customers' rows, copied again only once a desk has deleted some. */
let customers: { readonly name: string; readonly url: string; readonly rows: number } | null = null;

async function freshCustomers(place: Place, name: string): Promise<NonNullable<typeof customers>> {
  if (customers !== null) return customers;
  const url = await createDatabase(place.postgresUrl, `${name}_customers`, CUSTOMERS_TEMPLATE);
  customers = { name: `${name}_customers`, url, rows: await countRows(url) };
  return customers;
}

/** Making its threads takes longer than a desk's ten days: all desks of this process read with the same ones. */
let reader: MailReader | null = null;

async function runJob(place: Place, job: Job): Promise<readonly MailReport[]> {
  await using parts = new AsyncDisposableStack();
  const sink = await startSink();
  parts.defer(() => sink.stop());
  const store = await freshCustomers(place, job.name);
  const database = await createDatabase(place.postgresUrl, `${job.name}_desk`, DESK_TEMPLATE);
  parts.defer(() => dropDatabase(place.postgresUrl, `${job.name}_desk`));
  const clock = await openClock(database);
  parts.defer(() => clock.close());
  const start = new Date(place.instant);
  // INTERNALDATE has whole seconds: with this one the mails arrive at exactly the instant that was asked for.
  const machine = new Date(Math.floor(Date.now() / 1_000) * 1_000);
  await clock.set(start, machine);
  const send = async (place: number) => {
    const mail = job.mails[place];
    if (mail !== undefined) await deliver(job.maildir, await readFile(mail.path), place, machine);
  };
  const first = job.atOnce ? job.mails.length : 1;
  for (let index = 0; index < first; index += 1) await send(index);
  const settings = settingsOf(place, {
    database,
    customers: store.url,
    imap: job.imapUrl,
    smtp: sink.url,
  });
  const opened = await openWholeDesk({ env: settings, migrate: false });
  parts.defer(() => opened.close());
  let fatal: unknown = null;
  reader ??= readerFor(settings);
  const { read, closer } = reader;
  const desk = { ...opened.desk, ingest: { ...opened.desk.ingest, read, closer } };
  const running = await runDesk(desk, (error) => {
    fatal = error;
  });
  parts.defer(() => running.stop());
  let problem: string | null = null;
  try {
    for (let index = first; index <= job.mails.length; index += 1) {
      await untilTakenIn(opened.desk.db, clock, place.before.lastMessage, index);
      await send(index);
    }
    await liveThrough(clock, start, QUIET_MS);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (fatal !== null) problem = `the desk ended: ${fatal instanceof Error ? fatal.message : String(fatal)}`;
  const rowsDeleted = store.rows - (await countRows(store.url));
  const files = job.mails.map(({ file }) => file);
  const lines = await outcomeOf(opened.desk.db, files, sink.taken, place.before, rowsDeleted);
  if (rowsDeleted !== 0) {
    customers = null;
    parts.defer(() => dropDatabase(place.postgresUrl, store.name));
  }
  return problem === null ? lines : lines.map((line) => ({ ...line, problem }));
}

/** The first `count` mails lie in the database, and nothing is left to do about them now. */
async function untilTakenIn(db: Knex, clock: Clock, after: number, count: number): Promise<void> {
  for (const deadline = performance.now() + QUIET_MS; ; await sleep(10)) {
    const found = await db('messages').where('id', '>', after).count<{ n: number }[]>('* as n');
    if (Number(found[0]?.n ?? 0) >= count) break;
    if (performance.now() > deadline)
      throw new Error(`the desk did not take the mail in within ${QUIET_MS / 1_000} s`);
  }
  await untilQuiet(clock, QUIET_MS);
}

let place: Place | null = null;

const answer = (message: LaneAnswer): void => {
  process.send?.(message);
};

process.on('message', (message: { readonly place?: Place; readonly job?: Job }) => {
  if (message.place !== undefined) {
    place = message.place;
    answer({ kind: 'ready' });
  }
  if (message.job === undefined || place === null) return;
  runJob(place, message.job).then(
    (lines) => answer({ kind: 'done', lines }),
    (error: unknown) =>
      answer({
        kind: 'failed',
        why: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  );
});
// Whoever started us has gone: nobody is left to tell.
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; whoever started us ends us in order
