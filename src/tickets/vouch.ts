import type { Knex } from 'knex';
import type { TicketId } from '../domain/ids.ts';
import type { Actor } from '../domain/ticket.ts';
import { requestDigest } from './correct.ts';
import type { Outcome } from './outcome.ts';
import type { DeskDeps } from './ports.ts';
import { decide, readTickets } from './ticket-store.ts';

/**
 * An agent vouches for the requester of a deleted workspace of which the directory knows nobody in charge. The directory
 * is asked again at this moment. What follows are a rehearsal and two approvals of its plan by different agents.
 * @param by.seen - digest of the request that the agent had before them, `null` = whatever it is now
 * @param by.reasonHash - keyed hash of the evidence, whose words stay with the lifted hold
 */
export async function vouch(
  trx: Knex.Transaction,
  deps: DeskDeps,
  id: TicketId,
  by: {
    readonly agent: Actor;
    readonly note: string;
    readonly reasonHash: string;
    readonly seen: string | null;
  },
): Promise<Outcome | null> {
  await trx('tickets').select('id').where({ id }).forUpdate(); // what is judged must be what is decided
  const [ticket] = await readTickets(trx, [id]);
  if (ticket === undefined) return null;
  const { request, requester, requestedAt } = ticket;
  if (by.seen !== null && by.seen !== requestDigest(request))
    return { kind: 'refused', ticket, type: 'vouched', why: 'scope_changed' };
  const facts = await deps.factsFor(
    trx,
    requester ?? '',
    request.workspace === null ? [] : [request.workspace],
  );
  // The agent's word stands for the authentication of the mail, and for nothing that the directory says.
  const judgement = deps.judge({
    request,
    problems: [],
    standing: 'unproven',
    sender: requester ?? '',
    facts,
    requestedAt,
  });
  const { agent, note, reasonHash } = by;
  const { outcomes } = await decide(trx, deps, { kind: 'desk' }, [
    { ticketId: id, event: { type: 'vouched', by: agent, note, reasonHash, judgement } },
  ]);
  return outcomes[0] ?? null;
}
