/** The desk at work, in the roles that this process plays, until it is stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startJobs } from '../db/jobs.ts';
import { listen } from '../db/listen.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import { MESSAGES_CHANNEL } from '../ingest/mailbox-store.ts';
import { handlePending } from '../ingest/message-queue.ts';
import { SWITCH_CHANNEL } from '../purge/halt.ts';
import { flushOutbox } from '../reply/outbox.ts';
import type { Desk } from './desk.ts';
import { tasksOf } from './desk-tasks.ts';
import { lineLog } from './log.ts';
import { readMailboxes } from './read-mailboxes.ts';
import { ALL_ROLES, type Roles } from './roles.ts';
import { clockWatch } from './watch-clock.ts';

export interface RunningDesk {
  /** Stops taking work, lets what runs finish, gives back what cannot. */
  stop(): Promise<void>;
}

/** Besides the notification: a mail whose handling was put off becomes due by time alone. */
const PENDING_POLL_MS = 2_000;
const DATABASE_DOWN_MS = 2_000;
/** New mails go out by a job at once; this is for those that a server put off. */
const RETRY_POLL_MS = 10_000;
const JOB_CONCURRENCY = 6;

/**
 * Starts the loops of `ingest` and `work`; the role `web` has none here.
 * @param onFatal - the process cannot go on in one of its roles
 */
export async function runDesk(
  desk: Desk,
  onFatal: (error: unknown) => void,
  roles: Roles = ALL_ROLES,
): Promise<RunningDesk> {
  const stopping = new AbortController();
  const { environment } = desk;
  const clock = clockWatch(desk);
  await clock.begin();
  const jobs = roles.has('work')
    ? await startJobs({
        databaseUrl: environment.databaseUrl,
        tasks: tasksOf(desk),
        concurrency: JOB_CONCURRENCY,
        cron: ['tick'],
        log: lineLog(environment.log),
      })
    : null;
  const work = [
    ...(roles.has('ingest') ? [readMailboxes] : []),
    ...(roles.has('work') ? [handleMessages, retryMails, hearSwitch] : []),
    (_desk: Desk, signal: AbortSignal) => clock.goOn(signal),
  ].map((loop) => loop(desk, stopping.signal));
  const loops = work.map((loop) =>
    loop.catch((error: unknown) => {
      if (!stopping.signal.aborted) onFatal(error);
    }),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await jobs?.stop();
    },
  };
}

/** Takes pending messages whenever the poller commits some, and looks again every few seconds. */
async function handleMessages(desk: Desk, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined;
  let start: () => void = () => undefined;
  let woken = false;
  const notify = () => {
    woken = true;
    start();
    wake();
  };
  const listening = listen(desk.environment.databaseUrl, MESSAGES_CHANNEL, notify, signal);
  while (!signal.aborted) {
    woken = false;
    try {
      await handlePending(desk.ingest, signal, (more) => {
        start = more;
      });
    } catch (error) {
      desk.environment.log.error(
        { code: faultCode(error), at: firstFrame(error) },
        'mails cannot be handled now; trying again',
      );
      await sleep(DATABASE_DOWN_MS, undefined, { signal }).catch(() => undefined);
      continue;
    }
    if (woken) continue;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PENDING_POLL_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
    });
    signal.removeEventListener('abort', wake);
  }
  await listening;
}

/** Purges poll the switch anyway: this has them stop at once. */
const hearSwitch = (desk: Desk, signal: AbortSignal): Promise<void> =>
  listen(desk.environment.databaseUrl, SWITCH_CHANNEL, desk.lookAtSwitch, signal);

async function retryMails(desk: Desk, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(RETRY_POLL_MS, undefined, { signal }).catch(() => undefined);
    try {
      await flushOutbox(desk.outbox, signal);
    } catch (error) {
      desk.environment.log.warn({ code: faultCode(error) }, 'mails cannot be sent now; trying again');
    }
  }
}
