import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alarmsOf } from '../../../src/commands/console/alarms.ts';
import { standingAlarms } from '../../../src/commands/watch/alarms.ts';
import { type DutyRun, forgetProcesses, runDuties } from '../../../src/commands/watch/duties.ts';
import { readWatchFacts } from '../../../src/commands/watch/facts.ts';
import { startWatchman } from '../../../src/commands/watch/watchman.ts';
import { openSideConnection } from '../../../src/db/side-connection.ts';
import { leaseStore } from '../../../src/ingest/lease-store.ts';
import { openMailbox } from '../../../src/ingest/mailbox-store.ts';
import { until } from '../../flow/until.ts';
import { freshDatabase, type TestDatabase } from '../../support/database.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}

const BOX = { account: 'imap.example:993/desk', folder: 'INBOX' };

let fresh: TestDatabase;
const lines: Line[] = [];
const log = (level: string, message: string, details: Line['details']) => {
  lines.push({ level, message, details });
};

/** Beats as fast as it can, on a database of its own. */
const watchOver = (url = fresh.url) =>
  startWatchman({
    databaseUrl: url,
    version: '0.0.0',
    roles: ['work', 'web'],
    mailboxes: [BOX],
    log,
    beatMs: 150,
  });

beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh[Symbol.asyncDispose]());

