import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { migrate } from '../src/db/migrator.ts';
import { importDirectory } from '../src/directory/import.ts';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';
import { commitBatch, openMailbox } from '../src/ingest/mailbox-store.ts';
import { handlePending } from '../src/ingest/message-queue.ts';
import { startDnsServer } from '../src/sandbox/dns-server.ts';
import { startPostgres } from '../src/sandbox/postgres.ts';
import { openBenchDesk } from './desk.ts';
import { signedMails } from './mails.ts';
import { stormMail } from './storm-mails.ts';

const MAILS = 5_000;
const BATCH = 100;
const FORGED_OWNERS = 40;

/**
 * A storm of loops, bounces, copies, forged and strange mails with one signed mail of an owner in the middle, from
 * committed rows to decisions and queued mails. IMAP and SMTP are left out. Exits with 1 when a budget is broken or the
 * owner is not answered.
 */
export async function benchStorm(mails = MAILS): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-storm-'));
  const server = await startPostgres({ dataDir: join(folder, 'postgres') });
  const now = new Date();
  const owner = await signedMails(1, 1, now);
  const dns = await startDnsServer(owner.zone);
  const desk = openBenchDesk(server.url, dns.address);
  try {
    await migrate(desk.db, server.url);
    await importDirectory(desk.db, directory(owner.senders[0] ?? ''), { dryRun: false });
    const mailboxId = await openMailbox(desk.db, 'storm', 'INBOX');
    await commitStorm(desk.db, mailboxId, { mails, owners: owner.raws[0] ?? Buffer.alloc(0), now });
    const rssStart = process.memoryUsage().rss;
    const watch = watchFor(desk.db, owner.senders[0] ?? '');
    const start = performance.now();
    await handlePending(desk.ingest, new AbortController().signal);
    const seconds = (performance.now() - start) / 1_000;
    const seen = await watch.stop();
    console.log(`${mails} mails in ${seconds.toFixed(1)} s: ${Math.round(mails / seconds)} mails/s`);
    const quarters = [1, 2, 3, 4].map((part) => megabytes(Math.max(...quarterOf(seen.rss, part))));
    console.log(
      `RSS ${megabytes(rssStart)} MB at the start; peaks of the quarters ${quarters.join(', ')} MB`,
    );
    console.log(
      seen.answeredMs === null
        ? 'the owner was NOT answered'
        : `the owner, mail ${mails / 2}, was answered after ${(seen.answeredMs / 1_000).toFixed(1)} s`,
    );
    const kept = await report(desk.db);
    if (!kept || seen.answeredMs === null) process.exitCode = 1;
  } finally {
    await desk.close();
    await dns.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const quarterOf = (values: readonly number[], part: number): readonly number[] => {
  const size = Math.ceil(values.length / 4);
  return values.slice((part - 1) * size, part * size);
};

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

async function commitStorm(
  db: Knex,
  mailboxId: number,
  { mails: count, owners, now }: { mails: number; owners: Buffer; now: Date },
): Promise<void> {
  for (let at = 0; at < count; at += BATCH) {
    const mails = Array.from({ length: BATCH }, (_, index) => {
      const raw = at + index === count / 2 ? owners : stormMail(at + index, now);
      return { uid: at + index + 1, raw, sizeBytes: raw.length, internalDate: null };
    });
    await commitBatch(db, { mailboxId, token: 0 }, { uidValidity: '1', throughUid: at + BATCH, mails });
  }
}

/** Looks on while the storm is handled: memory, and when a mail to this address is queued. */
function watchFor(db: Knex, address: string) {
  const start = performance.now();
  let answeredMs: number | null = null;
  const rss: number[] = [];
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    rss.push(process.memoryUsage().rss);
    if (answeredMs !== null) return;
    const found = await db('outbox').select('id').where({ recipient: address }).first();
    if (found !== undefined) answeredMs = performance.now() - start;
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, 250);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      await look();
      return { answeredMs, rss };
    },
  };
}

type Row = { readonly count: string } & Readonly<Record<string, string>>;

/** Prints what became of the mails and what went out. @returns whether every budget was kept */
async function report(db: Knex): Promise<boolean> {
  const by = async (table: string, column: string) =>
    (await db(table).select(column).count('* as count').groupBy(column).orderBy('count', 'desc')) as Row[];
  const list = (rows: readonly Row[], column: string) =>
    rows.map((row) => `${row[column]} ${row.count}`).join(', ');
  console.log(`what became of them: ${list(await by('messages', 'disposition'), 'disposition')}`);
  console.log(`mails out: ${list(await by('outbox', 'template'), 'template')}`);
  const [most] = await by('outbox', 'recipient_hash');
  const perAddress = Number(most?.count ?? 0);
  const [all] = await db('outbox').count<{ count: string }[]>('* as count');
  const [toSee] = await db('messages').where({ needs_agent: true }).count<{ count: string }[]>('* as count');
  const total = Number(all?.count ?? 0);
  console.log(
    `${total} in all, at most ${perAddress} to one address; ${toSee?.count ?? 0} mails for the agents`,
  );
  return total <= DEFAULT_POLICY.repliesAnHour && perAddress <= 5;
}

function directory(owner: string) {
  const workspace = (slug: string, address: string) => ({
    id: slug.replace('-', ''),
    slug,
    name: slug,
    createdAt: new Date('2020-01-01T00:00:00Z'),
    deletedAt: null,
    members: [{ address, role: 'owner' as const }],
    sources: [{ id: `src_${slug}`, name: 'Website Prod' }],
    spaces: [],
    projects: [],
    blockers: [],
  });
  const forged = Array.from({ length: FORGED_OWNERS }, (_, index) =>
    workspace(`plain-${index}`, `owner${index}@plain.example`),
  );
  return [workspace('bench-0', owner), ...forged];
}
