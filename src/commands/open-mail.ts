/** An agent has tickets opened from a mail that the desk left alone. */
import type { Knex } from 'knex';
import { deskNow } from '../db/connection.ts';
import { storable } from '../db/storable.ts';
import { keyed } from '../domain/canonical.ts';
import type { Disposition, Handled } from '../domain/mail.ts';
import type { AgentOrder } from '../domain/ticket.ts';
import { answersForm, closer } from '../ingest/ingest-message.ts';
import type { MailLook } from '../ingest/look-at-mail.ts';
import { lockKeys } from '../ingest/message-queue.ts';
import { isUnattended } from '../ingest/understand/intent/unattended.ts';
import { handleMail } from '../tickets/handle-mail.ts';
import type { Desk } from './desk.ts';

export interface OpenOrder {
  readonly agent: string;
  readonly reason: string;
}

export type OpenedMail =
  | { readonly kind: 'opened'; readonly handled: Handled }
  /** In words, without any text of the mail. Nothing was changed. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Treats the mail like any whose author proves nothing: the roles of the directory decide, mails go out within the
 * budgets, and a challenge goes to the address in the directory. Nothing is verified by it.
 */
export async function openMail(desk: Desk, id: number, order: OpenOrder): Promise<OpenedMail> {
  const stored = await messageOf(desk.db, id);
  if (stored === undefined) return refused('there is no such mail');
  const closed = whyClosed(stored);
  if (closed !== null) return refused(closed);
  if (stored.raw === null || stored.raw.length < stored.size_bytes) {
    return refused('its bytes were erased, or were too many to keep');
  }
  const form = answersForm(desk.ingest, stored.raw);
  const look = await desk.look(stored.raw, form);
  if ('unreadable' in look) return refused(`it cannot be read: ${look.unreadable}`);
  const { author } = look;
  if (author === null) return refused('there is not exactly one plain author');
  const doubt = whyNotFromIt(look, author);
  if (doubt !== null) return refused(doubt);
  try {
    return await desk.db.transaction((trx) => open(trx, desk, order, { stored, look, author, form }));
  } catch (error) {
    if (error instanceof NothingOpened) return refused(error.message);
    throw error;
  }
}

interface Message {
  readonly id: number;
  readonly raw: Buffer | null;
  readonly size_bytes: number;
  readonly content_hash: string;
  readonly arrived_at: Date;
  readonly status: 'pending' | 'done';
  readonly retry_at: Date | null;
  readonly disposition: Disposition | null;
}

const messageOf = (db: Knex, id: number): Promise<Message | undefined> =>
  db('messages')
    .select<Message[]>(
      'id',
      'raw',
      'size_bytes',
      'content_hash',
      'arrived_at',
      'status',
      'retry_at',
      'disposition',
    )
    .where({ id })
    .first();

/** Tells what the mail's own row speaks against; looked at again once the row is locked. */
function whyClosed({ status, retry_at, disposition }: Pick<Message, 'status' | 'retry_at' | 'disposition'>) {
  // One that waits for DNS may be opened: what it waits for would not make it proven.
  if (status === 'pending') return retry_at === null ? 'the desk has not handled it yet' : null;
  switch (disposition) {
    case 'opened':
      return 'it has opened its tickets already';
    case 'joined':
      return 'it belongs to tickets that are there already';
    case 'duplicate':
      return 'it is a copy of a mail that was handled before';
    case 'own':
      return 'it is one of our own mails';
    default:
      return null;
  }
}

/** What the words and the author speak against. */
function whyNotFromIt(look: MailLook, author: string): string | null {
  const { understanding, disagrees } = look.explanation;
  if (look.sealed) return 'its words are encrypted or packed';
  if (isUnattended(author)) return 'nobody reads at the address that it came from';
  if (look.automatic && !look.asksAnyway) return 'it is automatic, and does not hold a complete request';
  if (understanding.intent !== 'delete' || understanding.requests.length === 0) {
    return disagrees
      ? 'its text and its HTML ask for different things, and for no deletion in common'
      : 'it does not say of what it asks for the deletion, or asks for none';
  }
  return disagrees && understanding.missing.length > 0
    ? 'its text and its HTML ask for different things, and what both ask for is not complete'
    : null;
}

/** Rolls the transaction back; its message is what the agent is told. */
class NothingOpened extends Error {}

async function open(
  trx: Knex.Transaction,
  desk: Desk,
  { agent, reason }: OpenOrder,
  mail: {
    readonly stored: Message;
    readonly look: MailLook;
    readonly author: string;
    readonly form: boolean;
  },
): Promise<OpenedMail> {
  const { stored, look, author, form } = mail;
  const { id } = stored;
  await mustBeOpen(trx, stored, author);
  const order: AgentOrder = {
    by: { kind: 'agent', name: agent },
    reasonHash: keyed(desk.tickets.key, 'reason', reason).toString('hex').slice(0, 32),
    at: await deskNow(trx),
  };
  const { explanation } = look;
  const handled = await handleMail(
    trx,
    desk.tickets,
    {
      messageId: id,
      author,
      standing: 'unproven',
      understanding: storable(explanation.understanding),
      language: explanation.language,
      closer: closer(desk.ingest, stored, form),
      answersForm: form,
      addressedTo: look.addressedTo,
      references: storable(look.references),
      subject: storable(look.subject),
      thread: null,
      arrivedAt: stored.arrived_at,
    },
    order,
  );
  if (handled.silenced) {
    throw new NothingOpened(
      'the budget for mails to people who are not verified is spent, or mail comes back',
    );
  }
  if (handled.disposition !== 'opened' && handled.disposition !== 'joined') {
    throw new NothingOpened(handled.reason);
  }
  await trx('messages')
    .where({ id })
    .update({
      status: 'done',
      disposition: handled.disposition,
      disposition_reason: `an agent opened it: ${handled.reason}`,
      needs_agent: false,
      conversation_id: handled.conversationId,
      handled_at: order.at,
      agent_by: agent,
      agent_at: order.at,
      agent_note: reason,
    });
  return { kind: 'opened', handled };
}

/** Locks as the queue does: the row, then the author and the content. */
async function mustBeOpen(
  trx: Knex.Transaction,
  { id, content_hash }: Message,
  author: string,
): Promise<void> {
  const now = await trx('messages')
    .select<Pick<Message, 'status' | 'retry_at' | 'disposition'>[]>('status', 'retry_at', 'disposition')
    .where({ id })
    .forUpdate()
    .first();
  const closed = now === undefined ? 'there is no such mail' : whyClosed(now);
  if (closed !== null) throw new NothingOpened(closed);
  await lockKeys(trx, [author, content_hash]);
  const twin = await trx('messages')
    .select('id')
    .where({ content_hash, disposition: 'opened' })
    .whereNot({ id })
    .first();
  if (twin !== undefined) throw new NothingOpened('another copy of it has opened its tickets already');
}

const refused = (why: string): OpenedMail => ({ kind: 'refused', why });
