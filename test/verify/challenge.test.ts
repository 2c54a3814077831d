import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { addHours } from '../../src/domain/calendar.ts';
import { conversationId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { checkCode, codeOf, linkHashOf, linkTokenOf, newChallenge } from '../../src/verify/challenge.ts';
import {
  answerByLink,
  findByLink,
  findChallenge,
  issueCancelChallenge,
  issueChallenge,
  lockOpenChallenge,
  markAnswered,
  recordWrongTry,
  voidChallenge,
} from '../../src/verify/challenge-store.ts';
import { freshDatabase, untilBackendsWait } from '../support/database.ts';

const key = randomBytes(32);
const now = new Date('2026-03-01T10:00:00Z');
const fresh = (conversation = 1, id = randomUUID()) =>
  newChallenge({
    key,
    id,
    conversationId: conversationId(conversation),
    requesterHash: 'f'.repeat(32),
    digests: { 1001: 'a'.repeat(64), 1002: 'b'.repeat(64) },
    now,
    policy: DEFAULT_POLICY,
  });

const aboutCancel = (conversation = 1, digests: Record<string, string> = { 1001: 'a'.repeat(64) }) =>
  newChallenge({
    key,
    id: randomUUID(),
    purpose: 'cancel',
    conversationId: conversationId(conversation),
    requesterHash: 'f'.repeat(32),
    digests,
    now,
    policy: DEFAULT_POLICY,
  });

describe('D06 a challenge', () => {
  const challenge = fresh();
  const code = codeOf(key, challenge.id);
  const wrong = code === '000000' ? '000001' : '000000';

  test.each([
    { title: 'its own code is right', over: {}, code, at: now, check: 'right' },
    { title: 'another code is wrong', over: {}, code: wrong, at: now, check: 'wrong' },
    { title: 'a code of other length is wrong', over: {}, code: `${code}0`, at: now, check: 'wrong' },
    {
      title: 'five wrong tries lock it, even for the right code',
      over: { triesLeft: 0 },
      code,
      at: now,
      check: 'locked',
    },
    { title: 'a used one stays used', over: { answeredAt: now }, code, at: now, check: 'used' },
    {
      title: 'a voided one says so first',
      over: { voidedAt: now, answeredAt: now },
      code,
      at: now,
      check: 'voided',
    },
    {
      title: 'good until just before 72 hours',
      over: {},
      code,
      at: new Date(addHours(now, 72).getTime() - 1),
      check: 'right',
    },
    { title: 'expired at 72 hours', over: {}, code, at: addHours(now, 72), check: 'expired' },
  ])('$title', ({ over, code: given, at, check }) => {
    expect(checkCode({ ...challenge, ...over }, given, key, at)).toBe(check);
  });

  test('the code of another challenge is wrong', () => {
    const other = fresh();
    expect(checkCode(challenge, codeOf(key, other.id), key, now)).toBe(
      codeOf(key, other.id) === code ? 'right' : 'wrong',
    );
  });

  test('neither code nor link stands in what is stored', () => {
    const stored = JSON.stringify(challenge);
    expect(stored).not.toContain(linkTokenOf(key, challenge.id));
    expect(stored).not.toContain(`"${code}"`);
    expect(challenge.linkHash).toBe(linkHashOf(linkTokenOf(key, challenge.id)));
  });

  test('codes are six digits and links carry 192 bits', () => {
    for (let round = 0; round < 200; round++) expect(codeOf(key, randomUUID())).toMatch(/^\d{6}$/);
    expect(Buffer.from(linkTokenOf(key, challenge.id), 'base64url')).toHaveLength(24);
  });

  test('the digest does not depend on the order of the tickets and changes with any of them', () => {
    const digestOf = (digests: Record<string, string>) =>
      newChallenge({
        key,
        id: 'x',
        conversationId: conversationId(1),
        requesterHash: '',
        digests,
        now,
        policy: DEFAULT_POLICY,
      }).digest;
    expect(digestOf({ 1: 'a', 2: 'b' })).toBe(digestOf({ 2: 'a', 1: 'b' }));
    expect(digestOf({ 1: 'a', 2: 'b' })).not.toBe(digestOf({ 1: 'a', 2: 'c' }));
  });
});

test('a challenge about a cancel is bound to the very tickets, not only to what they ask for', () => {
  const digestOf = (digests: Record<string, string>) => aboutCancel(1, digests).digest;
  expect(digestOf({ 1: 'a', 2: 'b' })).toBe(digestOf({ 2: 'b', 1: 'a' }));
  expect(digestOf({ 1: 'a', 2: 'b' })).not.toBe(digestOf({ 1: 'b', 2: 'a' }));
  expect(digestOf({ 1: 'a' })).not.toBe(digestOf({ 2: 'a' }));
  expect(digestOf({ 1: 'a' })).not.toBe(digestOf({ 1: 'b' }));
});

describe('in the database', () => {
  async function deskWithConversation() {
    const desk = await freshDatabase();
    const columns = await desk
      .db('information_schema.columns')
      .where({ table_name: 'conversations', is_nullable: 'NO', column_default: null, is_identity: 'NO' })
      .pluck('column_name');
    const values = Object.fromEntries(columns.map((column) => [column, /_at$/.test(column) ? now : 'x']));
    const [row] = await desk.db('conversations').insert(values).returning('id');
    return { desk, conversation: row.id as number };
  }

  test('a newer challenge voids the open one, and its link finds what became of it', async () => {
    const { desk, conversation } = await deskWithConversation();
    await using _closing = desk;
    const [first, second] = [fresh(conversation), fresh(conversation)];
    expect(await desk.db.transaction((trx) => issueChallenge(trx, first))).toBeNull();
    expect(await desk.db.transaction((trx) => issueChallenge(trx, second))).toBe(first.id);
    expect(await findByLink(desk.db, linkTokenOf(key, first.id))).toEqual({ ...first, voidedAt: now });
    expect(await findByLink(desk.db, 'nothing')).toBeNull();
    expect(await findChallenge(desk.db, second.id)).toEqual(second);
    await desk.db.transaction(async (trx) => {
      const open = await lockOpenChallenge(trx, conversationId(conversation));
      expect(open).toEqual(second);
      expect(await markAnswered(trx, second.id, now)).toBe(true);
      expect(await markAnswered(trx, second.id, now)).toBe(false);
      expect(await lockOpenChallenge(trx, conversationId(conversation))).toBeNull();
      expect(await voidChallenge(trx, conversationId(conversation), now)).toBe(false);
    });
  });

  test('what asks to confirm and what asks about a cancel stand side by side, and no one takes the other for its own', async () => {
    const { desk, conversation } = await deskWithConversation();
    await using _closing = desk;
    const id = conversationId(conversation);
    const cancel = aboutCancel(conversation);
    await desk.db.transaction(async (trx) => {
      expect(await issueCancelChallenge(trx, cancel)).toEqual(cancel);
      expect(await lockOpenChallenge(trx, id)).toBeNull();
      expect(await voidChallenge(trx, id, now)).toBe(false);
      const verify = fresh(conversation);
      expect(await issueChallenge(trx, verify)).toBeNull();
      expect(await lockOpenChallenge(trx, id)).toEqual(verify);
      const attempt = { key, id: verify.id, code: codeOf(key, verify.id), now };
      expect(await answerByLink(trx, { ...attempt, purpose: 'cancel' })).toBeNull();
      expect(await answerByLink(trx, { ...attempt, purpose: 'verify' })).toBe('right');
    });
    expect(await findChallenge(desk.db, cancel.id)).toEqual(cancel);
  });

  test('the same person has one open challenge about the same tickets', async () => {
    const { desk, conversation } = await deskWithConversation();
    await using _closing = desk;
    const first = aboutCancel(conversation);
    const again = (over: Partial<typeof first> = {}) => ({ ...aboutCancel(conversation), ...over });
    await desk.db.transaction(async (trx) => {
      await issueCancelChallenge(trx, first);
      expect(await issueCancelChallenge(trx, again())).toEqual(first);
      const other = again({ requesterHash: 'e'.repeat(32) });
      expect(await issueCancelChallenge(trx, other)).toEqual(other);
      const more = aboutCancel(conversation, { ...first.ticketDigests, 1002: '' });
      expect(await issueCancelChallenge(trx, more)).toEqual(more);
      const late = again({ createdAt: first.expiresAt });
      expect(await issueCancelChallenge(trx, late)).toEqual(late);
      expect(await findChallenge(trx, first.id)).toMatchObject({ voidedAt: first.expiresAt });
    });
    // Whoever forgot to look is stopped by the database.
    await expect(
      desk.db('challenges').insert({
        ...(await desk.db('challenges').whereNull('voided_at').first()),
        id: randomUUID(),
        link_hash: 'x',
        ticket_digests: '{}',
      }),
    ).rejects.toMatchObject({ constraint: 'challenges_open_cancel' });
  });

  test('wrong tries count down to zero and stay there', async () => {
    const { desk, conversation } = await deskWithConversation();
    await using _closing = desk;
    const challenge = fresh(conversation);
    await desk.db.transaction(async (trx) => {
      await issueChallenge(trx, challenge);
      const left: number[] = [];
      for (let round = 0; round < 6; round++) left.push(await recordWrongTry(trx, challenge.id));
      expect(left).toEqual([4, 3, 2, 1, 0, 0]);
    });
  });

  test('of two answers at once the second waits and finds it answered', async () => {
    const { desk, conversation } = await deskWithConversation();
    await using _closing = desk;
    const challenge = fresh(conversation);
    await desk.db.transaction((trx) => issueChallenge(trx, challenge));
    const answer = () =>
      desk.db.transaction(async (trx) => {
        const open = await lockOpenChallenge(trx, conversationId(conversation));
        return open !== null && (await markAnswered(trx, open.id, now));
      });
    const holder = await desk.db.transaction();
    await holder('challenges').where({ id: challenge.id }).forUpdate();
    const answers = [answer(), answer()];
    await untilBackendsWait(desk.db, 2);
    await holder.rollback();
    expect((await Promise.all(answers)).sort()).toEqual([false, true]);
  });
});
