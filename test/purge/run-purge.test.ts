import { describe, expect, test } from 'vitest';
import type { CrashLabel } from '../../src/domain/crash-label.ts';
import { PurgedeskError } from '../../src/domain/errors.ts';
import type { TicketId } from '../../src/domain/ids.ts';
import type { SignedReceipt } from '../../src/domain/receipt.ts';
import { openBrakes } from '../../src/purge/brake.ts';
import { STEP_LABELS } from '../../src/purge/ports.ts';
import { mostExpected } from '../../src/purge/progress.ts';
import { receiptText, verifyReceipt } from '../../src/purge/receipt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import type { Store } from '../../src/purge/store.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { type Desk, openDesk, purging, RECEIPT_KEY, stateOf } from './desk.ts';
import { ACME, NEIGHBOUR, sampleTarget, WEB_SOURCE, WORKSPACE_TARGET, workspaceNamed } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const JANUARY = 31 * EVENTS_A_DAY;
const KEPT = `not (workspace_id = '${ACME}' and source_id = '${WEB_SOURCE}'
  and received_at >= '2024-01-01Z' and received_at < '2024-02-01Z')`;

const stepsOf = (desk: Desk, id: TicketId) => desk.db('purge_steps').where({ ticket_id: id }).orderBy('no');
const typesOf = (desk: Desk) => desk.events.map(({ type }) => type);

async function receiptOf(desk: Desk, id: TicketId) {
  const row = await desk.db('receipts').where({ ticket_id: id }).first('signed');
  const checked = verifyReceipt(receiptText(row.signed as SignedReceipt), RECEIPT_KEY.publicKey);
  if (!checked.ok) throw new Error(checked.why);
  return checked.receipt;
}

/** The one end that every purge of January must come to. */
async function expectPurged(desk: Desk, id: TicketId, before: string): Promise<void> {
  expect(await desk.customers.fingerprint('true')).toBe(before);
  expect(await stateOf(desk, id)).toBe('completed');
  expect(await stepsOf(desk, id)).toMatchObject([{ status: 'done', deleted: JANUARY, remaining: 0 }]);
  expect(await receiptOf(desk, id)).toMatchObject({ deletedTotal: JANUARY, remainingTotal: 0 });
  expect(await desk.db('erasure_ledger').select('target', 'workspace_id', 'deleted')).toEqual([
    { target: 'public.events', workspace_id: ACME, deleted: JANUARY },
  ]);
}

describe('a rehearsal', () => {
  test('freezes plan, hash and counts, and changes no row', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint('true');
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    const ticket = await desk.db('tickets').where({ id }).first('plan_hash', 'estimate', 'plan', 'digest');
    expect(ticket).toMatchObject({ estimate: JANUARY, plan: { ticket: `PD-${id}`, scope: 'source' } });
    expect(desk.events).toEqual([
      {
        type: 'rehearsed',
        planHash: ticket.plan_hash,
        digest: ticket.digest,
        estimate: JANUARY,
        overCap: false,
      },
    ]);
    expect(await stepsOf(desk, id)).toMatchObject([{ no: 1, status: 'waiting', estimate: JANUARY }]);
    expect(await desk.customers.fingerprint('true')).toBe(before);
  });

  test('may be repeated and counts anew', async () => {
    await using desk = await openDesk();
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    await desk.customers.db.raw(`delete from events where received_at < '2024-01-02Z'`);
    await rehearse(desk.ports, id, NEVER);
    expect(await stepsOf(desk, id)).toMatchObject([{ estimate: JANUARY - EVENTS_A_DAY }]);
  });

  test.each([
    { title: 'a ticket above its cap', policy: { ticketCap: JANUARY - 1 }, overCap: true },
    { title: 'a day above its cap', policy: { dayCap: 2 * JANUARY - 1 }, overCap: true },
    { title: 'both within', policy: { ticketCap: JANUARY, dayCap: 2 * JANUARY }, overCap: false },
  ])('says whether the caps hold: $title', async ({ policy, overCap }) => {
    await using desk = await openDesk({ policy });
    await rehearse(desk.ports, await desk.ticketInGrace(sampleTarget()), NEVER);
    desk.events.length = 0;
    await rehearse(desk.ports, await desk.ticketInGrace(sampleTarget()), NEVER);
    expect(desk.events).toMatchObject([{ overCap }]);
  });

  test.each([
    { title: 'that nothing serves', store: { scopes: ['user'] }, note: /no store serves scope source/ },
    {
      title: 'that a store refuses',
      store: {
        tables: [
          {
            table: 'public.gone',
            id: 'id',
            workspace: 'w',
            source: 's',
            receivedAt: 'r',
            scopes: ['source'],
          },
        ],
      },
      note: /public.gone is not a table/,
    },
  ])('of a plan $title holds the ticket for review', async ({ store, note }) => {
    await using desk = await openDesk({ store });
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    expect(desk.events).toMatchObject([
      { type: 'held', reason: 'review', note: expect.stringMatching(note) },
    ]);
    expect(await stepsOf(desk, id)).toEqual([]);
  });

  test('is tried again later when a store cannot be reached, with nobody to ask for it', async () => {
    await using desk = await openDesk({
      store: { url: 'postgres://nobody@127.0.0.1:1/none' },
      pace: { brakeSecondsMin: 5, brakeSecondsMax: 60 },
    });
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    expect(desk.events).toEqual([]);
    expect(await desk.db('test_jobs')).toMatchObject([{ task: 'purge.rehearse', after_seconds: 5 }]);
    expect(await openBrakes(desk.db)).toMatchObject([{ store: 'archive', failures: 1 }]);
  });
});

