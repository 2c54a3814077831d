import type { Knex } from 'knex';

/**
 * The first ticket of a conversation is the one index entry, whatever the planner knows of the tables: it would rather walk
 * through all tickets in their order than look for one conversation. And whoever looks up the tickets of a workspace reads
 * no list of what was written since the last vacuum, which grows with every decision.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index tickets_conversation_order on tickets (conversation_id, id);
    alter index tickets_workspaces set (fastupdate = off);
    alter index reply_permits_challenges set (fastupdate = off);
    select gin_clean_pending_list('tickets_workspaces'), gin_clean_pending_list('reply_permits_challenges')`);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter index reply_permits_challenges reset (fastupdate);
    alter index tickets_workspaces reset (fastupdate);
    drop index tickets_conversation_order`);
}
