import {
  type DirectoryFacts,
  isInCharge,
  type Named,
  type Role,
  roleOf,
  type Workspace,
} from '../domain/directory.ts';
import { assertNever } from '../domain/errors.ts';
import type { Ask, Judgement, MailEvidence, Standing, Verdict } from '../domain/evidence.ts';
import type { Policy } from '../domain/policy.ts';
import {
  type DeletionRequest,
  MAX_CLAUSES,
  missingFields,
  type Problem,
  type RequestField,
  type Scope,
  type WorkspaceRef,
} from '../domain/request.ts';
import type { Target } from '../domain/target.ts';
import { frozenWorkspace, mayAsk, means, ownerlessTombstone, wholeTarget } from './authority.ts';

/** All that one judgement rests on. */
export interface Case {
  readonly request: DeletionRequest;
  readonly evidenceStanding: Standing;
  /** The one plain mailbox in From; `null` when there is none. */
  readonly sender: string | null;
  readonly facts: DirectoryFacts;
  readonly policy: Policy;
  /** When the mail arrived: the cut-off of what it may delete. */
  readonly requestedAt: Date;
  /** What the parser found wrong in the whole mail. */
  readonly problems: readonly Problem[];
}

/**
 * What mail authentication is worth. `permerror` of DMARC means that there is not one plain author to judge.
 * Authentication never replaces the challenge: the best standing only makes a cancel count at once.
 */
export function standingOf(evidence: MailEvidence): Standing {
  const { spf, dkim, dmarc } = evidence;
  if (dmarc.result === 'permerror') return 'failed';
  const enforced = dmarc.policy === 'quarantine' || dmarc.policy === 'reject';
  if (dmarc.result === 'fail' && enforced) return 'failed';
  const aligned = (dkim.result === 'pass' && dkim.aligned) || (spf.result === 'pass' && spf.aligned);
  if (aligned) return 'authenticated';
  return dmarc.result === 'temperror' ? 'undetermined' : 'unproven';
}

/**
 * What the evidence and the directory add up to for one request. The first line that applies decides:
 *
 * | what is found                                                   | verdict           |
 * | --------------------------------------------------------------- | ----------------- |
 * | authentication failed under an enforcing policy, or two authors | `failed`          |
 * | no plain sender address, or nobody could find out who it is     | `unauthenticated` |
 * | a deleted workspace of which nobody in charge is known          | `ownerless`       |
 * | in charge of nothing at all                                     | `not_entitled`    |
 * | the request names things that its scope has no use for          | `contradictory`   |
 * | the named workspace is unknown or somebody else's               | `wrong_workspace` |
 * | a role there that the policy does not admit for this scope      | `not_entitled`    |
 * | the project lies in another workspace than the one named        | `contradictory`   |
 * | something is missing, unknown or ambiguous                      | `entitled`, asks  |
 * | all resolved                                                    | `entitled`, target|
 */
export function judge(input: Case): Judgement {
  const { request, evidenceStanding, sender, facts, policy } = input;
  if (evidenceStanding === 'failed') {
    return refuse('failed', 'the mail fails authentication, or it does not have one plain author');
  }
  if (sender === null) return refuse('unauthenticated', 'the mail has no plain sender address');
  if (evidenceStanding === 'undetermined') {
    return refuse('unauthenticated', 'the look-ups that would tell who sent the mail kept failing');
  }
  const held = distinct([...facts.memberships, ...facts.mentioned]);
  const unused = unusedFields(request);
  const ownerless =
    request.scope === 'workspace' && request.workspace !== null && unused.length === 0
      ? ownerlessTombstone(request.workspace, facts.mentioned)
      : null;
  if (ownerless !== null) {
    return {
      verdict: 'ownerless',
      reasons: [`workspace ${ownerless.id} was deleted, and nobody in charge of it is known any more`],
      target: wholeTarget(ownerless, input.requestedAt),
      asks: [],
    };
  }
  const hand: Hand = {
    roleIn: (workspace) => roleOf(workspace, sender),
    inCharge: held.filter((workspace) => isInCharge(roleOf(workspace, sender))),
    known: held,
    allowed: policy.roles[request.scope],
  };
  if (hand.inCharge.length === 0) {
    return refuse('not_entitled', 'the sender is neither owner nor admin of any workspace');
  }
  if (unused.length > 0) {
    return refuse('contradictory', `a request for ${words(request.scope)} also names: ${unused.join(', ')}`);
  }
  return request.scope === 'account' ? judgeAccount(input, hand) : judgeNamed(input, hand);
}

