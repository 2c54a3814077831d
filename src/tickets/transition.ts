/**
 * The state machine of a ticket. Pure, total, exhaustive: every event has an outcome in every state.
 *
 * ```
 * received ─► needs_details ─► verifying ─► (approval) ─► grace ─► purging ─► completed
 *    any before purging ─► cancelled | rejected | expired
 * ```
 * Holds are rows beside the state: they keep a ticket from entering its grace, from starting its purge and from its
 * next step; mails, codes, cancels and clocks run on. A held ticket whose challenge was answered stays in `verifying`
 * with `verifiedAt` set; its grace starts, in full, when the last hold is lifted.
 */
import { isSameAgent } from '../domain/agents.ts';
import { addHours, graceEnd } from '../domain/calendar.ts';
import type { Canonical } from '../domain/canonical.ts';
import type { BlockerKind } from '../domain/directory.ts';
import { assertNever } from '../domain/errors.ts';
import type { Judgement } from '../domain/evidence.ts';
import { backupsGoneAt, type Policy } from '../domain/policy.ts';
import { type DeletionRequest, emptyRequest } from '../domain/request.ts';
import { targetDigest } from '../domain/target.ts';
import type { Actor, HoldReason, Obstacle, Ticket, TicketEvent, TicketIn } from '../domain/ticket.ts';
import type { HoldChange, JobSpec, Outcome, Refusal, ReplyIntent } from './outcome.ts';
import {
  isFinal,
  isFollowUpDue,
  LATE_RELEASE_HOURS,
  needsApproval,
  purgeStart,
  residueDue,
} from './policy.ts';

type EventOf<T extends TicketEvent['type']> = Extract<TicketEvent, { readonly type: T }>;

/** What `event` does to `ticket` at `now`, which is desk time. */
export function transition(ticket: Ticket, event: TicketEvent, policy: Policy, now: Date): Outcome {
  switch (event.type) {
    case 'judged':
      return ticket.state === 'received'
        ? applyJudgement(ticket, ticket.request, event, event.judgement, now)
        : refuse(ticket, event, 'wrong_state');
    case 'details_given':
      return detailsGiven(ticket, event, now);
    case 'reported_deleted':
      return reportedDeleted(ticket, event, policy, now);
    case 'restored_in_app':
      return isClosed(ticket) || ticket.state === 'purging' || ticket.origin !== 'app'
        ? refuse(ticket, event, 'wrong_state')
        : close(ticket, 'cancelled', event, DESK, {}, now);
    case 'vouched':
      return vouched(ticket, event, now);
    case 'corrected':
      return corrected(ticket, event, now);
    case 'noted':
      return ticket.erasedAt === null
        ? stay(ticket, event, event.by, { note: event.noteHash })
        : refuse(ticket, event, 'wrong_state');
    case 'challenge_answered':
      return challengeAnswered(ticket, event, policy, now);
    case 'challenge_failed':
      return challengeFailed(ticket, event);
    case 'code_unproven':
      return codeUnproven(ticket, event);
    case 'lapsed':
      return lapsed(ticket, event, now);
    case 'reminder_due':
      return reminderDue(ticket, event, now);
    case 'blockers_changed':
      return blockersChanged(ticket, event, policy, now);
    case 'rehearsed':
      return rehearsed(ticket, event, policy, now);
    case 'approved':
      return approved(ticket, event, policy, now);
    case 'cancel_asked':
      return cancelAsked(ticket, event, policy, now);
    case 'cancel_denied':
      return cancelDenied(ticket, event, policy, now);
    case 'status_asked':
      return stay(ticket, event, DESK, {}, { replies: [{ template: 'status', to: 'sender' }] });
    case 'held':
      return held(ticket, event);
    case 'released':
      return released(ticket, event, policy, now);
    case 'grace_elapsed':
      return graceElapsed(ticket, event, policy, now);
    case 'step_blocked':
      return stepBlocked(ticket, event);
    case 'step_finished':
    case 'step_failed':
    case 'purge_finished':
      return purgeProgress(ticket, event, policy, now);
    case 'residue_expired':
      return residueExpired(ticket, event, policy, now);
    case 'erasure_replayed':
      return erasureReplayed(ticket, event, policy, now);
    case 'cancelled_by_agent':
    case 'rejected_by_agent':
      return closedByAgent(ticket, event, now);
    case 'mail_undeliverable':
      return mailUndeliverable(ticket, event);
    case 'context_erased':
      return contextErased(ticket, event, now);
    default:
      return assertNever(event);
  }
}

