import type { Knex } from 'knex';
import type { AgentRole } from '../../domain/agents.ts';

/** Whoever is behind a request. */
export interface SignedIn {
  readonly agentId: number;
  /** As it stands in the audit chain. */
  readonly name: string;
  readonly role: AgentRole;
}

export interface AccessPorts {
  /**
   * Whose session has this token; `null` = it is unknown or over, or the agent may not come in any more.
   * @param how.isUnattended - a page keeps itself up to date: no sign that anybody is there
   */
  findSession(token: string, how?: { readonly isUnattended: boolean }): Promise<SignedIn | null>;
}

/** What signing in needs of the desk. */
export interface SignInPorts {
  readonly db: Knex;
  /** The desk's secret: what is made of it seals, marks and hashes. */
  readonly key: Uint8Array;
  /** How the desk is called in the app that makes the codes. */
  readonly deskName: string;
  /** Everything is a sample: whoever opens the sign-in page may come in as one of the sample agents. */
  readonly hasSamples: boolean;
  /** An OpenID Connect provider with which agents may sign in. */
  readonly provider: ProviderPort | null;
}

export interface ProviderPort {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}
