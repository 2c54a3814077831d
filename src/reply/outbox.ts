/**
 * Sends what decisions have written. A mail is claimed in one transaction and marked in another, so that a crash in
 * between leaves it `sending`: its outcome is unknown, and it may be with its reader already.
 *
 * ```
 * pending ─claim─► sending ─250─► sent
 *    ▲  4xx, no connection │ ├─5xx─► failed (agents)
 *    └─────────────────────┘ └─lost after DATA, or the process died─► unknown ─► sent again once, or agents
 * ```
 * Whatever is sent again has the same Message-ID and the same bytes.
 */
import type { Knex } from 'knex';
import { PurgedeskError } from '../domain/errors.ts';
import { type MailFacts, REPEATABLE_TEMPLATES } from '../domain/mail-facts.ts';
import type { SendResult } from './smtp.ts';

/** One row, claimed. */
export interface ClaimedMail {
  readonly id: number;
  readonly facts: MailFacts;
  readonly recipient: string;
  readonly recipient_hash: string;
  readonly in_reply_to: string | null;
  readonly reference_ids: readonly string[];
  readonly cause_message_id: number | null;
  readonly ticket_ids: readonly number[];
  readonly attempts: number;
  readonly message_id_header: string;
}

export interface OutboxDeps {
  readonly db: Knex;
  /** The Message-ID of an outbox row; the same for the same row, always. */
  messageIdOf(row: { readonly id: number; readonly facts: MailFacts }): string;
  /** Renders and hands over. Never throws for an answer of the server. */
  deliver(mail: ClaimedMail): Promise<SendResult>;
  /** How many mails are handed over at the same time. */
  readonly concurrency: number;
  crashPoint(label: string): void;
  /** A mail could not be delivered for good: tickets and agents hear of it. */
  undeliverable(trx: Knex.Transaction, mail: ClaimedMail, why: string): Promise<void>;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
}

/** Longer than all SMTP time-outs of one mail together. */
const LEASE_SECONDS = 180;
/** Retries of a refused-for-now mail spread over five days, then agents are told. */
const ATTEMPTS_MAX = 40;
const RETRY_SECONDS_MAX = 4 * 3_600;
/** A mail of unknown outcome waits this long before its one repetition. */
const UNKNOWN_MINUTES = 15;

/**
 * Sends everything that is due, until nothing is.
 * @returns how many mails were sent
 */
export async function flushOutbox(deps: OutboxDeps, signal: AbortSignal): Promise<number> {
  await resolveLost(deps);
  const lanes = Array.from({ length: deps.concurrency }, () => sendWhileDue(deps, signal));
  // None is left behind: a lane that goes on while the job counts as failed would outlive a stop.
  const ends = await Promise.allSettled(lanes);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return ends.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0);
}

/**
 * Marks the mails whose bounce came back, of those that may have been handed over: a mail that nobody was given cannot
 * come back. @returns the rows that were ours
 */
export async function markBounced(
  trx: Knex.Transaction,
  messageIds: readonly string[],
): Promise<readonly ClaimedMail[]> {
  if (messageIds.length === 0) return [];
  return trx('outbox')
    .whereIn('message_id_header', messageIds)
    .whereIn('status', ['sending', 'sent', 'unknown'])
    .update({ status: 'bounced', last_error: 'bounced' })
    .returning<ClaimedMail[]>([...CLAIMED_COLUMNS]);
}

const CLAIMED_COLUMNS = [
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
] as const;

/** One mail, just before it is handed over: whatever is claimed when a process dies may have gone out. */
async function claim(deps: OutboxDeps): Promise<ClaimedMail | undefined> {
  return deps.db.transaction(async (trx) => {
    const due = await trx.raw<{ rows: { id: number; facts: MailFacts; message_id_header: string | null }[] }>(
      DUE_MAIL,
    );
    const row = due.rows[0];
    if (row === undefined) return undefined;
    const [mail] = await trx('outbox')
      .where({ id: row.id })
      .update({
        status: 'sending',
        attempts: trx.raw('attempts + 1'),
        lease_until: trx.raw(`clock_timestamp() + interval '${LEASE_SECONDS} seconds'`),
        message_id_header: row.message_id_header ?? deps.messageIdOf(row),
      })
      .returning<ClaimedMail[]>([...CLAIMED_COLUMNS]);
    return mail;
  });
}

