/** What ends a request before its purge. */
import type { Canonical } from '../../domain/canonical.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Actor, Ticket, TicketEvent } from '../../domain/ticket.ts';
import type { Outcome, ReplyIntent } from '../outcome.ts';
import { isFinal } from '../policy.ts';
import { base, type EventOf, fresh, go, isClosed, refuse, stay, withHold } from './effects.ts';
import { withoutHold } from './holding.ts';

/**
 * Cancelling takes less than creating. A party whose mail is authenticated cancels at once; one whose mail is not puts
 * the ticket on hold, so that a forged mail can neither delete nor close anything for ever.
 */
export function cancelAsked(
  ticket: Ticket,
  event: EventOf<'cancel_asked'>,
  policy: Policy,
  now: Date,
): Outcome {
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
export function cancelDenied(
  ticket: Ticket,
  event: EventOf<'cancel_denied'>,
  policy: Policy,
  now: Date,
): Outcome {
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

export function closedByAgent(
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
export function close(
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
