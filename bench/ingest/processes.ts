/** What processes cost, as the kernel counts it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** CPU time of a process and all below it so far, those that have ended included, in milliseconds. */
export function cpuOfTree(root: number): number {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(Number(name)) : []));
  const tree = new Set([root]);
  for (let grown = -1; grown !== tree.size; ) {
    grown = tree.size;
    for (const { pid, parent } of all) if (tree.has(parent)) tree.add(pid);
  }
  return all.reduce((sum, { pid, cpuMs }) => (tree.has(pid) ? sum + cpuMs : sum), 0);
}

/** Empty when it has just ended. */
function statOf(pid: number): readonly Stat[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
    return [{ pid, parent: fields[1] ?? 0, cpuMs: (user + system + endedUser + endedSystem) * TICK_MS }];
  } catch {
    return [];
  }
}

/** CPU milliseconds of a Node process so far by what its threads are for; of those that live. */
export function cpuByThread(pid: number): Readonly<Record<'main' | 'reading' | 'runtime', number>> {
  const sum = { main: 0, reading: 0, runtime: 0 };
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1');
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const [user = 0, system = 0] = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    const kind = name === 'WorkerThread' ? 'reading' : id === String(pid) ? 'main' : 'runtime';
    sum[kind] += (user + system) * TICK_MS;
  }
  return sum;
}

/** Resident memory of one process, in MiB: now, and the most since `forgetPeak`. */
export function memoryOf(pid: number): { readonly rss: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1_024;
  return { rss: mib('VmRSS'), peak: mib('VmHWM') };
}

export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Where that is forbidden the peak is that of its whole life.
  }
}
