import { execFile } from 'node:child_process';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseAccount } from '../../src/sandbox/system-account.ts';
import { expectOnlyAdasRowsGone, expectProofsHold, expectTakenInOnce } from '../flow/assertions.ts';
import { type DeskProcess, spawnDesk, untilReady } from '../flow/desk-process.ts';
import { type Ground, prepareGround } from '../flow/ground.ts';
import { ADAS_REQUEST, smallTalk, TWELVE_REQUESTS } from '../flow/letters.ts';
import { openScene, type Scene } from '../flow/scene.ts';
import {
  confirmAsAda,
  letUncertainMailsRepeat,
  passGrace,
  untilAnswered,
  untilCompleted,
  untilNothingPends,
  untilTakenIn,
  writeAll,
} from '../flow/steps.ts';
import { byForm } from './form.ts';
import { checkInvariants } from './invariants.ts';
import { faultSeed, randomFrom } from './random.ts';
import { supervise } from './supervisor.ts';
import { injected } from './tally.ts';
import { startTcpProxy } from './tcp-proxy.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround();
});
afterAll(() => ground?.stop());

describe.concurrent('F20 a connection that is lost at COMMIT', () => {
  test('leaves what was committed committed once, and all else to be done again', async () => {
    await using scene = await openScene(ground);
    const database = new URL(scene.settings.DATABASE_URL ?? '');
    await using proxy = await startTcpProxy({ target: { port: Number(database.port) } });
    database.port = String(proxy.port);
    await using desk = supervise({ ...scene.settings, DATABASE_URL: database.href });
    await untilReady(desk.desk());
    const sent: string[] = [];
    let severed = 0;
    for (const letter of TWELVE_REQUESTS.slice(0, byForm({ short: 5, long: 12 }))) {
      // The server hears COMMIT and obeys; the desk never hears that it did.
      proxy.next(...Array.from({ length: 10 }, () => ({ cutAfterWords: { toServer: 'COMMIT;\0' } })));
      severed += proxy.sever();
      sent.push(await scene.write(letter));
      await untilTakenIn(scene, sent.length);
    }
    injected('F20', proxy.cuts() - severed);
    expect(proxy.cuts() - severed, 'commits whose answer was lost').toBeGreaterThan(0);
    expect(desk.ownEnds, 'the desk did not end by itself').toEqual([]);
    await untilNothingPends(scene);
    await letUncertainMailsRepeat(scene);
    await untilAnswered(scene, sent);
    await expectTakenInOnce(scene, sent);
    expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
  });
});

/** Which write of a table fails, and how: a sequence counts also what is rolled back. */
const FAILURES: readonly (readonly [table: string, nth: number, code: '40001' | '40P01' | '55P03'])[] = [
  ['messages', 2, '40001'],
  ['mailboxes', 3, '55P03'],
  ['conversations', 1, '40P01'],
  ['ticket_events', 1, '40001'],
  ['ticket_events', 5, '40P01'],
  ['outbox', 3, '55P03'],
  ['challenges', 3, '40001'],
  ['purge_steps', 2, '40P01'],
  ['purge_steps', 5, '55P03'],
  ['erasure_ledger', 1, '40001'],
  ['receipts', 1, '40P01'],
];
const WRITTEN_TABLES = [...new Set(FAILURES.map(([table]) => table))];

async function failWrites({ db }: Scene): Promise<void> {
  for (const table of WRITTEN_TABLES) {
    const cases = FAILURES.filter(([failing]) => failing === table).map(
      ([, nth, code]) => `when ${nth} then raise exception 'injected' using errcode = '${code}';`,
    );
    await db.raw(`
      create sequence faults_${table};
      create function fail_${table}() returns trigger language plpgsql as $$
      begin
        case nextval('faults_${table}') ${cases.join('\n')} else null; end case;
        return null;
      end $$;
      create trigger fail_writes before insert or update on ${table} for each statement execute function fail_${table}()`);
  }
}

const failuresOf = async ({ db }: Scene): Promise<number> => {
  let failures = 0;
  for (const table of WRITTEN_TABLES) {
    const { rows } = await db.raw<{ rows: { last_value: number }[] }>(
      `select last_value from faults_${table}`,
    );
    const reached = rows[0]?.last_value ?? 0;
    failures += FAILURES.filter(([failing, nth]) => failing === table && nth <= reached).length;
  }
  return failures;
};

test.concurrent('F21 serialization failures, deadlocks and lock time-outs at every table end a journey no other way', async () => {
  await using scene = await openScene(ground);
  const before = await scene.customers.checksums();
  await failWrites(scene);
  const desk = await scene.serve();
  const request = await scene.write(ADAS_REQUEST);
  const ticket = await confirmAsAda(scene, request);
  await passGrace(scene, ticket);
  await letUncertainMailsRepeat(scene);
  await untilCompleted(scene, ticket);
  const failures = await failuresOf(scene);
  injected('F21', failures);
  expect(failures).toBe(FAILURES.length);
  expect(desk.ended()).toBeNull();
  await expectTakenInOnce(scene, [request]);
  await expectOnlyAdasRowsGone(scene, before);
  await expectProofsHold(scene);
  expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
});

/** Asks the desk, at the port that it printed at its start, whether it is ready. */
function readinessOf(desk: DeskProcess): () => Promise<number> {
  const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(desk.output())?.[1];
  return async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
}

