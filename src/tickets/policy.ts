import { addHours } from '../domain/calendar.ts';
import { backupsGoneAt, type Policy } from '../domain/policy.ts';
import type { Ticket, TicketIn } from '../domain/ticket.ts';

/** How long after a hold was released behind the end of the grace the purge still waits, so that everyone hears of it. */
export const LATE_RELEASE_HOURS = 24;

/** How soon the tick looks again at a ticket that is due and could not move. */
const DUE_AGAIN_MINUTES = 10;

/** Whether an agent must approve the plan before the grace starts. */
export const needsApproval = (policy: Policy): boolean => policy.review === 'all';

/** The first instant at which the purge may start, holds and obstacles aside. */
export function purgeStart(ticket: { readonly graceEndsAt: Date; readonly notBefore: Date | null }): Date {
  return ticket.notBefore !== null && ticket.notBefore > ticket.graceEndsAt
    ? ticket.notBefore
    : ticket.graceEndsAt;
}

/** Whether a party can still cancel, with the words of the policy. */
export function isFinal(ticket: Ticket, policy: Policy): boolean {
  if (ticket.state === 'purging' || ticket.state === 'completed') return true;
  const verified = 'verifiedAt' in ticket && ticket.verifiedAt !== null;
  return verified && policy.finalScopes.includes(ticket.request.scope);
}

/** Whether the mail is still to be written that tells of the end of the last backup. */
export const isFollowUpDue = (ticket: Ticket): boolean =>
  ticket.state === 'completed' && ticket.residueWakeAt !== null && ticket.residueToldAt === null;

/**
 * When the end of the last backup may be told, `null` = never, or nobody can say now. What the policy said when the data
 * went is the least: who keeps backups for longer since then has the old ones for longer too.
 */
export function residueDue(ticket: TicketIn<'completed'>, policy: Policy): Date | null {
  const { residueWakeAt, closedAt } = ticket;
  if (residueWakeAt === null || !policy.residue.some(({ category }) => category === 'backups'))
    return residueWakeAt;
  const gone = backupsGoneAt(policy.residue, closedAt);
  return gone === null || gone > residueWakeAt ? gone : residueWakeAt;
}

/** A held ticket is not about to be deleted: its reminder waits for the release. */
const mayRemind = (ticket: Ticket): boolean => ticket.remindedAt === null && ticket.holds.length === 0;

/**
 * When the tick must look at this ticket next, `null` = nothing is due by time alone. Clocks run on under a hold, save
 * the start of the purge, which the release of the hold sets again.
 */
export function nextWake(ticket: Ticket, policy: Policy, now: Date): Date | null {
  switch (ticket.state) {
    case 'needs_details':
      return addHours(ticket.stateSince, policy.detailsDays * 24);
    case 'verifying':
      if (ticket.verifiedAt !== null) return null;
      return ticket.remindedAt === null && !ticket.holds.includes('review')
        ? addHours(ticket.stateSince, policy.challengeReminderHours)
        : addHours(ticket.stateSince, policy.challengeHours);
    case 'grace': {
      const start = purgeStart(ticket);
      const remindAt = addHours(ticket.graceEndsAt, -policy.graceReminderHours);
      if (mayRemind(ticket) && now < start) return remindAt;
      if (start > now) return start;
      return ticket.holds.length > 0 ? null : new Date(now.getTime() + DUE_AGAIN_MINUTES * 60_000);
    }
    case 'completed':
      return ticket.residueToldAt === null ? residueDue(ticket, policy) : null;
    default:
      return null;
  }
}

/** What the tick should do with a ticket whose `wakeAt` has come. */
export function dueEvent(
  ticket: Ticket,
  policy: Policy,
  now: Date,
): 'lapsed' | 'reminder_due' | 'grace_elapsed' | 'residue_expired' | null {
  switch (ticket.state) {
    case 'needs_details':
      return addHours(ticket.stateSince, policy.detailsDays * 24) <= now ? 'lapsed' : null;
    case 'verifying':
      if (ticket.verifiedAt !== null) return null;
      if (addHours(ticket.stateSince, policy.challengeHours) <= now) return 'lapsed';
      // A code that is locked or was refused helps nobody: the agent's release sends a new one.
      if (ticket.holds.includes('review')) return null;
      return ticket.remindedAt === null && addHours(ticket.stateSince, policy.challengeReminderHours) <= now
        ? 'reminder_due'
        : null;
    case 'grace':
      if (purgeStart(ticket) <= now) return 'grace_elapsed';
      return mayRemind(ticket) && addHours(ticket.graceEndsAt, -policy.graceReminderHours) <= now
        ? 'reminder_due'
        : null;
    case 'completed': {
      const end = ticket.residueToldAt === null ? residueDue(ticket, policy) : null;
      return end !== null && end <= now ? 'residue_expired' : null;
    }
    default:
      return null;
  }
}
