/** What the threads of the pool's test do. */
import { threadId } from 'node:worker_threads';
import { noteBeginning, type WorkClock } from '../../src/ingest/work-clock.ts';

interface Task {
  readonly clock: WorkClock;
}

export function whoAmI({ clock }: Task): number {
  noteBeginning(clock, threadId);
  return threadId;
}

/** Keeps its thread until somebody raises the flag. */
export function waitFor({ clock, flag }: Task & { readonly flag: Int32Array }): number {
  noteBeginning(clock, threadId);
  Atomics.wait(flag, 0, 0);
  return threadId;
}
