import type { Knex } from 'knex';

/**
 * What people were told counts in observed time: no purge before the told date, no erasure of own mails by a clock alone.
 * A table that was put back is another table, even in the same database.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table clock_watch add column home bigint;
    comment on column clock_watch.home is 'the oid of this table when it was looked at last: another one = it was put back';

    create function observed_now() returns bigint language sql stable as $$
      select observed_ms + cast(1000 * least(300, greatest(0,
        coalesce(extract(epoch from desk_now() - seen_at), 0))) as bigint) from clock_watch $$;
    comment on function observed_now is 'Observed time in ms, with what may have passed since the last look.';

    create function purge_told_ms(t tickets, since_ms bigint, since timestamptz) returns bigint language sql immutable as $$
      select greatest(t.grace_observed_ms + cast(1000 * extract(epoch from t.grace_ends_at - t.grace_started_at) as bigint),
        since_ms + cast(1000 * extract(epoch from t.not_before - since) as bigint)) $$;
    comment on function purge_told_ms is 'The date that was told, in observed time; the second part is from when not_before was set.';

    alter table tickets add column purge_observed_ms bigint;
    comment on column tickets.purge_observed_ms is 'no purge before clock_watch.observed_ms is so far: the date that was told';
    update tickets t set purge_observed_ms = purge_told_ms(t, t.grace_observed_ms, t.grace_started_at)
      where state in ('grace', 'approval', 'purging') and grace_started_at is not null;

    create function purge_was_observed(grace_ms bigint, told_ms bigint) returns boolean language sql stable as $$
      select movable or (grace_was_observed(grace_ms)
        and coalesce((select observed_ms from clock_watch) >= told_ms, true)) from desk_clock $$;
    comment on function purge_was_observed is
      'Whether 120 hours of the grace were observed, and all the time to the date that was told.';

    create function note_told_date() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' then
          new.purge_observed_ms := purge_told_ms(new, new.grace_observed_ms, new.grace_started_at);
        else
          new.purge_observed_ms := purge_told_ms(new, observed_now(), desk_now());
        end if;
        return new;
      end $$;
    -- By their names these run after the triggers that note the start of the grace.
    create trigger tickets_note_told_date before update on tickets for each row
      when (new.grace_started_at is not null and (new.grace_started_at is distinct from old.grace_started_at
        or new.grace_ends_at is distinct from old.grace_ends_at or new.not_before is distinct from old.not_before))
      execute function note_told_date();
    create trigger tickets_note_told_date_copied before insert on tickets for each row
      when (new.grace_started_at is not null and new.purge_observed_ms is null) execute function note_told_date();

    create or replace function refuse_early_purge() returns trigger language plpgsql as $$
      begin
        if not grace_was_observed(new.grace_observed_ms) then
          raise exception 'ticket %: fewer than 120 hours of its grace were observed', new.id using errcode = 'PD005';
        end if;
        if not purge_was_observed(new.grace_observed_ms, new.purge_observed_ms) then
          raise exception 'ticket %: the date that was told was not observed yet', new.id using errcode = 'PD005';
        end if;
        if exists (select from purge_quarantines where ended_at is null) then
          raise exception 'ticket %: all purges are in quarantine', new.id using errcode = 'PD005';
        end if;
        return new;
      end $$;

    alter table own_context_runs add column opened_at timestamptz, add column observed_ms bigint;
    comment on column own_context_runs.opened_at is 'desk time; as_of is behind it where less time was observed';
    comment on column own_context_runs.observed_ms is 'clock_watch.observed_ms when it was opened';
    update own_context_runs r set opened_at = as_of, observed_ms = observed_now()
        - cast(1000 * greatest(0, extract(epoch from desk_now() - as_of)) as bigint)
      where id = (select max(id) from own_context_runs);

    create function hold_back_own_context() returns trigger language plpgsql as $$
      declare
        last own_context_runs;
      begin
        new.opened_at := coalesce(new.opened_at, new.as_of);
        new.observed_ms := coalesce(new.observed_ms, observed_now());
        if not (select movable from desk_clock) then
          select * into last from own_context_runs where observed_ms is not null order by id desc limit 1;
          -- A tenth more: what no machine could vouch for is made up for within weeks.
          if found then
            new.as_of := least(new.as_of,
              last.as_of + 1.1 * greatest(0, new.observed_ms - last.observed_ms) * interval '1 millisecond');
          end if;
        end if;
        return new;
      end $$;
    create trigger own_context_runs_hold_back before insert on own_context_runs
      for each row execute function hold_back_own_context();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger own_context_runs_hold_back on own_context_runs;
    drop function hold_back_own_context();
    alter table own_context_runs drop column observed_ms, drop column opened_at;
    create or replace function refuse_early_purge() returns trigger language plpgsql as $$
      begin
        if not grace_was_observed(new.grace_observed_ms) then
          raise exception 'ticket %: fewer than 120 hours of its grace were observed', new.id using errcode = 'PD005';
        end if;
        if exists (select from purge_quarantines where ended_at is null) then
          raise exception 'ticket %: all purges are in quarantine', new.id using errcode = 'PD005';
        end if;
        return new;
      end $$;
    drop trigger tickets_note_told_date_copied on tickets;
    drop trigger tickets_note_told_date on tickets;
    drop function note_told_date(), purge_was_observed(bigint, bigint);
    drop function purge_told_ms(tickets, bigint, timestamptz);
    alter table tickets drop column purge_observed_ms;
    drop function observed_now();
    alter table clock_watch drop column home`);
}
