/**
 * Claims and results of the mails that are handed over side by side, written together: whoever comes while a statement
 * is under way goes with the next one. Nobody waits for company, so a single mail goes out at once; and a mail is still
 * claimed only when somebody is free to hand it over, so that a process that dies leaves no more of them unknown.
 */

import { prepared } from '../db/prepared.ts';
import type { Lane } from './lane.ts';
import type { ClaimedMail, NamedMail, OutboxDeps } from './outbox.ts';

/** What became of a claimed mail. */
export interface Settled {
  readonly id: number;
  readonly status: 'sent' | 'pending' | 'unknown';
  /** How many tries count; `null` = as many as do now. */
  readonly attempts: number | null;
  /** Without any text of the mail or a server. */
  readonly error: string | null;
  /** Seconds until it is looked at again; `null` = never. */
  readonly pause: number | null;
}

export interface Turns {
  /**
   * Writes down what became of the last mail, if there was one, and claims the next. Whatever is claimed when a process
   * dies may have gone out. @returns undefined when nothing is due
   */
  next(last: Settled | null): Promise<ClaimedMail | undefined>;
  settle(last: Settled): Promise<void>;
}

/** Longer than all SMTP time-outs of one mail together. */
const LEASE_SECONDS = 180;
/** Mails that are looked up at once. Nobody holds them until they are claimed. */
const WINDOW = 32;

type Deps = Pick<OutboxDeps, 'db' | 'messageIdOf' | 'crashPoint'>;

interface Waiting {
  readonly last: Settled | null;
  readonly wants: boolean;
  resolve(mail: ClaimedMail | undefined): void;
  reject(error: unknown): void;
}

export function outboxTurns(deps: Deps, { takes }: Lane): Turns {
  let waiting: Waiting[] = [];
  let isBusy = false;
  let candidates: readonly Candidate[] = [];

  /** @returns the mails that were claimed, `wanted` at most */
  async function write(settled: readonly Settled[], wanted: number): Promise<readonly ClaimedMail[]> {
    const isClaiming = wanted > 0 && candidates.length > 0;
    if (isClaiming) deps.crashPoint('reply.claiming');
    const offered = isClaiming ? candidates : [];
    const result = await prepared<{ rows: ClaimedMail[] }>(deps.db, TURN, {
      settled: settled.map(({ id }) => id),
      statuses: settled.map(({ status }) => status),
      attempts: settled.map((each) => each.attempts),
      errors: settled.map(({ error }) => error),
      pauses: settled.map(({ pause }) => pause),
      ids: offered.map(({ id }) => id),
      messageIds: offered.map(({ messageId }) => messageId),
      wanted,
    });
    // Those in front of the last one were taken by another process, or put off.
    const last = Math.max(-1, ...result.rows.map((row) => offered.findIndex(({ id }) => id === row.id)));
    candidates = result.rows.length < wanted ? [] : offered.slice(last + 1);
    return result.rows;
  }

  async function serve(turn: readonly Waiting[]): Promise<void> {
    let settled: readonly Settled[] = turn.flatMap(({ last }) => last ?? []);
    const wanted = turn.filter(({ wants }) => wants).length;
    const claimed: ClaimedMail[] = [];
    if (settled.length > 0 && (wanted === 0 || candidates.length === 0)) {
      await write(settled, 0);
      settled = [];
    }
    while (claimed.length < wanted) {
      if (candidates.length === 0) candidates = await dueMails(deps, takes);
      if (candidates.length === 0) break;
      claimed.push(...(await write(settled, wanted - claimed.length)));
      settled = [];
    }
    for (const { wants, resolve } of turn) resolve(wants ? claimed.shift() : undefined);
  }

  async function serveAll(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0) {
      const turn = waiting;
      waiting = [];
      try {
        await serve(turn);
      } catch (error) {
        for (const { reject } of turn) reject(error);
      }
    }
    isBusy = false;
  }

  const ask = (last: Settled | null, wants: boolean): Promise<ClaimedMail | undefined> =>
    new Promise((resolve, reject) => {
      waiting.push({ last, wants, resolve, reject });
      void serveAll();
    });
  return {
    next: (last) => ask(last, true),
    settle: async (last) => {
      await ask(last, false);
    },
  };
}

interface Candidate {
  readonly id: number;
  readonly messageId: string;
}

/** What is due and free, without holding it. */
async function dueMails(deps: Deps, takes: Lane['takes']): Promise<readonly Candidate[]> {
  const due = await prepared<{ rows: DueMail[] }>(deps.db, DUE_MAILS[takes.kind], [
    [...takes.mailboxes],
    WINDOW,
  ]);
  return due.rows.map((row) => ({ id: row.id, messageId: row.message_id_header ?? deps.messageIdOf(row) }));
}

type DueMail = NamedMail & { readonly message_id_header: string | null };

const IS_DUE = `o.status = 'pending' and o.next_attempt_at <= clock_timestamp() and o.recipient is not null
    and (o.not_before is null or o.not_before <= desk_now())`;

const dueMailsThat = (isTaken: string): string => `
  select o.id, jsonb_build_object('tag', o.facts -> 'tag', 'template', o.facts -> 'template') as facts, o.mailbox,
    o.message_id_header
  from outbox o
  where ${IS_DUE} and ${isTaken}
  order by o.next_attempt_at, o.id limit ?`;

// The names of the mailboxes that are not the first one's are in an index of their own, which main is not in.
const DUE_MAILS = {
  only: dueMailsThat(`o.mailbox = any(cast(? as text[])) and o.mailbox <> 'main'`),
  all_but: dueMailsThat('(o.mailbox is null or o.mailbox <> all(cast(? as text[])))'),
} as const satisfies Record<Lane['takes']['kind'], string>;

// Arrays, since the planner takes any set of rows of JSON for a hundred, and would read the table from end to end.
const TURN = `
  with settled as (
    update outbox o set status = s.status, lease_until = null, last_error = s.error,
      attempts = coalesce(s.attempts, o.attempts),
      sent_at = case s.status when 'sent' then desk_now() else o.sent_at end,
      next_attempt_at = coalesce(clock_timestamp() + make_interval(secs => s.pause), o.next_attempt_at)
    from unnest(cast(:settled as bigint[]), cast(:statuses as text[]), cast(:attempts as int[]), cast(:errors as text[]),
      cast(:pauses as float8[])) as s (id, status, attempts, error, pause)
    where o.id = s.id and o.status = 'sending'),
  due as (
    select o.id, c.message_id
    from unnest(cast(:ids as bigint[]), cast(:messageIds as text[])) with ordinality as c (id, message_id, no)
    join outbox o on o.id = c.id
    where ${IS_DUE}
    order by c.no limit :wanted for update of o skip locked)
  update outbox o set status = 'sending', attempts = o.attempts + 1,
    lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds',
    message_id_header = coalesce(o.message_id_header, due.message_id)
  from due where o.id = due.id
  returning o.id, o.facts, o.recipient, o.recipient_hash, o.in_reply_to, o.reference_ids, o.cause_message_id,
    o.ticket_ids, o.attempts, o.message_id_header, o.mailbox`;
