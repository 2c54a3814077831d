/**
 * Permits for mails to people who are not verified. Each is committed on a connection of its own before the decision
 * that asks for it: decisions at once count each other, none waits for another to commit, and no lock is held that
 * could meet those on tickets. A decision that fails has spent its permit and asks for the same one when it is taken
 * again. Notices after the verification need none: their number is bounded by the tickets.
 */
import type { Knex } from 'knex';
import { mayReply, type ReplyKind, type ReplyLimits, type Silence } from './may-reply.ts';

export interface PermitAsk {
  /** That of the outbox row. */
  readonly key: string;
  readonly recipientHash: string;
  readonly domainHash: string;
  readonly conversationId: number | null;
  /** Of the tickets that a challenge is about; empty for every other mail. */
  readonly workspaceIds: readonly string[];
  readonly causedBy: ReplyKind;
  readonly template: string;
  /** The recipient's own authenticated mail asks for it: whatever came back before, somebody is there. */
  readonly isThere: boolean;
  /** Desk time. */
  readonly now: Date;
}

export type Permit =
  | {
      readonly kind: 'granted';
      /** Desk time before which the mail must not go out; `null` = at once. */
      readonly notBefore: Date | null;
    }
  | { readonly kind: 'silenced'; readonly because: Silence };

type Log = (
  level: 'info' | 'warn',
  message: string,
  details: Readonly<Record<string, string | number>>,
) => void;

/** @param db - a pool of its own: whoever asks holds a connection of the desk's already */
export function askPermit(db: Knex, limits: ReplyLimits, log: Log, ask: PermitAsk): Promise<Permit> {
  return db.transaction(async (trx) => {
    await trx.raw(LOCK_BUDGETS);
    const result = await trx.raw<{ rows: [Counted] }>(COUNTS, {
      key: ask.key,
      hash: ask.recipientHash,
      domain: ask.domainHash,
      conversation: ask.conversationId,
      workspaces: [...ask.workspaceIds],
      now: ask.now,
    });
    const { given, undeliverable, last, ...counts } = result.rows[0];
    if (given !== null) return permitOf(given);
    const silenced = mayReply(
      { ...counts, undeliverable: undeliverable && !ask.isThere },
      ask.causedBy,
      limits,
    );
    const notBefore = silenced === null && ask.causedBy === 'unproven' ? afterGap(last, ask.now) : null;
    await trx('reply_permits').insert({
      key: ask.key,
      asked_at: ask.now,
      recipient_hash: ask.recipientHash,
      domain_hash: ask.domainHash,
      conversation_id: ask.conversationId,
      workspace_ids: [...ask.workspaceIds],
      caused_by: ask.causedBy,
      template: ask.template,
      silenced,
      not_before: notBefore,
    });
    if (silenced === 'breaker') {
      await trip(trx, counts.hour >= limits.hour ? 'all' : 'unproven', ask.now, log);
    }
    return permitOf({ silenced, not_before: notBefore });
  });
}

interface Counted {
  readonly given: { readonly silenced: Silence | null; readonly not_before: Date | string | null } | null;
  readonly undeliverable: boolean;
  readonly address: number;
  readonly addressUnproven: number;
  readonly last: Date | null;
  readonly domain: number;
  readonly thread: number;
  readonly workspaceChallenges: number;
  readonly hour: number;
  readonly hourUnproven: number;
}

const permitOf = (row: NonNullable<Counted['given']>): Permit =>
  row.silenced === null
    ? { kind: 'granted', notBefore: row.not_before === null ? null : new Date(row.not_before) }
    : { kind: 'silenced', because: row.silenced };

/** Mails to one address that unproven mails cause are this far apart. */
const GAP_MS = 10 * 60_000;

function afterGap(last: Date | null, now: Date): Date | null {
  const earliest = last === null ? 0 : last.getTime() + GAP_MS;
  return earliest > now.getTime() ? new Date(earliest) : null;
}

const LOCK_BUDGETS = 'select pg_advisory_xact_lock(7041, 1)';

