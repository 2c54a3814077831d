import type { Knex } from 'knex';

/** The guard against clocks that jump: time that was really observed, and what keeps purges until somebody has looked. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table clock_watch (
      id boolean primary key default true constraint clock_watch_single check (id),
      observed_ms bigint not null default 0 constraint clock_watch_grows check (observed_ms >= 0),
      seen_at timestamptz,
      lineage text,
      looks bigint not null default 0
    );
    comment on table clock_watch is
      'Time as it was observed: it grows by no more than what a machine''s uptime and the desk''s clock both say has passed.';
    comment on column clock_watch.seen_at is 'desk time up to which observed_ms counts';
    comment on column clock_watch.lineage is
      'which database this is: cluster, timeline and database; another one was restored, moved or failed over';
    comment on column clock_watch.looks is 'grows by one a look: a process that finds fewer than it left is on a restored database';
    insert into clock_watch default values;

    create table clock_witnesses (
      id text primary key,
      seen_at timestamptz not null,
      uptime_ms bigint not null,
      anchor_at timestamptz not null,
      anchor_uptime_ms bigint not null
    );
    comment on table clock_witnesses is 'Machines that measure time by their uptime; one row for each start of each machine.';
    comment on column clock_witnesses.anchor_at is 'desk time from which on its clock and this uptime are compared';

    create table purge_quarantines (
      id bigint generated always as identity primary key,
      kind text not null constraint purge_quarantines_known check (kind in ('clock_jump', 'restored')),
      noticed_at timestamptz not null,
      jump_ms bigint,
      halted boolean not null,
      ends_at timestamptz,
      ends_observed_ms bigint,
      ended_at timestamptz
    );
    comment on table purge_quarantines is 'Why the desk itself halted all purges.';
    comment on column purge_quarantines.jump_ms is 'how far the desk''s clock went beyond the time that passed; negative = back';
    comment on column purge_quarantines.halted is 'the switch was not set already';
    comment on column purge_quarantines.ends_at is 'when it ends without anybody; null = an agent lets purges run again';
    create unique index purge_quarantines_open on purge_quarantines (kind) where ended_at is null;

    alter table tickets add column grace_observed_ms bigint;
    comment on column tickets.grace_observed_ms is 'clock_watch.observed_ms at the start of the grace, rounded up';
    update tickets set grace_observed_ms =
        least(0, -cast(extract(epoch from desk_now() - grace_started_at) * 1000 as bigint))
      where state in ('grace', 'approval', 'purging') and grace_started_at is not null;

    create function grace_was_observed(since_ms bigint) returns boolean language sql stable as $$
      select movable or coalesce((select observed_ms from clock_watch) - since_ms >= 432000000, false) from desk_clock $$;
    comment on function grace_was_observed is 'Whether 120 hours were observed since then. The sandbox''s clock is moved on purpose.';

    create function note_grace_start() returns trigger language plpgsql as $$
      begin
        -- Time goes on between two looks: what may have passed since the last is not counted as grace.
        if tg_op = 'UPDATE' then
          new.grace_observed_ms := (select observed_ms + cast(1000 * least(300, greatest(0,
            coalesce(extract(epoch from desk_now() - seen_at), 0))) as bigint) from clock_watch);
        elsif new.grace_observed_ms is null then
          -- No program opens a ticket in its grace: a row that comes with it is copied from elsewhere.
          new.grace_observed_ms := (select observed_ms
            - cast(1000 * extract(epoch from desk_now() - new.grace_started_at) as bigint) from clock_watch);
        end if;
        return new;
      end $$;
    create trigger tickets_note_grace_start before update on tickets
      for each row when (new.grace_started_at is distinct from old.grace_started_at and new.grace_started_at is not null)
      execute function note_grace_start();
    create trigger tickets_note_copied_grace before insert on tickets
      for each row when (new.grace_started_at is not null) execute function note_grace_start();

    create function refuse_early_purge() returns trigger language plpgsql as $$
      begin
        if not grace_was_observed(new.grace_observed_ms) then
          raise exception 'ticket %: fewer than 120 hours of its grace were observed', new.id using errcode = 'PD005';
        end if;
        if exists (select from purge_quarantines where ended_at is null) then
          raise exception 'ticket %: all purges are in quarantine', new.id using errcode = 'PD005';
        end if;
        return new;
      end $$;
    create trigger tickets_no_early_purge before update of state on tickets
      for each row when (old.state <> 'purging' and new.state = 'purging') execute function refuse_early_purge();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger tickets_no_early_purge on tickets;
    drop trigger tickets_note_copied_grace on tickets;
    drop trigger tickets_note_grace_start on tickets;
    drop function refuse_early_purge(), note_grace_start(), grace_was_observed(bigint);
    alter table tickets drop column grace_observed_ms;
    drop table purge_quarantines, clock_witnesses, clock_watch`);
}
