import pg from 'pg';
import { expect, test } from 'vitest';
import type { FetchedBatch } from '../../src/ingest/mailbox.ts';
import {
  commitBatch,
  cursorOf,
  type MailboxLease,
  MESSAGES_CHANNEL,
  mailboxPorts,
  markMoved,
  noteFailure,
  notePoll,
  openMailbox,
  restartCursor,
  unmovedUids,
} from '../../src/ingest/mailbox-store.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const HOUR_MS = 3_600_000;

function batchOf(uids: readonly number[], overrides: Partial<FetchedBatch> = {}): FetchedBatch {
  return {
    uidValidity: '7',
    throughUid: uids.at(-1) ?? 0,
    mails: uids.map((uid) => {
      const raw = Buffer.from(`Message-ID: <${uid}@example.org>\r\n\r\nbody \u00e9\0\\x`, 'latin1');
      return { uid, raw, sizeBytes: raw.length, internalDate: null };
    }),
    ...overrides,
  };
}

/** Of a mailbox that was never handed over. */
const first = (mailboxId: number): MailboxLease => ({ mailboxId, token: 0 });

async function mailboxIn(desk: TestDatabase): Promise<MailboxLease> {
  const lease = first(await openMailbox(desk.db, 'mail.example.org:993/desk', 'INBOX'));
  await restartCursor(desk.db, lease, '7');
  return lease;
}

const stored = (desk: TestDatabase) => desk.db('messages').orderBy('uid').select('*');

test('a mailbox is made once and keeps its cursor', async () => {
  await using desk = await freshDatabase();
  const id = await openMailbox(desk.db, 'mail.example.org:993/desk', 'INBOX');
  expect(await cursorOf(desk.db, id)).toEqual({ uidValidity: '0', lastUid: 0, highestUid: 0 });
  await restartCursor(desk.db, first(id), '4294967295');
  expect(await openMailbox(desk.db, 'mail.example.org:993/desk', 'INBOX')).toBe(id);
  expect(await openMailbox(desk.db, 'mail.example.org:993/desk', 'Other')).not.toBe(id);
  expect(await cursorOf(desk.db, id)).toEqual({ uidValidity: '4294967295', lastUid: 0, highestUid: 0 });
});

test('D10 a batch is stored byte for byte with its cursor, and the same batch again changes nothing', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  const batch = batchOf([1, 2, 5]);
  await commitBatch(desk.db, box, batch);
  await commitBatch(desk.db, box, batch);
  const rows = await stored(desk);
  expect(rows.map((row) => row.uid)).toEqual([1, 2, 5]);
  expect(rows.map((row) => row.raw)).toEqual(batch.mails.map((mail) => mail.raw));
  expect(rows[0]).toMatchObject({ uid_validity: '7', status: 'pending', moved_at: null, disposition: null });
  expect(await cursorOf(desk.db, box.mailboxId)).toEqual({ uidValidity: '7', lastUid: 5, highestUid: 5 });
});

test('an empty batch moves the cursor past mails that are gone, and the cursor never goes back', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await commitBatch(desk.db, box, batchOf([], { throughUid: 9 }));
  await commitBatch(desk.db, box, batchOf([3]));
  expect(await cursorOf(desk.db, box.mailboxId)).toEqual({ uidValidity: '7', lastUid: 9, highestUid: 9 });
});

test('a poller that still reads under an older UIDVALIDITY does not touch the cursor', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await restartCursor(desk.db, box, '8');
  await commitBatch(desk.db, box, batchOf([4]));
  expect(await cursorOf(desk.db, box.mailboxId)).toEqual({ uidValidity: '8', lastUid: 0, highestUid: 0 });
});

