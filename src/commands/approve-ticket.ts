/** Orders of agents that need more than the ticket itself: to vouch for somebody, and to approve a plan. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { keyed } from '../domain/canonical.ts';
import type { TicketId } from '../domain/ids.ts';
import type { Outcome } from '../tickets/outcome.ts';
import { vouch } from '../tickets/vouch.ts';
import type { Desk } from './desk.ts';

export interface AgentWords {
  /** A name as it is kept. */
  readonly agent: string;
  /** Why: kept with the ticket until its context is erased; the audit chain holds a keyed hash of it. */
  readonly reason: string;
}

/**
 * Vouches for the requester of a deleted workspace that has no known owner. Nothing is verified by it: the plan is made,
 * and two different agents have to approve that.
 * @returns `null` when there is no such ticket
 */
export const vouchFor = (
  desk: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason }: AgentWords,
): Promise<Outcome | null> =>
  desk.db.transaction(async (trx) => {
    const outcome = await vouch(trx, desk.tickets, id, {
      agent: { kind: 'agent', name: agent },
      note: reason,
      reasonHash: reasonHash(desk, reason),
    });
    if (outcome !== null && outcome.kind !== 'refused') await noteOf(trx, id, 'vouched', { agent, reason });
    return outcome;
  });

/** Approves the plan with this hash, and no other. */
export async function approvePlan(
  desk: Pick<Desk, 'decide' | 'tickets'>,
  id: TicketId,
  { agent, reason, planHash }: AgentWords & { readonly planHash: string },
): Promise<Outcome | null> {
  const { outcomes } = await desk.decide([
    {
      ticketId: id,
      event: {
        type: 'approved',
        by: { kind: 'agent', name: agent },
        planHash,
        reasonHash: reasonHash(desk, reason),
      },
      within: (trx) => noteOf(trx, id, 'approved', { agent, reason }),
    },
  ]);
  return outcomes[0] ?? null;
}

/** For the other agent, who decides by it too. */
async function noteOf(
  trx: Knex.Transaction,
  id: TicketId,
  act: 'vouched' | 'approved',
  { agent, reason }: AgentWords,
): Promise<void> {
  await trx('agent_notes').insert({ ticket_id: id, agent, act, note: reason, at: await deskNow(trx) });
}

const reasonHash = (desk: Pick<Desk, 'tickets'>, reason: string): string =>
  keyed(desk.tickets.key, 'reason', reason).toString('hex').slice(0, 32);