/** For every session from now on, and there are no others. */
async function setReadOnly({ name, ground: { postgres } }: Scene, on: boolean): Promise<void> {
  const admin = new pg.Client({ connectionString: postgres.urlOf('postgres') });
  await admin.connect();
  try {
    await admin.query(`alter database ${name}_own set default_transaction_read_only = ${on}`);
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}_own'`);
  } finally {
    await admin.end();
  }
}

describe.concurrent('F22 a database that takes nothing', () => {
  test('because it is read-only leaves every mail where it is, and says so', async () => {
    await using scene = await openScene(ground);
    const desk = await untilReady(spawnDesk(scene.settings));
    try {
      const ready = readinessOf(desk);
      await setReadOnly(scene, true);
      injected('F22');
      const sent = await writeAll(scene, TWELVE_REQUESTS.slice(0, 3));
      await scene.until('the desk is not ready', async () => (await ready()) === 503);
      expect(await scene.ground.dovecot.mails(scene.name, 'INBOX')).toHaveLength(3);
      await setReadOnly(scene, false);
      await untilAnswered(scene, sent);
      await untilTakenIn(scene, 3);
      await scene.until('the desk is ready again', async () => (await ready()) === 200);
      expect(desk.ended()).toBeNull();
      await untilNothingPends(scene);
      await letUncertainMailsRepeat(scene);
      expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
    } finally {
      desk.kill('SIGKILL');
    }
  });

  test('because its disk is full leaves mails on the server until there is room', async () => {
    await using scene = await openScene(ground);
    await using disk = await mountSmallDisk(join(ground.folder, 'small-disk'), 64);
    await scene.db.raw(`create tablespace small location '${disk.path}'`);
    // What mails are written to lies on the small disk; a table beside them takes the rest of it.
    await scene.db.raw('alter table messages set tablespace small');
    await scene.db.raw('create table filler (bytes bytea) tablespace small');
    await scene.db.raw('alter table filler alter bytes set storage external');
    await fill(scene);
    injected('F22');
    const desk = await scene.serve();
    // Larger than what is left in the table's last pages.
    const mails = Array.from({ length: 3 }, (_, number) => largeTalk(number));
    for (const mail of mails) await scene.put(mail);
    await scene.until('the desk says that mails cannot be taken in', async () =>
      /53100|cannot be|not being read/.test(desk.output()),
    );
    expect(await scene.ground.dovecot.mails(scene.name, 'Processed')).toEqual([]);
    expect(await scene.ground.dovecot.mails(scene.name, 'INBOX')).toHaveLength(3);
    await scene.db.raw('drop table filler');
    await untilTakenIn(scene, 3);
    expect(desk.ended()).toBeNull();
    expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
    desk.kill('SIGKILL');
    await desk.exit;
    await scene.db.raw('alter table messages set tablespace pg_default');
    await scene.db.raw('drop tablespace small');
  });
});

// By itself: the others are on the same server.
test('F19 a database that restarts at once, again and again, costs no mail and no second reply', async () => {
  const random = randomFrom(faultSeed());
  console.log(`F19: FAULT_SEED=${random.seed}`);
  await using scene = await openScene(ground);
  await using desk = supervise(scene.settings);
  await untilReady(desk.desk());
  const sent: string[] = [];
  for (let restart = 1; restart <= byForm({ short: 3, long: 30 }); restart += 1) {
    const letter = TWELVE_REQUESTS[sent.length];
    if (letter !== undefined) sent.push(await scene.write(letter));
    for (let talk = 0; talk < 5; talk += 1) await scene.put(smallTalk(restart * 10 + talk));
    await sleep(random.next() * 6_000); // the moment is what is random here
    await ground.postgres.crash();
    await ground.postgres.start();
    injected('F19');
    await scene.until('the database answers', () => scene.db('desk_clock').select('id').first());
  }
  await untilTakenIn(scene, scene.written.length);
  await untilNothingPends(scene);
  await letUncertainMailsRepeat(scene);
  await untilAnswered(scene, sent);
  await expectTakenInOnce(scene, sent);
  expect(await checkInvariants(scene, { mails: scene.written })).toEqual([]);
  const ended = desk.ownEnds.filter((words) => words.includes('purgedesk is running'));
  expect(ended, 'a desk that ran did not end by itself').toEqual([]);
});

const largeTalk = (number: number): Buffer =>
  Buffer.concat([smallTalk(number), Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(20_000))]);

/** Until the disk takes nothing more. */
async function fill({ db }: Scene): Promise<void> {
  for (const bytes of [4_000_000, 400_000, 40_000, 8_000]) {
    while (
      await db.raw('insert into filler values (decode(repeat(?, ?), ?))', ['00', bytes, 'hex']).then(
        () => true,
        (error: { code?: string }) => {
          if (error.code !== '53100') throw error;
          return false;
        },
      )
    );
  }
}

/** A file system of its own in memory. Mounting takes root, as CI has it. */
async function mountSmallDisk(
  path: string,
  megabytes: number,
): Promise<AsyncDisposable & { readonly path: string }> {
  const run = promisify(execFile);
  await mkdir(path);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]);
  const account = await databaseAccount();
  const place = join(path, 'place');
  await mkdir(place, { mode: 0o700 });
  await chown(place, account.uid, account.gid);
  await chown(path, account.uid, account.gid);
  return {
    path: place,
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['-l', path]);
    },
  };
}
