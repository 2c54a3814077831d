import type { Knex } from 'knex';

/** Steps with their checkpoints, receipts and the ledger of erasures. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table purge_steps (
      ticket_id bigint not null references tickets,
      no integer not null,
      plan_hash text not null,
      store text not null,
      target text not null,
      step jsonb not null,
      estimate bigint not null,
      status text not null default 'waiting' constraint purge_steps_status_known
        check (status in ('waiting', 'running', 'done', 'failed')),
      attempts integer not null default 0,
      deleted bigint not null default 0,
      remaining bigint,
      checkpoint jsonb,
      last_error text,
      started_at timestamptz,
      finished_at timestamptz,
      primary key (ticket_id, no),
      constraint purge_steps_done_are_empty check (status <> 'done' or (remaining = 0 and finished_at is not null))
    );
    comment on column purge_steps.remaining is 'what an independent count found after the last batch';

    create table receipts (
      ticket_id bigint primary key references tickets,
      signed jsonb not null,
      created_at timestamptz not null
    );
    create trigger receipts_append_only before update or delete or truncate on receipts
      for each statement execute function refuse_change();

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
    comment on table erasure_ledger is 'What was erased where, by immutable ids: replayed after a backup was restored.';

    create function require_receipt() returns trigger language plpgsql as $$
      begin
        if not exists (select from receipts where ticket_id = new.id) then
          raise exception 'ticket % has no receipt', new.id using errcode = 'PD004';
        end if;
        return new;
      end $$;
    create trigger tickets_completed_with_receipt before update of state on tickets
      for each row when (old.state <> 'completed' and new.state = 'completed') execute function require_receipt();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger tickets_completed_with_receipt on tickets; drop function require_receipt();
    drop table erasure_ledger, receipts, purge_steps`);
}
