/** What agents do with a ticket, the same from a terminal and from a page. */
import type { Knex } from 'knex';
import { transact } from '../db/again.ts';
import { deskNow } from '../db/connection.ts';
import { isProgram } from '../domain/agents.ts';
import { keyed } from '../domain/canonical.ts';
import type { TicketId } from '../domain/ids.ts';
import type { DeletionRequest } from '../domain/request.ts';
import type { Actor, HoldReason, TicketEvent } from '../domain/ticket.ts';
import { correct } from '../tickets/correct.ts';
import type { Outcome } from '../tickets/outcome.ts';
import { decide } from '../tickets/ticket-store.ts';
import { decideByTwo } from './decide-by-two.ts';
import type { Desk } from './desk.ts';

export interface AgentWords {
  /** A name as it is kept. */
  readonly agent: string;
  /** Why: kept with the ticket until its context is erased; the audit chain holds a keyed hash of it. */
  readonly reason: string;
}

type Acting = Pick<Desk, 'decide' | 'tickets'>;

/** Keeps the ticket from its next step until somebody releases it; a program's hold becomes that of the person. */
export const holdTicket = (
  { db, tickets }: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason }: AgentWords,
): Promise<Outcome | null> =>
  transact(db, async (trx) => {
    await trx('tickets').select('id').where({ id }).forUpdate();
    const hold = await standingHold(trx, id, 'agent');
    const takesOver = hold !== null && isProgram(hold.placed_by);
    const event = { type: 'held', reason: 'agent', by: agentOf(agent), note: reason, takesOver } as const;
    const { outcomes } = await decide(trx, tickets, { kind: 'desk' }, [{ ticketId: id, event }]);
    return outcomes[0] ?? null;
  });

async function standingHold(
  trx: Knex.Transaction,
  id: TicketId,
  reason: HoldReason,
): Promise<{ readonly id: number; readonly placed_by: string } | null> {
  const holds = trx('holds').select<{ id: number; placed_by: string }[]>('id', 'placed_by');
  return (await holds.where({ ticket_id: id, reason }).whereNull('lifted_at').first()) ?? null;
}

export const releaseHold = (
  desk: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason, hold }: AgentWords & { readonly hold: HoldReason },
): Promise<Outcome | null> =>
  decideByTwo(desk, id, { type: 'released', reason: hold, by: agentOf(agent), note: reason });

/**
 * Releases the hold that the agent had before them, and no other that was placed since.
 * @param seen - number of that hold
 */
export async function releaseSeenHold(
  desk: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason, hold, seen }: AgentWords & { readonly hold: HoldReason; readonly seen: number },
): Promise<Outcome | 'held_again' | null> {
  const event = { type: 'released', reason: hold, by: agentOf(agent), note: reason } as const;
  try {
    return await decideByTwo(desk, id, event, async (trx) => {
      if ((await standingHold(trx, id, hold))?.id !== seen) throw new HeldAgain();
    });
  } catch (error) {
    if (error instanceof HeldAgain) return 'held_again';
    throw error;
  }
}

/** Takes back what was decided about a hold that is not there any more. */
class HeldAgain extends Error {}

/** Ends the request before its purge has started; whoever was told of it hears of that. */
export const closeTicket = (
  desk: Acting,
  id: TicketId,
  { agent, reason, as }: AgentWords & { readonly as: 'cancelled' | 'rejected' },
): Promise<Outcome | null> =>
  decideOne(
    desk,
    id,
    {
      type: `${as}_by_agent`,
      by: agentOf(agent),
      note: reason,
      reasonHash: reasonHash(desk, reason),
    },
    (trx) => noteOf(trx, id, as, { agent, reason }),
  );

/**
 * Writes something down for the other agents.
 * @param words.form - the form it was sent with: the same one is written once
 */
export async function noteTicket(
  desk: Acting & Pick<Desk, 'db'>,
  id: TicketId,
  { agent, reason, form }: AgentWords & { readonly form: string | null },
): Promise<Outcome | 'again' | null> {
  if (form !== null && (await desk.db('agent_notes').select('id').where({ form }).first()) !== undefined)
    return 'again';
  const event: TicketEvent = { type: 'noted', by: agentOf(agent), noteHash: reasonHash(desk, reason) };
  try {
    return await decideOne(desk, id, event, (trx) => noteOf(trx, id, 'noted', { agent, reason, form }));
  } catch (error) {
    if (isSentAgain(error)) return 'again';
    throw error;
  }
}

/** Pressed twice at once: the database takes the form once. */
const isSentAgain = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'agent_notes_form';

export const agentOf = (name: string): Actor => ({ kind: 'agent', name });

async function decideOne(
  desk: Acting,
  ticketId: TicketId,
  event: TicketEvent,
  within?: (trx: Knex.Transaction) => Promise<void>,
): Promise<Outcome | null> {
  const { outcomes } = await desk.decide([{ ticketId, event, ...(within === undefined ? {} : { within }) }]);
  return outcomes[0] ?? null;
}

/** For the other agents, who decide by it too. */
export async function noteOf(
  trx: Knex.Transaction,
  id: TicketId,
  act: 'vouched' | 'approved' | 'corrected' | 'noted' | 'cancelled' | 'rejected',
  { agent, reason, form = null }: AgentWords & { readonly form?: string | null },
): Promise<void> {
  await trx('agent_notes').insert({
    ticket_id: id,
    agent,
    act,
    note: reason,
    at: await deskNow(trx),
    form,
  });
}

export const reasonHash = (desk: Pick<Desk, 'tickets'>, reason: string): string =>
  keyed(desk.tickets.key, 'reason', reason).toString('hex').slice(0, 32);

/** Corrects what is asked for; the note says in words what it was and what it is now. */
export const correctTicket = (
  desk: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  { agent, reason, request, seen, words }: AgentWords & CorrectedRequest,
): Promise<Outcome | null> =>
  transact(desk.db, (trx) =>
    correct(
      trx,
      desk.tickets,
      id,
      { by: agentOf(agent), request, seen, reasonHash: reasonHash(desk, reason) },
      (inner) => noteOf(inner, id, 'corrected', { agent, reason: words }),
    ),
  );

interface CorrectedRequest {
  readonly request: DeletionRequest;
  /** Digest of the request that the agent had before them. */
  readonly seen: string;
  /** What changed from what to what and why, for agents; erased with the ticket's context. */
  readonly words: string;
}
