import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import PQueue from 'p-queue';
import { migrate } from '../src/db/migrator.ts';
import { importDirectory } from '../src/directory/import.ts';
import { commitBatch, openMailbox } from '../src/ingest/mailbox-store.ts';
import { handlePending } from '../src/ingest/message-queue.ts';
import { parseMessage } from '../src/ingest/parse-message.ts';
import { startDnsServer } from '../src/sandbox/dns-server.ts';
import { startPostgres } from '../src/sandbox/postgres.ts';
import { authenticateMessage } from '../src/verify/authentication.ts';
import { makeResolver } from '../src/verify/resolver.ts';
import { openBenchDesk } from './desk.ts';
import { signedMails } from './mails.ts';
import { line, median, timed } from './report.ts';

const MAILS = 600;
const SENDERS = 200;
const RUNS = 3;
const BATCH = 100;

/**
 * Committed tickets a second, from raw mails to tickets with their replies in the outbox, beside a bare pipeline in the
 * same run: parse, authenticate, one insert a batch, no product logic. IMAP and SMTP are left out of both.
 */
export async function benchStages(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-bench-'));
  const server = await startPostgres({ dataDir: join(folder, 'postgres') });
  const now = new Date();
  const batch = await signedMails(MAILS * (RUNS + 1), SENDERS, now);
  const dns = await startDnsServer(batch.zone);
  const desk = openBenchDesk(server.url, dns.address);
  try {
    await migrate(desk.db, server.url);
    await desk.db.raw('create table bare (id bigserial primary key, raw bytea, facts jsonb)');
    await importDirectory(desk.db, workspaces(batch.senders), { dryRun: false });
    const mailboxId = await openMailbox(desk.db, 'bench', 'INBOX');
    const bare: number[] = [];
    const whole: number[] = [];
    for (let run = 0; run <= RUNS; run += 1) {
      const raws = batch.raws.slice(run * MAILS, (run + 1) * MAILS);
      const bareMs = await timed(() => barePipeline(desk.db, raws, dns.address));
      const wholeMs = await timed(async () => {
        await commit(desk.db, mailboxId, raws, run);
        await handlePending(desk.ingest, new AbortController().signal);
      });
      if (run === 0) continue; // the first run warms up
      bare.push((MAILS / bareMs) * 1_000);
      whole.push((MAILS / wholeMs) * 1_000);
    }
    const tickets = await desk
      .db('tickets')
      .where({ state: 'verifying' })
      .count<{ count: number }[]>('id as count');
    console.log(line('bare pipeline', bare, 'mails/s'));
    console.log(line('raw mail to ticket and queued reply', whole, 'mails/s'));
    console.log(
      `ratio ${(median(whole) / median(bare)).toFixed(2)}; ${tickets[0]?.count ?? 0} tickets wait for their code`,
    );
    console.log(`peak RSS ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, bench data included`);
  } finally {
    await desk.close();
    await dns.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function commit(db: Knex, mailboxId: number, raws: readonly Buffer[], run: number): Promise<void> {
  for (let at = 0; at < raws.length; at += BATCH) {
    const first = run * MAILS + at + 1;
    const mails = raws
      .slice(at, at + BATCH)
      .map((raw, index) => ({ uid: first + index, raw, sizeBytes: raw.length, internalDate: null }));
    await commitBatch(
      db,
      { mailboxId, token: 0 },
      { uidValidity: '1', throughUid: first + mails.length - 1, mails },
    );
  }
}

async function barePipeline(db: Knex, raws: readonly Buffer[], dns: string): Promise<void> {
  const resolver = makeResolver([dns]);
  for (let at = 0; at < raws.length; at += BATCH) {
    const queue = new PQueue({ concurrency: 8 });
    const rows = await queue.addAll(
      raws.slice(at, at + BATCH).map((raw) => async () => {
        await parseMessage(raw);
        const evidence = await authenticateMessage(raw, 'owner0@customers.example', {
          resolver,
          trustedReceivedBy: [],
          trustedAuthservId: null,
          now: new Date(),
          deskAddresses: ['privacy@desk.example'],
        });
        return { raw, facts: JSON.stringify(evidence) };
      }),
    );
    await db('bare').insert(rows);
  }
}

const workspaces = (senders: readonly string[]) =>
  senders.map((address, index) => ({
    id: `bench${index}`,
    slug: `bench-${index}`,
    name: `Bench ${index}`,
    createdAt: new Date('2020-01-01T00:00:00Z'),
    deletedAt: null,
    members: [{ address, role: 'owner' as const }],
    sources: [{ id: `src_${index}`, name: 'Website Prod' }],
    spaces: [],
    projects: [],
    blockers: [],
  }));
