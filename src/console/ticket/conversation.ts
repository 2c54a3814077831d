/** All mails of the conversation, in and out, with what became of them. */
import { plain } from '../../domain/words.ts';
import type { TicketRecord } from './read-ticket.ts';
import { type Delivery, deliveryOf, templateWords } from './template-words.ts';

export interface ConversationLine {
  readonly at: string;
  readonly isOut: boolean;
  readonly who: string;
  readonly what: string;
  readonly href: string | null;
  readonly isShown: boolean;
  readonly delivery: Delivery | null;
  /** Why it was not delivered, or when it is tried again. */
  readonly trouble: string | null;
}

export interface Conversation {
  readonly lines: readonly ConversationLine[];
  readonly more: number | null;
}

const SHOWN = 30;

/** Newest first. */
export function conversationOf(
  record: TicketRecord,
  path: string,
  shown: { mail: number | null; sent: number | null },
): Conversation {
  const lines: ConversationLine[] = [
    ...record.mailsIn.map((mail) => ({
      at: mail.arrived_at.toISOString(),
      isOut: false,
      who:
        mail.author === null
          ? mail.erased_at === null
            ? 'nobody in particular'
            : 'erased'
          : plain(mail.author),
      what: mail.erased_at === null ? plain(mail.subject ?? '') || '(no subject)' : 'erased',
      href: mail.erased_at === null && mail.has_raw ? `${path}?mail=${mail.id}#mail` : null,
      isShown: mail.id === shown.mail,
      delivery: null,
      trouble: null,
    })),
    ...record.mailsOut.map((mail) => ({
      at: mail.created_at.toISOString(),
      isOut: true,
      who: mail.recipient === null ? 'erased' : plain(mail.recipient),
      what: templateWords(mail.template),
      href: mail.erased_at === null ? `${path}?sent=${mail.id}#mail` : null,
      isShown: mail.id === shown.sent,
      delivery: deliveryOf(mail.status, mail.attempts),
      trouble: mail.last_error === null || mail.status === 'sent' ? null : plain(mail.last_error),
    })),
  ].sort((a, b) => (a.at === b.at ? Number(b.isOut) - Number(a.isOut) : a.at < b.at ? 1 : -1));
  return { lines: lines.slice(0, SHOWN), more: lines.length > SHOWN ? lines.length - SHOWN : null };
}
