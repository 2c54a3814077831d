/** Joins the pages about outgoing mail with what makes and sends it. */
import type { Area } from '../../console/areas.ts';
import { outboxArea } from '../../console/outbox/area.ts';
import { giveUpMail, retryMail } from '../../reply/outbox-acts.ts';
import { FLUSH_OUTBOX } from '../../tickets/queue-mails.ts';
import { breakerTrips } from '../../tickets/replies-report.ts';
import { isStillTrue } from '../../tickets/still-true.ts';
import { clearUndeliverableHash } from '../../tickets/undeliverable.ts';
import type { Desk } from '../desk.ts';
import { tripInWords } from '../trip-words.ts';
import type { MailPreviews } from './mail-preview.ts';

export function outboxOf(desk: Desk, previews: MailPreviews): Area {
  const { db } = desk;
  const acts = {
    db,
    undeliverable: desk.outbox.undeliverable,
    isTrue: isStillTrue,
    flush: async (trx: Parameters<typeof desk.outbox.undeliverable>[0]) => {
      await trx.raw(FLUSH_OUTBOX);
    },
  };
  return outboxArea({
    db,
    silences: async () =>
      (await breakerTrips(db)).filter(({ closedAt }) => closedAt === null).map(tripInWords),
    rendered: previews.rendered,
    source: previews.source,
    retry: (id, agent) => retryMail(acts, id, agent),
    giveUp: (id, agent) => giveUpMail(acts, id, agent),
    clear: (hash) => clearUndeliverableHash(db, hash),
  });
}
