import { expect, test, vi } from 'vitest';
import { openSideConnection } from '../../src/db/side-connection.ts';
import { type Held, type LeaseStore, pollInTurn } from '../../src/ingest/lease.ts';
import { leaseStore } from '../../src/ingest/lease-store.ts';
import { mailboxPorts, openMailbox } from '../../src/ingest/mailbox-store.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

type Ports = ReturnType<typeof mailboxPorts>;

const MAIL = { uid: 5, raw: Buffer.from('Subject: five\r\n\r\n'), sizeBytes: 17, internalDate: null };

/** Everything that a poller writes. */
const WRITES: readonly (readonly [string, (ports: Ports) => Promise<unknown>])[] = [
  ['restart', (ports) => ports.restart('8')],
  ['commit', (ports) => ports.commit({ uidValidity: '7', throughUid: 5, mails: [MAIL] })],
  ['commit of nothing', (ports) => ports.commit({ uidValidity: '7', throughUid: 9, mails: [] })],
  ['markMoved', (ports) => ports.markMoved('7', [1])],
  ['polled', (ports) => ports.polled()],
  ['failed', (ports) => ports.failed('PD_MAILBOX_FAILED')],
];

/** A mailbox with one mail that waits to be moved, and two processes that want to read it. */
async function twoProcesses(fresh: TestDatabase) {
  const mailboxId = await openMailbox(fresh.db, 'mail.example.org:993/desk', 'INBOX');
  const connections = ['one', 'two'].map(() =>
    openSideConnection(fresh.url, { name: 'lease', timeoutMs: 5_000 }),
  );
  const [one, two] = connections.map((connection, at) => leaseStore(connection, mailboxId, `host${at}/1`));
  if (one === undefined || two === undefined) throw new Error('two were asked for');
  const refusals: number[] = [];
  const portsOf = (token: number) =>
    mailboxPorts(fresh.db, { mailboxId, token }, () => void refusals.push(token));
  return {
    mailboxId,
    one,
    two,
    portsOf,
    refusals,
    row: () => fresh.db('mailboxes').where({ id: mailboxId }).first('*'),
    expire: () => fresh.db.raw("update mailboxes set lease_until = clock_timestamp() - interval '1 second'"),
    state: async () => ({
      mailbox: await fresh.db('mailboxes').first('uid_validity', 'last_uid', 'last_polled_at', 'last_error'),
      mails: await fresh.db('messages').orderBy('uid').select('uid', 'moved_at'),
    }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** One token has read a mail and waits to move it. */
async function withOneMail(desk: Awaited<ReturnType<typeof twoProcesses>>, token: number): Promise<Ports> {
  const ports = desk.portsOf(token);
  await ports.restart('7');
  await ports.commit({ uidValidity: '7', throughUid: 1, mails: [{ ...MAIL, uid: 1 }] });
  return ports;
}

test('F26 a lease that was taken while the clock was ahead keeps a mailbox from nobody', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  const before = await desk.one.take();
  const runsOn = async (seconds: number) => {
    await fresh.db('mailboxes').update({
      lease_until: fresh.db.raw('clock_timestamp() + make_interval(secs => ?)', [seconds]),
    });
    return desk.two.take();
  };
  // A clock that is set back by a second or two makes no lease void.
  expect(await runsOn(22)).toBeNull();
  expect(await runsOn(365 * 86_400)).toBeGreaterThan(before ?? Number.NaN);
  expect(await desk.one.renew(before ?? Number.NaN)).toBe(false);
});

test('D23 a lease is one process’s until it is released or has run out, and its token only grows', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  expect(await Promise.all([desk.one.take(), desk.two.take()])).toContain(null);
  const { lease_token: token } = await desk.row();
  expect(token).toBe(1);
  const [holder, other] =
    (await desk.row()).lease_holder === 'host0/1' ? [desk.one, desk.two] : [desk.two, desk.one];
  expect(await other.take()).toBeNull();
  expect(await holder.renew(token)).toBe(true);
  await desk.expire();
  // Late, and nobody else has come.
  expect(await holder.renew(token)).toBe(true);
  await desk.expire();
  expect(await other.take()).toBe(2);
  expect(await holder.renew(token)).toBe(false);
  await holder.release(token); // no longer its own
  expect(await holder.take()).toBeNull();
  await other.release(2);
  expect(await desk.row()).toMatchObject({ lease_holder: null, lease_until: null, lease_token: 2 });
  expect(await holder.take()).toBe(3);
});

test.each(WRITES)(
  'F16 %s is refused to a poller that was overtaken, and changes nothing',
  async (_name, write) => {
    await using fresh = await freshDatabase();
    await using desk = await twoProcesses(fresh);
    const token = (await desk.one.take()) ?? 0;
    const stale = await withOneMail(desk, token);
    await desk.expire();
    expect(await desk.two.take()).toBe(token + 1);
    const before = await desk.state();
    await expect(write(stale)).rejects.toMatchObject({ code: 'PD_LEASE_LOST', retry: 'later' });
    expect(await desk.state()).toEqual(before);
    expect(desk.refusals).toEqual([token]);
    // What it can still do is to move what is committed; the new holder is told to move the same.
    expect(await desk.portsOf(token + 1).unmoved('7')).toEqual(await stale.unmoved('7'));
  },
);

test.each(WRITES)(
  '%s is taken from the holder, also when its lease has run out and nobody else came',
  async (_name, write) => {
    await using fresh = await freshDatabase();
    await using desk = await twoProcesses(fresh);
    const token = (await desk.one.take()) ?? 0;
    const ports = await withOneMail(desk, token);
    const before = await desk.state();
    await write(ports);
    expect(await desk.state()).not.toEqual(before);
    await desk.expire();
    await write(ports);
    expect(desk.refusals).toEqual([]);
  },
);

test('F16 a commit that is under way when another process takes over counts before it, or not at all', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  const token = (await desk.one.take()) ?? 0;
  const ports = await withOneMail(desk, token);
  await desk.expire();
  // The take-over holds the row while the commit comes.
  const trx = await fresh.db.transaction();
  await trx.raw('update mailboxes set lease_token = lease_token + 1');
  const late = ports.commit({ uidValidity: '7', throughUid: 5, mails: [MAIL] });
  const refused = expect(late).rejects.toMatchObject({ code: 'PD_LEASE_LOST' });
  await fresh.db.raw('select pg_sleep(0.1)');
  await trx.commit();
  await refused;
  expect((await desk.state()).mails.map(({ uid }) => uid)).toEqual([1]);
});

