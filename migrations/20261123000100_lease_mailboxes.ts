import type { Knex } from 'knex';

/** Of any number of processes one reads a mailbox, and one that was asleep meanwhile can write nothing. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table mailboxes
      add column lease_holder text,
      add column lease_token bigint not null default 0,
      add column lease_until timestamptz;
    comment on column mailboxes.lease_holder is 'host and number of the process that reads it; null = nobody since a clean stop';
    comment on column mailboxes.lease_token is 'fencing token: grows with each holder, and only the newest may write';
    comment on column mailboxes.lease_until is 'by the real clock; from then on another process may take it over'`);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(
    'alter table mailboxes drop column lease_until, drop column lease_token, drop column lease_holder',
  );
}
