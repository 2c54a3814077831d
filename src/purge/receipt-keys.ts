/** The public keys of this desk, as anybody may know them. */
import { createPublicKey } from 'node:crypto';
import type { Knex } from 'knex';
import { fingerprintOf } from './receipt.ts';

export interface PublishedKey {
  /** SPKI, base64: what `purgedesk receipt verify --key` takes. */
  readonly publicKey: string;
  /** The same as other programs take it (RFC 7468). */
  readonly pem: string;
  /** SHA-256 of the SPKI, lower-case hex. */
  readonly fingerprint: string;
  /** When it signed its first receipt, ISO 8601; `null` = none yet. */
  readonly firstUsedAt: string | null;
  /** It signs what is signed now. */
  readonly isCurrent: boolean;
}

/** The key of now first, then the former ones, newest first: each came with a secret of the desk and went with it. */
export async function publishedKeys(db: Knex, current: string): Promise<readonly PublishedKey[]> {
  const rows = await db('receipt_keys')
    .select<{ public_key: string; first_used_at: Date }[]>('public_key', 'first_used_at')
    .orderBy([
      { column: 'first_used_at', order: 'desc' },
      { column: 'public_key', order: 'asc' },
    ]);
  const usedAt = rows.find((row) => row.public_key === current)?.first_used_at ?? null;
  const former = rows.filter((row) => row.public_key !== current);
  return [
    published(current, usedAt, true),
    ...former.map((row) => published(row.public_key, row.first_used_at, false)),
  ];
}

function published(publicKey: string, firstUsedAt: Date | null, isCurrent: boolean): PublishedKey {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return {
    publicKey,
    pem: key.export({ format: 'pem', type: 'spki' }).toString(),
    fingerprint: fingerprintOf(publicKey),
    firstUsedAt: firstUsedAt?.toISOString() ?? null,
    isCurrent,
  };
}
