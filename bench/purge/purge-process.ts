import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endProcess, startProcess, tell } from './processes.ts';
import type { PurgeOrder, PurgeReport } from './purger.ts';

/** As bench/purge/tsconfig.json says. */
const BUILT = '../../.purgedesk/bench/bench/purge/purger.js';

/** Deletes a workspace in a new process that runs the desk as it is installed: reading TypeScript takes 50 MB more. */
export async function purgeInProcess(order: PurgeOrder): Promise<PurgeReport> {
  built ??= promisify(execFile)('tsc', ['-p', fileURLToPath(new URL('.', import.meta.url))]);
  await built;
  const child = startProcess(BUILT);
  try {
    return await tell<PurgeReport>(child, order);
  } finally {
    await endProcess(child);
  }
}

let built: Promise<unknown> | null = null;
