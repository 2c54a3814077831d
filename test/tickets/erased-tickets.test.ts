import { describe, expect, test } from 'vitest';
import { readChecklist } from '../../src/purge/checklist.ts';
import { eraseOwnContext } from '../../src/purge/erase-own-context.ts';
import { openOwnContextStore } from '../../src/purge/stores/own-context.ts';
import { markBounced } from '../../src/reply/outbox.ts';
import { loadTemplates, render } from '../../src/reply/render.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { listTickets, showTicket } from '../../src/tickets/queries.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { EVENTS } from './cast.ts';
import {
  ada,
  bob,
  type OutboxRow,
  openTestDesk,
  type StoredTicket,
  sourceRequest,
  stranger,
  type TestDesk,
  told,
} from './desk.ts';

const NEVER = new AbortController().signal;
const templates = loadTemplates(new URL('../../templates', import.meta.url).pathname);
const IDENTITY = { name: 'Desk', address: 'desk@desk.example', publicUrl: 'https://desk.example' };

/** What a mail of the desk says. */
const wordsOf = (mail: OutboxRow | undefined): string =>
  render(templates, mail!.facts, IDENTITY, { code: null, link: null }).text;

async function erase(desk: TestDesk): Promise<void> {
  const { db, deps } = desk;
  await db('outbox').where({ status: 'pending' }).update({ status: 'sent' });
  const store = openOwnContextStore({
    db,
    policy: deps.policy,
    eraseTickets: (trx, ids) => eraseTicketContext(trx, deps, ids),
  });
  await eraseOwnContext({ db, store, crashPoint: () => undefined }, NEVER);
}

/** Ada's ticket, completed and erased. */
async function erasedTicket(desk: TestDesk): Promise<StoredTicket> {
  const ticket = await desk.inGrace();
  await desk.outlast(ticket);
  await desk.decide([
    {
      ticketId: ticket.id,
      event: EVENTS.purge_finished,
      within: async (trx) => {
        await trx('receipts').insert({
          ticket_id: ticket.id,
          signed: '{"publicKey":"k"}',
          created_at: new Date(),
        });
      },
    },
  ]);
  await desk.pass(31 * 24);
  await erase(desk);
  const erased = await desk.ticket(ticket.id);
  expect(erased).toMatchObject({ state: 'completed', requester: null, target: null });
  return erased;
}

