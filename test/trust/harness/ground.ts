/** The servers of a run and the two databases that every desk begins with a copy of. */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../src/db/connection.ts';
import { migrate } from '../../../src/db/migrator.ts';
import { importDirectory } from '../../../src/directory/import.ts';
import type { ImportedWorkspace } from '../../../src/directory/read-directory.ts';
import { startDnsServer, type Zone } from '../../../src/sandbox/dns-server.ts';
import { startPostgres } from '../../../src/sandbox/postgres.ts';
import { databaseAccount } from '../../../src/sandbox/system-account.ts';
import { startDovecot } from '../../flow/dovecot.ts';
import type { Identity } from './assume.ts';
import { openClock } from './clock.ts';
import { createDatabase } from './databases.ts';
import type { Maildir } from './maildir.ts';
import { UsageError } from './options.ts';
import { CUSTOMERS_TEMPLATE, DESK_TEMPLATE, databaseUrl, NO_DESK, type Place } from './place.ts';
import { settingsOf, writeConfig } from './settings.ts';
import { placeTickets, type WantedTicket } from './state.ts';
import { fillStore } from './store.ts';

export interface Ground {
  readonly place: Place;
  addMailbox(name: string): Promise<{ readonly imapUrl: string; readonly maildir: Maildir }>;
  stop(): Promise<void>;
}

/** The directory was known before the mails came. */
const DIRECTORY_DAYS_BEFORE = 30;

export async function prepareGround(wanted: {
  readonly workspaces: readonly ImportedWorkspace[];
  readonly zone: Zone;
  readonly instant: Date;
  readonly identity: Identity;
  readonly tickets: readonly WantedTicket[];
  readonly say: (line: string) => void;
}): Promise<Ground> {
  const parts: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'purgedesk-trust-'));
    parts.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o711); // as root the servers run under another account
    const [postgres, dovecot, dns] = await Promise.all([
      keep(parts, startPostgres({ dataDir: join(folder, 'postgres'), fast: true })),
      keep(parts, startDovecot(folder)),
      keep(parts, startDnsServer(wanted.zone)),
    ]);
    await writeConfig(folder);
    const common = {
      folder,
      postgresUrl: postgres.url,
      dnsServer: dns.address,
      identity: wanted.identity,
      // One key for all runs: a code of the state file belongs to the same challenge in each.
      secretKey: createHash('sha256').update('trust harness').digest('hex'),
      instant: wanted.instant.toISOString(),
    };
    const customers = await createDatabase(postgres.url, CUSTOMERS_TEMPLATE);
    await fillStore(customers, wanted.workspaces, wanted.instant);
    await placeDirectory(postgres.url, wanted.workspaces, wanted.instant);
    const settings = settingsOf(common, {
      ...NO_DESK,
      database: databaseUrl(postgres.url, DESK_TEMPLATE),
      customers,
    });
    const before = await placeTickets(settings, wanted.tickets, wanted.instant, wanted.say);
    const account = await databaseAccount();
    const owner = account.switched ? { uid: account.uid, gid: account.gid } : null;
    return {
      place: { ...common, before },
      addMailbox: async (name) => ({
        imapUrl: await dovecot.addUser(name),
        maildir: { path: join(folder, 'dovecot', 'mail', name, 'Maildir'), owner },
      }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function keep<T extends { stop(): Promise<void> }>(
  parts: (() => Promise<unknown>)[],
  starting: Promise<T>,
): Promise<T> {
  const started = await starting;
  parts.push(() => started.stop());
  return started;
}

async function placeDirectory(
  serverUrl: string,
  workspaces: readonly ImportedWorkspace[],
  instant: Date,
): Promise<void> {
  const url = await createDatabase(serverUrl, DESK_TEMPLATE);
  const db = openDatabase(url, { poolMax: 2 });
  try {
    await migrate(db, url);
    const clock = await openClock(url);
    await clock.set(new Date(instant.getTime() - DIRECTORY_DAYS_BEFORE * 86_400_000));
    await clock.close();
    const report = await importDirectory(db, workspaces, { dryRun: false, force: true });
    if (report.problems.length > 0) throw new UsageError(`--directory: ${report.problems.join('; ')}`);
  } finally {
    await db.destroy();
  }
}
