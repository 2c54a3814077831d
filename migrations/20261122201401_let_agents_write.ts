import type { Knex } from 'knex';

/** What agents write to people: looked at before it goes, and then a mail like any other. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table reply_drafts (
      id uuid primary key,
      agent_id bigint not null references agents,
      ticket_id bigint references tickets,
      message_id bigint references messages,
      template text not null,
      locale text not null,
      words text not null,
      created_at timestamptz not null default clock_timestamp(),
      outbox_id bigint references outbox,
      constraint reply_drafts_about_one_thing check (num_nonnulls(ticket_id, message_id) = 1),
      constraint reply_drafts_sent_hold_nothing check (outbox_id is null or words = '')
    );
    comment on table reply_drafts is 'A day long, by the real clock; each becomes one mail at most.';
    comment on column reply_drafts.agent_id is 'who writes it; nobody else sees it';
    comment on column reply_drafts.outbox_id is 'the mail that it became; its words are there';
    create index reply_drafts_created on reply_drafts (created_at);

    alter table outbox add column written_by text, add column agent_by text, add column agent_at timestamptz,
      add constraint outbox_agents_have_date check ((agent_by is null) = (agent_at is null));
    comment on column outbox.written_by is 'the agent who wrote it; null = the desk did';
    comment on column outbox.agent_by is 'who had it tried again or gave it up, the last time';
    comment on column outbox.agent_at is 'desk time';
    create index outbox_written on outbox (recipient_hash, created_at) where written_by is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(
    'drop table reply_drafts; alter table outbox drop column written_by, drop column agent_by, drop column agent_at',
  );
}
