/**
 * The jobs of a purge. `purge.rehearse` plans, counts and freezes; `purge.step` carries out one step:
 *
 *     take the step over ─► count it ─► [ guard ─► batch ─► record ]… ─► read back ─► done, ledger, next job
 *
 * Each guard is a short transaction of the desk that looks at the ticket, its holds and the world again, and notes that
 * a batch of so many is under way; each record adds what the batch deleted and moves the checkpoint. A process that
 * dies between batch and record leaves that note, so the next run knows how far the sum of the records may be short
 * (`deletedInAll`). A step has one owner: whoever takes it over last; an earlier run stops at its next guard or record.
 */
import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { z } from 'zod';
import { deskNow } from '../db/connection.ts';
import { canonicalJson } from '../domain/canonical.ts';
import { mayRetry, PurgedeskError } from '../domain/errors.ts';
import { referenceOf, type TicketId, ticketId as toTicketId } from '../domain/ids.ts';
import { type Plan, type PlanStep, planHash, type StepResult } from '../domain/plan.ts';
import type { Target } from '../domain/target.ts';
import type { Obstacle, State } from '../domain/ticket.ts';
import { type Impossible, makePlan } from './plan.ts';
import type { PurgePorts, PurgeTask } from './ports.ts';
import {
  CANARY_LIMIT,
  deletedInAll,
  mostExpected,
  nextLimit,
  type Progress,
  smallerLimit,
  takeOver,
} from './progress.ts';
import { buildReceipt, signReceipt } from './receipt.ts';
import type { Erased, Store, StoreCheckpoint, StoreResidue } from './store.ts';

/** Failures in a row after which a step waits for an agent. */
const ATTEMPTS_MAX = 5;
/** How often a step may find new rows behind its last batch before it is tried again later. */
const PASSES_MAX = 5;

const rehearsePayload = z.strictObject({ ticketId: z.int().min(1) });
const stepPayload = z.strictObject({ ticketId: z.int().min(1), no: z.int().min(1) });

export type PurgeTaskRunner = (payload: unknown, signal: AbortSignal) => Promise<void>;

/** The tasks as the queue runs them: at least once, in any process, ended early by the signal. */
export const purgeTasks = (ports: PurgePorts): Readonly<Record<PurgeTask, PurgeTaskRunner>> => ({
  'purge.rehearse': async (payload, signal) => {
    await rehearse(ports, toTicketId(rehearsePayload.parse(payload).ticketId), signal);
  },
  'purge.step': async (payload, signal) => {
    const { ticketId, no } = stepPayload.parse(payload);
    await runStep(ports, toTicketId(ticketId), no, signal);
  },
});

/**
 * Plans a ticket's purge, counts each step without changing anything, and freezes plan, hash and counts on the ticket.
 * A plan that cannot be made, or that a store refuses, puts the ticket on hold for review. Does nothing once a step has
 * begun. May be repeated: the counts are taken anew.
 * @throws PurgedeskError PD_STORE_FAILED when a store cannot be reached; the queue tries again
 */
export async function rehearse(ports: PurgePorts, ticketId: TicketId, signal: AbortSignal): Promise<void> {
  const ticket = await readTicket(ports.db, ticketId);
  if (!REHEARSED_IN.includes(ticket.state) || (await hasBegun(ports.db, ticketId))) return;
  const plan = planFor(ports, ticket);
  if ('impossible' in plan) return holdForReview(ports, ticketId, plan.impossible);
  let counts: readonly number[];
  try {
    counts = await countSteps(ports, plan, signal);
  } catch (error) {
    if (!(error instanceof PurgedeskError) || mayRetry(error)) throw error;
    return holdForReview(ports, ticketId, [error.message]);
  }
  const estimate = counts.reduce((total, count) => total + count, 0);
  const event = {
    type: 'rehearsed',
    planHash: planHash(plan),
    estimate,
    overCap: await isOverCap(ports, ticket, estimate),
  } as const;
  await ports.tickets.advance(ticketId, event, { within: (trx) => savePlan(trx, ticketId, plan, counts) });
}

/**
 * Carries out one step, or goes on with it after a crash; when it was the last one, finishes the purge. Does nothing
 * when the ticket is not purging or is on hold, and hands over to the right step when this one is done or not yet due.
 * @throws whatever made the step fail, while it may be tried again; the queue does so with backoff
 */
