/** Deletions that no requester confirms by a code: the app reports them, or agents vouch for them. */
import type { Policy } from '../../domain/policy.ts';
import { targetDigest } from '../../domain/target.ts';
import type { Ticket, TicketIn } from '../../domain/ticket.ts';
import type { Outcome } from '../outcome.ts';
import { leaveVerifying } from './confirming.ts';
import {
  base,
  DESK,
  type EventOf,
  fresh,
  go,
  lift,
  place,
  refuse,
  rehearseJob,
  withHold,
} from './effects.ts';

/** The app knows whoever pressed the button there. The wait is as long as ever, from the moment that the desk hears of it. */
export function reportedDeleted(
  ticket: Ticket,
  event: EventOf<'reported_deleted'>,
  policy: Policy,
  now: Date,
): Outcome {
  if (ticket.state !== 'received' || ticket.origin !== 'app') return refuse(ticket, event, 'wrong_state');
  const digest = targetDigest(event.target);
  const details = { digest, doubt: event.doubt, blockers: [...event.blockers] };
  if (event.doubt !== null) {
    const verdict = event.doubt === 'nobody_known' ? 'ownerless' : 'not_entitled';
    const waiting: Ticket = { ...base(ticket), verdict, state: 'received', ...fresh(now) };
    return withHold(ticket, waiting, event, DESK, details, {
      reason: 'review',
      note: APP_DOUBTS[event.doubt],
    });
  }
  const placed = event.blockers.filter((kind) => !ticket.holds.includes(kind));
  const verified: TicketIn<'verifying'> = {
    ...base(ticket),
    verdict: 'entitled',
    reasons: ['the workspace was deleted in the app, which had verified who may do that'],
    asks: [],
    holds: [...ticket.holds, ...placed],
    state: 'verifying',
    target: event.target,
    digest,
    verifiedAt: now,
    ...fresh(now),
  };
  if (verified.holds.length === 0)
    return leaveVerifying(ticket, verified, event, DESK, details, policy, now, []);
  return go(ticket, verified, event, DESK, details, {
    holds: placed.map((kind) => place(kind, DESK, 'reported by the directory')),
    replies: [{ template: 'blocked', to: ticket.requester === null ? 'others' : 'requester' }],
  });
}

const APP_DOUBTS = {
  nobody_known:
    'deleted in the app, and no owner or admin is known who could hear of it: it takes two agents',
  not_in_charge: 'deleted in the app by somebody who may not ask for that',
} as const;

/** Nothing is verified by one agent: the plan is made, and two of them have to approve it. */
export function vouched(ticket: Ticket, event: EventOf<'vouched'>, now: Date): Outcome {
  const { by, judgement } = event;
  if (ticket.state !== 'received' || by.kind !== 'agent') return refuse(ticket, event, 'wrong_state');
  if (judgement.verdict !== 'ownerless' || judgement.target === null)
    return refuse(ticket, event, 'not_ownerless');
  // Nobody confirms it by a code: what is vouched for must be in the words of whoever asked.
  if (ticket.correctedBy.length > 0) return refuse(ticket, event, 'corrected_before');
  if (ticket.holds.some((reason) => reason !== 'review')) return refuse(ticket, event, 'held');
  const digest = targetDigest(judgement.target);
  const next: Ticket = {
    ...base(ticket),
    verdict: 'ownerless',
    reasons: judgement.reasons,
    asks: [],
    holds: [],
    vouchedBy: by.name,
    approvedBy: [],
    state: 'approval',
    target: judgement.target,
    digest,
    verifiedAt: now,
    planHash: null,
    ...fresh(now),
  };
  return go(
    ticket,
    next,
    event,
    by,
    { digest, reason: event.reasonHash },
    { holds: ticket.holds.map((reason) => lift(reason, by, event.note)), jobs: [rehearseJob(ticket)] },
  );
}
