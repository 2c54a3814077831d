import type { Knex } from 'knex';

/** The desk forgets its own mails and whose tickets they were; what a closed ticket keeps is ids, counts and hashes. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table messages add column erased_at timestamptz,
      add constraint messages_erased_hold_nothing check (erased_at is null or (status = 'done' and not needs_agent
        and raw is null and author is null and message_id_header is null and in_reply_to is null
        and cardinality(reference_ids) = 0 and subject is null and understanding is null and evidence is null
        and agent_note is null));
    comment on column messages.erased_at is 'desk time; only that it came, when, how large, its hash and what became of it are left';
    create index messages_kept on messages (arrived_at, id) where erased_at is null and status = 'done';

    alter table outbox add column erased_at timestamptz,
      add constraint outbox_erased_hold_nothing check (erased_at is null or (status not in ('pending', 'sending')
        and recipient is null and in_reply_to is null and cardinality(reference_ids) = 0
        and facts = jsonb_build_object('template', template)));
    comment on column outbox.erased_at is 'desk time; what was said to whom is gone, that it was said is not';
    create index outbox_kept on outbox (created_at, id) where erased_at is null;

    alter table conversations add column erased_at timestamptz,
      add constraint conversations_erased_hold_nothing check (erased_at is null or (requester is null and subject is null));
    comment on column conversations.erased_at is 'desk time; nothing is opened in it any more';
    create index conversations_kept on conversations (opened_at, id) where erased_at is null;

    alter table tickets add column erased_at timestamptz, add column keeps_addresses boolean not null default false,
      drop constraint tickets_resolved_before_verifying,
      add constraint tickets_resolved_before_verifying check
        (state not in ('verifying', 'approval', 'grace', 'purging', 'completed')
         or ((target is not null or erased_at is not null) and digest is not null and cardinality(workspace_ids) > 0
             and verdict = 'entitled')),
      add constraint tickets_erased_when_closed check (erased_at is null or closed_at is not null),
      add constraint tickets_erased_hold_nothing check (erased_at is null or (target is null and plan is null
        and cardinality(reasons) = 0 and asks = '[]' and (requester is null or keeps_addresses))),
      add constraint tickets_erased_keep_addresses check (erased_at is not null or not keeps_addresses);
    comment on column tickets.erased_at is 'desk time; the request says its scope and nothing else';
    comment on column tickets.keeps_addresses is 'erased but for requester and parties: a mail to them is due still';
    create index tickets_kept on tickets (closed_at, id)
      where closed_at is not null and (erased_at is null or keeps_addresses);

    alter table purge_steps alter column step drop not null, add column erased_at timestamptz,
      add constraint purge_steps_erased_hold_nothing check
        ((erased_at is null and step is not null) or (erased_at is not null and step is null and checkpoint is null));
    comment on column purge_steps.step is 'with the ids of end users; null once erased';

    create index holds_ticket on holds (ticket_id);

    create table own_context_runs (
      id bigint generated always as identity primary key,
      as_of timestamptz not null,
      started_at timestamptz not null default clock_timestamp(),
      finished_at timestamptz,
      kind text not null constraint own_context_runs_kind_known
        check (kind in ('messages', 'outbox', 'tickets', 'conversations')),
      progress jsonb,
      recorded bigint not null default 0,
      erased jsonb not null default '{}'
    );
    comment on table own_context_runs is 'Once a day the desk erases what it no longer needs; one that was cut short is taken up again.';
    comment on column own_context_runs.as_of is 'desk time as of which things were due; nothing becomes due while it runs';
    comment on column own_context_runs.kind is 'what it is at; in the order of the list';
    comment on column own_context_runs.recorded is 'sum of the recorded batches of this kind';
    comment on column own_context_runs.erased is 'how many of each kind, once it is through with it';
    create unique index own_context_runs_open on own_context_runs ((true)) where finished_at is null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table own_context_runs;
    drop index holds_ticket, tickets_kept, conversations_kept, outbox_kept, messages_kept;
    delete from purge_steps where step is null;
    alter table purge_steps drop column erased_at, alter column step set not null;
    alter table tickets drop constraint tickets_resolved_before_verifying;
    alter table tickets drop column erased_at, drop column keeps_addresses,
      add constraint tickets_resolved_before_verifying check
        (state not in ('verifying', 'approval', 'grace', 'purging', 'completed')
         or (target is not null and digest is not null and cardinality(workspace_ids) > 0 and verdict = 'entitled')) not valid;
    alter table conversations drop column erased_at;
    alter table outbox drop column erased_at;
    alter table messages drop column erased_at`);
}
