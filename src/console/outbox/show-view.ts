import { referenceOf, ticketId } from '../../domain/ids.ts';
import type { MailFacts } from '../../domain/mail-facts.ts';
import { plain } from '../../domain/words.ts';
import { type Delivery, deliveryOf, templateWords } from '../ticket/template-words.ts';
import { nextOf } from './list-view.ts';
import type { OutboxMail } from './queries.ts';
import { errorInWords } from './words.ts';

export interface OutboxMailView {
  readonly page: { readonly title: string };
  readonly id: number;
  readonly notice: { readonly tone: string; readonly words: string } | null;
  readonly what: string;
  readonly to: string;
  readonly delivery: Delivery;
  readonly problem: string | null;
  readonly next: string | null;
  readonly tries: number;
  readonly createdAt: string;
  readonly sentAt: string | null;
  readonly writtenBy: string | null;
  readonly handled: { readonly by: string; readonly at: string } | null;
  readonly tickets: readonly string[];
  readonly cause: number | null;
  readonly messageId: string | null;
  readonly isUndeliverable: boolean;
  /** `null` = what it said is erased, or cannot be made. */
  readonly shown: { readonly subject: string; readonly text: string; readonly source: string } | null;
  readonly whyNotShown: string | null;
  readonly hidesSecrets: boolean;
  readonly hasAttachments: boolean;
  readonly acts: { readonly retry: boolean; readonly again: boolean; readonly giveUp: boolean };
}

/** What an agent, or an approver, may do with it. */
export interface OutboxMayAct {
  readonly retry: boolean;
  readonly giveUp: boolean;
}

export function outboxMailView(
  row: OutboxMail,
  shown: OutboxMailView['shown'],
  may: OutboxMayAct,
  notice: OutboxMailView['notice'] = null,
): OutboxMailView {
  const facts = factsOf(row);
  const isThere = row.recipient !== null;
  return {
    page: { title: `Outgoing mail ${row.id}` },
    id: row.id,
    notice,
    what: templateWords(row.template),
    to: row.recipient === null ? 'erased' : plain(row.recipient),
    delivery: deliveryOf(row.status, row.attempts),
    problem: row.last_error === null || row.status === 'sent' ? null : errorInWords(row.last_error),
    next: nextOf(row),
    tries: row.attempts,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    writtenBy: row.written_by === null ? null : plain(row.written_by),
    handled:
      row.agent_by === null || row.agent_at === null
        ? null
        : { by: plain(row.agent_by), at: row.agent_at.toISOString() },
    tickets: row.ticket_ids.map((id) => referenceOf(ticketId(id))),
    cause: row.cause_message_id,
    messageId: row.message_id_header,
    isUndeliverable: row.undeliverable_since !== null,
    shown,
    whyNotShown:
      shown !== null
        ? null
        : row.erased_at === null
          ? 'It cannot be made from what is stored about it.'
          : 'What it said was erased when its time was over.',
    hidesSecrets: facts !== null && (facts.challenge !== null || facts.statusLink !== undefined),
    hasAttachments:
      facts?.tickets.some(({ receipt }) => receipt !== null) === true && row.template === 'completed',
    acts: {
      retry: may.retry && isThere && row.status === 'pending' && nextOf(row) !== null,
      again: may.retry && isThere && ['unknown', 'failed', 'bounced'].includes(row.status),
      giveUp: may.giveUp && ['pending', 'unknown'].includes(row.status),
    },
  };
}

/** `null` = erased. */
export const factsOf = ({ facts, erased_at }: OutboxMail): MailFacts | null =>
  erased_at === null && 'locale' in facts ? facts : null;