/** The requester answered what was missing, or changed the request before it was verified. */
function detailsGiven(ticket: Ticket, event: EventOf<'details_given'>, now: Date): Outcome {
  if (ticket.state === 'received') {
    // An agent has yet to look at this one: keep the newer words, judge nothing.
    return stay({ ...ticket, request: event.request }, event, DESK, { scope: event.request.scope });
  }
  if (ticket.state === 'needs_details' || (ticket.state === 'verifying' && ticket.verifiedAt === null)) {
    return applyJudgement(ticket, event.request, event, event.judgement, now);
  }
  return refuse(ticket, event, 'wrong_state');
}

/** The table from verdict to state. Only an entitled person gets further or hears a word about the request. */
function applyJudgement(
  ticket: Ticket,
  request: DeletionRequest,
  event: EventOf<'judged' | 'details_given'>,
  judgement: Judgement,
  now: Date,
): Outcome {
  const judged = { ...base(ticket), request, verdict: judgement.verdict, reasons: judgement.reasons };
  const actor = event.orderedBy?.by ?? DESK;
  const details = {
    verdict: judgement.verdict,
    scope: request.scope,
    asks: judgement.asks.map((ask) => `${ask.field}:${ask.why}`),
    ...notesOf(event),
  };
  switch (judgement.verdict) {
    case 'entitled': {
      if (judgement.target === null) {
        const next: Ticket = { ...judged, state: 'needs_details', asks: judgement.asks, ...fresh(now) };
        return go(ticket, next, event, actor, details, {
          replies: [{ template: 'needs_details', to: 'requester' }],
        });
      }
      const digest = targetDigest(judgement.target);
      const next: Ticket = {
        ...judged,
        state: 'verifying',
        asks: [],
        target: judgement.target,
        digest,
        verifiedAt: null,
        ...fresh(now),
      };
      return go(
        ticket,
        next,
        event,
        actor,
        { ...details, digest },
        {
          replies: [{ template: 'verify_request', to: 'requester' }],
        },
      );
    }
    case 'wrong_workspace':
    case 'not_entitled':
      return go(
        ticket,
        { ...judged, state: 'rejected', asks: [], closedAt: now, ...fresh(now) },
        event,
        actor,
        details,
        {
          replies: [{ template: 'not_authorised', to: 'sender' }],
        },
      );
    case 'ownerless':
      // The same words as to any stranger: whether such a workspace exists is nobody's business yet.
      return withHold(
        ticket,
        { ...judged, state: 'received', asks: [], ...fresh(now) },
        event,
        actor,
        details,
        { reason: 'review', note: 'a deleted workspace without a known owner: it takes two agents' },
        [{ template: 'not_authorised', to: 'sender' }],
      );
    case 'contradictory':
    case 'unauthenticated':
    case 'failed': {
      // Nobody is told anything: the mail may be forged. An agent decides whether to send the challenge.
      const waiting: Ticket = { ...judged, state: 'received', asks: [], ...fresh(now) };
      return withHold(ticket, waiting, event, actor, details, {
        reason: 'review',
        note: judgement.reasons.join('; '),
      });
    }
    default:
      return assertNever(judgement.verdict);
  }
}

/** An agent's order, what the directory completed and what the answer contradicts, as codes; left out when there is none. */
function notesOf(event: EventOf<'judged' | 'details_given'>): Readonly<Record<string, Canonical>> {
  const completed = (event.completed ?? []).map(({ field, because }) => `${field}:${because}`);
  const differs = event.type === 'details_given' ? (event.differs ?? []) : [];
  return {
    ...(event.orderedBy === undefined ? {} : { order: 'open_mail', reason: event.orderedBy.reasonHash }),
    ...(completed.length > 0 ? { completed } : {}),
    ...(differs.length > 0 ? { differs: [...differs] } : {}),
  };
}

