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
    ['up to the erasure in a workspace that lives on', WORKSPACE_TARGET, dated, LIVING, AT],
    ['as it was, when all of a workspace went that is gone', WORKSPACE_TARGET, undated, GONE, 'as it was'],
    [
      'as it was, when all of a workspace went that nobody knows',
      WORKSPACE_TARGET,
      undated,
      UNKNOWN,
      'as it was',
    ],
    ['as it was, in the bucket of a workspace that is gone', WORKSPACE_TARGET, bucket, GONE, 'as it was'],
  ])('%s', (_title, target, catalogue, workspace, expected) => {
    expect(verdict(target, catalogue, workspace)).toBe(expected);
  });
});

describe('an erasure is left to a person', () => {
  test.each([
    ['where rows have no time and the workspace lives on', WORKSPACE_TARGET, undated, LIVING],
    ['where rows have no time and it was about a person', USER_TARGET, undated, GONE],
    ['where rows have no time and it was about a space', SPACE_TARGET, undated, GONE],
    ['where objects are as new as their restore', USER_TARGET, bucket, GONE],
  ])('%s', (_title, target, catalogue, workspace) => {
    expect(verdict(target, catalogue, workspace)).toBe('undatable');
    expect(verdict(target, catalogue, workspace, true)).toBe('as it was');
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
