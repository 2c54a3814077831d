import type { Knex } from 'knex';
import type { TicketId } from '../domain/ids.ts';
import { reportOf } from './app-deletions.ts';
import type { DeskDeps } from './ports.ts';
import { decide, readTickets } from './ticket-store.ts';

/**
 * Judges a ticket that waited in `received` for an agent, who let it pass. The agent's release stands for the mail's
 * missing authentication and for nothing else: roles decide as ever, and the challenge goes to the directory address. A
 * deletion in the app is looked at by the same rules as when it was reported.
 */
export async function rejudge(trx: Knex.Transaction, deps: DeskDeps, id: TicketId): Promise<void> {
  await trx('tickets').select('id').where({ id }).forUpdate(); // what is judged must be what is decided
  const [ticket] = await readTickets(trx, [id]);
  if (ticket === undefined || ticket.state !== 'received' || ticket.holds.length > 0) return;
  const { request, requester, requestedAt } = ticket;
  const refs = request.workspace === null ? [] : [request.workspace];
  const facts = await deps.factsFor(trx, requester ?? '', refs);
  if (ticket.origin === 'app') {
    const [workspace] = facts.mentioned;
    if (workspace === undefined) return;
    const event = reportOf(deps, workspace, requester, requestedAt);
    await decide(trx, deps, { kind: 'desk' }, [{ ticketId: id, event }]);
    return;
  }
  if (requester === null) return;
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
