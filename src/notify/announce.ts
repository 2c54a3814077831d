/** From a decision to the deliveries that tell of it, in the transaction that decides: one is there if the other is. */
import type { Knex } from 'knex';
import { forMany, inTurn } from '../db/together.ts';
import { PUBLIC_STATUS } from '../domain/ticket.ts';
import type { TicketNews } from '../domain/ticket-news.ts';
import { callbackBody, eventsOf, webhookBody } from './news.ts';
import type { Webhook } from './webhooks.ts';

export async function announce(
  trx: Knex.Transaction,
  webhooks: readonly Pick<Webhook, 'name' | 'events'>[],
  news: TicketNews,
): Promise<void> {
  const rows = [
    ...eventsOf(news).flatMap((event) =>
      webhooks
        .filter((webhook) => webhook.events.includes(event))
        .map(({ name }) => ({
          kind: 'webhook',
          endpoint: name,
          url: null,
          event,
          ticket_id: news.ticketId,
          body: webhookBody(event, news),
        })),
    ),
    ...(await callbacks(trx, news)),
  ];
  if (rows.length === 0) return;
  await insertDeliveries(trx, rows);
}

const insertDeliveries = forMany(async (trx: Knex.Transaction, told: readonly (readonly object[])[]) => {
  await trx('deliveries').insert(told.flat());
  await trx.raw(DELIVER);
  return told.map(() => undefined);
});

/** An app hears of its own requests whenever the status changes that it knows, and not of every step in between. */
async function callbacks(trx: Knex.Transaction, news: TicketNews) {
  if (news.origin !== 'app' || PUBLIC_STATUS[news.was] === PUBLIC_STATUS[news.state]) return [];
  const requests = await inTurn(trx, async () =>
    trx('app_requests')
      .join('api_tokens', 'api_tokens.id', 'app_requests.token_id')
      .select<{ id: string; controller: string; callback_urls: readonly string[] }[]>(
        'app_requests.id',
        'api_tokens.name as controller',
        'callback_urls',
      )
      .where({ ticket_id: news.ticketId }),
  );
  return requests.flatMap(({ id, controller, callback_urls }) =>
    callback_urls.map((url) => ({
      kind: 'callback',
      endpoint: new URL(url).host,
      url,
      event: `request.${PUBLIC_STATUS[news.state]}`,
      ticket_id: news.ticketId,
      body: callbackBody({ id, controller, url }, news),
    })),
  );
}

/** Named after the transaction: one job for all that it tells, and no other decision waits for it. */
const DELIVER = `
  select graphile_worker.add_job('notify.deliver', payload => '{}'::json,
    job_key => 'notify.deliver:' || cast(pg_current_xact_id() as text), max_attempts => 20)`;
