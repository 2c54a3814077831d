import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PurgedeskError } from '../domain/errors.ts';

/**
 * Makes way for a start on `cluster`. PostgreSQL takes a left-over postmaster.pid for a live server when its process
 * number now belongs to any process of the same account; such a file is removed here, after a look at the command.
 * A server that is still shutting down, as after a kill of its owner, is waited for.
 * @throws PurgedeskError PD_SANDBOX_FAILED when a server runs on this cluster and stays
 */
export async function clearStaleLock(cluster: string): Promise<void> {
  const deadline = Date.now() + SHUTDOWN_WAIT_MS;
  for (;;) {
    const lock = await readPostmasterFile(cluster);
    if (lock === null || !isAlive(lock.pid)) return; // PostgreSQL itself removes a dead server's file
    if (!(await isServerOf(lock.pid, cluster))) return rm(join(cluster, 'postmaster.pid'), { force: true });
    if (Date.now() > deadline) {
      throw new PurgedeskError('PD_SANDBOX_FAILED', `another process runs PostgreSQL on ${cluster}`, {
        details: { pid: lock.pid },
        remedy: 'stop that process, or choose another data folder',
      });
    }
    await sleep(50);
  }
}

/** postmaster.pid: line 1 is the process, line 8 its state (PostgreSQL 18, src/include/utils/pidfile.h). */
export async function readPostmasterFile(cluster: string): Promise<{ pid: number; state: string } | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? { pid, state: lines[7]?.trim() ?? '' } : null;
}

/** Whether a process with this number exists, ours or not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A fast shutdown checkpoints first; on a slow disk that takes a second or two. */
const SHUTDOWN_WAIT_MS = 5_000;

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const command = await commandOf(pid);
  return command.includes('postgres') && command.includes(cluster);
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
