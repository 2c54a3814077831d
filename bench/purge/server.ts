import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/db/connection.ts';
import { migrate } from '../../src/db/migrator.ts';
import { ensureDatabase, startPostgres } from '../../src/sandbox/postgres.ts';
import { onDatabase } from './customers.ts';

export interface BenchServer extends AsyncDisposable {
  readonly url: string;
  /** URL of a desk's migrated database on it. */
  readonly deskUrl: string;
}

/** Sized for its data; durable. */
const SETTINGS = ["shared_buffers = '1GB'", "max_wal_size = '8GB'"];

export async function startServer(): Promise<BenchServer> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-purge-'));
  // Open to the account that runs the server, so that all of it lies in this folder and goes with it.
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'postgres');
  const first = await startPostgres({ dataDir });
  await onDatabase(first.url, async (client) => {
    for (const setting of SETTINGS) await client.query(`alter system set ${setting}`);
  });
  await first.stop();
  const server = await startPostgres({ dataDir });
  const deskUrl = await ensureDatabase(server.url, 'desk');
  const db = openDatabase(deskUrl);
  await migrate(db, deskUrl);
  await db.destroy();
  return {
    url: server.url,
    deskUrl,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
