import type { Knex } from 'knex';

/** What the requests of each day came to, counted ahead, so that nobody who looks at a year waits for a million tickets. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create index tickets_requested on tickets (requested_at);

    create table insight_days (
      day date primary key,
      facts jsonb not null default '{}',
      is_stale boolean not null default true,
      counted_at timestamptz
    );
    comment on table insight_days is 'The requests that came on a day, counted by what they are and where they stand. Counts only.';
    comment on column insight_days.is_stale is 'something happened to a request of that day since it was counted';
    create index insight_days_stale on insight_days (day) where is_stale;

    create table insight_mark (
      only_one boolean primary key default true constraint insight_mark_single check (only_one),
      before_last bigint not null default 0,
      last bigint not null default 0
    );
    comment on table insight_mark is 'Up to which event days were looked at, now and the time before: what was committed late is looked at once more.';
    insert into insight_mark default values;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table insight_mark, insight_days; drop index tickets_requested');
}
