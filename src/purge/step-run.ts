/** What the parts of a running step have in common. */
import type { Knex } from 'knex';
import { PurgedeskError } from '../domain/errors.ts';
import type { TicketId } from '../domain/ids.ts';
import { type Plan, type PlanStep, planHash } from '../domain/plan.ts';
import type { Obstacle } from '../domain/ticket.ts';
import type { PurgePorts } from './ports.ts';
import type { Progress } from './progress.ts';
import type { PurgeTicket } from './purge-ticket.ts';
import type { StoreCheckpoint } from './store.ts';

export interface StepRow {
  readonly ticket_id: number;
  readonly no: number;
  readonly plan_hash: string;
  readonly store: string;
  readonly target: string;
  readonly estimate: number;
  readonly status: 'waiting' | 'running' | 'done' | 'failed';
  readonly deleted: number;
  readonly remaining: number | null;
  readonly checkpoint: Progress | null;
}

/** A step that this run owns. */
export interface OwnedStep {
  readonly ticket: PurgeTicket;
  readonly plan: Plan;
  readonly step: PlanStep;
  readonly estimates: readonly number[];
  /** What is known of the step's progress; replaced as it moves. */
  progress: Progress;
  /** The sum of the recorded batches. */
  recorded: number;
}

export interface StepRun extends OwnedStep {
  readonly ports: PurgePorts;
  readonly signal: AbortSignal;
}

/** A step that has begun and may not go on. */
export interface LeftStep {
  readonly step: PlanStep;
  readonly after: StoreCheckpoint;
  readonly plan: string;
}

/** Thrown through `advance` so that nothing of it stays; never leaves this file. */
export const TAKEN_OVER = new Error('another run owns the step');

/** Of the plan that the ticket was rehearsed with and the run was checked against. */
export const hashOf = ({ ticket, plan }: StepRun): string => ticket.plan_hash ?? planHash(plan);

export function checkedCount(step: PlanStep, count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw lied(step, 'reports a count that is no count', {});
  return count;
}

export const lied = (step: PlanStep, what: string, counts: Record<string, number>): PurgedeskError =>
  new PurgedeskError('PD_STORE_LIED', `a store ${what}`, {
    details: { store: step.store, step: step.no, ...counts },
    remedy: 'Look at the store itself before the hold is released.',
  });

export const enqueueStep = (
  ports: PurgePorts,
  trx: Knex.Transaction,
  ticketId: TicketId,
  no: number,
  afterSeconds = 0,
): Promise<void> =>
  ports.enqueue(trx, 'purge.step', { ticketId, no }, `step:${ticketId}:${no}`, afterSeconds);

export async function block(
  ports: PurgePorts,
  ticketId: TicketId,
  obstacles: readonly Obstacle[],
): Promise<void> {
  await ports.tickets.advance(ticketId, { type: 'step_blocked', obstacles });
}

/** Best effort: what cannot be called back is carried out, and counted when the step goes on. */
export async function callBack(ports: PurgePorts, left: LeftStep, signal: AbortSignal): Promise<void> {
  const { step, after, plan } = left;
  if (after === null || signal.aborted) return;
  await ports.stores
    .get(step.store)
    .callBack?.(step, after, { plan, signal })
    .catch(() => undefined);
}
