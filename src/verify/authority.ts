/** Who may have what deleted, by the roles of the directory: asked for each request, and again before each purge. */
import { foldAscii, isInCharge, type Role, roleOf, type Workspace } from '../domain/directory.ts';
import type { Policy } from '../domain/policy.ts';
import type { WorkspaceRef } from '../domain/request.ts';
import type { Target, TargetWorkspace } from '../domain/target.ts';
import type { AppDoubt, Authority, Obstacle } from '../domain/ticket.ts';

/** In charge, and with a role that the policy admits: no setting makes a plain member enough. */
export const mayAsk = (role: Role | null, allowed: readonly Role[]): boolean =>
  role !== null && isInCharge(role) && allowed.includes(role);

/** Whether the directory knows an owner or admin of it today; a deleted one counts by its last. */
const hasSomebodyInCharge = (workspace: Workspace): boolean =>
  workspace.members.some((member) => member.removedAt === null && isInCharge(member.role));

/**
 * Whether a ticket's authority over this target holds: looked at again when the challenge is answered and before the
 * purge. Each workspace must be the one that was named; one that was deleted then and came back to life is another matter.
 *
 * | the word of     | holds while, in every workspace                                                             |
 * | --------------- | ------------------------------------------------------------------------------------------- |
 * | the requester   | the requester has the role; a workspace deleted meanwhile counts by its last owners and admins |
 * | the app         | whom it named has the role; where it named nobody, anybody has                                |
 * | two agents      | the directory still knows nobody in charge                                                   |
 */
export function stillEntitled(
  target: Target,
  sender: string | null,
  policy: Policy,
  workspaces: readonly Workspace[],
  authority: Authority = 'requester',
): boolean {
  const allowed = policy.roles[target.scope];
  return (
    target.workspaces.length > 0 &&
    target.workspaces.every((named) => {
      const found = workspaces.find((workspace) => workspace.id === named.id);
      if (found === undefined || found.createdAt.toISOString() !== named.createdAt) return false;
      if (named.tombstone && found.deletedAt === null) return false;
      if (authority === 'requester') return sender !== null && mayAsk(roleOf(found, sender), allowed);
      if (authority === 'agents') return !hasSomebodyInCharge(found);
      return sender !== null
        ? mayAsk(roleOf(found, sender), allowed)
        : found.members.some((member) => member.removedAt === null && mayAsk(member.role, allowed));
    })
  );
}

/**
 * What in the directory keeps a ticket of this authority from its purge; `null` = nothing. The word of the app does only
 * together with the directory's: whoever has stolen the app's token can name a workspace, and cannot have it reported as
 * deleted.
 */
export function directoryObstacle(
  target: Target,
  requester: string | null,
  policy: Policy,
  workspaces: readonly Workspace[],
  authority: Authority,
): Obstacle | null {
  const found = target.workspaces.map((named) =>
    workspaces.find(({ id, createdAt }) => id === named.id && createdAt.toISOString() === named.createdAt),
  );
  if (found.includes(undefined)) return 'workspace_changed';
  if (authority === 'app' && found.some((workspace) => workspace?.deletedAt === null))
    return 'workspace_lives';
  if (stillEntitled(target, requester, policy, workspaces, authority)) return null;
  return authority === 'agents' ? 'workspace_changed' : 'requester_lost_role';
}

/** The one deleted workspace that a reference means, if nobody is known who could ask for it; else `null`. */
export function ownerlessTombstone(ref: WorkspaceRef, known: readonly Workspace[]): Workspace | null {
  const [only, ...others] = known.filter((workspace) => means(ref, workspace));
  if (only === undefined || others.length > 0) return null;
  return only.deletedAt !== null && !hasSomebodyInCharge(only) ? only : null;
}

/**
 * What a deletion in the app comes to. The app knows whoever pressed the button; the directory must agree that they may,
 * and somebody must be there who can hear of it and stop it.
 * @param deletedBy - the address that the app names, `null` = none
 * @param requestedAt - when the app deleted it
 */
export function judgeAppDeletion(question: {
  readonly workspace: Workspace;
  readonly deletedBy: string | null;
  readonly requestedAt: Date;
  readonly policy: Policy;
}): { readonly target: Target; readonly doubt: AppDoubt | null } {
  const { workspace, deletedBy, policy } = question;
  const target = wholeTarget(workspace, question.requestedAt);
  if (!hasSomebodyInCharge(workspace)) return { target, doubt: 'nobody_known' };
  const isEntitled = stillEntitled(target, deletedBy, policy, [workspace], 'app');
  return { target, doubt: isEntitled ? null : 'not_in_charge' };
}

/** All of one workspace. */
export const wholeTarget = (workspace: Workspace, requestedAt: Date): Target => ({
  scope: 'workspace',
  workspaces: [frozenWorkspace(workspace)],
  source: null,
  space: null,
  project: null,
  users: [],
  events: [],
  properties: [],
  timeFrame: null,
  cutoff: requestedAt.toISOString(),
});

/** The workspace as it is named from now on, whatever becomes of its slug. */
export const frozenWorkspace = (workspace: Workspace): TargetWorkspace => ({
  id: workspace.id,
  slug: workspace.slug,
  name: workspace.name,
  createdAt: workspace.createdAt.toISOString(),
  tombstone: workspace.deletedAt !== null,
});

/** A reference means a workspace by its exact ID, or by its slug regardless of ASCII case. */
export const means = (ref: WorkspaceRef, workspace: Workspace): boolean =>
  'id' in ref ? workspace.id === ref.id : workspace.slug === foldAscii(ref.slug);
