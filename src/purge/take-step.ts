import { randomUUID } from 'node:crypto';
import type { TicketId } from '../domain/ids.ts';
import { type Plan, planHash } from '../domain/plan.ts';
import type { Obstacle } from '../domain/ticket.ts';
import type { Impossible } from './plan.ts';
import type { PurgePorts } from './ports.ts';
import { takeOver } from './progress.ts';
import { lockTicket, type PurgeTicket, planFor } from './purge-ticket.ts';
import { enqueueStep, type LeftStep, type OwnedStep, type StepRow } from './step-run.ts';

/** Decides in one short transaction what this job has to do, and takes the step over if it is the one that is due. */
export function takeStep(ports: PurgePorts, ticketId: TicketId, no: number): Promise<Due> {
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

type Due =
  | { readonly kind: 'run'; readonly run: OwnedStep }
  | { readonly kind: 'blocked'; readonly obstacles: readonly Obstacle[]; readonly left?: LeftStep }
  | { readonly kind: 'all_done'; readonly ticket: PurgeTicket; readonly plan: Plan }
  | { readonly kind: 'stop'; readonly left?: LeftStep };

/** An agent who lets a failed step go on gives it all its attempts again. */
const TAKE_STEP = `
  update purge_steps set attempts = case status when 'failed' then 0 else attempts end, status = 'running',
    checkpoint = cast(? as jsonb), started_at = coalesce(started_at, desk_now())
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
