import type { Knex } from 'knex';
import type { MailFacts } from '../domain/mail-facts.ts';

/** Mails to one address within 24 hours while nobody there is verified. */
const PER_ADDRESS_A_DAY = 5;
/** A stranger hears from us once a day at most. */
const PER_STRANGER_A_DAY = 1;
/** All mails to people not yet verified within one hour; beyond it the desk is silent and keeps reading. */
const OVERALL_AN_HOUR = 300;
/** Strangers are silent before that, so that a flood of them leaves room for the challenges of those in charge. */
const STRANGERS_STOP_AT = 200;

/**
 * Whether one more mail may go to a person who is not verified. Notices after the verification are exempt: the number
 * of those is bounded by the tickets. Counted in desk time over rows of the outbox, so that any number of processes
 * shares one budget.
 */
export async function withinBudget(
  trx: Knex.Transaction,
  recipientHash: string,
  as: MailFacts['recipient'],
  now: Date,
): Promise<boolean> {
  const result = await trx.raw<{ rows: [{ address: number; overall: number }] }>(COUNT_RECENT, {
    hash: recipientHash,
    now,
  });
  const { address, overall } = result.rows[0];
  return as === 'stranger'
    ? address < PER_STRANGER_A_DAY && overall < STRANGERS_STOP_AT
    : address < PER_ADDRESS_A_DAY && overall < OVERALL_AN_HOUR;
}

const COUNT_RECENT = `
  select
    (select count(*) from outbox
     where recipient_hash = :hash and before_verification
       and created_at > cast(:now as timestamptz) - interval '24 hours') as address,
    (select count(*) from outbox
     where before_verification and created_at > cast(:now as timestamptz) - interval '1 hour') as overall`;
