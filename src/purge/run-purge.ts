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
import { z } from 'zod';
import { type TicketId, ticketId as toTicketId } from '../domain/ids.ts';
import { eraseStep } from './erase-step.ts';
import { finishPurge, finishStep } from './finish-purge.ts';
import { failStep, leaveStep } from './leave-step.ts';
import type { PurgePorts, PurgeTask } from './ports.ts';
import { rehearse } from './rehearse.ts';
import { block, callBack, type StepRun, TAKEN_OVER } from './step-run.ts';
import { takeStep } from './take-step.ts';

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
