import type { Knex } from 'knex';
import { contentHash } from './content-hash.ts';
import type { Cursor, FetchedBatch, MailboxPorts } from './mailbox.ts';

/** The channel on which a commit of new mails is announced; the payload is empty. */
export const MESSAGES_CHANNEL = 'purgedesk_messages';

/** Everything that the poller of one mailbox needs of the database. */
export function mailboxPorts(db: Knex, mailboxId: number): MailboxPorts {
  return {
    cursor: () => cursorOf(db, mailboxId),
    restart: (uidValidity) => restartCursor(db, mailboxId, uidValidity),
    commit: (batch) => commitBatch(db, mailboxId, batch),
    unmoved: (uidValidity) => unmovedUids(db, mailboxId, uidValidity),
    markMoved: (uidValidity, uids) => markMoved(db, mailboxId, uidValidity, uids),
    polled: () => notePoll(db, mailboxId),
    failed: (code) => noteFailure(db, mailboxId, code),
  };
}

/**
 * The id of an account and folder, made on first sight.
 * @param account - host:port/user, never a password
 */
export async function openMailbox(db: Knex, account: string, folder: string): Promise<number> {
  const result = await db.raw<{ rows: [{ id: number }] }>(OPEN_MAILBOX, { account, folder });
  return result.rows[0].id;
}

const OPEN_MAILBOX = `
  insert into mailboxes (account, folder) values (:account, :folder)
  on conflict on constraint mailboxes_one_cursor do update set account = excluded.account
  returning id`;

/** How far a mailbox has been read. */
export async function cursorOf(db: Knex, mailboxId: number): Promise<Cursor> {
  const row = await db('mailboxes')
    .where({ id: mailboxId })
    .first<{ uid_validity: string; last_uid: number }>('uid_validity', 'last_uid');
  return { uidValidity: row.uid_validity, lastUid: row.last_uid };
}

/** Begins a mailbox again whose server numbers its mails anew. What was committed stays, and is recognised. */
export async function restartCursor(db: Knex, mailboxId: number, uidValidity: string): Promise<void> {
  await db.raw(RESTART_CURSOR, { mailboxId, uidValidity });
}

const RESTART_CURSOR = `
  update mailboxes set uid_validity = cast(:uidValidity as numeric), last_uid = 0
  where id = :mailboxId and uid_validity <> cast(:uidValidity as numeric)`;

/**
 * Stores a batch, moves the cursor past it and tells the workers, in one transaction: once this returns, the mails are
 * durable and may leave the server. The same batch again changes nothing; nor do mails of this mailbox that are stored
 * already under another UIDVALIDITY, byte for byte. A second delivery has other trace headers and is a mail of its own.
 */
export async function commitBatch(db: Knex, mailboxId: number, batch: FetchedBatch): Promise<void> {
  const { uidValidity, throughUid, mails } = batch;
  await db.transaction(async (trx) => {
    if (mails.length > 0) {
      const numbered = {
        mailboxId,
        uidValidity,
        uids: mails.map((mail) => mail.uid),
        hashes: mails.map((mail) => contentHash(mail.raw)),
        raws: mails.map((mail) => mail.raw),
      };
      await trx.raw(RENUMBER_MAILS, numbered);
      await trx.raw(INSERT_MAILS, {
        ...numbered,
        sizes: mails.map((mail) => mail.sizeBytes),
        dates: mails.map((mail) => mail.internalDate?.toISOString() ?? null),
      });
      await trx.raw('select pg_notify(:channel, :payload)', { channel: MESSAGES_CHANNEL, payload: '' });
    }
    await trx.raw(ADVANCE_CURSOR, { mailboxId, uidValidity, throughUid });
  });
}

