import pg from 'pg';
import type { Scope } from '../domain/request.ts';
import { ensureDatabase } from './postgres.ts';
import { SAMPLE_WORKSPACES } from './samples.ts';

/** A store as purgedesk.yaml describes it; the purge stage owns and checks the schema. */
interface StoreDescription {
  readonly name: string;
  readonly kind: 'postgres';
  readonly url: string;
  readonly archive: boolean;
  readonly scopes: Scope[];
  readonly tables: TableDescription[];
}

interface TableDescription {
  readonly table: string;
  readonly id: string;
  readonly workspace: string;
  readonly source?: string;
  readonly space?: string;
  readonly project?: string;
  readonly user?: string[];
  readonly event?: string;
  readonly receivedAt?: string;
  readonly properties?: {
    readonly event: { readonly json: string };
    readonly user: { readonly json: string; readonly path: string[] };
  };
  readonly scopes?: Scope[];
}

/** Rows of the archive and the profiles, by what they belong to; times are half-open `[receivedFrom, receivedBefore)`. */
interface RowSelection {
  readonly workspaceId: string;
  readonly sourceId?: string;
  readonly spaceId?: string;
  readonly receivedFrom?: Date;
  readonly receivedBefore?: Date;
}

interface Checksum {
  readonly rows: number;
  /** Over the whole rows in the order of their ids. */
  readonly md5: string;
}

export interface CustomerDatabase {
  /** Holds the password: never log it. */
  readonly url: string;
  readonly stores: readonly StoreDescription[];
  /** How many rows of all tables are selected. A table without a column that is asked for has none. */
  count(rows: RowSelection): Promise<number>;
  /**
   * A checksum for each `table workspace` or `table workspace/part` over all rows except the selected ones: equal before
   * and after a purge of these means that nothing else has changed.
   */
  checksums(except?: readonly RowSelection[]): Promise<ReadonlyMap<string, Checksum>>;
  close(): Promise<void>;
}

/**
 * Opens the sample customers' database on the server of `serverUrl`, and fills it on first use: about 100,000 events of
 * the DAYS_KEPT days before `until`, with profiles, identities and records. The content follows from `until` alone.
 */
