import { describe, expect, test } from 'vitest';
import type { Plan, PlanStep } from '../../../src/domain/plan.ts';
import type { Target } from '../../../src/domain/target.ts';
import { type StoreCatalogue, storeSchema } from '../../../src/purge/catalogue.ts';
import { replayStep, type WorkspaceNow } from '../../../src/purge/ledger/replay-plan.ts';
import { makePlan } from '../../../src/purge/plan.ts';
import { archiveStore, eventsTable, planInput, sampleTarget, WORKSPACE_TARGET } from '../fixtures.ts';

const AT = '2024-05-08T00:01:00.000Z';
const LIVING: WorkspaceNow = {
  createdAt: new Date('2023-01-01T00:00:00Z'),
  isLiving: true,
  isStopped: false,
};
const GONE: WorkspaceNow = { ...LIVING, isLiving: false };
const UNKNOWN: WorkspaceNow = { createdAt: null, isLiving: false, isStopped: false };

const dated = [archiveStore()];
const { receivedAt: _, ...undatedTable } = eventsTable();
const undated = [
  archiveStore({
    tables: [{ ...undatedTable, scopes: ['workspace', 'account', 'space', 'user'] }],
    scopes: ['workspace', 'account', 'space', 'user'],
    archive: false,
  }),
];
const bucket: StoreCatalogue = [
  storeSchema.parse({
    name: 'lake',
    kind: 's3',
    endpoint: 'https://s3.example.org',
    region: 'eu-1',
    bucket: 'lake',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    scopes: ['workspace', 'account', 'user'],
    prefixes: [
      { prefix: 'users/{workspace}/{user}/', scopes: ['user'], receivedAt: 'lastModified' },
      { prefix: 'all/{workspace}/', scopes: ['workspace', 'account'] },
    ],
  }),
];
/** A bucket of raw data under one prefix. */
const raw = (prefix: string): StoreCatalogue => [
  storeSchema.parse({
    name: 'lake',
    kind: 's3',
    endpoint: 'https://s3.example.org',
    region: 'eu-1',
    bucket: 'lake',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    archive: true,
    scopes: ['source'],
    prefixes: [{ prefix, receivedAt: 'lastModified' }],
  }),
];
const byObject = raw('raw/{workspace}/{source}/');
const byDay = raw('raw/{workspace}/{source}/{day}/');
const USER_TARGET = sampleTarget({ scope: 'user', source: null, timeFrame: null, users: ['u1'] });
const SPACE_TARGET = sampleTarget({
  scope: 'space',
  source: null,
  timeFrame: null,
  space: { id: 'spa_1', name: 'EU' },
});

function stepOf(target: Target, catalogue: StoreCatalogue): PlanStep {
  const [step] = (makePlan(planInput(target, catalogue)) as Plan).steps;
  if (step === undefined) throw new Error('no step');
  return step;
}

function verdict(
  target: Target,
  catalogue: StoreCatalogue,
  workspace: WorkspaceNow,
  includeUndatable = false,
  now: StoreCatalogue = catalogue,
): string {
  const found = replayStep(
    { at: AT },
    stepOf(target, catalogue),
    { catalogue: now, workspace },
    { includeUndatable },
  );
  if (found.kind === 'left') return found.why;
  expect(found.step.predicate.receivedBefore).toBe(found.receivedBefore?.toISOString() ?? null);
  return found.step.predicate.receivedBefore ?? 'as it was';
}

describe('an erasure is erased once more', () => {
  test.each([
    ['up to its own cut-off, which is older', sampleTarget(), dated, LIVING, '2024-02-01T00:00:00.000Z'],
    ['up to the erasure: a person may have come back', USER_TARGET, dated, LIVING, AT],
    ['up to the erasure: a space may have been filled anew', SPACE_TARGET, dated, LIVING, AT],
    ['up to the erasure in a workspace that is gone', WORKSPACE_TARGET, dated, GONE, AT],
    ['as it was, when all of a workspace went that is gone', WORKSPACE_TARGET, undated, GONE, 'as it was'],
    ['as it was, in the bucket of a workspace that is gone', WORKSPACE_TARGET, bucket, GONE, 'as it was'],
    ['in a bucket by whole days', sampleTarget(), byDay, LIVING, '2024-02-01T00:00:00.000Z'],
  ])('%s', (_title, target, catalogue, workspace, expected) => {
    expect(verdict(target, catalogue, workspace)).toBe(expected);
  });
});