test('mails that are read again under a new UIDVALIDITY get their new numbers and are not stored twice; two copies at once are', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await commitBatch(desk.db, box, batchOf([1, 2]));
  await restartCursor(desk.db, box, '3'); // a lower one is as new as a higher one
  const again = batchOf([1, 2, 6], { uidValidity: '3' });
  const [copy] = batchOf([8]).mails;
  await commitBatch(desk.db, box, {
    ...again,
    mails: [...again.mails, { ...copy!, uid: 7 }, { ...copy!, uid: 8 }],
  });
  const rows = await stored(desk);
  expect(rows.map((row) => [row.uid_validity, row.uid])).toEqual([
    ['3', 1],
    ['3', 2],
    ['3', 6],
    ['3', 7],
    ['3', 8],
  ]);
  expect(await unmovedUids(desk.db, box.mailboxId, '3')).toEqual([1, 2, 6, 7, 8]);
  expect(rows[3].content_hash).toBe(rows[4].content_hash);
});

test('a second delivery under a new UIDVALIDITY is a mail of its own, with the same content', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await commitBatch(desk.db, box, batchOf([1]));
  await restartCursor(desk.db, box, '8');
  const mails = batchOf([1]).mails.map((mail) => ({
    ...mail,
    raw: Buffer.concat([Buffer.from('Received: again\r\n'), mail.raw]),
  }));
  await commitBatch(desk.db, box, batchOf([1], { uidValidity: '8', mails }));
  const rows = await stored(desk);
  expect(rows).toHaveLength(2);
  expect(rows[0].content_hash).toBe(rows[1].content_hash);
});

test('a number that belongs to another mail by now stores nothing, and leaves the cursor; read anew, both are stored', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await commitBatch(desk.db, box, batchOf([4, 6], { throughUid: 4 })); // 5 is owed
  const reused = batchOf([6, 7], {
    mails: batchOf([16, 7]).mails.map((mail, index) => ({ ...mail, uid: 6 + index })),
  });
  await expect(commitBatch(desk.db, box, reused)).rejects.toMatchObject({
    code: 'PD_MAILBOX_FAILED',
    details: { cause: 'reused' },
  });
  expect(await cursorOf(desk.db, box.mailboxId)).toEqual({ uidValidity: '7', lastUid: 4, highestUid: 6 });
  expect(await stored(desk)).toHaveLength(2);
  await restartCursor(desk.db, box, '7', await cursorOf(desk.db, box.mailboxId));
  await commitBatch(desk.db, box, reused);
  expect(await stored(desk)).toHaveLength(4);
});

test('a mailbox whose first mail is owed is read anew as well', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await commitBatch(desk.db, box, batchOf([2], { throughUid: 0 }));
  await restartCursor(desk.db, box, '7', await cursorOf(desk.db, box.mailboxId));
  expect(await cursorOf(desk.db, box.mailboxId)).toEqual({ uidValidity: '7', lastUid: 0, highestUid: 0 });
});

test('mails that were taken in empty are not recognised by that: each under a new UIDVALIDITY is stored', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  const empty = (uid: number) => ({ uid, raw: Buffer.alloc(0), sizeBytes: 0, internalDate: null });
  await commitBatch(desk.db, box, batchOf([1], { mails: [empty(1)] }));
  await restartCursor(desk.db, box, '8');
  await commitBatch(desk.db, box, batchOf([3], { uidValidity: '8', mails: [empty(3)] }));
  expect((await stored(desk)).map((row) => [row.uid_validity, row.uid])).toEqual([
    ['7', 1],
    ['8', 3],
  ]);
});

test('a mail arrived at its INTERNALDATE, never later than now, in desk time', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await desk.db.raw(`update desk_clock set movable = true, offset_ms = ${240 * HOUR_MS}`);
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
  const dates = [at(-2), at(2), null];
  const mails = batchOf([1, 2, 3]).mails.map((mail, index) => ({
    ...mail,
    internalDate: dates[index] ?? null,
  }));
  await commitBatch(desk.db, box, batchOf([1, 2, 3], { mails }));
  const agesHours = (await stored(desk)).map(
    (row) => (at(240).getTime() - row.arrived_at.getTime()) / HOUR_MS,
  );
  expect(agesHours[0]).toBeCloseTo(2, 1);
  expect(agesHours[1]).toBeCloseTo(0, 1);
  expect(agesHours[2]).toBeCloseTo(0, 1);
});