describe('a purge', () => {
  test('D17 deletes exactly what was asked for, proves it and completes the ticket', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    await expectPurged(desk, id, before);
    expect(typesOf(desk)).toEqual(['rehearsed', 'step_finished', 'purge_finished']);
    expect(await receiptOf(desk, id)).toMatchObject({
      workspaceIds: [ACME],
      graceEndedAt: '2024-05-08T00:00:00.000Z',
      steps: [{ no: 1, estimate: JANUARY, deleted: JANUARY, remaining: 0 }],
    });
  });

  test('of an account visits each table for each workspace and leaves nothing', async () => {
    await using desk = await openDesk();
    const workspaces = [workspaceNamed(ACME), workspaceNamed(NEIGHBOUR)];
    const id = await purging(desk, { ...WORKSPACE_TARGET, scope: 'account', workspaces });
    await desk.work();
    expect((await stepsOf(desk, id)).map((step) => [step.target, step.status, step.deleted])).toEqual([
      ['public.events', 'done', 50 * 2 * EVENTS_A_DAY],
      ['public.events', 'done', 50 * 2 * EVENTS_A_DAY],
      ['public.people', 'done', 3],
      ['public.people', 'done', 3],
    ]);
    expect(await stateOf(desk, id)).toBe('completed');
  });

  test('that finds nothing says so', async () => {
    await using desk = await openDesk();
    const id = await purging(desk, sampleTarget({ source: { id: 'src_none', name: 'None' } }));
    await desk.work();
    expect(await receiptOf(desk, id)).toMatchObject({
      deletedTotal: 0,
      steps: [{ estimate: 0, deleted: 0 }],
    });
  });

  test('does nothing for a ticket that is not purging', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint('true');
    const id = await desk.ticketInGrace(sampleTarget());
    await rehearse(desk.ports, id, NEVER);
    await runStep(desk.ports, id, 1, NEVER);
    expect(await desk.customers.fingerprint('true')).toBe(before);
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'waiting' }]);
  });

  test('run again after its end changes nothing', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    await runStep(desk.ports, id, 1, NEVER);
    await expectPurged(desk, id, before);
  });

  test('of two steps hands over to the one that is due, whichever job comes', async () => {
    await using desk = await openDesk();
    const id = await purging(desk, WORKSPACE_TARGET);
    await runStep(desk.ports, id, 2, NEVER);
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'waiting' }, { status: 'waiting' }]);
    await desk.work();
    expect(await stateOf(desk, id)).toBe('completed');
  });

  test('meets rows that arrive behind its checkpoint in another pass', async () => {
    await using desk = await openDesk();
    const id = await purging(desk, WORKSPACE_TARGET);
    let late = 5;
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.erased' || late-- <= 0) return;
      await desk.customers.db.raw(`insert into events (id, workspace_id, source_id, event, received_at)
        overriding system value values (-${late} - 1, '${ACME}', 'src_web', 'Late', now())`);
    };
    await desk.work();
    expect(await receiptOf(desk, id)).toMatchObject({
      deletedTotal: 50 * 2 * EVENTS_A_DAY + 5 + 3,
      remainingTotal: 0,
    });
  });
});

