import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { asRows, distinct, groupBy } from '../db/rows.ts';
import { forMany } from '../db/together.ts';
import { addressHash } from '../domain/canonical.ts';
import { isAnswerable } from '../domain/evidence.ts';
import { ticketId } from '../domain/ids.ts';
import type { Handled } from '../domain/mail.ts';
import type { Target } from '../domain/target.ts';
import type { State } from '../domain/ticket.ts';
import type { MailContext } from './handle-mail.ts';
import type { ChallengeRef, DeskDeps } from './ports.ts';
import type { Cause } from './queue-mails.ts';
import { requestStatus } from './request-status.ts';
import { type Decision, decide, type Move } from './ticket-store.ts';

export type Answer =
  | { readonly kind: 'right' | 'wrong'; readonly conversationId: number; readonly decision: Decision }
  | { readonly kind: 'none' };

/** A mail with a code. It counts only for a challenge that was sent to this very address. */
export async function answerByMail(
  trx: Knex.Transaction,
  deps: DeskDeps,
  context: MailContext,
): Promise<Handled> {
  const { mail } = context;
  if (!isAnswerable(mail.standing)) {
    return {
      disposition: 'other',
      reason: 'a code in a mail whose authentication failed',
      conversationId: null,
      needsAgent: true,
    };
  }
  const conversationId = await challengedConversation(trx, deps, context);
  if (conversationId === null) return requestStatus(trx, deps, context);
  const cause = {
    kind: 'message',
    messageId: mail.messageId,
    sender: mail.author,
    standing: mail.standing,
    language: mail.language,
    thread: mail.thread,
  } as const;
  if (mail.standing !== 'authenticated') {
    const told = await tellUnproven(trx, deps, conversationId, cause);
    return told ?? requestStatus(trx, deps, context);
  }
  const answer = await answerChallenge(
    trx,
    deps,
    { conversationId, challengeId: null },
    mail.understanding.code,
    'reply',
    cause,
  );
  if (answer.kind === 'none') return requestStatus(trx, deps, context);
  // Right, and nothing moved: what the code confirms has changed since it was sent.
  const isVoid = answer.decision.outcomes.every((outcome) => outcome.kind === 'refused');
  return {
    disposition: 'joined',
    reason: isVoid ? 'the code is for a request that has changed since' : ANSWER_WORDS[answer.kind],
    conversationId,
    needsAgent: answer.decision.silenced || isVoid,
  };
}

/**
 * A code by a mail that proves nothing is not looked at, so that it costs no try and tells nobody whether it was right:
 * the person who was asked hears of it and can use the page. `null` = no challenge waits for a code.
 */
async function tellUnproven(
  trx: Knex.Transaction,
  deps: DeskDeps,
  conversationId: number,
  cause: Cause,
): Promise<Handled | null> {
  await lockWaiting(trx, conversationId);
  const challenge = await deps.openChallenge(trx, conversationId);
  const waiting = await unanswered(trx, conversationId);
  if (challenge === null || challenge.triesLeft < 1 || waiting.length === 0) return null;
  const moves: Move[] = waiting.map(({ id }) => ({
    ticketId: ticketId(id),
    event: { type: 'code_unproven' },
  }));
  const decision = await decide(trx, deps, cause, moves);
  return {
    disposition: 'joined',
    reason: 'a code in a mail that could not be checked to be theirs: not looked at',
    conversationId,
    needsAgent: decision.silenced,
  };
}

const ANSWER_WORDS = {
  right: 'the challenge was answered',
  wrong: 'the code was not the one that we sent',
} as const;

/**
 * Checks a code, by reply or on the page behind the link, and moves every ticket that the challenge covers. Roles and
 * blockers are looked up again at this moment.
 */
