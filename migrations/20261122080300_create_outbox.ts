import type { Knex } from 'knex';

/** Outgoing mail, written with the decision that caused it and sent by a job. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table outbox (
      id bigint generated always as identity primary key,
      key text not null constraint outbox_at_most_one unique,
      conversation_id bigint references conversations,
      ticket_ids bigint[] not null default '{}',
      cause_message_id bigint references messages,
      template text not null,
      locale text not null,
      recipient text,
      recipient_hash text not null,
      before_verification boolean not null,
      facts jsonb not null,
      message_id_header text,
      in_reply_to text,
      reference_ids text[] not null default '{}',
      created_at timestamptz not null,
      status text not null default 'pending' constraint outbox_status_known check (status in
        ('pending', 'sending', 'sent', 'unknown', 'failed', 'bounced')),
      attempts integer not null default 0,
      next_attempt_at timestamptz not null default clock_timestamp(),
      lease_until timestamptz,
      sent_at timestamptz,
      last_error text
    );
    comment on column outbox.key is 'the effect: template, conversation or ticket, n and recipient hash; a second decision of the same effect is refused';
    comment on column outbox.next_attempt_at is 'database time, not desk time: retries follow the real clock';
    comment on column outbox.status is 'unknown = the connection was lost after the mail was handed over (RFC 1047)';
    create unique index outbox_message_id on outbox (message_id_header) where message_id_header is not null;
    create index outbox_due on outbox (next_attempt_at, id) where status in ('pending', 'sending', 'unknown');
    create index outbox_recipient on outbox (recipient_hash, created_at);
    create index outbox_unverified on outbox (created_at) where before_verification;
    create index outbox_conversation on outbox (conversation_id, id);
    create index outbox_cause on outbox (cause_message_id) where cause_message_id is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table outbox');
}
