import { type CrashPoint, readCrashAt } from '../domain/crash-label.ts';

/** How often this process has passed the label that it ends at: all parts of it count together. */
let passed = 0;

/**
 * For fault tests: the process kills itself where `CRASH_AT` says, as a power cut would: `label`, or `label#n` for the
 * nth time that it comes there. Without the setting this does nothing.
 */
export function crashPoints(crashAt: string | null): CrashPoint {
  const at = crashAt === null ? null : readCrashAt(crashAt);
  if (at === null) return () => undefined;
  return (label) => {
    if (label === at.label && ++passed === at.nth) process.kill(process.pid, 'SIGKILL');
  };
}