describe('readiness', () => {
  test('F22 is red while the database takes nothing in, says why, and comes back by itself', async () => {
    const watchman = watchOver();
    expect(watchman.readiness()).toMatchObject({ ready: false, reasons: ['starting'] });
    await until('it is ready', async () => watchman.readiness().ready);
    expect(await fresh.db('processes').select('version', 'roles')).toEqual([
      { version: '0.0.0', roles: ['work', 'web'] },
    ]);

    const name = new URL(fresh.url).pathname.slice(1);
    const cutOff = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'purgedesk-watch' and datname = '${name}'`;
    await fresh.db.raw(`alter database ${name} set default_transaction_read_only = on`);
    await fresh.db.raw(cutOff);
    await until('it is not', async () => watchman.readiness().reasons.includes('database_read_only'));
    await fresh.db.raw(
      `set default_transaction_read_only = off; alter database ${name} reset default_transaction_read_only`,
    );
    await fresh.db.raw(cutOff);
    await until('it is ready again', async () => watchman.readiness().ready);

    const [gone] = await fresh.db('purgedesk_migrations').orderBy('id', 'desc').limit(1);
    await fresh.db('purgedesk_migrations').where({ id: gone.id }).delete();
    await until('a migration is missing', async () => watchman.readiness().reasons.includes('migrations'));
    await fresh.db('purgedesk_migrations').insert(gone);
    await until('it is ready again', async () => watchman.readiness().ready);

    watchman.stopping();
    expect(watchman.readiness().reasons).toEqual(['stopping']);
    await watchman.stop();
    expect(await fresh.db('processes').select('id')).toEqual([]);
  });

  test('F23 F36 answers at once though the database does not answer, or the loop stood still', async () => {
    const watchman = watchOver('postgres://nobody@127.0.0.1:9/none');
    await until('it says why', async () => watchman.readiness().reasons.includes('database'));
    expect(watchman.readiness().facts).toBeNull();
    await watchman.stop();
    const other = watchOver();
    await until('it is ready', async () => other.readiness().ready);
    for (const end = performance.now() + 5_300; performance.now() < end; );
    await until('the stall is seen', async () => other.readiness().reasons.includes('event_loop'));
    await until('and over', async () => other.readiness().ready);
    await other.stop();
  });
});

test('alarms are told once while they stand as they are, and once when they are over', async () => {
  const id = await openMailbox(fresh.db, BOX.account, BOX.folder, 'main');
  const connection = openSideConnection(fresh.url, { name: 'test', timeoutMs: 5_000 });
  const isHeld = async () => (await readWatchFacts(connection)).mailboxes[0]?.isHeld;
  expect(await isHeld()).toBe(false);
  expect(await leaseStore(connection, id, 'here/1').take()).not.toBeNull();
  expect(await isHeld()).toBe(true);
  await connection.close();
  await fresh.db.raw("update mailboxes set last_polled_at = now() - interval '17 hours' where id = ?", [id]);
  lines.length = 0;
  const watchman = watchOver();
  const told = () => lines.filter(({ message }) => message.includes('alarms'));
  await until('it tells', async () => told().length > 0);
  const beats = async () => (await fresh.db('processes').max('seen_at as at'))[0]?.at;
  const first = await beats();
  await until('some beats later', async () => (await beats()) > first);
  await fresh.db.raw('update mailboxes set last_polled_at = now() where id = ?', [id]);
  await until('it is over', async () => told().length > 1);
  await watchman.stop();
  expect(told()).toEqual([
    { level: 'error', message: 'alarms stand', details: { alarms: 'mailbox_silent(main)', count: 1 } },
    { level: 'info', message: 'the alarms are over', details: { alarms: 'mailbox_silent(main)' } },
  ]);
});

test('a job that was asked for anew while it ran has not failed for good when it fails; another one has', async () => {
  await using desk = await freshDatabase();
  const connection = openSideConnection(desk.url, { name: 'test', timeoutMs: 5_000 });
  const failed = async () => (await readWatchFacts(connection)).jobsFailed;
  const ask = () =>
    desk.db.raw(`select graphile_worker.add_job('context.erase', job_key => 'erase', max_attempts => 2)`);
  await ask();
  await desk.db.raw(
    `update graphile_worker._private_jobs set locked_at = now(), locked_by = 'here', attempts = 1`,
  );
  await ask();
  await desk.db.raw(`update graphile_worker._private_jobs set locked_at = null, locked_by = null, last_error = 'gone'
    where locked_at is not null`);
  expect(await desk.db('graphile_worker.jobs').whereRaw('attempts >= max_attempts')).toHaveLength(1);
  expect(await failed()).toBe(0);
  await desk.db.raw(`update graphile_worker._private_jobs set attempts = 2 where key = 'erase'`);
  expect(await failed()).toBe(1);
  await connection.close();
});

test('agents read above every page what was found, and once what they themselves have ordered', async () => {
  const standing = standingAlarms(
    {
      mailboxes: [],
      oldestPendingSeconds: 900,
      oldestOutboxSeconds: null,
      oldestTicketSeconds: null,
      oldestJobSeconds: null,
      jobsFailed: 0,
      oldestDeliverySeconds: null,
      duties: [],
      roles: { work: 1 },
      isHalted: true,
      brakedStores: [],
      isSilenced: false,
      nearDeadline: 3,
      quarantines: [],
      brokenChains: 0,
    },
    { mailboxes: [], sinceStart: 0 },
  );
  expect(standing.map(({ code }) => code)).toEqual(['mails_waiting', 'deadline_near', 'purges_halted']);
  await fresh
    .db('purge_switch')
    .update({ halted_at: new Date(), halted_by: 'ada', reason: 'a customer called' });
  const readiness = () => ({ ready: true, reasons: [], alarms: standing, facts: null });
  const lines = (await alarmsOf({ db: fresh.db }, { readiness })).map(({ sentence }) => sentence);
  expect(lines).toEqual([
    expect.stringMatching(/^All purges are halted since .*, by ada: a customer called$/),
    'The oldest mail that is not handled yet waits for 15 minutes.',
  ]);
  await fresh.db('purge_switch').update({ halted_at: null, halted_by: null, reason: null });
});

test('a duty that fails starves none of the others, and each is noted', async () => {
  const done: string[] = [];
  const duties: readonly DutyRun[] = [
    { name: 'tick', run: async () => done.push('tick') },
    {
      name: 'drafts.forget',
      run: () => Promise.reject(Object.assign(new Error('ada@acme.example'), { code: '57014' })),
    },
    { name: 'tries.forget', run: async () => done.push('tries') },
  ];
  lines.length = 0;
  await expect(runDuties(fresh.db, log, duties)).rejects.toThrow();
  await expect(runDuties(fresh.db, log, duties)).rejects.toThrow();
  expect(done).toEqual(['tick', 'tries', 'tick', 'tries']);
  expect(JSON.stringify(lines)).not.toContain('@');
  const noted = () =>
    fresh
      .db('duties')
      .select('name', 'failures', 'last_error', fresh.db.raw('finished_at is not null as was_done'))
      .orderBy('name');
  expect(await noted()).toEqual([
    { name: 'drafts.forget', failures: 2, last_error: '57014', was_done: false },
    { name: 'tick', failures: 0, last_error: null, was_done: true },
    { name: 'tries.forget', failures: 0, last_error: null, was_done: true },
  ]);
  await runDuties(fresh.db, log, [{ name: 'drafts.forget', run: () => forgetProcesses(fresh.db) }]);
  expect((await noted())[0]).toEqual({
    name: 'drafts.forget',
    failures: 0,
    last_error: null,
    was_done: true,
  });
});