const DUE_MAIL = `
  select id, facts, message_id_header from outbox
  where status = 'pending' and next_attempt_at <= clock_timestamp() and recipient is not null
    and (not_before is null or not_before <= desk_now())
  order by next_attempt_at, id limit 1 for update skip locked`;

/** A claim whose process died, or whose connection was lost too late to know: repeat once, much later, or tell agents. */
async function resolveLost(deps: OutboxDeps): Promise<void> {
  await deps.db.raw(`
    update outbox set status = 'unknown', lease_until = null, last_error = 'the sender died before the answer came',
      next_attempt_at = clock_timestamp() + interval '${UNKNOWN_MINUTES} minutes'
    where status = 'sending' and lease_until < clock_timestamp()`);
  await deps.db.raw(
    `update outbox set status = 'pending'
     where status = 'unknown' and next_attempt_at <= clock_timestamp() and template = any(?) and attempts < 2`,
    [[...REPEATABLE_TEMPLATES]],
  );
}

async function sendWhileDue(deps: OutboxDeps, signal: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    const mail = await claim(deps);
    if (mail === undefined) break;
    if (await sendOne(deps, mail)) sent += 1;
  }
  return sent;
}

async function sendOne(deps: OutboxDeps, mail: ClaimedMail): Promise<boolean> {
  deps.crashPoint('reply.before_send');
  const result = await deliverSafely(deps, mail);
  deps.crashPoint('reply.sent');
  await settle(deps, mail, result);
  deps.crashPoint('reply.recorded');
  deps.log(result.kind === 'sent' ? 'info' : 'warn', `mail ${result.kind}`, {
    outbox: mail.id,
    template: mail.facts.template,
    ticket: mail.facts.tag ?? '',
  });
  return result.kind === 'sent';
}

/** A mail that cannot even be rendered is a fault of ours: agents see it, and the next mail goes out. */
async function deliverSafely(deps: OutboxDeps, mail: ClaimedMail): Promise<SendResult> {
  try {
    return await deps.deliver(mail);
  } catch (error) {
    const code = error instanceof PurgedeskError ? error.code : 'PD_TEMPLATE_INVALID';
    deps.log('error', 'a mail could not be made', { outbox: mail.id, code });
    return { kind: 'refused', code: null };
  }
}

async function settle(deps: OutboxDeps, mail: ClaimedMail, result: SendResult): Promise<void> {
  const row = (trx: Knex) => trx('outbox').where({ id: mail.id, status: 'sending' });
  switch (result.kind) {
    case 'sent':
      await row(deps.db).update({
        status: 'sent',
        sent_at: deps.db.raw('desk_now()'),
        lease_until: null,
        last_error: null,
      });
      return;
    case 'later':
      if (mail.attempts >= ATTEMPTS_MAX) return giveUp(deps, mail, 'refused for five days');
      await row(deps.db).update({
        status: 'pending',
        lease_until: null,
        last_error: result.code === null ? result.reason : `${result.reason} ${result.code}`,
        next_attempt_at: deps.db.raw(`clock_timestamp() + make_interval(secs => ?)`, [
          retrySeconds(mail.attempts),
        ]),
      });
      return;
    case 'refused':
      return giveUp(deps, mail, result.code === null ? 'refused' : String(result.code));
    case 'unknown':
      await row(deps.db).update({
        status: 'unknown',
        lease_until: null,
        last_error: 'the connection was lost before the answer came',
        next_attempt_at: deps.db.raw(`clock_timestamp() + interval '${UNKNOWN_MINUTES} minutes'`),
      });
  }
}

/** 10 s, 20 s, 40 s … up to four hours: 40 attempts span more than five days. */
const retrySeconds = (attempts: number): number =>
  Math.min(RETRY_SECONDS_MAX, 10 * 2 ** Math.min(attempts - 1, 20));

async function giveUp(deps: OutboxDeps, mail: ClaimedMail, why: string): Promise<void> {
  await deps.db.transaction(async (trx) => {
    await trx('outbox')
      .where({ id: mail.id, status: 'sending' })
      .update({ status: 'failed', lease_until: null, last_error: why });
    await deps.undeliverable(trx, mail, why);
  });
}
