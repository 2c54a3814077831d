/** What the desk need not keep of its own mails and tickets, as conditions in its database. Bindings: `:contextCutoff`, `:rawCutoff`. */
import { REPEATABLE_TEMPLATES } from '../../domain/mail-facts.ts';

/** What is erased, in this order: mails before the tickets that tell whether they are needed, conversations last. */
export const CONTEXT_KINDS = ['messages', 'outbox', 'tickets', 'conversations'] as const;
export type ContextKind = (typeof CONTEXT_KINDS)[number];

export interface KindSql {
  readonly table: ContextKind;
  /** The column that batches walk along, with the id; each has a partial index on the rows that are not erased. */
  readonly time: string;
  /** What `time` is at most for anything that is due: bounds every search. */
  readonly latest: string;
  /** Of row `r`; false once it was erased. */
  readonly due: string;
}

const LATEST_MAIL = 'greatest(cast(:contextCutoff as timestamptz), cast(:rawCutoff as timestamptz))';

/**
 * A mail belongs to the tickets of its conversation that were there when it came, its own included. It goes when all of
 * them have been closed for long enough, or when it is old itself and none is open. One that waits for an agent stays,
 * unless a ticket has dealt with it.
 */
const MESSAGE_DUE = `
  r.erased_at is null and r.status = 'done'
  and not (r.needs_agent and (r.conversation_id is null or r.disposition not in ('opened', 'joined')))
  and (
    (r.arrived_at <= :rawCutoff and not exists (
      select from tickets t
      where t.conversation_id = r.conversation_id and t.requested_at <= r.arrived_at and t.closed_at is null))
    or (r.conversation_id is not null and r.arrived_at <= :contextCutoff and not exists (
      select from tickets t
      where t.conversation_id = r.conversation_id and t.requested_at <= r.arrived_at
        and (t.closed_at is null or t.closed_at > :contextCutoff))))`;

/** Of our own mails those that are through: a mail that can still go out needs its address and its words. */
const OUTGOING_DUE = `
  r.erased_at is null
  and (r.status in ('sent', 'failed', 'bounced') or (r.status = 'unknown'
    and (r.attempts >= 2 or r.template not in (${REPEATABLE_TEMPLATES.map((name) => `'${name}'`).join(', ')}))))
  and (
    (r.created_at <= :rawCutoff and not exists (
      select from tickets t where t.id = any(r.ticket_ids) and t.closed_at is null))
    or (cardinality(r.ticket_ids) > 0 and r.created_at <= :contextCutoff and not exists (
      select from tickets t where t.id = any(r.ticket_ids)
        and (t.closed_at is null or t.closed_at > :contextCutoff))))`;

/** Twice where a mail to its people was due the first time: the address goes once it is written. */
const TICKET_DUE = `
  r.closed_at <= :contextCutoff
  and (r.erased_at is null or (r.keeps_addresses and (r.residue_wake_at is null or r.residue_told_at is not null)))`;

/** With its last ticket. */
const CONVERSATION_DUE = `
  r.erased_at is null and not exists (
    select from tickets t where t.conversation_id = r.id and (t.erased_at is null or t.keeps_addresses))`;

export const KIND_SQL: Readonly<Record<ContextKind, KindSql>> = {
  messages: { table: 'messages', time: 'arrived_at', latest: LATEST_MAIL, due: MESSAGE_DUE },
  outbox: { table: 'outbox', time: 'created_at', latest: LATEST_MAIL, due: OUTGOING_DUE },
  tickets: { table: 'tickets', time: 'closed_at', latest: ':contextCutoff', due: TICKET_DUE },
  conversations: {
    table: 'conversations',
    time: 'opened_at',
    latest: ':contextCutoff',
    due: CONVERSATION_DUE,
  },
};

/** How the rows of each kind are emptied; tickets go through the one door instead. */
export const EMPTIED: Readonly<Record<Exclude<ContextKind, 'tickets'>, string>> = {
  messages: `raw = null, author = null, message_id_header = null, in_reply_to = null, reference_ids = '{}',
    subject = null, understanding = null, evidence = null, agent_note = null, words = null, needs_agent = false, erased_at = desk_now()`,
  outbox: `recipient = null, in_reply_to = null, reference_ids = '{}',
    facts = jsonb_build_object('template', template), erased_at = desk_now()`,
  conversations: 'requester = null, subject = null, erased_at = desk_now()',
};
