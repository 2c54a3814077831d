/** One of our mails in its words, for agents: whatever answers for the customer is left out. */
import type { SentMail } from '../../console/ticket/ports.ts';
import type { TicketId } from '../../domain/ids.ts';
import type { MailFacts } from '../../domain/mail-facts.ts';
import { render } from '../../reply/render.ts';
import type { Desk } from '../desk.ts';
import { mailTemplates } from '../mail-templates.ts';
import { identityOf } from '../outgoing.ts';

const HIDDEN_CODE = '······';

/** With the code or the link an agent could confirm a deletion in the customer's name. */
export function sentMails({
  db,
  environment,
}: Desk): (id: number, ticket: TicketId) => Promise<SentMail | null> {
  return async (id, ticket) => {
    const row = await db('outbox')
      .select<{ facts: MailFacts; mailbox: string | null }[]>('facts', 'mailbox')
      .where({ id, erased_at: null })
      .whereRaw('ticket_ids @> array[cast(? as bigint)]', [ticket])
      .first();
    if (row === undefined) return null;
    const secrets =
      row.facts.challenge === null
        ? { code: null, link: null }
        : { code: HIDDEN_CODE, link: `${environment.desk.publicUrl}/c/${HIDDEN_CODE}` };
    const { subject, text } = render(
      mailTemplates(),
      row.facts,
      identityOf(environment, row.mailbox),
      secrets,
    );
    return { subject, text };
  };
}
