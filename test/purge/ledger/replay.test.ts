import { describe, expect, test } from 'vitest';
import { haltPurges, resumePurges } from '../../../src/purge/halt.ts';
import { ledgerLines, readLedgerFile } from '../../../src/purge/ledger/file.ts';
import { type ReplayOptions, rehearseReplay } from '../../../src/purge/ledger/replay.ts';
import { type ReplayOrder, runReplay } from '../../../src/purge/ledger/replay-run.ts';
import { readReplaySteps, takeReplayStep } from '../../../src/purge/ledger/replay-steps.ts';
import { ledgerKey } from '../../../src/purge/ledger/seal.ts';
import { verifyLedger } from '../../../src/purge/ledger/verify.ts';
import type { Store } from '../../../src/purge/store.ts';
import type { Desk } from '../desk.ts';
import { ACME, NEIGHBOUR, sampleTarget, WORKSPACE_TARGET } from '../fixtures.ts';
import { NEVER } from '../store-contract.ts';
import { openRestorable, purge, reportGone, restore } from './scene.ts';

const ALL: ReplayOptions = { since: null, store: null, file: null, includeUndatable: false };
const USER_TARGET = sampleTarget({ scope: 'user', source: null, timeFrame: null, users: ['u1'] });
/** Everything but what the erasure of that user was about. */
const KEPT = `(workspace_id = '${ACME}' and (user_id = 'u1' or anonymous_id = 'u1')) is not true`;
const OF_USER = 100;

const order = (digest: string | null): ReplayOrder => ({
  digest: digest ?? 'none',
  agent: 'Grace',
  reason: 'the archive was restored from the backup of Monday',
  reasonHash: 'e'.repeat(32),
});
const rehearsed = (desk: Desk, options: Partial<ReplayOptions> = {}) =>
  rehearseReplay(desk.ports, { ...ALL, ...options }, NEVER);
const confirmed = (desk: Desk, digest: string | null, options: Partial<ReplayOptions> = {}) =>
  runReplay(desk.ports, { ...ALL, ...options }, order(digest), NEVER);
const countOf = async (desk: Desk, where: string): Promise<number> =>
  (await desk.db.raw(`select count(*) as count from events where ${where}`)).rows[0].count;

/** What of the desk's own could have changed. */
async function deskState(desk: Desk): Promise<string> {
  const tables = [
    'erasure_ledger',
    'ledger_seals',
    'ledger_head',
    'ledger_replays',
    'ledger_replay_steps',
    'tickets',
  ];
  const rows = await Promise.all(
    tables.map((table) => desk.db.raw(`select cast(r as text) as row from ${table} r order by 1`)),
  );
  return JSON.stringify(rows.map((found) => found.rows));
}

/** The user came back after the erasure: another event, newer than it. */
const comeBack = (desk: Desk) =>
  desk.db('events').insert({
    workspace_id: ACME,
    source_id: 'src_web',
    user_id: 'u1',
    event: 'Signed Up',
    received_at: desk.db.raw(`desk_now() + interval '1 hour'`),
  });

describe('a dry run', () => {
  test('finds nothing to do where nothing was restored', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    const { lines, total, digest } = await rehearsed(desk);
    expect(lines).toMatchObject([{ again: 0, newer: 0, left: null }]);
    expect({ total, digest }).toEqual({ total: 0, digest: null });
  });

  test('counts what came back, tells it from what came since, and changes nothing', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    await comeBack(desk);
    const [customers, own] = [await desk.customers.fingerprint('true'), await deskState(desk)];
    const { lines, total, digest } = await rehearsed(desk);
    expect(lines).toMatchObject([
      {
        seq: 1,
        store: 'archive',
        target: 'public.events',
        workspace: ACME,
        again: OF_USER,
        newer: 1,
        left: null,
      },
    ]);
    expect(total).toBe(OF_USER);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    expect((await rehearsed(desk)).digest).toBe(digest);
    expect(await desk.customers.fingerprint('true')).toBe(customers);
    expect(await deskState(desk)).toBe(own);
  });

  test('is limited to a store, and to what was erased since the backup', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    expect((await rehearsed(desk, { store: 'other' })).lines).toEqual([]);
    expect((await rehearsed(desk, { store: 'archive' })).total).toBe(OF_USER);
    const [{ now }] = (await desk.db.raw('select desk_now() as now')).rows;
    expect((await rehearsed(desk, { since: now })).lines).toEqual([]);
    expect((await rehearsed(desk, { since: new Date(now.getTime() - 3_600_000) })).total).toBe(OF_USER);
  });

  test('is refused where the ledger does not hold, and with another key', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const stranger = { ...desk.ports, ledgerKey: ledgerKey(Buffer.alloc(32, 9)) };
    await expect(rehearseReplay(stranger, ALL, NEVER)).rejects.toMatchObject({ code: 'PD_LEDGER_BROKEN' });
    // A later instant would let the replay reach what came since.
    await desk.db.raw('alter table erasure_ledger disable trigger user');
    await desk.db.raw(`update erasure_ledger set at = at + interval '1 day'`);
    await expect(rehearsed(desk)).rejects.toMatchObject({ code: 'PD_LEDGER_BROKEN' });
  });

  test('knows nobody any more once the seal is gone', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    await desk.db('ledger_seals').delete();
    expect(await rehearsed(desk)).toMatchObject({ lines: [{ left: 'unsealed' }], digest: null });
  });
});

