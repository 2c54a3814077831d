import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { TicketId } from '../domain/ids.ts';
import { type Plan, planHash } from '../domain/plan.ts';
import type { Obstacle } from '../domain/ticket.ts';
import { BY_HAND_SECONDS, passBrakes } from './brake.ts';
import { type OverCap, overDayCap } from './day-cap.ts';
import { readHalt } from './halt.ts';
import { BESIDE_SECONDS, isRunBeside } from './overlap.ts';
import type { Impossible } from './plan.ts';
import type { PurgePorts } from './ports.ts';
import { takeOver } from './progress.ts';
import { lockTicket, type PurgeTicket, planAgain } from './purge-ticket.ts';
import { enqueueStep, type LeftStep, type OwnedStep, type StepRow } from './step-run.ts';

/**
 * Decides in one short transaction what this job has to do, and takes the step over if it is the one that is due and
 * nobody else runs it: whoever finds a lease that lives comes back after its end.
 */
export function takeStep(ports: PurgePorts, ticketId: TicketId, no: number): Promise<Due> {
  return ports.db.transaction(async (trx): Promise<Due> => {
    const ticket = await lockTicket(trx, ticketId);
    if (ticket.state !== 'purging') return { kind: 'stop' };
    const plan = planAgain(ports, ticket);
    const rows = await lockSteps(ports, trx, ticketId);
    const dueRow = rows.find((row) => row.status !== 'done');
    const obstacle = planObstacle(ticket, plan, rows);
    if (obstacle !== null || 'impossible' in plan) {
      return { kind: 'blocked', obstacles: [obstacle ?? 'plan_changed'] };
    }
    // All is deleted and counted: only the receipt is missing, and no hold makes that untrue.
    if (dueRow === undefined) return { kind: 'all_done', ticket, plan };
    const left = leftBehind(plan, dueRow);
    if (ticket.held || (await readHalt(trx)) !== null) return { kind: 'stop', ...left };
    const comeBack = async (afterSeconds: number): Promise<Due> => {
      await enqueueStep(ports, trx, ticketId, dueRow.no, afterSeconds);
      return { kind: 'stop' };
    };
    if (dueRow.lease_seconds > 0) return comeBack(dueRow.lease_seconds + 1);
    const obstacles = await ports.eligibility(trx, ticketId);
    if (obstacles.length > 0) return { kind: 'blocked', obstacles, ...left };
    if (dueRow.no !== no) return comeBack(0);
    const step = plan.steps[no - 1];
    if (step === undefined) return { kind: 'blocked', obstacles: ['plan_changed'] };

    const isFirst = no === 1 && (dueRow.checkpoint?.before ?? null) === null;
    const overCap = isFirst ? await overDayCap(trx, ports.policy.dayCap, ticketId) : null;
    if (overCap !== null) return { kind: 'over_cap', overCap };
    if (await isRunBeside(trx, ticketId, step)) return comeBack(BESIDE_SECONDS);
    const run = randomUUID();
    const stores = isFirst ? [...new Set(plan.steps.map((each) => each.store))] : [step.store];
    const passed = await passBrakes(trx, stores, run, ports.pace.leaseSeconds);
    if (passed.kind === 'wait') {
      const waiting = await comeBack(passed.seconds ?? BY_HAND_SECONDS);
      return passed.seconds === null ? { ...waiting, ...left } : waiting;
    }
    const progress = takeOver(dueRow.checkpoint, run);
    await trx.raw(TAKE_STEP, [JSON.stringify(progress), ports.pace.leaseSeconds, ticketId, no]);
    return {
      kind: 'run',
      run: {
        ticket,
        plan,
        step,
        estimates: rows.map((row) => Math.max(row.estimate, row.drifted_to ?? 0)),
        progress,
        recorded: dueRow.deleted,
        speed: { runningMs: dueRow.running_ms, rate: dueRow.rate },
        isProbe: passed.probes.length > 0,
        wasReleased: dueRow.status === 'failed',
      },
    };
  });
}

type Due =
  | { readonly kind: 'run'; readonly run: OwnedStep }
  | { readonly kind: 'blocked'; readonly obstacles: readonly Obstacle[]; readonly left?: LeftStep }
  | { readonly kind: 'over_cap'; readonly overCap: OverCap }
  | { readonly kind: 'all_done'; readonly ticket: PurgeTicket; readonly plan: Plan }
  | { readonly kind: 'stop'; readonly left?: LeftStep };

interface LockedStep extends StepRow {
  /** For so long another run owns the step; 0 = nobody does. */
  readonly lease_seconds: number;
}

async function lockSteps(
  ports: PurgePorts,
  trx: Knex.Transaction,
  ticketId: TicketId,
): Promise<readonly LockedStep[]> {
  const found = await trx.raw<{ rows: LockedStep[] }>(LOCK_STEPS, [ports.pace.leaseSeconds, ticketId]);
  return found.rows;
}

/** A lease that ends later than any that is taken now was taken while the clock was ahead: nobody is waited for. */
const LOCK_STEPS = `
  select *, case when status = 'running' and lease_until <= clock_timestamp() + 2 * make_interval(secs => ?)
    then cast(coalesce(greatest(0, ceil(extract(epoch from lease_until - clock_timestamp()))), 0) as integer)
    else 0 end as lease_seconds
  from purge_steps where ticket_id = ? order by no for update`;

/** What is to be called back when the step stays where it is; nothing while somebody runs it, who does that. */
function leftBehind(plan: Plan, row: LockedStep): { readonly left?: LeftStep } {
  const step = plan.steps[row.no - 1];
  const after = row.checkpoint?.after ?? null;
  if (step === undefined || after === null || row.lease_seconds > 0) return {};
  return { left: { step, after, plan: row.plan_hash } };
}

/** An agent who lets a failed step go on gives it all its attempts again. */
const TAKE_STEP = `
  update purge_steps set attempts = case status when 'failed' then 0 else attempts end, status = 'running',
    checkpoint = cast(? as jsonb), started_at = coalesce(started_at, desk_now()),
    lease_until = clock_timestamp() + make_interval(secs => ?)
  where ticket_id = ? and no = ?`;

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
