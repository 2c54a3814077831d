import type { Knex } from 'knex';

/** A mail whose sender cannot be found out for now, because DNS does not answer, is read again later. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table messages add column put_off_at timestamptz, add column retry_at timestamptz,
      add constraint messages_put_off_are_retried check ((put_off_at is null) = (retry_at is null));
    comment on column messages.put_off_at is 'desk time at which it was put off for the first time';
    comment on column messages.retry_at is 'desk time at which it is read again; not_before is real time, and for faults of ours';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`alter table messages drop column put_off_at, drop column retry_at`);
}
