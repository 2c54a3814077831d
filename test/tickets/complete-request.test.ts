import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Role, Workspace } from '../../src/domain/directory.ts';
import type { WorkspaceSaid } from '../../src/domain/mail.ts';
import { type DeletionRequest, SCOPES, type Scope } from '../../src/domain/request.ts';
import type { Target } from '../../src/domain/target.ts';
import { completeRequest, settledBy } from '../../src/tickets/complete-request.ts';

const ada = 'ada@acme.example';

const workspace = (
  id: string,
  {
    role = 'owner',
    ...overrides
  }: Partial<Omit<Workspace, 'sources' | 'spaces'>> & {
    readonly role?: Role;
    readonly sources?: readonly string[];
    readonly spaces?: readonly string[];
  } = {},
): Workspace => ({
  id: `ws_${id}`,
  slug: id,
  name: id,
  createdAt: new Date('2020-01-01'),
  deletedAt: null,
  members: [{ address: ada, role, removedAt: null }],
  projects: [],
  blockers: [],
  ...overrides,
  sources: (overrides.sources ?? []).map((name) => ({ id: `src_${name}`, name })),
  spaces: (overrides.spaces ?? []).map((name) => ({ id: `spa_${name}`, name })),
});
const dead = { deletedAt: new Date('2022-01-01') };
const acme = workspace('acme-inc', { name: 'Acme Inc', sources: ['Website Prod'], spaces: ['Main'] });
const labs = workspace('acme-labs', { name: 'Acme Labs', sources: ['iOS App'], spaces: ['Lab'] });

const request = (scope: Scope, overrides: Partial<DeletionRequest> = {}): DeletionRequest => ({
  scope,
  workspace: null,
  source: null,
  space: null,
  users: [],
  events: [],
  properties: [],
  project: null,
  timeFrame: null,
  ...overrides,
});
const web = request('source', { source: 'Website Prod' });
const none: WorkspaceSaid = { kind: 'none' };
const named = (name: string): WorkspaceSaid => ({ kind: 'named', name });

describe('the directory completes', () => {
  test.each([
    {
      title: 'a source by its exact name',
      given: web,
      said: none,
      mine: [acme, labs],
      because: 'source_name',
    },
    {
      title: 'a source by its ID',
      given: request('source', { source: 'src_Website Prod' }),
      said: none,
      mine: [acme, labs],
      because: 'source_name',
    },
    {
      title: 'a source in another case',
      given: request('source', { source: 'website prod' }),
      said: none,
      mine: [acme, labs],
      because: 'source_name',
    },
    {
      title: 'a space by its name',
      given: request('space', { space: 'Main' }),
      said: none,
      mine: [acme, labs],
      because: 'space_name',
    },
    {
      title: 'the only workspace there is, for users',
      given: request('user', { users: ['u1'] }),
      said: none,
      mine: [acme],
      because: 'only_workspace',
    },
    {
      title: 'the only workspace there is, for a source that it does not know',
      given: request('source', { source: 'Nope' }),
      said: none,
      mine: [acme],
      because: 'only_workspace',
    },
    {
      title: 'a workspace by its name',
      given: request('workspace'),
      said: named('Acme Inc'),
      mine: [acme, labs],
      because: 'workspace_name',
    },
    {
      title: 'a workspace by its name in another case',
      given: web,
      said: named('ACME INC'),
      mine: [acme, labs],
      because: 'workspace_name',
    },
    {
      title: 'a workspace by its slug in another case',
      given: web,
      said: named('Acme-Inc'),
      mine: [acme, labs],
      because: 'workspace_name',
    },
    {
      title: 'a name in another composition',
      given: request('workspace'),
      said: named('Cafe\u0301'),
      mine: [workspace('cafe', { name: 'Caf\u00e9', id: 'ws_acme-inc' })],
      because: 'workspace_name',
    },
    {
      title: 'a deleted workspace by its name',
      given: request('workspace'),
      said: named('Acme Inc'),
      mine: [{ ...acme, ...dead }, labs],
      because: 'workspace_name',
    },
  ] as const)('$title', ({ given, said, mine, because }) => {
    expect(completeRequest(given, said, ada, mine)).toEqual({
      request: { ...given, workspace: { id: 'ws_acme-inc' } },
      completed: [{ field: 'workspace', because }],
    });
  });
});

