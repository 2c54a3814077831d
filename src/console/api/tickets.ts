/** Reading tickets. No address, no name and no word of a mail is in any of it. */
import type { Knex } from 'knex';
import { z } from 'zod';
import { isProgram } from '../../domain/agents.ts';
import type { TicketId } from '../../domain/ids.ts';
import type { State } from '../../domain/ticket.ts';
import { ApiFault } from './fault.ts';
import { type Operation, operation } from './operation.ts';
import {
  byReference,
  cursorOf,
  eventListSchema,
  mailListSchema,
  paging,
  receiptAnswerSchema,
  type TicketAnswer,
  ticketDetailsSchema,
  ticketFilter,
  ticketListSchema,
} from './schemas.ts';
import { readTicketRows } from './ticket-rows.ts';

/** How many mails of one ticket are told of; a conversation that has more is read in the console. */
const MAILS_MAX = 200;

/** @throws ApiFault `not_found` */
export async function existingTicket(db: Knex, id: TicketId): Promise<TicketAnswer> {
  const [ticket] = await readTicketRows(db, { id, limit: 1 });
  if (ticket === undefined) throw new ApiFault('not_found');
  return ticket;
}

const read = { method: 'GET', scope: 'tickets:read', body: null, status: 200 } as const;

const listTickets = operation({
  ...read,
  id: 'listTickets',
  path: '/api/v1/tickets',
  summary: 'Tickets, newest first',
  params: null,
  query: ticketFilter,
  answer: ticketListSchema,
  faults: ['invalid'],
  run: async ({ db, query }) => {
    const items = await readTicketRows(db, {
      limit: query.limit + 1,
      ...(query.state === undefined ? {} : { states: query.state }),
      ...(query.hold === undefined ? {} : { hold: query.hold }),
      ...(query.scope === undefined ? {} : { scope: query.scope }),
      ...(query.origin === undefined ? {} : { origin: query.origin }),
      ...(query.workspace === undefined ? {} : { workspace: query.workspace }),
      ...(query.due_before === undefined ? {} : { dueBefore: query.due_before }),
      ...(query.requested_since === undefined ? {} : { requestedSince: query.requested_since }),
      ...(query.after === undefined ? {} : { after: query.after }),
    });
    return pageOf(items, query.limit, ({ reference }) => Number(reference.slice('PD-'.length)));
  },
});

const getTicket = operation({
  ...read,
  id: 'getTicket',
  path: '/api/v1/tickets/:reference',
  summary: 'One ticket with the steps of its plan',
  params: byReference,
  query: null,
  answer: ticketDetailsSchema,
  faults: ['not_found'],
  run: async ({ db, params }) => {
    const ticket = await existingTicket(db, params.reference);
    const steps = await db.raw<{ rows: z.input<typeof ticketDetailsSchema>['steps'] }>(STEPS, [
      params.reference,
    ]);
    return { ...ticket, steps: steps.rows };
  },
});

const listEvents = operation({
  ...read,
  id: 'listTicketEvents',
  path: '/api/v1/tickets/:reference/events',
  summary: 'What happened to a ticket, oldest first',
  params: byReference,
  query: z.object(paging),
  answer: eventListSchema,
  faults: ['not_found', 'invalid'],
  run: async ({ db, params, query }) => {
    await existingTicket(db, params.reference);
    const found = await db.raw<{ rows: EventRow[] }>(EVENTS, {
      id: params.reference,
      after: query.after ?? 0,
      most: query.limit + 1,
    });
    const events = found.rows.map((row) => ({
      seq: row.seq,
      at: row.at.toISOString(),
      type: row.type,
      was: row.was,
      became: row.became,
      actor: actorOf(row.actor),
      hash: row.hash,
    }));
    return pageOf(events, query.limit, ({ seq }) => seq);
  },
});

const listMails = operation({
  ...read,
  id: 'listTicketMails',
  path: '/api/v1/tickets/:reference/mails',
  summary: 'That mails came and went, and when; none of their words',
  params: byReference,
  query: null,
  answer: mailListSchema,
  faults: ['not_found'],
  run: async ({ db, params }) => {
    await existingTicket(db, params.reference);
    const found = await db.raw<{ rows: MailRow[] }>(MAILS, { id: params.reference, most: MAILS_MAX });
    return { items: found.rows.map((row) => ({ ...row, at: row.at.toISOString() })) };
  },
});

const getReceipt = operation({
  ...read,
  id: 'getTicketReceipt',
  path: '/api/v1/tickets/:reference/receipt',
  summary: 'The signed receipt of a completed ticket',
  params: byReference,
  query: null,
  answer: receiptAnswerSchema,
  faults: ['not_found'],
  run: async ({ db, params }) => {
    const row = await db('receipts')
      .select<{ signed: z.input<typeof receiptAnswerSchema> }[]>('signed')
      .where({ ticket_id: params.reference })
      .first();
    if (row === undefined) throw new ApiFault('not_found');
    return row.signed;
  },
});

export const ticketOperations: readonly Operation[] = [
  listTickets,
  getTicket,
  listEvents,
  listMails,
  getReceipt,
];

/** One more was read than is shown: it tells whether there is a next page. */
function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  idOf: (item: Item) => number,
): { readonly items: Item[]; readonly next_cursor: string | null } {
  const shown = items.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown,
    next_cursor: items.length > limit && last !== undefined ? cursorOf(idOf(last)) : null,
  };
}

interface EventRow {
  readonly seq: number;
  readonly at: Date;
  readonly type: string;
  readonly was: State;
  readonly became: State;
  readonly actor: string;
  readonly hash: string;
}

interface MailRow {
  readonly direction: 'in' | 'out';
  readonly at: Date;
  readonly kind: string | null;
  readonly status: string;
}

/** Who acted, without a name. A program's has a slash, which no agent's can have. */
function actorOf(actor: string): 'desk' | 'agent' | 'program' | 'party' {
  if (isProgram(actor)) return 'program';
  if (actor.startsWith('agent:')) return 'agent';
  return actor.startsWith('party:') ? 'party' : 'desk';
}

/** How programs stand in the audit chain and beside holds, behind `agent:`. */
export const actorName = (token: { readonly name: string }): string => `api/${token.name}`;

const STEPS = `
  select no, store, target, status, estimate, deleted, remaining from purge_steps where ticket_id = ? order by no`;

const EVENTS = `
  select seq, at, type, was, became, actor, hash from ticket_events
  where ticket_id = :id and seq > :after order by seq limit :most`;

const MAILS = `
  select direction, at, kind, status from (
    select 'in' as direction, m.arrived_at as at, m.disposition as kind, m.status, m.id
    from tickets t join messages m on m.id = t.message_id or m.conversation_id = t.conversation_id
    where t.id = :id
    union all
    select 'out', o.created_at, o.template, o.status, o.id from outbox o where o.ticket_ids @> array[cast(:id as bigint)]) mails
  order by at, direction, id limit :most`;
