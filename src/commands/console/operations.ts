import type { Area } from '../../console/areas.ts';
import { operationsArea } from '../../console/operations/area.ts';
import type { Purges, Replies } from '../../console/operations/ports.ts';
import { brakeByHand, releaseBrake } from '../../purge/brake.ts';
import { haltPurges, resumePurges } from '../../purge/halt.ts';
import { publishedKeys } from '../../purge/receipt-keys.ts';
import { readPurgeStatus } from '../../purge/status.ts';
import { askAuditCheck, listAuditChecks } from '../../tickets/audit-checks.ts';
import { replyLimits } from '../../tickets/may-reply.ts';
import { countNearDeadline } from '../../tickets/queries.ts';
import { reportReplies } from '../../tickets/replies-report.ts';
import { enqueue } from '../../tickets/ticket-store.ts';
import type { Desk } from '../desk.ts';
import { waitInWords } from '../purge-words.ts';
import { tripInWords } from '../trip-words.ts';

export function operationsOf(desk: Desk): Area {
  const { db, purge, environment } = desk;
  return operationsArea({
    db,
    stores: environment.stores.map(({ name, kind }) => ({ name, kind })),
    purgeEnabled: environment.policy.purgeEnabled,
    hasMailbox: environment.mailboxes.length > 0,
    purges: () => purges(desk),
    replies: () => replies(desk),
    nearDeadline: () => countNearDeadline(db),
    receiptKeys: () => publishedKeys(db, purge.receiptKey.publicKey),
    auditChecks: (limit) => listAuditChecks(db, limit),
    halt: (order) => haltPurges(purge, order),
    resume: (order) => resumePurges(purge, order),
    brake: (store, order) => brakeByHand(purge, store, order),
    release: (store, order) => releaseBrake(purge, store, order),
    checkAudit: (agent) => askAuditCheck(db, agent, (trx) => enqueue(trx, AUDIT_CHECK)),
  });
}

/** A queue of its own: it reads for a long time and keeps nobody waiting. */
const AUDIT_CHECK = { task: 'audit.check', payload: {}, key: 'audit.check', queue: 'audit' };

async function purges({ db }: Desk): Promise<Purges> {
  const status = await readPurgeStatus(db);
  return { ...status, purges: status.purges.map((line) => ({ ...line, words: waitInWords(line) })) };
}

async function replies({ db, environment }: Desk): Promise<Replies> {
  const report = await reportReplies(db, replyLimits(environment.policy));
  return {
    hour: report.hour,
    breakers: report.breakers.map((trip) => ({
      sentence: tripInWords(trip),
      isOpen: trip.closedAt === null,
    })),
    keptBack: report.silenced.reduce((sum, { mails }) => sum + mails, 0),
    undeliverable: report.undeliverable.length,
    waiting: report.waiting,
  };
}
