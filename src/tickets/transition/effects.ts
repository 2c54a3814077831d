/** What every event may do to a ticket, and how an outcome is put together. */
import type { Canonical } from '../../domain/canonical.ts';
import type { Actor, HoldReason, Ticket, TicketEvent } from '../../domain/ticket.ts';
import type { HoldChange, JobSpec, Outcome, Refusal, ReplyIntent } from '../outcome.ts';

export type EventOf<T extends TicketEvent['type']> = Extract<TicketEvent, { readonly type: T }>;

export const DESK: Actor = { kind: 'desk' };

export const isClosed = (ticket: Ticket): boolean =>
  ticket.state === 'completed' ||
  ticket.state === 'cancelled' ||
  ticket.state === 'rejected' ||
  ticket.state === 'expired';

/** What a ticket keeps in every state. */
export function base(ticket: Ticket) {
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

export const fresh = (now: Date) => ({ stateSince: now, remindedAt: null });

export const place = (reason: HoldReason, by: Actor, note: string): HoldChange => ({
  reason,
  change: 'placed',
  by,
  note,
});

export const lift = (reason: HoldReason, by: Actor, note: string): HoldChange => ({
  reason,
  change: 'lifted',
  by,
  note,
});

const queueOf = (ticket: Ticket): string => `ticket:${ticket.id}`;

export const rehearseJob = (ticket: Ticket): JobSpec => ({
  task: 'purge.rehearse',
  payload: { ticketId: ticket.id },
  key: `rehearse:${ticket.id}`,
  queue: queueOf(ticket),
});

/** Step 1 always: a step that is done hands on to the next one. */
export const stepJob = (ticket: Ticket): JobSpec => ({
  task: 'purge.step',
  payload: { ticketId: ticket.id, no: 1 },
  key: `step:${ticket.id}:1`,
  queue: queueOf(ticket),
});

export const rejudgeJob = (ticket: Ticket): JobSpec => ({
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

export function go(
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

export const stay = (
  ticket: Ticket,
  event: TicketEvent,
  actor: Actor,
  details: Readonly<Record<string, Canonical>>,
  effects: Effects = {},
): Outcome => go(ticket, ticket, event, actor, details, effects);

export function withHold(
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

export const refuse = (ticket: Ticket, event: TicketEvent, why: Refusal): Outcome => ({
  kind: 'refused',
  ticket,
  type: event.type,
  why,
});
