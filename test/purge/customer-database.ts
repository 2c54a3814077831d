import type { Knex } from 'knex';
import type { PostgresStoreDefinition } from '../../src/purge/catalogue.ts';
import { emptyDatabase } from '../support/database.ts';
import { ACME, archiveStore, NEIGHBOUR } from './fixtures.ts';

/** What two customers have: events of two sources each, and the people of their workspaces. */
export interface Customers {
  readonly db: Knex;
  readonly store: PostgresStoreDefinition;
  /** A checksum over all rows of events that `kept` selects, and over all people. */
  fingerprint(kept: string): Promise<string>;
}

/** In January 2024 each source of each tenant has this many events a day. */
export const EVENTS_A_DAY = 4;

const SCHEMA = `
  create table events (
    id bigint generated always as identity primary key,
    workspace_id text not null,
    source_id text not null,
    space_id text,
    project_id text,
    user_id text,
    anonymous_id text,
    event text not null,
    received_at timestamptz not null
  );
  create index on events (workspace_id, id);
  create table people (id text primary key, workspace_id text not null);
  insert into people select 'person_' || n || '_' || w, w
    from unnest(array['${ACME}', '${NEIGHBOUR}']) w, generate_series(1, 3) n;
  insert into events (workspace_id, source_id, space_id, project_id, user_id, anonymous_id, event, received_at)
    select w, s, 'spa_' || n % 2, 'prj_1', 'u' || n, case n when 1 then 'u2' end,
      case n % 2 when 0 then 'Signed Up' else 'Ordered' end,
      timestamptz '2023-12-20 00:00Z' + day * interval '1 day' + case n when 1 then interval '0' else interval '1 day' / n - interval '1 microsecond' end
    from generate_series(0, 49) day, generate_series(1, ${EVENTS_A_DAY}) n,
      unnest(array['${ACME}', '${NEIGHBOUR}']) w, unnest(array['src_web', 'src_ios']) s
    order by md5(w || s || day || n)`;

/** Fills a database with the customers' tables. */
export async function fillCustomers(
  db: Knex,
  url: string,
  overrides: Record<string, unknown> = {},
): Promise<Customers> {
  await db.raw(SCHEMA);
  return {
    db,
    store: archiveStore({ url, ...overrides }),
    fingerprint: async (kept) => {
      const found = await db.raw<{ rows: [{ sum: string }] }>(`
        select md5(
          (select coalesce(string_agg(cast(e as text), ',' order by id), '') from events e where ${kept}) ||
          (select coalesce(string_agg(cast(p as text), ',' order by id), '') from people p)) as sum`);
      return found.rows[0].sum;
    },
  };
}

/** The same in a database of its own. */
export async function customerDatabase(
  overrides: Record<string, unknown> = {},
): Promise<Customers & AsyncDisposable> {
  const database = await emptyDatabase();
  return {
    ...(await fillCustomers(database.db, database.url, overrides)),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
