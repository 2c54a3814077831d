/** What a place refuses to give up: an agent may accept to leave exactly that, and the purge goes on without it. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { canonicalJson } from '../domain/canonical.ts';
import type { TicketId } from '../domain/ids.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { RetainedLine } from '../domain/receipt.ts';
import type { PurgePorts } from './ports.ts';
import { readTicket } from './purge-ticket.ts';
import { checkedCount } from './step-run.ts';
import type { StoreResidue } from './store.ts';

export interface Acceptance {
  readonly ticketId: TicketId;
  readonly agent: string;
  /** Why it may stay. */
  readonly reason: string;
}

/** What came of it: what stays now, or why nothing was accepted. */
export type Accepted =
  | { readonly kind: 'accepted'; readonly step: number; readonly residue: readonly StoreResidue[] }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Accepts what the step that waits has left, as the place counts it now, and lets the purge go on. Nothing is deleted by
 * it. The step is done only if exactly this is still all that is left when it has run and counted again.
 * @throws PurgedeskError PD_TICKET_NOT_FOUND; PD_STORE_FAILED when the place cannot be asked
 */
export async function acceptResidue(
  ports: Pick<PurgePorts, 'db' | 'stores' | 'tickets'>,
  { ticketId, agent, reason }: Acceptance,
  signal: AbortSignal,
): Promise<Accepted> {
  const refused = (why: string): Accepted => ({ kind: 'refused', why });
  const { plan_hash: plan } = await readTicket(ports.db, ticketId);
  const due = await dueStep(ports.db, ticketId);
  if (due === undefined || plan === null) return refused('no step of it waits because of what stays');
  if (reason.trim() === '') return refused('a reason is needed');
  const { no, step } = due;
  const store = ports.stores.get(step.store);
  const residue = (await store.findResidue?.(step, signal)) ?? [];
  const kept = countOf(step, residue);
  const remaining = checkedCount(step, await store.countRemaining(step, signal, plan));
  if (kept === 0) return refused('nothing is kept there any more: release the hold, and the step goes on');
  if (kept !== remaining) {
    return refused(
      `${remaining} are left and ${kept} of them are kept: release the hold, and the step goes on`,
    );
  }
  const within = async (trx: Knex.Transaction) => {
    const [row] = await trx('accepted_residue').insert(
      {
        ticket_id: ticketId,
        step: no,
        plan_hash: plan,
        count: kept,
        residue: canonicalJson(sorted(residue)),
        agent,
        reason: reason.trim(),
        accepted_at: await deskNow(trx),
      },
      'seq',
    );
    await trx('purge_steps')
      .where({ ticket_id: ticketId, no, status: 'running' })
      .update({ accepted: row.seq, accepted_count: kept });
  };
  const outcome = await ports.tickets.advance(
    ticketId,
    {
      type: 'released',
      reason: 'residue',
      by: { kind: 'agent', name: agent },
      note: 'what stays is accepted',
      accepted: { step: no, count: kept },
    },
    { within },
  );
  return outcome.kind === 'refused'
    ? refused('no step of it waits because of what stays')
    : { kind: 'accepted', step: no, residue };
}

const DUE = `
  select no, step from purge_steps
  where ticket_id = :ticketId and status = 'running' and lease_until is null
    and exists (select from holds where ticket_id = :ticketId and reason = 'residue' and lifted_at is null)
    and exists (select from tickets where id = :ticketId and state = 'purging')`;

async function dueStep(
  db: Knex,
  ticketId: TicketId,
): Promise<{ readonly no: number; readonly step: PlanStep } | undefined> {
  const found = await db.raw<{ rows: { no: number; step: PlanStep }[] }>(DUE, { ticketId });
  return found.rows[0];
}

/** How many things a residue is. */
const countOf = (step: PlanStep, residue: readonly StoreResidue[]): number =>
  residue.reduce((sum, { count }) => sum + checkedCount(step, count), 0);

/** Whether an agent accepted this residue of the step: the same reasons, days and counts, no thing more or less. */
export async function isAccepted(
  db: Knex,
  { ticketId, no }: { readonly ticketId: TicketId; readonly no: number },
  residue: readonly StoreResidue[],
): Promise<boolean> {
  const rows = await db('accepted_residue')
    .join('purge_steps', 'purge_steps.accepted', 'accepted_residue.seq')
    .where({ 'purge_steps.ticket_id': ticketId, 'purge_steps.no': no })
    .select<{ residue: StoreResidue[] }[]>('residue');
  return rows.some((row) => canonicalJson(sorted(row.residue)) === canonicalJson(sorted(residue)));
}

const sorted = (residue: readonly StoreResidue[]) =>
  residue
    .map(({ reason, until, count }) => ({ reason, until, count }))
    .sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));

const WORDS = {
  object_lock: { what: 'under an object lock', why: 'the storage refuses to delete it while the lock lasts' },
  legal_hold: { what: 'under a legal hold', why: 'it has to be kept while the hold lasts' },
  partial: { what: 'that its service could not delete', why: 'the service reports that it keeps it' },
} as const satisfies Record<StoreResidue['reason'], { what: string; why: string }>;

/** What stays by acceptance of the steps that are done, as a receipt tells it. */
export async function acceptedLines(db: Knex, ticketId: TicketId): Promise<readonly RetainedLine[]> {
  const rows = await db('accepted_residue')
    .join('purge_steps', 'purge_steps.accepted', 'accepted_residue.seq')
    .where({ 'purge_steps.ticket_id': ticketId, 'purge_steps.status': 'done' })
    .where('purge_steps.remaining', '>', 0)
    .orderBy('purge_steps.no')
    .select<{ store: string; residue: StoreResidue[] }[]>('store', 'residue');
  return rows.flatMap(({ store, residue }) =>
    residue.map(({ reason, until, count }) => ({
      category: reason,
      what: `${count} in the store ${store} ${WORDS[reason].what}`,
      why: WORDS[reason].why,
      legalBasis: null,
      until,
    })),
  );
}
