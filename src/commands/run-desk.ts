/** The desk at work: poller, message queue, jobs, outbox, until it is stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobHelpers, TaskList } from 'graphile-worker';
import { z } from 'zod';
import { forgetOldTries } from '../console/access/tries.ts';
import { forgetAnswers } from '../console/api/idempotency.ts';
import { forgetDrafts } from '../console/reply/drafts.ts';
import { startJobs } from '../db/jobs.ts';
import { listen } from '../db/listen.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import { ticketId } from '../domain/ids.ts';
import { watchMailbox } from '../ingest/mailbox.ts';
import { MESSAGES_CHANNEL, mailboxPorts, openMailbox } from '../ingest/mailbox-store.ts';
import { handlePending } from '../ingest/message-queue.ts';
import { deliverDue, forgetDeliveries, isDeliveryDue } from '../notify/deliver.ts';
import { eraseOwnContext, isContextDue } from '../purge/erase-own-context.ts';
import { SWITCH_CHANNEL } from '../purge/halt.ts';
import { adoptErasures } from '../purge/ledger/adopt.ts';
import { countOverdueMails } from '../purge/own-context-report.ts';
import { purgeTasks } from '../purge/run-purge.ts';
import { wakeStranded } from '../purge/wake-stranded.ts';
import { flushOutbox } from '../reply/outbox.ts';
import { countDays } from '../tickets/count-days.ts';
import { replyLimits } from '../tickets/may-reply.ts';
import { countNearDeadline } from '../tickets/queries.ts';
import { rejudge } from '../tickets/rejudge.ts';
import { closeBreakers, forgetPermits } from '../tickets/reply-budget.ts';
import { tick } from '../tickets/tick.ts';
import { enqueue } from '../tickets/ticket-store.ts';
import { checkAudit } from './check-audit.ts';
import { crashPoints } from './crash-point.ts';
import type { Desk } from './desk.ts';
import { lineLog } from './log.ts';

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

export async function runDesk(desk: Desk, onFatal: (error: unknown) => void): Promise<RunningDesk> {
  const stopping = new AbortController();
  const { environment } = desk;
  const log = lineLog(environment.log);
  const jobs = await startJobs({
    databaseUrl: environment.databaseUrl,
    tasks: tasksOf(desk),
    concurrency: JOB_CONCURRENCY,
    cron: ['tick'],
    log,
  });
  const work = [handleMessages, watch, retryMails, hearSwitch].map((loop) => loop(desk, stopping.signal));
  const loops = work.map((loop) =>
    loop.catch((error: unknown) => {
      if (!stopping.signal.aborted) onFatal(error);
    }),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await jobs.stop();
    },
  };
}

const rejudgePayload = z.strictObject({ ticketId: z.int().min(1) });

/** What the queue runs. At least once each: every task reads the state again and returns when its work is done. */
function tasksOf(desk: Desk): TaskList {
  const log = lineLog(desk.environment.log);
  const purge = purgeTasks(desk.purge);
  const signalOf = (helpers: JobHelpers) => helpers.abortSignal ?? new AbortController().signal;
  return {
    tick: async () => {
      await tick(desk.db, desk.tickets, (error, ticket) =>
        log('error', 'a due ticket could not be moved', {
          ticket,
          code: faultCode(error),
          at: firstFrame(error),
        }),
      );
      await closeBreakers(desk.db, replyLimits(desk.environment.policy), log);
      await forgetPermits(desk.db);
      await countDays(desk.db);
      await forgetDrafts(desk.db);
      await remindOfDeadlines(desk);
      if (await isContextDue(desk.db)) await desk.db.transaction((trx) => enqueue(trx, ERASE_CONTEXT));
      if (await isDeliveryDue(desk.db)) await desk.db.transaction((trx) => enqueue(trx, DELIVER));
      await forgetDeliveries(desk.db);
      await forgetAnswers(desk.db);
      await forgetOldTries(desk.db);
      await adoptErasures(desk.db, desk.purge.ledgerKey);
      await wakeStranded(desk.purge);
    },
    'outbox.flush': async (_payload, helpers) => {
      await flushOutbox(desk.outbox, signalOf(helpers));
    },
    'notify.deliver': async (_payload, helpers) => {
      await deliverDue(desk.deliveries, signalOf(helpers));
    },
    'audit.check': () => checkAudit(desk),
    'ticket.rejudge': async (payload) => {
      const id = ticketId(rejudgePayload.parse(payload).ticketId);
      await desk.db.transaction((trx) => rejudge(trx, desk.tickets, id));
    },
    'context.erase': async (_payload, helpers) => {
      await eraseContext(desk, signalOf(helpers));
    },
    'purge.rehearse': (payload, helpers) => purge['purge.rehearse'](payload, signalOf(helpers)),
    'purge.step': (payload, helpers) => purge['purge.step'](payload, signalOf(helpers)),
  };
}

/** A queue of its own: one run at a time, and a long one keeps no tick waiting. */
const ERASE_CONTEXT = { task: 'context.erase', payload: {}, key: 'context.erase', queue: 'context' };

/** What is retried; what is new has a job of its own. One at a time, however long it takes. */
const DELIVER = { task: 'notify.deliver', payload: {}, key: 'notify.deliver', queue: 'notify' };

async function eraseContext(desk: Desk, signal: AbortSignal): Promise<void> {
  const { log, policy } = desk.environment;
  const end = await eraseOwnContext(desk.ownContext, signal);
  if (end.kind !== 'through') return;
  if (Object.values(end.erased).some((rows) => rows > 0))
    log.info({ ...end.erased }, 'what the desk need not keep of its own was erased');
  const mails = await countOverdueMails(desk.db, policy.rawRetentionDays);
  if (mails > 0) log.warn({ mails }, 'mails are kept beyond their time because they wait for an agent');
}

/** Once an hour, for whoever reads the log: the promise is a purge within 30 days. */
async function remindOfDeadlines(desk: Desk): Promise<void> {
  if ((await desk.now()).getUTCMinutes() !== 0) return;
  const tickets = await countNearDeadline(desk.db);
  if (tickets > 0) desk.environment.log.warn({ tickets }, 'open tickets are near or past their deadline');
}

/** Takes pending messages whenever the poller commits some, and looks again every few seconds. */
async function handleMessages(desk: Desk, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => undefined;
  let woken = false;
  const notify = () => {
    woken = true;
    wake();
  };
  const listening = listen(desk.environment.databaseUrl, MESSAGES_CHANNEL, notify, signal);
  while (!signal.aborted) {
    woken = false;
    try {
      await handlePending(desk.ingest, signal);
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

async function watch(desk: Desk, signal: AbortSignal): Promise<void> {
  const { mailbox, log, crashAt } = desk.environment;
  if (mailbox === null) return;
  const account = `${mailbox.host}:${mailbox.port}/${mailbox.user}`;
  const id = await openMailbox(desk.db, mailboxName(desk, account), mailbox.folder);
  await watchMailbox(
    {
      account: mailbox,
      ports: mailboxPorts(desk.db, id),
      log,
      random: Math.random,
      crashPoint: crashPoints(crashAt),
    },
    signal,
  );
}

/** The sandbox's mail server has another port at each start and is the same mailbox all the same. */
const mailboxName = (desk: Desk, account: string): string =>
  desk.environment.sandbox?.mail == null ? account : `sandbox/${desk.environment.desk.address}`;