describe('an erasure is left to a person', () => {
  test.each([
    ['where rows have no time and it was about a person', USER_TARGET, undated, GONE],
    ['where rows have no time and it was about a space', SPACE_TARGET, undated, GONE],
    ['where objects are as new as their restore', USER_TARGET, bucket, GONE],
  ])('%s', (_title, target, catalogue, workspace) => {
    expect(verdict(target, catalogue, workspace)).toBe('undatable');
    expect(verdict(target, catalogue, workspace, true)).toBe('as it was');
  });

  test.each([
    ['where rows have no time', WORKSPACE_TARGET, undated],
    ['in a bucket', WORKSPACE_TARGET, bucket],
    ['where newer rows are told from older ones', WORKSPACE_TARGET, dated],
    ['and it was about a person', USER_TARGET, dated],
    ['and it was about a source', sampleTarget(), dated],
  ])('who looks the workspace up, when the directory does not know it: %s', (_title, target, catalogue) => {
    expect(verdict(target, catalogue, UNKNOWN)).toBe('unknown');
    expect(verdict(target, catalogue, UNKNOWN, true)).toBe(verdict(target, catalogue, GONE, true));
  });

  test.each([
    ['newer rows are told from older ones', dated, AT],
    ['rows have no time', undated, 'as it was'],
    ['objects are as new as their restore', bucket, 'as it was'],
  ])('when all of a workspace went that lives again, and %s', (_title, catalogue, included) => {
    expect(verdict(WORKSPACE_TARGET, catalogue, LIVING)).toBe('lives_again');
    expect(verdict(WORKSPACE_TARGET, catalogue, LIVING, true)).toBe(included);
  });

  test('and what they took upon themselves is said', () => {
    const despite = (workspace: WorkspaceNow) => {
      const step = stepOf(WORKSPACE_TARGET, undated);
      return replayStep({ at: AT }, step, { catalogue: undated, workspace }, { includeUndatable: true });
    };
    expect(despite(GONE)).toMatchObject({ despite: [] });
    expect(despite(LIVING)).toMatchObject({ despite: ['lives_again', 'undatable'] });
    expect(despite(UNKNOWN)).toMatchObject({ despite: ['unknown', 'undatable'] });
  });

  test('whatever they take upon themselves, where only the time of a restored object could tell', () => {
    const cutDay = sampleTarget({ timeFrame: { from: '2024-05-01', to: '2024-05-31' } });
    for (const [target, catalogue] of [
      [sampleTarget(), byObject],
      [sampleTarget({ timeFrame: { from: null, to: '2024-01-31' } }), byObject],
      [cutDay, byDay],
      [sampleTarget({ timeFrame: { from: null, to: '2024-05-31' } }), byDay],
    ] as const) {
      expect(verdict(target, catalogue, LIVING)).toBe('object_time');
      expect(verdict(target, catalogue, GONE, true)).toBe('object_time');
    }
  });

  test('when a bucket can tell the hours of a day no more', () => {
    const cutDay = sampleTarget({ timeFrame: { from: '2024-05-01', to: '2024-05-31' } });
    const [lake] = byDay;
    if (lake?.kind !== 's3') throw new Error('no bucket');
    const now = [{ ...lake, prefixes: lake.prefixes.map(({ prefix }) => ({ prefix })) }];
    expect(verdict(cutDay, byDay, LIVING, true, now)).toBe('place_gone');
  });

  test('whatever they take upon themselves, when another workspace has its id now', () => {
    const recreated = { ...LIVING, createdAt: new Date('2024-06-01T00:00:00Z') };
    for (const catalogue of [dated, undated])
      expect(verdict(WORKSPACE_TARGET, catalogue, recreated, true)).toBe('recreated');
  });

  test('whatever they take upon themselves, while deletions there are stopped', () => {
    for (const workspace of [LIVING, GONE])
      expect(verdict(USER_TARGET, dated, { ...workspace, isStopped: true }, true)).toBe('stopped');
  });

  test('when the catalogue lost the place, or has another kind of store under its name', () => {
    expect(verdict(USER_TARGET, dated, LIVING, true, [])).toBe('place_gone');
    expect(
      verdict(USER_TARGET, dated, LIVING, true, [
        archiveStore({ tables: [eventsTable({ table: 'public.newer' })] }),
      ]),
    ).toBe('place_gone');
    const [lake] = bucket;
    expect(
      verdict(USER_TARGET, dated, LIVING, true, lake === undefined ? [] : [{ ...lake, name: 'archive' }]),
    ).toBe('place_gone');
  });

  test('when it is on a checklist', () => {
    const office = [
      storeSchema.parse({
        name: 'office',
        kind: 'manual',
        scopes: ['workspace', 'account'],
        checklists: [
          { checklist: 'contracts', items: [{ item: 'binder', text: 'Shred the binder of {workspace}' }] },
        ],
      }),
    ];
    expect(verdict(WORKSPACE_TARGET, office, GONE, true)).toBe('by_hand');
  });
});
