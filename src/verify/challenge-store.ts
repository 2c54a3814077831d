import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { asRows } from '../db/rows.ts';
import { forMany, inTurn } from '../db/together.ts';
import type { ConversationId } from '../domain/ids.ts';
import { type Challenge, checkCode, closedBy, linkHashOf, type Purpose } from './challenge.ts';

/**
 * Stores a challenge that asks to confirm a deletion; the one that is open in its conversation, if any, is voided first:
 * only the newest counts.
 * @returns the id of the voided one, `null` = there was none
 */
export const issueChallenge = forMany(async (trx: Knex.Transaction, challenges: readonly Challenge[]) => {
  const voided = await prepared<{ rows: { id: string; conversation: number }[] }>(trx, VOID_OPEN, [
    asRows(
      challenges.map(({ conversationId, createdAt }) => ({ conversation: conversationId, now: createdAt })),
    ),
  ]);
  await insertChallenges(trx, challenges);
  return challenges.map(
    ({ conversationId }) => voided.rows.find((row) => row.conversation === conversationId)?.id ?? null,
  );
});

const insertChallenges = (trx: Knex.Transaction, challenges: readonly Challenge[]) =>
  prepared(trx, INSERT_CHALLENGES, [asRows(challenges.map(rowOf))]);

const INSERT_CHALLENGES = `
  insert into challenges (id, purpose, conversation_id, requester_hash, digest, ticket_digests, code_hash, link_hash,
    tries_left, created_at, expires_at, answered_at, voided_at)
  select id, purpose, conversation_id, requester_hash, digest, ticket_digests, code_hash, link_hash,
    tries_left, created_at, expires_at, answered_at, voided_at
  from jsonb_to_recordset(cast(? as jsonb)) as r (id uuid, purpose text, conversation_id bigint, requester_hash text,
    digest text, ticket_digests jsonb, code_hash text, link_hash text, tries_left integer, created_at timestamptz,
    expires_at timestamptz, answered_at timestamptz, voided_at timestamptz)`;

/**
 * Stores a challenge about a cancel, unless the same person has an open one about the same tickets: anybody can write in
 * that name again, and a new one each time would mean new tries each time.
 * @returns the one that counts; `null` = it was locked by wrong codes, and there is no other until it expires
 */
export const issueCancelChallenge = (
  trx: Knex.Transaction,
  challenge: Challenge,
): Promise<Challenge | null> => inTurn(trx, () => openCancelChallenge(trx, challenge));

async function openCancelChallenge(trx: Knex.Transaction, challenge: Challenge): Promise<Challenge | null> {
  const same = {
    requester_hash: challenge.requesterHash,
    digest: challenge.digest,
    purpose: 'cancel',
  } as const;
  const row = await trx('challenges')
    .where({ ...same, answered_at: null, voided_at: null })
    .forUpdate()
    .first<ChallengeRow | undefined>(COLUMNS);
  const open = row === undefined ? null : challengeOf(row);
  const closed = open === null ? 'expired' : closedBy(open, challenge.createdAt);
  if (closed === null) return open;
  if (closed === 'locked') return null;
  if (open !== null)
    await trx<ChallengeRow>('challenges').where({ id: open.id }).update({ voided_at: challenge.createdAt });
  await insertChallenges(trx, [challenge]);
  return challenge;
}

/**
 * The conversation's open challenge to confirm a deletion, its row locked until the transaction ends: two answers at once are taken one
 * after the other. "Open" is unanswered and not voided; it may have expired or be locked by wrong codes.
 */
export const lockOpenChallenge = forMany(async (trx: Knex.Transaction, asked: readonly ConversationId[]) => {
  const result = await prepared<{ rows: ChallengeRow[] }>(trx, LOCK_OPEN, [[...new Set(asked)]]);
  const open = new Map(result.rows.map((row) => [row.conversation_id, challengeOf(row)]));
  return asked.map((id) => open.get(id) ?? null);
});

/**
 * One answer to the challenge that a link of this purpose leads to, its row locked until the transaction ends: a wrong
 * code costs a try, a right one closes the challenge.
 * @returns `null` = no such challenge, or it takes no more answers
 */
export async function answerByLink(
  trx: Knex.Transaction,
  attempt: {
    readonly key: Uint8Array;
    readonly id: string;
    readonly purpose: Purpose;
    readonly code: string;
    readonly now: Date;
  },
): Promise<'right' | 'wrong' | null> {
  const row = await trx('challenges')
    .where({ id: attempt.id, purpose: attempt.purpose })
    .forUpdate()
    .first<ChallengeRow | undefined>(COLUMNS);
  if (row === undefined) return null;
  const check = checkCode(challengeOf(row), attempt.code, attempt.key, attempt.now);
  if (check === 'wrong') await recordWrongTry(trx, attempt.id);
  else if (check === 'right') await markAnswered(trx, attempt.id, attempt.now);
  else return null;
  return check;
}

