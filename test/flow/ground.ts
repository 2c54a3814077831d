/** What all scenes of a file stand on: real servers, a name service, and databases to copy. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { importEntry } from '../../src/directory/import-entry.ts';
import { openCustomerDatabase } from '../../src/sandbox/customer-database.ts';
import { startDnsServer } from '../../src/sandbox/dns-server.ts';
import { MAIL_DOMAINS, SAMPLE_WORKSPACES } from '../../src/sandbox/samples.ts';
import { keepSigningKeys, mailZone, type SigningKeys } from '../../src/sandbox/signing.ts';
import { fillCompileCache } from '../support/compile-cache.ts';
import { roomForServers } from '../support/room.ts';
import { type Abroad, makeCertificate } from './certificate.ts';
import { runCommand, type Settings } from './desk-process.ts';
import { type Dovecot, startDovecot } from './dovecot.ts';
import { type PostgresServer, startPostgresServer } from './postgres-server.ts';

/** The customers' side and the desk's mail exchanger; its Received header is the one the desk believes. */
export const MX_NAME = 'mx.flow.test';
export const DESK_DOMAIN = 'desk.example';

export interface Ground {
  readonly folder: string;
  /** Where its servers are reached from other hosts; left out = on loopback only. */
  readonly abroad?: Abroad;
  readonly dovecot: Dovecot;
  readonly postgres: PostgresServer;
  readonly keys: SigningKeys;
  /** What every desk on this ground has in common. */
  readonly settings: Settings;
  stop(): Promise<void>;
}

/** Names of the databases that scenes copy; nobody stays connected to them. */
export const DESK_TEMPLATE = 'desk_template';
export const CUSTOMERS_TEMPLATE = 'customers_template';

/** @param address - of this host, where desks on other hosts reach the servers; loopback unless told */
export async function prepareGround(address?: string): Promise<Ground> {
  await fillCompileCache();
  const folder = await mkdtemp(join(await roomForServers(), 'purgedesk-flow-'));
  const parts: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part();
  };
  try {
    const abroad =
      address === undefined ? undefined : { address, certificate: await makeCertificate(folder, address) };
    const postgres = await startPostgresServer(folder, address);
    parts.push(() => postgres.stop());
    const dovecot = await startDovecot(folder, abroad);
    parts.push(() => dovecot.stop());
    const keys = await keepSigningKeys({ keep: (_name, make) => make() }, MAIL_DOMAINS);
    const dns = await startDnsServer(mailZone(MAIL_DOMAINS, keys, MX_NAME), address);
    parts.push(() => dns.stop());
    const settings = {
      SECRET_KEY: randomBytes(32).toString('hex'),
      PUBLIC_URL: 'http://127.0.0.1:8080',
      DNS_SERVERS: dns.address,
      TRUSTED_RECEIVED_BY: MX_NAME,
      PURGE_ENABLED: 'true',
      HTTP_PORT: '0',
      LOG_LEVEL: 'info',
      POLL_SECONDS: '5',
      DATA_DIR: join(folder, 'data'),
      PURGEDESK_CONFIG: join(folder, 'purgedesk.yaml'),
      ...(abroad === undefined ? {} : { NODE_EXTRA_CA_CERTS: abroad.certificate.certFile }),
    };
    await placeCustomers(postgres, settings.PURGEDESK_CONFIG);
    await placeDesk(postgres, dovecot, folder, settings);
    return { folder, dovecot, postgres, keys, settings, stop, ...(abroad === undefined ? {} : { abroad }) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The customers' rows, and the file that tells the desk where they are without telling it the password. */
async function placeCustomers(postgres: PostgresServer, configFile: string): Promise<void> {
  const until = new Date(new Date().toISOString().slice(0, 10));
  const customers = await openCustomerDatabase(postgres.urlOf('postgres'), {
    until,
    name: CUSTOMERS_TEMPLATE,
  });
  await customers.close();
  const stores = customers.stores.map((store) => ({ ...store, url: `\${CUSTOMERS_URL}` }));
  await writeFile(configFile, stringify({ stores }, { aliasDuplicateObjects: false }));
}

/** Schema and directory, by the commands that an operator uses. */
async function placeDesk(
  postgres: PostgresServer,
  dovecot: Dovecot,
  folder: string,
  settings: Settings,
): Promise<void> {
  const environment = {
    ...settings,
    DATABASE_URL: await postgres.createDatabase(DESK_TEMPLATE),
    CUSTOMERS_URL: postgres.urlOf(CUSTOMERS_TEMPLATE),
    IMAP_URL: await dovecot.addUser('template'),
    SMTP_URL: 'smtp://127.0.0.1:9',
    DESK_ADDRESS: `template@${DESK_DOMAIN}`,
  };
  const file = join(folder, 'directory.json');
  await writeFile(file, JSON.stringify(directory()));
  for (const args of [['migrate'], ['directory', 'import', file]]) {
    const { code, output } = await runCommand(environment, ...args);
    if (code !== 0) throw new Error(`purgedesk ${args.join(' ')} failed (${code}):\n${output}`);
  }
}

/** The living sample workspaces that nothing stands in the way of, as docs/directory.md writes them. */
function directory(): object {
  const plain = SAMPLE_WORKSPACES.filter(
    (workspace) => workspace.deletedAt === null && workspace.blockers.length === 0,
  );
  return { workspaces: plain.map((workspace) => importEntry(workspace)) };
}
