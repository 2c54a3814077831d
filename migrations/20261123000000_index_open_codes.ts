import type { Knex } from 'knex';

/** Lists of mails ask whether any code is open, to hide what may be one: a handful of rows among all that ever were. */
export async function up(db: Knex): Promise<void> {
  await db.raw(
    'create index challenges_unanswered on challenges (expires_at) where answered_at is null and voided_at is null',
  );
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop index challenges_unanswered');
}
