/** For the short commands: the configured database, or the sandbox that runs, or the sandbox's data at rest. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import { PurgedeskError } from '../domain/errors.ts';
import type { SandboxAddresses } from '../sandbox/sandbox.ts';
import { type Desk, openDesk } from './desk.ts';
import type { Environment } from './environment.ts';
import { makeLogger } from './log.ts';
import { openWholeDesk } from './open-desk.ts';

/** Opens a desk that reads and sends no mail of its own, runs `use`, and closes it. */
export async function withDesk<T>(use: (desk: Desk) => Promise<T>): Promise<T> {
  const config = loadConfig(process.env);
  const running = config.databaseUrl === null ? await runningSandbox(config) : null;
  if (running === null) {
    const opened = await openWholeDesk({ migrate: false, withoutMail: true, log: makeLogger('error') });
    try {
      return await use(opened.desk);
    } finally {
      await opened.close();
    }
  }
  const desk = openDesk(await besideSandbox(config, running));
  try {
    return await use(desk);
  } finally {
    await desk.close();
  }
}

/** Where the parts of a sandbox that runs are; `null` when none does. */
async function runningSandbox(config: Config): Promise<SandboxAddresses | null> {
  try {
    return JSON.parse(await readFile(join(config.dataDir, ADDRESSES_FILE), 'utf8')) as SandboxAddresses;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return null;
    throw error;
  }
}

/** The embedded database of a sandbox that runs; `null` also where its folder cannot be told or read. Never throws. */
export async function runningDatabaseUrl(env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    const { dataDir } = loadConfig({ ...(env.DATA_DIR === undefined ? {} : { DATA_DIR: env.DATA_DIR }) });
    const text = await readFile(join(dataDir, ADDRESSES_FILE), 'utf8');
    return (JSON.parse(text) as SandboxAddresses).databaseUrl;
  } catch {
    return null;
  }
}

/** @throws PurgedeskError PD_USAGE when no sandbox runs */
export async function needSandbox(): Promise<{
  readonly config: Config;
  readonly running: SandboxAddresses;
}> {
  const config = loadConfig(process.env);
  const running = await runningSandbox(config);
  if (running !== null) return { config, running };
  throw new PurgedeskError('PD_USAGE', `no sandbox runs on ${config.dataDir}`, {
    remedy: 'start one in another terminal: npm start',
  });
}

/** The same name as the sandbox writes; the sandbox itself is loaded only where it is started. */
const ADDRESSES_FILE = 'running.json';

async function besideSandbox(config: Config, running: SandboxAddresses): Promise<Environment> {
  const key = Buffer.from((await readFile(join(config.dataDir, 'secret-key'), 'utf8')).trim(), 'hex');
  return {
    databaseUrl: running.databaseUrl,
    mailboxes: [],
    desk: { name: config.desk.name, address: running.deskAddress, publicUrl: config.desk.publicUrl },
    key: config.secretKey?.reveal() ?? key,
    dnsServers: running.dnsServer === null ? null : [running.dnsServer],
    trustedReceivedBy: running.receivedBy === null ? config.trustedReceivedBy : [running.receivedBy],
    trustedAuthservId: config.trustedAuthservId,
    trustedSealers: config.trustedSealers,
    policy: running.isAllSandbox ? { ...config.policy, purgeEnabled: true } : config.policy,
    stores: config.stores.reveal(),
    http: config.http,
    suppressionToken: config.suppressionToken?.reveal() ?? null,
    webhooks: config.webhooks.reveal(),
    callbackHosts: config.callbackHosts,
    crashAt: config.crashAt,
    sandbox: null,
    isAllSandbox: running.isAllSandbox,
    log: makeLogger('error'),
  };
}
