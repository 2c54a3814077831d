import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { consoleAreas } from '../src/commands/console/areas.ts';
import { consolePorts } from '../src/commands/console-ports.ts';
import { SESSION_COOKIE } from '../src/console/access/guard.ts';
import { openAccess, startSession } from '../src/console/access/sessions.ts';
import { buildConsole } from '../src/console/server.ts';
import { migrate } from '../src/db/migrator.ts';
import { startPostgres } from '../src/sandbox/postgres.ts';
import { fill } from './console/fill.ts';
import { type Measured, measure } from './console/measure.ts';
import { openBenchDesk } from './desk.ts';

const TICKETS = 1_000_000;
const ROUNDS = 150;
/** What a page may cost at most: beside its statements, and at all. */
const RATIO_MAX = 2.5;
const P95_MAX_MS = 50;
const SETTINGS = ["shared_buffers = '1GB'", "maintenance_work_mem = '512MB'", "max_wal_size = '8GB'"];

/**
 * Server time of pages for agents on a desk of many tickets, beside that of the statements which they send.
 * @param tickets - a million unless told
 */
export async function benchConsole(tickets = TICKETS): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'purgedesk-console-'));
  await chmod(folder, 0o711);
  const server = await serverIn(join(folder, 'postgres'));
  const desk = openBenchDesk(server.url, '127.0.0.1:1');
  const app = await buildConsole({
    ports: consolePorts(desk),
    access: openAccess(desk.db),
    areas: consoleAreas(desk),
    publicUrl: 'http://127.0.0.1',
    log: (...line) => console.log(...line),
  });
  const client = new pg.Client({ connectionString: server.url });
  try {
    await migrate(desk.db, server.url);
    await desk.db.raw(
      `insert into agents (name, plain_name, role) select 'Agent ' || n, 'agent' || n, 'agent' from generate_series(1, 20) n`,
    );
    await fill(desk.db, tickets);
    await client.connect();
    const size = await client.query('select pg_size_pretty(pg_database_size(current_database())) as size');
    console.log(`${tickets.toLocaleString('en')} tickets, ${size.rows[0].size}`);
    const cookie = `${SESSION_COOKIE}=${await startSession(desk.db, 1)}`;
    const setting = { app, db: desk.db, client, cookie, rounds: ROUNDS };
    console.log('page | p50 ms | p95 ms | its SQL p50 | p95 | ratio | statements | whole tables read');
    for (const page of pages(tickets)) {
      const found = await measure(setting, page);
      const { page: whole, sql } = found;
      const ms = (value: number) => value.toFixed(1);
      console.log(
        [
          page.name,
          ms(whole.p50),
          ms(whole.p95),
          ms(sql.p50),
          ms(sql.p95),
          found.ratio.toFixed(2),
          found.statements,
          found.scans.join(' ') || 'none',
        ].join(' | '),
      );
      if (whole.p95 > P95_MAX_MS || found.ratio > RATIO_MAX || found.scans.length > 0) process.exitCode = 1;
    }
  } finally {
    await client.end();
    await app.close();
    await desk.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function serverIn(dataDir: string) {
  const first = await startPostgres({ dataDir, fast: true });
  const client = new pg.Client({ connectionString: first.url });
  await client.connect();
  for (const setting of SETTINGS) await client.query(`alter system set ${setting}`);
  await client.end();
  await first.stop();
  return startPostgres({ dataDir, fast: true });
}

function pages(tickets: number): readonly Measured[] {
  const some = (round: number) => 1 + ((round * 7_919 + 13) % tickets);
  return [
    { name: 'queue, as it opens', urlOf: () => '/queue' },
    { name: 'queue, in progress', urlOf: () => '/queue?tab=progress' },
    { name: 'queue, all by urgency', urlOf: () => '/queue?tab=all' },
    { name: 'queue, newest', urlOf: () => '/queue?tab=all&sort=newest' },
    {
      name: 'queue, deep in it',
      urlOf: (round) => `/queue?tab=all&sort=newest&after=0-${some(round)}-${some(round)}`,
    },
    { name: 'queue, one scope, closed', urlOf: () => '/queue?tab=closed&scope=account' },
    {
      name: 'queue, one workspace',
      urlOf: (round) => `/queue?tab=all&workspace=company-${1 + (some(round) % (tickets / 20))}`,
    },
    { name: 'queue, rare language', urlOf: () => '/queue?tab=all&language=ja' },
    { name: 'queue, held for, mine', urlOf: () => '/queue?hold=step_failed&assignee=me' },
    { name: 'queue, expired, rare language', urlOf: () => '/queue?tab=closed&state=expired&language=ja' },
    { name: 'search, rare word', urlOf: (round) => `/search?q=code${some(round) % 50_000}` },
    { name: 'search, word of every mail', urlOf: () => '/search?q=history' },
    { name: 'search, two words', urlOf: (round) => `/search?q=invoice+${some(round) % 5_000}` },
    {
      name: 'search, address',
      urlOf: (round) =>
        `/search?q=owner${1 + (some(round) % (tickets / 20))}%40company${1 + (some(round) % (tickets / 20))}.example`,
    },
    {
      name: 'search, workspace',
      urlOf: (round) => `/search?q=company-${1 + (some(round) % (tickets / 20))}`,
    },
    { name: 'ticket', urlOf: (round) => `/tickets/PD-${some(round)}` },
  ];
}
