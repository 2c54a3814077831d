/**
 * What the desk itself halts all purges for: a clock that jumped, a database that was restored. It sets the one switch,
 * so that everything that looks at it stops; whoever resumes purges says with it that all is well.
 */
import type { Knex } from 'knex';
import { DESK, noteOrder, type Order, resumePurges, SWITCH_CHANNEL } from '../halt.ts';
import type { PurgePorts } from '../ports.ts';

export type QuarantineKind = 'clock_jump' | 'restored';

/** How long nothing is deleted after a restore, unless an agent says earlier that all is well. */
export const RESTORED_HOURS = 24;

export interface Quarantine {
  readonly kind: QuarantineKind;
  /** Desk time, ISO 8601. */
  readonly noticedAt: string;
  readonly jumpMs: number | null;
  /** When it ends by itself, ISO 8601; `null` = when an agent lets purges run again. */
  readonly endsAt: string | null;
}

/** What keeps all purges right now. */
export async function openQuarantines(db: Knex): Promise<readonly Quarantine[]> {
  const found = await db.raw<{ rows: OpenRow[] }>(OPEN);
  return found.rows.map((row) => ({
    kind: row.kind,
    noticedAt: row.noticed_at.toISOString(),
    jumpMs: row.jump_ms,
    endsAt: row.ends_at?.toISOString() ?? null,
  }));
}

interface OpenRow {
  readonly kind: QuarantineKind;
  readonly noticed_at: Date;
  readonly jump_ms: number | null;
  readonly ends_at: Date | null;
}

const OPEN =
  'select kind, noticed_at, jump_ms, ends_at from purge_quarantines where ended_at is null order by id';

/** Halts all purges because the clock cannot be relied on, until an agent lets them run again. */
export const quarantineJump = (trx: Knex.Transaction, jumpMs: number): Promise<boolean> =>
  quarantine(trx, 'clock_jump', jumpMs, jumpInWords(jumpMs));

/**
 * Halts all purges because the database may be behind what happened. Ends by itself after a day of observed time.
 * @param order - of an agent who says so; left out = the desk has noticed
 */
export const quarantineRestored = (trx: Knex.Transaction, order?: Order): Promise<boolean> =>
  quarantine(
    trx,
    'restored',
    null,
    `The database was restored, moved or failed over. Purges go on after ${RESTORED_HOURS} hours, or when you resume them.`,
    order,
  );

/** "The clock of the database went forward by 6 d 0 h. …" */
function jumpInWords(jumpMs: number): string {
  const minutes = Math.round(Math.abs(jumpMs) / 60_000);
  const hours = Math.floor(minutes / 60);
  const far = hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return `The clock of the database went ${jumpMs < 0 ? 'back' : 'forward'} by ${far}. Put it right, then resume purges.`;
}

/** @returns `false` = the same is open already, and only its time was noted */
async function quarantine(
  trx: Knex.Transaction,
  kind: QuarantineKind,
  jumpMs: number | null,
  reason: string,
  order: Order = { agent: DESK, reason },
): Promise<boolean> {
  await trx.raw('select from purge_switch for update');
  const placed = await trx.raw<{ rows: [{ is_new: boolean; halted: boolean }] }>(PLACE, [
    kind,
    jumpMs,
    kind === 'restored' ? RESTORED_HOURS : null,
    kind === 'restored' ? RESTORED_HOURS : null,
  ]);
  const [{ is_new, halted }] = placed.rows;
  if (!is_new) return false;
  await trx.raw(halted ? HALT : ADD_REASON, halted ? [DESK, reason] : [reason, reason]);
  await noteOrder(trx, 'halt', order);
  await trx.raw('select pg_notify(?, ?)', [SWITCH_CHANNEL, 'halt']);
  return true;
}

const PLACE = `
  insert into purge_quarantines (kind, noticed_at, jump_ms, halted, ends_at, ends_observed_ms)
  select ?, desk_now(), cast(? as bigint), (select halted_at is null from purge_switch), desk_now() + make_interval(hours => cast(? as integer)),
    (select observed_ms from clock_watch) + cast(? as bigint) * 3600000
  on conflict (kind) where ended_at is null do update
    set noticed_at = excluded.noticed_at, jump_ms = excluded.jump_ms,
      ends_at = excluded.ends_at, ends_observed_ms = excluded.ends_observed_ms
  returning xmax = 0 as is_new, halted`;

const HALT = 'update purge_switch set halted_at = desk_now(), halted_by = ?, reason = ?';

/** Whoever halted them already hears of this before they resume. */
const ADD_REASON = `
  update purge_switch set reason = case when strpos(reason, cast(? as text)) > 0 then reason else left(reason || ' ' || cast(? as text), 1000) end`;

/**
 * Lets purges run again where a quarantine has had its time, nothing else keeps them, and no agent has halted them.
 * @returns whether it did
 */
export async function endQuarantine(ports: Pick<PurgePorts, 'db' | 'enqueue'>): Promise<boolean> {
  const found = await ports.db.raw<{ rows: unknown[] }>(IS_OVER);
  if (found.rows.length === 0) return false;
  return resumePurges(ports, { agent: DESK, reason: 'the time after a restore is over' });
}

const IS_OVER = `
  select from purge_switch
  where halted_by = '${DESK}'
    and exists (select from purge_quarantines where ended_at is null and halted)
    and not exists (select from purge_quarantines q, clock_watch w, desk_clock c where q.ended_at is null
      and not coalesce(q.ends_at <= desk_now() and (c.movable or q.ends_observed_ms <= w.observed_ms), false))`;