describe('the log', () => {
  const STEP = { ticket: 'PD-1001', step: 1, steps: 1, store: 'archive', estimate: JANUARY };

  test('hears how far a step is, and when it is done: references and figures, nobody and nothing of a row', async () => {
    await using desk = await openDesk({ pace: { logMs: 0 } });
    await purging(desk);
    await desk.work();
    expect(desk.lines.map(({ message }) => message)).toEqual([
      'a purge is running',
      'a purge is running',
      'a step of a purge is done',
    ]);
    expect(desk.lines[0]?.details).toMatchObject({ ...STEP, deleted: 1, percent: 0 });
    expect(desk.lines[1]?.details).toMatchObject({ ...STEP, deleted: JANUARY, percent: 99, etaSeconds: 0 });
    expect(desk.lines[2]?.details).toMatchObject({ ...STEP, deleted: JANUARY, percent: 100, etaSeconds: 0 });
    const keys = [
      'ticket',
      'step',
      'steps',
      'store',
      'deleted',
      'estimate',
      'percent',
      'perSecond',
      'etaSeconds',
    ];
    expect(desk.lines.map(({ details }) => Object.keys(details))).toEqual([keys, keys, keys]);
  });

  test('hears of a short step at its end only', async () => {
    await using desk = await openDesk();
    await purging(desk);
    await desk.work();
    expect(desk.lines.map(({ message }) => message)).toEqual(['a step of a purge is done']);
  });
});

/** Waits for ever at the nth passing of a label, as a process does that was killed there; then lets it go on. */
function freezeAt(desk: Desk, label: CrashLabel, nth: number) {
  const reached = Promise.withResolvers<void>();
  const thaw = Promise.withResolvers<void>();
  let passed = 0;
  desk.atCrashPoint = async (passing) => {
    if (passing !== label || ++passed !== nth) return;
    reached.resolve();
    await thaw.promise;
  };
  return { reached: reached.promise, thaw: thaw.resolve };
}

describe('a process that dies', () => {
  test.each<{ label: CrashLabel; nth: number }>([
    ...STEP_LABELS.map((label) => ({ label, nth: 1 })),
    { label: 'purge.guarded', nth: 2 },
    { label: 'purge.batch.erased', nth: 2 },
    { label: 'purge.batch.recorded', nth: 2 },
  ])('at $label $nth leaves a purge that ends the same, with the same figures', async ({ label, nth }) => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    const frozen = freezeAt(desk, label, nth);
    const dead = runStep(desk.ports, id, 1, NEVER);
    await frozen.reached;
    await desk.work();
    await expectPurged(desk, id, before);
    frozen.thaw();
    await dead;
    await expectPurged(desk, id, before);
    expect(typesOf(desk)).toEqual(['rehearsed', 'step_finished', 'purge_finished']);
  });

  test('stopped between two batches goes on behind its checkpoint', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    const halt = new AbortController();
    desk.atCrashPoint = (label) => {
      if (label === 'purge.batch.recorded') halt.abort(new Error('halt'));
    };
    // A job that failed would be tried again later and later, and at last never: another one goes on.
    await desk.db('test_jobs').delete();
    await runStep(desk.ports, id, 1, halt.signal);
    expect(await desk.db('test_jobs').select('key')).toEqual([{ key: `step:${id}:1` }]);
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'running', deleted: 1, attempts: 0 }]);
    await desk.work();
    await expectPurged(desk, id, before);
  });

  test('leaves no harm when two workers run the same step at once', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await Promise.all([runStep(desk.ports, id, 1, NEVER), runStep(desk.ports, id, 1, NEVER)]);
    await desk.work();
    await expectPurged(desk, id, before);
  });
});

