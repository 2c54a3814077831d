import type { Knex } from 'knex';

/** An agent who looked at a mail leaves a name: nobody looks at it twice, and everybody sees who did. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table messages add column agent_by text, add column agent_at timestamptz, add column agent_note text,
      add constraint messages_agents_have_date check ((agent_by is null) = (agent_at is null)),
      add constraint messages_seen_need_no_agent check (agent_by is null or not needs_agent);
    comment on column messages.agent_by is 'who took it off the agents'' list, or had tickets opened from it';
    comment on column messages.agent_at is 'desk time';
    comment on column messages.agent_note is 'why, in the agent''s words; the audit chains of its tickets hold a keyed hash of it';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`alter table messages drop column agent_by, drop column agent_at, drop column agent_note`);
}