/** Separate sub-selects, so that each is a range of one index. */
export const COUNTS = `
  select
    (select jsonb_build_object('silenced', p.silenced, 'not_before', p.not_before)
     from reply_permits p where p.key = :key) as given,
    exists (select from undeliverable_addresses u where u.recipient_hash = :hash) as undeliverable,
    recipient.*, domain.*, thread.*, challenges.*, hour.*
  from
    (select count(*) as address,
       count(*) filter (where caused_by = 'unproven') as "addressUnproven",
       max(greatest(asked_at, not_before)) filter (where caused_by = 'unproven') as last
     from reply_permits where silenced is null and recipient_hash = :hash
       and asked_at > cast(:now as timestamptz) - interval '24 hours') recipient,
    (select count(*) as domain from reply_permits
     where silenced is null and caused_by in ('stranger', 'unproven') and domain_hash = :domain
       and asked_at > cast(:now as timestamptz) - interval '24 hours') domain,
    (select count(*) as thread from reply_permits
     where silenced is null and conversation_id = cast(:conversation as bigint)
       and asked_at > cast(:now as timestamptz) - interval '24 hours') thread,
    (select coalesce(max(of_one.count), 0) as "workspaceChallenges" from (
       select count(*) as count
       from unnest(cast(:workspaces as text[])) as workspace (id)
       join reply_permits p on p.workspace_ids @> array[workspace.id]
       where p.silenced is null and p.caused_by = 'unproven' and p.template = 'verify_request'
         and p.asked_at > cast(:now as timestamptz) - interval '24 hours'
       group by workspace.id) of_one) challenges,
    (select count(*) as hour,
       count(*) filter (where caused_by in ('stranger', 'unproven')) as "hourUnproven"
     from reply_permits
     where silenced is null and asked_at > cast(:now as timestamptz) - interval '1 hour') hour`;

async function trip(trx: Knex.Transaction, share: 'unproven' | 'all', now: Date, log: Log): Promise<void> {
  const result = await trx.raw<{ rows: [{ suppressed: number }] }>(TRIP, { share, now });
  if (result.rows[0].suppressed > 1) return;
  log('warn', 'too many mails to people who are not verified: the desk is silent to them for a while', {
    share,
  });
}

const TRIP = `
  insert into breaker_trips (share, opened_at) values (:share, :now)
  on conflict (share) where closed_at is null do update set suppressed = breaker_trips.suppressed + 1
  returning suppressed`;

/** Notes that mails may go out again. For a job: nobody has to ask for a mail first. */
export async function closeBreakers(db: Knex, limits: ReplyLimits, log: Log): Promise<void> {
  const closed = await db.transaction(async (trx) => {
    const open = await trx('breaker_trips').select('id').whereNull('closed_at').first();
    if (open === undefined) return [];
    await trx.raw(LOCK_BUDGETS);
    const result = await trx.raw<{ rows: { share: string; suppressed: number }[] }>(CLOSE, { ...limits });
    return result.rows;
  });
  for (const { share, suppressed } of closed) {
    log('info', 'mails to people who are not verified go out again', { share, suppressed });
  }
}

const CLOSE = `
  update breaker_trips trip set closed_at = desk_now()
  from (select count(*) as everything, count(*) filter (where caused_by in ('stranger', 'unproven')) as unproven
    from reply_permits where silenced is null and asked_at > desk_now() - interval '1 hour') hour
  where trip.closed_at is null and hour.everything < :hour
    and (trip.share = 'all' or hour.unproven < :hourUnproven)
  returning trip.share, trip.suppressed`;

/** Permits this old count for nothing and tell nobody anything. */
const KEPT_DAYS = 30;

export async function forgetPermits(db: Knex): Promise<void> {
  // One statement an index.
  for (const kept of ['silenced is null', 'silenced is not null']) {
    await db.raw(
      `delete from reply_permits where ${kept} and asked_at < desk_now() - make_interval(days => ?)`,
      [KEPT_DAYS],
    );
  }
}
