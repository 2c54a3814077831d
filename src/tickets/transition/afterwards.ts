/** What happens to a ticket without moving it: mails that came back, backups that expire, what is forgotten. */
import { backupsGoneAt, type Policy } from '../../domain/policy.ts';
import { emptyRequest } from '../../domain/request.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { Outcome } from '../outcome.ts';
import { isFollowUpDue, residueDue } from '../policy.ts';
import { DESK, type EventOf, isClosed, refuse, stay, withHold } from './effects.ts';

/** Told once, to everybody who was told of the end. */
export function residueExpired(
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
export function erasureReplayed(
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

/** A challenge that never arrived must not start anything; for other mails the agents are told. */
export function mailUndeliverable(ticket: Ticket, event: EventOf<'mail_undeliverable'>): Outcome {
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

/** Without these the requester cannot know that a deletion is under way. */
const STARTING_MAILS: readonly string[] = ['verify_request', 'grace_started'];

/**
 * Only of a ticket that is closed for good. A second time only for the addresses that the first had to keep: that a third
 * would change nothing is what makes the erasure safe to repeat.
 */
export function contextErased(ticket: Ticket, event: EventOf<'context_erased'>, now: Date): Outcome {
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
