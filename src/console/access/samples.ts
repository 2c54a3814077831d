import type { Knex } from 'knex';
import { type AgentRole, plainName } from '../../domain/agents.ts';

/** Who works at the sandbox's desk. Two approvers, so that a plan that takes two can be approved. */
export const SAMPLE_AGENTS: readonly { readonly name: string; readonly role: AgentRole }[] = [
  { name: 'Vera', role: 'viewer' },
  { name: 'Alex', role: 'agent' },
  { name: 'Petra', role: 'approver' },
  { name: 'Paul', role: 'approver' },
  { name: 'Adele', role: 'admin' },
];

/** @returns the sample agent of this name, added at the first call; `null` = there is none, or somebody real has the name */
export async function sampleAgent(db: Knex, name: string): Promise<number | null> {
  const sample = SAMPLE_AGENTS.find((one) => one.name === name);
  if (sample === undefined) return null;
  await db('agents')
    .insert({ ...sample, plain_name: plainName(sample.name), is_sample: true })
    .onConflict('plain_name')
    .ignore();
  const row = await db('agents')
    .select<{ id: number }[]>('id')
    .where({ plain_name: plainName(sample.name), is_sample: true })
    .whereNull('disabled_at')
    .first();
  return row?.id ?? null;
}
