/** Urgent stops: an owner or admin asked by mail to stop a deletion that has no ticket here. An agent lifts them. */
import type { Knex } from 'knex';
import { distinct } from '../db/rows.ts';
import { forMany } from '../db/together.ts';

export interface WorkspaceStop {
  readonly workspaceId: string;
  readonly slug: string;
  /** ISO 8601. */
  readonly placedAt: string;
  /** The mail that asked for it; `null` once it is not known any more. */
  readonly messageId: number | null;
}

/** Those that stand, oldest first. */
export async function activeStops(db: Knex): Promise<readonly WorkspaceStop[]> {
  const result = await db.raw<{ rows: StopRow[] }>(ACTIVE);
  return result.rows.map((row) => ({
    workspaceId: row.workspace_id,
    slug: row.slug,
    placedAt: row.placed_at.toISOString(),
    messageId: row.message_id,
  }));
}

interface StopRow {
  readonly workspace_id: string;
  readonly slug: string;
  readonly placed_at: Date;
  readonly message_id: number | null;
}

const ACTIVE = `
  select s.workspace_id, w.slug, s.placed_at, s.message_id
  from workspace_stops s join workspaces w on w.id = s.workspace_id
  where s.lifted_at is null order by s.placed_at, s.id`;

/**
 * Lets purges of a workspace go on. A ticket that met the stop keeps its own hold.
 * @returns whether there was a stop
 */
export async function liftStop(
  db: Knex,
  workspaceId: string,
  by: { readonly agent: string; readonly note: string; readonly at: Date },
): Promise<boolean> {
  const lifted = await db('workspace_stops')
    .where({ workspace_id: workspaceId })
    .whereNull('lifted_at')
    .update({ lifted_at: by.at, lifted_by: by.agent, lift_note: by.note });
  return lifted > 0;
}

/** Whether any of these workspaces is stopped. */
export const isAnyStopped = forMany(async (db: Knex, asked: readonly (readonly string[])[]) => {
  const result = await db.raw<{ rows: { workspace_id: string }[] }>(STOPPED, [distinct(asked.flat())]);
  const stopped = new Set(result.rows.map((row) => row.workspace_id));
  return asked.map((ids) => ids.some((id) => stopped.has(id)));
});

const STOPPED = `
  select workspace_id from workspace_stops where workspace_id = any(cast(? as text[])) and lifted_at is null`;
