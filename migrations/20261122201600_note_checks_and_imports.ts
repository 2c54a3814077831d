import type { Knex } from 'knex';

/** When the audit chains were last checked and what was found; who changed the directory from the console. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table audit_checks (
      id bigint generated always as identity primary key,
      asked_at timestamptz not null default desk_now(),
      asked_by text not null,
      started_at timestamptz,
      finished_at timestamptz,
      tickets bigint,
      events bigint,
      anchors bigint,
      ledger_entries bigint,
      problems bigint,
      examples text[] not null default '{}',
      newest_anchor text,
      constraint audit_checks_finished_have_result check
        (finished_at is null or (started_at is not null and tickets is not null and problems is not null))
    );
    comment on table audit_checks is 'Each reads every chain from its first event, as a job; one at a time.';
    comment on column audit_checks.asked_by is 'the name of an agent';
    comment on column audit_checks.examples is 'the first of the problems: references and numbers only';
    create unique index audit_checks_one_at_a_time on audit_checks ((true)) where finished_at is null;

    create table directory_imports (
      id bigint generated always as identity primary key,
      at timestamptz not null default desk_now(),
      agent text not null,
      reason text not null,
      digest text not null,
      added integer not null,
      changed integer not null,
      removed integer not null,
      deleted integer not null,
      restored integer not null
    );
    comment on table directory_imports is 'Who changed the directory from the console, with what was shown to them before.';
    comment on column directory_imports.digest is 'of the difference that was looked at and applied';
    comment on column directory_imports.removed is 'members who lost their role';
    create trigger directory_imports_append_only before update or delete or truncate on directory_imports
      for each statement execute function refuse_change();

    create index ticket_events_of_agents on ticket_events (actor, no) where actor like 'agent:%';
    create index workspaces_in_order on workspaces (slug, id);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index workspaces_in_order, ticket_events_of_agents;
    drop table directory_imports, audit_checks`);
}
