import { timingSafeEqual } from 'node:crypto';
import { addHours } from '../domain/calendar.ts';
import { keyed, sha256 } from '../domain/canonical.ts';
import type { ConversationId } from '../domain/ids.ts';
import type { Policy } from '../domain/policy.ts';
import { conversationDigest } from '../domain/target.ts';

/** `verify`: is this deletion wanted? `cancel`: was the cancel that came in your name from you? */
export type Purpose = 'verify' | 'cancel';

/**
 * One question to an address in the directory. Code and link are derived from the key and the id when the mail is
 * rendered; only their hashes are kept.
 */
export interface Challenge {
  /** A UUID. */
  readonly id: string;
  /** An answer counts for nothing else. */
  readonly purpose: Purpose;
  readonly conversationId: ConversationId;
  /** Keyed hash of the one address that may answer. */
  readonly requesterHash: string;
  /** Over all targets that an answer is about; for a cancel over the ticket numbers too. */
  readonly digest: string;
  /** Ticket number to the digest of its target: an answer confirms a ticket only while it still has that digest. */
  readonly ticketDigests: Readonly<Record<string, string>>;
  readonly codeHash: string;
  readonly linkHash: string;
  readonly triesLeft: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly answeredAt: Date | null;
  readonly voidedAt: Date | null;
}

/** What a code is worth. `locked`: too many wrong ones before. `voided`: the scope changed, a newer one went out. */
export type CodeCheck = 'right' | 'wrong' | 'locked' | 'expired' | 'used' | 'voided';

/** The database allows no more tries than this, whatever the policy says. */
const MOST_TRIES = 5;

/**
 * A challenge for all complete tickets of a conversation, or for those that one cancel is about.
 * @param options.id - a fresh UUID: code and link follow from it and the key
 * @param options.digests - ticket number to target digest
 */
export function newChallenge(options: {
  readonly key: Uint8Array;
  readonly id: string;
  /** `verify` unless told. */
  readonly purpose?: Purpose;
  readonly conversationId: ConversationId;
  readonly requesterHash: string;
  readonly digests: Readonly<Record<string, string>>;
  readonly now: Date;
  readonly policy: Policy;
}): Challenge {
  const { key, id, purpose = 'verify', conversationId, requesterHash, digests, now, policy } = options;
  return {
    id,
    purpose,
    conversationId,
    requesterHash,
    digest: conversationDigest(
      // Two tickets may ask for the same; a cancel is about this one.
      purpose === 'verify' ? Object.values(digests) : Object.entries(digests).map((entry) => entry.join(':')),
    ),
    ticketDigests: digests,
    codeHash: codeHash(key, id, codeOf(key, id)).toString('hex'),
    linkHash: linkHashOf(linkTokenOf(key, id)),
    triesLeft: Math.min(policy.challengeTries, MOST_TRIES),
    createdAt: now,
    expiresAt: addHours(now, policy.challengeHours),
    answeredAt: null,
    voidedAt: null,
  };
}

/** Six digits. 48 bits modulo a million: the likeliest code is likelier than the rarest by less than one in 10^8. */
export const codeOf = (key: Uint8Array, id: string): string =>
  String(keyed(key, 'code', id).readUIntBE(0, 6) % 1_000_000).padStart(6, '0');

/** 192 bits, base64url, 32 characters. */
export const linkTokenOf = (key: Uint8Array, id: string): string =>
  keyed(key, 'link', id).subarray(0, 24).toString('base64url');

/** What the database knows of a link. The token is uniform and long, so a plain hash gives nothing away. */
export const linkHashOf = (token: string): string => sha256(token);

/**
 * What an answer with this code is worth now. A closed challenge says so before the code is looked at, so it tells
 * nothing about guesses; the comparison takes the same time for every code.
 */
export function checkCode(challenge: Challenge, code: string, key: Uint8Array, now: Date): CodeCheck {
  const closed = closedBy(challenge, now);
  if (closed !== null) return closed;
  const given = codeHash(key, challenge.id, code);
  const wanted = Buffer.from(challenge.codeHash, 'hex');
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? 'right' : 'wrong';
}

/** Why a challenge takes no more answers, by code or by link; `null` = it does. */
export function closedBy(challenge: Challenge, now: Date): Exclude<CodeCheck, 'right' | 'wrong'> | null {
  if (challenge.voidedAt !== null) return 'voided';
  if (challenge.answeredAt !== null) return 'used';
  if (now >= challenge.expiresAt) return 'expired';
  if (challenge.triesLeft <= 0) return 'locked';
  return null;
}

const codeHash = (key: Uint8Array, id: string, code: string): Buffer =>
  keyed(key, 'code-hash', `${id}\0${code}`);
