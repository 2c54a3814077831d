/** What is asked for: as a mail says it, as an answer completes it, as an agent corrects it. */
import { isSameAgent } from '../../domain/agents.ts';
import type { Canonical } from '../../domain/canonical.ts';
import { assertNever } from '../../domain/errors.ts';
import type { Judgement } from '../../domain/evidence.ts';
import type { DeletionRequest } from '../../domain/request.ts';
import { targetDigest } from '../../domain/target.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { Outcome } from '../outcome.ts';
import { base, DESK, type EventOf, fresh, go, isClosed, refuse, stay, withHold } from './effects.ts';

/** The requester answered what was missing, or changed the request before it was verified. */
export function detailsGiven(ticket: Ticket, event: EventOf<'details_given'>, now: Date): Outcome {
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
export function applyJudgement(
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

/**
 * An agent's correction proves nothing: what it comes to is judged like a mail, and the requester is asked for a code for
 * exactly that. What was verified, planned or approved before was something else. Once the grace has begun everybody was
 * told what will go, and another deletion is another ticket.
 */
export function corrected(ticket: Ticket, event: EventOf<'corrected'>, now: Date): Outcome {
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
  // Where nobody in charge is known the words are the customer's own: no agent leads the way to what others vouch for.
  if (ticket.state === 'received' && judgement.verdict === 'ownerless')
    return refuse(ticket, event, 'not_entitled');
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
  // Other words for the same thing: whatever it was verified or approved as, it still is, and nobody has shaped it.
  if ('digest' in ticket && ticket.digest === digest)
    return stay({ ...ticket, request }, event, by, { ...details, digest });
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
