import type { MailboxDeps } from '../mailbox-ports.ts';
import { isRefusal } from './faults.ts';
import type { Session } from './session.ts';

/**
 * Finds out whether the server gives mails at all just now, by one that it must have: another of the folder, or else the
 * last processed one. Before a mail is blamed for not coming.
 * @param suspects - those in doubt
 */
export async function seekProof(
  session: Session,
  deps: MailboxDeps,
  suspects: readonly number[],
): Promise<void> {
  if (session.proved) return;
  const others = (await session.search('1:*')).filter((uid) => !suspects.includes(uid));
  // Any one: a certain one might be the very mail that ends connections.
  const other = others[Math.floor(deps.random() * others.length)];
  if (other === undefined) {
    // Nothing is caught here: a session whose folder did not open again is over.
    session.proved = await session.givesLastOf(deps.account.processedFolder);
    return;
  }
  try {
    const given = await session.fetchAll([other], { uid: true, source: true });
    session.proved = given.some((mail) => mail.uid === other && (mail.source?.length ?? 0) > 0);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}
