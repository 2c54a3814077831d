/** What agents see of the budgets: how much is used, what was silenced, whose mail comes back. Nothing here changes anything. */
import type { Knex } from 'knex';
import { referenceOf, ticketId } from '../domain/ids.ts';
import type { ReplyKind, ReplyLimits, Silence } from './may-reply.ts';

export interface BreakerTrip {
  /** `unproven`: only strangers and mails that prove nothing are silenced; `all`: everybody who is not verified. */
  readonly share: 'unproven' | 'all';
  readonly openedAt: string;
  /** `null` = it is open. */
  readonly closedAt: string | null;
  /** Mails that were not written because of it. */
  readonly suppressed: number;
}

export interface RepliesReport {
  /** Mails of the last hour to people who were not verified. */
  readonly hour: {
    readonly used: number;
    readonly limit: number;
    readonly unprovenUsed: number;
    readonly unprovenLimit: number;
  };
  /** Open ones, and those of the last 24 hours. */
  readonly breakers: readonly BreakerTrip[];
  /** Of the last 24 hours, most first. */
  readonly silenced: readonly {
    readonly because: Silence;
    readonly causedBy: ReplyKind;
    readonly template: string;
    readonly mails: number;
    readonly lastAt: string;
  }[];
  readonly undeliverable: readonly UndeliverableAddress[];
  /** Mails that wait for their time, so that mails to one address are some minutes apart. */
  readonly waiting: number;
}

export interface UndeliverableAddress {
  /** `null` = erased. */
  readonly address: string | null;
  readonly since: string;
  readonly reason: 'bounced' | 'refused';
  /** The mail that came back last. */
  readonly template: string;
  readonly tickets: readonly string[];
}

const LIST_MAX = 1_000;

export async function reportReplies(db: Knex, limits: ReplyLimits): Promise<RepliesReport> {
  const hour = await db.raw<{ rows: [{ used: number; unproven: number; waiting: number }] }>(HOUR);
  const [{ used, unproven, waiting }] = hour.rows;
  const silenced = await db.raw<{ rows: SilencedRow[] }>(SILENCED);
  return {
    hour: { used, limit: limits.hour, unprovenUsed: unproven, unprovenLimit: limits.hourUnproven },
    breakers: await breakerTrips(db),
    silenced: silenced.rows.map(({ lastAt, ...row }) => ({ ...row, lastAt: lastAt.toISOString() })),
    undeliverable: await undeliverableAddresses(db),
    waiting,
  };
}

/** Open trips first, then those that opened within the last 24 hours. */
export async function breakerTrips(db: Knex): Promise<readonly BreakerTrip[]> {
  const result = await db.raw<{ rows: TripRow[] }>(TRIPS, [LIST_MAX]);
  return result.rows.map((row) => ({
    share: row.share,
    openedAt: row.opened_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    suppressed: row.suppressed,
  }));
}

async function undeliverableAddresses(db: Knex): Promise<readonly UndeliverableAddress[]> {
  const result = await db.raw<{ rows: AddressRow[] }>(UNDELIVERABLE, [LIST_MAX]);
  return result.rows.map((row) => ({
    address: row.recipient,
    since: row.since.toISOString(),
    reason: row.reason,
    template: row.template,
    tickets: row.ticket_ids.map((id) => referenceOf(ticketId(id))),
  }));
}

interface SilencedRow {
  readonly because: Silence;
  readonly causedBy: ReplyKind;
  readonly template: string;
  readonly mails: number;
  readonly lastAt: Date;
}

interface TripRow {
  readonly share: 'unproven' | 'all';
  readonly opened_at: Date;
  readonly closed_at: Date | null;
  readonly suppressed: number;
}

interface AddressRow {
  readonly recipient: string | null;
  readonly since: Date;
  readonly reason: 'bounced' | 'refused';
  readonly template: string;
  readonly ticket_ids: readonly number[];
}

const HOUR = `
  select count(*) as used, count(*) filter (where caused_by in ('stranger', 'unproven')) as unproven,
    (select count(*) from outbox where status = 'pending' and not_before > desk_now()) as waiting
  from reply_permits where silenced is null and asked_at > desk_now() - interval '1 hour'`;

const SILENCED = `
  select silenced as because, caused_by as "causedBy", template, count(*) as mails, max(asked_at) as "lastAt"
  from reply_permits where silenced is not null and asked_at > desk_now() - interval '24 hours'
  group by 1, 2, 3 order by mails desc, 1, 2, 3`;

const TRIPS = `
  select share, opened_at, closed_at, suppressed from breaker_trips
  where closed_at is null or opened_at > desk_now() - interval '24 hours'
  order by closed_at is not null, opened_at desc limit ?`;

const UNDELIVERABLE = `
  select o.recipient, u.since, u.reason, o.template, o.ticket_ids
  from undeliverable_addresses u join outbox o on o.id = u.outbox_id
  order by u.since desc limit ?`;
