import type { Knex } from 'knex';
import { prepared } from '../db/prepared.ts';
import { PurgedeskError } from '../domain/errors.ts';
import { contentHash } from './content-hash.ts';
import { numberReused } from './imap/faults.ts';
import type { Cursor, FetchedBatch, MailboxPorts } from './mailbox.ts';

/** The channel on which a commit of new mails is announced; the payload is empty. */
export const MESSAGES_CHANNEL = 'purgedesk_messages';

/** The right to write for a mailbox: the newest token that was given out for it (lease.ts). */
export interface MailboxLease {
  readonly mailboxId: number;
  readonly token: number;
}

/**
 * Everything that the poller of one mailbox needs of the database. Each write checks the lease in its own transaction.
 * Mails that a worker holds are marked as moved by one of the next calls: nobody stops reading a mailbox for their sake.
 * @param lost - called when a write was refused, before the error is thrown
 */
export function mailboxPorts(
  db: Knex,
  lease: MailboxLease,
  lost: () => void = () => undefined,
): MailboxPorts {
  const { mailboxId } = lease;
  const fenced = async (write: Promise<void>): Promise<void> => {
    try {
      await write;
    } catch (error) {
      if (error instanceof PurgedeskError && error.code === 'PD_LEASE_LOST') lost();
      throw error;
    }
  };
  /** Moved and held when they should have been marked. Forgotten by the end of the process, when all are looked at anew. */
  let owed: Owed | null = null;
  const mark = async (uidValidity: string, uids: readonly number[]): Promise<void> => {
    const all = owed?.uidValidity === uidValidity ? [...owed.uids, ...uids] : uids;
    const left = await markMoved(db, lease, uidValidity, all);
    owed = left.length === 0 ? null : { uidValidity, uids: left };
  };
  /** Mails may still have numbers of an earlier time. */
  let hasFormer = true;
  return {
    cursor: () => cursorOf(db, mailboxId),
    restart: (uidValidity, seen) => {
      owed = null; // the numbers belong to other mails now
      hasFormer = true;
      return fenced(restartCursor(db, lease, uidValidity, seen));
    },
    commit: (batch) => fenced(commitBatch(db, lease, batch)),
    unmoved: (uidValidity) => unmovedUids(db, mailboxId, uidValidity),
    markMoved: (uidValidity, uids) => fenced(mark(uidValidity, uids)),
    polled: async () => {
      if (owed !== null) await fenced(mark(owed.uidValidity, []));
      if (hasFormer) await fenced(markFormer(db, lease));
      hasFormer = false;
      await fenced(notePoll(db, lease));
      return owed !== null;
    },
    failed: (code) => fenced(noteFailure(db, lease, code)),
  };
}

interface Owed {
  readonly uidValidity: string;
  readonly uids: readonly number[];
}

/** @throws PurgedeskError PD_LEASE_LOST when no row of the mailbox has this token, or PostgreSQL's own */
async function written(db: Knex, sql: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const result = await prepared<{ rows: unknown[] }>(db, sql, values as Record<string, Knex.Value>);
  if (result.rows.length === 0)
    throw new PurgedeskError('PD_LEASE_LOST', 'another process reads this mailbox by now', {
      details: { mailbox: values.mailboxId as number, token: values.token as number },
    });
}

/**
 * The id of an account and folder, made on first sight.
 * @param account - host:port/user, never a password
 * @param name - by which the configuration calls it now, if it does
 */
export async function openMailbox(
  db: Knex,
  account: string,
  folder: string,
  name: string | null = null,
): Promise<number> {
  const result = await db.raw<{ rows: [{ id: number }] }>(OPEN_MAILBOX, { account, folder, name });
  return result.rows[0].id;
}

const OPEN_MAILBOX = `
  insert into mailboxes (account, folder, name) values (:account, :folder, :name)
  on conflict on constraint mailboxes_one_cursor do update set name = coalesce(excluded.name, mailboxes.name)
  returning id`;

/** How far a mailbox has been read. */
export async function cursorOf(db: Knex, mailboxId: number): Promise<Cursor> {
  const { rows } = await prepared<{
    rows: [{ uid_validity: string; last_uid: number; highest_uid: number | null }];
  }>(db, CURSOR, { mailboxId });
  const [row] = rows;
  return {
    uidValidity: row.uid_validity,
    lastUid: row.last_uid,
    highestUid: Math.max(row.last_uid, row.highest_uid ?? 0),
  };
}

const CURSOR = `
  select uid_validity, last_uid, (
    select max(uid) from messages where mailbox_id = mailboxes.id and messages.uid_validity = mailboxes.uid_validity
  ) as highest_uid
  from mailboxes where id = :mailboxId`;

