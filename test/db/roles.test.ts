/** The desk as a role that owns nothing, as deploy/roles.sql sets it up. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeDatabase } from '../../src/commands/doctor/verdicts-database.ts';
import { startWatchman } from '../../src/commands/watch/watchman.ts';
import { openDatabase } from '../../src/db/connection.ts';
import { inspectDatabase } from '../../src/db/inspect.ts';
import { startJobs } from '../../src/db/jobs.ts';
import { until } from '../flow/until.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const ROLE = `desk_${randomUUID().slice(0, 8)}`;
const log = () => undefined;

let fresh: TestDatabase;
let url: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  const script = await readFile(new URL('../../deploy/roles.sql', import.meta.url), 'utf8');
  await fresh.db.raw(`create role ${ROLE} login password 'pw'`);
  // Twice, as after an upgrade. A literal ? would be a parameter to knex; there is none.
  for (const _ of [1, 2]) await fresh.db.raw(script.replace(/\bpurgedesk\b(?!_works)/g, ROLE));
  const as = new URL(fresh.url);
  as.username = ROLE;
  as.password = 'pw';
  url = as.href;
});

afterAll(async () => {
  await fresh.db.raw(`drop owned by ${ROLE}; drop role ${ROLE}`);
  await fresh[Symbol.asyncDispose]();
});

test('takes and does jobs, says that it is there, and may write wherever the desk writes, which is not the clock', async () => {
  const ran: unknown[] = [];
  const jobs = await startJobs({
    databaseUrl: url,
    tasks: { tick: async (payload) => void ran.push(payload) },
    concurrency: 1,
    cron: ['tick'],
    log,
  });
  const db = openDatabase(url, { poolMax: 2 });
  await db.raw('select graphile_worker.add_job(\'tick\', \'{"from":"role"}\')');
  await until('the job is done', async () => ran.length > 0);
  await jobs.stop();

  const watchman = startWatchman({
    databaseUrl: url,
    version: '1',
    roles: ['work'],
    mailboxes: [],
    log,
    beatMs: 200,
  });
  await until('it is ready and knows what waits', async () => watchman.readiness().facts);
  await watchman.stop();

  const shut =
    await db.raw(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
    and not (has_table_privilege(oid, 'insert') and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete'))`);
  expect(shut.rows).toEqual([{ relname: 'desk_clock' }]);
  for (const statement of ['update desk_clock set movable = true', 'delete from desk_clock'])
    await expect(db.raw(statement)).rejects.toMatchObject({ code: '42501' });
  await db.destroy();
});

test('P05 D09 cannot lift what guards the audit chain, and the doctor says so', async () => {
  const db = openDatabase(url, { poolMax: 1 });
  for (const statement of [
    'alter table ticket_events disable trigger all',
    'drop trigger ticket_events_append_only on ticket_events',
    'truncate ticket_events',
    'set session_replication_role = replica',
  ]) {
    await expect(db.raw(statement)).rejects.toMatchObject({ code: '42501' });
  }
  await expect(db.raw('update ticket_events set seq = seq')).rejects.toThrow();
  await db.destroy();
  const audit = judgeDatabase(await inspectDatabase(url, Date.now)).find(({ check }) => check === 'audit');
  expect(audit).toMatchObject({
    mark: 'ok',
    what: 'The chain is guarded, and the role of the desk cannot lift the guard.',
  });
});
