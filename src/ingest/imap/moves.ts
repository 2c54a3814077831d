import type { MailboxDeps } from '../mailbox-ports.ts';
import type { Session } from './session.ts';
import { uidSet } from './uid-set.ts';

/** Set on mails that cannot be moved, so that people see that they were taken in. The desk itself never reads it. */
export const PROCESSED_KEYWORD = '$Purgedesk';

const UIDS_PER_MOVE = 100;
/** People tidy a folder mail by mail: one of a few tries in a row meets none of that. */
const MOVES_MAX = 4;

/** Whether people have been told that nothing can be moved: once, not at each try. */
export interface MoveNotes {
  stuck: boolean;
}

/** What became of committed mails on the server. */
interface Moved {
  /** Moved, flagged, or gone by themselves: nothing is left to do. */
  readonly done: readonly number[];
  readonly left: number;
}

/** Moves what an earlier session committed and, killed or cut off, did not move. */
export async function finishMoves(session: Session, deps: MailboxDeps, notes: MoveNotes): Promise<void> {
  if (session.readOnly) return;
  const uids = await deps.ports.unmoved(session.uidValidity);
  for (let at = 0; at < uids.length; at += UIDS_PER_MOVE) {
    const { done, left } = await moveAway(session, deps, notes, uids.slice(at, at + UIDS_PER_MOVE));
    await deps.ports.markMoved(session.uidValidity, done);
    if (left > 0) return; // the others would be refused too
  }
}

/**
 * Takes committed mails out of the watched folder; those that cannot be moved are flagged instead. A mail that a person
 * removed meanwhile counts as moved. What can be neither moved nor flagged is tried again by the next session.
 */
export async function moveAway(
  session: Session,
  deps: MailboxDeps,
  notes: MoveNotes,
  uids: readonly number[],
): Promise<Moved> {
  if (uids.length === 0) return { done: [], left: 0 };
  if (session.readOnly) {
    tellStuck(deps, notes, uids.length);
    return { done: [], left: uids.length };
  }
  let rest = await move(session, deps.account.processedFolder, uids);
  // A server may refuse all for one that a person has removed just now (RFC 5530, EXPUNGEISSUED).
  for (let tries = 1; rest.length > 0 && session.canMove && tries < MOVES_MAX; tries += 1)
    rest = await move(session, deps.account.processedFolder, rest);
  deps.crashPoint('ingest.moved');
  const flagged = rest.length === 0 || (await flag(session, rest));
  const left = new Set(flagged ? [] : rest);
  if (left.size > 0) tellStuck(deps, notes, left.size);
  else notes.stuck = false;
  if (flagged && rest.length > 0)
    deps.log.warn({ mails: rest.length }, 'mails could not be moved and were flagged instead');
  return { done: uids.filter((uid) => !left.has(uid)), left: left.size };
}

function tellStuck({ log }: MailboxDeps, notes: MoveNotes, mails: number): void {
  if (notes.stuck) return;
  notes.stuck = true;
  log.error({ mails }, 'mails can be neither moved nor flagged; is the mailbox read-only?');
}

/**
 * Without MOVE (RFC 6851) nothing is moved: the library would copy and expunge, and without UIDPLUS an expunge also
 * takes what others marked as deleted.
 * @returns those that are still there. Without UIDPLUS (RFC 4315) the server names none as moved
 */
async function move(session: Session, folder: string, uids: readonly number[]): Promise<readonly number[]> {
  if (!session.canMove) return session.present(uids);
  const result = await session.run('MOVE', (client) =>
    client.messageMove(uidSet(uids), folder, { uid: true }),
  );
  const moved = new Set(result === false ? [] : result.uidMap?.keys());
  return session.present(uids.filter((uid) => !moved.has(uid)));
}

const flag = (session: Session, uids: readonly number[]): Promise<boolean> =>
  session.run('STORE', (client) => client.messageFlagsAdd(uidSet(uids), [PROCESSED_KEYWORD], { uid: true }));
