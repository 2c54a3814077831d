import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { mayRetry, PurgedeskError } from '../domain/errors.ts';
import type { TicketId } from '../domain/ids.ts';
import { type Plan, planHash } from '../domain/plan.ts';
import type { State } from '../domain/ticket.ts';
import { BY_HAND_SECONDS, brakeAfter, closeBrakes, giveUpProbe, passBrakes, storeOf } from './brake.ts';
import { heldForCap, noteCapHold } from './day-cap.ts';
import type { PurgePorts } from './ports.ts';
import { type PurgeTicket, planFor, readTicket } from './purge-ticket.ts';
import { checkedCount } from './step-run.ts';

/**
 * Plans a ticket's purge, counts each step without changing anything, and freezes plan, hash and counts on the ticket.
 * A plan that cannot be made, or that a store refuses, puts the ticket on hold for review. Does nothing once a step has
 * begun. May be repeated: the counts are taken anew. While a store is braked, or when it fails, it comes back later.
 */
export async function rehearse(ports: PurgePorts, ticketId: TicketId, signal: AbortSignal): Promise<void> {
  const ticket = await readTicket(ports.db, ticketId);
  if (!REHEARSED_IN.includes(ticket.state) || (await hasBegun(ports.db, ticketId))) return;
  const plan = planFor(ports, ticket);
  if ('impossible' in plan) return holdForReview(ports, ticketId, plan.impossible);
  const run = randomUUID();
  const passed = await passAll(ports, ticketId, plan, run);
  if (passed === null) return;
  let counts: readonly number[];
  try {
    counts = await countSteps(ports, plan, signal);
  } catch (error) {
    if (error instanceof PurgedeskError && error.code === 'PD_STORE_FAILED' && !signal.aborted) {
      return tryLater(ports, ticketId, storeOf(error) ?? plan.steps[0]?.store ?? '', run);
    }
    if (passed.probes.length > 0) await giveUpProbe(ports.db, run);
    if (!(error instanceof PurgedeskError) || mayRetry(error)) throw error;
    return holdForReview(ports, ticketId, [error.message]);
  }
  if (passed.probes.length > 0) await ports.db.transaction((trx) => closeBrakes(trx, ports, run));
  const estimate = counts.reduce((total, count) => total + count, 0);
  const overCap = await isOverCap(ports, ticket, estimate);
  const { digest } = plan;
  const event = { type: 'rehearsed', planHash: planHash(plan), digest, estimate, overCap } as const;
  const within = async (trx: Knex.Transaction) => {
    await savePlan(trx, ticketId, plan, counts);
    if (overCap) await noteCapHold(trx, ticketId, estimate);
  };
  await ports.tickets.advance(ticketId, event, { within });
}

/** After how long another run may try a braked store, if nothing is heard of a rehearsal that does. */
const PROBE_SECONDS = 90;

/** @returns `null` = a store is braked, and the rehearsal comes back later */
function passAll(
  ports: PurgePorts,
  ticketId: TicketId,
  plan: Plan,
  run: string,
): Promise<{ readonly probes: readonly string[] } | null> {
  const stores = [...new Set(plan.steps.map(({ store }) => store))];
  return ports.db.transaction(async (trx) => {
    const passed = await passBrakes(trx, stores, run, PROBE_SECONDS);
    if (passed.kind === 'go') return passed;
    await enqueueRehearsal(ports, trx, ticketId, passed.seconds);
    return null;
  });
}

/** A store that fails is braked; nobody is needed to try it again. */
const tryLater = (ports: PurgePorts, ticketId: TicketId, store: string, run: string): Promise<void> =>
  ports.db.transaction(async (trx) => {
    const seconds = await brakeAfter(trx, ports, { store, code: 'PD_STORE_FAILED', run });
    await enqueueRehearsal(ports, trx, ticketId, seconds);
  });

const enqueueRehearsal = (
  ports: PurgePorts,
  trx: Knex.Transaction,
  ticketId: TicketId,
  seconds: number | null,
): Promise<void> =>
  ports.enqueue(trx, 'purge.rehearse', { ticketId }, `rehearse:${ticketId}`, seconds ?? BY_HAND_SECONDS);

/** In `purging` only before the first step: after a drift an agent may have the counts frozen anew. */
const REHEARSED_IN: readonly State[] = ['approval', 'grace', 'purging'];

/** A step's count before is saved with the note of its first batch: until then nothing was deleted. */
const BEGUN = `
  select no from purge_steps
  where ticket_id = ? and (status = 'done' or checkpoint ->> 'before' is not null) limit 1`;

async function hasBegun(db: Knex, ticketId: TicketId): Promise<boolean> {
  const found = await db.raw<{ rows: unknown[] }>(BEGUN, [ticketId]);
  return found.rows.length > 0;
}

async function holdForReview(
  ports: PurgePorts,
  ticketId: TicketId,
  reasons: readonly string[],
): Promise<void> {
  const note = `No plan can be made: ${reasons.join('; ')}.`;
  await ports.tickets.advance(ticketId, { type: 'held', reason: 'review', by: { kind: 'desk' }, note });
}

/** One after the other: a rehearsal must not press on a store that serves customers. */
async function countSteps(ports: PurgePorts, plan: Plan, signal: AbortSignal): Promise<number[]> {
  const counts: number[] = [];
  for (const step of plan.steps) {
    const store = ports.stores.get(step.store);
    counts.push(checkedCount(step, await store.rehearse(step, signal, planHash(plan))));
  }
  return counts;
}

/** Other tickets count whose grace ends at the same instant: grace always ends at 00:00 UTC, so that is one day. */
const DAY_ESTIMATE = `
  select coalesce(sum(estimate), 0) as planned from tickets
  where id <> ? and state in ('grace', 'purging') and grace_ends_at = ?`;

async function isOverCap(ports: PurgePorts, ticket: PurgeTicket, estimate: number): Promise<boolean> {
  // Rehearsed while purging, it was released by an agent: what it was held for is within the caps by now.
  if (ticket.state === 'purging' && estimate <= (await heldForCap(ports.db, ticket.id))) return false;
  if (estimate > ports.policy.ticketCap) return true;
  if (ticket.grace_ends_at === null) return false;
  const found = await ports.db.raw<{ rows: { planned: string }[] }>(DAY_ESTIMATE, [
    ticket.id,
    ticket.grace_ends_at,
  ]);
  return Number(found.rows[0]?.planned ?? 0) + estimate > ports.policy.dayCap;
}

async function savePlan(
  trx: Knex.Transaction,
  ticketId: TicketId,
  plan: Plan,
  counts: readonly number[],
): Promise<void> {
  if (await hasBegun(trx, ticketId)) {
    throw new PurgedeskError('PD_PLAN_CHANGED', 'a purge that has begun keeps its plan', {
      details: { ticketId },
    });
  }
  const hash = planHash(plan);
  const estimate = counts.reduce((total, count) => total + count, 0);
  await trx('purge_steps').where({ ticket_id: ticketId }).delete();
  const rows = plan.steps.map((step, index) => ({
    ticket_id: ticketId,
    no: step.no,
    plan_hash: hash,
    store: step.store,
    target: step.target,
    step: JSON.stringify(step),
    estimate: counts[index] ?? 0,
  }));
  await trx.batchInsert('purge_steps', rows, 1_000);
  await trx('tickets')
    .where({ id: ticketId })
    .update({ plan: JSON.stringify(plan), plan_hash: hash, estimate });
}
