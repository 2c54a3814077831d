import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { PurgedeskError } from '../domain/errors.ts';

/** The account a server runs under. `switched` is true when it differs from ours. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly switched: boolean;
}

/**
 * The account that runs PostgreSQL, which refuses to run as root: ours, or for root `postgres`, else `nobody`.
 * @throws PurgedeskError PD_SANDBOX_UNAVAILABLE on a system without POSIX accounts, or without either of the two
 */
export async function databaseAccount(): Promise<Account> {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new PurgedeskError('PD_SANDBOX_UNAVAILABLE', 'the embedded PostgreSQL needs Linux or macOS', {
      remedy: 'set DATABASE_URL to a PostgreSQL server',
    });
  }
  if (uid !== 0) return { uid, gid, switched: false };
  for (const name of ['postgres', 'nobody']) {
    const account = await lookUp(name);
    if (account !== null) return account;
  }
  throw new PurgedeskError(
    'PD_SANDBOX_UNAVAILABLE',
    'PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody"',
    { remedy: 'start as an ordinary user, or set DATABASE_URL' },
  );
}

/** Whether `account` may enter `folder` and all folders above it. Access lists beyond the mode bits are not read. */
export async function isReachableBy(account: Account, folder: string): Promise<boolean> {
  if (!account.switched) return true;
  let path = await realpath(folder).catch(() => null);
  while (path !== null) {
    const { uid, gid, mode } = await stat(path);
    const enter = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) return false;
    path = dirname(path) === path ? null : dirname(path);
  }
  return true;
}

/** `id` reads every source of accounts that the system has; /etc/passwd is only one. */
async function lookUp(name: string): Promise<Account | null> {
  try {
    const ask = async (flag: '-u' | '-g') => Number((await promisify(execFile)('id', [flag, name])).stdout);
    const [uid, gid] = await Promise.all([ask('-u'), ask('-g')]);
    return uid > 0 && gid > 0 ? { uid, gid, switched: true } : null;
  } catch {
    return null; // no such account
  }
}
