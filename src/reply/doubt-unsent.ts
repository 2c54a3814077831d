import type { Knex } from 'knex';

/**
 * After a restore: what waited when the backup was made has most likely gone out since. So its outcome is unknown, as if
 * the connection had been lost: a challenge or the final notice is repeated once, under the same Message-ID, and what is
 * left agents decide. @returns how many mails
 */
export async function doubtUnsent(trx: Knex.Transaction): Promise<number> {
  const doubted = await trx.raw<{ rowCount: number }>(DOUBT_UNSENT);
  return doubted.rowCount;
}

const DOUBT_UNSENT = `
  update outbox set status = 'unknown', lease_until = null, attempts = greatest(attempts, 1),
    last_error = 'the database was restored; it may have been sent',
    next_attempt_at = clock_timestamp() + interval '15 minutes'
  where status in ('pending', 'sending')`;