test('unmoved mails are known until they are marked', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await commitBatch(desk.db, box, batchOf([1, 2, 3]));
  await markMoved(desk.db, box, '7', [1, 3]);
  await markMoved(desk.db, box, '7', []);
  expect(await unmovedUids(desk.db, box.mailboxId, '7')).toEqual([2]);
  expect(await unmovedUids(desk.db, box.mailboxId, '8')).toEqual([]);
});

test('a commit is announced to the workers, and only once it is there', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  const listener = new pg.Client({ connectionString: desk.url });
  await listener.connect();
  try {
    await listener.query(`listen ${MESSAGES_CHANNEL}`);
    const announced = new Promise((resolve) => listener.once('notification', resolve));
    await commitBatch(desk.db, box, batchOf([1]));
    expect(await announced).toMatchObject({ channel: MESSAGES_CHANNEL });
  } finally {
    await listener.end();
  }
});

test('a batch fails as a whole', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  const mails = batchOf([1, 2]).mails.map((mail, index) => ({
    ...mail,
    sizeBytes: index === 1 ? 2 ** 70 : 1,
  }));
  await expect(commitBatch(desk.db, box, batchOf([1, 2], { mails }))).rejects.toThrow();
  expect(await stored(desk)).toEqual([]);
  expect(await cursorOf(desk.db, box.mailboxId)).toMatchObject({ lastUid: 0 });
});

test('health: a failure shows until the next poll', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await noteFailure(desk.db, box, 'PD_MAILBOX_LOGIN');
  expect(await desk.db('mailboxes').first()).toMatchObject({
    last_error: 'PD_MAILBOX_LOGIN',
    last_polled_at: null,
  });
  await notePoll(desk.db, box);
  expect(await desk.db('mailboxes').first()).toMatchObject({
    last_error: null,
    last_polled_at: expect.any(Date),
  });
});

test('the ports are these functions for one mailbox', async () => {
  await using desk = await freshDatabase();
  const ports = mailboxPorts(desk.db, await mailboxIn(desk));
  await ports.commit(batchOf([1, 2]));
  await ports.markMoved('7', [1]);
  expect(await ports.unmoved('7')).toEqual([2]);
  await ports.restart('9');
  expect(await ports.cursor()).toEqual({ uidValidity: '9', lastUid: 0, highestUid: 0 });
});

test('the look-ups of a commit use their indexes on a large table', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  await desk.db.raw(
    `insert into messages (mailbox_id, uid_validity, uid, content_hash, size_bytes, arrived_at, moved_at)
     select ?, 7, n, md5(cast(n as text)), 1, now(), case when n > 10 then now() end from generate_series(1, 20000) n`,
    [box.mailboxId],
  );
  await desk.db.raw('analyze messages');
  const planOf = async (sql: string) =>
    (await desk.db.raw<{ rows: { 'QUERY PLAN': string }[] }>(`explain ${sql}`)).rows
      .map((row) => row['QUERY PLAN'])
      .join('\n');
  expect(
    await planOf(`select from messages where content_hash = 'x' and mailbox_id = 1 and uid_validity <> 7`),
  ).toContain('messages_content');
  expect(
    await planOf(
      'select uid from messages where mailbox_id = 1 and uid_validity = 7 and moved_at is null order by uid',
    ),
  ).toContain('messages_unmoved');
});

test('a mail that was moved, and whose numbers were voided before that was noted, waits for nothing once the folder was read', async () => {
  await using desk = await freshDatabase();
  const box = await mailboxIn(desk);
  const unmoved = () => desk.db('messages').whereNull('moved_at').orderBy('uid').pluck('uid');
  await commitBatch(desk.db, box, batchOf([1, 2]));
  const ports = mailboxPorts(desk.db, box);
  await ports.restart('8');
  const still = batchOf([2]).mails.map((mail) => ({ ...mail, uid: 5 }));
  await ports.commit(batchOf([5], { uidValidity: '8', mails: still }));
  expect(await unmoved()).toEqual([1, 5]);
  await ports.polled();
  expect(await unmoved()).toEqual([5]);
  await ports.markMoved('8', [5]);
  expect(await unmoved()).toEqual([]);
});
