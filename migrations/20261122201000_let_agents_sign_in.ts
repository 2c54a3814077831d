import type { Knex } from 'knex';

/** How agents prove who they are, what keeps guessers out, and who changed what about whom. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table agents
      add column password_hash text,
      add column totp_sealed bytea,
      add column totp_step bigint,
      add column oidc_issuer text,
      add column oidc_subject text,
      add column is_sample boolean not null default false,
      add constraint agents_subject_whole check ((oidc_issuer is null) = (oidc_subject is null)),
      add constraint agents_subject_once unique (oidc_issuer, oidc_subject),
      add constraint agents_samples_have_no_key check (not is_sample or (password_hash is null and oidc_subject is null));
    create unique index agents_email_once on agents (lower(email));
    comment on column agents.password_hash is 'scrypt$log2N$r$p$salt$hash; null = cannot sign in by password';
    comment on column agents.totp_sealed is 'the secret of the app that makes the codes, sealed with a key made of the desk''s';
    comment on column agents.totp_step is 'the 30 seconds of the last code that was taken: none counts twice';
    comment on column agents.is_sample is 'of a sandbox: comes in without a password, and only there';

    alter table agent_sessions
      add column id bigint generated always as identity constraint agent_sessions_id_once unique,
      add column browser text not null default '';
    comment on column agent_sessions.browser is 'in a few words of ours, so that agents know their own sessions';

    create table agent_recovery_codes (
      agent_id bigint not null references agents,
      code_hash bytea not null,
      used_at timestamptz,
      primary key (agent_id, code_hash)
    );
    comment on column agent_recovery_codes.code_hash is 'keyed';

    create table agent_links (
      token_hash bytea primary key,
      agent_id bigint not null references agents,
      created_at timestamptz not null default clock_timestamp(),
      expires_at timestamptz not null,
      used_at timestamptz
    );
    comment on table agent_links is 'Links by which agents choose a password, by the real clock.';
    create index agent_links_agent on agent_links (agent_id);

    create table sign_in_tries (
      name_hash bytea primary key,
      failures integer not null,
      next_at timestamptz not null
    );
    comment on table sign_in_tries is 'Wrong tries in a row for a name, whether there is such an agent or not.';
    comment on column sign_in_tries.name_hash is 'keyed: of the name, and of the browser if it was here before';

    create table agent_events (
      id bigint generated always as identity primary key,
      at timestamptz not null default clock_timestamp(),
      actor text not null,
      what text not null,
      agent_id bigint not null references agents,
      detail text
    );
    comment on column agent_events.actor is 'the name of an agent, or the command line';
    comment on column agent_events.what is 'in fixed words';
    create trigger agent_events_append_only before update or delete or truncate on agent_events
      for each statement execute function refuse_change();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table agent_events, sign_in_tries, agent_links, agent_recovery_codes;
    alter table agent_sessions drop column id, drop column browser;
    drop index agents_email_once;
    alter table agents drop column is_sample, drop column oidc_subject, drop column oidc_issuer, drop column totp_step,
      drop column totp_sealed, drop column password_hash cascade;
  `);
}
