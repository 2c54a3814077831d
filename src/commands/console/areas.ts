/** The parts of the web, each joined with what it needs of the other stages. */
import type { Area } from '../../console/areas.ts';
import type { Desk } from '../desk.ts';
import { access } from './access.ts';
import { actionsOf } from './actions.ts';
import { apiOf } from './api.ts';
import { auditOf } from './audit.ts';
import { customerOf } from './customer.ts';
import { directoryOf } from './directory.ts';
import { insightOf } from './insight.ts';
import { liveOf } from './live.ts';
import { mailPreviews } from './mail-preview.ts';
import { mailsOf } from './mails.ts';
import { operationsOf } from './operations.ts';
import { outboxOf } from './outbox.ts';
import { queueOf } from './queue.ts';
import { replyOf } from './reply.ts';
import { sandboxOf } from './sandbox.ts';
import { templatesOf } from './templates.ts';
import { ticketOf } from './ticket.ts';

export function consoleAreas(desk: Desk): readonly Area[] {
  const previews = mailPreviews(desk.environment);
  return [
    access(desk),
    apiOf(desk),
    queueOf(desk),
    liveOf(desk),
    customerOf(desk),
    ticketOf(desk),
    actionsOf(desk),
    mailsOf(desk),
    outboxOf(desk, previews),
    replyOf(desk, previews),
    templatesOf(desk, previews),
    operationsOf(desk),
    directoryOf(desk),
    insightOf(desk),
    auditOf(desk),
    ...sandboxOf(desk),
  ];
}
