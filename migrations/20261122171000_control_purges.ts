import type { Knex } from 'knex';

/** What stops purges and lets them go on: the switch, the brakes of the stores, leases; and how far each step is. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table purge_switch (
      id boolean primary key default true constraint purge_switch_single check (id),
      halted_at timestamptz,
      halted_by text,
      reason text,
      constraint purge_switch_whole check
        ((halted_at is null) = (halted_by is null) and (halted_at is null) = (reason is null))
    );
    comment on table purge_switch is 'The one switch: while halted_at is set, no purge deletes anything.';
    insert into purge_switch default values;

    create table store_brakes (
      store text primary key,
      failures integer not null default 0,
      opened_at timestamptz not null,
      probe_at timestamptz,
      prober text,
      last_error text,
      told_at timestamptz,
      set_by text,
      reason text,
      closed_at timestamptz,
      constraint store_brakes_probed_or_by_hand check ((probe_at is null) = (set_by is not null))
    );
    comment on table store_brakes is 'A store that fails is left alone for all tickets; one run at a time tries it. By the real clock.';
    comment on column store_brakes.failures is 'in a row; a brake that opens soon after it closed goes on counting';
    comment on column store_brakes.probe_at is 'when the next run may try the store; null = braked by hand';
    comment on column store_brakes.prober is 'the run that tries the store right now';

    create table purge_orders (
      id bigint generated always as identity primary key,
      at timestamptz not null,
      what text not null constraint purge_orders_known check (what in ('halt', 'resume', 'brake', 'release')),
      store text,
      agent text not null,
      reason text not null,
      constraint purge_orders_of_a_store check ((store is not null) = (what in ('brake', 'release')))
    );
    comment on table purge_orders is 'Who halted, resumed, braked and released, and why.';
    create trigger purge_orders_append_only before update or delete or truncate on purge_orders
      for each statement execute function refuse_change();

    create table cap_holds (
      ticket_id bigint primary key references tickets,
      estimate bigint not null,
      held_at timestamptz not null
    );
    comment on table cap_holds is 'Tickets held because of a cap: once released they may delete as much as they were held for.';

    alter table purge_steps
      add lease_until timestamptz,
      add restricted_at timestamptz,
      add first_batch_at timestamptz,
      add last_batch_at timestamptz,
      add running_ms bigint not null default 0,
      add rate double precision,
      add drifted_to bigint;
    comment on column purge_steps.drifted_to is 'what it matched when it was held for matching too much: the release lets it delete as much';
    comment on column purge_steps.lease_until is 'until when the run in the checkpoint owns the step, by the real clock; null = nobody runs it';
    comment on column purge_steps.restricted_at is 'when access was taken away, or it was seen that there is none to take';
    comment on column purge_steps.running_ms is 'time spent on recorded batches, without the waits between runs';
    comment on column purge_steps.rate is 'things a second, smoothed over the last batches';
    create index purge_steps_deleted_lately on purge_steps (last_batch_at) where last_batch_at is not null;
    create index purge_steps_open on purge_steps (store) where status <> 'done';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table purge_steps
      drop lease_until, drop restricted_at, drop first_batch_at, drop last_batch_at, drop running_ms, drop rate,
      drop drifted_to;
    drop table cap_holds, purge_orders, store_brakes, purge_switch`);
}
