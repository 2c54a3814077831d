/** Real servers, and desks and bare pipelines as processes of their own. */
import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { openDatabase } from '../../src/db/connection.ts';
import { migrate } from '../../src/db/migrator.ts';
import { importDirectory } from '../../src/directory/import.ts';
import { startDnsServer } from '../../src/sandbox/dns-server.ts';
import { ensureDatabase, startPostgres } from '../../src/sandbox/postgres.ts';
import { startDovecot } from '../../test/flow/dovecot.ts';
import { type MailMaker, mailMaker, senderAddress } from '../mails.ts';
import type { BareOrder } from './bare.ts';
import type { SinkNews, SinkOrder } from './sink.ts';

/** As bench/ingest/tsconfig.json says: what is measured runs as it is installed. */
const BUILT = '../../.purgedesk/bench-ingest/';
const built = (file: string): string => fileURLToPath(new URL(`${BUILT}${file}`, import.meta.url));

export interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly maker: MailMaker;
  /** Roots of the processes whose cost is told apart. */
  readonly servers: { readonly postgres: number; readonly dovecot: number; readonly sink: number };
  /** The sink's next word that so many mails are answered; to be asked for before they are sent. */
  answered(mails: number): Promise<Extract<SinkNews, { type: 'complete' }>>;
  /** A database for a desk, with so many customers. @returns its URL */
  deskDatabase(name: string, senders: number): Promise<string>;
  /** What the desks on one database and one mailbox have in common. */
  party(name: string, databaseUrl: string): Promise<Party>;
  bareDatabase(): Promise<string>;
}

/** Mailboxes and a database, and the processes that serve them. */
export interface Party {
  /** The accounts of the mailboxes: one for all desks, one for each bare pipeline. */
  readonly users: readonly string[];
  readonly databaseUrl: string;
  readonly processes: readonly ChildProcess[];
  startDesk(nodeOptions?: readonly string[]): Promise<void>;
  startBare(): Promise<void>;
  /** The end of what they said. */
  said(): Promise<string>;
  stop(): Promise<void>;
}

/** The budgets of replies are for floods; here each mail is one that must be answered. */
const POLICY = { repliesAnHour: 100_000, repliesADomain: 100_000, repliesAThread: 100 };
const ADDRESS = 'privacy@desk.example';
const START_MS = 60_000;

