/**
 * Sends what decisions have written. A mail is claimed before it is handed over and marked afterwards, so that a crash in
 * between leaves it `sending`: its outcome is unknown, and it may be with its reader already.
 *
 * ```
 * pending ─claim─► sending ─250─► sent
 *    ▲  4xx, no connection │ ├─5xx─► failed (agents)
 *    └─────────────────────┘ └─lost after DATA, or the process died─► unknown ─► sent again once, or agents
 * ```
 * A mail that its server could not take, as it took none, waits for the server (lane.ts) and loses no try.
 * Whatever is sent again has the same Message-ID and the same bytes.
 */
import type { Knex } from 'knex';
import type { CrashPoint } from '../domain/crash-label.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { type MailFacts, REPEATABLE_TEMPLATES } from '../domain/mail-facts.ts';
import type { Lane } from './lane.ts';
import { outboxTurns, type Settled, type Turns } from './outbox-turns.ts';
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
  /** Through which it leaves; `null` = the first one. */
  readonly mailbox: string | null;
}

/** What the Message-ID of a row is made of. */
export interface NamedMail extends Pick<ClaimedMail, 'id' | 'mailbox'> {
  readonly facts: Pick<MailFacts, 'tag' | 'template'>;
}

export interface OutboxDeps {
  readonly db: Knex;
  /** The Message-ID of an outbox row; the same for the same row, always. */
  messageIdOf(row: NamedMail): string;
  /** Renders and hands over. Never throws for an answer of the server. */
  deliver(mail: ClaimedMail): Promise<SendResult>;
  /** One for each server; together they take every mail. */
  readonly lanes: readonly Lane[];
  readonly crashPoint: CrashPoint;
  /** A mail could not be delivered for good: tickets and agents hear of it. */
  undeliverable(trx: Knex.Transaction, mail: ClaimedMail, why: string): Promise<void>;
  log(level: 'info' | 'warn' | 'error', message: string, details: Record<string, string | number>): void;
}

/** Retries of a refused-for-now mail spread over five days, then agents are told. */
const ATTEMPTS_MAX = 40;
const RETRY_SECONDS_MAX = 4 * 3_600;
/** A mail of unknown outcome waits this long before its one repetition. */
const UNKNOWN_MINUTES = 15;

/**
 * Sends everything that is due, until nothing is or its server has to be left alone for a while. What another flush of
 * this process is busy with is left to that one.
 * @returns how many mails were sent
 */
export async function flushOutbox(deps: OutboxDeps, signal: AbortSignal): Promise<number> {
  await resolveLost(deps);
  return sendDue(deps, signal);
}

/** The same without a look at those whose outcome is unknown, which takes time that a mail that has just come need not wait. */
export const sendDue = (deps: OutboxDeps, signal: AbortSignal): Promise<number> =>
  sumOf(deps.lanes.map((lane) => lane.run(() => sendThrough(deps, lane, signal))));

/** As many mails at the same time as the lane allows, and when it allows more or fewer, so many. */
async function sendThrough(deps: OutboxDeps, lane: Lane, signal: AbortSignal): Promise<number> {
  let sent = 0;
  for (let width = lane.width(); width > 0 && !signal.aborted; ) {
    const now = width;
    const turns = outboxTurns(deps, lane);
    sent += await sumOf(Array.from({ length: now }, () => sendWhileDue(deps, turns, lane, now, signal)));
    width = lane.width() === now ? 0 : lane.width();
  }
  return sent;
}

/** None is left behind: what goes on while the job counts as failed would outlive a stop. */
async function sumOf(works: readonly Promise<number>[]): Promise<number> {
  const ends = await Promise.allSettled(works);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return ends.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0);
}

/** Mails of ours that a report is about, by whatever it tells them. */
export interface CameBack {
  readonly messageIds: readonly string[];
  readonly outboxIds: readonly number[];
}

/**
 * Marks the mails whose bounce came back, of those that may have been handed over: a mail that nobody was given cannot
 * come back. @returns the rows that were ours
 */
