import type { Knex } from 'knex';

/** Whoever looks up the tickets of a workspace reads no list of what was written since the last vacuum. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter index tickets_workspaces set (fastupdate = off);
    alter index reply_permits_challenges set (fastupdate = off);
    select gin_clean_pending_list('tickets_workspaces'), gin_clean_pending_list('reply_permits_challenges')`);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter index reply_permits_challenges reset (fastupdate);
    alter index tickets_workspaces reset (fastupdate)`);
}