/** The sender's roles, as this request sees them. */
interface Hand {
  readonly roleIn: (workspace: Workspace) => Role | null;
  /** Owner or admin of these, living or dead. */
  readonly inCharge: readonly Workspace[];
  readonly known: readonly Workspace[];
  /** Roles that the policy admits for the request's scope. */
  readonly allowed: readonly Role[];
}

/** Either a finished refusal, something to ask back, or the thing found. */
type Found<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'ask'; readonly ask: Ask }
  | { readonly kind: 'refused'; readonly judgement: Judgement };

/** `account` is frozen here to the living workspaces in which the sender's role suffices. */
function judgeAccount(input: Case, hand: Hand): Judgement {
  const workspaces = hand.inCharge.filter(
    (workspace) => workspace.deletedAt === null && mayAsk(hand.roleIn(workspace), hand.allowed),
  );
  if (workspaces.length === 0) {
    return refuse(
      'not_entitled',
      `an account deletion takes the role ${hand.allowed.join(' or ')} somewhere`,
    );
  }
  return entitle(hand, targetOf(input, workspaces, {}));
}

/** Every scope that lies in one workspace: `events` may find it by its project, the others name it. */
function judgeNamed(input: Case, hand: Hand): Judgement {
  const { request } = input;
  const asks: Ask[] = incompleteAsks(request, input.problems);
  let workspace: Workspace | null = null;
  if (request.workspace !== null) {
    const found = resolveWorkspace(request.workspace, request.scope, hand);
    if (found.kind === 'refused') return found.judgement;
    if (found.kind === 'ask') asks.unshift(found.ask);
    else workspace = found.value;
  } else if (!hand.inCharge.some((candidate) => mayAsk(hand.roleIn(candidate), hand.allowed))) {
    return refuseRole(request.scope, hand.allowed);
  }
  const parts = resolveParts(request, workspace, hand);
  if (parts.kind === 'refused') return parts.judgement;
  if (parts.kind === 'ask') asks.push(parts.ask);
  const where = workspace ?? (parts.kind === 'found' ? parts.value.workspace : null);
  if (asks.length > 0 || parts.kind !== 'found' || where === null) return askBack(hand, request, asks);
  return entitle(hand, targetOf(input, [where], parts.value));
}

/**
 * The workspace that a reference means. Unknown and somebody else's give the same answer, so that nobody can probe
 * for slugs. A slug that matches several, living or dead, is asked back for the ID.
 */
function resolveWorkspace(ref: WorkspaceRef, scope: Scope, hand: Hand): Found<Workspace> {
  const candidates = hand.known.filter((workspace) => means(ref, workspace));
  const mine = candidates.filter((workspace) => isInCharge(hand.roleIn(workspace)));
  const [only] = mine;
  if (only === undefined) {
    const member = candidates.some((workspace) => hand.roleIn(workspace) !== null);
    if (member) return refused(refuseRole(scope, hand.allowed));
    return refused(refuse('wrong_workspace', 'the sender is not in charge of the workspace that is named'));
  }
  if (candidates.length > 1) return asking('workspace', 'several');
  if (!mayAsk(hand.roleIn(only), hand.allowed)) return refused(refuseRole(scope, hand.allowed));
  // Nothing but the whole of a deleted workspace can still be asked for.
  if (only.deletedAt !== null && scope !== 'workspace') return asking('workspace', 'unknown');
  return { kind: 'found', value: only };
}

