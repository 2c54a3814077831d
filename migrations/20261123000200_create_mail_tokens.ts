import type { Knex } from 'knex';

/** The newest refresh token of a mail account, where the provider gives another with each use. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table mail_tokens (
      id text primary key,
      sealed bytea not null,
      renewed_at timestamptz not null
    );
    comment on table mail_tokens is 'Refresh tokens of mail accounts (OAuth 2.0); by the real clock.';
    comment on column mail_tokens.id is 'keyed hash of token endpoint, client and the configured token that it came from';
    comment on column mail_tokens.sealed is 'encrypted with the desk''s secret key';
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop table mail_tokens');
}