describe('D01 invariant 1, before every batch', () => {
  test('P01 T26 an obstacle stops the purge before its first row', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint('true');
    await purging(desk);
    desk.obstacles = ['requester_lost_role'];
    await desk.work();
    expect(desk.events.at(-1)).toEqual({ type: 'step_blocked', obstacles: ['requester_lost_role'] });
    expect(await desk.customers.fingerprint('true')).toBe(before);
  });

  test('P01 T26 an obstacle stops it between two batches', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    desk.atCrashPoint = (label) => {
      if (label === 'purge.batch.recorded') desk.obstacles = ['purging_off'];
    };
    await desk.work();
    expect(desk.events.at(-1)).toEqual({ type: 'step_blocked', obstacles: ['purging_off'] });
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'running', deleted: 1 }]);
  });

  test('a hold stops it between two batches, and it goes on once released', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.batch.recorded') return;
      desk.atCrashPoint = () => undefined;
      await desk
        .db('holds')
        .insert({ ticket_id: id, reason: 'agent', placed_by: 'agent', placed_at: new Date() });
    };
    await desk.work();
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'running', deleted: 1 }]);
    await desk.release(id, 'agent');
    await runStep(desk.ports, id, 1, NEVER);
    await expectPurged(desk, id, before);
  });

  test('D16 a count far beyond the rehearsal asks again, and the counts can be frozen anew', async () => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.customers.db.raw(`insert into events (workspace_id, source_id, event, received_at)
      select '${ACME}', '${WEB_SOURCE}', 'Flood', '2024-01-15Z' from generate_series(1, 1100)`);
    await desk.work();
    expect(desk.events.at(-1)).toMatchObject({
      type: 'held',
      reason: 'review',
      note: `step 1 (archive) matches ${JANUARY + 1_100}; the rehearsal counted ${JANUARY}`,
    });
    await rehearse(desk.ports, id, NEVER);
    await desk.release(id, 'review');
    await runStep(desk.ports, id, 1, NEVER);
    expect(await desk.customers.fingerprint('true')).toBe(before);
    expect(await receiptOf(desk, id)).toMatchObject({ deletedTotal: JANUARY + 1_100 });
  });

  test('P02 a later step that matches far more is held on its own, and the release covers what was found', async () => {
    await using desk = await openDesk();
    const id = await purging(desk, WORKSPACE_TARGET);
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.step.finished') return;
      desk.atCrashPoint = () => undefined;
      await desk.customers.db.raw(
        `insert into people select 'more_' || n, '${ACME}' from generate_series(1, 2000) n`,
      );
    };
    await desk.work();
    const note = 'step 2 (archive) matches 2003; the rehearsal counted 3';
    expect(desk.events.at(-1)).toMatchObject({ type: 'held', reason: 'review', note });
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'done' }, { deleted: 0 }]);
    await rehearse(desk.ports, id, NEVER);
    await desk.release(id, 'review');
    await runStep(desk.ports, id, 2, NEVER);
    expect(await stateOf(desk, id)).toBe('completed');
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'done' }, { deleted: 2_003 }]);
  });

  test('P02 data that arrives while it is deleted takes no step past what was agreed to, not by one', async () => {
    let arrives = true;
    await using desk: Desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (step, from, options) => {
          const erased = await store.erase(step, from, options);
          if (!arrives) return erased;
          await desk.customers.db.raw(
            `insert into events (workspace_id, source_id, event, received_at)
             select '${ACME}', '${WEB_SOURCE}', 'Late', '2024-01-15Z' from generate_series(1, ?)`,
            [erased.deleted - 3],
          );
          return { ...erased, checkpoint: null, done: false };
        },
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    expect(await stepsOf(desk, id)).toMatchObject([{ deleted: mostExpected(JANUARY) }]);
    expect(desk.events.at(-1)).toMatchObject({ type: 'held', reason: 'review' });
    arrives = false;
    await desk.release(id, 'review');
    await runStep(desk.ports, id, 1, NEVER);
    expect(await desk.customers.fingerprint('true')).toBe(before);
    expect(await stateOf(desk, id)).toBe('completed');
  });

  test.each([
    {
      title: 'a plan hash that is not that of the plan',
      change: { plan_hash: 'f'.repeat(64) },
      obstacle: 'plan_changed',
    },
    {
      title: 'a target that is not the one confirmed',
      change: { target: JSON.stringify(sampleTarget({ source: { id: 'src_ios', name: 'x' } })) },
      obstacle: 'plan_changed',
    },
  ])('$title stops it', async ({ change, obstacle }) => {
    await using desk = await openDesk();
    const before = await desk.customers.fingerprint('true');
    const id = await purging(desk);
    await desk.db('tickets').where({ id }).update(change);
    await desk.work();
    expect(desk.events.at(-1)).toEqual({ type: 'step_blocked', obstacles: [obstacle] });
    expect(await desk.customers.fingerprint('true')).toBe(before);
  });

  test('a policy about backups that changed meanwhile stops nothing, and the receipt tells the new one', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    const residue = [
      {
        category: 'backups',
        what: 'Snapshots',
        why: 'restores',
        legalBasis: null,
        retentionDays: 90,
        rollingDays: null,
      },
    ] as const;
    const ports = { ...desk.ports, policy: { ...desk.ports.policy, residue } };
    await runStep(ports, id, 1, NEVER);
    expect(await stateOf(desk, id)).toBe('completed');
    const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
    expect(signed.receipt.retained).toMatchObject([{ what: 'Snapshots' }]);
  });

  test('a purge without its steps stops', async () => {
    await using desk = await openDesk();
    const id = await purging(desk);
    await desk.db('purge_steps').where({ ticket_id: id }).delete();
    await desk.work();
    expect(desk.events.at(-1)).toEqual({ type: 'step_blocked', obstacles: ['plan_changed'] });
  });
});

