/** The store of the run: rows for every workspace of the directory, so that a purge too many is seen wherever it strikes. */
import pg from 'pg';
import type { ImportedWorkspace } from '../../../src/directory/read-directory.ts';
import { CREATE_INDEXES, CREATE_TABLES, TABLES } from '../../../src/sandbox/customer-database.ts';

const USERS = ['user_8812', 'user_1', 'user_42', 'u101', 'jane@x.com', 'customer-7'];
const EVENTS = ['Order Completed', 'Signup', 'Page Viewed', 'Product Viewed', 'Signed In'];
const DAYS = 730;
const EVENTS_A_SOURCE = 60;

/** Rows of the two years before `until`. The database is empty before. */
export async function fillStore(
  url: string,
  workspaces: readonly ImportedWorkspace[],
  until: Date,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(CREATE_TABLES);
    const sources = JSON.stringify(workspaces.flatMap(sourcesOf));
    await client.query(FILL_EVENTS, [sources, until, EVENTS_A_SOURCE, DAYS, USERS, EVENTS]);
    const spaces = JSON.stringify(workspaces.flatMap(spacesOf));
    await client.query(FILL_PROFILES, [spaces, until, USERS]);
    await client.query(FILL_IDENTITIES);
    await client.query(FILL_RECORDS, [workspaces.map(({ id }) => id), until]);
    await client.query(CREATE_INDEXES);
  } finally {
    await client.end();
  }
}

/** Rows of all tables together. */
export async function countRows(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const counts = TABLES.map(({ table }) => `(select count(*) from ${table})`);
    const found = await client.query<{ rows: string }>(`select ${counts.join(' + ')} as rows`);
    return Number(found.rows[0]?.rows ?? 0);
  } finally {
    await client.end();
  }
}

/** Without sources or projects a workspace has rows all the same. */
const sourcesOf = (workspace: ImportedWorkspace): object[] =>
  [...workspace.sources.map(({ id }) => id), 'src_unlisted'].map((source, index) => ({
    workspace_id: workspace.id,
    source_id: source,
    project_id: workspace.projects[index % Math.max(1, workspace.projects.length)]?.id ?? null,
  }));

const spacesOf = (workspace: ImportedWorkspace): object[] =>
  [...workspace.spaces.map(({ id }) => id), 'spa_unlisted'].map((space) => ({
    workspace_id: workspace.id,
    space_id: space,
  }));

const FILL_EVENTS = `
  insert into archive.events
  select (source.n - 1) * $3::int + g, source.workspace_id, source.source_id, source.project_id,
    $2::timestamptz - make_interval(hours => (g * 24 * $4::int) / $3::int - 12),
    ($5::text[])[1 + g % cardinality($5::text[])], 'anon-' || g % 7,
    ($6::text[])[1 + (g / 2) % cardinality($6::text[])],
    jsonb_build_object('path', '/p/' || g, 'email', 'x' || g || '@customer.example')
  from rows from (jsonb_to_recordset($1::jsonb) as (workspace_id text, source_id text, project_id text))
      with ordinality as source (workspace_id, source_id, project_id, n),
    generate_series(1, $3::int) g`;

const FILL_PROFILES = `
  insert into app.profiles
  select (space.n - 1) * cardinality($3::text[]) + u.n, space.workspace_id, space.space_id, u.user_id,
    jsonb_build_object('plan', 'team'), $2::timestamptz - make_interval(days => u.n::int)
  from rows from (jsonb_to_recordset($1::jsonb) as (workspace_id text, space_id text))
      with ordinality as space (workspace_id, space_id, n),
    unnest($3::text[]) with ordinality as u (user_id, n)`;

const FILL_IDENTITIES = `
  insert into app.identities
  select 2 * id + n, workspace_id, space_id, user_id, (array['device', 'cookie'])[n + 1],
    substr(md5(space_id || id || n), 1, 16)
  from app.profiles, generate_series(0, 1) n`;

const FILL_RECORDS = `
  insert into app.workspace_records
  select (ordinality - 1) * 10 + g, workspace_id, (array['setting', 'audience', 'destination', 'dashboard'])[1 + g % 4],
    jsonb_build_object('position', g), $2::timestamptz - make_interval(days => g::int)
  from unnest($1::text[]) with ordinality as workspace (workspace_id, ordinality), generate_series(1, 10) g`;
