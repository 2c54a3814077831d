import type { Knex } from 'knex';

/** What an agent looks at often, under a name of their own. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table saved_views (
      id bigint generated always as identity primary key,
      agent_id bigint not null references agents,
      name text not null constraint saved_views_named check (name ~ '\\S' and length(name) <= 60),
      query text not null constraint saved_views_query_short check (length(query) <= 500),
      created_at timestamptz not null default clock_timestamp()
    );
    comment on column saved_views.query is 'filters of the queue as they stand in its address';
    create unique index saved_views_name on saved_views (agent_id, lower(name));
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table saved_views');
}
