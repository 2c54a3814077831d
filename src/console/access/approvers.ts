import type { Knex } from 'knex';
import { type AgentRole, mayAct, plainName } from '../../domain/agents.ts';

/**
 * Which of these agents may approve nothing any more: shut out, or with less of a role than that takes. A name that no
 * agent has was given on the command line by whoever runs the desk, and stays.
 * @param lock - keeps their roles as they are until the end of the transaction
 */
export async function lapsedApprovers(
  db: Knex,
  names: readonly string[],
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const query = db('agents')
    .select<{ plain_name: string; role: AgentRole; disabled_at: Date | null }[]>(
      'plain_name',
      'role',
      'disabled_at',
    )
    .whereIn('plain_name', names.map(plainName))
    .orderBy('id');
  const rows = await (lock ? query.forShare() : query);
  const lapsed = new Set(
    rows
      .filter(({ role, disabled_at: disabledAt }) => disabledAt !== null || !mayAct(role, 'approver'))
      .map((row) => row.plain_name),
  );
  return names.filter((name) => lapsed.has(plainName(name)));
}
