import { describe, expect, test } from 'vitest';
import type { TicketId } from '../../src/domain/ids.ts';
import type { Predicate } from '../../src/domain/plan.ts';
import { mayOverlap } from '../../src/purge/overlap.ts';
import { runStep } from '../../src/purge/run-purge.ts';
import { EVENTS_A_DAY } from './customer-database.ts';
import { type Desk, openDesk, purging, stateOf } from './desk.ts';
import { ACME, NEIGHBOUR, sampleTarget, WORKSPACE_TARGET, workspaceNamed } from './fixtures.ts';
import { NEVER } from './store-contract.ts';

const JANUARY = 31 * EVENTS_A_DAY;
const ALL_EVENTS = 50 * 2 * EVENTS_A_DAY;
/** The other source of the same workspace. */
const IOS = sampleTarget({ source: { id: 'src_ios', name: 'App' } });

const deletedOf = (desk: Desk, id: TicketId): Promise<number[]> =>
  desk.db('purge_steps').where({ ticket_id: id }).orderBy('no').pluck('deleted');
const failuresOf = (desk: Desk) => desk.events.filter(({ type }) => type === 'step_failed');

/** Runs the first step until it has noted its first batch, and is then stopped with its process. */
async function leaveHalfWay(desk: Desk, id: TicketId): Promise<void> {
  const stopping = new AbortController();
  desk.atCrashPoint = (label) => {
    if (label === 'purge.guarded') stopping.abort();
  };
  await runStep(desk.ports, id, 1, stopping.signal);
  desk.atCrashPoint = () => undefined;
  expect(await desk.db('purge_steps').where({ ticket_id: id, no: 1 }).first()).toMatchObject({
    status: 'running',
    deleted: 0,
    checkpoint: { before: JANUARY },
  });
  await desk
    .db('test_jobs')
    .where({ key: `step:${id}:1` })
    .delete();
}

const goOn = (desk: Desk, ticketId: TicketId): Promise<void> =>
  desk.db.transaction((trx) => desk.ports.enqueue(trx, 'purge.step', { ticketId, no: 1 }, 'goes on'));

describe('two tickets about the same data, whose purges begin together', () => {
  test.each([
    { title: 'the whole workspace, and meanwhile a part', first: WORKSPACE_TARGET, second: sampleTarget() },
    { title: 'a part, and meanwhile the whole workspace', first: sampleTarget(), second: WORKSPACE_TARGET },
  ])('are carried out one after the other: $title', async ({ first, second }) => {
    await using desk = await openDesk();
    const one = await purging(desk, first);
    const other = await purging(desk, second);
    let counted = 0;
    desk.atCrashPoint = async (label) => {
      if (label !== 'purge.counted' || counted++ > 0) return;
      await runStep(desk.ports, other, 1, NEVER);
      expect(await desk.db('purge_steps').where({ ticket_id: other, no: 1 }).first('status')).toEqual({
        status: 'waiting',
      });
      expect(
        await desk
          .db('test_jobs')
          .where({ key: `step:${other}:1` })
          .first(),
      ).toMatchObject({
        after_seconds: 5,
      });
    };
    await runStep(desk.ports, one, 1, NEVER);
    await desk.work();
    expect(failuresOf(desk)).toEqual([]);
    expect([await stateOf(desk, one), await stateOf(desk, other)]).toEqual(['completed', 'completed']);
    const [part, whole] = first === WORKSPACE_TARGET ? [other, one] : [one, other];
    expect(await deletedOf(desk, part)).toEqual([first === WORKSPACE_TARGET ? 0 : JANUARY]);
    expect(await deletedOf(desk, whole)).toEqual([
      first === WORKSPACE_TARGET ? ALL_EVENTS : ALL_EVENTS - JANUARY,
      3,
    ]);
    expect(await desk.customers.db('events').where({ workspace_id: NEIGHBOUR }).count()).toEqual([
      { count: ALL_EVENTS },
    ]);
  });

  test('do not wait for each other where they have nothing in common', async () => {
    await using desk = await openDesk();
    const one = await purging(desk, sampleTarget());
    const other = await purging(desk, IOS);
    let counted = 0;
    desk.atCrashPoint = async (label) => {
      if (label === 'purge.counted' && counted++ === 0) await runStep(desk.ports, other, 1, NEVER);
    };
    await runStep(desk.ports, one, 1, NEVER);
    expect([await stateOf(desk, one), await stateOf(desk, other)]).toEqual(['completed', 'completed']);
  });
});

