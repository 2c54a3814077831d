/**
 * Permits for mails to people who are not verified. Each is committed on a connection of its own before the decision
 * that asks for it: decisions at once count each other, none waits for another to commit, and no lock is held that
 * could meet those on tickets. A decision that fails has spent its permit and asks for the same one when it is taken
 * again. Notices after the verification need none: their number is bounded by the tickets.
 */
import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { forMany } from '../db/together.ts';
import { mayReply, type ReplyCounts, type ReplyKind, type ReplyLimits, type Silence } from './may-reply.ts';

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
export const askPermit = (db: Knex, limits: ReplyLimits, log: Log, ask: PermitAsk): Promise<Permit> =>
  permitFor(db, { ask, limits, log });

interface Asked {
  readonly ask: PermitAsk;
  readonly limits: ReplyLimits;
  readonly log: Log;
}

/** In one transaction for all who ask at the same time; each counts those before it. */
const permitFor = forMany((db: Knex, asked: readonly Asked[]) =>
  db.transaction(async (trx) => {
    await prepared(trx, LOCK_AND_LOOK_UP);
    const rows = asked.map(({ ask }, no) => ({
      no,
      key: ask.key,
      hash: ask.recipientHash,
      domain: ask.domainHash,
      conversation: ask.conversationId,
      workspaces: ask.workspaceIds,
      now: ask.now,
    }));
    const counted = await prepared<{ rows: Counted[] }>(trx, COUNTS, { asks: JSON.stringify(rows) });
    const counts = new Map(counted.rows.map((row) => [row.no, row]));
    const before = new Tally();
    const permits = new Map<string, Permit>();
    for (const [no, { ask, limits, log }] of asked.entries()) {
      const found = counts.get(no);
      if (found === undefined) throw new TypeError('nobody counted what was asked for');
      const given = permits.get(ask.key) ?? (found.given === null ? null : permitOf(found.given));
      permits.set(ask.key, given ?? (await decidePermit(trx, before, found, { ask, limits, log })));
      const was = found.given?.conversation ?? null;
      if (was !== null && ask.conversationId !== null && was !== ask.conversationId) {
        await trx('reply_permits').where({ key: ask.key }).update({ conversation_id: ask.conversationId });
      }
    }
    if (before.rows.length > 0) await prepared(trx, INSERT_PERMITS, { permits: JSON.stringify(before.rows) });
    return asked.map(({ ask }) => permits.get(ask.key) as Permit);
  }),
);

async function decidePermit(
  trx: Knex.Transaction,
  before: Tally,
  { undeliverable, last, ...found }: Counted,
  { ask, limits, log }: Asked,
): Promise<Permit> {
  const counts = before.addedTo(found, ask);
  const silenced = mayReply(
    { ...counts, undeliverable: undeliverable && !ask.isThere },
    ask.causedBy,
    limits,
  );
  const newest = before.lastOf(ask, last);
  const notBefore = silenced === null && ask.causedBy === 'unproven' ? afterGap(newest, ask.now) : null;
  before.note(ask, silenced, notBefore);
  if (silenced === 'breaker') {
    await trip(trx, counts.hour >= limits.hour ? 'all' : 'unproven', ask.now, log);
  }
  return permitOf({ silenced, not_before: notBefore });
}

interface Counted extends Omit<ReplyCounts, 'undeliverable' | 'workspaceChallenges'> {
  readonly no: number;
  /** Asked for before. The decision that did so may have come to nothing, and its conversation with it. */
  readonly given: (Granted & { readonly conversation: number | null }) | null;
  readonly undeliverable: boolean;
  readonly last: Date | null;
  /** By workspace; `null` = none of them has any. */
  readonly challenges: Readonly<Record<string, number>> | null;
}

interface Granted {
  readonly silenced: Silence | null;
  readonly not_before: Date | string | null;
}

const permitOf = (row: Granted): Permit =>
  row.silenced === null
    ? { kind: 'granted', notBefore: row.not_before === null ? null : new Date(row.not_before) }
    : { kind: 'silenced', because: row.silenced };

/** Permits that were decided just now and stand in no table yet. */
class Tally {
  readonly rows: PermitRow[] = [];
  readonly #granted: { readonly ask: PermitAsk; readonly notBefore: Date | null }[] = [];

  note(ask: PermitAsk, silenced: Silence | null, notBefore: Date | null): void {
    this.rows.push({
      key: ask.key,
      asked_at: ask.now,
      recipient_hash: ask.recipientHash,
      domain_hash: ask.domainHash,
      conversation_id: ask.conversationId,
      workspace_ids: ask.workspaceIds,
      caused_by: ask.causedBy,
      template: ask.template,
      silenced,
      not_before: notBefore,
    });
    if (silenced === null) this.#granted.push({ ask, notBefore });
  }

  /** What the database counted, and these. */
  addedTo(
    found: Omit<Counted, 'undeliverable' | 'last'>,
    ask: PermitAsk,
  ): Omit<ReplyCounts, 'undeliverable'> {
    const here = this.#granted.map((each) => each.ask);
    const toAddress = here.filter((other) => other.recipientHash === ask.recipientHash);
    const asking = here.filter((other) => isUnproven(other) && other.template === 'verify_request');
    const challenges = ask.workspaceIds.map(
      (id) => (found.challenges?.[id] ?? 0) + countOf(asking, (other) => other.workspaceIds.includes(id)),
    );
    return {
      address: found.address + toAddress.length,
      addressUnproven: found.addressUnproven + countOf(toAddress, isUnproven),
      domain:
        found.domain + countOf(here, (other) => provesNothing(other) && other.domainHash === ask.domainHash),
      thread:
        found.thread +
        countOf(
          here,
          (other) => other.conversationId !== null && other.conversationId === ask.conversationId,
        ),
      workspaceChallenges: Math.max(0, ...challenges),
      hour: found.hour + here.length,
      hourUnproven: found.hourUnproven + countOf(here, provesNothing),
    };
  }

