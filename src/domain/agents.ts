/** People who work at the desk: how they are named, and what they may do. */

/** From the least to the most; each may do what those before it may. */
export const AGENT_ROLES = ['viewer', 'agent', 'approver', 'admin'] as const;
export type AgentRole = (typeof AGENT_ROLES)[number];

/** Whether somebody with `role` may do what is for `needed` and above. */
export const mayAct = (role: AgentRole, needed: AgentRole): boolean =>
  AGENT_ROLES.indexOf(role) >= AGENT_ROLES.indexOf(needed);

/**
 * Whether two names stand for one agent: regardless of case, of full-width and other compatibility forms, and of what
 * stands between their letters. It would rather take two people for one than one for two.
 */
export const isSameAgent = (one: string, other: string): boolean => plainName(one) === plainName(other);

/** What tells agents apart. */
export const plainName = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

/** As which the desk itself gives orders. */
const DESK = 'desk';

/** The name of an agent as it is kept; `null` = it cannot be one, or would be taken for the desk itself. */
export function readAgentName(text: string): string | null {
  const name = text.trim();
  return /^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,79}$/u.test(name) && plainName(name) !== DESK ? name : null;
}

/** Whether an actor of the audit chain is a program: `agent:api/NAME`. No person's name can have a slash. */
export const isProgram = (actor: string): boolean => actor.startsWith('agent:api/');
