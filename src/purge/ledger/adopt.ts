import type { Knex } from 'knex';
import type { PlanStep } from '../../domain/plan.ts';
import { appendErasure } from './ledger.ts';
import type { LedgerKey } from './seal.ts';

/** How many are taken in at once; the rest has its turn at the next tick. */
const AT_ONCE = 500;

/** Takes erasures from before there was a chain into it, in their order. Does nothing once there is none left. */
export async function adoptErasures(db: Knex, key: LedgerKey): Promise<number> {
  return db.transaction(async (trx) => {
    const found = await trx.raw<{ rows: UnchainedRow[] }>(UNCHAINED, [AT_ONCE]);
    for (const { ticket_id, step, deleted, erased_at } of found.rows) {
      await appendErasure(trx, key, { kind: 'erased', ticketId: ticket_id, step, deleted, at: erased_at });
    }
    const adopted = found.rows.map(({ seq }) => seq);
    await trx('unchained_erasures').whereIn('seq', adopted).delete();
    return adopted.length;
  });
}

interface UnchainedRow {
  readonly seq: number;
  readonly ticket_id: number;
  readonly step: PlanStep;
  readonly deleted: number;
  readonly erased_at: Date;
}

const UNCHAINED = `
  select seq, ticket_id, step, deleted, erased_at from unchained_erasures order by seq limit ? for update`;
