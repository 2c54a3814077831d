import type { Knex } from 'knex';

/** What keeps the desk from being made to shout: permits for mails to people not yet verified, and what came of them. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table reply_permits (
      key text primary key,
      asked_at timestamptz not null,
      recipient_hash text not null,
      domain_hash text not null,
      conversation_id bigint,
      workspace_ids text[] not null default '{}',
      caused_by text not null constraint reply_permits_cause_known
        check (caused_by in ('stranger', 'unproven', 'authenticated', 'desk')),
      template text not null,
      silenced text constraint reply_permits_silence_known
        check (silenced in ('undeliverable', 'address', 'domain', 'thread', 'workspace', 'breaker')),
      not_before timestamptz
    );
    comment on table reply_permits is 'One row a mail before verification, granted or not; it is committed before the decision that asks for it, so that two decisions at once count each other.';
    comment on column reply_permits.key is 'that of the outbox row: a decision that is taken again asks for the same permit';
    comment on column reply_permits.conversation_id is 'no foreign key: the conversation may not be committed yet';
    comment on column reply_permits.domain_hash is 'keyed, like recipient_hash: no address is in here';
    comment on column reply_permits.silenced is 'which budget kept the mail from being written; null = it was granted';
    create index reply_permits_recipient on reply_permits (recipient_hash, asked_at) where silenced is null;
    create index reply_permits_domain on reply_permits (domain_hash, asked_at)
      where silenced is null and caused_by in ('stranger', 'unproven');
    create index reply_permits_thread on reply_permits (conversation_id, asked_at) where silenced is null;
    create index reply_permits_hour on reply_permits (asked_at) where silenced is null;
    create index reply_permits_silenced on reply_permits (asked_at) where silenced is not null;
    create index reply_permits_challenges on reply_permits using gin (workspace_ids)
      where silenced is null and caused_by = 'unproven' and template = 'verify_request';

    create table breaker_trips (
      id bigint generated always as identity primary key,
      share text not null constraint breaker_trips_share_known check (share in ('unproven', 'all')),
      opened_at timestamptz not null,
      closed_at timestamptz,
      suppressed bigint not null default 1
    );
    comment on column breaker_trips.share is 'unproven = only strangers and mails that prove nothing are silenced; all = everybody who is not verified';
    create unique index breaker_trips_open on breaker_trips (share) where closed_at is null;

    create table undeliverable_addresses (
      recipient_hash text primary key,
      since timestamptz not null,
      outbox_id bigint not null references outbox,
      reason text not null constraint undeliverable_addresses_reason_known check (reason in ('bounced', 'refused'))
    );
    comment on table undeliverable_addresses is 'Until an authenticated mail comes from there or an agent says otherwise, nothing that merely answers goes to these.';

    alter table outbox add column not_before timestamptz;
    comment on column outbox.not_before is 'desk time: mails that prove nothing cause mails to one address ten minutes apart';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    alter table outbox drop column not_before;
    drop table undeliverable_addresses, breaker_trips, reply_permits`);
}
