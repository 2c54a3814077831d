import type { Knex } from 'knex';
import { describe, expect, test } from 'vitest';
import { conversationId } from '../../src/domain/ids.ts';
import { eraseOwnContext, isContextDue, type OwnContextPorts } from '../../src/purge/erase-own-context.ts';
import { reportOwnContext } from '../../src/purge/own-context-report.ts';
import type { Store } from '../../src/purge/store.ts';
import { openOwnContextStore } from '../../src/purge/stores/own-context.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { verifyAudit } from '../../src/tickets/verify-audit.ts';
import { EVENTS, policy } from '../tickets/cast.ts';
import {
  ada,
  openTestDesk,
  type StoredTicket,
  type TestDesk,
  workspaceRequest,
  zoe,
} from '../tickets/desk.ts';
import { pastMessage, pastReply, pastTicket } from './own-context-rows.ts';
import { NEVER } from './store-contract.ts';

/** Stands in every text that somebody wrote or is known by. */
const CANARY = 'zq7canary';
const PERSON = `${CANARY}@acme.example`;

function portsOf(desk: TestDesk, wrap: (store: Store) => Store = (store) => store): OwnContextPorts {
  const store = openOwnContextStore({
    db: desk.db,
    policy: desk.deps.policy,
    eraseTickets: (trx, ids) => eraseTicketContext(trx, desk.deps, ids),
  });
  return { db: desk.db, store: wrap(store), crashPoint: () => undefined };
}

/** A purge of end users that is completed, with a trace of the canary wherever a person or an agent can leave one. */
async function completedStory(desk: TestDesk): Promise<StoredTicket> {
  const { db } = desk;
  await db('members').insert({ workspace_id: 'ws_acme', address: PERSON, role: 'owner' });
  const request = { ...workspaceRequest(), scope: 'user', users: [`${CANARY}-user`] } as const;
  const opened = await desk.mail({ from: PERSON, intent: 'delete', requests: [request], references: [] });
  const { id } = await desk.ticket();
  await desk.mail({ from: PERSON, intent: 'verify', code: await desk.code(), ticket: `PD-${id}` });
  await desk.act({ id, event: EVENTS.rehearsed });
  await desk.act({ id, event: { ...EVENTS.held, note: `${CANARY} rang us` } });
  await desk.act({ id, event: { ...EVENTS.released, note: `${CANARY} is fine` } });
  await desk.outlast(await desk.ticket(id));
  await db('messages')
    .where({ conversation_id: (await desk.ticket(id)).conversation_id })
    .update({
      raw: Buffer.from(`From: ${PERSON}\r\n\r\n${CANARY}`),
      subject: CANARY,
      message_id_header: `<${CANARY}@acme.example>`,
      in_reply_to: `<${CANARY}@acme.example>`,
      reference_ids: [`<${CANARY}@acme.example>`],
      understanding: JSON.stringify({ users: [CANARY] }),
      evidence: JSON.stringify({ notes: [CANARY] }),
      agent_by: 'grace',
      agent_at: new Date(),
      agent_note: CANARY,
    });
  await db('outbox')
    .where({ recipient: PERSON })
    .update({
      status: 'sent',
      in_reply_to: `<${CANARY}@acme.example>`,
      reference_ids: [`<${CANARY}@acme.example>`],
    });
  await db('outbox').update({ status: 'sent' });
  const step = { no: 1, store: 'office', predicate: { users: [CANARY] } };
  await db('tickets')
    .where({ id })
    .update({ plan: JSON.stringify({ steps: [step] }), reasons: [CANARY] });
  await db('purge_steps').insert({
    ...{ ticket_id: id, no: 1, plan_hash: 'h', store: 'office', target: 'binder', estimate: 1, deleted: 1 },
    ...{ status: 'done', remaining: 0, finished_at: new Date() },
    ...{ step: JSON.stringify(step), checkpoint: JSON.stringify({ after: CANARY }) },
  });
  await db('checklist_ticks').insert({
    ...{ ticket_id: id, plan_hash: 'h', step: 1, item: 'shred', agent: 'grace' },
    ...{ evidence: `${CANARY} is shredded`, ticked_at: new Date() },
  });
  await db('agent_notes').insert({
    ...{ ticket_id: id, agent: 'grace', act: 'approved', note: CANARY, at: new Date() },
  });
  await desk.decide([
    {
      ticketId: (await desk.ticket(id)).id,
      event: EVENTS.purge_finished,
      within: async (trx) => {
        await trx('receipts').insert({ ticket_id: id, signed: '{"publicKey":"k"}', created_at: new Date() });
      },
    },
  ]);
  await db('outbox').update({ status: 'sent' });
  expect(opened.handled.disposition).toBe('opened');
  return desk.ticket(id);
}

