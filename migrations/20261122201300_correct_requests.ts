import type { Knex } from 'knex';

/** What agents change of a request and say about a ticket, and deletions that take two people. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table tickets
      add column corrected_by text[] not null default '{}',
      add column lifted_by text[] not null default '{}',
      add column approvals_wanted smallint not null default 1,
      add constraint tickets_approvals_known check (approvals_wanted in (1, 2)),
      add constraint tickets_two_people_approve check
        (approvals_wanted < 2 or state not in ('grace', 'purging', 'completed')
         or (cardinality(approved_by) >= 2 and lower(approved_by[1]) <> lower(approved_by[2])
             and not approved_by && corrected_by
             and (vouched_by is null or not vouched_by = any(approved_by))));
    comment on column tickets.corrected_by is 'agents who changed what is asked for, in that order';
    comment on column tickets.lifted_by is 'agents who would lift the review that holds it now, where that takes two';
    comment on column tickets.approvals_wanted is 'how many agents the policy wanted to approve the plan when the approval began';

    alter table agent_notes
      drop constraint agent_notes_act_known,
      add constraint agent_notes_act_known check
        (act in ('vouched', 'approved', 'corrected', 'noted', 'cancelled', 'rejected')),
      add column form uuid;
    comment on column agent_notes.form is 'the form that it was sent with, so that pressing twice writes it once';
    create unique index agent_notes_form on agent_notes (form) where form is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index agent_notes_form;
    delete from agent_notes where act not in ('vouched', 'approved');
    alter table agent_notes
      drop column form,
      drop constraint agent_notes_act_known,
      add constraint agent_notes_act_known check (act in ('vouched', 'approved'));
    alter table tickets
      drop constraint tickets_two_people_approve,
      drop constraint tickets_approvals_known,
      drop column corrected_by, drop column lifted_by, drop column approvals_wanted`);
}
