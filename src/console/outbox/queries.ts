/** What the pages about outgoing mail read: a page at a time, by its index. */
import type { Knex } from 'knex';
import type { MailFacts, TemplateName } from '../../domain/mail-facts.ts';

export const MAIL_STATUSES = ['pending', 'sending', 'sent', 'unknown', 'failed', 'bounced'] as const;
export type MailStatus = (typeof MAIL_STATUSES)[number];

export interface OutboxFilter {
  readonly status: MailStatus | null;
  readonly template: TemplateName | null;
  /** Older, or newer, than the mail with this number; at most one of the two is set. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface OutboxLine {
  readonly id: number;
  readonly template: string;
  readonly locale: string;
  readonly recipient: string | null;
  readonly ticket_ids: readonly number[];
  readonly status: MailStatus;
  readonly attempts: number;
  readonly created_at: Date;
  readonly sent_at: Date | null;
  readonly next_attempt_at: Date;
  readonly not_before: Date | null;
  readonly last_error: string | null;
  readonly written_by: string | null;
}

const MAILS_A_PAGE = 50;

export interface OutboxPage {
  readonly rows: readonly OutboxLine[];
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}

const LINE = `o.id, o.template, o.locale, o.recipient, o.ticket_ids, o.status, o.attempts, o.created_at, o.sent_at,
  o.next_attempt_at, o.not_before, o.last_error, o.written_by`;

/** Newest first. */
export async function outboxPage(db: Knex, filter: OutboxFilter): Promise<OutboxPage> {
  const { status, template, before, after } = filter;
  const wanted = [
    ...(status === null ? [] : ['o.status = :status']),
    ...(template === null ? [] : ['o.template = :template']),
    ...(before === null ? [] : ['o.id < :before']),
    ...(after === null ? [] : ['o.id > :after']),
  ];
  const where = wanted.length === 0 ? '' : `where ${wanted.join(' and ')}`;
  const found = await db.raw<{ rows: OutboxLine[] }>(
    `select ${LINE} from outbox o ${where} order by o.id ${after === null ? 'desc' : 'asc'} limit ${MAILS_A_PAGE + 1}`,
    { status, template, before, after },
  );
  const more = found.rows.length > MAILS_A_PAGE;
  const rows = found.rows.slice(0, MAILS_A_PAGE);
  return after === null
    ? { rows, hasNewer: before !== null, hasOlder: more }
    : { rows: rows.reverse(), hasNewer: more, hasOlder: true };
}

/** Above it nothing is counted. */
export const COUNTED_MAX = 999;

/** How many are in each state but `sent`, of which there are too many to tell anything. */
export async function statusCounts(db: Knex): Promise<ReadonlyMap<MailStatus, number>> {
  const found = await db.raw<{ rows: { status: MailStatus; mails: number }[] }>(COUNTS, [
    MAIL_STATUSES.filter((status) => status !== 'sent'),
    COUNTED_MAX + 1,
  ]);
  return new Map(found.rows.map(({ status, mails }) => [status, mails]));
}

const COUNTS = `
  select kind.status, counted.mails from unnest(cast(? as text[])) as kind (status),
    lateral (select count(*) as mails from (
      select from outbox o where o.status = kind.status limit ?) bounded) counted
  where counted.mails > 0`;

export interface OutboxMail extends OutboxLine {
  readonly facts: MailFacts | { readonly template: string };
  readonly recipient_hash: string;
  readonly cause_message_id: number | null;
  readonly message_id_header: string | null;
  readonly in_reply_to: string | null;
  readonly reference_ids: readonly string[];
  readonly erased_at: Date | null;
  readonly agent_by: string | null;
  readonly mailbox: string | null;
  readonly agent_at: Date | null;
  /** Since when mails to the address come back. */
  readonly undeliverable_since: Date | null;
}

export async function outboxMail(db: Knex, id: number): Promise<OutboxMail | null> {
  const found = await db.raw<{ rows: OutboxMail[] }>(MAIL, [id]);
  return found.rows[0] ?? null;
}

const MAIL = `
  select ${LINE}, o.facts, o.recipient_hash, o.cause_message_id, o.message_id_header, o.in_reply_to, o.reference_ids,
    o.erased_at, o.agent_by, o.mailbox, o.agent_at, u.since as undeliverable_since
  from outbox o left join undeliverable_addresses u on u.recipient_hash = o.recipient_hash where o.id = ?`;

export interface UndeliverableAddress {
  readonly hash: string;
  /** `null` = erased. */
  readonly address: string | null;
  readonly since: Date;
  readonly reason: 'bounced' | 'refused';
  /** The mail that came back last. */
  readonly mail: number;
  readonly ticket_ids: readonly number[];
}

const UNDELIVERABLE_SHOWN = 200;

export async function undeliverableAddresses(db: Knex): Promise<readonly UndeliverableAddress[]> {
  const found = await db.raw<{ rows: UndeliverableAddress[] }>(UNDELIVERABLE, [UNDELIVERABLE_SHOWN]);
  return found.rows;
}

const UNDELIVERABLE = `
  select u.recipient_hash as hash, o.recipient as address, u.since, u.reason, o.id as mail, o.ticket_ids
  from undeliverable_addresses u join outbox o on o.id = u.outbox_id order by u.since desc limit ?`;
