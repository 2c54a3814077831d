/** What the reader of a mail can do with its link: cancel while that is possible, and ask for a new link. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { ticketId } from '../domain/ids.ts';
import type { TicketFacts } from '../domain/mail-facts.ts';
import { isOpen } from './find-tickets.ts';
import type { TicketDeps } from './ports.ts';
import { factsToldTo } from './queue-mails.ts';
import type { StatusLink } from './status-links.ts';
import { decide } from './ticket-store.ts';

/** Whether a cancel still counts: not once it is purging or closed, nor for what the policy makes final. */
export const isCancellable = ({ state, verified, cancellable }: TicketFacts): boolean =>
  isOpen({ state }) && state !== 'purging' && (cancellable || !verified);

/**
 * Cancels one ticket of the link, as a mail from there would.
 * @returns `false` when there is nothing to cancel any more, and then nothing has changed
 */
export async function cancelByLink(
  trx: Knex.Transaction,
  deps: TicketDeps,
  link: StatusLink,
  id: number,
): Promise<boolean> {
  if (!link.ticketIds.includes(id) || link.expiresAt <= (await deskNow(trx))) return false;
  await trx('tickets').select('id').where({ id }).forUpdate();
  const [told] = await factsToldTo(trx, deps, [id], link.recipientHash);
  if (told === undefined || told.address === null || !isCancellable(told.facts)) return false;
  const cause = { kind: 'page', challengeId: link.id, sender: told.address } as const;
  const by = { kind: 'party', hash: link.recipientHash, role: told.role } as const;
  const event = { type: 'cancel_asked', by, standing: 'authenticated', via: 'page' } as const;
  const { outcomes } = await decide(trx, deps, cause, [{ ticketId: ticketId(id), event }]);
  return outcomes.every((outcome) => outcome.kind !== 'refused' && outcome.ticket.state === 'cancelled');
}

/**
 * Has a new link sent to the address of this one, in a mail that tells how far it is: within the reply budgets, and to
 * one address at most once in 24 hours. Nobody is told whether it was.
 */
export async function renewLink(trx: Knex.Transaction, deps: TicketDeps, link: StatusLink): Promise<void> {
  const now = await deskNow(trx);
  await trx.raw('select pg_advisory_xact_lock(7042, hashtext(?))', [link.recipientHash]);
  const recent = await trx.raw<{ rows: unknown[] }>(RENEWED, { hash: link.recipientHash, now });
  if (recent.rows.length > 0) return;
  const told = await factsToldTo(trx, deps, link.ticketIds, link.recipientHash);
  const sender = told.find(({ address }) => address !== null)?.address ?? null;
  if (sender === null) return;
  await trx('status_links').where({ id: link.id }).update({ renewed_at: now });
  await decide(
    trx,
    deps,
    { kind: 'old_link', sender },
    told.map(({ id }) => ({ ticketId: ticketId(id), event: { type: 'status_asked' } })),
  );
}

const RENEWED = `
  select from status_links
  where recipient_hash = :hash and renewed_at > cast(:now as timestamptz) - interval '24 hours' limit 1`;