export async function markBounced(
  trx: Knex.Transaction,
  { messageIds, outboxIds }: CameBack,
): Promise<readonly ClaimedMail[]> {
  if (messageIds.length === 0 && outboxIds.length === 0) return [];
  return trx('outbox')
    .where((which) => which.whereIn('message_id_header', messageIds).orWhereIn('id', outboxIds))
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
  'mailbox',
] as const;

/**
 * A claim whose process died, or whose connection was lost too late to know: repeat once, much later, or tell agents. One
 * that ends in more than an hour was made while the clock was ahead.
 */
async function resolveLost(deps: OutboxDeps): Promise<void> {
  await deps.db.raw(`
    update outbox set status = 'unknown', lease_until = null, last_error = 'the sender died before the answer came',
      next_attempt_at = clock_timestamp() + interval '${UNKNOWN_MINUTES} minutes'
    where status = 'sending'
      and (lease_until < clock_timestamp() or lease_until > clock_timestamp() + interval '1 hour')`);
  await deps.db.raw(
    `update outbox set status = 'pending'
     where status = 'unknown' and next_attempt_at <= clock_timestamp() and template = any(?) and attempts < 2`,
    [[...REPEATABLE_TEMPLATES]],
  );
}

/** As long as the lane is as wide as it was when this began. */
async function sendWhileDue(
  deps: OutboxDeps,
  turns: Turns,
  lane: Lane,
  width: number,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0;
  let last: Done | null = null;
  while (!signal.aborted && lane.width() === width) {
    const mail: ClaimedMail | undefined = await turns.next(last?.settled ?? null);
    if (last !== null) noteRecorded(deps, last);
    last = null;
    if (mail === undefined) break;
    last = await sendOne(deps, lane, mail);
    if (last.result.kind === 'sent') sent += 1;
  }
  if (last !== null) {
    if (last.settled !== null) await turns.settle(last.settled);
    noteRecorded(deps, last);
  }
  return sent;
}

interface Done {
  readonly mail: ClaimedMail;
  readonly result: SendResult;
  /** What is still to be written down; `null` = nothing is. */
  readonly settled: Settled | null;
}

async function sendOne(deps: OutboxDeps, lane: Lane, mail: ClaimedMail): Promise<Done> {
  deps.crashPoint('reply.before_send');
  const result = await deliverSafely(deps, mail);
  deps.crashPoint('reply.sent');
  const isServers = lane.note(result) === 'server';
  const settled = settle(mail, result, isServers ? lane : null);
  if (settled === null) await giveUp(deps, mail, whyLost(result));
  return { mail, result, settled };
}

function noteRecorded(deps: OutboxDeps, { mail, result }: Done): void {
  deps.crashPoint('reply.recorded');
  deps.log(result.kind === 'sent' ? 'info' : 'warn', `mail ${result.kind}`, {
    outbox: mail.id,
    template: mail.facts.template,
    ticket: mail.facts.tag ?? '',
  });
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

/**
 * @param failing - the lane whose server is at fault, if it is: that costs the mail no try
 * @returns null when it is lost for good
 */
function settle(mail: ClaimedMail, result: SendResult, failing: Lane | null): Settled | null {
  const base = { id: mail.id, attempts: null, error: null, pause: null };
  switch (result.kind) {
    case 'sent':
      return { ...base, status: 'sent' };
    case 'later':
      if (failing === null && mail.attempts >= ATTEMPTS_MAX) return null;
      return {
        ...base,
        status: 'pending',
        attempts: failing === null ? mail.attempts : mail.attempts - 1,
        error: result.code === null ? result.reason : `${result.reason} ${result.code}`,
        pause: failing === null ? retrySeconds(mail.attempts) : failing.pauseMs() / 1_000,
      };
    case 'refused':
      return null;
    case 'unknown':
      return {
        ...base,
        status: 'unknown',
        error: 'the connection was lost before the answer came',
        pause: UNKNOWN_MINUTES * 60,
      };
  }
}

/** Of a mail that is not tried again. */
const whyLost = (result: SendResult): string =>
  result.kind !== 'refused'
    ? 'refused for five days'
    : result.code === null
      ? 'refused'
      : String(result.code);

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
