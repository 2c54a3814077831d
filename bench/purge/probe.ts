/** A process of its own: what the queries of other tenants take, asked at a fixed rate from 4 connections. */
import pg from 'pg';

export type ProbeOrder =
  | {
      readonly type: 'start';
      readonly url: string;
      readonly workspaces: readonly string[];
      readonly rows: number;
    }
  | { readonly type: 'stop' };

const EVERY_MS = 5;
const CONNECTIONS = 4;

let pool: pg.Pool | null = null;
let timer: NodeJS.Timeout | undefined;
let pending: Promise<unknown>[] = [];
let took: number[] = [];
let count = 0;

process.on('message', async (order: ProbeOrder) => {
  if (order.type === 'stop') {
    clearInterval(timer);
    await Promise.all(pending);
    await pool?.end();
    process.send?.(took);
    return;
  }
  const { url, workspaces, rows } = order;
  const opened = new pg.Pool({ connectionString: url, max: CONNECTIONS, min: CONNECTIONS });
  pool = opened;
  took = [];
  pending = [];
  await Promise.all(Array.from({ length: CONNECTIONS }, () => opened.query('select 1')));
  process.send?.('ready');
  timer = setInterval(() => {
    const workspace = workspaces[count % workspaces.length] ?? '';
    const { sql, values } = queryAt(count, workspace, rows);
    count += 1;
    const begun = performance.now();
    pending.push(opened.query(sql, values).then(() => took.push(performance.now() - begun)));
  }, EVERY_MS);
});

/** Points and ranges by turns: an event, a person, the latest of a source, an hour of a source. */
function queryAt(at: number, workspace: string, rows: number): { sql: string; values: unknown[] } {
  // The same walk each time, all over the tables: a prime step meets everything once.
  const n = 1 + ((at * 7_919) % Math.floor(rows / 20));
  switch (at % 4) {
    case 0:
      return { sql: 'select * from events where id = $1 and workspace_id = $2', values: [n, workspace] };
    case 1:
      return {
        sql: 'select * from people where workspace_id = $1 and id > $2 order by id limit 20',
        values: [workspace, `person_${n}`],
      };
    case 2:
      return { sql: `${RANGE} order by received_at desc limit 50`, values: [workspace, 'src_1', n] };
    default:
      return { sql: `${RANGE} order by received_at limit 50`, values: [workspace, 'src_2', n] };
  }
}

const RANGE = `
  select * from events where workspace_id = $1 and source_id = $2
    and received_at >= timestamptz '2024-01-01Z' + $3 * interval '1 second'
    and received_at < timestamptz '2024-01-01Z' + ($3 + 3600) * interval '1 second'`;
