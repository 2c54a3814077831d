import { describe, expect, test } from 'vitest';
import type { Workspace } from '../../src/domain/directory.ts';
import type { MailEvidence } from '../../src/domain/evidence.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { Target } from '../../src/domain/target.ts';
import { stillEntitled } from '../../src/verify/authority.ts';
import { type Case, judge, standingOf } from '../../src/verify/judge.ts';
import { member, request, workspace } from './cast.ts';

const ADA = 'ada@acme.example';
const requestedAt = new Date('2026-03-01T10:00:00Z');
const acme = workspace();
const globex = workspace({
  id: 'ws_globex',
  slug: 'globex',
  members: [member('gil@globex.example', 'owner')],
});
const initech = workspace({ id: 'ws_initech', slug: 'initech', members: [member(ADA, 'admin')] });
const lab = workspace({
  id: 'ws_lab',
  slug: 'lab',
  members: [member(ADA, 'member'), member('lea@lab.example', 'owner')],
});
const tombstone = workspace({ id: 'ws_old', slug: 'acme-old', deletedAt: new Date('2022-02-01T00:00:00Z') });
const frame = { from: '2024-01-01', to: '2024-03-31' };

/** The facts follow from the whole directory as the look-up would find them. */
function caseOf(overrides: Partial<Case> & { readonly directory?: readonly Workspace[] }): Case {
  const { directory = [acme, globex, initech, lab, tombstone], ...rest } = overrides;
  const sender = rest.sender === undefined ? ADA : rest.sender;
  const asked = rest.request ?? request({ workspace: { slug: 'acme-inc' } });
  const ref = asked.workspace;
  return {
    request: asked,
    evidenceStanding: 'authenticated',
    policy: DEFAULT_POLICY,
    requestedAt,
    problems: [],
    facts: {
      memberships: directory.filter((w) =>
        w.members.some((m) => m.address === sender?.toLowerCase() && m.removedAt === null),
      ),
      mentioned:
        ref === null ? [] : directory.filter((w) => ('id' in ref ? w.id === ref.id : w.slug === ref.slug)),
    },
    ...rest,
    sender,
  };
}

const source = (overrides = {}) =>
  request({
    scope: 'source',
    workspace: { slug: 'acme-inc' },
    source: 'Website Prod',
    timeFrame: frame,
    ...overrides,
  });
const events = (overrides = {}) =>
  request({
    scope: 'events',
    project: 'Mobile App',
    events: ['Order Completed'],
    timeFrame: frame,
    ...overrides,
  });

