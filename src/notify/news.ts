/** What is told of a decision, and to whom. Ids, states and times only. */
import { referenceOf } from '../domain/ids.ts';
import { PUBLIC_STATUS } from '../domain/ticket.ts';
import type { TicketNews } from '../domain/ticket-news.ts';
import type { WebhookEvent } from './webhooks.ts';

/** Which events a decision is. An event of its own for each, so that whoever wants only one gets only that. */
export function eventsOf(news: TicketNews): readonly WebhookEvent[] {
  return [
    ...(news.seq === 1 ? (['ticket.opened'] as const) : []),
    ...(news.was !== news.state ? (['ticket.moved'] as const) : []),
    ...(news.placed.length > 0 ? (['ticket.held'] as const) : []),
    ...(news.lifted.length > 0 ? (['ticket.released'] as const) : []),
  ];
}

/** The body of a delivery in the shape of the Standard Webhooks specification 1.0. */
export const webhookBody = (event: WebhookEvent, news: TicketNews): string =>
  JSON.stringify({
    type: event,
    timestamp: news.at.toISOString(),
    data: {
      ticket: referenceOf(news.ticketId),
      seq: news.seq,
      state: news.state,
      was: news.was,
      status: PUBLIC_STATUS[news.state],
      scope: news.scope,
      origin: news.origin,
      holds: news.holds,
      ...(event === 'ticket.held' ? { placed: news.placed } : {}),
      ...(event === 'ticket.released' ? { lifted: news.lifted } : {}),
      requested_at: news.requestedAt.toISOString(),
      due_at: news.dueAt.toISOString(),
      grace_ends_at: news.graceEndsAt?.toISOString() ?? null,
      closed_at: news.closedAt?.toISOString() ?? null,
    },
  });

/** The body of a status callback in the shape of OpenDSR 3.0. */
export const callbackBody = (
  request: { readonly id: string; readonly controller: string; readonly url: string },
  news: Pick<TicketNews, 'state' | 'dueAt'>,
): string =>
  JSON.stringify({
    controller_id: request.controller,
    subject_request_id: request.id,
    status_callback_url: request.url,
    request_status: PUBLIC_STATUS[news.state],
    expected_completion_time: news.dueAt.toISOString(),
    api_version: '3.0',
  });
