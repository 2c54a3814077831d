import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../src/domain/calendar.ts';
import { BLOCKER_KINDS } from '../../src/domain/directory.ts';
import { VERDICTS } from '../../src/domain/evidence.ts';
import { emptyRequest } from '../../src/domain/request.ts';
import {
  HOLD_REASONS,
  type HoldReason,
  type Obstacle,
  PUBLIC_STATUS,
  STATES,
  type State,
  type Ticket,
  type TicketEvent,
  type TicketEventType,
} from '../../src/domain/ticket.ts';
import type { Outcome } from '../../src/tickets/outcome.ts';
import { LATE_RELEASE_HOURS, nextWake } from '../../src/tickets/policy.ts';
import { changedColumns, type TicketRow, ticketFromRow } from '../../src/tickets/ticket-row.ts';
import { transition } from '../../src/tickets/transition.ts';
import {
  ada,
  digest,
  EVENTS,
  entitled,
  grace,
  graceEndsAt,
  incomplete,
  inWords,
  judgement,
  now,
  planHash,
  policy,
  request,
  target,
  ticketIn,
  verifiedAt,
} from './cast.ts';

/** What each event is, in the words of a rule. */
const WORDS: Readonly<Record<TicketEventType, string>> = {
  judged: 'a judgement that entitles',
  details_given: 'details that complete the request',
  reported_deleted: 'a deletion in the app',
  restored_in_app: 'a deletion revoked in the app',
  vouched: 'an agent who vouches',
  corrected: 'a correction by an agent',
  noted: 'a note of an agent',
  challenge_answered: 'the right code',
  challenge_failed: 'a wrong code with tries left',
  code_unproven: 'a code in a mail that proves nothing',
  lapsed: 'the end of the waiting time',
  reminder_due: 'the hour of the reminder',
  blockers_changed: 'an open invoice in the directory',
  rehearsed: 'a rehearsal with the same plan',
  approved: 'the approval of the plan',
  cancel_asked: 'an authenticated cancel',
  cancel_denied: 'a denial of a cancel that is not there',
  status_asked: 'a question about the status',
  held: 'a hold by an agent',
  released: 'the release of a hold that is not there',
  grace_elapsed: 'the end of the grace',
  step_blocked: 'a stop found before a step',
  step_finished: 'a finished step',
  step_failed: 'a failed step',
  purge_finished: 'the end of the purge',
  residue_expired: 'the end of the last backup',
  erasure_replayed: 'an erasure after a restored backup',
  cancelled_by_agent: 'a cancel by an agent',
  rejected_by_agent: 'a rejection by an agent',
  mail_undeliverable: 'a mail that came back',
  context_erased: 'the erasure of what the desk no longer needs',
};

