import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PurgedeskError } from '../domain/errors.ts';
import { createOnce, keepFile, readIfThere } from './keep-file.ts';

export const DEFAULT_DATA_FOLDER = '.purgedesk';

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** SECRET_KEY of the sandbox: 64 hex digits, the same at every start. Never log it. */
  readonly secretKey: string;
  /** A file's text; made once, 0600, by whoever is first. `name` is a plain file name. */
  keep(name: string, make: () => Promise<string>): Promise<string>;
  /** Lets another process use the folder. Safe to call twice. */
  release(): Promise<void>;
}

/**
 * Takes the sandbox's data folder for this process, until it releases it or ends, however it ends. Made 0700 if missing.
 * @throws PurgedeskError PD_SANDBOX_FAILED when a living process holds it, or when others could write to it
 */
export async function openDataFolder(path: string = DEFAULT_DATA_FOLDER): Promise<DataFolder> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseForeign(folder);
  const release = await takeLock(folder);
  try {
    const keep = (name: string, make: () => Promise<string>) => keepFile(join(folder, name), make);
    const secretKey = await keep('secret-key', async () => randomBytes(32).toString('hex'));
    return { path: folder, secretKey, keep, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Keys lie in it: whoever may write to it could put in their own. */
async function refuseForeign(folder: string): Promise<void> {
  const found = await lstat(folder);
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && isOurs && (found.mode & 0o022) === 0) return;
  throw new PurgedeskError(
    'PD_SANDBOX_FAILED',
    `the data folder ${folder} is not a folder of this user, or others may write to it`,
    { remedy: 'choose another folder, or take the write permission from the others' },
  );
}

/** Two processes that take over from a dead one can disturb each other a few times, not for ever. */
const LOCK_TRIES_MAX = 20;
const LOCK_FILE = /^lock\.([1-9]\d{0,8})$/;

/**
 * The holder is named by the lock file with the highest number. A dead holder's file is never replaced: the next number
 * is created, which only one of several can do, and older files are removed afterwards.
 */
async function takeLock(folder: string): Promise<() => Promise<void>> {
  const ours = await describeProcess(process.pid);
  for (let tried = 0; tried < LOCK_TRIES_MAX; tried++) {
    const highest = Math.max(0, ...(await lockNumbers(folder)));
    await refuseIfHeld(folder, highest);
    const next = highest + 1;
    const file = join(folder, `lock.${next}`);
    if (!(await createOnce(file, JSON.stringify(ours)))) continue;
    const numbers = await lockNumbers(folder);
    if (Math.max(...numbers) === next) {
      for (const old of numbers) if (old < next) await rm(join(folder, `lock.${old}`), { force: true });
      return () => rm(file, { force: true });
    }
    await rm(file, { force: true }); // we looked before a quicker one took a higher number
  }
  throw heldBy(folder, 0);
}

async function lockNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.map((name) => Number(LOCK_FILE.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
}

interface Holder {
  readonly pid: number;
  /** When the process began, in whatever unit the system uses: tells a later process with the same number apart. */
  readonly began: string;
}

async function refuseIfHeld(folder: string, number: number): Promise<void> {
  const text = number === 0 ? null : await readIfThere(join(folder, `lock.${number}`));
  if (text === null) return;
  const holder = JSON.parse(text) as Holder;
  const living = await describeProcess(holder.pid);
  if (living.began !== '' && living.began === holder.began) throw heldBy(folder, holder.pid);
}

const heldBy = (folder: string, pid: number): PurgedeskError =>
  new PurgedeskError('PD_SANDBOX_FAILED', `the data folder ${folder} is in use by another process`, {
    details: { pid },
    remedy: 'stop that process, or choose another folder',
  });

/** `began` is empty when there is no such process. */
async function describeProcess(pid: number): Promise<Holder> {
  if (process.platform !== 'linux') {
    const asked = promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return { pid, began: (await asked.catch(() => ({ stdout: '' }))).stdout.trim() };
  }
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc(5): the name in parentheses may hold anything; state is field 3 and starttime field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const isZombie = fields[0] === 'Z';
  return { pid, began: isZombie ? '' : (fields[19] ?? '') };
}
