import { cpus, totalmem } from 'node:os';

export const machineFacts = (): string =>
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** `label  median (min-max) unit`. */
export const line = (label: string, values: readonly number[], unit: string): string =>
  `${label.padEnd(44)} ${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)}) ${unit}`;

/** `median (min-max)` of how many times as fast as the other each run was, by pairs that ran one after the other. */
export function ratios(reference: readonly number[], measured: readonly number[]): string {
  const each = reference.map((ms, index) => ms / (measured[index] ?? Number.NaN));
  return `${median(each).toFixed(2)} (${Math.min(...each).toFixed(2)}-${Math.max(...each).toFixed(2)})`;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