/** Every event in every state: what becomes of a ticket without holds, a minute after its grace has ended. */
const TABLE: Readonly<Record<TicketEventType, Readonly<Record<State, string>>>> = {
  judged: {
    received: 'to verifying, verify_request > requester',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  details_given: {
    received: 'stays',
    needs_details: 'to verifying, verify_request > requester',
    verifying: 'stays, verify_request > requester',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  reported_deleted: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  restored_in_app: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  vouched: {
    received: 'to approval, job purge.rehearse',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  corrected: {
    received: 'stays',
    needs_details: 'to verifying, verify_request > requester',
    verifying: 'stays, verify_request > requester',
    approval: 'to verifying, verify_request > requester',
    grace: 'refused: grace_begun',
    purging: 'refused: grace_begun',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  noted: {
    received: 'stays',
    needs_details: 'stays',
    verifying: 'stays',
    approval: 'stays',
    grace: 'stays',
    purging: 'stays',
    completed: 'stays',
    cancelled: 'stays',
    rejected: 'stays',
    expired: 'stays',
  },
  challenge_answered: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'to grace, grace_started > requester, owner_notice > others, job purge.rehearse',
    approval: 'refused: already_verified',
    grace: 'refused: already_verified',
    purging: 'refused: already_verified',
    completed: 'refused: already_verified',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  challenge_failed: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'stays, verify_failed > requester',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  code_unproven: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'stays, verify_failed > requester',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  lapsed: {
    received: 'refused: wrong_state',
    needs_details: 'to expired, expired > requester',
    verifying: 'to expired, expired > requester',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  reminder_due: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'stays, verify_request > requester',
    approval: 'refused: wrong_state',
    grace: 'stays, grace_reminder > requester, grace_reminder > others',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  blockers_changed: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'stays, +billing',
    approval: 'stays, +billing',
    grace: 'stays, +billing',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  rehearsed: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'stays',
    grace: 'stays',
    purging: 'stays',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  approved: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'to grace, grace_started > requester, owner_notice > others',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  cancel_asked: {
    received: 'to cancelled, cancelled > sender',
    needs_details: 'to cancelled, cancelled > sender, cancelled > requester',
    verifying: 'to cancelled, cancelled > sender, cancelled > requester',
    approval: 'to cancelled, cancelled > sender, cancelled > requester, cancelled > others',
    grace: 'to cancelled, cancelled > sender, cancelled > requester, cancelled > others',
    purging: 'stays, cancel_too_late > sender',
    completed: 'stays, cancel_too_late > sender',
    cancelled: 'stays, status > sender',
    rejected: 'stays, status > sender',
    expired: 'stays, status > sender',
  },
  cancel_denied: {
    received: 'refused: no_change',
    needs_details: 'refused: no_change',
    verifying: 'refused: no_change',
    approval: 'refused: no_change',
    grace: 'refused: no_change',
    purging: 'refused: no_change',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  status_asked: {
    received: 'stays, status > sender',
    needs_details: 'stays, status > sender',
    verifying: 'stays, status > sender',
    approval: 'stays, status > sender',
    grace: 'stays, status > sender',
    purging: 'stays, status > sender',
    completed: 'stays, status > sender',
    cancelled: 'stays, status > sender',
    rejected: 'stays, status > sender',
    expired: 'stays, status > sender',
  },
  held: {
    received: 'stays, +agent',
    needs_details: 'stays, +agent',
    verifying: 'stays, +agent',
    approval: 'stays, +agent',
    grace: 'stays, +agent',
    purging: 'stays, +agent',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  released: {
    received: 'refused: no_change',
    needs_details: 'refused: no_change',
    verifying: 'refused: no_change',
    approval: 'refused: no_change',
    grace: 'refused: no_change',
    purging: 'refused: no_change',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  grace_elapsed: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'to purging, purge_started > requester, job purge.step 1',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  step_blocked: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'stays, +doubtful_cancel',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  step_finished: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'stays',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  step_failed: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'stays, +step_failed',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  purge_finished: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'to completed, completed > requester, completed > others',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  residue_expired: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'stays, residue_released > requester, residue_released > others',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  erasure_replayed: {
    received: 'stays',
    needs_details: 'stays',
    verifying: 'stays',
    approval: 'stays',
    grace: 'stays',
    purging: 'stays',
    completed: 'stays',
    cancelled: 'stays',
    rejected: 'stays',
    expired: 'stays',
  },
  cancelled_by_agent: {
    received: 'to cancelled, cancelled > sender',
    needs_details: 'to cancelled, cancelled > sender, cancelled > requester',
    verifying: 'to cancelled, cancelled > sender, cancelled > requester',
    approval: 'to cancelled, cancelled > sender, cancelled > requester, cancelled > others',
    grace: 'to cancelled, cancelled > sender, cancelled > requester, cancelled > others',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  rejected_by_agent: {
    received: 'to rejected, rejected > sender',
    needs_details: 'to rejected, rejected > sender, rejected > requester',
    verifying: 'to rejected, rejected > sender, rejected > requester',
    approval: 'to rejected, rejected > sender, rejected > requester, rejected > others',
    grace: 'to rejected, rejected > sender, rejected > requester, rejected > others',
    purging: 'refused: wrong_state',
    completed: 'refused: wrong_state',
    cancelled: 'refused: wrong_state',
    rejected: 'refused: wrong_state',
    expired: 'refused: wrong_state',
  },
  context_erased: {
    received: 'refused: wrong_state',
    needs_details: 'refused: wrong_state',
    verifying: 'refused: wrong_state',
    approval: 'refused: wrong_state',
    grace: 'refused: wrong_state',
    purging: 'refused: wrong_state',
    completed: 'stays',
    cancelled: 'stays',
    rejected: 'stays',
    expired: 'stays',
  },
  mail_undeliverable: {
    received: 'stays, +review',
    needs_details: 'stays, +review',
    verifying: 'stays, +review',
    approval: 'stays, +review',
    grace: 'stays, +review',
    purging: 'stays',
    completed: 'stays',
    cancelled: 'stays',
    rejected: 'stays',
    expired: 'stays',
  },
};

const pairs = STATES.flatMap((state) =>
  (Object.keys(EVENTS) as TicketEventType[]).map((type) => ({ state, type, words: WORDS[type] })),
);

test('only a mail that starts something holds its ticket when it comes back', () => {
  const event = (template: string) => ({ type: 'mail_undeliverable', template }) as const;
  const holds = (template: string) =>
    transition(ticketIn('grace', { holds: [] }), event(template), policy, now).ticket.holds;
  expect(holds('grace_started')).toEqual(['review']);
  expect(holds('owner_notice')).toEqual([]);
  expect(holds('grace_reminder')).toEqual([]);
});

describe('every event in every state', () => {
  test.each(pairs)('in $state, $words has the outcome of the table', ({ state, type }) => {
    const expected = TABLE[type]?.[state];
    expect(expected, `${state} × ${type} is missing from the table`).toBeDefined();
    // By default the policy names no end of its backups: then none is told.
    const of = type === 'residue_expired' ? { ...policy, residue: [] } : policy;
    expect(inWords(transition(ticketIn(state), EVENTS[type], of, now))).toBe(expected);
  });

  test('the table has each pair once and no other', () => {
    const listed = Object.entries(TABLE).flatMap(([type, row]) =>
      Object.keys(row).map((state) => `${state} × ${type}`),
    );
    expect(listed.sort()).toEqual(pairs.map(({ state, type }) => `${state} × ${type}`).sort());
    expect(listed).toHaveLength(310);
  });

  test('every state has a public status', () => {
    expect(Object.keys(PUBLIC_STATUS).sort()).toEqual([...STATES].sort());
  });
});

const held = (state: State, ...holds: HoldReason[]) => ticketIn(state, { holds });
const early = new Date(graceEndsAt.getTime() - 1);
const reviewAll = { ...policy, review: 'all' } as const;
const off = { ...policy, purgeEnabled: false };
const final = { ...policy, finalScopes: ['source'] } as const;
const waits = (overrides: object = {}) => ticketIn('verifying', { verifiedAt, ...overrides });

const JUDGED: readonly Case[] = [
  ...(['received', 'needs_details', 'verifying'] as const).flatMap((state): readonly Case[] => {
    const type = state === 'received' ? 'judged' : 'details_given';
    const event = (given: typeof entitled): TicketEvent =>
      type === 'judged' ? { type, judgement: given } : { type, request, judgement: given };
    return [
      {
        title: `in ${state}, an incomplete request of somebody in charge is asked back`,
        ticket: ticketIn(state),
        event: event(incomplete),
        expected:
          state === 'needs_details'
            ? 'stays, needs_details > requester'
            : 'to needs_details, needs_details > requester',
      },
      ...(['wrong_workspace', 'not_entitled'] as const).map((verdict) => ({
        title: `in ${state}, ${verdict} is rejected with the neutral mail`,
        ticket: ticketIn(state),
        event: event(judgement(verdict)),
        expected: 'to rejected, not_authorised > sender',
      })),
      ...(['contradictory', 'unauthenticated', 'failed'] as const).map((verdict) => ({
        title: `in ${state}, ${verdict} waits for an agent and nobody is written to`,
        ticket: ticketIn(state),
        event: event(judgement(verdict)),
        expected: state === 'received' ? 'stays, +review' : 'to received, +review',
      })),
    ];
  }),
];

interface Case {
  readonly title: string;
  readonly ticket: Ticket;
  readonly event: TicketEvent;
  readonly policy?: typeof policy;
  readonly at?: Date;
  readonly expected: string;
}

const ANSWERED: readonly Case[] = [
  {
    title: 'a code for another scope than the ticket now has is refused',
    ticket: ticketIn('verifying'),
    event: { ...EVENTS.challenge_answered, digest: 'b'.repeat(64) },
    expected: 'refused: scope_changed',
  },
  {
    title: 'a code of somebody who lost the role verifies nothing',
    ticket: ticketIn('verifying'),
    event: { ...EVENTS.challenge_answered, entitled: false },
    expected: 'stays, +review, verify_failed > requester',
  },
  {
    title: 'a code of somebody who lost the role counts as little under a review',
    ticket: held('verifying', 'review'),
    event: { ...EVENTS.challenge_answered, entitled: false },
    expected: 'stays, verify_failed > requester',
  },
  {
    title: 'open billing keeps a verified ticket from its grace, and the requester hears what to settle',
    ticket: ticketIn('verifying'),
    event: { ...EVENTS.challenge_answered, blockers: ['billing'] },
    expected: 'stays, +billing, blocked > requester',
  },
  {
    title: 'a blocker that is a hold already is not placed twice',
    ticket: held('verifying', 'export'),
    event: { ...EVENTS.challenge_answered, blockers: ['billing', 'export'] },
    expected: 'stays, +billing, blocked > requester',
  },
  {
    title: 'a held ticket is verified and stays where it is',
    ticket: held('verifying', 'doubtful_cancel'),
    event: EVENTS.challenge_answered,
    expected: 'stays, status > requester',
  },
  {
    title: 'where every plan is reviewed the approval comes before the grace',
    ticket: ticketIn('verifying'),
    event: EVENTS.challenge_answered,
    policy: reviewAll,
    expected: 'to approval, status > requester, job purge.rehearse',
  },
  {
    title: 'a verified ticket that is held takes no second code',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.challenge_answered,
    expected: 'refused: already_verified',
  },
  {
    title: 'the last wrong code locks the ticket for an agent',
    ticket: ticketIn('verifying'),
    event: { type: 'challenge_failed', triesLeft: 0 },
    expected: 'stays, +review, verify_failed > requester',
  },
  {
    title: 'a verified ticket knows no wrong codes',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.challenge_failed,
    expected: 'refused: wrong_state',
  },
  {
    title: 'a verified ticket that is held takes no new details',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.details_given,
    expected: 'refused: wrong_state',
  },
  {
    title: 'a verified ticket that is held does not expire',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.lapsed,
    expected: 'refused: wrong_state',
  },
  {
    title: 'a hold does not stop the clock of the challenge',
    ticket: held('verifying', 'agent'),
    event: EVENTS.lapsed,
    expected: 'to expired, expired > requester',
  },
];

const REMINDED: readonly Case[] = [
  ...(['verifying', 'grace'] as const).map((state) => ({
    title: `in ${state} one reminder is enough`,
    ticket: ticketIn(state, { remindedAt: verifiedAt }),
    event: EVENTS.reminder_due,
    expected: 'refused: no_change',
  })),
  {
    title: 'a verified ticket that is held is not asked for its code',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.reminder_due,
    expected: 'refused: wrong_state',
  },
  {
    title: 'a held ticket in its grace is not said to be about to be deleted',
    ticket: held('grace', 'review'),
    event: EVENTS.reminder_due,
    expected: 'refused: held',
  },
];

const RELEASED: readonly Case[] = [
  ...(['received', 'needs_details', 'verifying', 'approval', 'grace', 'purging'] as const).map((state) => ({
    title: `in ${state}, one of two holds goes and nothing moves`,
    ticket: held(state, 'agent', 'review'),
    event: EVENTS.released,
    expected: 'stays, -agent',
  })),
  {
    title: 'a released ticket in received is judged again',
    ticket: held('received', 'agent'),
    event: EVENTS.released,
    expected: 'stays, -agent, job ticket.rejudge',
  },
  {
    title: 'a released ticket in needs_details goes on waiting',
    ticket: held('needs_details', 'agent'),
    event: EVENTS.released,
    expected: 'stays, -agent',
  },
  {
    title: 'a released ticket without its code goes on waiting for it',
    ticket: held('verifying', 'agent'),
    event: EVENTS.released,
    expected: 'stays, -agent',
  },
  {
    title: 'after a review the requester gets a new code',
    ticket: held('verifying', 'review'),
    event: { ...EVENTS.released, reason: 'review' },
    expected: 'stays, -review, verify_request > requester',
  },
  {
    title: 'a verified ticket enters its grace with the release of its last hold',
    ticket: waits({ holds: ['agent'] }),
    event: EVENTS.released,
    expected: 'to grace, -agent, grace_started > requester, owner_notice > others, job purge.rehearse',
  },
  {
    title: 'a verified ticket enters its approval with the release of its last hold',
    ticket: waits({ holds: ['agent'] }),
    event: EVENTS.released,
    policy: reviewAll,
    expected: 'to approval, -agent, status > requester, job purge.rehearse',
  },
  {
    title: 'a released ticket in approval still needs the approval',
    ticket: held('approval', 'agent'),
    event: EVENTS.released,
    expected: 'stays, -agent',
  },
  {
    title: 'a release before the end of the grace costs nobody time',
    ticket: held('grace', 'agent'),
    event: EVENTS.released,
    at: early,
    expected: 'stays, -agent',
  },
  {
    title: 'a release after the end of the grace sends a notice first',
    ticket: held('grace', 'agent'),
    event: EVENTS.released,
    expected: 'stays, -agent, grace_reminder > requester, grace_reminder > others',
  },
  {
    title: 'a released purge is rehearsed again, unless it has begun, and goes on',
    ticket: held('purging', 'step_failed'),
    event: { ...EVENTS.released, reason: 'step_failed' },
    expected: 'stays, -step_failed, job purge.rehearse, job purge.step 1',
  },
  {
    title: 'a hold that is there already is not placed twice',
    ticket: held('grace', 'agent'),
    event: EVENTS.held,
    expected: 'refused: no_change',
  },
];

const BLOCKED: readonly Case[] = [
  {
    title: 'billing that was settled lifts itself and the full grace starts',
    ticket: waits({ holds: ['billing'] }),
    event: { type: 'blockers_changed', blockers: [] },
    expected: 'to grace, -billing, grace_started > requester, owner_notice > others, job purge.rehearse',
  },
  {
    title: 'one of two blockers that was settled starts nothing',
    ticket: waits({ holds: ['billing', 'export'] }),
    event: { type: 'blockers_changed', blockers: ['export'] },
    expected: 'stays, -billing',
  },
  {
    title: 'a blocker that replaces another keeps the ticket where it is',
    ticket: waits({ holds: ['billing'] }),
    event: { type: 'blockers_changed', blockers: ['export'] },
    expected: 'stays, -billing, +export',
  },
  {
    title: 'the directory lifts its own holds and no other',
    ticket: waits({ holds: ['billing', 'agent'] }),
    event: { type: 'blockers_changed', blockers: [] },
    expected: 'stays, -billing',
  },
  {
    title: 'blockers that are as they were change nothing',
    ticket: waits({ holds: ['billing'] }),
    event: { type: 'blockers_changed', blockers: ['billing'] },
    expected: 'refused: no_change',
  },
  {
    title: 'billing settled before the code came starts nothing',
    ticket: held('verifying', 'billing'),
    event: { type: 'blockers_changed', blockers: [] },
    expected: 'stays, -billing',
  },
  {
    title: 'billing settled after the end of the grace sends a notice first',
    ticket: held('grace', 'billing'),
    event: { type: 'blockers_changed', blockers: [] },
    expected: 'stays, -billing, grace_reminder > requester, grace_reminder > others',
  },
];

const PLANNED: readonly Case[] = [
  ...(['approval', 'grace', 'purging'] as const).flatMap((state): readonly Case[] => [
    {
      title: `in ${state}, a plan above the cap waits for an agent`,
      ticket: ticketIn(state),
      event: { ...EVENTS.rehearsed, overCap: true },
      expected: 'stays, +review',
    },
    {
      title: `in ${state}, another plan than before waits for an agent`,
      ticket: ticketIn(state),
      event: { ...EVENTS.rehearsed, planHash: 'b'.repeat(64) },
      expected: 'stays, +review',
    },
    {
      title: `in ${state}, another plan above the cap is one review`,
      ticket: ticketIn(state),
      event: { ...EVENTS.rehearsed, planHash: 'b'.repeat(64), overCap: true },
      expected: 'stays, +review',
    },
    {
      title: `in ${state}, a rehearsal with purging off holds the ticket`,
      ticket: ticketIn(state),
      event: EVENTS.rehearsed,
      policy: off,
      expected: 'stays, +purging_off',
    },
    {
      title: `in ${state}, holds that are there already are not placed twice`,
      ticket: held(state, 'purging_off', 'review'),
      event: { ...EVENTS.rehearsed, overCap: true },
      policy: off,
      expected: 'stays',
    },
  ]),
  {
    title: 'the first plan of a ticket is no change of plan',
    ticket: ticketIn('grace', { planHash: null }),
    event: EVENTS.rehearsed,
    expected: 'stays',
  },
  {
    title: 'an approval of another plan is refused',
    ticket: ticketIn('approval'),
    event: { ...EVENTS.approved, planHash: 'b'.repeat(64) },
    expected: 'refused: plan_changed',
  },
  {
    title: 'an approval before the rehearsal is refused',
    ticket: ticketIn('approval', { planHash: null }),
    event: EVENTS.approved,
    expected: 'refused: plan_changed',
  },
  {
    title: 'an approval of a held ticket is refused',
    ticket: held('approval', 'review'),
    event: EVENTS.approved,
    expected: 'refused: held',
  },
];

const CANCELLED: readonly Case[] = [
  ...(['received', 'needs_details', 'verifying', 'approval', 'grace'] as const).map((state) => ({
    title: `in ${state}, a cancel that is not authenticated pauses and closes nothing`,
    ticket: ticketIn(state),
    event: { ...EVENTS.cancel_asked, standing: 'unproven' as const },
    expected: 'stays, +doubtful_cancel, cancel_paused > sender, cancel_paused > requester',
  })),
  {
    title: 'a second doubtful cancel is answered and places no second hold',
    ticket: held('grace', 'doubtful_cancel'),
    event: { ...EVENTS.cancel_asked, standing: 'unproven' },
    expected: 'stays, cancel_paused > sender, cancel_paused > requester',
  },
  {
    title: 'a hold does not keep a party from cancelling',
    ticket: held('grace', 'doubtful_cancel', 'agent'),
    event: EVENTS.cancel_asked,
    expected: 'to cancelled, cancelled > sender, cancelled > requester, cancelled > others',
  },
  {
    title: 'a verified ticket that is held can be cancelled',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.cancel_asked,
    expected: 'to cancelled, cancelled > sender, cancelled > requester',
  },
  ...(['approval', 'grace'] as const).map((state) => ({
    title: `in ${state}, a final scope is no longer cancelled by a party`,
    ticket: ticketIn(state),
    event: EVENTS.cancel_asked,
    policy: final,
    expected: 'stays, cancel_too_late > sender',
  })),
  {
    title: 'a final scope is cancelled as ever while it is not verified',
    ticket: ticketIn('verifying'),
    event: EVENTS.cancel_asked,
    policy: final,
    expected: 'to cancelled, cancelled > sender, cancelled > requester',
  },
  {
    title: 'a verified ticket of a final scope that is held is final as well',
    ticket: waits({ holds: ['billing'] }),
    event: EVENTS.cancel_asked,
    policy: final,
    expected: 'stays, cancel_too_late > sender',
  },
  {
    title: 'another scope than the final ones is cancelled as ever',
    ticket: ticketIn('grace'),
    event: EVENTS.cancel_asked,
    policy: { ...policy, finalScopes: ['workspace'] },
    expected: 'to cancelled, cancelled > sender, cancelled > requester, cancelled > others',
  },
  {
    title: 'a doubtful cancel does not pause a purge that runs',
    ticket: ticketIn('purging'),
    event: { ...EVENTS.cancel_asked, standing: 'unproven' },
    expected: 'stays, cancel_too_late > sender',
  },
];

const denial = EVENTS.cancel_denied;
const DENIED: readonly Case[] = [
  {
    title: 'a denied cancel lifts its hold and both sides hear of it',
    ticket: ticketIn('grace', { holds: ['doubtful_cancel'] }),
    event: denial,
    at: early,
    expected: 'stays, -doubtful_cancel, status > requester, status > sender',
  },
  {
    title: 'a denied cancel lifts no other hold',
    ticket: held('grace', 'doubtful_cancel', 'agent'),
    event: denial,
    expected: 'stays, -doubtful_cancel, status > requester, status > sender',
  },
  {
    title: 'a denial after the grace has ended lets another day pass, and everybody hears of it',
    ticket: held('grace', 'doubtful_cancel'),
    event: denial,
    expected:
      'stays, -doubtful_cancel, grace_reminder > requester, grace_reminder > others, grace_reminder > sender',
  },
  {
    title: 'a denied cancel of a verified request lets its grace start',
    ticket: waits({ holds: ['doubtful_cancel'] }),
    event: denial,
    expected:
      'to grace, -doubtful_cancel, grace_started > requester, owner_notice > others, owner_notice > sender, job purge.rehearse',
  },
  {
    title: 'a denied cancel of a request that waits for its code asks for nothing anew',
    ticket: held('verifying', 'doubtful_cancel'),
    event: denial,
    expected: 'stays, -doubtful_cancel, status > requester, status > sender',
  },
  {
    title: 'T43 one denial does not speak for somebody else who asked',
    ticket: held('grace', 'doubtful_cancel'),
    event: { ...denial, othersRemain: true },
    expected: 'stays',
  },
  {
    title: 'T26 the denial of somebody no longer in charge lifts nothing',
    ticket: held('grace', 'doubtful_cancel'),
    event: { ...denial, entitled: false },
    expected: 'stays',
  },
];

const obstructed = (...obstacles: Obstacle[]): TicketEvent => ({ type: 'grace_elapsed', obstacles });
const ELAPSED: readonly Case[] = [
  {
    title: 'a millisecond before the end of the grace is too early',
    ticket: ticketIn('grace'),
    event: EVENTS.grace_elapsed,
    at: early,
    expected: 'refused: too_early',
  },
  {
    title: 'the end of the grace itself is late enough',
    ticket: ticketIn('grace'),
    event: EVENTS.grace_elapsed,
    at: graceEndsAt,
    expected: 'to purging, purge_started > requester, job purge.step 1',
  },
  {
    title: 'a ticket that was released late waits for its own hour',
    ticket: ticketIn('grace', { notBefore: new Date(now.getTime() + 1) }),
    event: EVENTS.grace_elapsed,
    expected: 'refused: too_early',
  },
  {
    title: 'without a plan the rehearsal is asked for again',
    ticket: ticketIn('grace', { planHash: null }),
    event: EVENTS.grace_elapsed,
    expected: 'stays, job purge.rehearse',
  },
  {
    title: 'while purging is off nothing starts, whatever the world says',
    ticket: ticketIn('grace'),
    event: EVENTS.grace_elapsed,
    policy: off,
    expected: 'stays, +purging_off',
  },
  ...HOLD_REASONS.map((reason) => ({
    title: `the hold ${reason} keeps the purge from starting`,
    ticket: held('grace', reason),
    event: EVENTS.grace_elapsed,
    expected: 'refused: held',
  })),
  ...(
    [
      ['requester_lost_role', '+review'],
      ['workspace_changed', '+review'],
      ['workspace_lives', '+review'],
      ['plan_changed', '+review'],
      ['workspace_stopped', '+doubtful_cancel'],
      ['purging_off', '+purging_off'],
    ] as const
  ).map(([obstacle, hold]) => ({
    title: `${obstacle} keeps the purge from starting and becomes a hold`,
    ticket: ticketIn('grace'),
    event: obstructed(obstacle),
    expected: `stays, ${hold}`,
  })),
  {
    title: 'several obstacles become each hold once',
    ticket: ticketIn('grace'),
    event: obstructed('workspace_changed', 'requester_lost_role', 'workspace_stopped'),
    expected: 'stays, +review, +doubtful_cancel',
  },
];

const STEPS: readonly Case[] = [
  ...(
    [
      'requester_lost_role',
      'workspace_changed',
      'workspace_lives',
      'plan_changed',
      'plan_missing',
    ] as const satisfies Obstacle[]
  ).map((obstacle) => ({
    title: `${obstacle} before a step waits for an agent`,
    ticket: ticketIn('purging'),
    event: { type: 'step_blocked' as const, obstacles: [obstacle] },
    expected: 'stays, +review',
  })),
  {
    title: 'a step that nothing blocks is no event',
    ticket: ticketIn('purging'),
    event: { type: 'step_blocked', obstacles: [] },
    expected: 'refused: wrong_state',
  },
  {
    title: 'a step that fails again is recorded and holds once',
    ticket: held('purging', 'step_failed'),
    event: EVENTS.step_failed,
    expected: 'stays',
  },
  {
    title: 'what is deleted and counted is completed even under a hold',
    ticket: held('purging', 'agent'),
    event: EVENTS.purge_finished,
    expected: 'to completed, completed > requester, completed > others',
  },
  {
    title: 'a second mail that came back places no second review',
    ticket: held('grace', 'review'),
    event: EVENTS.mail_undeliverable,
    expected: 'stays',
  },
];

const untold = { residueWakeAt: new Date('2026-04-12T00:00:00Z'), residueToldAt: null };
const erased = { erasedAt: now, target: null, requester: null, request: emptyRequest('source') };

const ERASED: readonly Case[] = [
  {
    title: 'an erasure is recorded once',
    ticket: ticketIn('completed', erased),
    event: EVENTS.context_erased,
    expected: 'refused: no_change',
  },
  {
    title: 'an erasure that keeps the addresses changes nothing while they are needed',
    ticket: ticketIn('completed', {
      ...erased,
      ...untold,
      requester: 'ada@acme.example',
      keepsAddresses: true,
    }),
    event: EVENTS.context_erased,
    expected: 'refused: no_change',
  },
  {
    title: 'the addresses go once the last mail is written',
    ticket: ticketIn('completed', {
      ...erased,
      ...untold,
      residueToldAt: now,
      requester: 'ada@acme.example',
      keepsAddresses: true,
    }),
    event: EVENTS.context_erased,
    expected: 'stays',
  },
];

test.each([
  ...ERASED,
  ...JUDGED,
  ...ANSWERED,
  ...REMINDED,
  ...RELEASED,
  ...BLOCKED,
  ...PLANNED,
  ...CANCELLED,
  ...DENIED,
  ...ELAPSED,
  ...STEPS,
])('$title', ({ ticket, event, policy: own, at, expected }) => {
  expect(inWords(transition(ticket, event, own ?? policy, at ?? now))).toBe(expected);
});

describe('what an erasure leaves of a ticket', () => {
  const erase = (ticket: Ticket) => transition(ticket, EVENTS.context_erased, policy, now);

  test.each(['completed', 'cancelled', 'rejected', 'expired'] as const)(
    '%s: no word and no address',
    (state) => {
      const nothingDue = state === 'completed' ? { residueWakeAt: null } : {};
      const outcome = erase(ticketIn(state, { reasons: ['because'], ...nothingDue }));
      expect(outcome.ticket).toMatchObject({
        ...{ state, requester: null, request: emptyRequest('source'), reasons: [], asks: [] },
        ...{ erasedAt: now, keepsAddresses: false },
      });
      expect(changedColumns(outcome.ticket)).toMatchObject({ requester: null, target: null, plan: null });
      expect(outcome).toMatchObject({ record: { details: { parties: 2, notes: 1, keepsAddresses: false } } });
    },
  );

  test('the requester, while a mail is due that tells of the last backup', () => {
    const { ticket } = erase(ticketIn('completed', untold));
    expect(ticket).toMatchObject({ requester: 'ada@acme.example', keepsAddresses: true, target: null });
  });
});

describe('what an outcome writes down', () => {
  test('the grace starts in full with the release of the last hold, not with the code', () => {
    const later = new Date('2026-06-15T23:59:59.999Z');
    const outcome = transition(waits({ holds: ['agent'] }), EVENTS.released, policy, later);
    expect(outcome.ticket).toMatchObject({
      state: 'grace',
      verifiedAt,
      graceStartedAt: later,
      graceEndsAt: new Date('2026-06-21T00:00:00Z'),
    });
  });

  test('a late release waits 24 hours from the release', () => {
    const outcome = transition(held('grace', 'agent'), EVENTS.released, policy, now);
    expect(outcome.ticket).toMatchObject({
      notBefore: new Date(now.getTime() + LATE_RELEASE_HOURS * HOUR_MS),
      remindedAt: now,
    });
  });

  test('an agent’s words stay with the hold and out of the audit chain', () => {
    const outcome = transition(
      ticketIn('grace'),
      { ...EVENTS.held, note: 'Ada called from +49 30' },
      policy,
      now,
    );
    expect(JSON.stringify(recordOf(outcome))).not.toContain('Ada');
    expect(outcome).toMatchObject({ holds: [{ note: 'Ada called from +49 30' }] });
  });

  test('a new scope voids what was resolved before', () => {
    const outcome = transition(
      ticketIn('verifying'),
      { type: 'details_given', request, judgement: incomplete },
      policy,
      now,
    );
    expect(outcome.ticket).not.toHaveProperty('target');
    expect(changedColumns(outcome.ticket)).toMatchObject({ target: null, digest: null, workspace_ids: [] });
  });
});

const recordOf = (outcome: Outcome) => (outcome.kind === 'refused' ? null : outcome.record);

/* Properties: whatever happens in whatever order, at whatever time. */

const obstacle = fc.constantFrom<Obstacle>(
  'requester_lost_role',
  'workspace_changed',
  'workspace_lives',
  'workspace_stopped',
  'purging_off',
  'plan_missing',
  'plan_changed',
);
const obstacles = fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.uniqueArray(obstacle));
const blockers = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.uniqueArray(fc.constantFrom(...BLOCKER_KINDS)),
);
const judged = fc.oneof(
  { weight: 4, arbitrary: fc.constant(entitled) },
  fc.constant(incomplete),
  fc.constantFrom(...VERDICTS).map(judgement),
);
const hash = fc.constantFrom(planHash, planHash, planHash, 'b'.repeat(64));
const reason = fc.constantFrom(...HOLD_REASONS);
const by = fc.constantFrom(ada, grace, { kind: 'desk' } as const);
const bool = fc.boolean();
const note = fc.string().map((text) => `note: ${text}`);

const anyEvent: fc.Arbitrary<TicketEvent> = fc.oneof(
  fc.record({ type: fc.constant('judged' as const), judgement: judged }),
  fc.record({
    type: fc.constant('details_given' as const),
    request: fc.constant(request),
    judgement: judged,
  }),
  fc.record({
    type: fc.constant('challenge_answered' as const),
    by,
    via: fc.constantFrom('reply' as const, 'page' as const),
    digest: fc.constantFrom(digest, digest, digest, 'c'.repeat(64)),
    entitled: fc.constantFrom(true, true, true, false),
    blockers,
  }),
  fc.record({ type: fc.constant('challenge_failed' as const), triesLeft: fc.nat(4) }),
  fc.constant<TicketEvent>({ type: 'lapsed' }),
  fc.constant<TicketEvent>({ type: 'reminder_due' }),
  fc.record({ type: fc.constant('blockers_changed' as const), blockers }),
  fc.record({ type: fc.constant('rehearsed' as const), planHash: hash, estimate: fc.nat(), overCap: bool }),
  fc.record({ type: fc.constant('approved' as const), by, planHash: hash }),
  fc.record({
    type: fc.constant('cancel_asked' as const),
    by,
    standing: fc.constantFrom('authenticated' as const, 'unproven' as const, 'unproven' as const),
  }),
  fc.record({ type: fc.constant('cancel_denied' as const), by, entitled: bool, othersRemain: bool }),
  fc.constant<TicketEvent>({ type: 'status_asked' }),
  fc.record({ type: fc.constant('held' as const), reason, by, note }),
  fc.record({ type: fc.constant('released' as const), reason, by, note }),
  fc.record({ type: fc.constant('grace_elapsed' as const), obstacles }),
  fc.record({ type: fc.constant('step_blocked' as const), obstacles }),
  fc.record({
    type: fc.constant('step_finished' as const),
    step: fc.nat(),
    deleted: fc.nat(),
    remaining: fc.nat(),
  }),
  fc.record({
    type: fc.constant('step_failed' as const),
    step: fc.nat(),
    error: fc.constant('PD_STORE_FAILED'),
  }),
  fc.constant<TicketEvent>({ type: 'purge_finished' }),
  fc.record({ type: fc.constant('cancelled_by_agent' as const), by, note }),
  fc.record({ type: fc.constant('rejected_by_agent' as const), by, note }),
  fc.record({ type: fc.constant('mail_undeliverable' as const), template: fc.constant('verify_request') }),
  fc.constant<TicketEvent>(EVENTS.context_erased),
);

/** The way to a purge, into which the random events are strewn: few random walks alone would come that far. */
const WAY: readonly TicketEvent[] = [
  EVENTS.judged,
  EVENTS.challenge_answered,
  EVENTS.rehearsed,
  EVENTS.approved,
  ...HOLD_REASONS.map((held): TicketEvent => ({ ...EVENTS.released, reason: held })),
  EVENTS.grace_elapsed,
  EVENTS.purge_finished,
];
const moment = (event: fc.Arbitrary<TicketEvent>) =>
  fc.record({ event, hours: fc.double({ min: 0, max: 200, noNaN: true }) });
const history = fc
  .tuple(
    fc.tuple(...WAY.map((event) => moment(fc.constant(event)))),
    fc.array(fc.record({ at: fc.nat(WAY.length), moment: moment(anyEvent) }), { maxLength: 12 }),
  )
  .map(([way, strewn]) =>
    way.flatMap((step, index) => [...strewn.filter(({ at }) => at === index).map((one) => one.moment), step]),
  );
const anyPolicy = fc.record({
  review: fc.constantFrom('exceptions' as const, 'exceptions' as const, 'all' as const),
  purgeEnabled: fc.constantFrom(true, true, true, false),
  finalScopes: fc.constantFrom([], ['source' as const]),
});

interface Past {
  readonly ticket: Ticket;
  readonly event: TicketEvent;
  readonly outcome: Outcome;
  readonly at: Date;
  readonly purgeEnabled: boolean;
}

/** Runs a history from a ticket that was just received; `check` sees every single move. */
function live(
  steps: readonly { readonly event: TicketEvent; readonly hours: number }[],
  own: typeof policy,
  check: (past: Past) => void,
): Ticket {
  let ticket = ticketIn('received', { verdict: null });
  let at = new Date('2026-03-01T09:00:00Z');
  for (const { event, hours } of steps) {
    at = new Date(at.getTime() + Math.floor(hours * HOUR_MS));
    const outcome = transition(ticket, event, own, at);
    check({ ticket, event, outcome, at, purgeEnabled: own.purgeEnabled });
    ticket = outcome.ticket;
  }
  return ticket;
}

/** fast-check prints seed and path of a failure, so any of them can be run again. */
const always = (check: (past: Past) => void) => () => {
  const seen = new Set<State>();
  fc.assert(
    fc.property(history, anyPolicy, (steps, own) => {
      live(steps, { ...policy, ...own }, (past) => {
        seen.add(past.outcome.ticket.state);
        check(past);
      });
    }),
    { numRuns: 2_000 },
  );
  return seen;
};

const isClosed = (state: State) => ['completed', 'cancelled', 'rejected', 'expired'].includes(state);

describe('whatever happens, in whatever order, at whatever time', () => {
  test('the random histories reach every state', () => {
    expect([...always(() => undefined)()].sort()).toEqual([...STATES].sort());
  });

  test('a purge starts only verified, planned, unheld, switched on and 120 hours after its grace began', () =>
    void always(({ ticket, outcome, at, purgeEnabled }) => {
      const { ticket: next } = outcome;
      if (next.state !== 'purging' || ticket.state === 'purging') return;
      expect(ticket.state).toBe('grace');
      expect(ticket.holds).toEqual([]);
      expect(next.verifiedAt).toBeInstanceOf(Date);
      expect(next.planHash).toMatch(/^[ab]{64}$/);
      expect(next.digest).toBe(digest);
      expect(next.target).toEqual(target);
      expect(purgeEnabled).toBe(true);
      expect(next.graceStartedAt >= next.verifiedAt).toBe(true);
      expect(at.getTime() - next.graceStartedAt.getTime()).toBeGreaterThanOrEqual(120 * HOUR_MS);
      expect(at >= next.graceEndsAt && (next.notBefore === null || at >= next.notBefore)).toBe(true);
    })());

  test('T37 nothing shortens the five days: before the end of its grace no ticket purges, whatever happens', () => {
    // Two years of events for a ticket whose grace ends after them, with every hold lifted time and again.
    const end = new Date('2028-03-08T00:00:00Z');
    const lastMs = end.getTime() - 1 - verifiedAt.getTime();
    const inGrace = ticketIn('grace', { graceEndsAt: end });
    const way = [EVENTS.approved, EVENTS.rehearsed, EVENTS.grace_elapsed, denial];
    const pressed = fc.oneof(anyEvent, fc.constantFrom<TicketEvent>(...way));
    fc.assert(
      fc.property(
        fc.array(pressed, { maxLength: 40 }),
        fc.integer({ min: 0, max: lastMs }),
        (events, span) => {
          let ticket: Ticket = inGrace;
          for (const [index, event] of events.entries()) {
            const at = new Date(verifiedAt.getTime() + (span * index) / events.length);
            ticket = transition(ticket, event, policy, at).ticket;
            expect(ticket.state).not.toBe('purging');
            if ('graceEndsAt' in ticket) expect(ticket.graceEndsAt).toEqual(end);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('a closed ticket stays closed: neither cancelled nor rejected nor expired ever purges', () =>
    void always(({ ticket, outcome }) => {
      if (!isClosed(ticket.state)) return;
      expect(outcome.ticket.state).toBe(ticket.state);
      if (outcome.kind !== 'refused') expect([...outcome.jobs, ...outcome.holds]).toEqual([]);
    })());

  test('every ticket keeps what its state guarantees, as the database demands it', () =>
    void always(({ outcome }) => void expectSound(outcome.ticket))());

  test('a refusal changes nothing', () =>
    void always(({ ticket, outcome }) => {
      if (outcome.kind === 'refused') expect(outcome.ticket).toBe(ticket);
    })());

  test('the holds of the ticket are the ones before, plus those placed, less those lifted', () =>
    void always(({ ticket, outcome }) => {
      if (outcome.kind === 'refused') return;
      const after = new Set(ticket.holds);
      for (const { change, reason: changed } of outcome.holds) {
        expect(after.has(changed)).toBe(change === 'lifted');
        if (change === 'placed') after.add(changed);
        else after.delete(changed);
      }
      expect([...outcome.ticket.holds].sort()).toEqual([...after].sort());
      expect(new Set(outcome.ticket.holds).size).toBe(outcome.ticket.holds.length);
    })());

  test('every open ticket is looked at again by the clock, waits for a hold, an agent, or a job', () =>
    void always(({ outcome, at }) => {
      const { ticket } = outcome;
      if (isClosed(ticket.state) || ticket.holds.length > 0) return;
      if (ticket.state === 'needs_details' || ticket.state === 'verifying' || ticket.state === 'grace') {
        expect(nextWake(ticket, policy, at)).toBeInstanceOf(Date);
      }
    })());

  test('the audit record holds no words of an agent and no address', () =>
    void always(({ event, outcome }) => {
      if (outcome.kind === 'refused') return;
      const text = JSON.stringify(outcome.record);
      expect(text).not.toContain('@');
      if ('note' in event) expect(Object.values(outcome.record.details)).not.toContain(event.note);
    })());
});

/** What migrations/…_create_tickets.ts demands of a row, and what `ticketFromRow` demands of it. */
function expectSound(ticket: Ticket): void {
  const resolved = ['verifying', 'approval', 'grace', 'purging', 'completed'].includes(ticket.state);
  if (resolved) expect(ticket.verdict).toBe('entitled');
  expect('closedAt' in ticket && ticket.closedAt instanceof Date).toBe(isClosed(ticket.state));
  const row = {
    id: ticket.id,
    conversation_id: ticket.conversationId,
    message_id: ticket.messageId,
    requested_at: ticket.requestedAt,
    due_at: ticket.dueAt,
    origin: ticket.origin,
    requester: ticket.requester,
    plan_hash: null,
    verified_at: null,
    erased_at: null,
    keeps_addresses: false,
    digest: 'digest' in ticket ? ticket.digest : null,
    ...changedColumns(ticket),
    request: ticket.request,
    asks: ticket.asks,
    target: 'target' in ticket ? ticket.target : null,
  } as unknown as TicketRow;
  expect(ticketFromRow(row, ticket.holds)).toEqual(ticket);
  if (ticket.state === 'grace' || ticket.state === 'purging' || ticket.state === 'completed') {
    expect(ticket.graceStartedAt >= ticket.verifiedAt).toBe(true);
    expect(ticket.graceEndsAt.getTime() - ticket.graceStartedAt.getTime()).toBeGreaterThanOrEqual(
      120 * HOUR_MS,
    );
  }
}
