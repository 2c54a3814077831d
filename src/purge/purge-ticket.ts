import type { Knex } from 'knex';
import { PurgedeskError } from '../domain/errors.ts';
import { referenceOf, type TicketId } from '../domain/ids.ts';
import type { Plan } from '../domain/plan.ts';
import type { Residue } from '../domain/policy.ts';
import type { Target } from '../domain/target.ts';
import type { State } from '../domain/ticket.ts';
import { type Impossible, makePlan } from './plan.ts';
import type { PurgePorts } from './ports.ts';

export interface PurgeTicket {
  readonly id: TicketId;
  readonly state: State;
  readonly target: Target;
  readonly digest: string;
  readonly plan_hash: string | null;
  /** As the plan was frozen with; `null` before the first rehearsal. */
  readonly planned_residue: readonly Residue[] | null;
  readonly requested_at: Date;
  readonly verified_at: Date;
  readonly grace_ends_at: Date | null;
  readonly purge_started_at: Date | null;
  readonly held: boolean;
}

const TICKET = `
  select id, state, target, digest, plan_hash, plan -> 'residue' as planned_residue, requested_at, verified_at, grace_ends_at, purge_started_at,
    exists (select from holds where ticket_id = tickets.id and lifted_at is null) as held
  from tickets where id = ?`;

export async function readTicket(db: Knex, ticketId: TicketId): Promise<PurgeTicket> {
  const found = await db.raw<{ rows: PurgeTicket[] }>(TICKET, [ticketId]);
  const ticket = found.rows[0];
  if (ticket === undefined) {
    throw new PurgedeskError('PD_TICKET_NOT_FOUND', 'no ticket has this number', { details: { ticketId } });
  }
  return ticket;
}

/** The row is held against changes of the ticket, not against other readers of it. */
export async function lockTicket(trx: Knex.Transaction, ticketId: TicketId): Promise<PurgeTicket> {
  await trx.raw('select from tickets where id = ? for share', [ticketId]);
  return readTicket(trx, ticketId);
}

/** The plan as it would be made now. */
export const planFor = (ports: PurgePorts, ticket: PurgeTicket): Plan | Impossible =>
  planWith(ports, ticket, ports.policy.residue);

/**
 * The plan of a running purge, made once more to see that it is still the one that was agreed to. What the policy says
 * today about backups changes nothing about what is deleted: the receipt tells it, and no purge stops for it.
 */
export const planAgain = (ports: PurgePorts, ticket: PurgeTicket): Plan | Impossible =>
  planWith(ports, ticket, ticket.planned_residue ?? ports.policy.residue);

const planWith = (
  { catalogue }: PurgePorts,
  { id, target, digest }: PurgeTicket,
  residue: readonly Residue[],
): Plan | Impossible => makePlan({ reference: referenceOf(id), target, digest, stores: catalogue, residue });
