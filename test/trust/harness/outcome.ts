/** Reads from the desk's own tables what came of the mails. */
import type { Knex } from 'knex';
import { referenceOf, ticketId } from '../../../src/domain/ids.ts';
import type { State } from '../../../src/domain/ticket.ts';
import type { MailReport, SentMail, TicketReport } from './report.ts';
import type { TakenMail } from './sink.ts';

export interface Before {
  /** Messages up to this id belong to the state file. */
  readonly lastMessage: number;
  /** Tickets of the state file, with how many events they had and how many rows they had deleted. */
  readonly tickets: ReadonlyMap<number, { readonly events: number; readonly deleted: number }>;
}

interface MessageRow {
  readonly id: number;
  readonly disposition: string | null;
  readonly disposition_reason: string | null;
  readonly needs_agent: boolean;
  readonly conversation_id: number | null;
}

interface TicketRow {
  readonly id: number;
  readonly message_id: number | null;
  readonly conversation_id: number;
  readonly scope: string;
  readonly state: State;
  readonly verdict: string | null;
  readonly verified_at: Date | null;
  readonly events: readonly { readonly seq: number; readonly was: State; readonly became: State }[];
  readonly holds: readonly string[];
  readonly deleted: number;
}

interface OutboxRow {
  readonly message_id_header: string;
  readonly template: string;
  readonly cause_message_id: number | null;
  readonly ticket_ids: readonly number[];
  readonly sent_at: Date | null;
  readonly created_at: Date;
}

const TICKETS = `
  select t.id, t.message_id, t.conversation_id, t.scope, t.state, t.verdict, t.verified_at,
    (select coalesce(json_agg(json_build_object('seq', e.seq, 'was', e.was, 'became', e.became) order by e.seq), '[]')
       from ticket_events e where e.ticket_id = t.id) as events,
    array(select h.reason from holds h where h.ticket_id = t.id group by h.reason order by min(h.id)) as holds,
    (select coalesce(sum(s.deleted), 0)::bigint from purge_steps s where s.ticket_id = t.id) as deleted
  from tickets t order by t.id`;

/**
 * @param files - names in the order of delivery, which is the order of the messages
 * @param rowsDeleted - as counted in the stores themselves
 */
export async function outcomeOf(
  db: Knex,
  files: readonly string[],
  taken: readonly TakenMail[],
  before: Before,
  rowsDeleted: number,
): Promise<readonly MailReport[]> {
  const messages = await db('messages')
    .select<MessageRow[]>('id', 'disposition', 'disposition_reason', 'needs_agent', 'conversation_id')
    .where('id', '>', before.lastMessage)
    .orderBy(['uid', 'id']);
  const { rows: tickets } = await db.raw<{ rows: TicketRow[] }>(TICKETS);
  const outbox = new Map(
    (
      await db('outbox')
        .select<OutboxRow[]>(
          'message_id_header',
          'template',
          'cause_message_id',
          'ticket_ids',
          'sent_at',
          'created_at',
        )
        .whereNotNull('message_id_header')
    ).map((row) => [row.message_id_header, row]),
  );
  const openers = new Map(
    tickets.filter(({ id }) => !before.tickets.has(id)).map((ticket) => [ticket.id, ticket.message_id]),
  );
  const sent = taken.map((mail) => sentMail(mail, outbox.get(mail.messageId), openers));
  const alone = files.length === 1;
  const lines = files.map((file, index): MailReport => {
    const message = messages[index];
    const owns = (id: number | null) => alone || (id !== null && id === message?.id);
    const own = tickets.filter((ticket) => {
      if (alone || !before.tickets.has(ticket.id)) return owns(ticket.message_id);
      return message?.conversation_id === ticket.conversation_id;
    });
    return {
      file,
      disposition: message?.disposition ?? null,
      reason: message?.disposition_reason ?? null,
      needsAgent: message?.needs_agent ?? false,
      tickets: own.map((ticket) => ticketReport(ticket, before)),
      mails: sent.filter(({ by }) => owns(by)).map(({ mail }) => mail),
      rowsDeleted: alone ? rowsDeleted : own.reduce((sum, ticket) => sum + deletedBy(ticket, before), 0),
      ...(message === undefined ? { problem: 'the desk did not take this mail in' } : {}),
      ...(message !== undefined && message.disposition === null
        ? { problem: 'the desk has not finished with this mail' }
        : {}),
    };
  });
  if (alone) return lines;
  const listed = new Set(lines.flatMap((line) => line.tickets.map((ticket) => ticket.reference)));
  const rest = tickets.filter(({ id }) => !listed.has(referenceOf(ticketId(id))));
  const ids = new Set(messages.map(({ id }) => id));
  return [
    ...lines,
    {
      file: null,
      disposition: null,
      reason: null,
      needsAgent: false,
      tickets: rest.map((ticket) => ticketReport(ticket, before)),
      mails: sent.filter(({ by }) => by === null || !ids.has(by)).map(({ mail }) => mail),
      rowsDeleted,
    },
  ];
}

function sentMail(
  taken: TakenMail,
  row: OutboxRow | undefined,
  openers: ReadonlyMap<number, number | null>,
): { readonly mail: SentMail; readonly by: number | null } {
  const opener =
    row?.ticket_ids.map((id) => openers.get(Number(id)) ?? null).find((id) => id !== null) ?? null;
  const caused = row?.cause_message_id ?? null;
  const at = row?.sent_at ?? row?.created_at;
  return {
    by: caused ?? opener,
    mail: {
      to: taken.to,
      template: row?.template ?? taken.template,
      messageId: taken.messageId,
      cause: caused !== null ? 'mail' : opener !== null ? 'ticket' : 'prior',
      at: at?.toISOString() ?? '',
    },
  };
}

const deletedBy = (ticket: TicketRow, before: Before): number =>
  Number(ticket.deleted) - (before.tickets.get(ticket.id)?.deleted ?? 0);

/** A purge needs a verification, so these states say it too. */
const AFTER_VERIFICATION: readonly State[] = ['approval', 'grace', 'purging', 'completed'];

function ticketReport(ticket: TicketRow, before: Before): TicketReport {
  const known = before.tickets.get(ticket.id);
  // Of a ticket of the state file: the state that it was put in, and what came after.
  const events = known === undefined ? ticket.events : ticket.events.filter(({ seq }) => seq > known.events);
  const first = events[0]?.was ?? ticket.state;
  const reached = [first, ...events.map(({ became }) => became)];
  const states = reached.filter((state, index) => state !== reached[index - 1]);
  return {
    reference: referenceOf(ticketId(ticket.id)),
    existedBefore: known !== undefined,
    scope: ticket.scope,
    states,
    holds: ticket.holds,
    verified: ticket.verified_at !== null || states.some((state) => AFTER_VERIFICATION.includes(state)),
    verdict: ticket.verdict,
    rowsDeleted: deletedBy(ticket, before),
  };
}
