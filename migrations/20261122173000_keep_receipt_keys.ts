import type { Knex } from 'knex';

/** Every key that ever signed a receipt: a new secret makes a new key, and old receipts must still be checked. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`
    create table receipt_keys (
      public_key text primary key,
      first_used_at timestamptz not null
    );
    comment on column receipt_keys.public_key is 'Ed25519, SPKI, base64';
    insert into receipt_keys select signed ->> 'publicKey', min(created_at) from receipts group by 1;
    create trigger receipt_keys_append_only before update or delete or truncate on receipt_keys
      for each statement execute function refuse_change();

    create function keep_receipt_key() returns trigger language plpgsql as $$
      begin
        insert into receipt_keys values (new.signed ->> 'publicKey', new.created_at) on conflict do nothing;
        return null;
      end $$;
    create trigger receipts_keep_key after insert on receipts
      for each row execute function keep_receipt_key();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger receipts_keep_key on receipts; drop function keep_receipt_key(); drop table receipt_keys`);
}
