import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { referenceOf, type TicketId } from '../domain/ids.ts';

export type Move = { readonly byMs: number } | { readonly ticket: TicketId };

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;

/** `6d`, `12h` or `30m` in milliseconds; `null` for anything else. */
export function readDuration(text: string): number | null {
  const match = /^([1-9]\d{0,3})([dhm])$/.exec(text.trim());
  return match === null ? null : Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/**
 * Moves the sandbox's clock forward and has everything that became due looked at. The database refuses it anywhere
 * else. @returns what the clock shows then
 */
export async function moveClock(db: Knex, move: Move): Promise<Date> {
  const byMs = 'byMs' in move ? move.byMs : await untilDue(db, move.ticket);
  await db.transaction(async (trx) => {
    await trx('desk_clock').increment('offset_ms', byMs);
    await trx.raw(`select graphile_worker.add_job('tick', payload => '{}'::json, job_key => 'tick.now')`);
    // Mails wait in desk time as well.
    await trx.raw(
      `select graphile_worker.add_job('outbox.flush', payload => '{}'::json, job_key => 'outbox.flush.now')`,
    );
  });
  return deskNow(db);
}

async function untilDue(db: Knex, id: TicketId): Promise<number> {
  const row = await db('tickets').select<{ wake_at: Date | null }[]>('wake_at').where({ id }).first();
  if (row?.wake_at == null)
    throw new PurgedeskError('PD_USAGE', `${referenceOf(id)} does not wait for any instant`);
  return Math.max(0, row.wake_at.getTime() - (await deskNow(db)).getTime()) + 1;
}
