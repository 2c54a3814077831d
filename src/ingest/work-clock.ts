/**
 * When a thread began its work, and with how much CPU time already used: the thread notes it, and whoever waits reads it
 * even while the thread is busy. Plain shared memory, 8 bytes each.
 */
export type WorkClock = BigInt64Array<SharedArrayBuffer>;

const [BEGAN_NS, CPU_US, THREAD] = [0, 1, 2];

export const newWorkClock = (): WorkClock => new BigInt64Array(new SharedArrayBuffer(3 * 8));

/** To be called in the thread, first of all. */
export function noteBeginning(clock: WorkClock, threadId: number): void {
  Atomics.store(clock, THREAD, BigInt(threadId));
  Atomics.store(clock, CPU_US, BigInt(usedUs(threadCpuUsage?.call(process))));
  Atomics.store(clock, BEGAN_NS, process.hrtime.bigint());
}

export interface Work {
  readonly threadId: number;
  /** Wall time since it began. */
  readonly wallMs: number;
  /** CPU time that the thread had used when it began. */
  readonly cpuBeforeMs: number;
}

/** `null` = it has not begun: the thread is still being made. */
export function workSoFar(clock: WorkClock): Work | null {
  const began = Atomics.load(clock, BEGAN_NS);
  if (began === 0n) return null;
  return {
    threadId: Number(Atomics.load(clock, THREAD)),
    wallMs: Number(process.hrtime.bigint() - began) / 1e6,
    cpuBeforeMs: Number(Atomics.load(clock, CPU_US)) / 1e3,
  };
}

/** Of `process.threadCpuUsage` or `worker.cpuUsage`, in microseconds. */
export const usedUs = (usage: { readonly user: number; readonly system: number } | undefined): number =>
  usage === undefined ? 0 : Math.round(usage.user + usage.system);

/** Since Node 23.9; without it all the thread ever used counts, so that wall time decides. */
const threadCpuUsage = (process as Partial<Pick<NodeJS.Process, 'threadCpuUsage'>>).threadCpuUsage;
