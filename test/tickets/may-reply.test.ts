import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import {
  mayReply,
  type ReplyCounts,
  type ReplyKind,
  replyLimits,
  type Silence,
} from '../../src/tickets/may-reply.ts';

const nothing: ReplyCounts = {
  undeliverable: false,
  address: 0,
  addressUnproven: 0,
  domain: 0,
  thread: 0,
  workspaceChallenges: 0,
  hour: 0,
  hourUnproven: 0,
};
const limits = replyLimits(DEFAULT_POLICY);
const EVERYBODY = ['stranger', 'unproven', 'authenticated', 'desk'] as const;
const KNOWN = ['unproven', 'authenticated', 'desk'] as const;
const PROVES_NOTHING = ['stranger', 'unproven'] as const;

const silence = (kind: ReplyKind, counts: Partial<ReplyCounts>): Silence | null =>
  mayReply({ ...nothing, ...counts }, kind, limits);

describe('T45 whether one more mail may go to somebody who is not verified', () => {
  test.each<{
    readonly title: string;
    readonly who: readonly ReplyKind[];
    readonly most: Partial<ReplyCounts>;
    readonly spent: Partial<ReplyCounts>;
    readonly because: Silence;
  }>([
    {
      title: 'a stranger hears once a day',
      who: ['stranger'],
      most: { address: 0 },
      spent: { address: 1 },
      because: 'address',
    },
    {
      title: 'an address five times a day',
      who: KNOWN,
      most: { address: 4 },
      spent: { address: 5 },
      because: 'address',
    },
    {
      title: 'of those three for mails that prove nothing',
      who: ['unproven'],
      most: { address: 4, addressUnproven: 2 },
      spent: { address: 3, addressUnproven: 3 },
      because: 'address',
    },
    {
      title: 'a conversation twenty times a day',
      who: EVERYBODY,
      most: { thread: 19 },
      spent: { thread: 20 },
      because: 'thread',
    },
    {
      title: 'a domain fifty times a day for those who prove nothing',
      who: PROVES_NOTHING,
      most: { domain: 49 },
      spent: { domain: 50 },
      because: 'domain',
    },
    {
      title: 'a workspace twice a day with a challenge that an unproven mail caused',
      who: ['unproven'],
      most: { workspaceChallenges: 1 },
      spent: { workspaceChallenges: 2 },
      because: 'workspace',
    },
    {
      title: 'everybody 300 times an hour',
      who: KNOWN,
      most: { hour: 299 },
      spent: { hour: 300 },
      because: 'breaker',
    },
    {
      title: 'those who prove nothing 200 times an hour',
      who: PROVES_NOTHING,
      most: { hour: 299, hourUnproven: 199 },
      spent: { hour: 200, hourUnproven: 200 },
      because: 'breaker',
    },
    {
      title: 'an address whose mail came back never',
      who: EVERYBODY,
      most: {},
      spent: { undeliverable: true },
      because: 'undeliverable',
    },
  ])('$title', ({ who, most, spent, because }) => {
    for (const kind of who) {
      expect([kind, silence(kind, most)]).toEqual([kind, null]);
      expect([kind, silence(kind, spent)]).toEqual([kind, because]);
    }
  });

  test.each<[string, Partial<ReplyCounts>]>([
    ['three unproven mails', { address: 4, addressUnproven: 3 }],
    ['a flood from their domain', { domain: 5_000 }],
    ['challenges that unproven mails caused', { workspaceChallenges: 2 }],
    ['a flood of strangers', { hour: 299, hourUnproven: 200 }],
  ])('%s leave those who prove something their answer', (_title, counts) => {
    expect(silence('authenticated', counts)).toBeNull();
    expect(silence('desk', counts)).toBeNull();
  });

  test('what would not have gone out anyway is no flood', () => {
    expect(silence('unproven', { address: 5, hour: 300, hourUnproven: 300 })).toBe('address');
  });

  test('the policy sets the hour, the domain and the conversation, and two thirds are for those who prove nothing', () => {
    const small = replyLimits({ repliesAnHour: 9, repliesADomain: 2, repliesAThread: 4 });
    expect(small).toMatchObject({ hour: 9, hourUnproven: 6, domain: 2, thread: 4, address: 5, stranger: 1 });
    expect(replyLimits({ ...DEFAULT_POLICY, repliesAnHour: 1 })).toMatchObject({ hour: 1, hourUnproven: 1 });
  });
});