describe('a confirmed replay', () => {
  test('erases exactly what came back, and of nobody else', async () => {
    await using desk = await openRestorable();
    const id = await purge(desk, USER_TARGET);
    await restore(desk);
    await comeBack(desk);
    const kept = `${KEPT} or received_at > now()`;
    const before = await desk.customers.fingerprint(kept);
    const { digest } = await rehearsed(desk);
    const outcome = await confirmed(desk, digest);
    expect(outcome).toMatchObject({
      deleted: OF_USER,
      isFinished: true,
      steps: [{ seq: 1, ticket: `PD-${id}`, end: 'done', deleted: OF_USER }],
    });
    expect(await desk.customers.fingerprint('true')).toBe(before);
    expect(await countOf(desk, `user_id = 'u1' and workspace_id = '${NEIGHBOUR}'`)).toBe(OF_USER);
    expect(await rehearsed(desk)).toMatchObject({ total: 0, digest: null });
    expect(await verifyLedger(desk.db, desk.ports.ledgerKey)).toMatchObject({
      entries: 2,
      sealed: 1,
      problems: [],
    });
    expect(await desk.db('erasure_ledger').where({ seq: 2 }).first()).toMatchObject({
      kind: 'replayed',
      replay_of: 1,
      ticket_id: id,
      deleted: OF_USER,
    });
    expect(desk.events.at(-1)).toEqual({
      type: 'erasure_replayed',
      by: { kind: 'agent', name: 'Grace' },
      reasonHash: 'e'.repeat(32),
      step: 1,
      deleted: OF_USER,
    });
  });

  test('does nothing with a wrong digest, with that of other options, or when what matches has changed', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    const [customers, own] = [await desk.customers.fingerprint('true'), await deskState(desk)];
    for (const [given, options] of [
      ['0'.repeat(16), {}],
      ['', {}],
      [digest, { store: 'other' }],
    ] as const)
      await expect(confirmed(desk, given, options)).rejects.toMatchObject({ code: 'PD_USAGE' });
    expect(await desk.customers.fingerprint('true')).toBe(customers);
    expect(await deskState(desk)).toBe(own);
    await desk.db.raw(
      `delete from events where ctid = (select ctid from events where not (${KEPT}) limit 1)`,
    );
    await expect(confirmed(desk, digest)).rejects.toThrow('that is not what matches now');
    expect(await countOf(desk, `not (${KEPT})`)).toBe(OF_USER - 1);
  });

  test('does nothing while purging is off', async () => {
    await using desk = await openRestorable({ policy: { purgeEnabled: false } });
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    await expect(confirmed(desk, digest)).rejects.toThrow('PURGE_ENABLED');
    expect(await countOf(desk, `not (${KEPT})`)).toBe(OF_USER);
  });

  test('is not carried out twice, and the same backup restored again is confirmed anew', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    await confirmed(desk, digest);
    await restore(desk);
    await expect(confirmed(desk, digest)).rejects.toThrow('carried out already');
    const again = await rehearsed(desk);
    expect(again).toMatchObject({ total: OF_USER });
    expect(again.digest).not.toBe(digest);
    expect(await confirmed(desk, again.digest)).toMatchObject({ deleted: OF_USER, isFinished: true });
    expect(await verifyLedger(desk.db, desk.ports.ledgerKey)).toMatchObject({ entries: 3, problems: [] });
  });

  test('of a whole workspace waits for a person while it lives, and takes it once it is gone', async () => {
    await using desk = await openRestorable();
    await purge(desk, WORKSPACE_TARGET);
    await restore(desk);
    const living = await rehearsed(desk);
    expect(living.lines).toMatchObject([
      { target: 'public.events', again: 400, left: 'lives_again' },
      { target: 'public.people', again: 3, left: 'lives_again' },
    ]);
    expect(living).toMatchObject({ total: 0, digest: null });
    expect((await rehearsed(desk, { includeUndatable: true })).total).toBe(403);
    await reportGone(desk, true);
    const before = await desk.customers.fingerprint(`workspace_id <> '${ACME}'`);
    const { digest, total } = await rehearsed(desk);
    expect(total).toBe(403);
    expect(await confirmed(desk, digest)).toMatchObject({ deleted: 403, isFinished: true });
    expect(await desk.customers.fingerprint('true')).not.toBe(before); // of people, all tenants are in it
    expect(await countOf(desk, `workspace_id = '${ACME}'`)).toBe(0);
    expect(await countOf(desk, `workspace_id = '${NEIGHBOUR}'`)).toBe(400);
    expect((await desk.db('people').orderBy('id')).map((row) => row.workspace_id)).toEqual([
      NEIGHBOUR,
      NEIGHBOUR,
      NEIGHBOUR,
    ]);
  });

  test('is stopped by whoever stops the workspace meanwhile, before its first row', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    desk.atCrashPoint = () => undefined;
    const before = await desk.customers.fingerprint('true');
    await desk
      .db('workspace_stops')
      .insert({ workspace_id: ACME, placed_by_hash: 'h', placed_at: new Date() });
    await expect(confirmed(desk, digest)).rejects.toMatchObject({ code: 'PD_USAGE' });
    await desk.db('workspace_stops').delete();
    let batches = 0;
    desk.atCrashPoint = async (label) => {
      if (label === 'purge.batch.recorded' && ++batches === 1)
        await desk
          .db('workspace_stops')
          .insert({ workspace_id: ACME, placed_by_hash: 'h', placed_at: new Date() });
    };
    expect(await confirmed(desk, digest)).toMatchObject({
      isFinished: false,
      steps: [{ end: 'changed', deleted: 1 }],
    });
    expect(await countOf(desk, `not (${KEPT})`)).toBe(OF_USER - 1);
    expect(await desk.customers.fingerprint(KEPT)).not.toBe(before);
  });

  test('waits while purges are halted, and goes on where it was', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    const by = { agent: 'Grace', reason: 'a look first' };
    let halted = false;
    desk.atCrashPoint = async (label) => {
      if (label === 'purge.batch.recorded' && !halted) halted = await haltPurges(desk.ports, by);
    };
    expect(await confirmed(desk, digest)).toMatchObject({
      isFinished: false,
      steps: [{ end: 'halted', deleted: 1 }],
    });
    expect(await countOf(desk, `not (${KEPT})`)).toBe(OF_USER - 1);
    expect(await confirmed(desk, digest)).toMatchObject({ isFinished: false, deleted: 1 });
    await resumePurges(desk.ports, by);
    expect(await confirmed(desk, digest)).toMatchObject({ isFinished: true, deleted: OF_USER });
    expect(await countOf(desk, `not (${KEPT})`)).toBe(0);
  });

  test.each(['purge.batch.erased', 'purge.batch.recorded'] as const)(
    'that dies at %s, at any batch, goes on to the same end',
    async (label) => {
      for (const nth of [1, 2]) {
        await using desk = await openRestorable();
        await purge(desk, USER_TARGET);
        await restore(desk);
        const before = await desk.customers.fingerprint(KEPT);
        const { digest } = await rehearsed(desk);
        let passed = 0;
        desk.atCrashPoint = (at) => {
          if (at === label && ++passed === nth) throw new Error('the power went out');
        };
        await expect(confirmed(desk, digest)).rejects.toThrow('the power went out');
        expect(await confirmed(desk, digest)).toMatchObject({ isFinished: true, deleted: OF_USER });
        expect(await desk.customers.fingerprint('true')).toBe(before);
        expect(await desk.db('erasure_ledger').where({ kind: 'replayed' })).toMatchObject([
          { deleted: OF_USER },
        ]);
      }
    },
  );

  test('at any one failing call of the store is taken up again to the same end', async () => {
    const calls = ['rehearse', 'erase', 'countRemaining'] as const;
    for (let nth = 1, done = false; !done; nth++) {
      let seen = 0;
      let armed = false;
      const failing = (store: Store): Store => {
        const wrapped = { ...store };
        for (const name of calls) {
          wrapped[name] = (async (...args: Parameters<Store['erase']>) => {
            const result = await (store[name] as Store['erase'])(...args);
            if (armed && ++seen === nth) throw new Error('the line went dead');
            return result;
          }) as never;
        }
        return wrapped;
      };
      await using desk = await openRestorable({ wrap: failing });
      await purge(desk, USER_TARGET);
      await restore(desk);
      const before = await desk.customers.fingerprint(KEPT);
      const { digest } = await rehearsed(desk);
      armed = true;
      done = await confirmed(desk, digest).then(
        () => true,
        () => false,
      );
      if (!done) {
        const { total, digest: now } = await rehearsed(desk).catch(() => ({ total: -1, digest }));
        const unfinished = await desk.db('ledger_replays').whereNull('finished_at');
        const outcome = await confirmed(desk, unfinished.length > 0 ? digest : now);
        expect(outcome.isFinished, `call ${nth} of ${total}`).toBe(true);
      }
      expect(await desk.customers.fingerprint('true')).toBe(before);
      expect(await verifyLedger(desk.db, desk.ports.ledgerKey)).toMatchObject({ entries: 2, problems: [] });
      expect(nth).toBeLessThan(20);
    }
  });

  test.each<[string, string, Store['erase']]>([
    [
      'deletes more than it was asked for',
      'deleted far more than the dry run counted',
      async () => ({ deleted: 5_000, checkpoint: 'x', done: true }),
    ],
    [
      'deletes more than was counted, a little at a time',
      'deleted far more than the dry run counted',
      async (_step, at, { limit }) => ({ deleted: limit, checkpoint: Number(at) + 1, done: false }),
    ],
    [
      'says that it deleted and did not',
      'reports deletions and finds as much as before',
      async () => ({ deleted: 1, checkpoint: 'x', done: true }),
    ],
    [
      'deletes nothing',
      'deleted nothing of what it still finds',
      async () => ({ deleted: 0, checkpoint: null, done: true }),
    ],
    ['never ends', 'neither deletes nor ends', async () => ({ deleted: 0, checkpoint: null, done: false })],
  ])('of a store that %s stops for a person', async (_title, message, lie) => {
    let lying = false;
    await using desk = await openRestorable({
      wrap: (store) => ({ ...store, erase: (...args) => (lying ? lie(...args) : store.erase(...args)) }),
    });
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    lying = true;
    await expect(confirmed(desk, digest)).rejects.toMatchObject({
      code: 'PD_STORE_LIED',
      message: expect.stringContaining(message),
    });
    expect(await desk.db('erasure_ledger').where({ kind: 'replayed' })).toEqual([]);
    expect(await countOf(desk, `not (${KEPT})`)).toBe(OF_USER);
  });

  test('waits for a service that takes its time, and goes on with the same command', async () => {
    let asked = 0;
    let slow = false;
    await using desk = await openRestorable({
      wrap: (store) => ({
        ...store,
        erase: async (step, at, options) =>
          slow && ++asked === 1
            ? { deleted: 0, checkpoint: at, done: false, waits: 'service' }
            : store.erase(step, at, options),
      }),
    });
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    slow = true;
    expect(await confirmed(desk, digest)).toMatchObject({ isFinished: false, steps: [{ end: 'waits' }] });
    expect(await confirmed(desk, digest)).toMatchObject({ isFinished: true, deleted: OF_USER });
  });

  test('never calls done what the place refuses to give up', async () => {
    let locked = false;
    await using desk = await openRestorable({
      wrap: (store) => ({
        ...store,
        countRemaining: async (step, signal) => (await store.countRemaining(step, signal)) + (locked ? 2 : 0),
        findResidue: async () =>
          locked ? [{ reason: 'object_lock' as const, until: '2030-01-01', count: 2 }] : [],
      }),
    });
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    locked = true;
    expect(await confirmed(desk, digest)).toMatchObject({
      isFinished: false,
      steps: [{ end: 'locked', deleted: OF_USER }],
    });
    expect(await desk.db('erasure_ledger').where({ kind: 'replayed' })).toEqual([]);
    locked = false;
    expect(await confirmed(desk, digest)).toMatchObject({ isFinished: true });
    expect(await desk.db('erasure_ledger').where({ kind: 'replayed' })).toMatchObject([{ deleted: OF_USER }]);
  });

  test('takes access away first, again when it goes on', async () => {
    const calls: string[] = [];
    let armed = false;
    await using desk = await openRestorable({
      wrap: (store) => ({
        ...store,
        restrict: async () => void calls.push('restrict'),
        erase: async (...args) => {
          if (armed && calls.push('erase') === 2) throw new Error('the line went dead');
          return store.erase(...args);
        },
      }),
    });
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    calls.length = 0;
    armed = true;
    await expect(confirmed(desk, digest)).rejects.toThrow('the line went dead');
    await confirmed(desk, digest);
    expect(calls.slice(0, 4)).toEqual(['restrict', 'erase', 'restrict', 'erase']);
  });

  test('takes what only the exported ledger knows, on a desk that was itself restored', async () => {
    await using desk = await openRestorable();
    const first = await purge(desk, sampleTarget());
    const second = await purge(desk, USER_TARGET);
    const lines: string[] = [];
    for await (const line of ledgerLines(desk.db)) lines.push(line);
    await restore(desk);
    // The desk's own backup is from between the two: the second ticket is unknown again.
    await desk.db.raw('alter table erasure_ledger disable trigger user');
    await desk.db.raw('delete from ledger_seals where seq = 2');
    await desk.db.raw('delete from erasure_ledger where seq = 2');
    await desk.db.raw('update ledger_head set (seq, hash) = (select seq, hash from erasure_ledger)');
    await desk.db.raw('alter table receipts disable trigger user');
    await desk.db.raw('alter table erasure_ledger enable trigger user');
    for (const table of ['purge_steps', 'receipts'])
      await desk.db(table).where({ ticket_id: second }).delete();
    await desk.db('tickets').where({ id: second }).delete();

    const file = readLedgerFile(lines.join('\n'), desk.ports.ledgerKey);
    expect((await rehearsed(desk)).lines.map((line) => line.ticket)).toEqual([`PD-${first}`]);
    const { lines: found, digest, missing } = await rehearsed(desk, { file });
    expect(found.map((line) => line.ticket)).toEqual([`PD-${first}`, `PD-${second}`]);
    expect(missing).toHaveLength(1);
    expect(await verifyLedger(desk.db, desk.ports.ledgerKey)).toMatchObject({ entries: 1 });
    const outcome = await confirmed(desk, digest, { file });
    expect(outcome.isFinished).toBe(true);
    expect(await countOf(desk, `not (${KEPT})`)).toBe(0);
    expect(await verifyLedger(desk.db, desk.ports.ledgerKey)).toMatchObject({ entries: 4, problems: [] });
    expect(await rehearsed(desk, { file })).toMatchObject({ digest: null, missing: [] });
  });

  test('stops at once when another run takes it over, and every batch is counted', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.erased') return;
      desk.atCrashPoint = () => undefined;
      const [replay] = await desk.db('ledger_replays').select('id');
      const [row] = await readReplaySteps(desk.ports, replay.id);
      if (row === undefined) throw new Error('nothing to take over');
      await takeReplayStep(desk.ports, row, NEVER);
    };
    expect(await confirmed(desk, digest)).toMatchObject({ steps: [], isFinished: false });
    expect(await countOf(desk, `not (${KEPT})`)).toBe(OF_USER - 1);
    expect(await confirmed(desk, digest)).toMatchObject({ deleted: OF_USER, isFinished: true });
  });

  test('by two at once erases everything once', async () => {
    await using desk = await openRestorable();
    await purge(desk, USER_TARGET);
    await restore(desk);
    const { digest } = await rehearsed(desk);
    await Promise.allSettled([confirmed(desk, digest), confirmed(desk, digest)]);
    await confirmed(desk, digest).catch(() => undefined);
    expect(await countOf(desk, `not (${KEPT})`)).toBe(0);
    expect(await desk.db('erasure_ledger').where({ kind: 'replayed' })).toMatchObject([{ deleted: OF_USER }]);
    expect(await verifyLedger(desk.db, desk.ports.ledgerKey)).toMatchObject({ entries: 2, problems: [] });
  });
});
