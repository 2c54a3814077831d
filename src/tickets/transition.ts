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
import { assertNever } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { Ticket, TicketEvent } from '../domain/ticket.ts';
import type { Outcome } from './outcome.ts';
import {
  contextErased,
  erasureReplayed,
  mailUndeliverable,
  residueExpired,
} from './transition/afterwards.ts';
import { approved, rehearsed } from './transition/approving.ts';
import { applyJudgement, corrected, detailsGiven } from './transition/asking.ts';
import { cancelAsked, cancelDenied, close, closedByAgent } from './transition/cancelling.ts';
import {
  challengeAnswered,
  challengeFailed,
  codeUnproven,
  lapsed,
  reminderDue,
} from './transition/confirming.ts';
import { DESK, isClosed, refuse, stay } from './transition/effects.ts';
import { blockersChanged, held, released } from './transition/holding.ts';
import { graceElapsed, purgeProgress, stepBlocked } from './transition/purging.ts';
import { reportedDeleted, vouched } from './transition/unasked.ts';

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