describe('the directory completes nothing', () => {
  test.each([
    {
      title: 'for a mail that speaks of workspaces in a way that is not clear',
      given: web,
      said: { kind: 'unclear' },
      mine: [acme],
    },
    {
      title: 'when two workspaces have such a source',
      given: web,
      said: none,
      mine: [acme, workspace('b', { sources: ['Website Prod'] })],
    },
    {
      title: 'when two have one that differs in case only',
      given: web,
      said: none,
      mine: [acme, workspace('b', { sources: ['website prod'] })],
    },
    {
      title: 'when the other one is somebody else’s',
      given: web,
      said: none,
      mine: [acme, workspace('b', { role: 'member', sources: ['Website Prod'] })],
    },
    {
      title: 'when the other one is deleted',
      given: web,
      said: none,
      mine: [acme, workspace('b', { ...dead, sources: ['Website Prod'] })],
    },
    {
      title: 'when the only one with it is not in their charge',
      given: web,
      said: none,
      mine: [{ ...acme, members: [{ address: ada, role: 'member', removedAt: null }] }, labs],
    },
    {
      title: 'when the only one with it is deleted',
      given: web,
      said: none,
      mine: [{ ...acme, ...dead }, labs],
    },
    {
      title: 'when the role was taken away',
      given: web,
      said: none,
      mine: [{ ...acme, members: [{ address: ada, role: 'owner', removedAt: new Date('2021-01-01') }] }],
    },
    {
      title: 'for a source that is not known anywhere, with several workspaces',
      given: request('source', { source: 'Nope' }),
      said: none,
      mine: [acme, labs],
    },
    {
      title: 'for a source without a name, with several workspaces',
      given: request('source'),
      said: none,
      mine: [acme, labs],
    },
    {
      title: 'for users, with several workspaces',
      given: request('user', { users: ['u1'] }),
      said: none,
      mine: [acme, labs],
    },
    {
      title: 'for users, with a workspace of another role beside',
      given: request('user', { users: ['u1'] }),
      said: none,
      mine: [acme, workspace('b', { role: 'member' })],
    },
    {
      title: 'for a whole workspace that is not named, even if it is the only one',
      given: request('workspace'),
      said: none,
      mine: [acme],
    },
    { title: 'for an account', given: request('account'), said: none, mine: [acme] },
    {
      title: 'for events, which find their workspace by the project',
      given: request('events'),
      said: none,
      mine: [acme],
    },
    { title: 'for a name that is no workspace of theirs', given: web, said: named('Globex'), mine: [acme] },
    {
      title: 'for a name of two',
      given: web,
      said: named('Acme Inc'),
      mine: [acme, workspace('b', { name: 'Acme Inc' })],
    },
    {
      title: 'for a name of a living and a deleted one',
      given: request('workspace'),
      said: named('Acme Inc'),
      mine: [acme, workspace('b', { ...dead, name: 'Acme Inc' })],
    },
    {
      title: 'for the name of one that is the slug of another',
      given: web,
      said: named('acme-labs'),
      mine: [workspace('b', { name: 'Acme-Labs' }), labs],
    },
    {
      title: 'for a source in a deleted workspace that is named',
      given: web,
      said: named('Acme Inc'),
      mine: [{ ...acme, ...dead }],
    },
    { title: 'for a part of a name', given: web, said: named('Acme'), mine: [acme] },
    { title: 'for somebody without any workspace', given: web, said: none, mine: [] },
  ] as const)('$title', ({ given, said, mine }) => {
    expect(completeRequest(given, said, ada, mine)).toEqual({ request: given, completed: [] });
  });
});

