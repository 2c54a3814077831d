/** What the desk itself is doing: mailboxes, queues, chains. Reads only, and counts nothing that an index does not bound. */

import type { Knex } from 'knex';
import { FAILED_FOR_GOOD } from '../../db/failed-jobs.ts';

/** Instants in ISO 8601. */
export interface DeskWork {
  readonly mailboxes: readonly {
    readonly account: string;
    readonly folder: string;
    readonly lastPolledAt: string | null;
    /** Since the last time that it was read through; by the real clock. */
    readonly silentSeconds: number | null;
    /** Mails that were stored and are not yet moved on the server. */
    readonly unmoved: number;
    readonly lastError: string | null;
  }[];
  readonly pendingMails: number;
  readonly oldestPendingAt: string | null;
  readonly mailsForAgents: number;
  readonly jobsWaiting: number;
  readonly jobsFailing: number;
  readonly jobsFailed: number;
  readonly outbox: Readonly<Record<'pending' | 'sending' | 'unknown' | 'failed' | 'bounced', number>>;
  readonly lastAnchor: { readonly day: string; readonly hash: string } | null;
  readonly ledger: { readonly entries: number; readonly hash: string };
  readonly suppressed: number;
  readonly stopped: number;
  readonly orders: readonly OrderLine[];
  /** Steps that ended with a failure and wait, by store and code. */
  readonly failures: readonly {
    readonly store: string;
    readonly code: string;
    readonly tickets: number;
  }[];
}

export interface OrderLine {
  readonly at: string;
  readonly what: 'halt' | 'resume' | 'brake' | 'release';
  readonly store: string | null;
  readonly agent: string;
  readonly reason: string;
}

/** Above this a count says "more than". */
export const COUNT_MAX = 10_000;
const ORDERS_SHOWN = 20;

export async function readDeskWork(db: Knex): Promise<DeskWork> {
  const [mailboxes, counts, orders, failures] = await Promise.all([
    db.raw<{ rows: MailboxRow[] }>(MAILBOXES, { most: COUNT_MAX }),
    db.raw<{ rows: [CountsRow] }>(COUNTS, { most: COUNT_MAX + 1 }),
    readOrders(db, ORDERS_SHOWN),
    db.raw<{ rows: DeskWork['failures'] & { store: string }[] }>(FAILURES),
  ]);
  const [row] = counts.rows;
  return {
    mailboxes: mailboxes.rows.map((box) => ({
      account: box.account,
      folder: box.folder,
      lastPolledAt: box.last_polled_at?.toISOString() ?? null,
      silentSeconds: box.silent_seconds,
      unmoved: box.unmoved,
      lastError: box.last_error,
    })),
    pendingMails: row.pending_mails,
    oldestPendingAt: row.oldest_pending_at?.toISOString() ?? null,
    mailsForAgents: row.mails_for_agents,
    jobsWaiting: row.jobs_waiting,
    jobsFailing: row.jobs_failing,
    jobsFailed: row.jobs_failed,
    outbox: {
      pending: row.outbox_pending,
      sending: row.outbox_sending,
      unknown: row.outbox_unknown,
      failed: row.outbox_failed,
      bounced: row.outbox_bounced,
    },
    lastAnchor: row.anchor_day === null ? null : { day: row.anchor_day, hash: row.anchor_hash ?? '' },
    ledger: { entries: row.ledger_entries, hash: row.ledger_hash },
    suppressed: row.suppressed,
    stopped: row.stopped,
    orders,
    failures: failures.rows,
  };
}

/** Who halted, resumed, braked and released; newest first. @param store - of one store */
export async function readOrders(
  db: Knex,
  limit: number,
  store: string | null = null,
): Promise<readonly OrderLine[]> {
  const found = await db.raw<{ rows: (Omit<OrderLine, 'at'> & { at: Date })[] }>(ORDERS, { limit, store });
  return found.rows.map((order) => ({ ...order, at: order.at.toISOString() }));
}

interface MailboxRow {
  readonly account: string;
  readonly folder: string;
  readonly last_polled_at: Date | null;
  readonly silent_seconds: number | null;
  readonly unmoved: number;
  readonly last_error: string | null;
}

interface CountsRow {
  readonly pending_mails: number;
  readonly oldest_pending_at: Date | null;
  readonly mails_for_agents: number;
  readonly jobs_waiting: number;
  readonly jobs_failing: number;
  readonly jobs_failed: number;
  readonly outbox_pending: number;
  readonly outbox_sending: number;
  readonly outbox_unknown: number;
  readonly outbox_failed: number;
  readonly outbox_bounced: number;
  readonly anchor_day: string | null;
  readonly anchor_hash: string | null;
  readonly ledger_entries: number;
  readonly ledger_hash: string;
  readonly suppressed: number;
  readonly stopped: number;
}

const MAILBOXES = `
  select account, folder, last_polled_at, last_error,
    cast(extract(epoch from clock_timestamp() - last_polled_at) as double precision) as silent_seconds,
    cast((select count(*) from (select from messages m where m.mailbox_id = mailboxes.id and m.moved_at is null limit :most) counted)
      as integer) as unmoved
  from mailboxes order by account, folder limit 50`;

/** Counts no further than it is told in words. */
const upTo = (from: string): string =>
  `cast((select count(*) from (select ${from} limit :most) counted) as integer)`;

const outboxOf = (status: string): string => upTo(`from outbox where status = '${status}'`);

const COUNTS = `
  select ${upTo("from messages where status = 'pending'")} as pending_mails,
    (select arrived_at from messages where status = 'pending' order by id limit 1) as oldest_pending_at,
    ${upTo('from messages where needs_agent')} as mails_for_agents,
    ${upTo('from graphile_worker.jobs where attempts < max_attempts and locked_at is null and run_at <= now()')} as jobs_waiting,
    ${upTo('from graphile_worker.jobs where attempts > 0 and attempts < max_attempts')} as jobs_failing,
    ${upTo(`from graphile_worker.jobs where ${FAILED_FOR_GOOD}`)} as jobs_failed,
    ${outboxOf('pending')} as outbox_pending, ${outboxOf('sending')} as outbox_sending,
    ${outboxOf('unknown')} as outbox_unknown, ${outboxOf('failed')} as outbox_failed,
    ${outboxOf('bounced')} as outbox_bounced,
    (select to_char(day, 'YYYY-MM-DD') from audit_anchors order by day desc limit 1) as anchor_day,
    (select hash from audit_anchors order by day desc limit 1) as anchor_hash,
    (select seq from ledger_head) as ledger_entries, (select hash from ledger_head) as ledger_hash,
    ${upTo('from suppressions where removed_at is null')} as suppressed,
    ${upTo('from workspace_stops where lifted_at is null')} as stopped`;

const ORDERS = `
  select at, what, store, agent, reason from purge_orders
  where cast(:store as text) is null or store = :store order by id desc limit :limit`;

const FAILURES = `
  select store, last_error as code, cast(count(*) as integer) as tickets
  from (select store, last_error from purge_steps
    where status <> 'done' and last_error is not null limit ${COUNT_MAX}) failed
  group by 1, 2 order by 3 desc, 1, 2 limit 20`;
