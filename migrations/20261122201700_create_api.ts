import type { Knex } from 'knex';

/** Programs that work with the desk: their tokens, what they were answered, and the deletions that an app asked for. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table api_tokens (
      id bigint generated always as identity primary key,
      name text not null,
      plain_name text not null,
      token_hash bytea not null constraint api_tokens_hash_once unique,
      scopes text[] not null constraint api_tokens_scopes_known check (cardinality(scopes) > 0 and scopes <@
        array['tickets:read', 'tickets:write', 'requests:write', 'metrics:read', 'suppressions:read']),
      created_at timestamptz not null default clock_timestamp(),
      created_by text not null,
      expires_at timestamptz,
      last_used_at timestamptz,
      revoked_at timestamptz,
      revoked_by text
    );
    comment on table api_tokens is 'What programs show, by the real clock: the clock of a sandbox may be moved.';
    comment on column api_tokens.token_hash is 'SHA-256 of the token, which is shown once';
    comment on column api_tokens.last_used_at is 'to the minute';
    create unique index api_tokens_name_once on api_tokens (plain_name) where revoked_at is null;

    create table api_answers (
      token_id bigint not null references api_tokens,
      key text not null,
      request_hash bytea not null,
      status integer,
      answer json,
      created_at timestamptz not null default clock_timestamp(),
      primary key (token_id, key)
    );
    comment on table api_answers is 'What a request with an Idempotency-Key was answered, for a day: the same again changes nothing.';
    comment on column api_answers.request_hash is 'keyed hash of method, address and body';
    create index api_answers_age on api_answers (created_at);

    create table app_requests (
      id uuid primary key,
      ticket_id bigint not null references tickets,
      token_id bigint not null references api_tokens,
      opened boolean not null,
      request_hash bytea not null,
      received_at timestamptz not null,
      callback_urls text[] not null default '{}'
    );
    comment on table app_requests is 'Deletions that an app asked for by the API.';
    comment on column app_requests.id is 'subject_request_id of OpenDSR, chosen by the app';
    comment on column app_requests.opened is 'whether it opened its ticket, or found one that was open';
    comment on column app_requests.request_hash is 'keyed hash of the body: the same id with another body is refused';
    create index app_requests_ticket on app_requests (ticket_id);
    create index app_requests_age on app_requests (received_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table app_requests, api_answers, api_tokens');
}
