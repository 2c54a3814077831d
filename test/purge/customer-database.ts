import type { Knex } from 'knex';
import type { StoreDefinition } from '../../src/purge/catalogue.ts';
import { emptyDatabase, type TestDatabase } from '../support/database.ts';
import { ACME, archiveStore, NEIGHBOUR } from './fixtures.ts';

/** A customer database: events of two tenants, two sources each, and their members. */
export interface CustomerDatabase extends AsyncDisposable {
  readonly db: Knex;
  readonly store: StoreDefinition;
  /** A checksum over all rows of events that `kept` selects, and over all members. */
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
  create table members (id text primary key, workspace_id text not null);
  insert into members select 'member_' || n || '_' || w, w
    from unnest(array['${ACME}', '${NEIGHBOUR}']) w, generate_series(1, 3) n;
  insert into events (workspace_id, source_id, space_id, project_id, user_id, anonymous_id, event, received_at)
    select w, s, 'spa_' || n % 2, 'prj_1', 'u' || n, case n when 1 then 'u2' end,
      case n % 2 when 0 then 'Signed Up' else 'Ordered' end,
      timestamptz '2023-12-20 00:00Z' + day * interval '1 day' + case n when 1 then interval '0' else interval '1 day' / n - interval '1 microsecond' end
    from generate_series(0, 49) day, generate_series(1, ${EVENTS_A_DAY}) n,
      unnest(array['${ACME}', '${NEIGHBOUR}']) w, unnest(array['src_web', 'src_ios']) s
    order by md5(w || s || day || n)`;

export async function customerDatabase(overrides: Record<string, unknown> = {}): Promise<CustomerDatabase> {
  const database: TestDatabase = await emptyDatabase();
  await database.db.raw(SCHEMA);
  return {
    db: database.db,
    store: archiveStore({ url: database.url, ...overrides }),
    fingerprint: async (kept) => {
      const found = await database.db.raw<{ rows: [{ sum: string }] }>(`
        select md5(
          (select coalesce(string_agg(cast(e as text), ',' order by id), '') from events e where ${kept}) ||
          (select string_agg(cast(m as text), ',' order by id) from members m)) as sum`);
      return found.rows[0].sum;
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
