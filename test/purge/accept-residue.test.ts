import { describe, expect, test } from 'vitest';
import { type TicketId, ticketId as toTicketId } from '../../src/domain/ids.ts';
import type { PlanStep } from '../../src/domain/plan.ts';
import { acceptResidue } from '../../src/purge/accept-residue.ts';
import { receiptText, verifyReceipt } from '../../src/purge/receipt.ts';
import { rehearse } from '../../src/purge/rehearse.ts';
import { purgeTasks } from '../../src/purge/run-purge.ts';
import type { StoreResidue } from '../../src/purge/store.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { workspaceRequest } from '../tickets/desk.ts';
import { type Desk, openDesk, RECEIPT_KEY } from './desk.ts';
import { ACME, WORKSPACE_TARGET } from './fixtures.ts';
import { type Job, NEXT_JOB } from './real-desk.ts';
import { NEVER } from './store-contract.ts';
import { openWholeDesk } from './whole-desk.ts';

const EVENTS = 50 * 2 * 4;
const LOCKED: readonly StoreResidue[] = [
  { reason: 'object_lock', until: '2031-05-01', count: 2 },
  { reason: 'legal_hold', until: null, count: 1 },
];
const countOf = (residue: readonly StoreResidue[]) => residue.reduce((sum, { count }) => sum + count, 0);

interface Scene extends AsyncDisposable {
  readonly desk: Desk;
  readonly id: TicketId;
  readonly others: string;
  /** What the archive refuses to give up of acme's events; changed by tests. */
  kept: readonly StoreResidue[];
  /** What it still finds beside that. */
  late: number;
  accept(reason?: string): ReturnType<typeof acceptResidue>;
}

async function othersOf({ db }: Desk, kept = `workspace_id <> '${ACME}'`): Promise<string> {
  const found = await db.raw<{ rows: [{ sum: string }] }>(`
    select md5((select string_agg(cast(e as text), ',' order by id) from events e where ${kept}) ||
      (select string_agg(cast(p as text), ',' order by id) from people p where ${kept})) as sum`);
  return found.rows[0].sum;
}

/** A workspace whose purge has deleted all that it may, and waits because of the rest. */
async function scene(): Promise<Scene> {
  const it = { kept: LOCKED, late: 0 };
  const isLocked = (target: string) => target === 'public.events';
  const desk = await openDesk({
    wrap: (store) => ({
      ...store,
      countRemaining: async (step, ...call) =>
        (await store.countRemaining(step, ...call)) +
        (isLocked(step.target) ? countOf(it.kept) + it.late : 0),
      findResidue: async (step) => (isLocked(step.target) ? it.kept : []),
    }),
  });
  const others = await othersOf(desk);
  const id = await desk.ticketInGrace(WORKSPACE_TARGET);
  await rehearse(desk.ports, id, NEVER);
  await desk.startPurge(id);
  await desk.work();
  return Object.assign(it, {
    desk,
    id,
    others,
    accept: (reason = 'the lock is the law') =>
      acceptResidue(desk.ports, { ticketId: id, agent: 'ada', reason }, NEVER),
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  });
}

/** As the ticket's transition does when its last hold is gone. */
async function goOn({ desk, id }: Scene): Promise<void> {
  await desk.db.transaction((trx) =>
    desk.ports.enqueue(trx, 'purge.step', { ticketId: id, no: 1 }, `step:${id}:1`),
  );
  await desk.work();
}

const stepsOf = ({ desk, id }: Scene) => desk.db('purge_steps').where({ ticket_id: id }).orderBy('no');
const holdsOf = async ({ desk, id }: Scene) =>
  (await desk.db('holds').where({ ticket_id: id, lifted_at: null })).map(({ reason }) => reason);
const stateOf = async ({ desk, id }: Scene) => (await desk.db('tickets').where({ id }).first('state')).state;