const name = fc.constantFrom('a', 'b', 'A', 'acme-inc');
const anyRequest: fc.Arbitrary<DeletionRequest> = fc.record({
  scope: fc.constantFrom(...SCOPES),
  workspace: fc.option(name.map((slug) => ({ slug }))),
  source: fc.option(name),
  space: fc.option(name),
  users: fc.array(name, { maxLength: 2 }),
  events: fc.array(name, { maxLength: 2 }),
  properties: fc.constant([]),
  project: fc.option(name),
  timeFrame: fc.option(fc.constant({ from: '2024-01-01', to: '2024-01-31' })),
});
const anyWorkspace = fc
  .record({
    id: fc.constantFrom('w1', 'w2', 'w3'),
    role: fc.constantFrom<Role>('owner', 'admin', 'member'),
    called: name,
    sources: fc.array(name, { maxLength: 2 }),
    spaces: fc.array(name, { maxLength: 2 }),
    deletedAt: fc.option(fc.constant(new Date('2022-01-01'))),
  })
  .map(({ id, called, ...rest }) => workspace(id, { name: called, ...rest }));
const anySaid: fc.Arbitrary<WorkspaceSaid> = fc.oneof(
  fc.constant(none),
  fc.constant<WorkspaceSaid>({ kind: 'unclear' }),
  name.map(named),
);

test('whatever is asked and known, nothing that was given changes, and only a workspace in charge is filled in', () => {
  fc.assert(
    fc.property(
      anyRequest,
      anySaid,
      fc.uniqueArray(anyWorkspace, { selector: ({ id }) => id, maxLength: 3 }),
      (given, said, mine) => {
        const { request: whole, completed } = completeRequest(given, said, ada, mine);
        expect({ ...whole, workspace: given.workspace }).toEqual(given);
        if (given.workspace !== null || completed.length === 0) {
          expect({ whole, completed }).toEqual({ whole: given, completed: [] });
          return;
        }
        const chosen = mine.filter(
          ({ id }) => whole.workspace !== null && 'id' in whole.workspace && whole.workspace.id === id,
        );
        expect(chosen).toHaveLength(1);
        expect(chosen[0]?.members[0]?.role).not.toBe('member');
        expect(said.kind).not.toBe('unclear');
      },
    ),
  );
});

test('what the directory settles while it resolves is told as well', () => {
  const target = {
    source: { id: 'src_1', name: 'Website Prod' },
    space: null,
    project: null,
  } as unknown as Target;
  expect(settledBy(web, target)).toEqual([]);
  expect(settledBy({ ...web, source: 'website PROD' }, target)).toEqual([
    { field: 'source', because: 'spelling' },
  ]);
  const project = { ...target, source: null, project: { id: 'prj_1', name: 'Mobile' } };
  expect(settledBy(request('events', { project: 'Mobile' }), project)).toEqual([
    { field: 'workspace', because: 'project_name' },
  ]);
});

describe('T27 a slug and an ID', () => {
  const both = (slug: string, id: string): WorkspaceSaid => ({ kind: 'both', slug, id });
  const completed = (said: WorkspaceSaid) => completeRequest(request('workspace'), said, ada, [acme, labs]);

  test('of one workspace of the sender complete the request', () => {
    expect(completed(both('Acme-Inc', acme.id))).toEqual({
      request: request('workspace', { workspace: { id: acme.id } }),
      completed: [{ field: 'workspace', because: 'slug_and_id' }],
    });
  });

  test.each([both('acme-inc', labs.id), both('acme-inc', 'ws_somebody'), both('globex', acme.id)])(
    'of two are asked about',
    (said) => {
      expect(completed(said).completed).toEqual([]);
    },
  );
});
