import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../src/domain/calendar.ts';
import { type Plan, planHash } from '../../src/domain/plan.ts';
import type { Target } from '../../src/domain/target.ts';
import { explainPlan, makePlan } from '../../src/purge/plan.ts';
import {
  ACME,
  archiveStore,
  eventsTable,
  NEIGHBOUR,
  planInput,
  sampleTarget,
  WORKSPACE_TARGET,
  workspaceNamed,
} from './fixtures.ts';

function planned(target: Target, stores = [archiveStore()]): Plan {
  const plan = makePlan(planInput(target, stores));
  if ('impossible' in plan) throw new Error(plan.impossible.join('; '));
  return plan;
}

const range = (target: Target) => {
  const predicate = planned(target).steps[0]?.predicate;
  return [predicate?.receivedFrom, predicate?.receivedBefore];
};

describe('the time frame', () => {
  test.each([
    {
      title: 'an inclusive range of days is half-open in instants',
      target: sampleTarget({ timeFrame: { from: '2024-02-28', to: '2024-02-29' } }),
      expected: ['2024-02-28T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    },
    {
      title: 'a single day is one day',
      target: sampleTarget({ timeFrame: { from: '2024-01-05', to: '2024-01-05' } }),
      expected: ['2024-01-05T00:00:00.000Z', '2024-01-06T00:00:00.000Z'],
    },
    {
      title: 'the day of the request ends at the request',
      target: sampleTarget({ timeFrame: { from: '2024-05-01', to: '2024-05-02' } }),
      expected: ['2024-05-01T00:00:00.000Z', '2024-05-02T13:00:00.000Z'],
    },
    {
      title: 'all time ends at the request',
      target: sampleTarget({ timeFrame: { from: null, to: null } }),
      expected: [null, '2024-05-02T13:00:00.000Z'],
    },
    {
      title: 'a whole workspace has no bounds: what still arrives goes too',
      target: WORKSPACE_TARGET,
      expected: [null, null],
    },
  ])('$title', ({ target, expected }) => {
    expect(range(target)).toEqual(expected);
  });

  test('never reaches outside the days asked for nor past the request', () => {
    const day = fc.integer({ min: 0, max: 900 }).map((days) => addDays('2022-01-01', days));
    const end = fc.option(day, { nil: null });
    fc.assert(
      fc.property(end, end, (from, to) => {
        const target = sampleTarget({ timeFrame: { from, to } });
        const plan = makePlan(planInput(target));
        if ('impossible' in plan) {
          expect((to !== null && from !== null && from > to) || (from !== null && from > '2024-05-02')).toBe(
            true,
          );
          return;
        }
        for (const { predicate } of plan.steps) {
          expect(predicate.receivedFrom).toBe(from === null ? null : `${from}T00:00:00.000Z`);
          expect(predicate.receivedBefore).not.toBeNull();
          expect(predicate.receivedBefore! <= target.cutoff).toBe(true);
          if (to !== null) expect(predicate.receivedBefore! <= `${addDays(to, 1)}T00:00:00.000Z`).toBe(true);
        }
      }),
    );
  });
});

describe('the steps', () => {
  test('of a source deletion are the tables that serve it, with every id of the target', () => {
    expect(planned(sampleTarget()).steps).toEqual([
      {
        no: 1,
        store: 'archive',
        kind: 'postgres',
        target: 'public.events',
        action: 'delete',
        predicate: {
          workspaceId: ACME,
          sourceId: 'src_web',
          spaceId: null,
          projectId: null,
          users: [],
          events: [],
          properties: [],
          receivedFrom: '2024-01-01T00:00:00.000Z',
          receivedBefore: '2024-02-01T00:00:00.000Z',
        },
      },
    ]);
  });

  test('of an account visit each table for each frozen workspace, in the order of the catalogue', () => {
    const workspaces = [workspaceNamed(ACME), workspaceNamed(NEIGHBOUR)];
    const { steps } = planned({ ...WORKSPACE_TARGET, scope: 'account', workspaces });
    expect(steps.map((step) => [step.no, step.target, step.predicate.workspaceId])).toEqual([
      [1, 'public.events', ACME],
      [2, 'public.events', NEIGHBOUR],
      [3, 'public.people', ACME],
      [4, 'public.people', NEIGHBOUR],
    ]);
  });

  test('carry one workspace of the target each, whatever the target', () => {
    const id = fc.stringMatching(/^[a-z0-9_]{1,8}$/);
    const target = fc
      .uniqueArray(id, { minLength: 1, maxLength: 5 })
      .map((ids): Target => ({ ...WORKSPACE_TARGET, scope: 'account', workspaces: ids.map(workspaceNamed) }));
    fc.assert(
      fc.property(target, (sample) => {
        const ids = planned(sample).steps.map((step) => step.predicate.workspaceId);
        expect([...new Set(ids)].sort()).toEqual(sample.workspaces.map((workspace) => workspace.id).sort());
      }),
    );
  });

  test('have one hash for one target and catalogue, and another for any other', () => {
    const hash = planHash(planned(sampleTarget()));
    expect(planHash(planned(sampleTarget()))).toBe(hash);
    expect(planHash(planned(sampleTarget({ source: { id: 'src_ios', name: 'Website' } })))).not.toBe(hash);
    expect(planHash(planned(sampleTarget(), [archiveStore({ name: 'other' })]))).not.toBe(hash);
  });
});

describe('a plan is impossible', () => {
  const usersNamed = (...users: string[]) => sampleTarget({ ...WORKSPACE_TARGET, scope: 'user', users });
  test.each([
    {
      title: 'when no store serves the scope',
      input: planInput(sampleTarget(), [archiveStore({ scopes: ['user'] })]),
      why: 'no store serves scope source',
    },
    {
      title: 'when the only store that lists source is no archive',
      input: planInput(sampleTarget(), [archiveStore({ archive: false })]),
      why: 'no store serves scope source',
    },
    { title: 'without any store', input: planInput(sampleTarget(), []), why: 'no store serves scope source' },
    {
      title: 'with an empty workspace id',
      input: planInput(sampleTarget({ workspaces: [workspaceNamed('')] })),
      why: 'the target holds an empty identifier',
    },
    {
      title: 'with a blank workspace id',
      input: planInput(sampleTarget({ workspaces: [workspaceNamed('  ')] })),
      why: 'the target holds an empty identifier',
    },
    {
      title: 'with no workspace',
      input: planInput(sampleTarget({ workspaces: [] })),
      why: 'the target names no workspace',
    },
    {
      title: 'with two workspaces for a source',
      input: planInput(sampleTarget({ workspaces: [workspaceNamed(ACME), workspaceNamed(NEIGHBOUR)] })),
      why: 'scope source is about one workspace and the target names 2',
    },
    {
      title: 'for a source scope without a source',
      input: planInput(sampleTarget({ source: null })),
      why: 'the target does not name all that scope source needs',
    },
    {
      title: 'for a source without a time frame',
      input: planInput(sampleTarget({ timeFrame: null })),
      why: 'the target does not name all that scope source needs',
    },
    {
      title: 'for a space scope without a space',
      input: planInput(sampleTarget({ ...WORKSPACE_TARGET, scope: 'space' })),
      why: 'the target does not name all that scope space needs',
    },
    {
      title: 'for users without any',
      input: planInput(usersNamed()),
      why: 'the target does not name all that scope user needs',
    },
    {
      title: 'with an empty user among users',
      input: planInput(usersNamed('u1', '')),
      why: 'the target holds an empty identifier',
    },
    {
      title: 'when the target is not the one confirmed',
      input: { ...planInput(sampleTarget()), digest: 'f'.repeat(64) },
      why: 'the target is not the one that was confirmed',
    },
    {
      title: 'for single properties',
      input: planInput(sampleTarget({ properties: [{ name: 'email', kind: 'user', event: null }] })),
      why: 'no store can delete single properties',
    },
    {
      title: 'when the time frame lies behind the request',
      input: planInput(sampleTarget({ timeFrame: { from: '2024-06-01', to: '2024-06-30' } })),
      why: 'the time frame holds no time before the request',
    },
    {
      title: 'when a table cannot be narrowed as far as asked',
      input: planInput(sampleTarget({ ...WORKSPACE_TARGET, timeFrame: { from: '2024-01-01', to: null } })),
      why: 'store archive, public.people cannot be narrowed by receivedAt',
    },
  ])('$title', ({ input, why }) => {
    expect(makePlan(input)).toEqual({ impossible: expect.arrayContaining([why]) });
  });
});

describe('in words', () => {
  test('each step says where and what, and what is left alone follows', () => {
    const other = archiveStore({
      name: 'crm',
      scopes: ['workspace'],
      archive: false,
      tables: [eventsTable()],
    });
    expect(explainPlan(planned(sampleTarget(), [archiveStore(), other]))).toEqual([
      '1. Delete from archive, public.events: rows of workspace ws_acme, source src_web, received from 2024-01-01T00:00:00.000Z on, received before 2024-02-01T00:00:00.000Z.',
      'Left alone: Connected third-party destinations.',
      'Left alone: Raw data destinations.',
      'Left alone: public.people in the store archive: it takes no part in the deletion of a source.',
      'Left alone: The store crm: it takes no part in the deletion of a source.',
      'Left alone: Data received from 2024-02-01, 00:00 UTC on.',
    ]);
  });
});
