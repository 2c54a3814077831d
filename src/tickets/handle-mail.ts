/** One understood mail against the desk's tickets: by intent, with every thread mark a mere hint. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { distinct } from '../db/rows.ts';
import { assertNever } from '../domain/errors.ts';
import { parseReference } from '../domain/ids.ts';
import type { Handled, UnderstoodMail } from '../domain/mail.ts';
import type { AgentOrder } from '../domain/ticket.ts';
import { answerByMail } from './answer-challenge.ts';
import { conversationsOfMessageIds, conversationsOfTickets } from './find-tickets.ts';
import type { DeskDeps } from './ports.ts';
import { requestCancel } from './request-cancel.ts';
import { answerQuestions, requestDeletion } from './request-deletion.ts';
import { requestStatus } from './request-status.ts';
import { clearUndeliverable } from './undeliverable.ts';

/** What the intents share: the mail, the hints that it carries, and the time. */
export interface MailContext {
  readonly mail: UnderstoodMail;
  /** Conversations that the mail points to. A hint: each use checks that the author is a party. */
  readonly hinted: readonly number[];
  readonly now: Date;
  /** `null` = the desk acts by itself. */
  readonly order: AgentOrder | null;
}

/** Handles one mail within the caller's transaction. @param at - desk time, where the caller has read it within that */
export async function handleMail(
  trx: Knex.Transaction,
  deps: DeskDeps,
  mail: UnderstoodMail,
  order: AgentOrder | null = null,
  at?: Date,
): Promise<Handled> {
  if (mail.standing === 'authenticated') await clearUndeliverable(trx, deps.key, mail.author);
  const context: MailContext = {
    mail,
    hinted: await hintedConversations(trx, deps, mail),
    now: at ?? (await deskNow(trx)),
    order,
  };
  switch (mail.understanding.intent) {
    case 'delete':
      return requestDeletion(trx, deps, context);
    case 'cancel':
      return requestCancel(trx, deps, context);
    case 'status':
      return requestStatus(trx, deps, context);
    case 'verify':
      return answerByMail(trx, deps, context);
    case 'other':
      return (
        (await answerQuestions(trx, deps, context)) ?? {
          disposition: 'other',
          reason: 'not a deletion request',
          conversationId: null,
          needsAgent: true,
        }
      );
    default:
      return assertNever(mail.understanding.intent);
  }
}

/** In order of trust: our keyed reply address, references to mails of ours, a ticket number. */
export async function hintedConversations(
  trx: Knex.Transaction,
  deps: DeskDeps,
  mail: UnderstoodMail,
): Promise<readonly number[]> {
  const tags = mail.addressedTo.map((address) => deps.tagOfReplyAddress(address));
  const numbers = [...tags, mail.understanding.ticket]
    .map((tag) => (tag === null ? null : parseReference(tag)))
    .filter((id) => id !== null);
  const byReference = await conversationsOfMessageIds(trx, mail.references);
  if (numbers.length === 0) return byReference;
  return distinct([...byReference, ...(await conversationsOfTickets(trx, numbers))]);
}
