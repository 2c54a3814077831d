import type { Knex } from 'knex';

/** What agents do by hand in a purge, item by item, with their evidence; and the hold of a step that waits for them. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table checklist_ticks (
      ticket_id bigint not null references tickets,
      plan_hash text not null,
      step integer not null,
      item text not null,
      agent text not null,
      evidence text,
      ticked_at timestamptz not null,
      primary key (ticket_id, plan_hash, step, item)
    );
    comment on table checklist_ticks is 'A tick counts for one plan: another plan asks for everything again.';
    comment on column checklist_ticks.evidence is 'in the words of the agent; null once erased';

    alter table holds drop constraint holds_reason_known;
    alter table holds add constraint holds_reason_known check (reason in
      ('billing', 'export', 'review', 'doubtful_cancel', 'step_failed', 'checklist', 'purging_off', 'agent'));
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    delete from holds where reason = 'checklist';
    alter table holds drop constraint holds_reason_known;
    alter table holds add constraint holds_reason_known check (reason in
      ('billing', 'export', 'review', 'doubtful_cancel', 'step_failed', 'purging_off', 'agent'));
    drop table checklist_ticks`);
}
