import type { Knex } from 'knex';

/** Who looks at a ticket right now, for the others who do. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create unlogged table ticket_viewers (
      ticket_id bigint not null references tickets,
      agent_id bigint not null references agents,
      seen_at timestamptz not null default clock_timestamp(),
      primary key (ticket_id, agent_id)
    );
    comment on table ticket_viewers is 'Never a lock. By the real clock; a row counts for a minute and goes soon after.';
    create index ticket_viewers_seen on ticket_viewers (seen_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table ticket_viewers');
}