export async function openCustomerDatabase(
  serverUrl: string,
  options: { readonly until: Date; readonly name?: string },
): Promise<CustomerDatabase> {
  const url = await ensureDatabase(serverUrl, options.name ?? 'customers');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined); // an idle session that the server ended; the next query opens another
  try {
    await fillOnce(pool, options.until);
  } catch (error) {
    await pool.end();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    url,
    stores: describeStores(url),
    count: (rows) => countRows(pool, rows),
    checksums: (except = []) => checksumRows(pool, except),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

export const DAYS_KEPT = 400;

/** The archive alone is what a source or events deletion is about; the application's store knows profiles and spaces. */
export function describeStores(url: string): StoreDescription[] {
  const own = { id: 'id', workspace: 'workspace_id' };
  return [
    {
      name: 'archive',
      kind: 'postgres',
      url,
      archive: true,
      scopes: ['workspace', 'account', 'source', 'user', 'events'],
      tables: [
        {
          ...own,
          table: 'archive.events',
          source: 'source_id',
          project: 'project_id',
          user: ['user_id', 'anonymous_id'],
          event: 'name',
          receivedAt: 'received_at',
          properties: { event: { json: 'properties' }, user: { json: 'context', path: ['traits'] } },
        },
      ],
    },
    {
      name: 'application',
      kind: 'postgres',
      url,
      archive: false,
      scopes: ['workspace', 'account', 'space', 'user'],
      tables: [
        {
          ...own,
          table: 'app.identities',
          space: 'space_id',
          user: ['user_id'],
          scopes: ['workspace', 'account', 'space', 'user'],
        },
        {
          ...own,
          table: 'app.profiles',
          space: 'space_id',
          user: ['user_id'],
          scopes: ['workspace', 'account', 'space', 'user'],
        },
        { ...own, table: 'app.workspace_records', scopes: ['workspace', 'account'] },
      ],
    },
  ];
}

export const TABLES = [
  { table: 'archive.events', part: 'source_id', columns: ['source_id', 'received_at'] },
  { table: 'app.identities', part: 'space_id', columns: ['space_id'] },
  { table: 'app.profiles', part: 'space_id', columns: ['space_id'] },
  { table: 'app.workspace_records', part: null, columns: [] },
] as const;

type Table = (typeof TABLES)[number];

/** All or nothing: a kill in the middle leaves an empty database, which the next start fills. */
async function fillOnce(pool: pg.Pool, until: Date): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(hashtext($1))', ['customers']);
    const found = await client.query<{ there: boolean }>(
      "select to_regclass('archive.events') is not null as there",
    );
    if (found.rows[0]?.there !== true) {
      await client.query(CREATE_TABLES);
      await client.query(FILL_EVENTS, [JSON.stringify(eventSources()), until, DAYS_KEPT]);
      await client.query(FILL_PROFILES, [JSON.stringify(spaces()), until]);
      await client.query(FILL_IDENTITIES);
      await client.query(FILL_RECORDS, [SAMPLE_WORKSPACES.map((workspace) => workspace.id), until]);
      await client.query(CREATE_INDEXES);
    } else await client.query(ADD_CONTEXT);
    await client.query('commit');
    if (found.rows[0]?.there !== true) await client.query('analyze');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

export const CREATE_TABLES = `
  create schema archive;
  create schema app;
  create table archive.events (
    id bigint not null, workspace_id text not null, source_id text not null, project_id text,
    received_at timestamptz not null, user_id text, anonymous_id text not null, name text not null,
    properties jsonb not null, context jsonb not null default '{}'
  );
  create table app.profiles (
    id bigint not null, workspace_id text not null, space_id text not null, user_id text not null,
    traits jsonb not null, updated_at timestamptz not null
  );
  create table app.identities (
    id bigint not null, workspace_id text not null, space_id text not null, user_id text not null,
    kind text not null, value text not null
  );
  create table app.workspace_records (
    id bigint not null, workspace_id text not null, kind text not null, content jsonb not null,
    updated_at timestamptz not null
  )`;

/** For a folder of an earlier version, which kept no properties of users beside events. */
const ADD_CONTEXT = `alter table archive.events add column if not exists context jsonb not null default '{}'`;

/** After the rows: several times quicker than keeping them while rows come. */
export const CREATE_INDEXES = `
  alter table archive.events add primary key (id);
  alter table app.profiles add primary key (id);
  alter table app.identities add primary key (id);
  alter table app.workspace_records add primary key (id);
  create index on archive.events (workspace_id, source_id, received_at);
  create index on archive.events (workspace_id, user_id);
  create index on app.profiles (workspace_id, space_id);
  create index on app.identities (workspace_id, space_id)`;

/** Spread evenly over the days, ids rising with time; everything else follows from the number of the row. */
const FILL_EVENTS = `
  insert into archive.events
  select source.first_id + g, source.workspace_id, source.source_id, source.project_id,
    $2::timestamptz - make_interval(secs => $3 * 86400.0 * (1 - (g - 0.5) / source.rows)),
    case when g % 5 <> 0 then 'u' || 100 + (g * 7919) % 500 end,
    'anon-' || substr(md5(source.source_id || (g * 7919) % 2000), 1, 12),
    (array['Page Viewed', 'Order Completed', 'Signed In', 'Product Viewed', 'Cart Updated'])[1 + g % 5],
    jsonb_build_object('path', '/p/' || g % 97, 'value', g % 250),
    jsonb_build_object('traits', jsonb_build_object('plan', (array['free', 'team', 'business'])[1 + g % 3]))
  from jsonb_to_recordset($1::jsonb)
      as source (workspace_id text, source_id text, project_id text, first_id bigint, rows bigint),
    generate_series(1, source.rows) g`;

const FILL_PROFILES = `
  insert into app.profiles
  select space.first_id + g, space.workspace_id, space.space_id, 'u' || 99 + g,
    jsonb_build_object('plan', (array['free', 'team', 'business'])[1 + g % 3], 'visits', g % 40),
    $2::timestamptz - make_interval(hours => g::int)
  from jsonb_to_recordset($1::jsonb) as space (workspace_id text, space_id text, first_id bigint, rows bigint),
    generate_series(1, space.rows) g`;

const FILL_IDENTITIES = `
  insert into app.identities
  select 2 * id + n, workspace_id, space_id, user_id, (array['device', 'cookie'])[n + 1],
    substr(md5(space_id || id || n), 1, 16)
  from app.profiles, generate_series(0, 1) n`;

const FILL_RECORDS = `
  insert into app.workspace_records
  select (ordinality - 1) * 20 + g, workspace_id, (array['setting', 'audience', 'destination', 'dashboard'])[1 + g % 4],
    jsonb_build_object('position', g), $2::timestamptz - make_interval(days => g::int)
  from unnest($1::text[]) with ordinality as workspace (workspace_id, ordinality), generate_series(1, 20) g`;

/** acme-inc's first source is the largest, so that a purge of it takes visible work. */
const EVENTS_LARGEST = 24_000;
const EVENTS_OTHER = 4_000;
const PROFILES_PER_SPACE = 500;

function eventSources(): object[] {
  const all = SAMPLE_WORKSPACES.flatMap((workspace) =>
    workspace.sources.map((source, index) => ({
      workspace_id: workspace.id,
      source_id: source.id,
      project_id: workspace.projects[index % Math.max(1, workspace.projects.length)]?.id ?? null,
    })),
  );
  return all.map((source, index) => ({
    ...source,
    first_id: index * 1_000_000,
    rows: index === 0 ? EVENTS_LARGEST : EVENTS_OTHER + index * 100,
  }));
}

function spaces(): object[] {
  return SAMPLE_WORKSPACES.flatMap((workspace) =>
    workspace.spaces.map((space) => ({ workspace_id: workspace.id, space_id: space.id })),
  ).map((space, index) => ({ ...space, first_id: index * 100_000, rows: PROFILES_PER_SPACE }));
}

async function countRows(pool: pg.Pool, rows: RowSelection): Promise<number> {
  let count = 0;
  for (const table of TABLES) {
    const bindings: unknown[] = [];
    const found = await pool.query<{ count: string }>(
      `select count(*) from ${table.table} where ${selects(table, rows, bindings)}`,
      bindings,
    );
    count += Number(found.rows[0]?.count ?? 0);
  }
  return count;
}

async function checksumRows(
  pool: pg.Pool,
  except: readonly RowSelection[],
): Promise<ReadonlyMap<string, Checksum>> {
  const checksums = new Map<string, Checksum>();
  for (const table of TABLES) {
    const bindings: unknown[] = [];
    const selected = except.map((rows) => `(${selects(table, rows, bindings)})`);
    const part = table.part === null ? '' : ` || '/' || ${table.part}`;
    const found = await pool.query<{ key: string; rows: string; md5: string }>(
      `select workspace_id${part} as key, count(*) as rows, md5(string_agg(md5(cast(t as text)), '' order by id)) as md5
       from ${table.table} t where not (${['false', ...selected].join(' or ')}) group by 1 order by 1`,
      bindings,
    );
    for (const { key, rows, md5 } of found.rows)
      checksums.set(`${table.table} ${key}`, { rows: Number(rows), md5 });
  }
  return checksums;
}

/** A condition; its values are appended to `bindings`. */
function selects(table: Table, rows: RowSelection, bindings: unknown[]): string {
  const wanted = [
    { column: 'workspace_id', operator: '=', value: rows.workspaceId },
    { column: 'source_id', operator: '=', value: rows.sourceId },
    { column: 'space_id', operator: '=', value: rows.spaceId },
    { column: 'received_at', operator: '>=', value: rows.receivedFrom },
    { column: 'received_at', operator: '<', value: rows.receivedBefore },
  ].filter(({ value }) => value !== undefined);
  const columns: readonly string[] = ['workspace_id', ...table.columns];
  if (wanted.some(({ column }) => !columns.includes(column))) return 'false';
  return wanted
    .map(({ column, operator, value }) => `${column} ${operator} $${bindings.push(value)}`)
    .join(' and ');
}