test('a mail that a worker holds for long keeps nobody waiting: it is marked as moved by a later call', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  const token = (await desk.one.take()) ?? 0;
  const ports = await withOneMail(desk, token);
  const commit = (uid: number) =>
    ports.commit({
      uidValidity: '7',
      throughUid: uid,
      mails: [{ ...MAIL, uid, raw: Buffer.from(`${uid}`) }],
    });
  await commit(6);
  const worker = await fresh.db.transaction();
  await worker.raw('select id from messages where uid = 1 for update');
  await ports.markMoved('7', [1, 6]);
  await ports.polled();
  expect(await ports.unmoved('7')).toEqual([1]);
  await worker.commit();
  await ports.polled();
  expect(await ports.unmoved('7')).toEqual([]);
});

test('a mail that was held is not marked any more once the numbers of its mailbox belong to others', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  const ports = await withOneMail(desk, (await desk.one.take()) ?? 0);
  const worker = await fresh.db.transaction();
  await worker.raw('select id from messages for update');
  await ports.markMoved('7', [1]);
  await worker.commit();
  await ports.restart('7', await ports.cursor());
  await ports.commit({
    uidValidity: '7',
    throughUid: 1,
    mails: [{ ...MAIL, uid: 1, raw: Buffer.from('new') }],
  });
  await ports.polled();
  expect(await ports.unmoved('7')).toEqual([1]);
});

