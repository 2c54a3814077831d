/** What the parts of a running step have in common. */
import type { Knex } from 'knex';
import { PurgedeskError } from '../domain/errors.ts';
import type { TicketId } from '../domain/ids.ts';
import { type Plan, type PlanStep, planHash } from '../domain/plan.ts';
import type { Obstacle } from '../domain/ticket.ts';
import type { PurgePorts } from './ports.ts';
import { type Progress, type Speed, standingOf } from './progress.ts';
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
  /** How much of it an agent accepted to leave; `null` = none. */
  readonly accepted_count: number | null;
  readonly checkpoint: Progress | null;
  readonly running_ms: number;
  readonly rate: number | null;
  readonly drifted_to: number | null;
}

/** A step that this run owns. */
export interface OwnedStep {
  readonly ticket: PurgeTicket;
  readonly plan: Plan;
  readonly step: PlanStep;
  /** What each step of the plan was rehearsed to match, or what an agent has released it for since. */
  readonly estimates: readonly number[];
  /** What is known of the step's progress; replaced as it moves. */
  progress: Progress;
  /** The sum of the recorded batches. */
  recorded: number;
  speed: Speed;
  /** It had failed, and an agent looked at the store and let it go on. */
  readonly wasReleased: boolean;
  /** This run tries a braked store for all others. */
  isProbe: boolean;
}

export interface StepRun extends OwnedStep {
  readonly ports: PurgePorts;
  /** Aborts when the job ends early, when purges are halted, and when the step is no longer this run's. */
  readonly signal: AbortSignal;
  /** When the log last heard of it, on the process's monotonic clock. */
  loggedAt: number;
}

/** A step that has begun and may not go on. */
export interface LeftStep {
  readonly step: PlanStep;
  readonly after: StoreCheckpoint;
  readonly plan: string;
}

/** Thrown through `advance` so that nothing of it stays; never leaves a run. */
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
  ports: Pick<PurgePorts, 'enqueue'>,
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

/** How long the calling back of a step may take that has been broken off. */
const CALL_BACK_MS = 3_000;

/** Best effort: what cannot be called back is carried out, and counted when the step goes on. */
export async function callBack(ports: PurgePorts, left: LeftStep): Promise<void> {
  const { step, after, plan } = left;
  if (after === null) return;
  await ports.stores
    .get(step.store)
    .callBack?.(step, after, { plan, signal: AbortSignal.timeout(CALL_BACK_MS) })
    .catch(() => undefined);
}

const LEAVE_LEASE = `
  update purge_steps set lease_until = null where ticket_id = ? and no = ? and checkpoint ->> 'run' = ?`;

/** The run is over: the next one need not wait for the end of the lease. */
export async function leaveLease(db: Knex, { ticket, step, progress }: OwnedStep): Promise<void> {
  await db.raw(LEAVE_LEASE, [ticket.id, step.no, progress.run]);
}

/** One line of the log about a step: ids and figures. */
export function logStep(run: StepRun, message: string, isDone: boolean): void {
  const { ports, plan, step, recorded, speed } = run;
  const estimate = run.estimates[step.no - 1] ?? 0;
  const { percent, perSecond, etaSeconds } = standingOf({
    deleted: recorded,
    estimate,
    rate: speed.rate,
    isDone,
  });
  run.loggedAt = performance.now();
  ports.log('info', message, {
    ticket: plan.ticket,
    step: step.no,
    steps: plan.steps.length,
    store: step.store,
    deleted: recorded,
    estimate,
    percent,
    perSecond: Math.round(perSecond ?? 0),
    etaSeconds: etaSeconds ?? 'unknown',
  });
}
