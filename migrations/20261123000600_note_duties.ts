import type { Knex } from 'knex';

/** Who is at work, and when each recurring duty was last done: a desk that has stopped must be seen to have stopped. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table duties (
      name text primary key,
      finished_at timestamptz,
      failed_at timestamptz,
      failures integer not null default 0,
      last_error text
    );
    comment on table duties is 'What recurs, such as the tick and each retention job, by the real clock.';
    comment on column duties.failures is 'in a row';
    comment on column duties.last_error is 'a code';

    create table processes (
      id uuid primary key,
      version text not null,
      roles text[] not null,
      started_at timestamptz not null,
      seen_at timestamptz not null
    );
    comment on table processes is 'Programs of this desk that run, or ran within the last day; by the real clock.';
    create index processes_seen on processes (seen_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table processes, duties');
}