/** @returns how many tries are left, 0 = locked from now on */
export const recordWrongTry = (trx: Knex.Transaction, id: string): Promise<number> =>
  inTurn(trx, async () => {
    const result = await prepared<{ rows: { tries_left: number }[] }>(trx, COUNT_WRONG_TRY, { id });
    return result.rows[0]?.tries_left ?? 0;
  });

/** @returns false when it had been answered or voided before: the answer does not count */
export const markAnswered = (trx: Knex.Transaction, id: string, now: Date): Promise<boolean> =>
  answer(trx, { id, now });

const answer = forMany(
  async (trx: Knex.Transaction, asked: readonly { readonly id: string; readonly now: Date }[]) => {
    const changed = await prepared<{ rows: { id: string }[] }>(trx, MARK_ANSWERED, [asRows(asked)]);
    const answered = new Set(changed.rows.map(({ id }) => id));
    return asked.map(({ id }) => answered.delete(id));
  },
);

const MARK_ANSWERED = `
  update challenges c set answered_at = r.now
  from jsonb_to_recordset(cast(? as jsonb)) as r (id uuid, now timestamptz)
  where c.id = r.id and c.answered_at is null and c.voided_at is null
  returning c.id`;

/** Voids the conversation's open challenge to confirm a deletion: what it asked about has changed or is gone. */
export async function voidChallenge(
  trx: Knex.Transaction,
  conversationId: ConversationId,
  now: Date,
): Promise<boolean> {
  const result = await prepared<{ rows: unknown[] }>(trx, VOID_OPEN, [
    asRows([{ conversation: conversationId, now }]),
  ]);
  return result.rows.length > 0;
}

/**
 * The challenge that a link belongs to, whatever became of it. It locks nothing, so a page may be shown with it;
 * whoever acts on it takes `lockOpenChallenge` of its conversation and compares the id.
 */
export async function findByLink(db: Knex, token: string): Promise<Challenge | null> {
  const row = await db('challenges')
    .where({ link_hash: linkHashOf(token) })
    .first<ChallengeRow | undefined>(COLUMNS);
  return row === undefined ? null : challengeOf(row);
}

/** For rendering the mail, whose facts hold the id alone. */
export async function findChallenge(db: Knex, id: string): Promise<Challenge | null> {
  const row = await db('challenges').where({ id }).first<ChallengeRow | undefined>(COLUMNS);
  return row === undefined ? null : challengeOf(row);
}

const VOID_OPEN = `
  update challenges c set voided_at = r.now
  from jsonb_to_recordset(cast(? as jsonb)) as r (conversation bigint, now timestamptz)
  where c.conversation_id = r.conversation and c.purpose = 'verify' and c.answered_at is null and c.voided_at is null
  returning c.id, c.conversation_id as conversation`;

const COUNT_WRONG_TRY = `update challenges set tries_left = greatest(tries_left - 1, 0)
  where id = :id returning tries_left`;

interface ChallengeRow {
  id: string;
  purpose: Purpose;
  conversation_id: ConversationId;
  requester_hash: string;
  digest: string;
  ticket_digests: Readonly<Record<string, string>>;
  code_hash: string;
  link_hash: string;
  tries_left: number;
  created_at: Date;
  expires_at: Date;
  answered_at: Date | null;
  voided_at: Date | null;
}

const COLUMNS = [
  'id',
  'purpose',
  'conversation_id',
  'requester_hash',
  'digest',
  'ticket_digests',
  'code_hash',
  'link_hash',
  'tries_left',
  'created_at',
  'expires_at',
  'answered_at',
  'voided_at',
] as const satisfies readonly (keyof ChallengeRow)[];

const LOCK_OPEN = `
  select ${COLUMNS.join(', ')} from challenges
  where conversation_id = any(cast(? as bigint[])) and purpose = 'verify' and answered_at is null and voided_at is null
  order by conversation_id for update`;

const rowOf = (challenge: Challenge): ChallengeRow => ({
  id: challenge.id,
  purpose: challenge.purpose,
  conversation_id: challenge.conversationId,
  requester_hash: challenge.requesterHash,
  digest: challenge.digest,
  ticket_digests: challenge.ticketDigests,
  code_hash: challenge.codeHash,
  link_hash: challenge.linkHash,
  tries_left: challenge.triesLeft,
  created_at: challenge.createdAt,
  expires_at: challenge.expiresAt,
  answered_at: challenge.answeredAt,
  voided_at: challenge.voidedAt,
});

const challengeOf = (row: ChallengeRow): Challenge => ({
  id: row.id,
  purpose: row.purpose,
  conversationId: row.conversation_id,
  requesterHash: row.requester_hash,
  digest: row.digest,
  ticketDigests: row.ticket_digests,
  codeHash: row.code_hash,
  linkHash: row.link_hash,
  triesLeft: row.tries_left,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  answeredAt: row.answered_at,
  voidedAt: row.voided_at,
});
