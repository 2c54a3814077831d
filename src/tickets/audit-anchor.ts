import type { Knex } from 'knex';
import { digestOf } from '../domain/canonical.ts';

/** The ledger of erasures stands among the tickets under this number, which no ticket has. */
export const LEDGER = 0;

/** A chain's head as an anchor holds it: `[ticket, seq, hash]`. */
export type AnchoredHead = readonly [ticket: number, seq: number, hash: string];

/** What an anchor's hash is made of: its day, the anchor before it, and every head that had moved since. */
export const anchorHash = (day: string, previous: string, heads: readonly AnchoredHead[]): string =>
  digestOf({ day, previous, heads: heads.map((head) => [...head]) });

/**
 * Once a day the chains that have grown are tied together, and to all anchors before. Whoever rewrites a chain would
 * have to rewrite every anchor since: keep the newest anchor's hash somewhere else, and it cannot be done unseen.
 */
export async function anchorAudit(trx: Knex.Transaction): Promise<void> {
  const result = await trx.raw<{ rows: [{ day: string; done: boolean }] }>(ANCHOR_DAY);
  const { day, done } = result.rows[0];
  if (done) return;
  // Two processes may come here at once; the loser finds the day done and writes nothing.
  await trx.raw('lock table audit_anchors in share row exclusive mode');
  const again = await trx.raw<{ rows: [{ day: string; done: boolean }] }>(ANCHOR_DAY);
  if (again.rows[0].done) return;
  const moved = await trx.raw<{ rows: { id: number; seq: number; hash: string }[] }>(MOVED_HEADS);
  const previous = await trx('audit_anchors')
    .select<{ hash: string }[]>('hash')
    .orderBy('day', 'desc')
    .first();
  const previousHash = previous?.hash ?? '';
  const heads = moved.rows.map(({ id, seq, hash }): AnchoredHead => [id, seq, hash]);
  await trx('audit_anchors').insert({
    day,
    tickets: heads.filter(([ticket]) => ticket !== LEDGER).length,
    previous_hash: previousHash,
    hash: anchorHash(day, previousHash, heads),
  });
  await trx.batchInsert(
    'anchored_heads',
    heads.map(([ticket_id, seq, hash]) => ({ day, ticket_id, seq, hash })),
    CHUNK,
  );
}

const CHUNK = 1_000;

const ANCHOR_DAY = `
  select to_char(desk_now() at time zone 'utc', 'YYYY-MM-DD') as day,
    exists (select from audit_anchors where day = cast(desk_now() at time zone 'utc' as date)) as done`;

const MOVED_HEADS = `
  select t.id, t.audit_seq as seq, t.audit_head as hash from tickets t
  where t.audit_seq > coalesce((select max(a.seq) from anchored_heads a where a.ticket_id = t.id), 0)
  union all
  select ${LEDGER}, l.seq, l.hash from ledger_head l
  where l.seq > coalesce((select max(a.seq) from anchored_heads a where a.ticket_id = ${LEDGER}), 0)
  order by id`;
