/** Holds come and go, and what happens when the last one is gone. */
import { addHours } from '../../domain/calendar.ts';
import type { Canonical } from '../../domain/canonical.ts';
import type { BlockerKind } from '../../domain/directory.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Actor, HoldReason, Ticket, TicketEvent } from '../../domain/ticket.ts';
import type { HoldChange, Outcome, ReplyIntent } from '../outcome.ts';
import { LATE_RELEASE_HOURS, purgeStart } from '../policy.ts';
import { isAmong, isOwnWork } from './approving.ts';
import { leaveVerifying } from './confirming.ts';
import {
  DESK,
  type EventOf,
  isClosed,
  lift,
  place,
  refuse,
  rehearseJob,
  rejudgeJob,
  stay,
  stepJob,
  withHold,
} from './effects.ts';

/** Billing and export holds follow the directory, in both directions, until the grace has started. */
export function blockersChanged(
  ticket: Ticket,
  event: EventOf<'blockers_changed'>,
  policy: Policy,
  now: Date,
): Outcome {
  if (ticket.state !== 'verifying' && ticket.state !== 'approval' && ticket.state !== 'grace') {
    return refuse(ticket, event, 'wrong_state');
  }
  const ours: readonly BlockerKind[] = ['billing', 'export'];
  const lifted = ours.filter((kind) => ticket.holds.includes(kind) && !event.blockers.includes(kind));
  const placed = event.blockers.filter((kind) => !ticket.holds.includes(kind));
  if (lifted.length + placed.length === 0) return refuse(ticket, event, 'no_change');
  const holds = [
    ...lifted.map((kind) => lift(kind, DESK, 'cleared in the directory')),
    ...placed.map((kind) => place(kind, DESK, 'reported by the directory')),
  ];
  const left = [...ticket.holds.filter((reason) => !lifted.some((kind) => kind === reason)), ...placed];
  const details = { lifted, placed };
  const next = { ...ticket, holds: left };
  if (lifted.length > 0 && left.length === 0)
    return goOnReleased(ticket, next, event, DESK, details, policy, now, holds);
  return stay(next, event, DESK, details, { holds });
}

export function held(ticket: Ticket, event: EventOf<'held'>): Outcome {
  if (isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  if (ticket.holds.includes(event.reason)) {
    if (event.takesOver !== true) return refuse(ticket, event, 'no_change');
    const { reason, by, note } = event;
    const holds = [lift(reason, by, 'taken over'), place(reason, by, note)];
    return stay(ticket, event, by, { reason, takenOver: true }, { holds });
  }
  return withHold(
    ticket,
    ticket,
    event,
    event.by,
    { reason: event.reason },
    { reason: event.reason, note: event.note },
  );
}

export function released(ticket: Ticket, event: EventOf<'released'>, policy: Policy, now: Date): Outcome {
  if (isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  if (!ticket.holds.includes(event.reason)) return refuse(ticket, event, 'no_change');
  const { reason, by, note, accepted } = event;
  const details = accepted === undefined ? { reason } : { reason, step: accepted.step, left: accepted.count };
  if (by.kind === 'agent' && takesTwoToLift(ticket, reason, policy)) {
    const before = ticket.liftedBy.filter(
      (name) => !isAmong(event.lapsed ?? [], name) && !isOwnWork(ticket, name),
    );
    if (isAmong(before, by.name)) return refuse(ticket, event, 'same_agent');
    if (isOwnWork(ticket, by.name)) return refuse(ticket, event, 'own_work');
    const liftedBy = [...before, by.name];
    if (liftedBy.length < 2) return stay({ ...ticket, liftedBy }, event, by, { ...details, lifted: 1 });
  }
  return withoutHold(
    { ...ticket, ...(reason === 'review' ? { liftedBy: [] } : {}) },
    reason,
    event,
    by,
    note,
    details,
    policy,
    now,
  );
}

/** Behind the approval a review is about the plan itself: too much of it, or another one than was looked at. */
const takesTwoToLift = (ticket: Ticket, reason: HoldReason, policy: Policy): boolean =>
  reason === 'review' && policy.approvals > 1 && (ticket.state === 'grace' || ticket.state === 'purging');

export function withoutHold(
  ticket: Ticket,
  reason: HoldReason,
  event: TicketEvent,
  by: Actor,
  note: string,
  details: Readonly<Record<string, Canonical>>,
  policy: Policy,
  now: Date,
): Outcome {
  const next = { ...ticket, holds: ticket.holds.filter((hold) => hold !== reason) };
  const holds = [lift(reason, by, note)];
  if (next.holds.length > 0) return stay(next, event, by, details, { holds });
  return goOnReleased(ticket, next, event, by, details, policy, now, holds);
}

/** The last hold is gone: on with what it kept from happening. */
function goOnReleased(
  was: Ticket,
  ticket: Ticket,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  policy: Policy,
  now: Date,
  holds: readonly HoldChange[],
): Outcome {
  switch (ticket.state) {
    case 'received':
      return stay(ticket, event, actor, details, { holds, jobs: [rejudgeJob(ticket)] });
    case 'verifying':
      return ticket.verifiedAt === null
        ? stay(ticket, event, actor, details, { holds, replies: codeAfterReview(holds) })
        : leaveVerifying(was, ticket, event, actor, details, policy, now, holds);
    case 'grace': {
      if (purgeStart(ticket) > now) return stay(ticket, event, actor, details, { holds });
      const notBefore = addHours(now, LATE_RELEASE_HOURS);
      return stay(
        { ...ticket, notBefore, remindedAt: now },
        event,
        actor,
        { ...details, notBefore: notBefore.toISOString() },
        {
          holds,
          replies: [
            { template: 'grace_reminder', to: 'requester' },
            { template: 'grace_reminder', to: 'others' },
          ],
        },
      );
    }
    case 'purging':
      // The rehearsal does nothing once a step has begun; before that it makes up for a plan that drifted.
      return stay(ticket, event, actor, details, { holds, jobs: [rehearseJob(ticket), stepJob(ticket)] });
    default:
      return stay(ticket, event, actor, details, { holds });
  }
}

/** What an agent looked at before the verification was the code: locked, refused or undeliverable. A new one goes out. */
const codeAfterReview = (holds: readonly HoldChange[]): readonly ReplyIntent[] =>
  holds.some((hold) => hold.reason === 'review') ? [{ template: 'verify_request', to: 'requester' }] : [];
