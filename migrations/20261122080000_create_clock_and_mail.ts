import type { Knex } from 'knex';

/** Time, mailboxes and inbound messages: what must never be lost. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table desk_clock (
      id boolean primary key default true constraint desk_clock_single check (id),
      offset_ms bigint not null default 0,
      movable boolean not null default false,
      constraint desk_clock_moved_in_sandbox_only check (movable or offset_ms = 0)
    );
    comment on table desk_clock is 'The one clock: database time plus an offset that only the sandbox may write.';
    insert into desk_clock default values;

    create function desk_now() returns timestamptz language sql stable as
      $$ select clock_timestamp() + offset_ms * interval '1 millisecond' from desk_clock $$;

    create table mailboxes (
      id bigint generated always as identity primary key,
      account text not null,
      folder text not null,
      uid_validity numeric(20) not null default 0,
      last_uid bigint not null default 0,
      last_polled_at timestamptz,
      last_error text,
      constraint mailboxes_one_cursor unique (account, folder)
    );
    comment on table mailboxes is 'An IMAP account and folder; its cursor is (uid_validity, last_uid).';
    comment on column mailboxes.account is 'host:port/user, never a password';

    create table conversations (
      id bigint generated always as identity primary key,
      requester text,
      requester_hash text not null,
      subject text,
      locale text not null default 'en',
      opened_at timestamptz not null
    );
    comment on table conversations is 'One mail thread with one requester; holds messages and tickets.';
    comment on column conversations.requester is 'address, erased after retention; requester_hash stays';

    create table messages (
      id bigint generated always as identity primary key,
      mailbox_id bigint references mailboxes,
      uid_validity numeric(20),
      uid bigint,
      content_hash text not null,
      size_bytes bigint not null,
      raw bytea,
      arrived_at timestamptz not null,
      committed_at timestamptz not null default clock_timestamp(),
      moved_at timestamptz,
      status text not null default 'pending' constraint messages_status_known check (status in ('pending', 'done')),
      attempts integer not null default 0,
      not_before timestamptz,
      disposition text constraint messages_disposition_known check (disposition in
        ('opened', 'joined', 'duplicate', 'automatic', 'own', 'other', 'unreadable', 'silenced')),
      disposition_reason text,
      needs_agent boolean not null default false,
      conversation_id bigint references conversations,
      author text,
      message_id_header text,
      in_reply_to text,
      reference_ids text[] not null default '{}',
      subject text,
      understanding jsonb,
      evidence jsonb,
      handled_at timestamptz,
      constraint messages_fetched_once unique (mailbox_id, uid_validity, uid),
      constraint messages_done_have_disposition check (status = 'pending' or disposition is not null)
    );
    comment on table messages is 'Inbound mail and its own queue: pending rows are taken in sets, for update skip locked.';
    comment on column messages.content_hash is 'SHA-256 of the mail without trace headers: one content opens one ticket';
    comment on column messages.arrived_at is 'desk time at which the mail was committed or, if earlier, its INTERNALDATE';
    create index messages_pending on messages (id) where status = 'pending';
    create index messages_content on messages (content_hash);
    create index messages_conversation on messages (conversation_id) where conversation_id is not null;
    create index messages_for_agents on messages (id) where needs_agent;
    create index messages_unmoved on messages (mailbox_id, uid) where moved_at is null and mailbox_id is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(
    `drop table messages, conversations, mailboxes; drop function desk_now(); drop table desk_clock`,
  );
}
