import type { Knex } from 'knex';
import { lapsedApprovers } from '../console/access/approvers.ts';
import { transact } from '../db/again.ts';
import type { TicketId } from '../domain/ids.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import type { Outcome } from '../tickets/outcome.ts';
import { decide, readTickets } from '../tickets/ticket-store.ts';
import type { Desk } from './desk.ts';

/**
 * Decides what may take two agents. The word of whoever gave it before and may give none any more has lapsed; the roles
 * stay as they are until it is decided.
 * @throws PurgedeskError PD_TICKET_NOT_FOUND
 */
export const decideByTwo = (
  { db, tickets }: Pick<Desk, 'db' | 'tickets'>,
  id: TicketId,
  event: Extract<TicketEvent, { readonly type: 'approved' | 'released' }>,
  within?: (trx: Knex.Transaction) => Promise<void>,
): Promise<Outcome | null> =>
  transact(db, async (trx) => {
    const move = { ticketId: id, event: { ...event, lapsed: await lapsedOn(trx, id) } };
    const { outcomes } = await decide(trx, tickets, { kind: 'desk' }, [
      within === undefined ? move : { ...move, within },
    ]);
    return outcomes[0] ?? null;
  });

async function lapsedOn(trx: Knex.Transaction, id: TicketId): Promise<readonly string[]> {
  await trx('tickets').select('id').where({ id }).forUpdate();
  const [ticket] = await readTickets(trx, [id]);
  const names = ticket === undefined ? [] : [...ticket.approvedBy, ...ticket.liftedBy];
  return lapsedApprovers(trx, names, { lock: true });
}
