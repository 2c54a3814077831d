import type { Knex } from 'knex';

/** Every mail about a ticket carries a link to a page that tells where the ticket stands. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table status_links (
      id uuid primary key,
      link_hash text not null constraint status_links_link_once unique,
      ticket_ids bigint[] not null,
      recipient_hash text not null,
      locale text not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      renewed_at timestamptz,
      constraint status_links_short check (expires_at <= created_at + interval '7 days')
    );
    comment on table status_links is 'What one mail lets its reader see. The link is derived from the key when the mail is sent; its hash is all that is kept.';
    comment on column status_links.recipient_hash is 'keyed: the one address that the mail went to';
    comment on column status_links.renewed_at is 'when a new link was last asked for with this one';
    create index status_links_tickets on status_links using gin (ticket_ids);
    create index status_links_renewed on status_links (recipient_hash, renewed_at) where renewed_at is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table status_links');
}