/** What lies inside the workspace, and the workspace itself: `null` while that is still to be asked. */
interface Parts {
  readonly source?: Named;
  readonly space?: Named;
  readonly project?: Named;
  readonly workspace: Workspace | null;
}

/** Resolves source, space or project; what is missing altogether was asked already. */
function resolveParts(request: DeletionRequest, workspace: Workspace | null, hand: Hand): Found<Parts> {
  const nothing: Found<Parts> = { kind: 'found', value: { workspace } };
  switch (request.scope) {
    case 'workspace':
    case 'account':
    case 'user':
      return nothing;
    case 'source':
      if (request.source === null || workspace === null) return nothing;
      return within(workspace, 'source', matching(workspace.sources, request.source));
    case 'space':
      if (request.space === null || workspace === null) return nothing;
      return within(workspace, 'space', matching(workspace.spaces, request.space));
    case 'events':
      if (request.project === null) return nothing;
      return resolveProject(request.project, request.workspace === null ? null : workspace, hand, request);
    default:
      return assertNever(request.scope);
  }
}

function within(workspace: Workspace, field: 'source' | 'space', found: readonly Named[]): Found<Parts> {
  const [only] = found;
  if (only === undefined) return asking(field, 'unknown');
  if (found.length > 1) return asking(field, 'several');
  return { kind: 'found', value: { workspace, [field]: only } };
}

/** A project is looked for among the living workspaces in which the sender may ask for events to be deleted. */
function resolveProject(
  name: string,
  named: Workspace | null,
  hand: Hand,
  request: DeletionRequest,
): Found<Parts> {
  const open = hand.inCharge.filter(
    (workspace) => workspace.deletedAt === null && mayAsk(hand.roleIn(workspace), hand.allowed),
  );
  const hits = open.flatMap((workspace) =>
    matching(workspace.projects, name).map((project) => ({ workspace, project })),
  );
  // A workspace that is itself asked back says nothing yet about where the project should lie.
  const there = request.workspace === null ? hits : hits.filter((hit) => hit.workspace.id === named?.id);
  const [only] = there;
  if (only === undefined) {
    if (named !== null && hits.length > 0) {
      return refused(refuse('contradictory', 'the project lies in another workspace than the one named'));
    }
    return request.workspace !== null && named === null
      ? { kind: 'found', value: { workspace: null } }
      : asking('project', 'unknown');
  }
  if (there.length > 1) return asking('project', 'several');
  return { kind: 'found', value: only };
}

/** By ID or stored name, exactly; only when that finds nothing, regardless of case. */
function matching(things: readonly Named[], wanted: string): readonly Named[] {
  const text = tidy(wanted);
  const exact = things.filter((thing) => thing.id === text || tidy(thing.name) === text);
  if (exact.length > 0) return exact;
  const folded = text.toLowerCase();
  return things.filter((thing) => tidy(thing.name).toLowerCase() === folded);
}

/** Canonical composition only: compatibility forms stay apart. */
const tidy = (text: string): string => text.trim().normalize('NFC');

const DATE_PROBLEMS: readonly Problem[] = ['ambiguous_date', 'finer_than_day', 'reversed_range', 'in_future'];

/** One question a field: what is missing, or why what was given cannot be used. */
function incompleteAsks(request: DeletionRequest, problems: readonly Problem[]): Ask[] {
  const dateProblem = problems.find((problem) => DATE_PROBLEMS.includes(problem));
  const asks: Ask[] = missingFields(request).map((field) => ({
    field,
    why: field === 'timeFrame' && dateProblem !== undefined ? dateProblem : 'missing',
  }));
  const clauses = request.events.length + request.properties.length;
  if (request.scope === 'events' && clauses > MAX_CLAUSES) {
    asks.push({ field: 'events', why: 'too_many_clauses' });
  }
  return asks;
}

