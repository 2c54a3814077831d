import { readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../domain/canonical.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { readIfThere } from './keep-file.ts';
import { clearStaleLock, isAlive, readPostmasterFile } from './postgres-lock.ts';
import { type Account, isReachableBy } from './system-account.ts';

/**
 * Where the cluster of a data folder lies: within it if `account` can get there, else under `clusters`, named after a
 * hash of the folder's path. One that lies outside belongs to its folder all the same: it goes when the folder, or the
 * password in it, has gone.
 */
export async function placeCluster(dataDir: string, clusters: string, account: Account): Promise<string> {
  await removeOrphans(clusters);
  const folder = await realpath(dataDir);
  if (await isReachableBy(account, folder)) return join(folder, 'cluster');
  const cluster = join(clusters, sha256(folder).slice(0, 16));
  if ((await readIfThere(passwordFile(folder))) === null) {
    await clearStaleLock(cluster);
    await rm(cluster, { recursive: true, force: true });
  }
  await writeFile(`${cluster}${ORIGIN}`, folder, { mode: 0o600 });
  return cluster;
}

/**
 * Whether there is a cluster at `cluster`.
 * @throws PurgedeskError PD_SANDBOX_FAILED when something else is there, or a cluster of another major version
 */
export async function hasCluster(cluster: string, major: number): Promise<boolean> {
  const entries = await readdir(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (entries === null) return false;
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '');
  if (version.trim() === String(major)) return true;
  const what = version.trim() === '' ? 'no readable cluster' : `a cluster of PostgreSQL ${version.trim()}`;
  throw new PurgedeskError('PD_SANDBOX_FAILED', `${cluster} holds ${what}; this program brings ${major}`, {
    remedy: 'move that folder away to start afresh, or set DATABASE_URL',
  });
}

/** Where the superuser's password is kept: beside the cluster, or where the cluster would be. */
export const passwordFile = (dataDir: string): string => join(dataDir, 'password');

/** Beside a cluster that lies outside of its data folder: a file with that folder's path. */
const ORIGIN = '.origin';

/** Some 40 MB each, and nobody can open them without the password that was in their folder. */
async function removeOrphans(clusters: string): Promise<void> {
  for (const name of await readdir(clusters)) {
    if (!name.endsWith(ORIGIN)) continue;
    const origin = join(clusters, name);
    const folder = await readFile(origin, 'utf8').catch(() => null);
    if (folder === null || !(await isGone(folder))) continue;
    const cluster = origin.slice(0, -ORIGIN.length);
    const server = await readPostmasterFile(cluster);
    if (server !== null && isAlive(server.pid)) continue;
    await rm(cluster, { recursive: true, force: true });
    await rm(origin, { force: true });
  }
}

const isGone = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