async function receiptOf({ desk, id }: Scene) {
  const { signed } = await desk.db('receipts').where({ ticket_id: id }).first('signed');
  const checked = verifyReceipt(receiptText(signed), RECEIPT_KEY.publicKey);
  if (!checked.ok) throw new Error(checked.why);
  return checked.receipt;
}

describe('what a place refuses to give up', () => {
  test('keeps the step from being done until an agent accepts it, and then stands in the receipt', async () => {
    await using it = await scene();
    expect(await holdsOf(it)).toEqual(['residue']);
    expect(await stepsOf(it)).toMatchObject([{ status: 'running', remaining: null }, { status: 'waiting' }]);
    expect(await it.accept()).toEqual({ kind: 'accepted', step: 1, residue: LOCKED });
    expect(it.desk.events.at(-1)).toMatchObject({
      type: 'released',
      reason: 'residue',
      by: { kind: 'agent', name: 'ada' },
      accepted: { step: 1, count: 3 },
    });
    expect(await it.desk.db('receipts')).toEqual([]);
    await goOn(it);
    expect(await stateOf(it)).toBe('completed');
    expect(await stepsOf(it)).toMatchObject([
      { status: 'done', deleted: EVENTS, remaining: 3, accepted_count: 3 },
      { status: 'done', deleted: 3, remaining: 0, accepted: null },
    ]);
    expect(await receiptOf(it)).toMatchObject({
      deletedTotal: EVENTS + 3,
      remainingTotal: 3,
      steps: [{ remaining: 3 }, { remaining: 0 }],
      retained: expect.arrayContaining([
        {
          category: 'object_lock',
          what: '2 in the store archive under an object lock',
          why: 'the storage refuses to delete it while the lock lasts',
          legalBasis: null,
          until: '2031-05-01',
        },
        expect.objectContaining({ category: 'legal_hold', until: null }),
      ]),
    });
    expect(await othersOf(it.desk, 'true')).toBe(it.others);
    expect(await it.desk.db('accepted_residue')).toMatchObject([
      { ticket_id: it.id, step: 1, count: 3, agent: 'ada', reason: 'the lock is the law' },
    ]);
  });

  test.each<{ title: string; kept: readonly StoreResidue[]; late?: number }>([
    { title: 'more is kept by then', kept: [{ ...LOCKED[0], count: 3 } as StoreResidue] },
    { title: 'less is', kept: LOCKED.slice(0, 1) },
    {
      title: 'as much is, until another day',
      kept: [{ ...LOCKED[0], until: '2041-05-01', count: 3 } as StoreResidue],
    },
  ])('is asked about again when $title', async ({ kept }) => {
    await using it = await scene();
    await it.accept();
    it.kept = kept;
    await goOn(it);
    expect(await holdsOf(it)).toEqual(['residue']);
    expect(await stateOf(it)).toBe('purging');
    expect(await it.desk.db('receipts')).toEqual([]);
    expect(await it.accept()).toMatchObject({ kind: 'accepted' });
    await goOn(it);
    expect(await receiptOf(it)).toMatchObject({ remainingTotal: countOf(kept) });
  });

  test('and gave up by then is no residue any more', async () => {
    await using it = await scene();
    await it.accept();
    it.kept = [];
    await goOn(it);
    expect(await stepsOf(it)).toMatchObject([{ status: 'done', remaining: 0, accepted: null }, {}]);
    const receipt = await receiptOf(it);
    expect(receipt.remainingTotal).toBe(0);
    expect(receipt.retained.map(({ category }) => category)).not.toContain('object_lock');
  });

  test('never hides that more is left than is kept', async () => {
    await using it = await scene();
    it.late = 1;
    expect(await it.accept()).toMatchObject({
      kind: 'refused',
      why: '4 are left and 3 of them are kept: release the hold, and the step goes on',
    });
    it.late = 0;
    await it.accept();
    it.late = 1;
    await goOn(it);
    expect(it.desk.events.at(-1)).toMatchObject({ type: 'step_failed', error: 'PD_STORE_LIED' });
    expect(await it.desk.db('receipts')).toEqual([]);
  });

  test('cannot be accepted when nothing is, twice, without a reason, or before it is asked about', async () => {
    await using it = await scene();
    const refused = (why: string) => ({ kind: 'refused', why });
    expect(await it.accept(' ')).toEqual(refused('a reason is needed'));
    it.kept = [];
    expect(await it.accept()).toEqual(
      refused('nothing is kept there any more: release the hold, and the step goes on'),
    );
    it.kept = LOCKED;
    const before = await it.desk.ticketInGrace(WORKSPACE_TARGET);
    await rehearse(it.desk.ports, before, NEVER);
    const order = { ticketId: before, agent: 'ada', reason: 'x' };
    const waitsForNobody = refused('no step of it waits because of what stays');
    expect(await acceptResidue(it.desk.ports, order, NEVER)).toEqual(waitsForNobody);
    const both = await Promise.all([it.accept(), it.accept()]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['accepted', 'refused']);
    expect(await it.accept()).toEqual(waitsForNobody);
    expect(await it.desk.db('accepted_residue')).toHaveLength(1);
  });
});

