import type { Knex } from 'knex';
import type { TicketId } from '../domain/ids.ts';
import type { DeskDeps } from './ports.ts';
import { decide, readTickets } from './ticket-store.ts';

/**
 * Judges a ticket that waited in `received` for an agent, who let it pass. The agent's release stands for the mail's
 * missing authentication and for nothing else: roles decide as ever, and the challenge goes to the directory address.
 */
export async function rejudge(trx: Knex.Transaction, deps: DeskDeps, id: TicketId): Promise<void> {
  await trx('tickets').select('id').where({ id }).forUpdate(); // what is judged must be what is decided
  const [ticket] = await readTickets(trx, [id]);
  if (ticket === undefined || ticket.state !== 'received' || ticket.holds.length > 0) return;
  if (ticket.requester === null) return;
  const { request, requester, requestedAt } = ticket;
  const facts = await deps.factsFor(trx, requester, request.workspace === null ? [] : [request.workspace]);
  const judgement = deps.judge({
    request,
    problems: [],
    standing: 'unproven',
    sender: requester,
    facts,
    requestedAt,
  });
  await decide(trx, deps, { kind: 'desk' }, [{ ticketId: id, event: { type: 'judged', judgement } }]);
}
