/** Reads what the database knows of the desk's work, its mailboxes and its key. Nothing here writes. */
import type { SideConnection } from '../../db/side-connection.ts';
import { fingerprintOf, receiptKey } from '../../purge/receipt.ts';
import { linkHashOf, linkTokenOf } from '../../verify/challenge.ts';
import type { KeyTraces } from './verdicts-desk.ts';
import type { KnownCursor } from './verdicts-mail.ts';

export async function keyTraces(connection: SideConnection, key: Uint8Array): Promise<KeyTraces> {
  const [challenge] = await connection.query<{ id: string; link_hash: string }>(NEWEST_CHALLENGE);
  const [receipt] = await connection.query<{ public_key: string }>(NEWEST_KEY);
  return {
    challenge:
      challenge === undefined
        ? null
        : { linkHash: challenge.link_hash, derivedLinkHash: linkHashOf(linkTokenOf(key, challenge.id)) },
    receipts: {
      newest: receipt === undefined ? null : fingerprintOf(receipt.public_key),
      current: fingerprintOf(receiptKey(key).publicKey),
    },
  };
}

const NEWEST_CHALLENGE = 'select id, link_hash from challenges order by created_at desc limit 1';
const NEWEST_KEY = 'select public_key from receipt_keys order by first_used_at desc limit 1';

export async function cursorOf(
  connection: SideConnection,
  account: string,
  folder: string,
): Promise<KnownCursor> {
  const [row] = await connection.query<{ uid_validity: string; last_uid: string }>(CURSOR, [account, folder]);
  return row === undefined ? null : { uidValidity: row.uid_validity, lastUid: Number(row.last_uid) };
}

const CURSOR = 'select uid_validity, last_uid from mailboxes where account = $1 and folder = $2';
