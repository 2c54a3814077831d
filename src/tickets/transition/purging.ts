/** From the end of the grace to the end of the purge. */
import { assertNever } from '../../domain/errors.ts';
import { backupsGoneAt, type Policy } from '../../domain/policy.ts';
import type { HoldReason, Obstacle, Ticket, TicketEvent } from '../../domain/ticket.ts';
import type { Outcome } from '../outcome.ts';
import { purgeStart } from '../policy.ts';
import {
  DESK,
  type EventOf,
  fresh,
  go,
  place,
  refuse,
  rehearseJob,
  stay,
  stepJob,
  withHold,
} from './effects.ts';

/** The only way into a purge. Everything of invariant 1 is checked here, and again by the database. */
export function graceElapsed(
  ticket: Ticket,
  event: EventOf<'grace_elapsed'>,
  policy: Policy,
  now: Date,
): Outcome {
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

export function stepBlocked(ticket: Ticket, event: EventOf<'step_blocked'>): Outcome {
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
    case 'workspace_lives':
    case 'plan_changed':
      return ['review'];
    default:
      return assertNever(obstacle);
  }
}

export function purgeProgress(
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
