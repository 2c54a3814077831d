/** One page again and again, and beside each time the same statements as the page sent them, without the desk. */
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type pg from 'pg';

/** A page by its name; each time another address, so that nothing is measured that was just read. */
export interface Measured {
  readonly name: string;
  readonly urlOf: (round: number) => string;
}

export interface Figures {
  readonly page: Spread;
  readonly sql: Spread;
  /** Median of the page by that of its statements. */
  readonly ratio: number;
  readonly statements: number;
  /** Tables of the desk that one of its plans reads from end to end. */
  readonly scans: readonly string[];
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

interface Statement {
  readonly sql: string;
  readonly bindings: readonly unknown[];
}

const WARM_UP = 10;
/** Smaller ones are read as a whole by right. */
const LARGE = [
  'tickets',
  'messages',
  'conversations',
  'ticket_events',
  'outbox',
  'parties',
  'challenges',
  'holds',
  'purge_steps',
  'workspaces',
  'members',
];

export async function measure(
  {
    app,
    db,
    client,
    cookie,
    rounds,
  }: {
    readonly app: FastifyInstance;
    readonly db: Knex;
    readonly client: pg.Client;
    readonly cookie: string;
    readonly rounds: number;
  },
  { urlOf }: Measured,
): Promise<Figures> {
  const page: number[] = [];
  const sql: number[] = [];
  let statements: Statement[] = [];
  const heard = (query: { sql: string; bindings?: unknown[] }) =>
    statements.push({ sql: query.sql, bindings: query.bindings ?? [] });
  db.on('query', heard);
  const scans = new Set<string>();
  for (let round = -WARM_UP; round < rounds; round += 1) {
    statements = [];
    const url = urlOf(round + WARM_UP);
    const begun = performance.now();
    const answer = await app.inject({ url, headers: { cookie } });
    const pageMs = performance.now() - begun;
    if (answer.statusCode !== 200 && answer.statusCode !== 303)
      throw new Error(`${url}: ${answer.statusCode}`);
    const sent = statements;
    const bare = performance.now();
    for (const { sql: text, bindings } of sent) await client.query(text, [...bindings]);
    const sqlMs = performance.now() - bare;
    if (round < 0) continue;
    page.push(pageMs);
    sql.push(sqlMs);
    if (round === 0) for (const table of await scannedBy(client, sent)) scans.add(table);
  }
  db.removeListener('query', heard);
  const spread = { page: spreadOf(page), sql: spreadOf(sql) };
  return {
    ...spread,
    ratio: spread.page.p50 / spread.sql.p50,
    statements: statements.length,
    scans: [...scans],
  };
}

async function scannedBy(client: pg.Client, statements: readonly Statement[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { sql, bindings } of statements) {
    if (!/^\s*(select|with)/i.test(sql)) continue;
    const { rows } = await client.query(`explain (format json) ${sql}`, [...bindings]);
    // A limit right above ends it after a few rows: the planner knows that nearly every row fits.
    if (/"Node Type":"Limit"[^[]*"Plans":\[\{"Node Type":"Seq Scan"/.test(JSON.stringify(rows[0]))) continue;
    for (const [, table = ''] of JSON.stringify(rows[0]).matchAll(
      /"Node Type":"Seq Scan"[^{}]*?"Relation Name":"(\w+)"/g,
    )) {
      if (LARGE.includes(table)) found.push(table);
    }
  }
  return found;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}
