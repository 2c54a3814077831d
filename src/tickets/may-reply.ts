/** Whether one more mail may go to somebody who is not verified. Pure: the counting is done by the database. */
import type { Policy } from '../domain/policy.ts';

/**
 * What causes a mail. `stranger`: it goes to nobody whom the directory knows, whoever wrote. `unproven`: a mail that
 * proves nothing about its writer. `authenticated`: a mail that does, or the page behind a link. `desk`: time or an agent.
 */
export type ReplyKind = 'stranger' | 'unproven' | 'authenticated' | 'desk';

/** Mails before verification that were granted, in desk time. An hour for the whole desk, 24 hours for all else. */
export interface ReplyCounts {
  /** Nothing that merely answers goes to the address: mails to it came back. */
  readonly undeliverable: boolean;
  readonly address: number;
  /** Of those the ones that unproven mails caused. */
  readonly addressUnproven: number;
  /** To the address's domain, caused by strangers and unproven mails. */
  readonly domain: number;
  /** In the conversation. */
  readonly thread: number;
  /** Challenges that unproven mails caused, of the workspace that had most; 0 when no challenge is asked for. */
  readonly workspaceChallenges: number;
  readonly hour: number;
  /** Of those the ones of strangers and unproven mails. */
  readonly hourUnproven: number;
}

export interface ReplyLimits {
  readonly address: number;
  readonly addressUnproven: number;
  readonly stranger: number;
  readonly domain: number;
  readonly thread: number;
  readonly workspaceChallenges: number;
  readonly hour: number;
  readonly hourUnproven: number;
}

/** Which budget is spent. */
export type Silence = 'undeliverable' | 'address' | 'domain' | 'thread' | 'workspace' | 'breaker';

/** The numbers that nobody changes, and those of the policy. */
export const replyLimits = (
  policy: Pick<Policy, 'repliesAnHour' | 'repliesADomain' | 'repliesAThread'>,
): ReplyLimits => ({
  address: 5,
  addressUnproven: 3,
  stranger: 1,
  domain: policy.repliesADomain,
  thread: policy.repliesAThread,
  workspaceChallenges: 2,
  hour: policy.repliesAnHour,
  // A flood of those who prove nothing leaves room for those who do.
  hourUnproven: Math.max(1, Math.floor((policy.repliesAnHour * 2) / 3)),
});

/**
 * @returns `null` = it may; else the first budget that is spent. The desk's own comes last: a mail that would not have
 * gone out anyway says nothing about a flood.
 */
export function mayReply(counts: ReplyCounts, kind: ReplyKind, limits: ReplyLimits): Silence | null {
  const provesNothing = kind === 'stranger' || kind === 'unproven';
  if (counts.undeliverable) return 'undeliverable';
  if (counts.address >= (kind === 'stranger' ? limits.stranger : limits.address)) return 'address';
  if (kind === 'unproven' && counts.addressUnproven >= limits.addressUnproven) return 'address';
  if (counts.thread >= limits.thread) return 'thread';
  if (kind === 'unproven' && counts.workspaceChallenges >= limits.workspaceChallenges) return 'workspace';
  if (provesNothing && counts.domain >= limits.domain) return 'domain';
  if (counts.hour >= limits.hour) return 'breaker';
  if (provesNothing && counts.hourUnproven >= limits.hourUnproven) return 'breaker';
  return null;
}