export async function runStep(
  ports: PurgePorts,
  ticketId: TicketId,
  no: number,
  signal: AbortSignal,
): Promise<void> {
  const due = await takeStep(ports, ticketId, no);
  if (due.kind === 'all_done') return finishPurge(ports, due.ticket, due.plan);
  if (due.kind !== 'run') {
    if (due.left !== undefined) await callBack(ports, due.left, signal);
    return due.kind === 'blocked' ? block(ports, ticketId, due.obstacles) : undefined;
  }
  const run: StepRun = { ...due.run, ports, signal };
  try {
    const end = await eraseStep(run);
    if (end !== 'finished') return await leaveStep(run, end);
    await finishStep(run);
  } catch (error) {
    if (error === TAKEN_OVER) return;
    if (signal.aborted) throw error;
    return failStep(run, error);
  }
  const isLast = run.plan.steps.at(-1)?.no === run.step.no;
  if (isLast) await finishPurge(ports, run.ticket, run.plan);
}

interface PurgeTicket {
  readonly id: TicketId;
  readonly state: State;
  readonly target: Target;
  readonly digest: string;
  readonly plan_hash: string | null;
  readonly requested_at: Date;
  readonly verified_at: Date;
  readonly grace_ends_at: Date | null;
  readonly purge_started_at: Date | null;
  readonly held: boolean;
}

/** In `purging` only before the first step: after a drift an agent may have the counts frozen anew. */
const REHEARSED_IN: readonly State[] = ['approval', 'grace', 'purging'];

const TICKET = `
  select id, state, target, digest, plan_hash, requested_at, verified_at, grace_ends_at, purge_started_at,
    exists (select from holds where ticket_id = tickets.id and lifted_at is null) as held
  from tickets where id = ?`;

async function readTicket(db: Knex, ticketId: TicketId): Promise<PurgeTicket> {
  const found = await db.raw<{ rows: PurgeTicket[] }>(TICKET, [ticketId]);
  const ticket = found.rows[0];
  if (ticket === undefined) {
    throw new PurgedeskError('PD_TICKET_NOT_FOUND', 'no ticket has this number', { details: { ticketId } });
  }
  return ticket;
}

/** A step's count before is saved with the note of its first batch: until then nothing was deleted. */
const BEGUN = `
  select no from purge_steps
  where ticket_id = ? and (status = 'done' or checkpoint ->> 'before' is not null) limit 1`;

async function hasBegun(db: Knex, ticketId: TicketId): Promise<boolean> {
  const found = await db.raw<{ rows: unknown[] }>(BEGUN, [ticketId]);
  return found.rows.length > 0;
}

const planFor = (ports: PurgePorts, { id, target, digest }: PurgeTicket): Plan | Impossible =>
  makePlan({ reference: referenceOf(id), target, digest, stores: ports.catalogue });

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