describe('verdicts', () => {
  test.each<{ title: string; given: Parameters<typeof caseOf>[0]; verdict: string }>([
    {
      title: 'a forged mail fails, whatever it names',
      given: { evidenceStanding: 'failed' },
      verdict: 'failed',
    },
    { title: 'without a plain sender nobody asks', given: { sender: null }, verdict: 'unauthenticated' },
    {
      title: 'T06 nobody asks while nobody can tell who it is',
      given: { evidenceStanding: 'undetermined' },
      verdict: 'unauthenticated',
    },
    {
      title: 'a stranger is not entitled',
      given: { sender: 'mallory@evil.example' },
      verdict: 'not_entitled',
    },
    {
      title: 'a sender with a Kelvin sign is a stranger',
      given: { sender: 'ada@acme.e\u212Aample' },
      verdict: 'not_entitled',
    },
    {
      title: 'a plus address is a stranger',
      given: { sender: 'ada+x@acme.example' },
      verdict: 'not_entitled',
    },
    {
      title: 'capitals in the address change nothing',
      given: { sender: 'Ada@ACME.example' },
      verdict: 'entitled',
    },
    {
      title: 'an unproven owner is entitled: the challenge decides',
      given: { evidenceStanding: 'unproven' },
      verdict: 'entitled',
    },
    {
      title: 'a plain member of everything named is not entitled',
      given: { request: request({ workspace: { slug: 'lab' } }), directory: [lab] },
      verdict: 'not_entitled',
    },
    {
      title: 'a plain member there who is in charge elsewhere is not entitled',
      given: { request: request({ workspace: { slug: 'lab' } }) },
      verdict: 'not_entitled',
    },
    {
      title: "somebody else's workspace is the wrong one",
      given: { request: request({ workspace: { slug: 'globex' } }) },
      verdict: 'wrong_workspace',
    },
    {
      title: 'an unknown workspace is the wrong one too',
      given: { request: request({ workspace: { slug: 'nowhere' } }) },
      verdict: 'wrong_workspace',
    },
    {
      title: 'a wrong workspace is told before anything missing',
      given: { request: source({ workspace: { slug: 'globex' }, source: null }) },
      verdict: 'wrong_workspace',
    },
    {
      title: 'a removed owner is a stranger',
      given: { directory: [workspace({ members: [member(ADA, 'owner', new Date('2025-01-01'))] })] },
      verdict: 'not_entitled',
    },
    {
      title: 'an admin may not delete a space',
      given: { request: request({ scope: 'space', workspace: { slug: 'initech' }, space: 'Main Space' }) },
      verdict: 'not_entitled',
    },
    {
      title: 'an admin of everything is not asked for the workspace of a space',
      given: { request: request({ scope: 'space', space: 'Main Space' }), directory: [initech] },
      verdict: 'not_entitled',
    },
    {
      title: 'an account deletion that names a workspace contradicts itself',
      given: { request: request({ scope: 'account', workspace: { slug: 'acme-inc' } }) },
      verdict: 'contradictory',
    },
    {
      title: 'a workspace deletion limited to some days contradicts itself',
      given: { request: request({ workspace: { slug: 'acme-inc' }, timeFrame: frame }) },
      verdict: 'contradictory',
    },
    {
      title: 'a workspace deletion that names a source contradicts itself',
      given: { request: request({ workspace: { slug: 'acme-inc' }, source: 'Website Prod' }) },
      verdict: 'contradictory',
    },
    {
      title: 'a project in another workspace than the one named contradicts itself',
      given: {
        request: events({ workspace: { slug: 'initech' } }),
        directory: [acme, { ...initech, projects: [] }],
      },
      verdict: 'contradictory',
    },
    {
      title: 'a dead workspace makes nobody entitled to an account deletion',
      given: { request: request({ scope: 'account' }), directory: [tombstone] },
      verdict: 'not_entitled',
    },
  ])('$title', ({ given, verdict }) => {
    const judgement = judge(caseOf(given));
    expect(judgement.verdict).toBe(verdict);
    if (verdict !== 'entitled') expect(judgement).toMatchObject({ target: null, asks: [] });
    expect(judgement.reasons.join(' ')).not.toContain('@');
  });

  test("an unknown workspace and somebody else's give the very same answer", () => {
    const answers = ['globex', 'nowhere'].map((slug) =>
      judge(caseOf({ request: request({ workspace: { slug } }) })),
    );
    expect(answers[0]).toEqual(answers[1]);
  });
});

describe('what is asked back', () => {
  const dead = workspace({
    id: 'ws_dead',
    deletedAt: new Date('2023-01-01'),
    members: [member('x@y.example', 'owner')],
  });
  const twice = (list: 'sources' | 'spaces', name: string) =>
    workspace({
      [list]: [
        { id: 'one', name },
        { id: 'two', name },
      ],
    });

  test.each<{ title: string; given: Parameters<typeof caseOf>[0]; asks: unknown }>([
    {
      title: 'the workspace, when none is named',
      given: { request: request() },
      asks: [{ field: 'workspace', why: 'missing' }],
    },
    {
      title: 'the ID, when the slug is also that of a dead workspace',
      given: { directory: [acme, dead] },
      asks: [{ field: 'workspace', why: 'several' }],
    },
    {
      title: 'the workspace of a source, when it was deleted',
      given: { request: source({ workspace: { slug: 'acme-old' } }) },
      asks: [{ field: 'workspace', why: 'unknown' }],
    },
    {
      title: 'a source that is not in the workspace',
      given: { request: source({ source: 'Website' }) },
      asks: [{ field: 'source', why: 'unknown' }],
    },
    {
      title: 'a source of which there are two by that name',
      given: { request: source(), directory: [twice('sources', 'Website Prod')] },
      asks: [{ field: 'source', why: 'several' }],
    },
    {
      title: 'a source that matches two names only regardless of case',
      given: {
        request: source({ source: 'WEB' }),
        directory: [
          workspace({
            sources: [
              { id: 'a', name: 'Web' },
              { id: 'b', name: 'web' },
            ],
          }),
        ],
      },
      asks: [{ field: 'source', why: 'several' }],
    },
    {
      title: 'a name in compatibility characters is another name',
      given: { request: source({ source: '\uFF37ebsite Prod' }) },
      asks: [{ field: 'source', why: 'unknown' }],
    },
    {
      title: 'a space that is not there',
      given: { request: request({ scope: 'space', workspace: { slug: 'acme-inc' }, space: 'Other' }) },
      asks: [{ field: 'space', why: 'unknown' }],
    },
    {
      title: 'the time frame, with what was wrong with it',
      given: { request: source({ timeFrame: null }), problems: ['ambiguous_date'] },
      asks: [{ field: 'timeFrame', why: 'ambiguous_date' }],
    },
    {
      title: 'everything at once',
      given: { request: source({ workspace: null, source: null, timeFrame: null }) },
      asks: ['workspace', 'source', 'timeFrame'].map((field) => ({ field, why: 'missing' })),
    },
    {
      title: 'the users of a user deletion',
      given: { request: request({ scope: 'user', workspace: { slug: 'acme-inc' } }) },
      asks: [{ field: 'users', why: 'missing' }],
    },
    {
      title: 'fewer events, when there are more than five clauses',
      given: { request: events({ events: ['a', 'b', 'c', 'd', 'e', 'f'] }), directory: [acme] },
      asks: [{ field: 'events', why: 'too_many_clauses' }],
    },
    {
      title: 'a project in none of the sender’s workspaces',
      given: { request: events({ project: 'Elsewhere' }) },
      asks: [{ field: 'project', why: 'unknown' }],
    },
    {
      title: 'a project in two of them',
      given: { request: events() },
      asks: [{ field: 'project', why: 'several' }],
    },
    {
      title: 'a project of a workspace that the sender does not administer is unknown',
      given: { request: events(), directory: [{ ...acme, projects: [] }, globex] },
      asks: [{ field: 'project', why: 'unknown' }],
    },
  ])('$title', ({ given, asks }) => {
    expect(judge(caseOf(given))).toMatchObject({ verdict: 'entitled', target: null, asks });
  });
});

