/** The rehearsed plan, and who approves it. */
import { isSameAgent } from '../../domain/agents.ts';
import type { Policy } from '../../domain/policy.ts';
import type { HoldReason, Ticket } from '../../domain/ticket.ts';
import type { Outcome } from '../outcome.ts';
import { enterGrace } from './confirming.ts';
import { base, DESK, type EventOf, fresh, go, place, refuse, stay } from './effects.ts';

export function rehearsed(ticket: Ticket, event: EventOf<'rehearsed'>, policy: Policy, now: Date): Outcome {
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

/** How many agents approve the plan of a deletion that nobody in charge can ask for, stop or hear of. */
const APPROVALS_OF_VOUCHED = 2;

export function approved(ticket: Ticket, event: EventOf<'approved'>, policy: Policy, now: Date): Outcome {
  if (ticket.state !== 'approval') return refuse(ticket, event, 'wrong_state');
  if (ticket.planHash === null || ticket.planHash !== event.planHash)
    return refuse(ticket, event, 'plan_changed');
  if (ticket.holds.length > 0) return refuse(ticket, event, 'held');
  const { by } = event;
  const lapsed = ticket.approvedBy.filter((name) => isAmong(event.lapsed ?? [], name));
  const details = {
    planHash: event.planHash,
    ...(lapsed.length === 0 ? {} : { lapsed: lapsed.length }),
    ...(event.reasonHash === undefined ? {} : { reason: event.reasonHash }),
  };
  // A policy that has become stricter since binds too.
  const approvalsWanted =
    policy.approvals > ticket.approvalsWanted ? policy.approvals : ticket.approvalsWanted;
  const wanted = ticket.vouchedBy === null ? approvalsWanted : APPROVALS_OF_VOUCHED;
  const counts = (name: string): boolean =>
    !isAmong(lapsed, name) && !isBarred(ticket, name, approvalsWanted);
  const before = ticket.approvedBy.filter(counts);
  const approvedBy = by.kind === 'agent' ? [...before, by.name] : before;
  if (wanted === 1) return enterGrace(ticket, { ...ticket, approvedBy }, event, by, details, now, []);
  if (by.kind !== 'agent') return refuse(ticket, event, 'wrong_state');
  if (isBarred(ticket, by.name, approvalsWanted)) return refuse(ticket, event, 'own_work');
  if (isAmong(before, by.name)) return refuse(ticket, event, 'same_agent');
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

export const isAmong = (names: readonly string[], name: string): boolean =>
  names.some((other) => isSameAgent(other, name));

/** Whoever shaped what is deleted is not one of the two who look at it. */
export const isOwnWork = ({ correctedBy, vouchedBy }: Ticket, name: string): boolean =>
  isAmong(vouchedBy === null ? correctedBy : [...correctedBy, vouchedBy], name);

/**
 * Whether this agent's approval counts for nothing. Where nobody confirms the request by a code, who corrected it never
 * approves it.
 */
const isBarred = (ticket: Ticket, name: string, approvalsWanted: 1 | 2): boolean =>
  approvalsWanted > 1
    ? isOwnWork(ticket, name)
    : ticket.vouchedBy !== null && isAmong(ticket.correctedBy, name);

const TWO_APPROVED = 'two agents vouch for the requester and approved the plan';
