/** Orders of agents that need more than the ticket itself: to vouch for somebody, and to approve a plan. */
import { transact } from '../db/again.ts';
import type { TicketId } from '../domain/ids.ts';
import type { Outcome } from '../tickets/outcome.ts';
import { vouch } from '../tickets/vouch.ts';
import { type AgentWords, agentOf, noteOf, reasonHash } from './agent-acts.ts';
import { decideByTwo } from './decide-by-two.ts';
import type { Desk } from './desk.ts';

/**
 * Vouches for the requester of a deleted workspace that has no known owner. Nothing is verified by it: the plan is made,
 * and two different agents have to approve that.
 * @param words.seen - digest of the request that the agent had before them: another one is not vouched for
 * @returns `null` when there is no such ticket
 */
export const vouchFor = (
  desk: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason, seen = null }: AgentWords & { readonly seen?: string | null },
): Promise<Outcome | null> =>
  transact(desk.db, async (trx) => {
    const outcome = await vouch(trx, desk.tickets, id, {
      agent: agentOf(agent),
      note: reason,
      reasonHash: reasonHash(desk, reason),
      seen,
    });
    if (outcome !== null && outcome.kind !== 'refused') await noteOf(trx, id, 'vouched', { agent, reason });
    return outcome;
  });

/** Approves the plan with this hash, and no other. */
export const approvePlan = (
  desk: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason, planHash }: AgentWords & { readonly planHash: string },
): Promise<Outcome | null> =>
  decideByTwo(
    desk,
    id,
    { type: 'approved', by: agentOf(agent), planHash, reasonHash: reasonHash(desk, reason) },
    (trx) => noteOf(trx, id, 'approved', { agent, reason }),
  );
