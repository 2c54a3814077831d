import type { AgentRole } from '../../domain/agents.ts';

/** Whoever is behind a request. */
export interface SignedIn {
  readonly agentId: number;
  /** As it stands in the audit chain. */
  readonly name: string;
  readonly role: AgentRole;
}

export interface AccessPorts {
  /** Whose session has this token; `null` = it is unknown or over, or the agent may not come in any more. */
  findSession(token: string): Promise<SignedIn | null>;
}
