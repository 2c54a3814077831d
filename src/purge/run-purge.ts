/**
 * The jobs of a purge. `purge.rehearse` plans, counts and freezes; `purge.step` carries out one step:
 *
 *     take the step over ─► count it ─► [ guard ─► batch ─► record ]… ─► read back ─► done, ledger, next job
 *
 * Each guard is a short transaction of the desk that looks at the ticket, its holds and the world again, and notes that
 * a batch of so many is under way; each record adds what the batch deleted and moves the checkpoint. A process that
 * dies between batch and record leaves that note, so the next run knows how far the sum of the records may be short
 * (`deletedInAll`). A step has one owner, by a lease that its watch renews while it runs; a job that finds a lease of
 * another run comes back after its end, and a run whose step was taken over stops at its next guard or record at the
 * latest. The switch, the brakes and what cannot pass by itself are in halt.ts, brake.ts and leave-step.ts.
 */
import { z } from 'zod';
import { type TicketId, ticketId as toTicketId } from '../domain/ids.ts';
import { holdForCap } from './day-cap.ts';
import { eraseStep } from './erase-step.ts';
import { finishPurge, finishStep } from './finish-purge.ts';
import { failStep, giveBack, leaveStep } from './leave-step.ts';
import type { PurgePorts, PurgeTask } from './ports.ts';
import { rehearse } from './rehearse.ts';
import { block, callBack, type StepRun, TAKEN_OVER } from './step-run.ts';
import { takeStep } from './take-step.ts';
import { watchStep } from './watch-step.ts';

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
 * when the ticket is not purging, is on hold or all purges are halted, and hands over to the right step when this one is
 * done or not yet due. A store that fails is tried again by a later job.
 * @throws what nobody foresaw, while it may be tried again; the queue does so with backoff
 */
export async function runStep(
  ports: PurgePorts,
  ticketId: TicketId,
  no: number,
  signal: AbortSignal,
): Promise<void> {
  const due = await takeStep(ports, ticketId, no);
  if (due.kind === 'all_done') return finishPurge(ports, due.ticket, due.plan);
  if (due.kind === 'over_cap') return holdForCap(ports, ticketId, due.overCap);
  if (due.kind !== 'run') {
    if (due.left !== undefined) await callBack(ports, due.left);
    return due.kind === 'blocked' ? block(ports, ticketId, due.obstacles) : undefined;
  }
  await ports.crashPoint('purge.taken');
  using watch = watchStep(ports, { ticketId, no, run: due.run.progress.run });
  const run: StepRun = {
    ...due.run,
    ports,
    signal: AbortSignal.any([signal, watch.signal]),
    loggedAt: performance.now(),
  };
  try {
    const end = await eraseStep(run);
    if (end === 'finished') await finishStep(run, 0);
    else if (typeof end === 'object' && 'accepted' in end) await finishStep(run, end.accepted);
    else return await leaveStep(run, end);
  } catch (error) {
    if (error === TAKEN_OVER) return;
    const because = watch.because();
    if (because !== null) return leaveStep(run, because);
    if (signal.aborted) {
      if (await giveBack(run)) return;
      throw error;
    }
    return failStep(run, error);
  }
  await ports.crashPoint('purge.step.finished');
  const isLast = run.plan.steps.at(-1)?.no === run.step.no;
  if (isLast) await finishPurge(ports, run.ticket, run.plan);
}
