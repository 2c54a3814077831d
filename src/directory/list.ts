import type { Knex } from 'knex';
import type { Workspace } from '../domain/directory.ts';
import { workspacesByIds } from './lookups.ts';

/** One page of the directory in the order of slugs, living and deleted, with every member. */
export async function listWorkspaces(
  db: Knex,
  options: { readonly limit: number; readonly offset?: number },
): Promise<readonly Workspace[]> {
  const page = await db.raw<{ rows: { id: string }[] }>(PAGE, {
    limit: options.limit,
    offset: options.offset ?? 0,
  });
  const ids = page.rows.map(({ id }) => id);
  const found = new Map((await workspacesByIds(db, ids)).map((workspace) => [workspace.id, workspace]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

const PAGE = 'select id from workspaces order by slug, created_at, id limit :limit offset :offset';
