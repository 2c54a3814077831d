import type { Knex } from 'knex';

/** What other systems are told about tickets, and how telling them went. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table deliveries (
      id uuid primary key default gen_random_uuid(),
      kind text not null constraint deliveries_kind_known check (kind in ('webhook', 'callback')),
      endpoint text not null,
      url text,
      event text not null,
      ticket_id bigint not null references tickets,
      body text not null,
      created_at timestamptz not null default clock_timestamp(),
      status text not null default 'pending'
        constraint deliveries_status_known check (status in ('pending', 'sending', 'delivered', 'failed')),
      attempts integer not null default 0,
      next_attempt_at timestamptz not null default clock_timestamp(),
      lease_until timestamptz,
      last_result text,
      finished_at timestamptz,
      constraint deliveries_callbacks_have_url check ((kind = 'callback') = (url is not null))
    );
    comment on table deliveries is 'By the real clock: the clock of a sandbox may be moved.';
    comment on column deliveries.endpoint is 'the name of a webhook in the configuration, or the host of a callback';
    comment on column deliveries.last_result is 'the status of the last answer, or a code for why there was none';
    create index deliveries_due on deliveries (next_attempt_at, created_at) where status = 'pending';
    create index deliveries_sending on deliveries (endpoint, lease_until) where status = 'sending';
    create index deliveries_log on deliveries (created_at desc, id desc);
    create index deliveries_failed on deliveries (finished_at) where status = 'failed';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table deliveries');
}
