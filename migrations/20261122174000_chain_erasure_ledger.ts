import type { Knex } from 'knex';

/** The ledger of erasures becomes one hash chain, what it says about people is sealed apart, and backups have an end. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table tickets add column residue_wake_at timestamptz, add column residue_told_at timestamptz;
    alter table tickets
      add constraint tickets_residue_of_completed check (residue_wake_at is null or state = 'completed'),
      add constraint tickets_residue_told_has_day check (residue_told_at is null or residue_wake_at is not null);
    comment on column tickets.residue_wake_at is
      'when the last backup that could hold the data has expired; null = nobody can say, or there is none';
    comment on column tickets.residue_told_at is 'when the mail that says so was queued';

    create table unchained_erasures as
      select l.seq, l.ticket_id, l.deleted, l.erased_at, coalesce(s.step, jsonb_build_object(
        'no', row_number() over (partition by l.ticket_id order by l.seq), 'store', l.store, 'kind', 'unknown',
        'target', regexp_replace(l.target, '@[^@]*$', ''), 'action', 'delete', 'predicate', l.predicate)) as step
      from erasure_ledger l left join purge_steps s on s.ticket_id = l.ticket_id and s.store = l.store
        and s.target || '@' || (s.step -> 'predicate' ->> 'workspaceId') = l.target;
    alter table unchained_erasures add primary key (seq);
    comment on table unchained_erasures is
      'Erasures from before there was a chain: the desk, which has the key, moves them into it at its next tick.';
    drop table erasure_ledger;

    create table erasure_ledger (
      seq bigint primary key constraint erasure_ledger_from_one check (seq >= 1),
      at timestamptz not null,
      kind text not null constraint erasure_ledger_kind_known check (kind in ('erased', 'replayed')),
      ticket_id bigint not null,
      step integer not null,
      store text not null,
      target text not null,
      action text not null,
      workspace_id text not null,
      step_digest text not null,
      deleted bigint not null constraint erasure_ledger_counts check (deleted >= 0),
      replay_of bigint references erasure_ledger,
      previous_hash text not null,
      hash text not null,
      constraint erasure_ledger_replays_name_theirs check ((kind = 'replayed') = (replay_of is not null))
    );
    create unique index erasure_ledger_once on erasure_ledger (ticket_id, step) where kind = 'erased';
    comment on table erasure_ledger is
      'What was erased where, one hash chain of all: replayed after a backup was restored. Ids of the desk''s own, counts and keyed hashes only.';
    comment on column erasure_ledger.ticket_id is
      'no foreign key: a ledger from outside may know tickets that a restored desk has forgotten';
    comment on column erasure_ledger.step_digest is 'keyed hash of the whole step, predicate included';
    create trigger erasure_ledger_append_only before update or delete or truncate on erasure_ledger
      for each statement execute function refuse_change();

    create table ledger_seals (
      seq bigint primary key references erasure_ledger,
      sealed bytea not null
    );
    comment on table ledger_seals is
      'The step of an entry, encrypted: it may name end users. Deleted once no backup can bring the data back; the chain holds without.';
    create trigger ledger_seals_unchanged before update or truncate on ledger_seals
      for each statement execute function refuse_change();

    create table ledger_head (
      only_one boolean primary key default true constraint ledger_head_only_one check (only_one),
      seq bigint not null,
      hash text not null
    );
    insert into ledger_head (seq, hash) values (0, '');
    comment on table ledger_head is 'The newest entry. Whoever appends holds this row, so that the chain has no gap and no fork.';
    create trigger ledger_head_stays before delete or truncate on ledger_head
      for each statement execute function refuse_change();

    create table ledger_replays (
      id uuid primary key,
      digest text not null constraint ledger_replays_once unique,
      agent text not null,
      reason text,
      include_undatable boolean not null,
      started_at timestamptz not null,
      finished_at timestamptz
    );
    comment on column ledger_replays.digest is 'of the dry run that was confirmed';
    comment on column ledger_replays.include_undatable is
      'the agent made sure that nothing new is where nobody can tell it from what came back';
    comment on column ledger_replays.reason is 'in the words of the agent';

    create table ledger_replay_steps (
      replay_id uuid not null references ledger_replays,
      seq bigint not null references erasure_ledger,
      received_before timestamptz,
      estimate bigint not null,
      done boolean not null default false,
      deleted bigint not null default 0,
      checkpoint jsonb,
      primary key (replay_id, seq)
    );
    comment on column ledger_replay_steps.received_before is 'newer data is not what was erased; null = the place cannot tell';
    comment on column ledger_replay_steps.checkpoint is 'as in purge_steps; null once the step is done';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table ledger_replay_steps, ledger_replays, ledger_head, ledger_seals, erasure_ledger, unchained_erasures;
    create table erasure_ledger (
      seq bigint generated always as identity primary key,
      ticket_id bigint not null references tickets,
      store text not null,
      target text not null,
      predicate jsonb not null,
      deleted bigint not null,
      erased_at timestamptz not null,
      constraint erasure_ledger_once unique (ticket_id, store, target)
    );
    alter table tickets drop column residue_wake_at, drop column residue_told_at`);
}
