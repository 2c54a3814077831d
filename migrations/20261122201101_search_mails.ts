import type { Knex } from 'knex';

/**
 * Words of mails and names of workspaces can be searched. Of a mail only its search words are kept in a form of their
 * own, never its text; they go with the mail.
 */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    alter table messages add column words tsvector;
    comment on column messages.words is 'what it is found by: words of its subject, its author and its text, up to a bound; erased with them';
    update messages set words = to_tsvector('simple', concat_ws(' ', subject, author, replace(author, '@', ' ')))
      where erased_at is null and status = 'done' and (subject is not null or author is not null);
    alter table messages drop constraint messages_erased_hold_nothing,
      add constraint messages_erased_hold_nothing check (erased_at is null or (status = 'done' and not needs_agent
        and raw is null and author is null and message_id_header is null and in_reply_to is null
        and cardinality(reference_ids) = 0 and subject is null and understanding is null and evidence is null
        and agent_note is null and words is null));
    create index messages_words on messages using gin (words) with (gin_pending_list_limit = 512);

    create index workspaces_words on workspaces using gin (to_tsvector('simple', slug || ' ' || name));
    create index tickets_requester_address on tickets (requester, id) where requester is not null;

    drop index tickets_workspaces;
    create index tickets_workspaces on tickets using gin (workspace_ids);
    create index tickets_closed on tickets (closed_at, id) where closed_at is not null;
    create index tickets_approval on tickets (due_at, id) where state = 'approval';
    create index conversations_locale on conversations (locale, id);
    create index tickets_scope on tickets (scope, id);
    create index holds_by_reason on holds (reason, ticket_id) where lifted_at is null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index holds_by_reason, tickets_scope, conversations_locale, tickets_approval, tickets_closed, tickets_workspaces;
    create index tickets_workspaces on tickets using gin (workspace_ids)
      where state not in ('completed', 'cancelled', 'rejected', 'expired');
    drop index tickets_requester_address, workspaces_words, messages_words;
    alter table messages drop constraint messages_erased_hold_nothing;
    alter table messages drop column words;
    alter table messages add constraint messages_erased_hold_nothing check (erased_at is null or (status = 'done'
      and not needs_agent and raw is null and author is null and message_id_header is null and in_reply_to is null
      and cardinality(reference_ids) = 0 and subject is null and understanding is null and evidence is null
      and agent_note is null))`);
}
