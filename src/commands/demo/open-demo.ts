/** A whole desk of its own in a temporary folder, on samples only, whatever is configured outside. */
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccess } from '../../console/access/sessions.ts';
import { startConsole } from '../../console/server.ts';
import { consoleAreas } from '../console/areas.ts';
import { consolePorts } from '../console-ports.ts';
import { lineLog, makeLogger } from '../log.ts';
import { type OpenedDesk, openWholeDesk } from '../open-desk.ts';
import { runDesk } from '../run-desk.ts';
import type { Checks } from './checks.ts';
import type { Narrator } from './narrator.ts';
import { openStage, type Stage, type StageParts } from './stage.ts';

export interface OpenedDemo {
  readonly stage: Stage;
  readonly consoleUrl: string;
}

/**
 * Opens everything, runs `play`, and closes and removes everything, however `play` ended.
 * @param options.isVerbose - the desk's own log goes to standard error
 */
export async function withDemo<T>(
  options: {
    readonly narrator: Narrator;
    readonly checks: Checks;
    readonly abort: AbortController;
    readonly isVerbose: boolean;
  },
  play: (demo: OpenedDemo) => Promise<T>,
): Promise<T> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    return await play(await open(options, closers));
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function open(
  { narrator, checks, abort, isVerbose }: Parameters<typeof withDemo>[0],
  closers: (() => Promise<unknown>)[],
): Promise<OpenedDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-demo-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711); // as root the database runs under another account
  const port = await holdPort();
  closers.push(() => port.release());
  const log = makeLogger(isVerbose ? 'debug' : 'error');
  const opened = await openWholeDesk({
    migrate: true,
    log,
    dataDir: folder,
    env: await samplesOnly(folder, port.url),
  });
  closers.push(() => opened.close());
  abort.signal.throwIfAborted();
  const { desk, environment } = opened;
  const running = await runDesk(desk, (error) => abort.abort(error));
  closers.push(() => running.stop());
  await port.release();
  const web = await startConsole({
    host: environment.http.host,
    port: port.number,
    ports: consolePorts(desk),
    access: openAccess(desk.db, { hasSamples: true }),
    areas: consoleAreas(desk),
    publicUrl: environment.desk.publicUrl,
    log: lineLog(log),
  });
  closers.push(() => web.close());
  return { stage: await stageOf(opened, { narrator, checks, signal: abort.signal }), consoleUrl: web.url };
}

async function stageOf(
  { desk, environment }: OpenedDesk,
  parts: Pick<StageParts, 'narrator' | 'checks' | 'signal'>,
): Promise<Stage> {
  const { sandbox } = environment;
  if (sandbox?.mail == null || sandbox.customerDatabase === null)
    throw new TypeError('the sandbox is not whole');
  const { PEOPLE, readInbox } = await import('../../sandbox/sandbox.ts');
  return openStage({
    ...parts,
    desk,
    mail: sandbox.mail,
    customers: sandbox.customerDatabase,
    people: PEOPLE,
    readInbox,
    setClockOffset: (ms) => sandbox.setClockOffset(ms),
  });
}

/** Backups with an end, so that a story can come to it; and the tickets are not forgotten before they are summed up. */
const POLICY = {
  contextRetentionDays: 90,
  residue: [
    {
      category: 'backups',
      what: 'Backup copies',
      why: 'they let us restore the service after a failure',
      rollingDays: 35,
    },
    {
      category: 'finance',
      what: 'Invoice and tax records',
      why: 'financial law obliges us to keep them',
      legalBasis: '§ 147 AO',
      retentionDays: 3650,
    },
  ],
};

/** Nothing of the real environment, and a purgedesk.yaml of its own instead of one that lies around. */
async function samplesOnly(folder: string, consoleUrl: string): Promise<NodeJS.ProcessEnv> {
  const yaml = join(folder, 'purgedesk.yaml');
  await writeFile(yaml, JSON.stringify({ policy: POLICY }));
  return { PURGEDESK_CONFIG: yaml, PUBLIC_URL: consoleUrl, DESK_NAME: 'Data protection desk' };
}

/** A free port of 127.0.0.1, kept from other processes until it is used: its number stands in links before that. */
async function holdPort(): Promise<{ number: number; url: string; release(): Promise<void> }> {
  const holder = createServer();
  holder.listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  let released: Promise<void> | undefined;
  return {
    number: port,
    url: `http://127.0.0.1:${port}`,
    release: () => {
      released ??= new Promise((resolve) => holder.close(() => resolve()));
      return released;
    },
  };
}
