import type { Knex } from 'knex';

/**
 * Deletions that no owner or admin answers a challenge for: those that the app reports, and those of workspaces without
 * a known owner, which take two agents.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table tickets
      add column vouched_by text,
      add column approved_by text[] not null default '{}',
      drop constraint tickets_resolved_before_verifying,
      add constraint tickets_resolved_before_verifying check
        (state not in ('verifying', 'approval', 'grace', 'purging', 'completed')
         or ((target is not null or erased_at is not null) and digest is not null and cardinality(workspace_ids) > 0
             and (verdict = 'entitled'
                  or (state = 'approval' and verdict = 'ownerless' and vouched_by is not null)))),
      add constraint tickets_vouched_take_two_agents check
        (vouched_by is null or state not in ('grace', 'purging', 'completed')
         or (cardinality(approved_by) >= 2 and lower(approved_by[1]) <> lower(approved_by[2])));
    comment on column tickets.vouched_by is 'the agent who vouches for a requester whom the directory cannot know; null = no agent does';
    comment on column tickets.approved_by is 'agents who approved the plan of plan_hash, in that order; empty again when the plan changes';

    create unique index tickets_one_app_deletion on tickets ((request #>> '{workspace,id}'))
      where origin = 'app' and state not in ('completed', 'cancelled', 'rejected', 'expired');

    create table agent_notes (
      id bigint generated always as identity primary key,
      ticket_id bigint not null references tickets,
      agent text not null,
      act text not null constraint agent_notes_act_known check (act in ('vouched', 'approved')),
      note text not null,
      at timestamptz not null
    );
    comment on table agent_notes is 'Why an agent decided something, in the agent''s words; the audit chain holds a keyed hash of it.';
    create index agent_notes_ticket on agent_notes (ticket_id);

    alter table workspace_stops add column lift_note text;
    comment on column workspace_stops.lift_note is 'why an agent lifted it';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table workspace_stops drop column lift_note;
    drop table agent_notes;
    drop index tickets_one_app_deletion;
    alter table tickets
      drop constraint tickets_vouched_take_two_agents,
      drop constraint tickets_resolved_before_verifying,
      add constraint tickets_resolved_before_verifying check
        (state not in ('verifying', 'approval', 'grace', 'purging', 'completed')
         or ((target is not null or erased_at is not null) and digest is not null and cardinality(workspace_ids) > 0 and verdict = 'entitled')),
      drop column vouched_by, drop column approved_by`);
}