function challengeAnswered(
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

/** The app knows whoever pressed the button there. The wait is as long as ever, from the moment that the desk hears of it. */
function reportedDeleted(
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

/** How many agents approve the plan of a deletion that nobody in charge can ask for, stop or hear of. */
const APPROVALS_OF_VOUCHED = 2;

/** Nothing is verified by one agent: the plan is made, and two of them have to approve it. */
function vouched(ticket: Ticket, event: EventOf<'vouched'>, now: Date): Outcome {
  const { by, judgement } = event;
  if (ticket.state !== 'received' || by.kind !== 'agent') return refuse(ticket, event, 'wrong_state');
  if (judgement.verdict !== 'ownerless' || judgement.target === null)
    return refuse(ticket, event, 'not_ownerless');
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

/**
 * An agent's correction proves nothing: what it comes to is judged like a mail, and the requester is asked for a code for
 * exactly that. What was verified, planned or approved before was something else. Once the grace has begun everybody was
 * told what will go, and another deletion is another ticket.
 */
function corrected(ticket: Ticket, event: EventOf<'corrected'>, now: Date): Outcome {
  const { by, request, judgement } = event;
  if (by.kind !== 'agent' || ticket.origin !== 'mail' || ticket.vouchedBy !== null)
    return refuse(ticket, event, 'wrong_state');
  if (ticket.state === 'grace' || ticket.state === 'purging') return refuse(ticket, event, 'grace_begun');
  if (isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  if (event.changes.length === 0) return refuse(ticket, event, 'no_change');
  const correctedBy = [...ticket.correctedBy.filter((name) => !isSameAgent(name, by.name)), by.name];
  const details = {
    verdict: judgement.verdict,
    scope: request.scope,
    changes: event.changes.map(({ field, before, after }) => ({ field, before, after })),
    reason: event.reasonHash,
  };
  // Nobody has let the mail pass yet: whoever does has this judged.
  if (ticket.state === 'received') return stay({ ...ticket, request, correctedBy }, event, by, details);
  if (judgement.verdict !== 'entitled') return refuse(ticket, event, 'not_entitled');
  const { reasons } = judgement;
  const judged = { ...base(ticket), request, reasons, verdict: judgement.verdict, correctedBy };
  if (judgement.target === null) {
    if (ticket.state !== 'needs_details') return refuse(ticket, event, 'incomplete');
    const next: Ticket = { ...judged, state: ticket.state, asks: judgement.asks };
    const asksMore = judgement.asks.some(({ field }) => !ticket.asks.some((known) => known.field === field));
    return go(ticket, next, event, by, details, {
      replies: asksMore ? [{ template: 'needs_details', to: 'requester' }] : [],
    });
  }
  const digest = targetDigest(judgement.target);
  // Other words for the same thing: whatever it was verified or approved as, it still is.
  if ('digest' in ticket && ticket.digest === digest)
    return stay({ ...ticket, request, correctedBy }, event, by, { ...details, digest });
  const next: Ticket = {
    ...judged,
    state: 'verifying',
    asks: [],
    target: judgement.target,
    digest,
    verifiedAt: null,
    approvedBy: [],
    approvalsWanted: 1,
    liftedBy: [],
    ...fresh(now),
  };
  return go(
    ticket,
    next,
    event,
    by,
    { ...details, digest },
    { replies: [{ template: 'verify_request', to: 'requester' }] },
  );
}

/** From a verified, unheld `verifying` on to approval or grace. */
function leaveVerifying(
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

function enterGrace(
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

function challengeFailed(ticket: Ticket, event: EventOf<'challenge_failed'>): Outcome {
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
function codeUnproven(ticket: Ticket, event: EventOf<'code_unproven'>): Outcome {
  if (ticket.state !== 'verifying' || ticket.verifiedAt !== null) return refuse(ticket, event, 'wrong_state');
  return stay(ticket, event, DESK, {}, { replies: [{ template: 'verify_failed', to: 'requester' }] });
}

function lapsed(ticket: Ticket, event: EventOf<'lapsed'>, now: Date): Outcome {
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

function reminderDue(ticket: Ticket, event: EventOf<'reminder_due'>, now: Date): Outcome {
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

/** Billing and export holds follow the directory, in both directions, until the grace has started. */
function blockersChanged(
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

function rehearsed(ticket: Ticket, event: EventOf<'rehearsed'>, policy: Policy, now: Date): Outcome {
  // While purging only before the first step, after a drift: the purge itself sees to that.
  if (ticket.state !== 'approval' && ticket.state !== 'grace' && ticket.state !== 'purging')
    return refuse(ticket, event, 'wrong_state');
  if (event.digest !== undefined && event.digest !== ticket.digest)
    return refuse(ticket, event, 'scope_changed');
  const details = { planHash: event.planHash, estimate: event.estimate, overCap: event.overCap };
  const changed = ticket.planHash !== null && ticket.planHash !== event.planHash;
  const wanted: { reason: HoldReason; note: string }[] = [];
  if (event.overCap) wanted.push({ reason: 'review', note: 'the plan deletes more than the cap allows' });
  if (changed) wanted.push({ reason: 'review', note: 'a new rehearsal made another plan' });
  if (!policy.purgeEnabled) wanted.push({ reason: 'purging_off', note: 'PURGE_ENABLED is not set' });
  const placed = wanted.filter(
    (hold, index) =>
      !ticket.holds.includes(hold.reason) && wanted.findIndex((w) => w.reason === hold.reason) === index,
  );
  const planned = {
    planHash: event.planHash,
    approvedBy: changed ? [] : ticket.approvedBy,
    liftedBy: changed || event.overCap ? [] : ticket.liftedBy,
    holds: [...ticket.holds, ...placed.map((hold) => hold.reason)],
  };
  const { target, digest, verifiedAt } = ticket;
  // Two agents approved another plan than this one: it is theirs to approve again, and the wait begins anew.
  const next: Ticket =
    changed && (ticket.vouchedBy !== null || ticket.approvalsWanted > 1) && ticket.state !== 'approval'
      ? { ...base(ticket), target, digest, verifiedAt, ...planned, ...fresh(now), state: 'approval' }
      : { ...ticket, ...planned };
  return go(ticket, next, event, DESK, details, {
    holds: placed.map((hold) => place(hold.reason, DESK, hold.note)),
  });
}

function approved(ticket: Ticket, event: EventOf<'approved'>, policy: Policy, now: Date): Outcome {
  if (ticket.state !== 'approval') return refuse(ticket, event, 'wrong_state');
  if (ticket.planHash === null || ticket.planHash !== event.planHash)
    return refuse(ticket, event, 'plan_changed');
  if (ticket.holds.length > 0) return refuse(ticket, event, 'held');
  const { by } = event;
  const details = {
    planHash: event.planHash,
    ...(event.reasonHash === undefined ? {} : { reason: event.reasonHash }),
  };
  // A policy that has become stricter since binds too.
  const approvalsWanted = policy.approvals > ticket.approvalsWanted ? policy.approvals : ticket.approvalsWanted;
  const wanted = ticket.vouchedBy === null ? approvalsWanted : APPROVALS_OF_VOUCHED;
  const approvedBy = by.kind === 'agent' ? [...ticket.approvedBy, by.name] : ticket.approvedBy;
  if (wanted === 1) return enterGrace(ticket, { ...ticket, approvedBy }, event, by, details, now, []);
  if (by.kind !== 'agent') return refuse(ticket, event, 'wrong_state');
  if (isAmong(ticket.approvedBy, by.name)) return refuse(ticket, event, 'same_agent');
  if (approvalsWanted > 1 && isOwnWork(ticket, by.name)) return refuse(ticket, event, 'own_work');
  const counted = { ...details, approvals: approvedBy.length };
  if (approvedBy.length < wanted) return stay({ ...ticket, approvedBy, approvalsWanted }, event, by, counted);
  if (ticket.vouchedBy === null)
    return enterGrace(ticket, { ...ticket, approvedBy, approvalsWanted }, event, by, counted, now, []);
  const reasons = [...ticket.reasons.filter((reason) => reason !== TWO_APPROVED), TWO_APPROVED];
  const verified = {
    ...ticket,
    approvedBy,
    approvalsWanted,
    verdict: 'entitled',
    reasons,
    verifiedAt: now,
  } as const;
  return enterGrace(ticket, verified, event, by, counted, now, []);
}

const isAmong = (names: readonly string[], name: string): boolean =>
  names.some((other) => isSameAgent(other, name));

/** Whoever shaped what is deleted is not one of the two who look at it. */
const isOwnWork = ({ correctedBy, vouchedBy }: Ticket, name: string): boolean =>
  isAmong(vouchedBy === null ? correctedBy : [...correctedBy, vouchedBy], name);

const TWO_APPROVED = 'two agents vouch for the requester and approved the plan';

/**
 * Cancelling takes less than creating. A party whose mail is authenticated cancels at once; one whose mail is not puts
 * the ticket on hold, so that a forged mail can neither delete nor close anything for ever.
 */
function cancelAsked(ticket: Ticket, event: EventOf<'cancel_asked'>, policy: Policy, now: Date): Outcome {
  const details = { standing: event.standing, ...(event.via === undefined ? {} : { via: event.via }) };
  if (isClosed(ticket) && ticket.state !== 'completed') {
    return stay(ticket, event, event.by, details, { replies: [{ template: 'status', to: 'sender' }] });
  }
  if (isFinal(ticket, policy) || ticket.state === 'completed') {
    return stay(
      ticket,
      event,
      event.by,
      { ...details, tooLate: true },
      {
        replies: [{ template: 'cancel_too_late', to: 'sender' }],
      },
    );
  }
  if (event.standing === 'authenticated') return close(ticket, 'cancelled', event, event.by, details, now);
  const replies: ReplyIntent[] = [
    { template: 'cancel_paused', to: 'sender' },
    { template: 'cancel_paused', to: 'requester' },
  ];
  if (ticket.holds.includes('doubtful_cancel')) return stay(ticket, event, event.by, details, { replies });
  return withHold(
    ticket,
    ticket,
    event,
    event.by,
    details,
    {
      reason: 'doubtful_cancel',
      note: 'a mail from a party asked to cancel and could not be authenticated',
    },
    replies,
  );
}

/**
 * The hold goes when everybody in whose name a cancel came has denied it. Who heard of the pause hears that it is over.
 */
function cancelDenied(ticket: Ticket, event: EventOf<'cancel_denied'>, policy: Policy, now: Date): Outcome {
  if (isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  if (!ticket.holds.includes('doubtful_cancel')) return refuse(ticket, event, 'no_change');
  const { entitled } = event;
  if (!entitled || event.othersRemain) return stay(ticket, event, event.by, { entitled, lifted: false });
  const note = 'the person in whose name the cancel came says that it was not theirs';
  const lifted = withoutHold(
    ticket,
    'doubtful_cancel',
    event,
    event.by,
    note,
    { entitled, lifted: true },
    policy,
    now,
  );
  if (lifted.kind === 'refused') return lifted;
  const toOthers = lifted.replies.filter((reply) => reply.to === 'others');
  const forRequester: readonly ReplyIntent[] =
    lifted.replies.length > 0 ? lifted.replies : [{ template: 'status', to: 'requester' }];
  const forSender: readonly ReplyIntent[] =
    toOthers.length > 0
      ? toOthers.map((reply) => ({ ...reply, to: 'sender' }))
      : [{ template: 'status', to: 'sender' }];
  return { ...lifted, replies: [...forRequester, ...forSender] };
}

function held(ticket: Ticket, event: EventOf<'held'>): Outcome {
  if (isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  if (ticket.holds.includes(event.reason)) return refuse(ticket, event, 'no_change');
  return withHold(
    ticket,
    ticket,
    event,
    event.by,
    { reason: event.reason },
    { reason: event.reason, note: event.note },
  );
}

function released(ticket: Ticket, event: EventOf<'released'>, policy: Policy, now: Date): Outcome {
  if (isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  if (!ticket.holds.includes(event.reason)) return refuse(ticket, event, 'no_change');
  const { reason, by, note, accepted } = event;
  const details = accepted === undefined ? { reason } : { reason, step: accepted.step, left: accepted.count };
  if (by.kind === 'agent' && takesTwoToLift(ticket, reason, policy)) {
    if (isAmong(ticket.liftedBy, by.name)) return refuse(ticket, event, 'same_agent');
    if (isOwnWork(ticket, by.name)) return refuse(ticket, event, 'own_work');
    const liftedBy = [...ticket.liftedBy, by.name];
    if (liftedBy.length < 2) return stay({ ...ticket, liftedBy }, event, by, { ...details, lifted: 1 });
  }
  return withoutHold({ ...ticket, ...(reason === 'review' ? { liftedBy: [] } : {}) }, reason, event, by, note, details, policy, now);
}

/** Behind the approval a review is about the plan itself: too much of it, or another one than was looked at. */
export const takesTwoToLift = (ticket: Ticket, reason: HoldReason, policy: Policy): boolean =>
  reason === 'review' && policy.approvals > 1 && (ticket.state === 'grace' || ticket.state === 'purging');

function withoutHold(
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

/** The only way into a purge. Everything of invariant 1 is checked here, and again by the database. */
function graceElapsed(ticket: Ticket, event: EventOf<'grace_elapsed'>, policy: Policy, now: Date): Outcome {
  if (ticket.state !== 'grace') return refuse(ticket, event, 'wrong_state');
  if (purgeStart(ticket) > now) return refuse(ticket, event, 'too_early');
  if (ticket.holds.length > 0) return refuse(ticket, event, 'held');
  const found: Obstacle[] = [...event.obstacles];
  if (ticket.planHash === null) found.push('plan_missing');
  if (!policy.purgeEnabled) found.push('purging_off');
  const obstacles = [...new Set(found)];
  if (ticket.planHash === null || obstacles.length > 0) {
    return obstructed(ticket, event, obstacles);
  }
  const next: Ticket = {
    ...ticket,
    state: 'purging',
    planHash: ticket.planHash,
    purgeStartedAt: now,
    ...fresh(now),
  };
  return go(
    ticket,
    next,
    event,
    DESK,
    { planHash: ticket.planHash },
    {
      jobs: [stepJob(ticket)],
      replies: [{ template: 'purge_started', to: 'requester' }],
    },
  );
}

function stepBlocked(ticket: Ticket, event: EventOf<'step_blocked'>): Outcome {
  if (ticket.state !== 'purging' || event.obstacles.length === 0) return refuse(ticket, event, 'wrong_state');
  return obstructed(ticket, event, event.obstacles);
}

/** Each obstacle becomes the hold that says who has to do something about it. */
function obstructed(ticket: Ticket, event: TicketEvent, obstacles: readonly Obstacle[]): Outcome {
  const wanted = obstacles.flatMap((obstacle) => holdFor(obstacle, ticket));
  const reasons = [...new Set(wanted)].filter((reason) => !ticket.holds.includes(reason));
  const jobs = obstacles.includes('plan_missing') && ticket.state === 'grace' ? [rehearseJob(ticket)] : [];
  return stay(
    { ...ticket, holds: [...ticket.holds, ...reasons] },
    event,
    DESK,
    { obstacles: [...obstacles] },
    { holds: reasons.map((reason) => place(reason, DESK, obstacles.join(', '))), jobs },
  );
}

function holdFor(obstacle: Obstacle, ticket: Ticket): readonly HoldReason[] {
  switch (obstacle) {
    case 'purging_off':
      return ['purging_off'];
    case 'workspace_stopped':
      return ['doubtful_cancel'];
    case 'plan_missing':
      return ticket.state === 'grace' ? [] : ['review']; // in its grace the rehearsal is asked for again
    case 'requester_lost_role':
    case 'workspace_changed':
    case 'plan_changed':
      return ['review'];
    default:
      return assertNever(obstacle);
  }
}

function purgeProgress(
  ticket: Ticket,
  event: EventOf<'step_finished' | 'step_failed' | 'purge_finished'>,
  policy: Policy,
  now: Date,
): Outcome {
  if (ticket.state !== 'purging') return refuse(ticket, event, 'wrong_state');
  switch (event.type) {
    case 'step_finished':
      return stay(ticket, event, DESK, {
        step: event.step,
        deleted: event.deleted,
        remaining: event.remaining,
      });
    case 'step_failed': {
      const details = { step: event.step, error: event.error };
      if (ticket.holds.includes('step_failed')) return stay(ticket, event, DESK, details);
      return withHold(ticket, ticket, event, DESK, details, {
        reason: 'step_failed',
        note: `step ${event.step}: ${event.error}`,
      });
    }
    case 'purge_finished':
      return go(
        ticket,
        {
          ...ticket,
          state: 'completed',
          closedAt: now,
          residueWakeAt: backupsGoneAt(policy.residue, now),
          residueToldAt: null,
          ...fresh(now),
        },
        event,
        DESK,
        {},
        {
          replies: [
            { template: 'completed', to: 'requester' },
            { template: 'completed', to: 'others' },
          ],
        },
      );
    default:
      return assertNever(event);
  }
}

/** Told once, to everybody who was told of the end. */
function residueExpired(
  ticket: Ticket,
  event: EventOf<'residue_expired'>,
  policy: Policy,
  now: Date,
): Outcome {
  if (ticket.state !== 'completed' || ticket.residueWakeAt === null)
    return refuse(ticket, event, 'wrong_state');
  if (ticket.residueToldAt !== null) return refuse(ticket, event, 'no_change');
  const residueWakeAt = residueDue(ticket, policy);
  if (residueWakeAt === null || residueWakeAt > now) return refuse(ticket, event, 'too_early');
  return stay(
    { ...ticket, residueWakeAt, residueToldAt: now },
    event,
    DESK,
    {},
    {
      replies: [
        { template: 'residue_released', to: 'requester' },
        { template: 'residue_released', to: 'others' },
      ],
    },
  );
}

/**
 * In any state: a desk that was itself restored may know the ticket as it was before. Backups made between the restore
 * and this hold the data once more, so the last of them expires later; where nobody can say when, nothing is promised.
 */
function erasureReplayed(
  ticket: Ticket,
  event: EventOf<'erasure_replayed'>,
  policy: Policy,
  now: Date,
): Outcome {
  const { by, step, deleted, reasonHash } = event;
  const details = { step, deleted, reason: reasonHash };
  if (ticket.state !== 'completed' || ticket.residueWakeAt === null || deleted === 0)
    return stay(ticket, event, by, details);
  const gone = backupsGoneAt(policy.residue, now);
  const untold = gone === null ? null : later(gone, ticket.residueWakeAt);
  const residueWakeAt = ticket.residueToldAt === null ? untold : (untold ?? ticket.residueWakeAt);
  return stay({ ...ticket, residueWakeAt }, event, by, details);
}

const later = (a: Date, b: Date): Date => (a > b ? a : b);

function closedByAgent(
  ticket: Ticket,
  event: EventOf<'cancelled_by_agent' | 'rejected_by_agent'>,
  now: Date,
): Outcome {
  if (isClosed(ticket) || ticket.state === 'purging') return refuse(ticket, event, 'wrong_state');
  return close(
    ticket,
    event.type === 'cancelled_by_agent' ? 'cancelled' : 'rejected',
    event,
    event.by,
    event.reasonHash === undefined ? {} : { reason: event.reasonHash },
    now,
  );
}

/** Whoever was told of the deletion is told that it will not happen. */
function close(
  ticket: Ticket,
  state: 'cancelled' | 'rejected',
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  now: Date,
): Outcome {
  const replies: ReplyIntent[] = [{ template: state, to: 'sender' }];
  // Nobody was written to about a ticket that an agent has yet to look at: its address may be forged.
  if (ticket.state !== 'received') replies.push({ template: state, to: 'requester' });
  // A deletion in the app that names nobody told all in charge, already when something was in its way.
  const isToldToAll = ticket.state === 'verifying' && ticket.origin === 'app' && ticket.requester === null;
  if (ticket.state === 'grace' || ticket.state === 'approval' || isToldToAll)
    replies.push({ template: state, to: 'others' });
  return go(ticket, { ...base(ticket), state, closedAt: now, ...fresh(now) }, event, actor, details, {
    replies,
  });
}

/** A challenge that never arrived must not start anything; for other mails the agents are told. */
function mailUndeliverable(ticket: Ticket, event: EventOf<'mail_undeliverable'>): Outcome {
  const details = { template: event.template };
  // A deletion in the app that names nobody is told of by the notices alone.
  const isTold = ticket.origin === 'app' && ticket.requester === null ? ['owner_notice'] : STARTING_MAILS;
  const starts = isTold.includes(event.template) && ticket.state !== 'purging';
  if (isClosed(ticket) || !starts || ticket.holds.includes('review'))
    return stay(ticket, event, DESK, details);
  return withHold(ticket, ticket, event, DESK, details, {
    reason: 'review',
    note: `the mail ${event.template} could not be delivered`,
  });
}

/**
 * Only of a ticket that is closed for good. A second time only for the addresses that the first had to keep: that a third
 * would change nothing is what makes the erasure safe to repeat.
 */
function contextErased(ticket: Ticket, event: EventOf<'context_erased'>, now: Date): Outcome {
  if (!isClosed(ticket)) return refuse(ticket, event, 'wrong_state');
  const keepsAddresses = isFollowUpDue(ticket);
  if (ticket.erasedAt !== null && (keepsAddresses || !ticket.keepsAddresses))
    return refuse(ticket, event, 'no_change');
  const forgotten = {
    ...ticket,
    request: emptyRequest(ticket.request.scope),
    requester: keepsAddresses ? ticket.requester : null,
    reasons: [],
    asks: [],
    erasedAt: ticket.erasedAt ?? now,
    keepsAddresses,
    ...('target' in ticket ? { target: null } : {}),
  } as Ticket;
  return stay(forgotten, event, DESK, { ...event.erased, keepsAddresses });
}

/** Without these the requester cannot know that a deletion is under way. */
const STARTING_MAILS: readonly string[] = ['verify_request', 'grace_started'];

const DESK: Actor = { kind: 'desk' };

const isClosed = (ticket: Ticket): boolean =>
  ticket.state === 'completed' ||
  ticket.state === 'cancelled' ||
  ticket.state === 'rejected' ||
  ticket.state === 'expired';

/** What a ticket keeps in every state. */
function base(ticket: Ticket) {
  const { id, conversationId, messageId, origin, request, requester, requestedAt, dueAt } = ticket;
  const {
    verdict,
    reasons,
    asks,
    holds,
    stateSince,
    remindedAt,
    vouchedBy,
    approvedBy,
    approvalsWanted,
    correctedBy,
    liftedBy,
    erasedAt,
    keepsAddresses,
  } = ticket;
  return {
    id,
    conversationId,
    messageId,
    origin,
    request,
    requester,
    requestedAt,
    dueAt,
    verdict,
    reasons,
    asks,
    holds,
    stateSince,
    remindedAt,
    vouchedBy,
    approvedBy,
    approvalsWanted,
    correctedBy,
    liftedBy,
    erasedAt,
    keepsAddresses,
  };
}

const fresh = (now: Date) => ({ stateSince: now, remindedAt: null });

const place = (reason: HoldReason, by: Actor, note: string): HoldChange => ({
  reason,
  change: 'placed',
  by,
  note,
});
const lift = (reason: HoldReason, by: Actor, note: string): HoldChange => ({
  reason,
  change: 'lifted',
  by,
  note,
});

const queueOf = (ticket: Ticket): string => `ticket:${ticket.id}`;
const rehearseJob = (ticket: Ticket): JobSpec => ({
  task: 'purge.rehearse',
  payload: { ticketId: ticket.id },
  key: `rehearse:${ticket.id}`,
  queue: queueOf(ticket),
});
/** Step 1 always: a step that is done hands on to the next one. */
const stepJob = (ticket: Ticket): JobSpec => ({
  task: 'purge.step',
  payload: { ticketId: ticket.id, no: 1 },
  key: `step:${ticket.id}:1`,
  queue: queueOf(ticket),
});
const rejudgeJob = (ticket: Ticket): JobSpec => ({
  task: 'ticket.rejudge',
  payload: { ticketId: ticket.id },
  key: `rejudge:${ticket.id}`,
  queue: queueOf(ticket),
});

interface Effects {
  readonly holds?: readonly HoldChange[];
  readonly replies?: readonly ReplyIntent[];
  readonly jobs?: readonly JobSpec[];
}

function go(
  was: Ticket,
  ticket: Ticket,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  effects: Effects = {},
): Outcome {
  return {
    kind: was.state === ticket.state ? 'stayed' : 'moved',
    ticket,
    record: { type: event.type, actor, details },
    holds: effects.holds ?? [],
    replies: effects.replies ?? [],
    jobs: effects.jobs ?? [],
  };
}

const stay = (
  ticket: Ticket,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  effects: Effects = {},
): Outcome => go(ticket, ticket, event, actor, details, effects);

function withHold(
  was: Ticket,
  ticket: Ticket,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  hold: { readonly reason: HoldReason; readonly note: string },
  replies: readonly ReplyIntent[] = [],
): Outcome {
  const already = ticket.holds.includes(hold.reason);
  const next = already ? ticket : { ...ticket, holds: [...ticket.holds, hold.reason] };
  return go(was, next, event, actor, details, {
    replies,
    holds: already ? [] : [place(hold.reason, actor, hold.note)],
  });
}

const refuse = (ticket: Ticket, event: TicketEvent, why: Refusal): Outcome => ({
  kind: 'refused',
  ticket,
  type: event.type,
  why,
});
