import type { Knex } from 'knex';

/** People who work at the desk, and their sessions on the web. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table agents (
      id bigint generated always as identity primary key,
      name text not null,
      plain_name text not null constraint agents_plain_name_once unique,
      email text,
      role text not null constraint agents_role_known check (role in ('viewer', 'agent', 'approver', 'admin')),
      created_at timestamptz not null default clock_timestamp(),
      disabled_at timestamptz
    );
    comment on column agents.name is 'as it stands in the audit chain';
    comment on column agents.plain_name is 'what is left of the name once case, width and punctuation are gone: no two agents look alike';

    create table agent_sessions (
      token_hash bytea primary key,
      agent_id bigint not null references agents,
      created_at timestamptz not null default clock_timestamp(),
      seen_at timestamptz not null default clock_timestamp()
    );
    comment on table agent_sessions is 'Signed-in browsers, by the real clock: the clock of a sandbox may be moved.';
    comment on column agent_sessions.token_hash is 'SHA-256 of the token in the cookie';
    create index agent_sessions_agent on agent_sessions (agent_id);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table agent_sessions, agents');
}