export async function answerChallenge(
  trx: Knex.Transaction,
  deps: DeskDeps,
  ref: ChallengeRef,
  code: string | null,
  via: 'reply' | 'page',
  cause: Cause,
): Promise<Answer> {
  // Tickets before their challenge, as every decision that sends a new one: the other way round they could deadlock.
  await lockWaiting(trx, ref.conversationId);
  const check = await deps.tryCode(trx, ref, code, await deskNow(trx));
  if (check.kind === 'none') return check;
  const waiting = await unanswered(trx, check.conversationId);
  if (waiting.length === 0) return { kind: 'none' };
  const moves: Move[] =
    check.kind === 'wrong'
      ? waiting.map((row) => ({
          ticketId: ticketId(row.id),
          event: { type: 'challenge_failed', triesLeft: check.triesLeft },
        }))
      : await Promise.all(waiting.map((row) => rightAnswer(trx, deps, row, check.digests, via)));
  const decision = await decide(trx, deps, cause, moves);
  return { kind: check.kind, conversationId: check.conversationId, decision };
}

const lockWaiting = forMany(async (trx: Knex.Transaction, conversations: readonly number[]) => {
  await trx.raw(LOCK_WAITING, [distinct(conversations)]);
  return conversations.map(() => undefined);
});

const LOCK_WAITING = `
  select id from tickets where conversation_id = any(cast(? as bigint[])) and state = 'verifying' order by id for update`;

interface Unanswered {
  readonly id: number;
  readonly state: State;
  readonly target: Target;
  readonly requester: string;
}

const unanswered = forMany(async (trx: Knex.Transaction, conversations: readonly number[]) => {
  const result = await trx.raw<{ rows: (Unanswered & { conversation_id: number })[] }>(UNANSWERED, [
    distinct(conversations),
  ]);
  const found = groupBy(result.rows, (row) => row.conversation_id);
  return conversations.map((id): readonly Unanswered[] => found.get(id) ?? []);
});

const UNANSWERED = `
  select conversation_id, id, state, target, requester from tickets
  where conversation_id = any(cast(? as bigint[])) and state = 'verifying' and verified_at is null
    and requester is not null
  order by id`;

async function rightAnswer(
  trx: Knex.Transaction,
  deps: DeskDeps,
  row: Unanswered,
  digests: Readonly<Record<string, string>>,
  via: 'reply' | 'page',
): Promise<Move> {
  const world = await deps.recheck(trx, row.target, row.requester);
  const lost = world.obstacles.some(
    (obstacle) => obstacle === 'requester_lost_role' || obstacle === 'workspace_changed',
  );
  return {
    ticketId: ticketId(row.id),
    event: {
      type: 'challenge_answered',
      by: { kind: 'party', hash: addressHash(deps.key, row.requester), role: world.role ?? 'member' },
      via,
      // A ticket that the challenge does not cover has no digest here: it is refused and asked again.
      digest: digests[String(row.id)] ?? '',
      entitled: !lost,
      blockers: world.blockers,
    },
  };
}

/** The hinted conversation, or the only one in which this address has an open challenge. */
async function challengedConversation(
  trx: Knex.Transaction,
  deps: DeskDeps,
  { mail, hinted, now }: MailContext,
): Promise<number | null> {
  const open = await challenged(trx, { hash: addressHash(deps.key, mail.author), now });
  const meant = open.find((id) => hinted.includes(id));
  return meant ?? (hinted.length === 0 && open.length === 1 ? (open[0] ?? null) : null);
}

/** Conversations in which the address has an open challenge, the newest first. */
const challenged = forMany(
  async (trx: Knex.Transaction, asked: readonly { readonly hash: string; readonly now: Date }[]) => {
    const result = await trx.raw<{ rows: { no: number; conversation_id: number }[] }>(CHALLENGED, [
      asRows(asked.map((each, no) => ({ no, ...each }))),
    ]);
    const found = groupBy(result.rows, (row) => row.no);
    return asked.map((_, no) => (found.get(no) ?? []).map((row) => row.conversation_id));
  },
);

const CHALLENGED = `
  select asked.no, c.conversation_id
  from jsonb_to_recordset(cast(? as jsonb)) as asked (no integer, hash text, now timestamptz)
  join challenges c on c.requester_hash = asked.hash and c.purpose = 'verify' and c.answered_at is null
    and c.voided_at is null and c.expires_at > asked.now
  order by asked.no, c.created_at desc`;