interface StepRow {
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
interface OwnedStep {
  readonly ticket: PurgeTicket;
  readonly plan: Plan;
  readonly step: PlanStep;
  readonly estimates: readonly number[];
  /** What is known of the step's progress; replaced as it moves. */
  progress: Progress;
  /** The sum of the recorded batches. */
  recorded: number;
}

interface StepRun extends OwnedStep {
  readonly ports: PurgePorts;
  readonly signal: AbortSignal;
}

type Due =
  | { readonly kind: 'run'; readonly run: OwnedStep }
  | { readonly kind: 'blocked'; readonly obstacles: readonly Obstacle[]; readonly left?: LeftStep }
  | { readonly kind: 'all_done'; readonly ticket: PurgeTicket; readonly plan: Plan }
  | { readonly kind: 'stop'; readonly left?: LeftStep };

/** A step that has begun and may not go on. */
interface LeftStep {
  readonly step: PlanStep;
  readonly after: StoreCheckpoint;
  readonly plan: string;
}

/** Thrown through `advance` so that nothing of it stays; never leaves this file. */
const TAKEN_OVER = new Error('another run owns the step');

/** Decides in one short transaction what this job has to do, and takes the step over if it is the one that is due. */
function takeStep(ports: PurgePorts, ticketId: TicketId, no: number): Promise<Due> {
  return ports.db.transaction(async (trx): Promise<Due> => {
    const ticket = await lockTicket(trx, ticketId);
    if (ticket.state !== 'purging') return { kind: 'stop' };
    const plan = planFor(ports, ticket);
    const rows = await trx<StepRow>('purge_steps').where({ ticket_id: ticketId }).orderBy('no').forUpdate();
    const dueRow = rows.find((row) => row.status !== 'done');
    const obstacle = planObstacle(ticket, plan, rows);
    if (obstacle !== null || 'impossible' in plan) {
      return { kind: 'blocked', obstacles: [obstacle ?? 'plan_changed'] };
    }
    // All is deleted and counted: only the receipt is missing, and no hold makes that untrue.
    if (dueRow === undefined) return { kind: 'all_done', ticket, plan };
    const dueStep = plan.steps[dueRow.no - 1];
    const after = dueRow.checkpoint?.after ?? null;
    const left = dueStep && after !== null ? { left: { step: dueStep, after, plan: dueRow.plan_hash } } : {};
    if (ticket.held) return { kind: 'stop', ...left };
    const obstacles = await ports.eligibility(trx, ticketId);
    if (obstacles.length > 0) return { kind: 'blocked', obstacles, ...left };
    if (dueRow.no !== no) {
      await enqueueStep(ports, trx, ticketId, dueRow.no);
      return { kind: 'stop' };
    }
    const step = plan.steps[no - 1];
    if (step === undefined) return { kind: 'blocked', obstacles: ['plan_changed'] };
    const progress = takeOver(dueRow.checkpoint, randomUUID());
    await trx.raw(TAKE_STEP, [JSON.stringify(progress), ticketId, no]);
    const estimates = rows.map((row) => row.estimate);
    return { kind: 'run', run: { ticket, plan, step, estimates, progress, recorded: dueRow.deleted } };
  });
}

/** An agent who lets a failed step go on gives it all its attempts again. */
const TAKE_STEP = `
  update purge_steps set attempts = case status when 'failed' then 0 else attempts end, status = 'running',
    checkpoint = cast(? as jsonb), started_at = coalesce(started_at, desk_now())
  where ticket_id = ? and no = ?`;

/** The row is held against changes of the ticket, not against other readers of it. */
async function lockTicket(trx: Knex.Transaction, ticketId: TicketId): Promise<PurgeTicket> {
  await trx.raw('select from tickets where id = ? for share', [ticketId]);
  return readTicket(trx, ticketId);
}

function planObstacle(
  ticket: PurgeTicket,
  plan: Plan | Impossible,
  rows: readonly StepRow[],
): Obstacle | null {
  if (ticket.plan_hash === null) return 'plan_missing';
  if ('impossible' in plan || planHash(plan) !== ticket.plan_hash) return 'plan_changed';
  const sameSteps =
    rows.length === plan.steps.length && rows.every((row) => row.plan_hash === ticket.plan_hash);
  return sameSteps ? null : 'plan_changed';
}

const enqueueStep = (
  ports: PurgePorts,
  trx: Knex.Transaction,
  ticketId: TicketId,
  no: number,
  afterSeconds = 0,
): Promise<void> =>
  ports.enqueue(trx, 'purge.step', { ticketId, no }, `step:${ticketId}:${no}`, afterSeconds);

async function block(ports: PurgePorts, ticketId: TicketId, obstacles: readonly Obstacle[]): Promise<void> {
  await ports.tickets.advance(ticketId, { type: 'step_blocked', obstacles });
}

/**
 * How the erasing of a step ended: nothing left, not ours, not now, for whom it waits, what the place refuses to give up,
 * or what stands in the way.
 */
type StepEnd =
  | 'finished'
  | 'stopped'
  | 'held'
  | 'service'
  | 'agent'
  | { readonly residue: readonly StoreResidue[] }
  | readonly Obstacle[];

/** When a step that waits for a service looks at it again. */
const SLEEP_SECONDS = 60;

/** A step that is not done and cannot go on now. No attempt is counted. */
async function leaveStep(run: StepRun, end: Exclude<StepEnd, 'finished'>): Promise<void> {
  const { ports, ticket, step, plan, signal } = run;
  if (end === 'stopped') return;
  if (end === 'service') {
    return ports.db.transaction((trx) => enqueueStep(ports, trx, ticket.id, step.no, SLEEP_SECONDS));
  }
  if (end === 'agent') {
    const note = `step ${step.no} is a checklist: purgedesk purge checklist ${plan.ticket}`;
    const event = { type: 'held', reason: 'checklist', by: { kind: 'desk' }, note } as const;
    const within = async () => {
      const left = await ports.stores.get(step.store).countRemaining(step, signal, hashOf(run));
      if (left === 0) throw DONE_MEANWHILE;
    };
    try {
      await ports.tickets.advance(ticket.id, event, { within });
    } catch (error) {
      if (error !== DONE_MEANWHILE) throw error;
      await ports.db.transaction((trx) => enqueueStep(ports, trx, ticket.id, step.no));
    }
    return;
  }
  if (typeof end === 'object' && 'residue' in end) return holdForResidue(run, end.residue);
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) }, signal);
  if (end !== 'held') await block(ports, ticket.id, end);
}

