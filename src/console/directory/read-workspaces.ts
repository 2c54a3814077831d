/** The directory as its pages read it. */
import type { Knex } from 'knex';

export interface WorkspaceLine {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** ISO 8601; `null` = it lives. */
  readonly deletedAt: string | null;
  readonly inCharge: readonly string[];
  readonly members: number;
  readonly blockers: readonly string[];
  readonly isStopped: boolean;
}

export interface WorkspaceRecord extends Omit<WorkspaceLine, 'inCharge' | 'members'> {
  readonly createdAt: string;
  readonly reportedAt: string;
  readonly members: readonly {
    readonly address: string;
    readonly role: string;
    /** ISO 8601; `null` = has the role now. */
    readonly removedAt: string | null;
  }[];
  readonly moreMembers: number;
  readonly parts: readonly { readonly kind: string; readonly id: string; readonly name: string }[];
  readonly tickets: readonly { readonly reference: string; readonly state: string; readonly scope: string }[];
}

export interface WorkspaceQuery {
  /** Beginning of a slug, part of a name, an ID, or the whole address of a member; '' = all. */
  readonly text: string;
  readonly show: 'all' | 'living' | 'deleted' | 'stopped';
  /** The last of the page before; `null` = from the beginning. */
  readonly after: { readonly slug: string; readonly id: string } | null;
}

export const PAGE_SIZE = 50;
const IN_CHARGE_SHOWN = 6;
const MEMBERS_SHOWN = 500;
const TICKETS_SHOWN = 20;

/** One page and one more, in the order of slugs. */
export async function listWorkspaceLines(db: Knex, query: WorkspaceQuery): Promise<readonly WorkspaceLine[]> {
  const found = await db.raw<{ rows: LineRow[] }>(LINES, {
    text: query.text,
    address: query.text.toLowerCase(),
    slug: `${likeless(query.text.toLowerCase())}%`,
    name: `%${likeless(query.text)}%`,
    show: query.show,
    afterSlug: query.after?.slug ?? null,
    afterId: query.after?.id ?? null,
    limit: PAGE_SIZE + 1,
    inCharge: IN_CHARGE_SHOWN,
  });
  return found.rows.map((row) => ({
    id: row.id,
    slug: row.slug,
    name: row.name,
    deletedAt: row.deleted_at?.toISOString() ?? null,
    inCharge: row.in_charge,
    members: row.members,
    blockers: row.blockers,
    isStopped: row.is_stopped,
  }));
}

const likeless = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

interface LineRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly deleted_at: Date | null;
  readonly in_charge: readonly string[];
  readonly members: number;
  readonly blockers: readonly string[];
  readonly is_stopped: boolean;
}

const ABOUT = `
  array(select b.kind from blockers b where b.workspace_id = w.id order by b.kind) as blockers,
  exists (select from workspace_stops s where s.workspace_id = w.id and s.lifted_at is null) as is_stopped`;

// A deleted workspace is known by its last owners and admins.
const LINES = `
  select w.id, w.slug, w.name, w.deleted_at,
    array(select m.address || ' (' || m.role || ')' from members m
      where m.workspace_id = w.id and m.removed_at is null and m.role <> 'member'
      order by m.role desc, m.address limit :inCharge) as in_charge,
    cast((select count(*) from members m where m.workspace_id = w.id and m.removed_at is null) as integer) as members,
    ${ABOUT}
  from workspaces w
  where (:text = '' or w.id = :text or w.slug like :slug or w.name ilike :name
      or w.id in (select m.workspace_id from members m where m.address = :address and m.removed_at is null))
    and (:show = 'all' or (:show = 'living' and w.deleted_at is null) or (:show = 'deleted' and w.deleted_at is not null)
      or (:show = 'stopped' and exists (select from workspace_stops s where s.workspace_id = w.id and s.lifted_at is null)))
    and (cast(:afterSlug as text) is null or (w.slug, w.id) > (:afterSlug, :afterId))
  order by w.slug, w.id limit :limit`;

/** @returns `null` = there is none with this ID */
export async function readWorkspace(db: Knex, id: string): Promise<WorkspaceRecord | null> {
  const found = await db.raw<{ rows: RecordRow[] }>(RECORD, { id });
  const [row] = found.rows;
  if (row === undefined) return null;
  const members = await db('members')
    .select<{ address: string; role: string; removed_at: Date | null }[]>('address', 'role', 'removed_at')
    .where({ workspace_id: id })
    .orderByRaw('removed_at is not null, role desc, address')
    .limit(MEMBERS_SHOWN);
  const parts = await db('workspace_parts')
    .select<{ kind: string; id: string; name: string }[]>('kind', 'id', 'name')
    .where({ workspace_id: id })
    .orderBy(['kind', 'name', 'id'])
    .limit(MEMBERS_SHOWN);
  const tickets = await db.raw<{ rows: { id: number; state: string; scope: string }[] }>(TICKETS, [
    [id],
    TICKETS_SHOWN,
  ]);
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    reportedAt: row.reported_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    blockers: row.blockers,
    isStopped: row.is_stopped,
    members: members.map(({ address, role, removed_at }) => ({
      address,
      role,
      removedAt: removed_at?.toISOString() ?? null,
    })),
    moreMembers: Math.max(0, row.members - members.length),
    parts,
    tickets: tickets.rows.map((ticket) => ({ ...ticket, reference: `PD-${ticket.id}` })),
  };
}

interface RecordRow extends Omit<LineRow, 'in_charge'> {
  readonly created_at: Date;
  readonly reported_at: Date;
}

const RECORD = `
  select w.id, w.slug, w.name, w.created_at, w.deleted_at, w.reported_at,
    cast((select count(*) from members m where m.workspace_id = w.id) as integer) as members, ${ABOUT}
  from workspaces w where w.id = :id`;

const TICKETS = `
  select id, state, scope from tickets
  where workspace_ids @> ? and state not in ('completed', 'cancelled', 'rejected', 'expired')
  order by id desc limit ?`;
