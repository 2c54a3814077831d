import type { Knex } from 'knex';

/** The lists of mails in and out are read newest first by what became of them, a page at a time, however many there are. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index messages_disposition on messages (disposition, id);
    create index messages_for_agents_disposition on messages (disposition, id) where needs_agent;
    create index outbox_status on outbox (status, id);
    create index outbox_template on outbox (template, id);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(
    'drop index messages_disposition, messages_for_agents_disposition, outbox_status, outbox_template',
  );
}