test('an acceptance stands in the audit chain by its counts, and the ticket goes on by itself', async () => {
  await using whole = await openWholeDesk();
  const { desk, real } = whole;
  const keeping = (name: string) => {
    const store = real.purge.stores.get(name);
    return {
      ...store,
      countRemaining: async (step: PlanStep, signal: AbortSignal) =>
        (await store.countRemaining(step, signal)) + (step.no === 1 ? countOf(LOCKED) : 0),
      findResidue: async (step: PlanStep) => (step.no === 1 ? LOCKED : []),
    };
  };
  const ports = { ...real.purge, stores: { ...real.purge.stores, get: keeping } };
  const work = async () => {
    for (let jobs = 0; jobs < 50; jobs++) {
      const [job] = (await desk.db.raw<{ rows: readonly Job[] }>(NEXT_JOB)).rows;
      if (job === undefined) return;
      await desk.db.raw('delete from graphile_worker._private_jobs where id = ?', [job.id]);
      await purgeTasks(ports)[job.task](job.payload, NEVER);
    }
  };
  const ticket = await desk.inGrace(workspaceRequest(), false);
  await work();
  await desk.outlast(await desk.ticket(ticket.id));
  await work();
  expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'purging', holds: ['residue'] });
  const order = { ticketId: toTicketId(ticket.id), agent: 'ada', reason: 'a word for nobody else' };
  expect(await acceptResidue(ports, order, NEVER)).toMatchObject({ kind: 'accepted' });
  await work();
  expect(await desk.ticket(ticket.id)).toMatchObject({ state: 'completed', holds: [] });
  const events = await desk.db('ticket_events').where({ ticket_id: ticket.id });
  expect(JSON.stringify(events)).toContain('"left":3');
  expect(JSON.stringify(events)).not.toContain('a word for nobody else');
  expect(await verifyAudit(desk.db)).toMatchObject({ problems: [] });
});

describe('the database', () => {
  const done = (it: Scene, values: Record<string, unknown>) =>
    it.desk
      .db('purge_steps')
      .where({ ticket_id: it.id, no: 1 })
      .update({ status: 'done', finished_at: new Date(), ...values });

  test('calls no step done that left anything which nobody accepted, or another number', async () => {
    await using it = await scene();
    const empty = { code: '23514', constraint: 'purge_steps_done_are_empty' };
    await expect(done(it, { remaining: 3 })).rejects.toMatchObject(empty);
    await expect(done(it, { remaining: 3, accepted: 1, accepted_count: 3 })).rejects.toMatchObject({
      code: '23503',
    });
    await it.accept();
    await expect(done(it, { remaining: 2 })).rejects.toMatchObject(empty);
    await expect(done(it, { remaining: 2, accepted_count: 2 })).rejects.toMatchObject({ code: '23503' });
    await expect(done(it, { remaining: null })).rejects.toMatchObject(empty);
    await done(it, { remaining: 3 });
  });
});