  lastOf(ask: PermitAsk, last: Date | null): Date | null {
    const times = this.#granted
      .filter((each) => isUnproven(each.ask) && each.ask.recipientHash === ask.recipientHash)
      .map((each) => Math.max(each.ask.now.getTime(), each.notBefore?.getTime() ?? 0));
    if (times.length === 0) return last;
    return new Date(Math.max(last?.getTime() ?? 0, ...times));
  }
}

interface PermitRow {
  readonly key: string;
  readonly asked_at: Date;
  readonly recipient_hash: string;
  readonly domain_hash: string;
  readonly conversation_id: number | null;
  readonly workspace_ids: readonly string[];
  readonly caused_by: ReplyKind;
  readonly template: string;
  readonly silenced: Silence | null;
  readonly not_before: Date | null;
}

const isUnproven = ({ causedBy }: PermitAsk): boolean => causedBy === 'unproven';
const provesNothing = ({ causedBy }: PermitAsk): boolean =>
  causedBy === 'unproven' || causedBy === 'stranger';
const countOf = <T>(all: readonly T[], fits: (one: T) => boolean): number => all.filter(fits).length;

/** Mails to one address that unproven mails cause are this far apart. */
const GAP_MS = 10 * 60_000;

function afterGap(last: Date | null, now: Date): Date | null {
  const earliest = last === null ? 0 : last.getTime() + GAP_MS;
  return earliest > now.getTime() ? new Date(earliest) : null;
}

const LOCK_BUDGETS = 'select pg_advisory_xact_lock(7041, 1)';
/** As for the set of mails that asks: everything is looked up by keys. */
const LOCK_AND_LOOK_UP = `${LOCK_BUDGETS}, set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`;

/**
 * Separate sub-selects, so that each is a range of one index. The hour is the desk's: it is counted once for all. The day
 * of a recipient, a thread and a workspace is told apart afterwards: by its time alone, an index of everybody's mails
 * would look as good.
 */
export const COUNTS = `
  with asks as materialized (
    select * from jsonb_to_recordset(cast(:asks as jsonb)) as ask (no integer, key text, hash text, domain text,
      conversation bigint, workspaces text[], now timestamptz)),
  hours as materialized (
    select asked.now, hour.* from (select distinct now from asks) asked cross join lateral (
      select count(*) as hour,
        count(*) filter (where caused_by in ('stranger', 'unproven')) as "hourUnproven"
      from reply_permits
      where silenced is null and asked_at > asked.now - interval '1 hour') hour)
  select ask.no,
    (select jsonb_build_object('silenced', p.silenced, 'not_before', p.not_before, 'conversation', p.conversation_id)
     from reply_permits p where p.key = ask.key) as given,
    undeliverable.*, recipient.*, domain.*, thread.*, hours.hour, hours."hourUnproven",
    (select jsonb_object_agg(workspace.id, of_one.count)
     from unnest(ask.workspaces) as workspace (id) cross join lateral (
       select count(*) filter (where p.asked_at > ask.now - interval '24 hours') as count
       from reply_permits p
       where p.workspace_ids @> array[workspace.id]
         and p.silenced is null and p.caused_by = 'unproven' and p.template = 'verify_request') of_one) as challenges
  from asks ask join hours on hours.now = ask.now
    cross join lateral
    (select count(*) > 0 as undeliverable from undeliverable_addresses u where u.recipient_hash = ask.hash) undeliverable
    cross join lateral
    (select count(*) as address,
       count(*) filter (where lately.caused_by = 'unproven') as "addressUnproven",
       max(greatest(lately.asked_at, lately.not_before)) filter (where lately.caused_by = 'unproven') as last
     from (select caused_by, asked_at, not_before from reply_permits
       where silenced is null and recipient_hash = ask.hash offset 0) lately
     where lately.asked_at > ask.now - interval '24 hours') recipient
    cross join lateral
    (select count(*) as domain from reply_permits
     where silenced is null and caused_by in ('stranger', 'unproven') and domain_hash = ask.domain
       and asked_at > ask.now - interval '24 hours') domain
    cross join lateral
    (select count(*) filter (where asked_at > ask.now - interval '24 hours') as thread from reply_permits
     where silenced is null and conversation_id = ask.conversation) thread`;

const INSERT_PERMITS = `
  insert into reply_permits (key, asked_at, recipient_hash, domain_hash, conversation_id, workspace_ids, caused_by,
    template, silenced, not_before)
  select key, asked_at, recipient_hash, domain_hash, conversation_id, workspace_ids, caused_by, template, silenced, not_before
  from jsonb_to_recordset(cast(:permits as jsonb)) as permit (key text, asked_at timestamptz, recipient_hash text,
    domain_hash text, conversation_id bigint, workspace_ids text[], caused_by text, template text, silenced text,
    not_before timestamptz)`;

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
    await prepared(trx, LOCK_BUDGETS);
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
