/** What was sent to other systems, newest first, and sending it again. */
import type { Knex } from 'knex';
import { referenceOf, ticketId } from '../domain/ids.ts';

export const DELIVERY_STATUSES = ['pending', 'sending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export interface DeliveryLine {
  readonly id: string;
  readonly kind: 'webhook' | 'callback';
  /** The name of a webhook, or the host of a callback. */
  readonly endpoint: string;
  readonly event: string;
  readonly ticket: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** The status of the last answer, or why there was none. */
  readonly lastResult: string | null;
  /** ISO 8601, by the real clock, as all here. */
  readonly createdAt: string;
  /** `null` once it is over. */
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
}

export interface DeliveryFilter {
  readonly endpoint?: string;
  readonly status?: DeliveryStatus;
  /** Only what stands below this one. */
  readonly after?: string;
  readonly limit: number;
}

export async function listDeliveries(db: Knex, filter: DeliveryFilter): Promise<readonly DeliveryLine[]> {
  const found = await db.raw<{ rows: Row[] }>(LIST, {
    endpoint: filter.endpoint ?? null,
    status: filter.status ?? null,
    after: filter.after ?? null,
    most: filter.limit,
  });
  return found.rows.map(lineOf);
}

/**
 * Has one sent again that is over, under the id that it had.
 * @returns whether there was such a one
 */
export async function redeliver(db: Knex, id: string): Promise<boolean> {
  return db.transaction(async (trx) => {
    const found = await trx.raw<{ rows: unknown[] }>(REDELIVER, [id]);
    if (found.rows.length === 0) return false;
    await trx.raw(DELIVER, [`notify.deliver:${id}`]);
    return true;
  });
}

interface Row {
  readonly id: string;
  readonly kind: 'webhook' | 'callback';
  readonly endpoint: string;
  readonly event: string;
  readonly ticket_id: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly last_result: string | null;
  readonly created_at: Date;
  readonly next_attempt_at: Date;
  readonly finished_at: Date | null;
}

const lineOf = (row: Row): DeliveryLine => ({
  id: row.id,
  kind: row.kind,
  endpoint: row.endpoint,
  event: row.event,
  ticket: referenceOf(ticketId(row.ticket_id)),
  status: row.status,
  attempts: row.attempts,
  lastResult: row.last_result,
  createdAt: row.created_at.toISOString(),
  nextAttemptAt: row.finished_at === null ? row.next_attempt_at.toISOString() : null,
  finishedAt: row.finished_at?.toISOString() ?? null,
});

const LIST = `
  select id, kind, endpoint, event, ticket_id, status, attempts, last_result, created_at, next_attempt_at, finished_at
  from deliveries d
  where (cast(:endpoint as text) is null or endpoint = :endpoint)
    and (cast(:status as text) is null or status = :status)
    and (cast(:after as uuid) is null
      or (created_at, id) < (select a.created_at, a.id from deliveries a where a.id = cast(:after as uuid)))
  order by created_at desc, id desc limit :most`;

const REDELIVER = `
  update deliveries set status = 'pending', attempts = 0, finished_at = null, next_attempt_at = clock_timestamp()
  where id = cast(? as uuid) and status in ('delivered', 'failed') returning id`;

const DELIVER = `
  select graphile_worker.add_job('notify.deliver', payload => '{}'::json, job_key => ?, max_attempts => 20)`;
