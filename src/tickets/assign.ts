/** Who looks after a ticket. It decides nothing about it, so it is no part of the audit chain; who gave it to whom is kept. */
import type { Knex } from 'knex';
import { AGENT_ROLES, mayAct } from '../domain/agents.ts';

export interface Assignment {
  readonly tickets: readonly number[];
  /** Number of an agent; `null` = nobody. */
  readonly assignee: number | null;
  readonly by: number;
}

/** `unknown`: there is no such ticket. */
export interface NotGiven {
  readonly id: number;
  readonly why: 'unknown' | 'closed';
}

export type Assigned =
  | { readonly kind: 'done'; readonly changed: number }
  /** Nothing was done at all, because these cannot be given to anybody. */
  | {
      readonly kind: 'refused';
      readonly tickets: readonly NotGiven[];
    }
  /** Nothing was done: there is no agent of that number who can look after tickets. */
  | { readonly kind: 'no_agent' };

/** All of them or none, in one transaction; those that are that agent's already are left as they are. */
export async function assign(db: Knex, { tickets, assignee, by }: Assignment): Promise<Assigned> {
  return db.transaction(async (trx) => {
    if (assignee !== null && !(await canLookAfter(trx, assignee))) return { kind: 'no_agent' };
    const found = await trx('tickets')
      .select<{ id: number; closed_at: Date | null; assignee: number | null }[]>(
        'id',
        'closed_at',
        'assignee',
      )
      .whereIn('id', tickets)
      .orderBy('id')
      .forUpdate();
    const rows = new Map(found.map((row) => [row.id, row]));
    const refused = tickets.flatMap((id): NotGiven[] => {
      const row = rows.get(id);
      if (row === undefined) return [{ id, why: 'unknown' }];
      return row.closed_at !== null && assignee !== null ? [{ id, why: 'closed' }] : [];
    });
    if (refused.length > 0) return { kind: 'refused', tickets: refused };
    const moved = found.filter((row) => row.assignee !== assignee).map(({ id }) => id);
    if (moved.length > 0) {
      await trx('tickets').whereIn('id', moved).update({ assignee });
      await trx('ticket_assignments').insert(
        moved.map((id) => ({ ticket_id: id, assignee, assigned_by: by, at: trx.raw('desk_now()') })),
      );
    }
    return { kind: 'done', changed: moved.length };
  });
}

async function canLookAfter(trx: Knex.Transaction, id: number): Promise<boolean> {
  const row = await trx('agents')
    .select('id')
    .where({ id, disabled_at: null })
    .whereIn(
      'role',
      AGENT_ROLES.filter((role) => mayAct(role, 'agent')),
    )
    .first();
  return row !== undefined;
}
