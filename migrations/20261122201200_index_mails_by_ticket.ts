import type { Knex } from 'knex';

/** The page of a ticket lists the mails that were written about it, also those to others than the requester. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index outbox_tickets on outbox using gin (ticket_ids);
    create index challenges_conversation on challenges (conversation_id, created_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop index outbox_tickets, challenges_conversation');
}
