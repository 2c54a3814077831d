import type { Knex } from 'knex';

/** People whose data was deleted and who are not to be taken in again. Hashes only: the list names nobody. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table suppression_salts (
      workspace_id text primary key references workspaces,
      salt bytea not null constraint suppression_salts_whole check (octet_length(salt) = 32)
    );
    comment on table suppression_salts is 'Random, one a workspace: the same user ID has another hash in each, and whoever gets an export can compute it.';

    create table suppressions (
      id bigint generated always as identity primary key,
      workspace_id text not null references suppression_salts,
      user_hash text not null constraint suppressions_hash_plain check (user_hash ~ '^[0-9a-f]{64}$'),
      ticket_id bigint not null references tickets,
      added_at timestamptz not null,
      removed_at timestamptz,
      removed_by text,
      removed_note text,
      constraint suppressions_removed_by_somebody check
        ((removed_at is null) = (removed_by is null) and (removed_at is null) = (removed_note is null))
    );
    comment on column suppressions.user_hash is 'HMAC-SHA-256 of the user ID in UTF-8 with the salt of the workspace';
    create unique index suppressions_active on suppressions (workspace_id, user_hash) where removed_at is null;
    create index suppressions_ticket on suppressions (ticket_id);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table suppressions, suppression_salts');
}
