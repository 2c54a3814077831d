/** The challenge: answered, failed, left unanswered; and what follows once it was answered. */
import { graceEnd } from '../../domain/calendar.ts';
import type { Canonical } from '../../domain/canonical.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Actor, Ticket, TicketEvent, TicketIn } from '../../domain/ticket.ts';
import type { HoldChange, Outcome, ReplyIntent } from '../outcome.ts';
import { needsApproval } from '../policy.ts';
import {
  base,
  DESK,
  type EventOf,
  fresh,
  go,
  place,
  refuse,
  rehearseJob,
  stay,
  withHold,
} from './effects.ts';

export function challengeAnswered(
  ticket: Ticket,
  event: EventOf<'challenge_answered'>,
  policy: Policy,
  now: Date,
): Outcome {
  if (ticket.state !== 'verifying') {
    return refuse(ticket, event, 'verifiedAt' in ticket ? 'already_verified' : 'wrong_state');
  }
  if (ticket.verifiedAt !== null) return refuse(ticket, event, 'already_verified');
  if (ticket.digest !== event.digest) return refuse(ticket, event, 'scope_changed');
  const details = { via: event.via, digest: event.digest, blockers: [...event.blockers] };
  if (!event.entitled) {
    return withHold(
      ticket,
      ticket,
      event,
      event.by,
      { ...details, entitled: false },
      {
        reason: 'review',
        note: 'the requester lost the role before answering the challenge',
      },
      [{ template: 'verify_failed', to: 'requester' }],
    );
  }
  const verified: TicketIn<'verifying'> = { ...ticket, verifiedAt: now };
  const placed = event.blockers.filter((kind) => !ticket.holds.includes(kind));
  if (ticket.holds.length > 0 || event.blockers.length > 0) {
    const template = event.blockers.length > 0 ? 'blocked' : 'status';
    return {
      kind: 'stayed',
      ticket: { ...verified, holds: [...ticket.holds, ...placed] },
      record: { type: event.type, actor: event.by, details },
      holds: placed.map((kind) => place(kind, DESK, 'reported by the directory')),
      replies: [{ template, to: 'requester' }],
      jobs: [],
    };
  }
  return leaveVerifying(ticket, verified, event, event.by, details, policy, now, []);
}

export function challengeFailed(ticket: Ticket, event: EventOf<'challenge_failed'>): Outcome {
  if (ticket.state !== 'verifying' || ticket.verifiedAt !== null) return refuse(ticket, event, 'wrong_state');
  const details = { triesLeft: event.triesLeft };
  const replies: ReplyIntent[] = [{ template: 'verify_failed', to: 'requester' }];
  if (event.triesLeft > 0) return stay(ticket, event, DESK, details, { replies });
  return withHold(
    ticket,
    ticket,
    event,
    DESK,
    details,
    { reason: 'review', note: 'the code was locked after too many tries' },
    replies,
  );
}

/** Their mail with the code has a link that asks nothing of anybody's mail server. */
export function codeUnproven(ticket: Ticket, event: EventOf<'code_unproven'>): Outcome {
  if (ticket.state !== 'verifying' || ticket.verifiedAt !== null) return refuse(ticket, event, 'wrong_state');
  return stay(ticket, event, DESK, {}, { replies: [{ template: 'verify_failed', to: 'requester' }] });
}

export function lapsed(ticket: Ticket, event: EventOf<'lapsed'>, now: Date): Outcome {
  const waiting =
    ticket.state === 'needs_details' || (ticket.state === 'verifying' && ticket.verifiedAt === null);
  if (!waiting) return refuse(ticket, event, 'wrong_state');
  return go(
    ticket,
    { ...base(ticket), state: 'expired', closedAt: now, ...fresh(now) },
    event,
    DESK,
    {},
    {
      replies: [{ template: 'expired', to: 'requester' }],
    },
  );
}

export function reminderDue(ticket: Ticket, event: EventOf<'reminder_due'>, now: Date): Outcome {
  if (ticket.remindedAt !== null) return refuse(ticket, event, 'no_change');
  const reminded = { ...ticket, remindedAt: now };
  if (ticket.state === 'verifying' && ticket.verifiedAt === null) {
    return stay(reminded, event, DESK, {}, { replies: [{ template: 'verify_request', to: 'requester' }] });
  }
  if (ticket.state === 'grace') {
    // A held ticket is not about to be deleted; the reminder is due again once the hold is lifted.
    if (ticket.holds.length > 0) return refuse(ticket, event, 'held');
    const replies: ReplyIntent[] = [
      { template: 'grace_reminder', to: 'requester' },
      { template: 'grace_reminder', to: 'others' },
    ];
    return stay(reminded, event, DESK, {}, { replies });
  }
  return refuse(ticket, event, 'wrong_state');
}

/** From a verified, unheld `verifying` on to approval or grace. */
export function leaveVerifying(
  was: Ticket,
  ticket: TicketIn<'verifying'>,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  policy: Policy,
  now: Date,
  holds: readonly HoldChange[],
): Outcome {
  const verifiedAt = ticket.verifiedAt ?? now;
  const verified = { ...base(ticket), target: ticket.target, digest: ticket.digest, verifiedAt };
  if (needsApproval(policy)) {
    const next: Ticket = {
      ...verified,
      state: 'approval',
      planHash: null,
      approvalsWanted: policy.approvals,
      ...fresh(now),
    };
    return go(was, next, event, actor, details, {
      holds,
      jobs: [rehearseJob(ticket)],
      replies: [{ template: 'status', to: 'requester' }],
    });
  }
  return enterGrace(was, { ...verified, planHash: null }, event, actor, details, now, holds);
}

type Verified = Pick<TicketIn<'approval'>, 'target' | 'digest' | 'verifiedAt' | 'planHash'> &
  ReturnType<typeof base>;

export function enterGrace(
  was: Ticket,
  verified: Verified,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  now: Date,
  holds: readonly HoldChange[],
): Outcome {
  const next: Ticket = {
    ...verified,
    state: 'grace',
    graceStartedAt: now,
    graceEndsAt: graceEnd(now),
    notBefore: null,
    ...fresh(now),
  };
  return go(
    was,
    next,
    event,
    actor,
    { ...details, graceEndsAt: next.graceEndsAt.toISOString() },
    {
      holds,
      jobs: verified.planHash === null ? [rehearseJob(was)] : [],
      replies: [
        { template: 'grace_started', to: 'requester' },
        { template: 'owner_notice', to: 'others' },
      ],
    },
  );
}
