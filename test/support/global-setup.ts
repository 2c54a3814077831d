import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/db/connection.ts';
import { migrate } from '../../src/db/migrator.ts';
import { ensureDatabase, startPostgres } from '../../src/sandbox/postgres.ts';
import { roomForServers } from './room.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL server, its database `purgedesk`; test/support/database.ts makes a fresh one a test. */
    pgUrl: string;
  }
}

/** One server for the run, without fsync, and in it the template that every test's database is cloned from. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(await roomForServers(), 'purgedesk-test-'));
  await chmod(folder, 0o711); // as root the server runs under another account
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
  const teardown = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await buildTemplate(await ensureDatabase(server.url, 'tpl'));
    project.provide('pgUrl', server.url);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** All sessions must be gone afterwards: a database in use cannot be cloned. */
async function buildTemplate(url: string): Promise<void> {
  const db = openDatabase(url, { poolMax: 1 });
  try {
    await migrate(db, url);
  } finally {
    await db.destroy();
  }
}
