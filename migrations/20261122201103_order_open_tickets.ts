import type { Knex } from 'knex';

/** Open tickets are read by deadline page by page, and found again by whom a mail could not be brought to. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    drop index tickets_due;
    create index tickets_due on tickets (due_at, id)
      where state not in ('completed', 'cancelled', 'rejected', 'expired');
    create index tickets_open_requester on tickets (requester_hash, due_at, id)
      where state not in ('completed', 'cancelled', 'rejected', 'expired');
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index tickets_open_requester, tickets_due;
    create index tickets_due on tickets (due_at) where state not in ('completed', 'cancelled', 'rejected', 'expired')`);
}
