/** Addresses whose mail came back: nothing that merely answers goes there until somebody shows that it is read. */
import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { distinct } from '../db/rows.ts';
import { forMany } from '../db/together.ts';
import { addressHash } from '../domain/canonical.ts';

export async function markUndeliverable(
  trx: Knex.Transaction,
  mail: { readonly outboxId: number; readonly recipientHash: string },
  reason: 'bounced' | 'refused',
): Promise<void> {
  await trx('undeliverable_addresses')
    .insert({
      recipient_hash: mail.recipientHash,
      since: trx.raw('desk_now()'),
      outbox_id: mail.outboxId,
      reason,
    })
    .onConflict('recipient_hash')
    .merge(['outbox_id', 'reason']);
}

/** Somebody wrote from there and proved it, or an agent says so. @returns whether it was marked */
export const clearUndeliverable = (db: Knex, key: Uint8Array, address: string): Promise<boolean> =>
  clearUndeliverableHash(db, addressHash(key, address));

/** The same where the address itself is not at hand. @param hash - of `addressHash` */
export const clearUndeliverableHash = forMany(async (db: Knex, hashes: readonly string[]) => {
  const cleared = await prepared<{ rows: { hash: string }[] }>(db, CLEAR, [distinct(hashes)]);
  const were = new Set(cleared.rows.map(({ hash }) => hash));
  return hashes.map((hash) => were.has(hash));
});

const CLEAR = `
  delete from undeliverable_addresses where recipient_hash = any(cast(? as text[])) returning recipient_hash as hash`;
