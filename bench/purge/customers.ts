/** What customers have in a database: three tables in which the rows of ten or more workspaces lie mixed. */
import pg from 'pg';
import type { StoreDefinition } from '../../src/purge/catalogue.ts';
import { storeSchema } from '../../src/purge/catalogue.ts';

/** Of a workspace's rows, this share lies in each table; in the order of deletion. */
export const TABLES = [
  { name: 'deliveries', share: 0.3 },
  { name: 'events', share: 0.6 },
  { name: 'people', share: 0.1 },
] as const;

/** How many rows of each workspace there are in all tables together. */
export type Sizes = ReadonlyMap<string, number>;

/** Workspaces of one size. */
export const equalSizes = (count: number, rows: number): Sizes =>
  new Map(Array.from({ length: count }, (_, index) => [`ws_${index}`, rows]));

/**
 * The three tables with their usual indexes: a child with random keys that is indexed by workspace alone, events by
 * workspace, source and time, people by workspace and id. Rows come in the order of arrival, not by workspace.
 */
export async function fillCustomers(url: string, sizes: Sizes): Promise<void> {
  await Promise.all([
    onDatabase(url, async (client) => {
      await client.query(`begin; ${CREATE_EVENTS}; ${insertEvents(sizes)}; commit`);
      await client.query(INDEX_EVENTS);
    }),
    onDatabase(url, async (client) => {
      await client.query(`begin; ${CREATE_OTHERS}; ${insertOthers(sizes)}; commit`);
      await client.query(INDEX_OTHERS);
    }),
  ]);
  await onDatabase(url, (client) => client.query('vacuum (analyze)'));
}

export async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A checksum over all rows of everybody else. */
export const othersFingerprint = (url: string, workspace: string): Promise<string> =>
  onDatabase(url, async (client) => {
    const sums: string[] = [];
    for (const { name } of TABLES) {
      const found = await client.query<{ sum: string }>(
        `select concat(count(*), ' ', sum(hashtextextended(cast(t as text), 0))) as sum from ${name} t
         where workspace_id <> $1`,
        [workspace],
      );
      sums.push(`${name} ${found.rows[0]?.sum}`);
    }
    return sums.join(', ');
  });

export function customersStore(url: string): StoreDefinition {
  const column = { id: 'id', workspace: 'workspace_id' };
  return storeSchema.parse({
    name: 'archive',
    kind: 'postgres',
    url,
    scopes: ['workspace'],
    tables: TABLES.map(({ name }) => ({ table: `public.${name}`, ...column })),
  });
}

const CREATE_EVENTS = `
  create table events (
    id bigint generated always as identity, workspace_id text not null, source_id text not null, user_id text,
    event text not null, received_at timestamptz not null, properties jsonb not null)`;

const CREATE_OTHERS = `
  create table deliveries (
    id uuid not null default gen_random_uuid(), workspace_id text not null, event_id bigint not null,
    status smallint not null, sent_at timestamptz not null);
  create table people (id text not null, workspace_id text not null, email text, traits jsonb)`;

const INDEX_EVENTS = `
  alter table events add primary key (id);
  create index on events (workspace_id, source_id, received_at)`;

const INDEX_OTHERS = `
  alter table deliveries add primary key (id);
  create index on deliveries (workspace_id);
  alter table people add primary key (id);
  create index on people (workspace_id, id)`;

/** `w` and `n` of every row: workspaces take turns, each with its own share of the turns. */
function turns(sizes: Sizes, share: number): string {
  const each = [...sizes].map(
    ([workspace, rows]) =>
      `select '${workspace}' as w, n, n / ${Math.round(rows * share)}::float8 as turn
       from generate_series(1, ${Math.round(rows * share)}) n`,
  );
  const isEven = new Set(sizes.values()).size === 1;
  if (!isEven) return `(select w, n from (${each.join(' union all ')}) mixed order by turn) arrived`;
  const total = Math.round([...sizes.values()].reduce((sum, rows) => sum + rows, 0) * share);
  return `(select 'ws_' || n % ${sizes.size} as w, n from generate_series(1, ${total}) n) arrived`;
}

const insertEvents = (sizes: Sizes): string => `
  insert into events (workspace_id, source_id, user_id, event, received_at, properties)
  select w, 'src_' || n / 7 % 3, 'user_' || n % 50000, case n % 4 when 0 then 'Signed Up' else 'Page Viewed' end,
    timestamptz '2024-01-01Z' + n * interval '1 second', jsonb_build_object('path', '/page/' || n % 1000, 'n', n)
  from ${turns(sizes, 0.6)}`;

const insertOthers = (sizes: Sizes): string => `
  insert into deliveries (workspace_id, event_id, status, sent_at)
  select w, n * 2, n % 5, timestamptz '2024-01-01Z' + n * interval '2 seconds' from ${turns(sizes, 0.3)};
  insert into people (id, workspace_id, email, traits)
  select 'person_' || n || '_' || w, w, 'p' || n || '@people.example', jsonb_build_object('plan', n % 5)
  from ${turns(sizes, 0.1)}`;
