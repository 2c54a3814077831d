import type { Knex } from 'knex';

/** A mail leaves through the mailbox to which came what it answers. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table mailboxes add column name text;
    comment on column mailboxes.name is 'what the configuration called it when it was last read; null = never read since there are names';

    alter table outbox add column mailbox text;
    comment on column outbox.mailbox is 'name of the mailbox that it leaves through; null = the first one of the configuration';
    create index outbox_due_elsewhere on outbox (mailbox, next_attempt_at, id)
      where status = 'pending' and mailbox <> 'main'`);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index outbox_due_elsewhere;
    alter table outbox drop column mailbox;
    alter table mailboxes drop column name`);
}