export async function prepareGround(): Promise<Ground> {
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url)),
    '-p',
    fileURLToPath(new URL('.', import.meta.url)),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-ingest-'));
  const parts: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const part of parts.splice(0).reverse()) await part();
  };
  try {
    await chmod(folder, 0o711);
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    parts.push(() => postgres.stop());
    const dovecot = await startDovecot(folder);
    parts.push(() => dovecot.stop());
    const maker = mailMaker(new Date());
    const dns = await startDnsServer(maker.zone);
    parts.push(() => dns.stop());
    const sink = fork(built('bench/ingest/sink.js'));
    parts.push(() => end(sink));
    sink.send({ type: 'listen' } satisfies SinkOrder);
    const listening = await news(sink, 'listening');
    const config = join(folder, 'purgedesk.yaml');
    await writeFile(config, stringify({ policy: POLICY }));
    const common = {
      SMTP_URL: `smtp://127.0.0.1:${listening.port}`,
      DESK_ADDRESS: ADDRESS,
      SECRET_KEY: '07'.repeat(32),
      PUBLIC_URL: 'http://127.0.0.1:8080',
      DNS_SERVERS: dns.address,
      HTTP_PORT: '0',
      LOG_LEVEL: 'info',
      PURGEDESK_CONFIG: config,
      DATA_DIR: join(folder, 'data'),
    };
    return {
      folder,
      maker,
      servers: { postgres: postgres.pid, dovecot: await masterOf(folder), sink: sink.pid ?? 0 },
      answered: (mails) => {
        sink.send({ type: 'expect', mails } satisfies SinkOrder);
        return news(sink, 'complete');
      },
      deskDatabase: async (name, senders) => {
        const url = await ensureDatabase(postgres.url, name);
        await onDatabase(url, async (db) => {
          await migrate(db, url);
          if (senders > 0) await importDirectory(db, workspaces(senders), { dryRun: false, force: true });
        });
        return url;
      },
      bareDatabase: async () => {
        const url = await ensureDatabase(postgres.url, 'bare');
        await onDatabase(url, (db) => db.raw(BARE_TABLE));
        return url;
      },
      party: async (name, databaseUrl) => {
        const settings = { ...common, DATABASE_URL: databaseUrl };
        const party = partyOf(name, folder, settings, (user) => dovecot.addUser(user));
        parts.push(() => party.stop());
        return party;
      },
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const BARE_TABLE = `
  create table bare (id bigserial primary key, uid bigint, hash text, author text, subject text, facts jsonb, raw bytea);
  create index on bare (hash); create index on bare (author); create index on bare (uid)`;

type PartySettings = Readonly<Record<'SMTP_URL' | 'DATABASE_URL' | 'DNS_SERVERS', string>>;

function partyOf(
  name: string,
  folder: string,
  settings: PartySettings,
  addUser: (name: string) => Promise<string>,
): Party {
  const log = join(folder, `${name}.log`);
  const users: string[] = [];
  let imapUrl: string | null = null;
  const processes: ChildProcess[] = [];
  const said = async () => (await readFile(log, 'utf8').catch(() => '')).slice(-4_000);
  const untilReady = async (child: ChildProcess, ready: () => Promise<boolean>) => {
    for (const deadline = Date.now() + START_MS; !(await ready()); await sleep(50)) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`a process of this bench did not start:\n${await said()}`);
    }
  };
  return {
    users,
    databaseUrl: settings.DATABASE_URL,
    processes,
    said,
    startDesk: async (nodeOptions = []) => {
      if (imapUrl === null) {
        users.push(name);
        imapUrl = await addUser(name);
      }
      const file = openSync(log, 'a');
      const child = spawn(process.execPath, [...nodeOptions, built('src/bin.js'), 'serve'], {
        // As the units under deploy/ start it.
        env: {
          PATH: process.env.PATH ?? '',
          NODE_OPTIONS: '--max-semi-space-size=8',
          ...settings,
          IMAP_URL: imapUrl,
        },
        stdio: ['ignore', file, file],
      });
      processes.push(child);
      const count = processes.length;
      await untilReady(
        child,
        async () => (await readFile(log, 'utf8')).split('purgedesk is running').length > count,
      );
    },
    startBare: async () => {
      const user = `${name}${users.length + 1}`;
      users.push(user);
      const child = fork(built('bench/ingest/bare.js'));
      processes.push(child);
      let isReady = false;
      child.once('message', () => {
        isReady = true;
      });
      child.send({
        imapUrl: await addUser(user),
        smtpUrl: settings.SMTP_URL,
        databaseUrl: settings.DATABASE_URL,
        dnsServer: settings.DNS_SERVERS,
      } satisfies BareOrder);
      await untilReady(child, async () => isReady);
    },
    stop: async () => {
      await Promise.all(processes.splice(0).map((child) => end(child)));
    },
  };
}

/** @throws when the process ends before it says so */
async function news<Type extends SinkNews['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<SinkNews, { type: Type }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<SinkNews, { type: Type }>>();
  const hear = (message: SinkNews) => {
    if (message.type === type) resolve(message as Extract<SinkNews, { type: Type }>);
  };
  const gone = () => reject(new Error('the sink ended early'));
  child.on('message', hear).once('exit', gone);
  try {
    return await promise;
  } finally {
    child.off('message', hear).off('exit', gone);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function onDatabase(
  url: string,
  work: (db: ReturnType<typeof openDatabase>) => PromiseLike<unknown>,
): Promise<void> {
  const db = openDatabase(url, { poolMax: 2 });
  try {
    await work(db);
  } finally {
    await db.destroy();
  }
}

const masterOf = async (folder: string): Promise<number> =>
  Number((await readFile(join(folder, 'dovecot', 'run', 'master.pid'), 'utf8')).trim());

const workspaces = (senders: number) =>
  Array.from({ length: senders }, (_, sender) => ({
    id: `bench${sender}`,
    slug: `bench-${sender}`,
    name: `Bench ${sender}`,
    createdAt: new Date('2020-01-01T00:00:00Z'),
    deletedAt: null,
    members: [{ address: senderAddress(sender), role: 'owner' as const }],
    sources: [{ id: `src_${sender}`, name: 'Website Prod' }],
    spaces: [],
    projects: [],
    blockers: [],
  }));
