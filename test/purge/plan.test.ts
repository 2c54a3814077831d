import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../src/domain/calendar.ts';
import { type Plan, planHash } from '../../src/domain/plan.ts';
import type { PropertyClause } from '../../src/domain/request.ts';
import type { Target } from '../../src/domain/target.ts';
import { type StoreCatalogue, storeSchema } from '../../src/purge/catalogue.ts';
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

function planned(target: Target, stores: StoreCatalogue = [archiveStore()]): Plan {
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
      title: 'for single properties of a source',
      input: planInput(sampleTarget({ properties: [{ name: 'email', kind: 'user', event: null }] })),
      why: 'scope source is about whole records and the target names single properties',
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

describe('single properties', () => {
  const KEPT = { event: { json: 'properties' }, user: { columns: { email: 'email' } } };
  const archive = (properties: unknown) => archiveStore({ tables: [eventsTable({ properties })] });
  const propertiesTarget = (overrides: Partial<Target>) =>
    sampleTarget({
      scope: 'events',
      source: null,
      project: { id: 'prj_1', name: 'Shop' },
      ...overrides,
    });
  const plan: PropertyClause = { name: 'plan', kind: 'event', event: 'Ordered' };
  const email: PropertyClause = { name: 'email', kind: 'user', event: null };

  test('are cleared, and without an event nothing is deleted', () => {
    const { steps } = planned(propertiesTarget({ properties: [plan, email] }), [archive(KEPT)]);
    expect(steps).toMatchObject([
      { no: 1, action: 'clear', predicate: { events: [], properties: [plan, email], projectId: 'prj_1' } },
    ]);
    expect(steps[0]?.predicate.receivedFrom).toBe('2024-01-01T00:00:00.000Z');
  });

  test('are cleared from a table before events are deleted from it', () => {
    const target = propertiesTarget({ properties: [plan], events: ['Signed Up'] });
    expect(planned(target, [archive(KEPT)]).steps).toMatchObject([
      { no: 1, action: 'clear', predicate: { events: [], properties: [plan] } },
      { no: 2, action: 'delete', predicate: { events: ['Signed Up'], properties: [] } },
    ]);
  });

  test('of events alone are not spoken of', () => {
    const target = propertiesTarget({ events: ['Signed Up'] });
    expect(planned(target, [archive(undefined)]).steps).toMatchObject([
      { no: 1, action: 'delete', predicate: { events: ['Signed Up'], properties: [] } },
    ]);
  });

  test('no deletion of events ever goes without an event', () => {
    const name = fc.stringMatching(/^[a-z]{1,5}$/);
    const clause = fc.record({ name, kind: fc.constantFrom('event', 'user'), event: fc.constant(null) });
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 3 }),
        fc.array(clause as fc.Arbitrary<PropertyClause>, { maxLength: 3 }),
        fc.constantFrom(
          KEPT,
          undefined,
          { event: 'none', user: 'none' },
          { event: 'none', user: { json: 'u' } },
        ),
        (events, properties, kept) => {
          const made = makePlan(planInput(propertiesTarget({ events, properties }), [archive(kept)]));
          if ('impossible' in made) return;
          expect(made.steps.length).toBeGreaterThan(0);
          for (const { action, predicate } of made.steps) {
            expect(predicate.events.length > 0).toBe(action === 'delete');
            expect(predicate.properties.length > 0).toBe(action === 'clear');
          }
        },
      ),
    );
  });

  test.each([
    {
      title: 'a table that says nothing of properties',
      stores: [archive(undefined)],
      why: 'store archive, public.events does not say where it keeps event properties',
    },
    {
      title: 'a table that says nothing of one kind, also where another table does',
      stores: [
        archive(KEPT),
        archiveStore({ name: 'copy', tables: [eventsTable({ properties: { event: 'none' } })] }),
      ],
      why: 'store copy, public.events does not say where it keeps user properties',
    },
    {
      title: 'a property without a column of its own where there is nothing but columns',
      stores: [archive({ ...KEPT, user: { columns: { age: 'age' } } })],
      why: 'store archive, public.events names no column for one of the user properties',
    },
    {
      title: 'a table that is known to hold none, and nobody else does',
      stores: [archive({ event: 'none', user: 'none' })],
      why: 'no store holds properties of the kind that is named',
    },
    {
      title: 'a store of another kind',
      stores: [
        archive(KEPT),
        storeSchema.parse({
          name: 'office',
          kind: 'manual',
          archive: true,
          scopes: ['events'],
          checklists: [
            {
              checklist: 'binders',
              items: [{ item: 'all', text: '{workspace} {project} {events} {from} {before}' }],
            },
          ],
        }),
      ],
      why: 'store office, binders cannot clear single properties',
    },
  ])('are not passed over by $title: the plan is impossible', ({ stores, why }) => {
    expect(makePlan(planInput(propertiesTarget({ properties: [plan, email] }), stores))).toEqual({
      impossible: expect.arrayContaining([why]),
    });
  });

  test.each([
    {
      title: 'an empty name',
      properties: [{ ...plan, name: ' ' }],
      why: 'the target holds an empty identifier',
    },
    {
      title: 'an empty event',
      properties: [{ ...plan, event: '' }],
      why: 'the target holds an empty identifier',
    },
    {
      title: 'a user property of one event',
      properties: [{ ...email, event: 'Ordered' }],
      why: 'the target limits a user property to an event',
    },
  ])('with $title make the plan impossible', ({ properties, why }) => {
    expect(makePlan(planInput(propertiesTarget({ properties }), [archive(KEPT)]))).toEqual({
      impossible: expect.arrayContaining([why]),
    });
  });

  test('a place that holds none of their kind takes no part, and the plan says so', () => {
    const copy = archiveStore({
      name: 'copy',
      tables: [eventsTable({ properties: { event: { json: 'doc' }, user: 'none' } })],
    });
    const made = planned(propertiesTarget({ properties: [email] }), [archive(KEPT), copy]);
    expect(made.steps.map(({ store }) => store)).toEqual(['archive']);
    expect(made.exclusions).toContain(
      'public.events in the store copy: it takes no part in the deletion of these properties',
    );
  });

  test('are named in words', () => {
    const target = propertiesTarget({ properties: [plan, email], events: ['Signed Up'] });
    expect(explainPlan(planned(target, [archive(KEPT)])).slice(0, 2)).toEqual([
      '1. Clear in archive, public.events: event property plan of event Ordered and user property email from rows of workspace ws_acme, project prj_1, received from 2024-01-01T00:00:00.000Z on, received before 2024-02-01T00:00:00.000Z.',
      '2. Delete from archive, public.events: rows of workspace ws_acme, project prj_1, event Signed Up, received from 2024-01-01T00:00:00.000Z on, received before 2024-02-01T00:00:00.000Z.',
    ]);
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

  test('what stays is named with its reason and its time, and belongs to the plan', () => {
    const kept = { category: 'backups', what: 'Backup copies', why: 'they restore the service' } as const;
    const residue = [
      { ...kept, legalBasis: null, retentionDays: null, rollingDays: 35 },
      {
        ...kept,
        category: 'finance',
        what: 'Invoices',
        why: 'tax law',
        legalBasis: '§ 147 AO',
        retentionDays: 3_650,
        rollingDays: null,
      },
      {
        ...kept,
        category: 'security',
        what: 'Logs',
        why: 'abuse',
        legalBasis: null,
        retentionDays: null,
        rollingDays: null,
      },
    ] as const;
    const input = { ...planInput(sampleTarget()), residue };
    const plan = makePlan(input) as Plan;
    expect(plan.residue).toEqual(residue);
    expect(planHash(plan)).not.toBe(planHash(makePlan({ ...input, residue: [] }) as Plan));
    expect(explainPlan(plan).slice(-3)).toEqual([
      'Stays for 35 days after the deletion: Backup copies, they restore the service.',
      'Stays for 3650 days after the deletion: Invoices, tax law (§ 147 AO).',
      'Stays on a rolling schedule: Logs, abuse.',
    ]);
  });
});
