import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { distinct } from '../db/rows.ts';
import { forMany } from '../db/together.ts';
import {
  type BlockerKind,
  type DirectoryFacts,
  foldAscii,
  isInCharge,
  type Member,
  type Named,
  type Role,
  roleOf,
  type Workspace,
} from '../domain/directory.ts';
import type { WorkspaceRef } from '../domain/request.ts';

/** What one mail asks of the directory. */
export interface DirectoryQuery {
  /** The exact address in From, `null` = none that is plain. */
  readonly sender: string | null;
  readonly refs: readonly WorkspaceRef[];
}

/** An owner or admin of a workspace today. */
export interface Party {
  readonly workspaceId: string;
  readonly address: string;
  readonly role: 'owner' | 'admin';
}

/** All that the directory knows about one mail. */
export const factsFor = (
  db: Knex,
  sender: string | null,
  refs: readonly WorkspaceRef[],
): Promise<DirectoryFacts> => factsForOne(db, { sender, refs });

/**
 * The same for a set of mails in one statement; the answers stand in the order of the queries. Workspaces carry their
 * owners, their admins and those senders who are members, not every member.
 */
export async function factsForMany(
  db: Knex,
  queries: readonly DirectoryQuery[],
): Promise<readonly DirectoryFacts[]> {
  const senders = distinct(queries.flatMap(({ sender }) => (sender === null ? [] : [foldAscii(sender)])));
  const refs = queries.flatMap((query) => query.refs);
  const slugs = distinct(refs.flatMap((ref) => ('slug' in ref ? [foldAscii(ref.slug)] : [])));
  const ids = distinct(refs.flatMap((ref) => ('id' in ref ? [ref.id] : [])));
  if (senders.length + slugs.length + ids.length === 0) return queries.map(() => NO_FACTS);
  const found = await select(db, IDS_OF_MAILS, { senders, slugs, ids });
  return queries.map(({ sender, refs: named }) => {
    const forSender = found.map((workspace) => seenBy(workspace, sender));
    return {
      memberships: sender === null ? [] : forSender.filter((workspace) => roleOf(workspace, sender) !== null),
      mentioned: forSender.filter((workspace) => named.some((ref) => means(ref, workspace))),
    };
  });
}

const factsForOne = forMany(factsForMany);

/** Without plain members for whom somebody else asked at the same time. */
function seenBy(workspace: Workspace, sender: string | null): Workspace {
  const address = sender === null ? null : foldAscii(sender);
  const members = workspace.members.filter(({ role, address: of }) => role !== 'member' || of === address);
  return members.length === workspace.members.length ? workspace : { ...workspace, members };
}

/** Workspaces by exact ID, living or dead, with every member; unknown ones are left out. */
export const workspacesByIds = (db: Knex, ids: readonly string[]): Promise<readonly Workspace[]> =>
  ids.length === 0 ? Promise.resolve([]) : workspacesOf(db, ids);

const workspacesOf = forMany(async (db: Knex, asked: readonly (readonly string[])[]) => {
  const found = await select(db, 'select unnest(cast(:ids as text[]))', { ids: distinct(asked.flat()) });
  return asked.map((ids): readonly Workspace[] => found.filter(({ id }) => ids.includes(id)));
});

/** Living and deleted workspaces of which the exact address is owner or admin today. */
export async function workspacesInChargeOf(db: Knex, address: string): Promise<readonly Workspace[]> {
  const found = await select(db, IDS_OF_MAILS, { senders: [foldAscii(address)], slugs: [], ids: [] });
  return found.filter((workspace) => isInCharge(roleOf(workspace, address)));
}

/** Who is in charge of these workspaces today. A deleted one counts by its last owners and admins. */
export async function partiesOf(db: Knex, workspaceIds: readonly string[]): Promise<readonly Party[]> {
  if (workspaceIds.length === 0) return [];
  const result = await prepared<{ rows: Party[] }>(db, PARTIES, { ids: distinct(workspaceIds) });
  return result.rows;
}

const IDS_OF_MAILS = `
  select workspace_id from members where address = any(cast(:senders as text[])) and removed_at is null
  union select id from workspaces where slug = any(cast(:slugs as text[]))
  union select id from workspaces where id = any(cast(:ids as text[]))`;

// Members are bounded to those in charge and those asked for, unless the caller asks by ID alone.
const WORKSPACES = `
  select w.id, w.slug, w.name, w.created_at, w.deleted_at,
    (select coalesce(json_agg(json_build_array(m.address, m.role, m.removed_at) order by m.address), '[]')
       from members m where m.workspace_id = w.id
        and (cast(:everyone as boolean) or m.role <> 'member' or m.address = any(cast(:senders as text[])))) as members,
    (select coalesce(json_agg(json_build_array(p.kind, p.id, p.name) order by p.kind, p.id), '[]')
       from workspace_parts p where p.workspace_id = w.id) as parts,
    (select coalesce(json_agg(b.kind order by b.kind), '[]')
       from blockers b where b.workspace_id = w.id) as blockers
  from workspaces w where w.id in (:chosen:) order by w.id`;

const PARTIES = `
  select workspace_id as "workspaceId", address, role from members
  where workspace_id = any(cast(:ids as text[])) and removed_at is null and role in ('owner', 'admin')
  order by workspace_id, address`;

const NO_FACTS: DirectoryFacts = { memberships: [], mentioned: [] };

interface WorkspaceRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: Date;
  readonly deleted_at: Date | null;
  readonly members: readonly (readonly [string, Role, string | null])[];
  readonly parts: readonly (readonly ['source' | 'space' | 'project', string, string])[];
  readonly blockers: readonly BlockerKind[];
}

async function select(
  db: Knex,
  chosen: string,
  bindings: {
    readonly ids: readonly string[];
    readonly senders?: readonly string[];
    readonly slugs?: readonly string[];
  },
): Promise<readonly Workspace[]> {
  const { ids, senders, slugs } = bindings;
  const result = await prepared<{ rows: WorkspaceRow[] }>(db, WORKSPACES.replace(':chosen:', chosen), {
    ids,
    senders: senders ?? [],
    slugs: slugs ?? [],
    everyone: senders === undefined,
  });
  return result.rows.map(workspaceOf);
}

function workspaceOf(row: WorkspaceRow): Workspace {
  const parts = (kind: string): readonly Named[] =>
    row.parts.filter((part) => part[0] === kind).map(([, id, name]) => ({ id, name }));
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    members: row.members.map(
      ([address, role, removedAt]): Member => ({
        address,
        role,
        removedAt: removedAt === null ? null : new Date(removedAt),
      }),
    ),
    sources: parts('source'),
    spaces: parts('space'),
    projects: parts('project'),
    blockers: row.blockers,
  };
}

const means = (ref: WorkspaceRef, workspace: Workspace): boolean =>
  'id' in ref ? workspace.id === ref.id : workspace.slug === foldAscii(ref.slug);
