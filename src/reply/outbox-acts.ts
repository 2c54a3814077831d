/** What agents do with a mail that has not reached anybody. */
import type { Knex } from 'knex';
import type { MailFacts } from '../domain/mail-facts.ts';
import type { ClaimedMail } from './outbox.ts';

export interface OutboxActs {
  readonly db: Knex;
  /** A mail will not be delivered: tickets and agents hear of it. */
  undeliverable(trx: Knex.Transaction, mail: ClaimedMail, why: string): Promise<void>;
  /** Whether what the mail says is still so. */
  isTrue(trx: Knex.Transaction, facts: MailFacts): Promise<boolean>;
  /** Has a job look at what is due. */
  flush(trx: Knex.Transaction): Promise<void>;
}

export type Retried = 'queued' | 'undeliverable' | 'outdated' | 'not_now';

/** What may be tried again. Whatever was handed over and not refused may have arrived: that is for a person to weigh. */
const RETRYABLE = ['pending', 'unknown', 'failed', 'bounced'] as const;
/** What may still go out by itself. */
const STOPPABLE = ['pending', 'unknown'] as const;

/**
 * Has a mail sent at once that waits for its next try, or again that was given up. It is the same mail, under the same
 * Message-ID. An address whose mail came back has to be cleared first, and what is not so any more is not told.
 */
export function retryMail({ db, isTrue, flush }: OutboxActs, id: number, agent: string): Promise<Retried> {
  return db.transaction(async (trx) => {
    const row = await trx('outbox')
      .select<{ status: string; recipient: string | null; recipient_hash: string; facts: MailFacts }[]>(
        'status',
        'facts',
        'recipient',
        'recipient_hash',
      )
      .where({ id })
      .forUpdate()
      .first();
    if (row === undefined || row.recipient === null || !RETRYABLE.some((status) => status === row.status))
      return 'not_now';
    const marked = await trx('undeliverable_addresses')
      .select('since')
      .where({ recipient_hash: row.recipient_hash })
      .first();
    if (marked !== undefined) return 'undeliverable';
    if (!(await isTrue(trx, row.facts))) return 'outdated';
    await trx('outbox')
      .where({ id })
      .update({
        status: 'pending',
        // The tries start anew: somebody has put right what stood in the way.
        attempts: 0,
        lease_until: null,
        next_attempt_at: trx.raw('clock_timestamp()'),
        agent_by: agent,
        agent_at: trx.raw('desk_now()'),
      });
    await flush(trx);
    return 'queued';
  });
}

/** @returns false when there is nothing to give up, or no longer: it may be with its reader */
export function giveUpMail({ db, undeliverable }: OutboxActs, id: number, agent: string): Promise<boolean> {
  return db.transaction(async (trx) => {
    const [mail] = await trx('outbox')
      .where({ id })
      .whereIn('status', [...STOPPABLE])
      .update({
        status: 'failed',
        lease_until: null,
        last_error: GIVEN_UP,
        agent_by: agent,
        agent_at: trx.raw('desk_now()'),
      })
      .returning<ClaimedMail[]>([
        'id',
        'facts',
        'recipient',
        'recipient_hash',
        'in_reply_to',
        'reference_ids',
        'cause_message_id',
        'ticket_ids',
        'attempts',
        'message_id_header',
        'mailbox',
      ]);
    if (mail === undefined) return false;
    await undeliverable(trx, mail, GIVEN_UP);
    return true;
  });
}

const GIVEN_UP = 'given up by an agent';
