/**
 * Threads that read mails: whatever a mail does to its reader, the desk goes on. A thread that takes too long or too
 * much memory is killed with its mail and replaced; what it was to do ends as a value.
 */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import PQueue from 'p-queue';
import { Piscina } from 'piscina';
import { faultCode } from '../domain/fault.ts';
import { newWorkClock, usedUs, type Work, type WorkClock, workSoFar } from './work-clock.ts';

export interface PoolLimits {
  /** CPU time of one task. Where the runtime does not tell it for a thread, wall time counts. */
  readonly taskMs: number;
  /** Wall time of one task, however busy the machine is. */
  readonly wallMs: number;
  /** JavaScript heap of one thread. Attachments lie outside of it; the size of the mail bounds them. */
  readonly heapMb: number;
  /** As many as there may be; most of them only while a task keeps one of `atOnce` busy for long. */
  readonly threads: number;
  /** Threads at work while no task takes long: each costs its memory, and learns anew what is hot in the code. */
  readonly atOnce: number;
  /** A thread without work goes after this time. */
  readonly idleMs: number;
}

const LIMITS: PoolLimits = {
  taskMs: 2_000,
  wallMs: 8_000,
  heapMb: 200,
  // Two at least: one mail that takes all of its time must not stop the others.
  threads: Math.max(2, Math.min(4, availableParallelism())),
  // One keeps up with the main thread, which does about as much for a mail; of two cores it has the other.
  atOnce: availableParallelism() <= 2 ? 1 : 2,
  idleMs: 30_000,
};

/** A task that has its thread for longer, in wall time, leaves those behind it to another thread. */
const PATIENCE_MS = 500;

/** A thread that is not made by then never will be: the fault is ours, and the mail is tried again later. */
const START_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/** Unless told, a thread with a small heap gets next to none for what is young, and spends ten times as long tidying up. */
const YOUNG_MB = 24;

export type Ran<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** The task took its thread with it, or failed. `reason` is a fixed word; `code` names the fault for the log. */
  | { readonly kind: 'lost'; readonly reason: 'time' | 'memory' | 'fault'; readonly code: string };

export interface ReadPool {
  /**
   * Runs an exported function of the worker file with plain data. Tasks wait here until a thread is free, so that none
   * loses time by waiting.
   * @param data - or a function that gives it, called when its turn has come
   * @throws when there is no thread to be had
   */
  run<T>(task: string, data: object | (() => object)): Promise<Ran<T>>;
  /** Ends all threads; what is under way is lost. */
  close(): Promise<void>;
}

/** @param worker - a module whose exported functions take their data and a `clock`, see `noteBeginning` */
export function readPool(worker: URL, limits: Partial<PoolLimits> = {}): ReadPool {
  const { taskMs, wallMs, heapMb, threads, atOnce, idleMs } = { ...LIMITS, ...limits };
  const pool = new Piscina({
    filename: worker.href,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idleMs,
    resourceLimits: {
      maxOldGenerationSizeMb: heapMb - YOUNG_MB,
      maxYoungGenerationSizeMb: YOUNG_MB,
    },
    env: {}, // nothing there is a reader's business
    recordTiming: false,
  });
  // A thread that dies without a task; whoever needs one next hears of it.
  pool.on('error', () => undefined);
  const queue = new PQueue({ concurrency: Math.min(threads, atOnce) });
  let slow = 0;
  const noteSlow = (more: 1 | -1): void => {
    slow += more;
    queue.concurrency = Math.min(threads, atOnce + slow);
  };
  let closed = false;
  return {
    run: <T>(task: string, data: object | (() => object)) =>
      queue.add(async (): Promise<Ran<T>> => {
        if (closed) throw new TypeError('the reader is closed');
        const clock = newWorkClock();
        const watch = watchWork(clock, { taskMs, wallMs, noteSlow }, (id) =>
          pool.threads.find(({ threadId }) => threadId === id),
        );
        try {
          const given = typeof data === 'function' ? data() : data;
          const value = (await pool.run({ ...given, clock }, { name: task, signal: watch.signal })) as T;
          return { kind: 'done', value };
        } catch (error) {
          if (closed || workSoFar(clock) === null) throw error; // none of the mail's doing
          if (watch.signal.aborted) {
            return { kind: 'lost', reason: 'time', code: 'ETIMEOUT' };
          }
          const code = faultCode(error);
          return { kind: 'lost', reason: code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'fault', code };
        } finally {
          watch.stop();
        }
      }),
    async close() {
      closed = true;
      await pool.destroy();
    },
  };
}

interface Patience extends Pick<PoolLimits, 'taskMs' | 'wallMs'> {
  /** A task takes long; it does so no more. */
  noteSlow(more: 1 | -1): void;
}

/** Aborts its signal once a task has used up its time, counted from when its thread began it. */
function watchWork(
  clock: WorkClock,
  { taskMs, wallMs, noteSlow }: Patience,
  threadOf: (id: number) => Worker | undefined,
): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const asked = performance.now();
  let timer = setTimeout(look, Math.min(taskMs, PATIENCE_MS));
  let stopped = false;
  let isSlow = false;
  const later = (ms: number) => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(ms, LOOK_AGAIN_MS / 2));
  };
  function look(): void {
    const work = workSoFar(clock);
    if (work === null) {
      if (performance.now() - asked > START_MS) controller.abort();
      else later(LOOK_AGAIN_MS);
      return;
    }
    if (!isSlow && work.wallMs >= PATIENCE_MS) {
      isSlow = true;
      noteSlow(1);
    }
    if (work.wallMs < taskMs) later((isSlow ? taskMs : Math.min(taskMs, PATIENCE_MS)) - work.wallMs);
    else if (work.wallMs >= wallMs) controller.abort();
    else {
      later(LOOK_AGAIN_MS);
      abortIfUsedUp(work);
    }
  }
  function abortIfUsedUp({ threadId, cpuBeforeMs }: Work): void {
    const usage = cpuUsageOf(threadOf(threadId));
    if (usage === null) controller.abort();
    usage?.then(
      (used) => {
        if (!stopped && usedUs(used) / 1e3 - cpuBeforeMs >= taskMs) controller.abort();
      },
      () => undefined, // the thread has just ended, and the task with it
    );
  }
  return {
    signal: controller.signal,
    stop() {
      stopped = true;
      clearTimeout(timer);
      if (isSlow) noteSlow(-1);
    },
  };
}

type CpuUsage = { readonly user: number; readonly system: number };

/** `null` = this runtime does not tell (before Node 24.6). */
function cpuUsageOf(thread: Worker | undefined): Promise<CpuUsage> | null {
  const asking = thread as (Worker & { cpuUsage?: () => Promise<CpuUsage> }) | undefined;
  return asking?.cpuUsage?.() ?? null;
}