const KEPT_BY: Readonly<Record<StoreResidue['reason'], string>> = {
  object_lock: 'kept by an object lock',
  legal_hold: 'kept by a legal hold',
  partial: 'not deleted by the service',
};

/** All else is gone. Only a count of nothing makes a step done, so an agent decides when it goes on and counts again. */
async function holdForResidue(
  { ports, ticket, step }: StepRun,
  residue: readonly StoreResidue[],
): Promise<void> {
  const parts = residue.map(
    ({ reason, until, count }) => `${count} ${KEPT_BY[reason]}${until === null ? '' : ` until ${until}`}`,
  );
  const note = `step ${step.no} (${step.store}) is not done: ${parts.join(', ')}`;
  await ports.tickets.advance(ticket.id, { type: 'held', reason: 'review', by: { kind: 'desk' }, note });
}

/** Thrown through `advance`: an agent was through before the ticket could be held for it. Never leaves this file. */
const DONE_MEANWHILE = new Error('nothing is left to wait for');

/** Of the plan that the ticket was rehearsed with and the run was checked against. */
const hashOf = ({ ticket, plan }: StepRun): string => ticket.plan_hash ?? planHash(plan);

/** Best effort: what cannot be called back is carried out, and counted when the step goes on. */
async function callBack(ports: PurgePorts, left: LeftStep, signal: AbortSignal): Promise<void> {
  const { step, after, plan } = left;
  if (after === null || signal.aborted) return;
  await ports.stores
    .get(step.store)
    .callBack?.(step, after, { plan, signal })
    .catch(() => undefined);
}

/** Batches until an independent count finds nothing; rows that arrive meanwhile are met in another pass. */
async function eraseStep(run: StepRun): Promise<StepEnd> {
  const { step, signal } = run;
  const store = run.ports.stores.get(step.store);
  if (run.progress.before === null && (await hasDrifted(run, store))) return ['plan_changed'];
  let remaining = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass++) {
    const isWhole = run.progress.after === null;
    const recordedBefore = run.recorded;
    const end = await erasePass(run, store);
    if (end !== 'finished') return end;
    remaining = checkedCount(step, await store.countRemaining(step, signal, hashOf(run)));
    if (remaining === 0) return 'finished';
    const residue = (await store.findResidue?.(step, signal)) ?? [];
    const kept = residue.reduce((sum, { count }) => sum + checkedCount(step, count), 0);
    if (kept >= remaining) return { residue };
    remaining -= kept;
    if (isWhole && run.recorded === recordedBefore) {
      throw lied(step, 'deleted nothing of what it still finds', { remaining });
    }
    run.progress = { ...run.progress, after: null };
  }
  if (remaining >= (run.progress.before ?? 0)) {
    throw lied(step, 'reports deletions and finds as much as before', { remaining });
  }
  throw new PurgedeskError('PD_STORE_FAILED', 'data keeps arriving that a step has to delete', {
    details: { store: step.store, step: step.no },
  });
}

/**
 * Counts what the step matches before it deletes anything, the first step the whole plan, so that a purge with one step
 * too large does not begin at all. Then takes access away where a store can.
 */
async function hasDrifted(run: StepRun, store: Store): Promise<boolean> {
  const { plan, step, ports, signal } = run;
  const ahead = step.no === 1 ? plan.steps : [step];
  for (const each of ahead) {
    const count = checkedCount(each, await ports.stores.get(each.store).rehearse(each, signal, hashOf(run)));
    if (count > mostExpected(run.estimates[each.no - 1] ?? 0)) return true;
    if (each.no === step.no) run.progress = { ...run.progress, before: count };
  }
  await store.restrict?.(step, signal);
  return false;
}

