import type { Knex } from 'knex';

/** What can happen to an agent, in the words that the list shows. */
export const AGENT_ACTS = {
  added: 'added',
  role: 'got another role',
  disabled: 'may not sign in any more',
  enabled: 'may sign in again',
  reset: 'got a new link; password, codes and sessions ended',
  set_up: 'chose a password and set up the codes',
  password: 'changed the password',
  totp: 'set up the codes anew',
  recovery: 'used a recovery code',
  subject: 'was bound to an account of the sign-in provider',
} as const;
export type AgentAct = keyof typeof AGENT_ACTS;

export interface AgentEvent {
  readonly at: Date;
  readonly actor: string;
  readonly what: AgentAct;
  readonly agent: string;
  readonly detail: string | null;
}

/** Notes for good what was done to an agent, in the transaction that does it. */
export async function noteAct(
  trx: Knex,
  act: {
    readonly actor: string;
    readonly what: AgentAct;
    readonly agentId: number;
    readonly detail?: string;
  },
): Promise<void> {
  await trx('agent_events').insert({
    actor: act.actor,
    what: act.what,
    agent_id: act.agentId,
    detail: act.detail ?? null,
  });
}

/** The newest first. */
export const listActs = (db: Knex, limit: number): Promise<readonly AgentEvent[]> =>
  db('agent_events as e')
    .join('agents as a', 'a.id', 'e.agent_id')
    .select<AgentEvent[]>('e.at', 'e.actor', 'e.what', 'a.name as agent', 'e.detail')
    .orderBy('e.id', 'desc')
    .limit(limit);