describe('F32 D15 a store that lies', () => {
  test.each<{ title: string; lie: (store: Store) => Partial<Store> }>([
    {
      title: 'and deletes nothing',
      lie: () => ({ erase: async (_step, checkpoint) => ({ deleted: 0, checkpoint, done: true }) }),
    },
    {
      title: 'and reports deletions that it did not make',
      lie: () => ({ erase: async () => ({ deleted: 1, checkpoint: null, done: true }) }),
    },
    {
      title: 'and deletes more than a batch',
      lie: () => ({ erase: async () => ({ deleted: 2, checkpoint: null, done: false }) }),
    },
    {
      title: 'and goes on deleting',
      lie: () => ({
        erase: async (_step, _from, { limit }) => ({ deleted: limit, checkpoint: 'x', done: false }),
      }),
    },
    {
      title: 'and never ends',
      lie: () => ({ erase: async (_step, checkpoint) => ({ deleted: 0, checkpoint, done: false }) }),
    },
    { title: 'and counts what is no number', lie: () => ({ countRemaining: async () => Number.NaN }) },
    { title: 'and counts below nothing', lie: () => ({ countRemaining: async () => -1 }) },
  ])('$title is stopped for an agent and nothing is called done', async ({ lie }) => {
    await using desk = await openDesk({ wrap: (store) => ({ ...store, ...lie(store) }) });
    const id = await purging(desk);
    await desk.work();
    expect(desk.events.at(-1)).toEqual({ type: 'step_failed', step: 1, error: 'PD_STORE_LIED' });
    expect(await stepsOf(desk, id)).toMatchObject([
      { status: 'failed', last_error: 'PD_STORE_LIED', remaining: null },
    ]);
    expect(await stateOf(desk, id)).toBe('purging');
    expect(await desk.db('erasure_ledger')).toEqual([]);
  });
});

describe('a store that refuses to give up some of it', () => {
  test('has the step wait for an agent with what stays and until when, and never calls it done', async () => {
    let locked = 2;
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        countRemaining: async (...call) => (await store.countRemaining(...call)) + locked,
        findResidue: async () => [
          { reason: 'object_lock', until: '2031-05-01', count: 1 },
          { reason: 'legal_hold', until: null, count: 1 },
        ],
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    expect(desk.events.at(-1)).toMatchObject({
      type: 'held',
      reason: 'residue',
      note: 'step 1 (archive) is not done: 1 kept by an object lock until 2031-05-01, 1 kept by a legal hold',
    });
    expect(await stateOf(desk, id)).toBe('purging');
    expect(await stepsOf(desk, id)).toMatchObject([{ status: 'running', deleted: JANUARY, remaining: null }]);
    expect(await desk.db('erasure_ledger')).toEqual([]);
    await desk.release(id, 'residue');
    await runStep(desk.ports, id, 1, NEVER);
    expect(typesOf(desk)).toEqual(['rehearsed', 'held', 'held']);
    locked = 0;
    await desk.release(id, 'residue');
    await runStep(desk.ports, id, 1, NEVER);
    await expectPurged(desk, id, before);
  });

  test('and leaves more than that is stopped all the same', async () => {
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (_step, checkpoint) => ({ deleted: 0, checkpoint, done: true }),
        findResidue: async () => [{ reason: 'object_lock', until: '2031-05-01', count: 1 }],
      }),
    });
    await purging(desk);
    await desk.work();
    expect(desk.events.at(-1)).toEqual({ type: 'step_failed', step: 1, error: 'PD_STORE_LIED' });
  });
});

