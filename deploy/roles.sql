-- Lets the role of the desk work, and no more: it owns nothing, so that no hole in the desk can lift the guards of the
-- audit chain. Run as the owner of the tables, after each `purgedesk migrate`; the role has to be there already:
--   create role purgedesk login password '…';
--   psql "$OWNER_URL" --file=deploy/roles.sql

grant usage on schema public, graphile_worker to purgedesk;
grant select, insert, update, delete on all tables in schema public, graphile_worker to purgedesk;
-- The clock is moved in the sandbox only, which owns its database. Whoever could write here could hurry every wait.
revoke insert, update, delete on desk_clock from purgedesk;
grant usage, select on all sequences in schema public, graphile_worker to purgedesk;
grant execute on all functions in schema public, graphile_worker to purgedesk;
alter default privileges in schema public, graphile_worker
  grant select, insert, update, delete on tables to purgedesk;
alter default privileges in schema public, graphile_worker grant usage, select on sequences to purgedesk;

-- The tables of the job queue show their rows to their owner only, unless a policy says otherwise.
do $$
declare
  queue_table regclass;
begin
  for queue_table in
    select oid from pg_class where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity
  loop
    execute format('drop policy if exists purgedesk_works on %s', queue_table);
    execute format('create policy purgedesk_works on %s to purgedesk using (true) with check (true)', queue_table);
  end loop;
end
$$;
