import type { Area } from '../../console/areas.ts';
import { ticketArea } from '../../console/ticket/area.ts';
import type { Progress } from '../../console/ticket/ports.ts';
import type { TicketId } from '../../domain/ids.ts';
import { readPurgeStatus } from '../../purge/status.ts';
import { standingOf } from '../../verify/judge.ts';
import type { Desk } from '../desk.ts';
import { progressInWords } from '../purge-words.ts';
import { targetInEnglish } from '../what-words.ts';
import { ticketMails } from './ticket-mail.ts';
import { ticketReceipts } from './ticket-receipt.ts';
import { sentMails } from './ticket-sent.ts';

/** Joins the page of a ticket with what reads mails, renders ours, and knows where purges stand. */
export const ticketOf = (desk: Desk): Area =>
  ticketArea({
    db: desk.db,
    sentence: targetInEnglish,
    mails: ticketMails(desk),
    receipts: ticketReceipts(desk),
    caps: { ticket: desk.environment.policy.ticketCap, day: desk.environment.policy.dayCap },
    standing: standingOf,
    progress: (id) => progressOf(desk, id),
    sent: sentMails(desk),
  });

async function progressOf({ db }: Desk, id: TicketId): Promise<Progress | null> {
  const [line] = (await readPurgeStatus(db, id)).purges;
  if (line === undefined) return null;
  const { step, steps, store, percent, isRunning } = line;
  return { step, steps, store, percent, isRunning, words: progressInWords(line) };
}