describe('a step that was left half-way', () => {
  test('is through when another ticket has deleted the rest meanwhile', async () => {
    await using desk = await openDesk();
    const one = await purging(desk, sampleTarget());
    const whole = await purging(desk, WORKSPACE_TARGET);
    await leaveHalfWay(desk, one);
    await desk.work();
    expect([await stateOf(desk, one), await stateOf(desk, whole)]).toEqual(['purging', 'completed']);
    await goOn(desk, one);
    await desk.work();
    expect(failuresOf(desk)).toEqual([]);
    expect(await stateOf(desk, one)).toBe('completed');
  });

  test.each([
    { title: 'another source', target: IOS },
    { title: 'another workspace', target: sampleTarget({ workspaces: [workspaceNamed(NEIGHBOUR)] }) },
  ])(
    'D16 is a lie of the store when nobody of ours has deleted it: a ticket of $title explains nothing',
    async ({ target }) => {
      await using desk = await openDesk();
      const one = await purging(desk, sampleTarget());
      const other = await purging(desk, target);
      await leaveHalfWay(desk, one);
      await desk.work();
      expect(await stateOf(desk, other)).toBe('completed');
      await desk.customers.db.raw(
        `delete from events where workspace_id = '${ACME}' and source_id = 'src_web'`,
      );
      await goOn(desk, one);
      await desk.work();
      expect(failuresOf(desk)).toMatchObject([{ step: 1, error: 'PD_STORE_LIED' }]);
    },
  );

  test('D16 is a lie of the store when more is gone than the other ticket has deleted', async () => {
    await using desk = await openDesk();
    const one = await purging(desk, sampleTarget());
    const part = await purging(desk, sampleTarget({ timeFrame: { from: '2024-01-30', to: '2024-01-31' } }));
    await leaveHalfWay(desk, one);
    await desk.work();
    expect(await deletedOf(desk, part)).toEqual([2 * EVENTS_A_DAY]);
    await desk.customers.db.raw(
      `delete from events where workspace_id = '${ACME}' and source_id = 'src_web'`,
    );
    await goOn(desk, one);
    await desk.work();
    expect(failuresOf(desk)).toMatchObject([{ step: 1, error: 'PD_STORE_LIED' }]);
  });
});

test.each<{ title: string; other: Partial<Predicate>; overlaps: boolean }>([
  { title: 'the whole workspace', other: { sourceId: null, users: [] }, overlaps: true },
  { title: 'another workspace', other: { workspaceId: NEIGHBOUR }, overlaps: false },
  { title: 'another source', other: { sourceId: 'src_ios' }, overlaps: false },
  { title: 'another space', other: { spaceId: 'spa_2' }, overlaps: false },
  { title: 'another project', other: { projectId: 'prj_2' }, overlaps: false },
  { title: 'another user, who may share a row', other: { users: ['u2'] }, overlaps: true },
  { title: 'other events', other: { events: ['Ordered'] }, overlaps: false },
  { title: 'one of the events', other: { events: ['Ordered', 'Signed Up'] }, overlaps: true },
  { title: 'the time behind', other: { receivedFrom: '2024-02-01T00:00:00.000Z' }, overlaps: false },
  { title: 'a time that begins within', other: { receivedFrom: '2024-01-31T23:59:59.999Z' }, overlaps: true },
])('whether data may be the same: $title', ({ other, overlaps }) => {
  const one: Predicate = {
    workspaceId: ACME,
    sourceId: 'src_web',
    spaceId: 'spa_1',
    projectId: 'prj_1',
    users: ['u1'],
    events: ['Signed Up'],
    properties: [],
    receivedFrom: null,
    receivedBefore: '2024-02-01T00:00:00.000Z',
  };
  expect(mayOverlap(one, { ...one, receivedBefore: null, ...other })).toBe(overlaps);
  expect(mayOverlap({ ...one, receivedBefore: null, ...other }, one)).toBe(overlaps);
});
