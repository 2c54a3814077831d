import type { Knex } from 'knex';

/** Where agents stand in for the requester, who corrected the request is none of those who approve it. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table tickets add constraint tickets_vouched_keep_correctors_out check
      (vouched_by is null or state not in ('grace', 'purging') or not approved_by && corrected_by)`);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('alter table tickets drop constraint tickets_vouched_keep_correctors_out');
}