/**
 * Begins a mailbox again whose server numbers its mails anew. What was committed stays, and is recognised by its content.
 * @param seen - the cursor when this was decided: one that has moved since is left alone. Needed where the server gives
 *   numbers of the same UIDVALIDITY a second time, after it was restored from a backup
 * @throws PurgedeskError PD_LEASE_LOST, and then nothing was changed
 */
export async function restartCursor(
  db: Knex,
  lease: MailboxLease,
  uidValidity: string,
  seen?: Cursor,
): Promise<void> {
  await db.transaction(async (trx) => {
    const cursor = await cursorOf(trx, lease.mailboxId);
    const isBack = cursor.uidValidity === seen?.uidValidity && cursor.lastUid === seen.lastUid;
    const isAnew = cursor.uidValidity !== uidValidity || (isBack && cursor.highestUid > 0);
    if (isAnew) await trx.raw(VOID_NUMBERS, { mailboxId: lease.mailboxId, uidValidity });
    await written(trx, isAnew ? RESTART_CURSOR : STAND_BY, { ...lease, uidValidity });
  });
}

const RESTART_CURSOR = `
  update mailboxes set uid_validity = cast(:uidValidity as numeric), last_uid = 0
  where id = :mailboxId and lease_token = :token returning id`;

// Of an earlier time with the same UIDVALIDITY: they belong to other mails now, and would keep those from being stored.
// What no server gives takes its place: UIDVALIDITY fills 32 bits.
const VOID_NUMBERS = `
  update messages set uid_validity = 72057594037927936 + floor(extract(epoch from clock_timestamp()) * 1000)
  where mailbox_id = :mailboxId and uid_validity = cast(:uidValidity as numeric)`;

/**
 * Stores a batch, moves the cursor past it and tells the workers, in one transaction: once this returns, the mails are
 * durable and may leave the server. The same batch again changes nothing; nor do mails of this mailbox that are stored
 * already under another UIDVALIDITY, byte for byte. A second delivery has other trace headers and is a mail of its own.
 * @throws PurgedeskError PD_LEASE_LOST, or PD_MAILBOX_FAILED with the cause `reused` when a number belongs to another mail
 *   that is stored, and then nothing was stored
 */
export async function commitBatch(db: Knex, lease: MailboxLease, batch: FetchedBatch): Promise<void> {
  const { mailboxId } = lease;
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
      // The bytes of all mails go to the server once more for it, and hardly ever is there one to renumber.
      const known = await prepared<{ rows: unknown[] }>(trx, UNMOVED_COPIES, {
        mailboxId,
        uidValidity,
        hashes: numbered.hashes,
      });
      if (known.rows.length > 0) await trx.raw(RENUMBER_MAILS, numbered);
      const reused = await prepared<{ rows: unknown[] }>(trx, REUSED_NUMBERS, numbered);
      if (reused.rows.length > 0) throw numberReused();
      await prepared(trx, INSERT_MAILS, {
        ...numbered,
        sizes: mails.map((mail) => mail.sizeBytes),
        dates: mails.map((mail) => mail.internalDate?.toISOString() ?? null),
      });
      await trx.raw('select pg_notify(:channel, :payload)', { channel: MESSAGES_CHANNEL, payload: '' });
    }
    // Last, so that a process that falls asleep half-way keeps nobody from taking the mailbox over.
    await written(trx, ADVANCE_CURSOR, { ...lease, uidValidity, throughUid });
  });
}

const UNMOVED_COPIES = `
  select from messages
  where content_hash = any(cast(:hashes as text[])) and mailbox_id = :mailboxId and moved_at is null
    and uid_validity <> cast(:uidValidity as numeric) limit 1`;

// A mail that waits to be moved has another number now: under the old one nobody would find it again. Byte-equal copies
// are told apart by their order. Those that were taken in empty are recognised by nothing: each is another mail.
const RENUMBER_MAILS = `
  with renumbered as (
    select mail.uid, mail.hash, mail.raw, row_number() over (partition by mail.hash, sha256(mail.raw) order by mail.uid) as copy
    from unnest(cast(:uids as bigint[]), cast(:hashes as text[]), cast(:raws as bytea[])) as mail (uid, hash, raw)),
  known as (
    select id, content_hash, raw, row_number() over (partition by content_hash, sha256(raw) order by id) as copy
    from messages
    where content_hash = any(cast(:hashes as text[])) and mailbox_id = :mailboxId and moved_at is null
      and octet_length(raw) > 0
      and uid_validity <> cast(:uidValidity as numeric))
  update messages set uid_validity = cast(:uidValidity as numeric), uid = renumbered.uid
  from renumbered, known
  where messages.id = known.id and known.content_hash = renumbered.hash and known.raw = renumbered.raw
    and known.copy = renumbered.copy
    and not exists (
      select from messages taken where taken.mailbox_id = :mailboxId
        and taken.uid_validity = cast(:uidValidity as numeric) and taken.uid = renumbered.uid)`;