describe('targets', () => {
  test.each<{ title: string; given: Parameters<typeof caseOf>[0]; target: object }>([
    {
      title: 'a workspace by its slug, in stored spelling and with its birth',
      given: {},
      target: {
        scope: 'workspace',
        workspaces: [
          {
            id: 'ws_acme',
            slug: 'acme-inc',
            name: 'Acme Inc',
            createdAt: '2020-01-01T00:00:00.000Z',
            tombstone: false,
          },
        ],
        cutoff: '2026-03-01T10:00:00.000Z',
        timeFrame: null,
      },
    },
    {
      title: 'a tombstone by its ID, for its last owner',
      given: { request: request({ workspace: { id: 'ws_old' } }) },
      target: { workspaces: [{ id: 'ws_old', tombstone: true }] },
    },
    {
      title: 'a dead namesake is told apart by the ID',
      given: {
        request: request({ workspace: { id: 'ws_acme' } }),
        directory: [acme, { ...tombstone, slug: 'acme-inc' }],
      },
      target: { workspaces: [{ id: 'ws_acme' }] },
    },
    {
      title: 'a source, found regardless of case, in stored spelling',
      given: { request: source({ source: ' website PROD ' }) },
      target: { source: { id: 'src_web', name: 'Website Prod' }, timeFrame: frame },
    },
    {
      title: 'a source by its ID',
      given: { request: source({ source: 'src_web' }) },
      target: { source: { id: 'src_web' } },
    },
    {
      title: 'an accent composed or not is the same name',
      given: {
        request: source({ source: 'Caisse e\u0301te\u0301' }),
        directory: [workspace({ sources: [{ id: 's', name: 'Caisse \u00e9t\u00e9' }] })],
      },
      target: { source: { id: 's' } },
    },
    {
      title: 'the exact spelling wins over another case',
      given: {
        request: source({ source: 'web' }),
        directory: [
          workspace({
            sources: [
              { id: 'a', name: 'Web' },
              { id: 'b', name: 'web' },
            ],
          }),
        ],
      },
      target: { source: { id: 'b' } },
    },
    {
      title: 'a space for its owner',
      given: { request: request({ scope: 'space', workspace: { slug: 'acme-inc' }, space: 'Main Space' }) },
      target: { space: { id: 'spa_main', name: 'Main Space' } },
    },
    {
      title: 'users as they were written',
      given: { request: request({ scope: 'user', workspace: { slug: 'acme-inc' }, users: ['u-1'] }) },
      target: { users: ['u-1'] },
    },
    {
      title: 'a project finds its workspace',
      given: { request: events(), directory: [acme, globex] },
      target: {
        project: { id: 'prj_app', name: 'Mobile App' },
        workspaces: [{ id: 'ws_acme' }],
        events: ['Order Completed'],
      },
    },
    {
      title: 'a project in the workspace that is named, though another has one too',
      given: { request: events({ workspace: { slug: 'initech' } }) },
      target: { project: { id: 'prj_app' }, workspaces: [{ id: 'ws_initech' }] },
    },
    {
      title: 'an account is every living workspace in which the role suffices, sorted',
      given: { request: request({ scope: 'account' }) },
      target: { workspaces: [{ id: 'ws_acme' }, { id: 'ws_initech' }] },
    },
  ])('$title', ({ given, target }) => {
    expect(judge(caseOf(given))).toMatchObject({ verdict: 'entitled', asks: [], target });
  });
});

