/**
 * For fault tests: the process kills itself when it first reaches the label that `CRASH_AT` names, as a power cut would.
 * Without the setting this does nothing.
 */
export const crashPoints =
  (crashAt: string | null) =>
  (label: string): void => {
    if (label === crashAt) process.kill(process.pid, 'SIGKILL');
  };
