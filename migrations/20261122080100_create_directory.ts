import type { Knex } from 'knex';

/** The directory: who owns what. A deleted workspace stays as a tombstone with its last owners and admins. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table workspaces (
      id text primary key constraint workspaces_id_plain check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
      slug text not null constraint workspaces_slug_plain check (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
      name text not null,
      created_at timestamptz not null,
      deleted_at timestamptz,
      reported_at timestamptz not null default clock_timestamp()
    );
    create unique index workspaces_living_slug on workspaces (slug) where deleted_at is null;
    create index workspaces_slug on workspaces (slug);

    create table members (
      workspace_id text not null references workspaces on delete cascade,
      address text not null constraint members_address_folded check (address = lower(address) and address ~ '^[!-~]{3,254}$'),
      role text not null constraint members_role_known check (role in ('owner', 'admin', 'member')),
      removed_at timestamptz,
      primary key (workspace_id, address)
    );
    create index members_address on members (address);

    create table workspace_parts (
      workspace_id text not null references workspaces on delete cascade,
      kind text not null constraint workspace_parts_kind_known check (kind in ('source', 'space', 'project')),
      id text not null constraint workspace_parts_id_plain check (id ~ '^[A-Za-z0-9_.:-]{1,128}$'),
      name text not null,
      primary key (workspace_id, kind, id)
    );
    comment on table workspace_parts is 'Sources, Unify spaces and projects of a workspace.';

    create table blockers (
      workspace_id text not null references workspaces on delete cascade,
      kind text not null constraint blockers_kind_known check (kind in ('billing', 'export')),
      note text,
      primary key (workspace_id, kind)
    );

    create table workspace_stops (
      id bigint generated always as identity primary key,
      workspace_id text not null references workspaces,
      message_id bigint references messages,
      placed_by_hash text not null,
      placed_at timestamptz not null,
      lifted_at timestamptz,
      lifted_by text,
      reason text
    );
    comment on table workspace_stops is 'An owner or admin asked by mail to stop a deletion that has no ticket here: blocks every purge of the workspace until an agent decides.';
    create unique index workspace_stops_active on workspace_stops (workspace_id) where lifted_at is null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table workspace_stops, blockers, workspace_parts, members, workspaces');
}
