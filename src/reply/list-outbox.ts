import type { Knex } from 'knex';

/** One outgoing mail, as an operator sees it: to whom is a keyed hash, so that a listing can be shared. */
export interface OutboxLine {
  readonly id: number;
  readonly template: string;
  readonly tickets: readonly string[];
  readonly recipientHash: string;
  readonly status: string;
  readonly attempts: number;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly messageId: string | null;
  readonly lastError: string | null;
}

const LIST_MAX = 1_000;

/** Newest first. */
export async function listOutbox(
  db: Knex,
  filter: { readonly status?: string; readonly limit?: number } = {},
): Promise<readonly OutboxLine[]> {
  const query = db('outbox')
    .select<OutboxRow[]>(
      'id',
      'template',
      'ticket_ids',
      'recipient_hash',
      'status',
      'attempts',
      'created_at',
      'sent_at',
      'message_id_header',
      'last_error',
    )
    .orderBy('id', 'desc')
    .limit(Math.min(filter.limit ?? LIST_MAX, LIST_MAX));
  const rows = await (filter.status === undefined ? query : query.where({ status: filter.status }));
  return rows.map((row) => ({
    id: row.id,
    template: row.template,
    tickets: row.ticket_ids.map((id) => `PD-${id}`),
    recipientHash: row.recipient_hash,
    status: row.status,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    messageId: row.message_id_header,
    lastError: row.last_error,
  }));
}

interface OutboxRow {
  readonly id: number;
  readonly template: string;
  readonly ticket_ids: readonly number[];
  readonly recipient_hash: string;
  readonly status: string;
  readonly attempts: number;
  readonly created_at: Date;
  readonly sent_at: Date | null;
  readonly message_id_header: string | null;
  readonly last_error: string | null;
}