// A mail that waits to be moved has another number now: under the old one nobody would find it again. Byte-equal copies
// are told apart by their order.
const RENUMBER_MAILS = `
  with renumbered as (
    select mail.uid, mail.hash, mail.raw, row_number() over (partition by mail.hash, sha256(mail.raw) order by mail.uid) as copy
    from unnest(cast(:uids as bigint[]), cast(:hashes as text[]), cast(:raws as bytea[])) as mail (uid, hash, raw)),
  known as (
    select id, content_hash, raw, row_number() over (partition by content_hash, sha256(raw) order by id) as copy
    from messages
    where content_hash = any(cast(:hashes as text[])) and mailbox_id = :mailboxId and moved_at is null
      and uid_validity <> cast(:uidValidity as numeric))
  update messages set uid_validity = cast(:uidValidity as numeric), uid = renumbered.uid
  from renumbered, known
  where messages.id = known.id and known.content_hash = renumbered.hash and known.raw = renumbered.raw
    and known.copy = renumbered.copy
    and not exists (
      select from messages taken where taken.mailbox_id = :mailboxId
        and taken.uid_validity = cast(:uidValidity as numeric) and taken.uid = renumbered.uid)`;

// INTERNALDATE is real time; the desk's clock may stand ahead of it in the sandbox, so the offset is added first.
const INSERT_MAILS = `
  with clock as materialized (select desk_now() as now, desk_now() - clock_timestamp() as ahead)
  insert into messages (mailbox_id, uid_validity, uid, content_hash, size_bytes, raw, arrived_at)
  select :mailboxId, cast(:uidValidity as numeric), mail.uid, mail.hash, mail.size, mail.raw,
    least(clock.now, mail.internal_date + clock.ahead)
  from clock, unnest(cast(:uids as bigint[]), cast(:hashes as text[]), cast(:sizes as bigint[]),
    cast(:raws as bytea[]), cast(:dates as timestamptz[])) as mail (uid, hash, size, raw, internal_date)
  where not exists (
    select from messages known
    where known.content_hash = mail.hash and known.mailbox_id = :mailboxId
      and known.uid_validity <> cast(:uidValidity as numeric) and known.raw = mail.raw)
  order by mail.uid
  on conflict on constraint messages_fetched_once do nothing`;

// Never backwards, and never by a poller that still reads under an older UIDVALIDITY.
const ADVANCE_CURSOR = `
  update mailboxes set last_uid = greatest(last_uid, :throughUid)
  where id = :mailboxId and uid_validity = cast(:uidValidity as numeric)`;

/** Committed mails that may still be in the watched folder, because the process ended before it moved them. Ascending. */
export async function unmovedUids(
  db: Knex,
  mailboxId: number,
  uidValidity: string,
): Promise<readonly number[]> {
  const result = await db.raw<{ rows: { uid: number }[] }>(UNMOVED_UIDS, { mailboxId, uidValidity });
  return result.rows.map((row) => row.uid);
}

const UNMOVED_UIDS = `
  select uid from messages
  where mailbox_id = :mailboxId and uid_validity = cast(:uidValidity as numeric) and moved_at is null
  order by uid`;

export async function markMoved(
  db: Knex,
  mailboxId: number,
  uidValidity: string,
  uids: readonly number[],
): Promise<void> {
  if (uids.length > 0)
    await db.raw(MARK_MOVED, { mailboxId, uidValidity, uids: [...uids], channel: MESSAGES_CHANNEL });
}

// Whoever came for a mail while this held its row has skipped it, and is told that it is free again.
const MARK_MOVED = `
  with moved as (
    update messages set moved_at = clock_timestamp()
    where mailbox_id = :mailboxId and uid_validity = cast(:uidValidity as numeric) and uid = any(cast(:uids as bigint[]))
      and moved_at is null
    returning status)
  select pg_notify(:channel, '') where exists (select from moved where status = 'pending')`;

/** Liveness: the mailbox was searched just now and all that was new is committed. */
export async function notePoll(db: Knex, mailboxId: number): Promise<void> {
  await db.raw(NOTE_POLL, { mailboxId });
}

const NOTE_POLL =
  'update mailboxes set last_polled_at = clock_timestamp(), last_error = null where id = :mailboxId';

/** @param code - an error's code; no text of a server or a mail */
export async function noteFailure(db: Knex, mailboxId: number, code: string): Promise<void> {
  await db.raw('update mailboxes set last_error = :code where id = :mailboxId', { mailboxId, code });
}
