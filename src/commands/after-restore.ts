/** What a restored database must not do a second time. */
import type { Knex } from 'knex';
import { doubtUnsent } from '../reply/doubt-unsent.ts';

/**
 * Numbers that were given away since the backup and are in mails and mailboxes now: a new ticket must not have the
 * reference of another one, nor a new mail the Message-ID of one that was sent, which its reader's server would drop.
 */
const NUMBERS_SKIPPED = { tickets: 10_000, outbox: 100_000 } as const;

/** In the transaction that notices or says that the database was restored. @returns how many mails are in doubt */
export async function afterRestore(trx: Knex.Transaction): Promise<number> {
  for (const [table, numbers] of Object.entries(NUMBERS_SKIPPED)) {
    await trx.raw(SKIP_NUMBERS, { table, numbers });
  }
  return doubtUnsent(trx);
}

/** One by one: a role that may set a sequence could also set it back. */
const SKIP_NUMBERS = `
  select count(nextval(pg_get_serial_sequence(:table, 'id'))) from generate_series(1, cast(:numbers as integer))`;
