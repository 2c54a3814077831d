/** The jobs of the desk, and what recurs. */
import type { JobHelpers, TaskList } from 'graphile-worker';
import { z } from 'zod';
import { forgetOldTries } from '../console/access/tries.ts';
import { forgetAnswers } from '../console/api/idempotency.ts';
import { forgetDrafts } from '../console/reply/drafts.ts';
import { transact } from '../db/again.ts';
import { faultCode, firstFrame } from '../domain/fault.ts';
import { ticketId } from '../domain/ids.ts';
import { deliverDue, forgetDeliveries, isDeliveryDue } from '../notify/deliver.ts';
import { eraseOwnContext, isContextDue } from '../purge/erase-own-context.ts';
import { adoptErasures } from '../purge/ledger/adopt.ts';
import { countOverdueMails } from '../purge/own-context-report.ts';
import { purgeTasks } from '../purge/run-purge.ts';
import { wakeStranded } from '../purge/wake-stranded.ts';
import { sendDue } from '../reply/outbox.ts';
import { countDays } from '../tickets/count-days.ts';
import { replyLimits } from '../tickets/may-reply.ts';
import { countNearDeadline } from '../tickets/queries.ts';
import { rejudge } from '../tickets/rejudge.ts';
import { closeBreakers, forgetPermits } from '../tickets/reply-budget.ts';
import { tick } from '../tickets/tick.ts';
import { enqueue } from '../tickets/ticket-store.ts';
import { checkAudit } from './check-audit.ts';
import type { Desk } from './desk.ts';
import { lineLog } from './log.ts';
import { type DutyRun, forgetProcesses, runDuties } from './watch/duties.ts';

const rejudgePayload = z.strictObject({ ticketId: z.int().min(1) });

/** What the queue runs. At least once each: every task reads the state again and returns when its work is done. */
export function tasksOf(desk: Desk): TaskList {
  const log = lineLog(desk.environment.log);
  const purge = purgeTasks(desk.purge);
  const signalOf = (helpers: JobHelpers) => helpers.abortSignal ?? new AbortController().signal;
  return {
    tick: () => runDuties(desk.db, log, dutiesOf(desk)),
    'outbox.flush': async (_payload, helpers) => {
      await sendDue(desk.outbox, signalOf(helpers));
    },
    'notify.deliver': async (_payload, helpers) => {
      await deliverDue(desk.deliveries, signalOf(helpers));
    },
    'audit.check': () => checkAudit(desk),
    'ticket.rejudge': async (payload) => {
      const id = ticketId(rejudgePayload.parse(payload).ticketId);
      await transact(desk.db, (trx) => rejudge(trx, desk.tickets, id));
    },
    'context.erase': async (_payload, helpers) => {
      const run = () => eraseContext(desk, signalOf(helpers));
      await runDuties(desk.db, log, [{ name: 'context.erase', run }]);
    },
    'purge.rehearse': (payload, helpers) => purge['purge.rehearse'](payload, signalOf(helpers)),
    'purge.step': (payload, helpers) => purge['purge.step'](payload, signalOf(helpers)),
  };
}

/** What each minute brings, in this order, each by itself. */
function dutiesOf(desk: Desk): readonly DutyRun[] {
  const { db } = desk;
  const log = lineLog(desk.environment.log);
  const enqueueIf = async (isDue: boolean, job: typeof ERASE_CONTEXT) => {
    if (isDue) await db.transaction((trx) => enqueue(trx, job));
  };
  return [
    { name: 'tick', run: () => tickTickets(desk) },
    { name: 'replies.breakers', run: () => closeBreakers(db, replyLimits(desk.environment.policy), log) },
    { name: 'replies.forget', run: () => forgetPermits(db) },
    { name: 'insight.count', run: () => countDays(db) },
    { name: 'drafts.forget', run: () => forgetDrafts(db) },
    { name: 'deadlines.remind', run: () => remindOfDeadlines(desk) },
    { name: 'context.due', run: async () => enqueueIf(await isContextDue(db), ERASE_CONTEXT) },
    { name: 'deliveries.due', run: async () => enqueueIf(await isDeliveryDue(db), DELIVER) },
    { name: 'deliveries.forget', run: () => forgetDeliveries(db) },
    { name: 'answers.forget', run: () => forgetAnswers(db) },
    { name: 'tries.forget', run: () => forgetOldTries(db) },
    { name: 'processes.forget', run: () => forgetProcesses(db) },
    { name: 'ledger.adopt', run: () => adoptErasures(db, desk.purge.ledgerKey) },
    { name: 'purges.wake', run: () => wakeStranded(desk.purge) },
  ];
}

const tickTickets = (desk: Desk): Promise<unknown> =>
  tick(desk.db, desk.tickets, (error, ticket) =>
    desk.environment.log.error(
      { ticket, code: faultCode(error), at: firstFrame(error) },
      'a due ticket could not be moved',
    ),
  );

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
