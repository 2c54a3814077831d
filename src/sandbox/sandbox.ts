/** Everything that a desk needs and a fresh machine has not, on loopback: database, mail, DNS, customers. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CustomerDatabase, openCustomerDatabase } from './customer-database.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { startDnsServer } from './dns-server.ts';
import { keepFile } from './keep-file.ts';
import { type Delivery, type MailServer, MX_NAME, startMailServer } from './mail-server.ts';
import { ensureDatabase, startPostgres } from './postgres.ts';
import { DESK_ADDRESS, MAIL_ACCOUNTS, MAIL_DOMAINS } from './samples.ts';
import { type CustomerTransport, keepSigningKeys, mailZone, openCustomerTransport } from './signing.ts';

export { readInbox } from './read-inbox.ts';
export { PEOPLE, SAMPLE_WORKSPACES } from './samples.ts';

export const MAIL_ADDRESSES = MAIL_ACCOUNTS.map((account) => account.address);

export interface SandboxOptions {
  readonly dataDir: string;
  /** Parts that the configuration does not name. */
  readonly needs: { readonly database: boolean; readonly mail: boolean };
  readonly onDelivered?: (delivery: Delivery) => void;
}

export interface SandboxMail {
  readonly server: MailServer;
  readonly customers: CustomerTransport;
  readonly deskAddress: string;
  /** `host:port` of the sandbox's DNS. */
  readonly dnsServer: string;
  /** The name in the Received header that may be believed. */
  readonly receivedBy: string;
}

export interface Sandbox {
  readonly folder: DataFolder;
  /** `null` = the configuration names a database. */
  readonly databaseUrl: string | null;
  readonly mail: SandboxMail | null;
  /** The sample customers' data; only in a sandbox that has everything. */
  readonly customerDatabase: CustomerDatabase | null;
  /** The desk's clock is this much ahead of the machine's. The mail server stamps by it. */
  setClockOffset(ms: number): void;
  /** Tells other processes of this user, by a file in the data folder, where the parts are. */
  publish(where: SandboxAddresses): Promise<void>;
  stop(): Promise<void>;
}

/** What `purgedesk sandbox …` needs to speak with a desk that runs. Holds passwords: the file is 0600. */
export interface SandboxAddresses {
  readonly databaseUrl: string;
  readonly deskAddress: string;
  readonly smtpUrl: string | null;
  /** By address. */
  readonly imapUrls: Readonly<Record<string, string>>;
  readonly dnsServer: string | null;
  readonly receivedBy: string | null;
  readonly consoleUrl: string;
  /** Everything is a sample: the clock may be moved and purging is on. */
  readonly isAllSandbox: boolean;
}

const ADDRESSES_FILE = 'running.json';

/**
 * @throws PurgedeskError PD_SANDBOX_UNAVAILABLE without the development dependencies, PD_SANDBOX_FAILED when another
 * process uses the data folder
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const folder = await openDataFolder(options.dataDir);
  const parts: (() => Promise<unknown>)[] = [() => folder.release()];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part();
  };
  try {
    let offsetMs = 0;
    const server = options.needs.database
      ? await startPostgres({ dataDir: join(folder.path, 'postgres') })
      : null;
    if (server !== null) parts.push(() => server.stop());
    const databaseUrl = server === null ? null : await ensureDatabase(server.url, 'purgedesk');
    const mail = options.needs.mail
      ? await startMail(folder, parts, () => new Date(Date.now() + offsetMs), options.onDelivered)
      : null;
    const customerDatabase =
      server !== null && mail !== null
        ? await openCustomerDatabase(server.url, { until: await sampleDay(folder) })
        : null;
    if (customerDatabase !== null) parts.push(() => customerDatabase.close());
    const addresses = join(folder.path, ADDRESSES_FILE);
    parts.push(() => rm(addresses, { force: true }));
    return {
      folder,
      databaseUrl,
      mail,
      customerDatabase,
      setClockOffset: (ms) => {
        offsetMs = ms;
      },
      publish: (where) => writeFile(addresses, JSON.stringify(where), { mode: 0o600 }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startMail(
  folder: DataFolder,
  parts: (() => Promise<unknown>)[],
  now: () => Date,
  onDelivered: SandboxOptions['onDelivered'],
): Promise<SandboxMail> {
  const keys = await keepSigningKeys(folder, MAIL_DOMAINS);
  const dns = await startDnsServer(mailZone(MAIL_DOMAINS, keys, MX_NAME));
  parts.push(() => dns.stop());
  const server = await startMailServer({
    accounts: MAIL_ACCOUNTS,
    now,
    ...(onDelivered === undefined ? {} : { onDelivered }),
  });
  parts.push(() => server.stop());
  const customers = openCustomerTransport(server.smtpUrl, keys);
  parts.push(async () => customers.close());
  return { server, customers, deskAddress: DESK_ADDRESS, dnsServer: dns.address, receivedBy: MX_NAME };
}

/** The sample rows lie before the day of the first start, so that every later start finds the same rows. */
const sampleDay = async (folder: DataFolder): Promise<Date> =>
  new Date(await folder.keep('sample-day', async () => new Date().toISOString().slice(0, 10)));

/** Writes as the sample customers do, for a process beside the one that runs the sandbox. */
export async function openSampleTransport(dataDir: string, smtpUrl: string): Promise<CustomerTransport> {
  const keep = (name: string, make: () => Promise<string>) => keepFile(join(dataDir, name), make);
  return openCustomerTransport(smtpUrl, await keepSigningKeys({ keep }, MAIL_DOMAINS));
}