async function erasePass(run: StepRun, store: Store): Promise<StepEnd> {
  for (let limit = CANARY_LIMIT, done = false; !done; ) {
    run.signal.throwIfAborted();
    const guard = await guardBatch(run, limit);
    if (guard !== 'finished') return guard;
    const begun = performance.now();
    const erased = await tryBatch(run, store, limit);
    if (erased === null) {
      limit = smallerLimit(limit) ?? limit;
      continue;
    }
    await run.ports.crashPoint('purge.batch.erased');
    await recordBatch(run, erased);
    await run.ports.crashPoint('purge.batch.recorded');
    if (erased.waits !== undefined) return erased.waits;
    limit = nextLimit(limit, performance.now() - begun, store.batchMs);
    done = erased.done;
  }
  return 'finished';
}

/** Invariant 1 before every batch. `finished` = go on. */
function guardBatch(run: StepRun, limit: number): Promise<StepEnd> {
  const { ports, ticket } = run;
  return ports.db.transaction(async (trx): Promise<StepEnd> => {
    const now = await lockTicket(trx, ticket.id);
    if (now.state !== 'purging' || now.held || now.plan_hash !== ticket.plan_hash) return 'held';
    const obstacles = await ports.eligibility(trx, ticket.id);
    if (obstacles.length > 0) return obstacles;
    const kept = await saveProgress(trx, run, { ...run.progress, inFlight: limit }, 0);
    return kept ? 'finished' : 'stopped';
  });
}

/** One batch; `null` = it ran into the store's time-out, which rolled it back, and a smaller one may do. */
async function tryBatch(run: StepRun, store: Store, limit: number): Promise<Erased | null> {
  const { step, signal, progress, recorded, estimates } = run;
  try {
    const erased = await store.erase(step, progress.after, { limit, signal, plan: hashOf(run) });
    checkedCount(step, erased.deleted);
    const total = recorded + erased.deleted;
    if (erased.deleted > (erased.allowed ?? limit) || total > mostExpected(estimates[step.no - 1] ?? 0)) {
      throw lied(step, 'deleted far more than the rehearsal counted', { deleted: total });
    }
    const stands = canonicalJson(erased.checkpoint) === canonicalJson(progress.after);
    if (stands && erased.deleted === 0 && !erased.done && erased.waits === undefined)
      throw lied(step, 'neither deletes nor ends', {});
    return erased;
  } catch (error) {
    const timedOut = error instanceof PurgedeskError && error.details.reason === 'timeout';
    if (timedOut && smallerLimit(limit) !== null) return null;
    throw error;
  }
}

async function recordBatch(run: StepRun, erased: Erased): Promise<void> {
  const progress = { ...run.progress, after: erased.checkpoint, inFlight: 0 };
  if (!(await saveProgress(run.ports.db, run, progress, erased.deleted))) throw TAKEN_OVER;
  run.recorded += erased.deleted;
}

const SAVE_PROGRESS = `
  update purge_steps set checkpoint = cast(? as jsonb), deleted = deleted + ?,
    attempts = case when ? > 0 then 0 else attempts end
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?`;

/** @returns whether this run still owns the step; if not, nothing was written */
async function saveProgress(db: Knex, run: StepRun, progress: Progress, deleted: number): Promise<boolean> {
  const saved = await db.raw<{ rowCount: number }>(SAVE_PROGRESS, [
    JSON.stringify(progress),
    deleted,
    deleted,
    run.ticket.id,
    run.step.no,
    run.progress.run,
  ]);
  if (saved.rowCount === 1) run.progress = progress;
  return saved.rowCount === 1;
}

function checkedCount(step: PlanStep, count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw lied(step, 'reports a count that is no count', {});
  return count;
}

const lied = (step: PlanStep, what: string, counts: Record<string, number>): PurgedeskError =>
  new PurgedeskError('PD_STORE_LIED', `a store ${what}`, {
    details: { store: step.store, step: step.no, ...counts },
    remedy: 'Look at the store itself before the hold is released.',
  });

const FINISH_STEP = `
  update purge_steps set status = 'done', remaining = 0, deleted = ?, last_error = null, finished_at = desk_now()
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?`;