describe('asked again before the purge', () => {
  const target = judge(caseOf({})).target as Target;
  const spaceTarget: Target = { ...target, scope: 'space' };
  test.each<{ title: string; target: Target; now: Workspace[]; holds: boolean }>([
    { title: 'the role is still there', target, now: [acme], holds: true },
    {
      title: 'an owner who became admin still may',
      target,
      now: [workspace({ members: [member(ADA, 'admin')] })],
      holds: true,
    },
    {
      title: 'an owner who became admin may not delete a space any more',
      target: spaceTarget,
      now: [workspace({ members: [member(ADA, 'admin')] })],
      holds: false,
    },
    {
      title: 'the role is gone',
      target,
      now: [workspace({ members: [member(ADA, 'owner', requestedAt)] })],
      holds: false,
    },
    { title: 'the workspace is unknown', target, now: [], holds: false },
    {
      title: 'the workspace was re-created under its ID',
      target,
      now: [workspace({ createdAt: new Date('2026-03-02') })],
      holds: false,
    },
    {
      title: 'deleted since, by people who were in charge',
      target,
      now: [workspace({ deletedAt: requestedAt })],
      holds: true,
    },
    {
      title: 'a tombstone that lives again',
      target: { ...target, workspaces: target.workspaces.map((w) => ({ ...w, tombstone: true })) },
      now: [acme],
      holds: false,
    },
    {
      title: 'one of two workspaces lost',
      target: judge(caseOf({ request: request({ scope: 'account' }) })).target as Target,
      now: [acme],
      holds: false,
    },
  ])('$title: $holds', ({ target: named, now, holds }) => {
    expect(stillEntitled(named, ADA, DEFAULT_POLICY, now)).toBe(holds);
  });

  test('an erased requester is entitled to nothing', () => {
    expect(stillEntitled(target, null, DEFAULT_POLICY, [acme])).toBe(false);
  });
});

describe('standing', () => {
  const evidence = (overrides: Partial<MailEvidence>): MailEvidence => ({
    source: 'own',
    spf: { result: 'none', domain: null, aligned: false },
    dkim: { result: 'none', domains: [], aligned: false },
    dmarc: { result: 'none', policy: null },
    notes: [],
    ...overrides,
  });
  const signed = { result: 'pass', domains: ['acme.example'], aligned: true } as const;
  test.each<{ title: string; given: Partial<MailEvidence>; standing: string }>([
    { title: 'an aligned signature', given: { dkim: signed }, standing: 'authenticated' },
    {
      title: 'an aligned path',
      given: { spf: { result: 'pass', domain: 'a', aligned: true } },
      standing: 'authenticated',
    },
    {
      title: 'a signature of somebody else',
      given: { dkim: { ...signed, aligned: false } },
      standing: 'unproven',
    },
    { title: 'nothing', given: {}, standing: 'unproven' },
    {
      title: 'DMARC fails, p=reject',
      given: { dmarc: { result: 'fail', policy: 'reject' } },
      standing: 'failed',
    },
    {
      title: 'DMARC fails, p=quarantine',
      given: { dmarc: { result: 'fail', policy: 'quarantine' } },
      standing: 'failed',
    },
    {
      title: 'DMARC fails, p=none',
      given: { dmarc: { result: 'fail', policy: 'none' } },
      standing: 'unproven',
    },
    {
      title: 'T06 DNS trouble',
      given: { dmarc: { result: 'temperror', policy: 'reject' } },
      standing: 'undetermined',
    },
    {
      title: 'T06 DNS trouble beside an aligned signature',
      given: { dkim: signed, dmarc: { result: 'temperror', policy: 'reject' } },
      standing: 'authenticated',
    },
    {
      title: 'no single author, though signed',
      given: { dkim: signed, dmarc: { result: 'permerror', policy: null } },
      standing: 'failed',
    },
  ])('$title: $standing', ({ given, standing }) => {
    expect(standingOf(evidence(given))).toBe(standing);
  });
});
