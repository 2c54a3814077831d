import { MESSAGE_BYTES_MAX } from '../../domain/raw-header.ts';
import type { FetchedMail, MailboxLog } from '../mailbox-ports.ts';
import { FETCH_BYTES_MAX, type Session } from './session.ts';

/** Mails of one commit; a single larger one is committed alone. Bounds memory whatever the mails hold. */
const COMMIT_BYTES = 8 * 1_024 * 1_024;

export interface MailSize {
  readonly uid: number;
  readonly sizeBytes: number;
  readonly internalDate: Date | null;
}

/** A mail that is in the folder and that the server does not list gets the largest size: its source is asked for alone. */
export async function fetchSizes(session: Session, uids: readonly number[]): Promise<MailSize[]> {
  const query = { uid: true, size: true, internalDate: true };
  const open = new Set(uids);
  const sizes = (await session.fetchAll(uids, query))
    .filter((mail) => open.delete(mail.uid)) // each once, and nothing unasked: servers also send flag updates
    .map(
      (mail): MailSize => ({
        uid: mail.uid,
        sizeBytes: mail.size ?? FETCH_BYTES_MAX,
        internalDate: dateOf(mail.internalDate),
      }),
    );
  for (const uid of await session.present([...open])) {
    sizes.push({ uid, sizeBytes: FETCH_BYTES_MAX, internalDate: null });
  }
  return sizes.sort((a, b) => a.uid - b.uid);
}

/** `null` also for a year that is not written with four digits (RFC 3339): PostgreSQL refuses the whole batch for one. */
function dateOf(value: Date | string | undefined): Date | null {
  const date = value === undefined ? null : new Date(value);
  const year = date?.getUTCFullYear() ?? Number.NaN;
  return year >= 1 && year <= 9_999 ? date : null;
}

/** Groups of at most `COMMIT_BYTES`, in order; one group at least, which is empty when there is nothing. */
export function groupsOf(sizes: readonly MailSize[]): MailSize[][] {
  const groups: MailSize[][] = [[]];
  let bytes = 0;
  for (const mail of sizes) {
    const fetched = Math.min(mail.sizeBytes, FETCH_BYTES_MAX);
    if (bytes > 0 && bytes + fetched > COMMIT_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(mail);
    bytes += fetched;
  }
  return groups;
}

/** What the server gave of a group; `owed` are in the folder, and it gave nothing of them. */
export interface FetchedGroup {
  readonly mails: readonly FetchedMail[];
  readonly owed: readonly number[];
}

/**
 * The sources of a group. One that the server gives in part or not at all is asked for once more, alone; if it is given
 * in part again, that stands: some servers announce sizes that are only nearly right. Nothing stands for a mail that is
 * said to be without a byte, if it was in doubt before and the server has given another one since.
 *
 * @param inDoubt - whether a mail did not come in an earlier session
 */
export async function fetchMails(
  session: Session,
  log: MailboxLog,
  group: readonly MailSize[],
  inDoubt: (uid: number) => boolean,
): Promise<FetchedGroup> {
  if (group.length === 0) return { mails: [], owed: [] };
  const sources = await fetchSources(session, group);
  session.proved ||= [...sources.values()].some((source) => source.length > 0);
  const short = group.filter((mail) => isShort(mail, sources.get(mail.uid)));
  for (const mail of short) {
    const first = sources.get(mail.uid);
    const again = (await fetchSources(session, [mail])).get(mail.uid);
    const longer = again !== undefined && again.length >= (first?.length ?? 0) ? again : first;
    const isEmpty = mail.sizeBytes === 0 && inDoubt(mail.uid) && session.proved;
    if (longer !== undefined && (longer.length > 0 || isEmpty)) sources.set(mail.uid, longer);
    else sources.delete(mail.uid);
  }
  const absent = short.map((mail) => mail.uid).filter((uid) => !sources.has(uid));
  const owed = await session.present(absent);
  if (short.length > 0) {
    const details = { short: short.length, gone: absent.length - owed.length, owed: owed.length };
    log.warn(details, 'the server gave some mails only in part or not at all');
  }
  const mails = group.flatMap((mail) => {
    const raw = sources.get(mail.uid);
    if (raw === undefined) return [];
    const sizeBytes = raw.length < FETCH_BYTES_MAX ? raw.length : Math.max(mail.sizeBytes, raw.length);
    return [{ uid: mail.uid, raw, sizeBytes, internalDate: mail.internalDate }];
  });
  return { mails, owed };
}

/** Nothing at all is short of any size: servers say so in an outage, and hardly any mail is without a byte. */
const isShort = (mail: MailSize, source: Buffer | undefined): boolean =>
  source === undefined || source.length < Math.max(1, Math.min(mail.sizeBytes, FETCH_BYTES_MAX));

/** Parts are asked for only where a mail is above the cap, which is then alone in its group: servers are less sure of them. */
async function fetchSources(session: Session, group: readonly MailSize[]): Promise<Map<number, Buffer>> {
  const cut = group.some((mail) => mail.sizeBytes > MESSAGE_BYTES_MAX);
  const query = { uid: true, source: cut ? { start: 0, maxLength: FETCH_BYTES_MAX } : true };
  const found = await session.fetchAll(
    group.map((mail) => mail.uid),
    query,
  );
  return new Map(
    // The library gives `false` for NIL.
    found.flatMap(({ uid, source }) => (Buffer.isBuffer(source) ? [[uid, source] as const] : [])),
  );
}