async function finishStep(run: StepRun): Promise<void> {
  const { ports, ticket, plan, step } = run;
  const deleted = deletedInAll(run.recorded, 0, run.progress);
  const within = async (trx: Knex.Transaction) => {
    const closed = await trx.raw<{ rowCount: number }>(FINISH_STEP, [
      deleted,
      ticket.id,
      step.no,
      run.progress.run,
    ]);
    if (closed.rowCount !== 1) throw TAKEN_OVER;
    await trx('erasure_ledger').insert({
      ticket_id: ticket.id,
      store: step.store,
      target: ledgerTarget(step),
      predicate: JSON.stringify(step.predicate),
      deleted,
      erased_at: await deskNow(trx),
    });
    const next = plan.steps[step.no];
    if (next !== undefined) await enqueueStep(ports, trx, ticket.id, next.no);
  };
  const event = { type: 'step_finished', step: step.no, deleted, remaining: 0 } as const;
  const outcome = await ports.tickets.advance(ticket.id, event, { within });
  if (outcome.kind === 'refused') throw TAKEN_OVER;
}

/** One place a workspace: an account visits the same table for several. A table's name holds no `@`. */
const ledgerTarget = (step: PlanStep): string => `${step.target}@${step.predicate.workspaceId}`;

const FAIL_STEP = `
  update purge_steps set attempts = attempts + 1, last_error = ?
  where ticket_id = ? and no = ? and status = 'running' and checkpoint ->> 'run' = ?
  returning attempts`;

/** Counts a failed attempt. The last one, or one that trying again cannot mend, leaves the step to an agent. */
async function failStep(run: StepRun, error: unknown): Promise<void> {
  const { ports, ticket, step } = run;
  const code = error instanceof PurgedeskError ? error.code : 'PD_STORE_FAILED';
  const counted = await ports.db.raw<{ rows: { attempts: number }[] }>(FAIL_STEP, [
    code,
    ticket.id,
    step.no,
    run.progress.run,
  ]);
  const attempts = counted.rows[0]?.attempts;
  if (attempts === undefined) return;
  if (mayRetry(error) && attempts < ATTEMPTS_MAX) throw error;
  const within = async (trx: Knex.Transaction) => {
    await trx('purge_steps').where({ ticket_id: ticket.id, no: step.no }).update({ status: 'failed' });
  };
  await ports.tickets.advance(ticket.id, { type: 'step_failed', step: step.no, error: code }, { within });
  await callBack(ports, { step, after: run.progress.after, plan: hashOf(run) }, run.signal);
}

/** Signs and keeps the receipt, and completes the ticket, in one transaction. Harmless when that was done already. */
async function finishPurge(ports: PurgePorts, ticket: PurgeTicket, plan: Plan): Promise<void> {
  const within = async (trx: Knex.Transaction) => {
    const rows = await trx<StepRow>('purge_steps').where({ ticket_id: ticket.id }).orderBy('no');
    const completedAt = await deskNow(trx);
    const receipt = buildReceipt({
      plan,
      target: ticket.target,
      requestedAt: ticket.requested_at,
      verifiedAt: ticket.verified_at,
      graceEndedAt: known(ticket.grace_ends_at, ticket.id),
      startedAt: known(ticket.purge_started_at, ticket.id),
      completedAt,
      steps: rows.map((row) => resultOf(row, ticket.id)),
      residue: ports.policy.residue,
    });
    const signed = signReceipt(receipt, ports.receiptKey.privateKey);
    await trx('receipts').insert({
      ticket_id: ticket.id,
      signed: JSON.stringify(signed),
      created_at: completedAt,
    });
  };
  await ports.tickets.advance(ticket.id, { type: 'purge_finished' }, { within });
}

function resultOf(row: StepRow, ticketId: TicketId): StepResult {
  if (row.status !== 'done' || row.remaining !== 0) {
    throw new PurgedeskError('PD_TICKET_CORRUPT', 'a step is not done and the purge is to be finished', {
      details: { ticketId, step: row.no },
    });
  }
  const { no, store, target, estimate, deleted, remaining } = row;
  return { no, store, target, estimate, deleted, remaining };
}

function known(instant: Date | null, ticketId: TicketId): Date {
  if (instant !== null) return instant;
  throw new PurgedeskError('PD_TICKET_CORRUPT', 'a purging ticket lacks one of its dates', {
    details: { ticketId },
  });
}
