/** Where purges stand, for agents: what runs, how far, how fast, and what keeps the rest. Reads only. */
import type { Knex } from 'knex';
import { referenceOf, ticketId } from '../domain/ids.ts';
import { type Brake, openBrakes } from './brake.ts';
import { readHalt } from './halt.ts';
import { type Standing, standingOf } from './progress.ts';

export interface PurgeStatus {
  /** ISO 8601. `null` = purges run. */
  readonly halt: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly brakes: readonly Brake[];
  readonly purges: readonly PurgeLine[];
}

/** A ticket that is purging, at the step that is due. */
export interface PurgeLine extends Standing {
  readonly reference: string;
  readonly step: number;
  readonly steps: number;
  readonly store: string;
  readonly target: string;
  readonly deleted: number;
  readonly estimate: number;
  readonly isRunning: boolean;
  /** Why it does not run: holds by their reason, `halted`, `braked`. Empty = it runs, or its turn comes. */
  readonly waitsFor: readonly string[];
  /** The failure that its last run ended with. */
  readonly lastError: string | null;
}

const LINES_MAX = 200;

/** @param only - of one ticket */
export async function readPurgeStatus(db: Knex, only: number | null = null): Promise<PurgeStatus> {
  const halt = await readHalt(db);
  const brakes = await openBrakes(db);
  const found = await db.raw<{ rows: LineRow[] }>(LINES, { only, most: LINES_MAX });
  return {
    halt: halt === null ? null : { ...halt, at: halt.at.toISOString() },
    brakes,
    purges: found.rows.map((row) => lineOf(row, halt !== null, brakes)),
  };
}

interface LineRow {
  readonly ticket_id: number;
  readonly no: number;
  readonly steps: number;
  readonly store: string;
  readonly target: string;
  readonly status: string;
  readonly deleted: number;
  readonly estimate: number;
  readonly rate: number | null;
  readonly running: boolean;
  readonly last_error: string | null;
  readonly holds: readonly string[];
}

const LINES = `
  select distinct on (s.ticket_id) s.ticket_id, s.no, s.store, s.target, s.status, s.deleted, s.estimate, s.rate, s.last_error,
    s.status = 'running' and coalesce(s.lease_until > now(), false) as running,
    cast((select count(*) from purge_steps a where a.ticket_id = s.ticket_id) as integer) as steps,
    array(select h.reason from holds h where h.ticket_id = t.id and h.lifted_at is null order by h.id) as holds
  from purge_steps s join tickets t on t.id = s.ticket_id
  where t.state = 'purging' and s.status <> 'done' and (cast(:only as bigint) is null or t.id = :only)
  order by s.ticket_id, s.no limit :most`;

function lineOf(row: LineRow, isHalted: boolean, brakes: readonly Brake[]): PurgeLine {
  const { deleted, estimate, rate, holds } = row;
  const isBraked = brakes.some(({ store }) => store === row.store);
  return {
    ...standingOf({ deleted, estimate, rate, isDone: row.status === 'done' }),
    reference: referenceOf(ticketId(row.ticket_id)),
    step: row.no,
    steps: row.steps,
    store: row.store,
    target: row.target,
    deleted,
    estimate,
    isRunning: row.running,
    waitsFor: [...holds, ...(isHalted ? ['halted'] : []), ...(isBraked ? ['braked'] : [])],
    lastError: row.last_error,
  };
}
