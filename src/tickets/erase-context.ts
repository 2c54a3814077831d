/** What the desk forgets of a closed ticket: whose it was, what was asked, and what people wrote about it. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { TicketId } from '../domain/ids.ts';
import type { ErasedContext } from '../domain/ticket.ts';
import { isFollowUpDue } from './policy.ts';
import type { TicketDeps } from './ports.ts';
import { decide, readTickets } from './ticket-store.ts';

/**
 * Erases the context of closed tickets, each with an event in its chain; all of them in the caller's transaction or none.
 * State, dates, scope, workspace ids, counts, hashes and the receipt stay, and so do the addresses to which a mail is due.
 * @throws PurgedeskError PD_TICKET_CORRUPT when one of them is open or was erased before
 */
export async function eraseTicketContext(
  trx: Knex.Transaction,
  deps: TicketDeps,
  ids: readonly TicketId[],
): Promise<void> {
  const now = await deskNow(trx);
  await trx('tickets').select('id').whereIn('id', ids).orderBy('id').forUpdate();
  const tickets = await readTickets(trx, ids);
  const silent = tickets.filter((ticket) => !isFollowUpDue(ticket)).map((ticket) => ticket.id);
  const parties = await rowsByTicket(trx, DELETE_PARTIES, { ids: silent });
  const holdNotes = await rowsByTicket(trx, ERASE_HOLD_NOTES, { ids });
  const agentNotes = await rowsByTicket(trx, ERASE_AGENT_NOTES, { ids });
  const acceptances = await rowsByTicket(trx, ERASE_ACCEPTANCES, { ids });
  await trx.raw(DELETE_LINKS, { ids: [...ids] });
  const steps = await rowsByTicket(trx, ERASE_STEPS, { ids, at: now });
  const evidence = await rowsByTicket(trx, ERASE_EVIDENCE, { ids });
  const erasedOf = (id: TicketId): ErasedContext => ({
    parties: parties.get(id) ?? 0,
    notes: (holdNotes.get(id) ?? 0) + (agentNotes.get(id) ?? 0) + (acceptances.get(id) ?? 0),
    steps: steps.get(id) ?? 0,
    evidence: evidence.get(id) ?? 0,
  });
  const { outcomes } = await decide(
    trx,
    deps,
    { kind: 'desk' },
    tickets.map(({ id }) => ({ ticketId: id, event: { type: 'context_erased', erased: erasedOf(id) } })),
    now,
  );
  const refused = outcomes.find((outcome) => outcome.kind === 'refused');
  if (refused === undefined) return;
  throw new PurgedeskError('PD_TICKET_CORRUPT', 'a ticket whose context was due to be erased refuses it', {
    details: { ticket: refused.ticket.id, why: refused.why },
  });
}

const DELETE_PARTIES = 'delete from parties where ticket_id = any(:ids) returning ticket_id';

const DELETE_LINKS = 'delete from status_links where ticket_ids && cast(:ids as bigint[])';

const ERASE_HOLD_NOTES = `
  update holds set note = '', lift_note = null
  where ticket_id = any(:ids) and (note <> '' or lift_note is not null) returning ticket_id`;

const ERASE_AGENT_NOTES = `
  update agent_notes set note = '' where ticket_id = any(:ids) and note <> '' returning ticket_id`;

const ERASE_ACCEPTANCES = `
  update accepted_residue set reason = null where ticket_id = any(:ids) and reason is not null returning ticket_id`;

const ERASE_STEPS = `
  update purge_steps set step = null, checkpoint = null, erased_at = :at
  where ticket_id = any(:ids) and erased_at is null returning ticket_id`;

const ERASE_EVIDENCE = `
  update checklist_ticks set evidence = null
  where ticket_id = any(:ids) and evidence is not null returning ticket_id`;

async function rowsByTicket(
  trx: Knex.Transaction,
  statement: string,
  values: { readonly ids: readonly TicketId[]; readonly at?: Date },
): Promise<Map<number, number>> {
  const result = await trx.raw<{ rows: { ticket_id: number }[] }>(statement, {
    ...values,
    ids: [...values.ids],
  });
  const counts = new Map<number, number>();
  for (const { ticket_id } of result.rows) counts.set(ticket_id, (counts.get(ticket_id) ?? 0) + 1);
  return counts;
}