test('a lease that is lost while a mail is held refuses the late mark', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  const token = (await desk.one.take()) ?? 0;
  const ports = await withOneMail(desk, token);
  const worker = await fresh.db.transaction();
  await worker.raw('select id from messages for update');
  await ports.markMoved('7', [1]);
  expect(await desk.one.renew(token)).toBe(true);
  await desk.expire();
  expect(await desk.two.take()).toBe(token + 1);
  await worker.commit();
  await expect(ports.polled()).rejects.toMatchObject({ code: 'PD_LEASE_LOST' });
  expect((await desk.state()).mails).toEqual([{ uid: 1, moved_at: null }]);
});

/** A poller that only notes when it begins and ends. */
function poller(store: LeaseStore, name: string, log: string[], stop: AbortSignal) {
  const holds: Held[] = [];
  const done = pollInTurn(
    { store, mailbox: 1, log: (_level, message) => void log.push(`${name}: ${message}`), random: () => 0 },
    async (held) => {
      holds.push(held);
      log.push(`${name}: begins`);
      await new Promise((resolve) => held.signal.addEventListener('abort', resolve, { once: true }));
      log.push(`${name}: ends`);
    },
    stop,
  );
  return { done, holds };
}

test('a process that stops hands its mailbox over at once; one whose write was refused goes back in line', async () => {
  await using fresh = await freshDatabase();
  await using desk = await twoProcesses(fresh);
  const log: string[] = [];
  const stops = [new AbortController(), new AbortController()];
  const one = poller(desk.one, 'one', log, stops[0]!.signal);
  await vi.waitFor(() => expect(log).toContain('one: begins'), { timeout: 10_000 });
  const two = poller(desk.two, 'two', log, stops[1]!.signal);
  await vi.waitFor(() => expect(log).toContain('two: another process reads the mailbox; this one waits'), {
    timeout: 10_000,
  });
  expect(log).not.toContain('two: begins');
  stops[0]!.abort();
  await one.done;
  await vi.waitFor(() => expect(log).toContain('two: begins'), { timeout: 10_000 });
  expect(log.indexOf('one: ends')).toBeLessThan(log.indexOf('two: begins'));
  expect(await desk.row()).toMatchObject({ lease_holder: 'host1/1', lease_token: 2 });
  // Somebody has taken it meanwhile, by a way that this process does not hear of before it writes.
  await fresh.db.raw(
    "update mailboxes set lease_token = 3, lease_until = clock_timestamp() + interval '20 seconds'",
  );
  two.holds[0]!.lost();
  await vi.waitFor(() => expect(log).toContain('two: this process reads the mailbox no more'), {
    timeout: 10_000,
  });
  expect(two.holds[0]!.signal.aborted).toBe(true);
  stops[1]!.abort();
  await two.done;
  expect(await desk.row()).toMatchObject({ lease_token: 3, lease_holder: 'host1/1' });
});

test('a lease that cannot be renewed is given up by this process’s own clock, before it has run out', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    let asked = 0;
    const store: LeaseStore = {
      take: async () => {
        asked += 1;
        return asked === 1 ? 7 : null;
      },
      renew: () => Promise.reject(new Error('cut off')),
      release: () => Promise.resolve(),
    };
    const stop = new AbortController();
    const log: string[] = [];
    const { done, holds } = poller(store, 'one', log, stop.signal);
    await vi.advanceTimersByTimeAsync(16_900);
    expect(holds[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(holds[0]?.signal.aborted).toBe(true);
    stop.abort();
    await vi.advanceTimersByTimeAsync(5_000);
    await done;
    expect(log).toContain('one: this process reads the mailbox no more');
  } finally {
    vi.useRealTimers();
  }
});