/** Fields that each scope reads. Anything else that is given would narrow or move the request: never ignored. */
const USES: Readonly<Record<Scope, readonly RequestField[]>> = {
  workspace: ['workspace'],
  account: [],
  source: ['workspace', 'source', 'timeFrame'],
  space: ['workspace', 'space'],
  user: ['workspace', 'users'],
  events: ['workspace', 'project', 'events', 'timeFrame'],
};

function unusedFields(request: DeletionRequest): readonly RequestField[] {
  const { timeFrame } = request;
  const given: Readonly<Record<RequestField, boolean>> = {
    workspace: request.workspace !== null,
    source: request.source !== null,
    space: request.space !== null,
    users: request.users.length > 0,
    events: request.events.length + request.properties.length > 0,
    project: request.project !== null,
    // "All time" narrows nothing.
    timeFrame: timeFrame !== null && (timeFrame.from !== null || timeFrame.to !== null),
  };
  const used = USES[request.scope];
  return (Object.keys(given) as RequestField[]).filter((field) => given[field] && !used.includes(field));
}

function targetOf(input: Case, workspaces: readonly Workspace[], parts: Omit<Parts, 'workspace'>): Target {
  const { request, requestedAt } = input;
  const framed = request.scope === 'source' || request.scope === 'events';
  return {
    scope: request.scope,
    workspaces: workspaces.map(frozenWorkspace).sort((a, b) => (a.id < b.id ? -1 : 1)),
    source: plain(parts.source),
    space: plain(parts.space),
    project: plain(parts.project),
    users: request.users,
    events: request.events,
    properties: request.properties,
    timeFrame: framed ? request.timeFrame : null,
    cutoff: requestedAt.toISOString(),
  };
}

const plain = (thing: Named | undefined): Named | null =>
  thing === undefined ? null : { id: thing.id, name: thing.name };

const distinct = (workspaces: readonly Workspace[]): readonly Workspace[] => [
  ...new Map(workspaces.map((workspace) => [workspace.id, workspace])).values(),
];

const words = (scope: Scope): string =>
  ({
    workspace: 'a workspace',
    account: 'an account',
    source: 'a source',
    space: 'a space',
    user: 'end users',
    events: 'events',
  })[scope];

const asking = (field: Ask['field'], why: Ask['why']): { readonly kind: 'ask'; readonly ask: Ask } => ({
  kind: 'ask',
  ask: { field, why },
});

const refused = (judgement: Judgement): { readonly kind: 'refused'; readonly judgement: Judgement } => ({
  kind: 'refused',
  judgement,
});

const refuse = (verdict: Exclude<Verdict, 'entitled' | 'ownerless'>, reason: string): Judgement => ({
  verdict,
  reasons: [reason],
  target: null,
  asks: [],
});

const refuseRole = (scope: Scope, allowed: readonly Role[]): Judgement =>
  refuse('not_entitled', `deleting ${words(scope)} takes the role ${allowed.join(' or ')} in its workspace`);

const askBack = (hand: Hand, request: DeletionRequest, asks: readonly Ask[]): Judgement => ({
  verdict: 'entitled',
  reasons: [
    `the sender is in charge of ${hand.inCharge.length} workspace(s)`,
    `the request for ${words(request.scope)} is not complete: ${asks.map((ask) => `${ask.field} ${ask.why}`).join(', ')}`,
  ],
  target: null,
  asks,
});

const entitle = (hand: Hand, target: Target): Judgement => ({
  verdict: 'entitled',
  reasons: target.workspaces.map((named) => {
    const found = hand.inCharge.find((workspace) => workspace.id === named.id);
    const role = found === undefined ? null : hand.roleIn(found);
    return `the sender is ${role ?? 'in charge'} of workspace ${named.id}${named.tombstone ? ', which was deleted' : ''}`;
  }),
  target,
  asks: [],
});
