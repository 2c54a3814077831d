/** What an agent looks at often, kept under a name: the address of a queue, for that agent alone. */
import type { Knex } from 'knex';
import { z } from 'zod';
import { type QueueFilter, queryOf, readQuery } from './filter.ts';

const VIEWS_MAX = 30;
const NAME_LENGTH_MAX = 60;
/** PostgreSQL's `unique_violation`. */
const TAKEN = '23505';

export interface SavedView {
  readonly id: number;
  readonly name: string;
  readonly query: string;
}

export const readSavedViews = (db: Knex, agentId: number): Promise<readonly SavedView[]> =>
  db('saved_views')
    .select<SavedView[]>('id', 'name', 'query')
    .where({ agent_id: agentId })
    .orderByRaw('lower(name)')
    .limit(VIEWS_MAX);

export type Saved = 'saved' | 'unnamed' | 'taken' | 'too_many';

const NAME = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LENGTH_MAX)
  .regex(/^\P{C}+$/u);

/** @param name - as it was typed */
export async function saveView(
  db: Knex,
  agentId: number,
  name: unknown,
  filter: QueueFilter,
): Promise<Saved> {
  const read = NAME.safeParse(name);
  if (!read.success) return 'unnamed';
  if ((await readSavedViews(db, agentId)).length >= VIEWS_MAX) return 'too_many';
  try {
    await db('saved_views').insert({ agent_id: agentId, name: read.data, query: queryOf(filter) });
    return 'saved';
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === TAKEN) return 'taken';
    throw error;
  }
}

/** Nobody removes anybody else's: then nothing happens. */
export async function removeView(db: Knex, agentId: number, id: number): Promise<void> {
  await db('saved_views').where({ id, agent_id: agentId }).delete();
}

/** Views that every desk needs, in the order in which a day begins. */
export const DEFAULT_VIEWS: readonly { readonly name: string; readonly filter: QueueFilter }[] = [
  { name: 'Mine', filter: filterOf({ tab: 'all', assignee: 'me' }) },
  { name: 'Nobody’s yet', filter: filterOf({ assignee: 'nobody' }) },
  { name: 'To approve', filter: filterOf({ state: 'approval' }) },
  { name: 'Overdue', filter: filterOf({ due: 'overdue' }) },
  { name: 'Due soon', filter: filterOf({ tab: 'all', due: 'soon' }) },
  { name: 'Failed steps', filter: filterOf({ hold: 'step_failed' }) },
];

function filterOf(query: Readonly<Record<string, string>>): QueueFilter {
  return readQuery(query).filter;
}
