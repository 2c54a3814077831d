import { setTimeout as sleep } from 'node:timers/promises';
import { PurgedeskError } from '../domain/errors.ts';
import { firstFrame } from '../domain/fault.ts';
import { isForPeople, pauseMs } from './imap/backoff.ts';
import { codeOf } from './imap/faults.ts';
import { finishMoves } from './imap/moves.ts';
import { Session } from './imap/session.ts';
import { Suspects } from './imap/suspects.ts';
import { takeInNew } from './imap/take-in.ts';
import type { MailboxDeps } from './mailbox-ports.ts';

export { reconnectDelayMs } from './imap/backoff.ts';
export { PROCESSED_KEYWORD } from './imap/moves.ts';
export type {
  Cursor,
  FetchedBatch,
  MailboxAccount,
  MailboxDeps,
  MailboxPorts,
} from './mailbox-ports.ts';

/** While mails that were moved are being decided, they are marked as soon as that is over. */
const OWING_MS = 1_000;

/**
 * Takes in mail until `signal` aborts: every mail is committed first and only then moved away. Each try opens a new
 * session; a dropped one is never reused. No failure ends it, not even a refused login, which is tried again slowly
 * and logged as an error each time: a desk must not die at night because somebody changed a password.
 */
export async function watchMailbox(deps: MailboxDeps, signal: AbortSignal): Promise<void> {
  let failures = 0;
  const progressed = () => {
    failures = 0; // a connection that opened is not yet recovery; work that succeeded is
  };
  const memory = { suspects: new Suspects(), notes: { stuck: false }, progressed, hasStored: false };
  while (!signal.aborted) {
    try {
      await using session = await Session.open(deps, signal);
      for (let wasReadOnly: boolean | null = null; !signal.aborted; ) {
        // What came is taken in before old moves are finished: a server that fails at those stops no mail.
        await takeInNew(session, deps, memory);
        const owesMarks = await deps.ports.polled();
        if (session.readOnly !== wasReadOnly) await finishMoves(session, deps, memory.notes);
        wasReadOnly = session.readOnly;
        progressed();
        await session.waitForMail(owesMarks ? OWING_MS : deps.account.pollSeconds * 1_000);
        await session.lookAgain();
      }
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const delayMs = pauseMs(error, failures, deps.random());
      await reportDown(deps, error, failures, delayMs);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined); // an abort ends the loop above
    }
  }
}

/** Says in the log and in the database that the mailbox is not being read. Codes only: messages quote servers. */
async function reportDown(
  deps: MailboxDeps,
  error: unknown,
  failures: number,
  delayMs: number,
): Promise<void> {
  const code = error instanceof PurgedeskError ? error.code : codeOf(error);
  const cause = error instanceof PurgedeskError ? error.details : { at: firstFrame(error) };
  const details = { code, ...cause, failures, retryInMs: delayMs };
  if (isForPeople(error)) deps.log.error(details, 'the mailbox cannot be opened; correct its login');
  else deps.log.warn(details, 'the mailbox is not being read; trying again');
  await deps.ports.failed(code).catch(() => undefined); // the database itself may be what is down
}