const failure = () => new PurgedeskError('PD_STORE_FAILED', 'a store did not carry out a statement');

describe('F31 a store that fails', () => {
  test('is tried again without a person, however long it is gone, and no attempt is counted', async () => {
    let failures = 50;
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (...call) => {
          if (failures-- > 0) throw failure();
          return store.erase(...call);
        },
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    await expectPurged(desk, id, before);
    expect(typesOf(desk)).toEqual(['rehearsed', 'step_finished', 'purge_finished']);
  });

  test('in a way that nobody foresaw is tried five times, then left to an agent, and goes on when released', async () => {
    let down = true;
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (...call) => {
          if (down) throw new TypeError('nobody foresaw this');
          return store.erase(...call);
        },
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    for (let attempt = 1; attempt < 5; attempt++) {
      await expect(runStep(desk.ports, id, 1, NEVER)).rejects.toThrow('nobody foresaw this');
    }
    await runStep(desk.ports, id, 1, NEVER);
    expect(desk.events.at(-1)).toMatchObject({ type: 'step_failed', step: 1 });
    down = false;
    await desk.release(id, 'step_failed');
    await desk.work();
    await expectPurged(desk, id, before);
  });

  test('because the database of the desk was away comes back by itself as often as it takes', async () => {
    let away = 10;
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (...call) => {
          if (away-- > 0) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
          return store.erase(...call);
        },
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    await expectPurged(desk, id, before);
    expect(await openBrakes(desk.db)).toEqual([]);
  });

  test('for want of time is asked for less', async () => {
    const limits: number[] = [];
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: (step, from, options) => {
          limits.push(options.limit);
          if (options.limit <= 50) return store.erase(step, from, options);
          throw new PurgedeskError('PD_STORE_FAILED', 'slow', { details: { reason: 'timeout' } });
        },
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    expect(limits.slice(0, 4)).toEqual([1, 1_000, 100, 10]);
    await expectPurged(desk, id, before);
  });

  test('for want of time may have carried it out all the same: the figures are right', async () => {
    let late = true;
    await using desk = await openDesk({
      wrap: (store) => ({
        ...store,
        erase: async (step, from, options) => {
          const erased = await store.erase(step, from, options);
          if (!late || options.limit === 1) return erased;
          late = false;
          throw new PurgedeskError('PD_STORE_FAILED', 'slow', { details: { reason: 'timeout' } });
        },
      }),
    });
    const before = await desk.customers.fingerprint(KEPT);
    const id = await purging(desk);
    await desk.work();
    expect(late).toBe(false);
    await expectPurged(desk, id, before);
  });

  test.each(['before', 'after'] as const)(
    'at any one call, %s carrying it out, delays the end and changes nothing of it',
    async (when) => {
      for (let nth = 1, passed = false; !passed; nth++) {
        let calls = 0;
        const faulty =
          <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
          async (...args: A): Promise<R> => {
            const fails = ++calls === nth;
            if (fails && when === 'before') throw failure();
            const result = await call(...args);
            if (fails) throw failure();
            return result;
          };
        await using desk = await openDesk({
          wrap: (store) => ({
            ...store,
            rehearse: faulty(store.rehearse),
            erase: faulty(store.erase),
            countRemaining: faulty(store.countRemaining),
          }),
        });
        const before = await desk.customers.fingerprint(KEPT);
        const id = await desk.ticketInGrace(sampleTarget());
        await rehearse(desk.ports, id, NEVER);
        await desk.work();
        await desk.startPurge(id);
        await desk.work();
        await expectPurged(desk, id, before);
        passed = calls < nth;
        expect(nth).toBeLessThan(20);
      }
    },
  );
});