// Left to the insert, the new mail would be dropped for the old one, and then moved away as if it were stored.
const REUSED_NUMBERS = `
  select from unnest(cast(:uids as bigint[]), cast(:hashes as text[])) as mail (uid, hash)
  join messages known on known.mailbox_id = :mailboxId and known.uid_validity = cast(:uidValidity as numeric)
    and known.uid = mail.uid
  where known.content_hash <> mail.hash limit 1`;

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
      and known.uid_validity <> cast(:uidValidity as numeric) and known.raw = mail.raw
      and octet_length(mail.raw) > 0)
  order by mail.uid
  on conflict on constraint messages_fetched_once do nothing`;

// Never backwards, and never by a poller that still reads under an older UIDVALIDITY.
const ADVANCE_CURSOR = `
  update mailboxes set last_uid = case when uid_validity = cast(:uidValidity as numeric)
    then greatest(last_uid, :throughUid) else last_uid end
  where id = :mailboxId and lease_token = :token returning id`;

/** Committed mails that may still be in the watched folder, because the process ended before it moved them. Ascending. */
export async function unmovedUids(
  db: Knex,
  mailboxId: number,
  uidValidity: string,
): Promise<readonly number[]> {
  const result = await prepared<{ rows: { uid: number }[] }>(db, UNMOVED_UIDS, { mailboxId, uidValidity });
  return result.rows.map((row) => row.uid);
}

const UNMOVED_UIDS = `
  select uid from messages
  where mailbox_id = :mailboxId and uid_validity = cast(:uidValidity as numeric) and moved_at is null
  order by uid`;

/**
 * Waits for nobody: a set of mails that is being decided holds its rows for a minute where all goes slowly.
 * @returns those that somebody holds: they are not marked yet
 * @throws PurgedeskError PD_LEASE_LOST, and then nothing was marked
 */
export async function markMoved(
  db: Knex,
  lease: MailboxLease,
  uidValidity: string,
  uids: readonly number[],
): Promise<readonly number[]> {
  if (uids.length === 0) return [];
  return db.transaction(async (trx) => {
    const mails = { ...lease, uidValidity, uids: [...uids] };
    await prepared(trx, MARK_MOVED, { ...mails, channel: MESSAGES_CHANNEL });
    const { rows } = await prepared<{ rows: { uid: number }[] }>(trx, STILL_UNMARKED, mails);
    // Last here too: the lease must be renewed meanwhile.
    await written(trx, STAND_BY, { ...lease });
    return rows.map(({ uid }) => uid);
  });
}

const UNMARKED = `
  from messages
  where mailbox_id = :mailboxId and uid_validity = cast(:uidValidity as numeric) and uid = any(cast(:uids as bigint[]))
    and moved_at is null`;

const STILL_UNMARKED = `select uid ${UNMARKED} order by uid`;

// Whoever came for a mail while this held its row has skipped it, and is told that it is free again.
const MARK_MOVED = `
  with free as (select id ${UNMARKED} for update skip locked),
  moved as (
    update messages set moved_at = clock_timestamp() from free where messages.id = free.id
    returning status)
  select pg_notify(:channel, '') where exists (select from moved where status = 'pending')`;

/**
 * To be called when the folder was read through: what was in it and waits to be moved has its number of now, so that the
 * rest has left it, moved by a process that could not say so any more or by a person.
 * @throws PurgedeskError PD_LEASE_LOST, and then nothing was marked
 */
async function markFormer(db: Knex, lease: MailboxLease): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw(MARK_FORMER, { mailboxId: lease.mailboxId });
    await written(trx, STAND_BY, { ...lease });
  });
}

const MARK_FORMER = `
  with former as (
    select messages.id from messages join mailboxes on mailboxes.id = messages.mailbox_id
    where messages.mailbox_id = :mailboxId and messages.moved_at is null
      and messages.uid_validity <> mailboxes.uid_validity
    for update of messages skip locked)
  update messages set moved_at = clock_timestamp() from former where messages.id = former.id`;

/** Nobody takes the mailbox over before the transaction has ended. */
const STAND_BY = 'select id from mailboxes where id = :mailboxId and lease_token = :token for share';

/** Liveness: the mailbox was searched just now and all that was new is committed. */
export const notePoll = (db: Knex, lease: MailboxLease): Promise<void> =>
  written(db, NOTE_POLL, { ...lease });

const NOTE_POLL = `
  update mailboxes set last_polled_at = clock_timestamp(), last_error = null
  where id = :mailboxId and lease_token = :token returning id`;

/** @param code - an error's code; no text of a server or a mail */
export const noteFailure = (db: Knex, lease: MailboxLease, code: string): Promise<void> =>
  written(db, NOTE_FAILURE, { ...lease, code });

const NOTE_FAILURE = `
  update mailboxes set last_error = :code where id = :mailboxId and lease_token = :token returning id`;
