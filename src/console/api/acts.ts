/**
 * What a program may do to a ticket: keep it back, take its own hold off again, cancel it, and write something down.
 * None of it brings a deletion closer than it was: what people held waits for people.
 */
import type { Knex } from 'knex';
import { deskNow } from '../../db/connection.ts';
import { isProgram } from '../../domain/agents.ts';
import { referenceOf, type TicketId } from '../../domain/ids.ts';
import type { Actor, TicketEvent } from '../../domain/ticket.ts';
import { ApiFault } from './fault.ts';
import { type Operation, operation } from './operation.ts';
import type { ApiPorts } from './ports.ts';
import { byReference, noteBody, noteSchema, reasonBody, type TicketAnswer, ticketSchema } from './schemas.ts';
import { actorName, existingTicket } from './tickets.ts';
import type { ApiToken } from './tokens.ts';

const write = { method: 'POST', scope: 'tickets:write', query: null, params: byReference } as const;

export function actOperations(ports: ApiPorts): readonly Operation[] {
  const act = (
    order: Omit<Act, 'event'> & { event(token: ApiToken, reason: string): TicketEvent },
  ): Operation =>
    operation({
      ...write,
      id: order.id,
      path: `/api/v1/tickets/:reference/${order.verb}`,
      summary: order.summary,
      body: reasonBody,
      status: 200,
      answer: ticketSchema,
      faults: ['not_found', 'invalid', 'conflict'],
      run: async ({ db, params, token, body }) => {
        await existingTicket(db, params.reference);
        await order.check?.(db, params.reference, token);
        const event = order.event(token, body.reason);
        const note = { ticket: params.reference, act: order.keptAs, text: body.reason };
        return decided(ports, transactionOf(db), params.reference, event, async (trx) => {
          if (note.act !== undefined) await keepNote(trx, token, { ...note, act: note.act });
        });
      },
    });
  return [
    act({
      id: 'holdTicket',
      verb: 'hold',
      summary: 'Keep a ticket from its next step until the hold is released',
      event: (token, note) => ({ type: 'held', reason: 'agent', by: by(token), note }),
    }),
    act({
      id: 'releaseTicket',
      verb: 'release',
      summary: 'Lift a hold of its own; what people or other programs held waits for them',
      check: needOwnHold,
      event: (token, note) => ({ type: 'released', reason: 'agent', by: by(token), note }),
    }),
    act({
      id: 'cancelTicket',
      verb: 'cancel',
      keptAs: 'cancelled',
      summary: 'Cancel before the purge has started; everyone who was told of it hears that it is off',
      event: (token, note) => ({
        type: 'cancelled_by_agent',
        by: by(token),
        note,
        reasonHash: ports.reasonHash(note),
      }),
    }),
    noteOperation(ports),
  ];
}

interface Act {
  readonly id: string;
  readonly verb: string;
  readonly summary: string;
  readonly event: unknown;
  /** As what the reason is kept, where no hold keeps it. */
  readonly keptAs?: string;
  check?(db: Knex, id: TicketId, token: ApiToken): Promise<void>;
}

const noteOperation = (ports: ApiPorts): Operation =>
  operation({
    ...write,
    id: 'noteTicket',
    path: '/api/v1/tickets/:reference/notes',
    summary: 'Write something down for the agents',
    body: noteBody,
    status: 201,
    answer: noteSchema,
    faults: ['not_found', 'invalid', 'conflict'],
    run: async ({ db, params, token, body }) => {
      const id = params.reference;
      await existingTicket(db, id);
      const event: TicketEvent = { type: 'noted', by: by(token), noteHash: ports.reasonHash(body.text) };
      const note = { ticket: id, act: 'noted', text: body.text };
      let at = await deskNow(db);
      await decided(ports, transactionOf(db), id, event, async (trx) => {
        at = await keepNote(trx, token, note);
      });
      return { ticket: referenceOf(id), at: at.toISOString() };
    },
  });

/** @returns when */
async function keepNote(
  trx: Knex.Transaction,
  token: ApiToken,
  note: { readonly ticket: TicketId; readonly act: string; readonly text: string },
): Promise<Date> {
  const at = await deskNow(trx);
  const { ticket, act, text } = note;
  await trx('agent_notes').insert({ ticket_id: ticket, agent: actorName(token), act, note: text, at });
  return at;
}

async function decided(
  ports: ApiPorts,
  trx: Knex.Transaction,
  id: TicketId,
  event: TicketEvent,
  within?: (trx: Knex.Transaction) => Promise<void>,
): Promise<TicketAnswer> {
  const outcome = await ports.decide(trx, id, event, within);
  if (outcome.kind === 'refused') {
    throw new ApiFault('conflict', { errors: [{ path: 'ticket', message: outcome.why }] });
  }
  return existingTicket(trx, id);
}

/** Locked, so that nobody takes the hold off and places another in between. */
async function needOwnHold(db: Knex, id: TicketId, token: ApiToken): Promise<void> {
  await db('tickets').select('id').where({ id }).forUpdate();
  const hold = await db('holds')
    .select<{ placed_by: string }[]>('placed_by')
    .where({ ticket_id: id, reason: 'agent' })
    .whereNull('lifted_at')
    .first();
  if (hold?.placed_by === `agent:${actorName(token)}`) return;
  const message =
    hold === undefined ? 'no_change' : isProgram(hold.placed_by) ? 'held_by_others' : 'held_by_people';
  throw new ApiFault('conflict', { errors: [{ path: 'ticket', message }] });
}

const by = (token: ApiToken): Actor => ({ kind: 'agent', name: actorName(token) });

function transactionOf(db: Knex): Knex.Transaction {
  if (db.isTransaction !== true) throw new TypeError('a change was asked for outside of a transaction');
  return db as Knex.Transaction;
}