describe('after a ticket was erased', () => {
  test('whoever asked for it is told that it is done, and nothing of what it was', async () => {
    await using desk = await openTestDesk();
    const { id } = await erasedTicket(desk);
    const { handled, mails } = await desk.mail({ from: ada, intent: 'status', ticket: `PD-${id}` });
    expect(handled).toMatchObject({ disposition: 'joined', needsAgent: false });
    expect(told(mails)).toEqual([`status > ${ada}`]);
    expect(mails[0]?.facts).toMatchObject({
      recipient: 'requester',
      tickets: [{ state: 'completed', target: null }],
    });
    const words = wordsOf(mails[0]);
    expect(words).toContain(`PD-${id}`);
    expect(words).not.toMatch(/null|undefined|Website|acme/i);
    expect((await verifyAudit(desk.db)).problems).toEqual([]);
  });

  test('nobody else hears of it, in charge or not', async () => {
    await using desk = await openTestDesk();
    const { id } = await erasedTicket(desk);
    for (const from of [bob, stranger]) {
      const { mails } = await desk.mail({ from, intent: 'status', ticket: `PD-${id}` });
      expect(mails.map((mail) => mail.template)).toEqual([from === bob ? 'pointers' : 'not_authorised']);
      expect(mails[0]?.facts).toMatchObject({ tickets: [], tag: null });
      expect(wordsOf(mails[0])).not.toContain(`PD-${id}`);
    }
  });

  test('a cancel comes too late, and is told so', async () => {
    await using desk = await openTestDesk();
    const { id } = await erasedTicket(desk);
    const { mails } = await desk.mail({ from: ada, intent: 'cancel', ticket: `PD-${id}` });
    expect(told(mails)).toEqual([`cancel_too_late > ${ada}`]);
    expect(wordsOf(mails[0])).toContain(`PD-${id}`);
    expect(await desk.ticket(id)).toMatchObject({ state: 'completed', requester: null, target: null });
    expect(await desk.db('parties').where({ ticket_id: id })).toEqual([]);
  });

  test('a new request in its thread opens a conversation of its own, which knows whom to write to', async () => {
    await using desk = await openTestDesk();
    const old = await erasedTicket(desk);
    const { handled, mails } = await desk.mail({
      ...{ from: ada, intent: 'delete', requests: [sourceRequest({ source: 'iOS App' })] },
      ticket: `PD-${old.id}`,
    });
    expect(handled.disposition).toBe('opened');
    expect(handled.conversationId).not.toBe(old.conversation_id);
    expect(told(mails)).toEqual([`verify_request > ${ada}`]);
    const again = await desk.db('conversations').where({ id: handled.conversationId }).first('requester');
    expect(again).toEqual({ requester: ada });
  });

  test('the same deletion asked for again is a new ticket', async () => {
    await using desk = await openTestDesk();
    const old = await erasedTicket(desk);
    const { id } = await desk.asked();
    expect(id).not.toBe(old.id);
    expect(await desk.ticket(id)).toMatchObject({ state: 'verifying', requester: ada });
  });

  test('a mail of ours that comes back late is noted', async () => {
    await using desk = await openTestDesk();
    const { id } = await erasedTicket(desk);
    await desk
      .db('outbox')
      .where({ template: 'completed', recipient_hash: desk.hash(ada) })
      .update({ message_id_header: '<late@desk.example>' });
    const late = { messageIds: ['<late@desk.example>'], outboxIds: [] };
    const bounced = await desk.db.transaction((trx) => markBounced(trx, late));
    expect(bounced).toMatchObject([{ facts: { template: 'completed' }, recipient: null, ticket_ids: [id] }]);
    await desk.act({ id, event: { type: 'mail_undeliverable', template: 'completed' } });
    expect((await verifyAudit(desk.db)).problems).toEqual([]);
  });

  test('lists and pages show what is left of it', async () => {
    await using desk = await openTestDesk();
    const { id } = await erasedTicket(desk);
    const [line] = await listTickets(desk.db);
    expect(line).toMatchObject({ state: 'completed', requester: null, target: null, language: 'en' });
    expect(line?.erasedAt).toMatch(/^20/);
    const details = await showTicket(desk.db, (await desk.ticket(id)).id);
    expect(details).toMatchObject({ request: { scope: 'source', workspace: null }, plan: null, reasons: [] });
    expect(details?.events.at(-1)?.type).toBe('context_erased');
    expect(await readChecklist({ db: desk.db, catalogue: [] }, (await desk.ticket(id)).id)).toEqual([]);
  });

  test('what is said about it later is erased in its time, without another event', async () => {
    await using desk = await openTestDesk();
    const { id } = await erasedTicket(desk);
    await desk.mail({ from: ada, intent: 'status', ticket: `PD-${id}` });
    await desk.pass(31 * 24);
    await erase(desk);
    expect(await desk.db('messages').whereNull('erased_at')).toEqual([]);
    expect(await desk.db('outbox').whereNull('erased_at')).toEqual([]);
    expect(await desk.db('ticket_events').where({ type: 'context_erased' })).toHaveLength(1);
  });
});

test('a ticket that is open is not erased, whoever asks for it', async () => {
  await using desk = await openTestDesk();
  const { id } = await desk.inGrace();
  const ids = [(await desk.ticket(id)).id];
  await expect(desk.db.transaction((trx) => eraseTicketContext(trx, desk.deps, ids))).rejects.toMatchObject({
    code: 'PD_TICKET_CORRUPT',
  });
  expect(await desk.ticket(id)).toMatchObject({ state: 'grace', requester: ada });
  expect(await desk.db('parties').where({ ticket_id: id })).toHaveLength(2);
});
