import type { Workspace } from '../domain/directory.ts';
import type { ImportedWorkspace } from './read-directory.ts';

/**
 * A known workspace as an import file would describe it.
 * @param options.withFormer - also members who have lost their role since
 */
export function importEntry(
  workspace: Workspace,
  options: { readonly withFormer?: boolean } = {},
): ImportedWorkspace {
  const { id, slug, name, createdAt, deletedAt, members, sources, spaces, projects, blockers } = workspace;
  return {
    id,
    slug,
    name,
    createdAt,
    deletedAt,
    members: members
      .filter((member) => options.withFormer === true || member.removedAt === null)
      .map(({ address, role }) => ({ address, role })),
    sources: [...sources],
    spaces: [...spaces],
    projects: [...projects],
    blockers: blockers.map((kind) => ({ kind })),
  };
}
