import {
  type Completion,
  foldAscii,
  isInCharge,
  type Named,
  roleOf,
  type Workspace,
} from '../domain/directory.ts';
import type { WorkspaceSaid } from '../domain/mail.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { Target } from '../domain/target.ts';

export interface Completed {
  readonly request: DeletionRequest;
  readonly completed: readonly Completion[];
}

/**
 * Fills in the workspace that a request leaves open, where the directory leaves one possibility. Asked only once it is
 * known that the sender is in charge of something; what comes out is judged like anything that was written, and is shown
 * in words before anything happens.
 *
 * | the mail                          | the directory                                              | because          |
 * | --------------------------------- | ---------------------------------------------------------- | ---------------- |
 * | names one workspace by its name   | one workspace of the sender has that name or slug          | `workspace_name` |
 * | names one by slug and ID         | one workspace of the sender has both                       | `slug_and_id`    |
 * | names none; a source or space     | one workspace of the sender has one of that name           | `source_name` …  |
 * | names none; source, space or user | the sender belongs to one workspace, living or dead, alone | `only_workspace` |
 *
 * "Of the sender" counts every workspace of any role, living or dead: one in which they may not ask makes it ambiguous
 * as well. A whole workspace must be named, `account` and `events` need none, and no other field is ever touched.
 */
export function completeRequest(
  request: DeletionRequest,
  said: WorkspaceSaid,
  sender: string,
  memberships: readonly Workspace[],
): Completed {
  const nothing: Completed = { request, completed: [] };
  if (request.workspace !== null || request.scope === 'account' || request.scope === 'events') return nothing;
  const found = candidate(request, said, memberships);
  if (found === null || !isInCharge(roleOf(found.workspace, sender))) return nothing;
  if (found.workspace.deletedAt !== null && request.scope !== 'workspace') return nothing;
  return {
    request: { ...request, workspace: { id: found.workspace.id } },
    completed: [{ field: 'workspace', because: found.because }],
  };
}

interface Candidate {
  readonly workspace: Workspace;
  readonly because: Completion['because'];
}

function candidate(
  request: DeletionRequest,
  said: WorkspaceSaid,
  memberships: readonly Workspace[],
): Candidate | null {
  switch (said.kind) {
    case 'unclear':
      return null;
    case 'named': {
      const name = said.name;
      return lone(
        memberships.filter((each) => isNamed(each, name) || each.slug === foldAscii(name.trim())),
        'workspace_name',
      );
    }
    case 'both':
      return lone(
        memberships.filter((each) => each.id === said.id && each.slug === foldAscii(said.slug)),
        'slug_and_id',
      );
    case 'none':
      return byContent(request, memberships);
  }
}

function byContent(request: DeletionRequest, memberships: readonly Workspace[]): Candidate | null {
  const { scope, source, space } = request;
  if (scope === 'source' && source !== null) {
    const found = lone(
      memberships.filter((each) => each.sources.some((thing) => isNamed(thing, source))),
      'source_name',
    );
    if (found !== null) return found;
  }
  if (scope === 'space' && space !== null) {
    const found = lone(
      memberships.filter((each) => each.spaces.some((thing) => isNamed(thing, space))),
      'space_name',
    );
    if (found !== null) return found;
  }
  return scope === 'workspace' ? null : lone(memberships, 'only_workspace');
}

const lone = (found: readonly Workspace[], because: Completion['because']): Candidate | null => {
  const [workspace] = found;
  return workspace === undefined || found.length > 1 ? null : { workspace, because };
};

/** By ID, or by a name that a person would read as the same: case and canonical composition aside. */
const isNamed = (thing: Named, wanted: string): boolean =>
  thing.id === wanted.trim() || plain(thing.name) === plain(wanted);

const plain = (text: string): string => text.trim().normalize('NFC').toLowerCase();

/** What the directory settled while a complete request was resolved: the spelling of a name, a project's workspace. */
export function settledBy(request: DeletionRequest, target: Target): readonly Completion[] {
  const completed: Completion[] = [];
  if (request.scope === 'events' && request.workspace === null) {
    completed.push({ field: 'workspace', because: 'project_name' });
  }
  for (const field of ['source', 'space', 'project'] as const) {
    const [wanted, thing] = [request[field], target[field]];
    if (wanted !== null && thing !== null && wanted !== thing.name && wanted !== thing.id) {
      completed.push({ field, because: 'spelling' });
    }
  }
  return completed;
}

/** For agents: ids and codes only, no names. */
export const completionInWords = ({ field, because }: Completion): string =>
  `${field} completed from the directory: ${REASONS[because]}`;

const REASONS: Readonly<Record<Completion['because'], string>> = {
  workspace_name: 'the mail names it, and exactly one workspace of the sender is called so',
  slug_and_id: 'the mail names it by slug and ID, and both are those of one workspace of the sender',
  source_name: 'exactly one workspace of the sender has a source of that name',
  space_name: 'exactly one workspace of the sender has a space of that name',
  project_name: 'exactly one workspace of the sender has a project of that name',
  only_workspace: 'the sender belongs to no other workspace, and the mail names none',
  spelling: 'the name is written there in another way',
};
