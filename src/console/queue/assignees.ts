import type { Knex } from 'knex';
import { AGENT_ROLES, mayAct } from '../../domain/agents.ts';

export interface Assignee {
  readonly id: number;
  readonly name: string;
}

/** More than one list can show. */
const ASSIGNEES_MAX = 200;

/** Who can look after a ticket, by name. */
export const readAssignees = (db: Knex): Promise<readonly Assignee[]> =>
  db('agents')
    .select<Assignee[]>('id', 'name')
    .whereNull('disabled_at')
    .whereIn(
      'role',
      AGENT_ROLES.filter((role) => mayAct(role, 'agent')),
    )
    .orderBy('plain_name')
    .limit(ASSIGNEES_MAX);
