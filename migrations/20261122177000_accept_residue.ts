import type { Knex } from 'knex';

/** What a place refuses to give up, and an agent accepted to leave there: only with that is a step done that left any. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table accepted_residue (
      seq bigint generated always as identity primary key,
      ticket_id bigint not null,
      step integer not null,
      plan_hash text not null,
      count bigint not null constraint accepted_residue_counts check (count > 0),
      residue jsonb not null,
      agent text not null,
      reason text,
      accepted_at timestamptz not null,
      foreign key (ticket_id, step) references purge_steps,
      constraint accepted_residue_of_step unique (ticket_id, step, seq, count)
    );
    comment on table accepted_residue is 'The newest row of a step counts, and only while exactly that much is left.';
    comment on column accepted_residue.residue is 'reason, last UTC day and count of each part';
    comment on column accepted_residue.reason is 'in the words of the agent; null once erased';

    alter table purge_steps
      add accepted bigint,
      add accepted_count bigint,
      add constraint purge_steps_accepted foreign key (ticket_id, no, accepted, accepted_count)
        references accepted_residue (ticket_id, step, seq, count),
      add constraint purge_steps_accepted_whole check ((accepted is null) = (accepted_count is null)),
      drop constraint purge_steps_done_are_empty,
      add constraint purge_steps_done_are_empty check
        (status <> 'done' or (finished_at is not null and remaining is not distinct from coalesce(accepted_count, 0)));
    comment on column purge_steps.accepted is 'the acceptance without which a step that left anything is not done';

    alter table holds drop constraint holds_reason_known;
    alter table holds add constraint holds_reason_known check (reason in
      ('billing', 'export', 'review', 'doubtful_cancel', 'step_failed', 'checklist', 'residue', 'purging_off', 'agent'));
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    delete from holds where reason = 'residue';
    alter table holds drop constraint holds_reason_known;
    alter table holds add constraint holds_reason_known check (reason in
      ('billing', 'export', 'review', 'doubtful_cancel', 'step_failed', 'checklist', 'purging_off', 'agent'));
    alter table purge_steps drop constraint purge_steps_done_are_empty, drop accepted, drop accepted_count;
    alter table purge_steps add constraint purge_steps_done_are_empty
      check (status <> 'done' or (remaining = 0 and finished_at is not null)) not valid;
    drop table accepted_residue`);
}
