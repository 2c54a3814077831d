import type { Knex } from 'knex';

/** A challenge asks for one of two things: to confirm a deletion, or to settle a cancel that proved nothing. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table challenges add column purpose text not null default 'verify'
      constraint challenges_purpose_known check (purpose in ('verify', 'cancel'));
    comment on column challenges.purpose is 'an answer counts for nothing but this';
    drop index challenges_open;
    create unique index challenges_open on challenges (conversation_id)
      where purpose = 'verify' and answered_at is null and voided_at is null;
    create unique index challenges_open_cancel on challenges (requester_hash, digest)
      where purpose = 'cancel' and answered_at is null and voided_at is null;
    comment on column challenges.digest is 'for a cancel it covers the numbers of its tickets too, so that one set of tickets has one open challenge a person';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    delete from challenges where purpose = 'cancel';
    drop index challenges_open, challenges_open_cancel;
    create unique index challenges_open on challenges (conversation_id) where answered_at is null and voided_at is null;
    alter table challenges drop column purpose`);
}