/** The directory is not the desk's own: its importer says who is in it. */
const NOT_OURS = ['workspaces', 'members', 'workspace_parts', 'blockers'];

/** Tables, the queue's included, in which any row says this, as text or in its bytes. */
async function tablesThatSay(db: Knex, word: string): Promise<readonly string[]> {
  const tables = await db.raw<{ rows: { schema: string; name: string }[] }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname in ('public', 'graphile_worker') order by 1, 2`,
  );
  const hex = Buffer.from(word).toString('hex');
  const found: string[] = [];
  for (const { schema, name } of tables.rows) {
    const rows = await db.raw<{ rows: [{ says: boolean }] }>(
      `select exists (select from "${schema}"."${name}" r where r::text ilike any(?)) as says`,
      [[`%${word}%`, `%${hex}%`]],
    );
    if (rows.rows[0].says) found.push(name);
  }
  return found.filter((name) => !NOT_OURS.includes(name));
}

/** Every row of the desk that has to do with a conversation. */
const ALL_OF = `
  select c::text as row from conversations c where id = :id
  union all select t::text from tickets t where conversation_id = :id
  union all select m::text from messages m where conversation_id = :id
  union all select o::text from outbox o where conversation_id = :id
  union all select x::text from challenges x where conversation_id = :id
  union all select x::text from parties x join tickets t on t.id = x.ticket_id and t.conversation_id = :id
  union all select x::text from holds x join tickets t on t.id = x.ticket_id and t.conversation_id = :id
  union all select x::text from ticket_events x join tickets t on t.id = x.ticket_id and t.conversation_id = :id
  order by 1`;

async function rowsOf(db: Knex, conversation: number): Promise<readonly string[]> {
  const found = await db.raw<{ rows: { row: string }[] }>(ALL_OF, { id: conversation });
  return found.rows.map(({ row }) => row);
}

describe('D27 what the desk need not keep', () => {
  test('is nowhere any more, and nothing else is touched', async () => {
    await using desk = await openTestDesk();
    const story = await completedStory(desk);
    const other = await desk.mail({ from: zoe, intent: 'delete', requests: [workspaceRequest('globex')] });
    const zoes = await desk.ticket();
    await desk.mail({ from: `${CANARY}@evil.example`, intent: 'status' });
    await desk.db('outbox').update({ status: 'sent' });
    expect(other.handled.conversationId).toBe(zoes.conversation_id);
    expect(await tablesThatSay(desk.db, CANARY)).toEqual(
      expect.arrayContaining([
        'messages',
        'outbox',
        'tickets',
        'conversations',
        'parties',
        'holds',
        'purge_steps',
      ]),
    );
    const before = await rowsOf(desk.db, conversationId(zoes.conversation_id));

    await desk.pass(29 * 24);
    await eraseOwnContext(portsOf(desk), NEVER);
    expect(await tablesThatSay(desk.db, CANARY)).toContain('tickets');
    await desk.pass(2 * 24);
    await eraseOwnContext(portsOf(desk), NEVER);
    // What never became a ticket has the time of any mail.
    expect(await tablesThatSay(desk.db, CANARY)).toEqual(['messages', 'outbox']);
    await desk.pass(60 * 24);
    await desk.db('messages').update({ needs_agent: false });
    await eraseOwnContext(portsOf(desk), NEVER);
    expect(await tablesThatSay(desk.db, CANARY)).toEqual([]);

    expect(await rowsOf(desk.db, zoes.conversation_id)).toEqual(before);
    const audit = await verifyAudit(desk.db);
    expect(audit).toMatchObject({ problems: [], tickets: 2 });
    const events = await desk.db('ticket_events').where({ type: 'context_erased' });
    expect(events).toMatchObject([
      {
        ticket_id: story.id,
        actor: 'desk',
        details: { parties: 3, notes: 2, steps: 1, evidence: 1, keepsAddresses: false },
      },
    ]);
    expect(await desk.ticket(story.id)).toMatchObject({
      state: 'completed',
      requester_hash: desk.hash(PERSON),
    });
  });

  test('what is left says what became of it: states, dates, counts and hashes', async () => {
    await using desk = await openTestDesk();
    const { id, conversation_id: conversation } = await completedStory(desk);
    await desk.pass(31 * 24);
    await eraseOwnContext(portsOf(desk), NEVER);
    const [step] = await desk.db('purge_steps').where({ ticket_id: id });
    expect(step).toMatchObject({ status: 'done', deleted: 1, estimate: 1, remaining: 0, step: null });
    const mails = await desk.db('messages').where({ conversation_id: conversation }).orderBy('id');
    expect(mails).toMatchObject([
      { raw: null, disposition: 'opened', size_bytes: 1 },
      { raw: null, disposition: 'joined', agent_by: 'grace' },
    ]);
    expect(mails.every((mail) => mail.content_hash.length > 30)).toBe(true);
    const replies = await desk
      .db('outbox')
      .where({ conversation_id: conversation, recipient_hash: desk.hash(PERSON) });
    expect(replies.length).toBeGreaterThan(2);
    for (const reply of replies)
      expect(reply).toMatchObject({ recipient: null, facts: { template: reply.template } });
    expect(await desk.db('receipts').where({ ticket_id: id })).toHaveLength(1);
    expect(await desk.db('conversations').where({ id: conversation }).first()).toMatchObject({
      ...{ requester: null, subject: null, requester_hash: desk.hash(PERSON), locale: 'en' },
    });
  });
});

describe('a run', () => {
  async function filled() {
    const desk = await openTestDesk();
    const ticket = await pastTicket(desk, { closed: 31 });
    for (const arrived of [32, 32, 32, 32, 32, 32]) {
      await pastMessage(desk, { arrived, conversation: ticket.conversation });
      await pastReply(desk, { created: arrived - 0.5, tickets: [ticket] });
    }
    for (const closed of [40, 41, 42]) await pastTicket(desk, { closed });
    return desk;
  }
  const ALL = { messages: 6, outbox: 6, tickets: 4, conversations: 4 };

  test('comes once a day, and is due again on the next', async () => {
    await using desk = await filled();
    expect(await isContextDue(desk.db)).toBe(true);
    expect(await eraseOwnContext(portsOf(desk), NEVER)).toEqual({ kind: 'through', erased: ALL });
    expect(await isContextDue(desk.db)).toBe(false);
    expect(await eraseOwnContext(portsOf(desk), NEVER)).toEqual({ kind: 'idle' });
    await desk.pass(24);
    expect(await isContextDue(desk.db)).toBe(true);
    expect(await eraseOwnContext(portsOf(desk), NEVER)).toMatchObject({
      erased: { messages: 0, outbox: 0, tickets: 0, conversations: 0 },
    });
  });

  test('erases nothing while all purges are halted, and goes on afterwards', async () => {
    await using desk = await filled();
    const halt = () =>
      desk.db('purge_switch').update({ halted_at: new Date(), halted_by: 'grace', reason: 'stop' });
    let batches = 0;
    const haltsAfterOne = (store: Store): Store => ({
      ...store,
      erase: async (...call) => {
        const erased = await store.erase(...call);
        if (++batches === 1) await halt();
        return erased;
      },
    });
    expect(await eraseOwnContext(portsOf(desk, haltsAfterOne), NEVER)).toEqual({ kind: 'halted' });
    expect(batches).toBe(1);
    expect(await eraseOwnContext(portsOf(desk), NEVER)).toEqual({ kind: 'halted' });
    await desk.db('purge_switch').update({ halted_at: null, halted_by: null, reason: null });
    expect(await eraseOwnContext(portsOf(desk), NEVER)).toEqual({ kind: 'through', erased: ALL });
  });

  test.each(['context.batch.erased', 'context.batch.recorded'] as const)(
    'that dies at %s is taken up, and counts what it had erased',
    async (label) => {
      await using desk = await filled();
      for (let nth = 1, died = true; died; nth++) {
        died = false;
        let met = 0;
        const crashPoint = (at: string) => {
          if (at !== label || ++met < nth) return;
          died = true;
          throw new Error('the process died');
        };
        const end = eraseOwnContext({ ...portsOf(desk), crashPoint }, NEVER);
        if (nth === 1) await expect(end).rejects.toThrow('the process died');
        else await end.catch(() => undefined);
      }
      expect(await desk.db('own_context_runs').whereNotNull('finished_at')).toMatchObject([{ erased: ALL }]);
      const events = await desk.db('ticket_events').where({ type: 'context_erased' });
      expect(events).toHaveLength(4);
      expect((await verifyAudit(desk.db)).problems).toEqual([]);
    },
  );

  test('gets through whichever call of the store fails', async () => {
    await using desk = await openTestDesk();
    const wanted = { messages: 2, outbox: 1, tickets: 2, conversations: 2 };
    for (let nth = 1, failed = true; failed; nth++) {
      expect(nth).toBeLessThan(100);
      failed = false;
      await desk.pass(24);
      const ticket = await pastTicket(desk, { closed: 31 });
      await pastTicket(desk, { closed: 32 });
      await pastMessage(desk, { arrived: 32, conversation: ticket.conversation });
      await pastMessage(desk, { arrived: 91 });
      await pastReply(desk, { created: 31.5, tickets: [ticket] });
      let calls = 0;
      const failing = (store: Store): Store => {
        const mayFail = async <T>(call: () => Promise<T>): Promise<T> => {
          if (++calls !== nth) return call();
          failed = true;
          // In turns before it was carried out, and after.
          if (nth % 2 === 0) await call();
          throw new Error('lost');
        };
        return {
          ...store,
          rehearse: (...call) => mayFail(() => store.rehearse(...call)),
          erase: (...call) => mayFail(() => store.erase(...call)),
          countRemaining: (...call) => mayFail(() => store.countRemaining(...call)),
        };
      };
      const end = await eraseOwnContext(portsOf(desk, failing), NEVER).catch(() => undefined);
      expect(end === undefined).toBe(failed);
      if (failed)
        expect(await eraseOwnContext(portsOf(desk), NEVER)).toEqual({ kind: 'through', erased: wanted });
      expect(await desk.db('tickets').whereNull('erased_at')).toEqual([]);
      expect(await desk.db('ticket_events').where({ type: 'context_erased' })).toHaveLength(2 * nth);
    }
    expect((await verifyAudit(desk.db)).problems).toEqual([]);
  });

  test('two at once erase everything once', async () => {
    await using desk = await filled();
    const ends = await Promise.all([
      eraseOwnContext(portsOf(desk), NEVER),
      eraseOwnContext(portsOf(desk), NEVER),
    ]);
    if (!ends.some((end) => end.kind === 'through')) await eraseOwnContext(portsOf(desk), NEVER);
    expect(await desk.db('own_context_runs')).toMatchObject([{ erased: ALL }]);
    expect(await desk.db('ticket_events').where({ type: 'context_erased' })).toHaveLength(4);
  });

  test('that is taken from a process in the middle of a batch counts all of it once', async () => {
    await using desk = await filled();
    let batches = 0;
    let second: ReturnType<typeof eraseOwnContext> | null = null;
    const overtaken = (store: Store): Store => ({
      ...store,
      erase: async (...call) => {
        const erased = await store.erase(...call);
        // The other one is through before this one can record its batch.
        if (++batches === 2) {
          second = eraseOwnContext(portsOf(desk), NEVER);
          await second;
        }
        return erased;
      },
    });
    expect(await eraseOwnContext(portsOf(desk, overtaken), NEVER)).toEqual({ kind: 'taken_over' });
    expect(await second).toEqual({ kind: 'through', erased: ALL });
    expect(batches).toBe(2);
  });

  test('is reported with what is due, what waits and what went', async () => {
    await using desk = await filled();
    await pastMessage(desk, { arrived: 100, needsAgent: true });
    const { store } = portsOf(desk);
    const report = () => reportOwnContext(desk.db, store, 90, NEVER);
    expect(await report()).toEqual({
      due: { ...ALL, conversations: 0 },
      waiting: 1,
      keepingAddresses: 0,
      runs: [],
    });
    await eraseOwnContext(portsOf(desk), NEVER);
    expect(await report()).toMatchObject({
      due: { messages: 0, outbox: 0, tickets: 0, conversations: 0 },
      runs: [{ erased: ALL }],
    });
  });
});

test('the addresses stay until the mail is written that tells of the last backup', async () => {
  await using desk = await openTestDesk({
    ...policy,
    residue: [
      {
        ...{ category: 'backups', what: 'Backups', why: 'to restore', legalBasis: null },
        ...{ retentionDays: null, rollingDays: 35 },
      },
    ],
  });
  const { id, conversation_id: conversation } = await completedStory(desk);
  await desk.pass(31 * 24);
  await eraseOwnContext(portsOf(desk), NEVER);
  expect(await desk.ticket(id)).toMatchObject({ requester: PERSON, target: null, keeps_addresses: true });
  expect(await desk.db('parties').where({ ticket_id: id, address: ada })).toHaveLength(1);
  expect(await desk.db('conversations').where({ id: conversation }).first('erased_at')).toEqual({
    erased_at: null,
  });
  await desk.pass(24);
  expect(await eraseOwnContext(portsOf(desk), NEVER)).toMatchObject({ erased: { tickets: 0 } });

  await desk.pass(5 * 24);
  await desk.tick();
  const told = (await desk.outbox()).filter((mail) => mail.template === 'residue_released');
  expect(told.map((mail) => mail.recipient).sort()).toEqual([ada, 'bob@acme.example', PERSON].sort());
  await desk.db('outbox').update({ status: 'sent' });
  expect(await eraseOwnContext(portsOf(desk), NEVER)).toMatchObject({
    erased: { tickets: 1, conversations: 1 },
  });
  expect(await desk.ticket(id)).toMatchObject({ requester: null, keeps_addresses: false });
  expect(await desk.db('parties').where({ ticket_id: id })).toEqual([]);
  expect(await desk.db('ticket_events').where({ type: 'context_erased' }).orderBy('seq')).toMatchObject([
    { details: { keepsAddresses: true, parties: 0 } },
    { details: { keepsAddresses: false, parties: 3 } },
  ]);
  expect((await verifyAudit(desk.db)).problems).toEqual([]);
  await desk.pass(40 * 24);
  await eraseOwnContext(portsOf(desk), NEVER);
  expect(await tablesThatSay(desk.db, CANARY)).toEqual([]);
});
