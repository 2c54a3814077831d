import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { deskNow } from '../../src/db/connection.ts';
import type { Store, StoreCheckpoint } from '../../src/purge/store.ts';
import { contextStep, openOwnContextStore } from '../../src/purge/stores/own-context.ts';
import type { ContextKind } from '../../src/purge/stores/own-context-due.ts';
import { eraseTicketContext } from '../../src/tickets/erase-context.ts';
import { untilBackendsWait } from '../support/database.ts';
import { openTestDesk, type TestDesk } from '../tickets/desk.ts';
import { type PastTicket, pastMessage, pastReply, pastTicket, restOf } from './own-context-rows.ts';
import { describeStoreContract, eraseAll, NEVER, type StoreHarness, stepWith } from './store-contract.ts';

const storeOf = (desk: TestDesk): Store =>
  openOwnContextStore({
    db: desk.db,
    policy: { contextRetentionDays: 30, rawRetentionDays: 90 },
    eraseTickets: (trx, ids) => eraseTicketContext(trx, desk.deps, ids),
  });

/** Five of a kind that are due, beside others that are not, each for one reason. */
const FILLED: Readonly<Record<ContextKind, (desk: TestDesk) => Promise<readonly number[]>>> = {
  messages: async (desk) => {
    const closed = await pastTicket(desk, { closed: 31 });
    const { conversation } = await pastTicket(desk, { closed: null, requested: 120 });
    await pastMessage(desk, { arrived: 119, conversation });
    await pastMessage(desk, { arrived: 89 });
    await pastMessage(desk, { arrived: 200, status: 'pending' });
    await pastMessage(desk, { arrived: 200, needsAgent: true });
    return [
      await pastMessage(desk, { arrived: 32, conversation: closed.conversation }),
      await pastMessage(desk, { arrived: 32, conversation: closed.conversation, needsAgent: true }),
      await pastMessage(desk, { arrived: 91 }),
      await pastMessage(desk, { arrived: 91, disposition: 'unreadable' }),
      await pastMessage(desk, { arrived: 91, disposition: 'automatic' }),
    ];
  },
  outbox: async (desk) => {
    const closed = await pastTicket(desk, { closed: 31 });
    const open = await pastTicket(desk, { closed: null });
    await pastReply(desk, { created: 120, tickets: [open] });
    await pastReply(desk, { created: 89 });
    await pastReply(desk, { created: 120, status: 'pending' });
    await pastReply(desk, { created: 120, status: 'sending' });
    await pastReply(desk, { created: 120, status: 'unknown', template: 'completed' });
    return [
      await pastReply(desk, { created: 31, tickets: [closed] }),
      await pastReply(desk, { created: 91 }),
      await pastReply(desk, { created: 91, status: 'bounced' }),
      await pastReply(desk, { created: 91, status: 'failed' }),
      await pastReply(desk, { created: 91, status: 'unknown', template: 'completed', attempts: 2 }),
    ];
  },
  tickets: async (desk) => {
    await pastTicket(desk, { closed: null, requested: 120 });
    await pastTicket(desk, { closed: 29 });
    const due: number[] = [];
    for (const closed of [31, 32, 33, 40, 400]) due.push((await pastTicket(desk, { closed })).id);
    return due;
  },
  conversations: async (desk) => {
    const due: PastTicket[] = [];
    for (const closed of [31, 32, 33, 40, 400]) due.push(await pastTicket(desk, { closed }));
    await desk.db.transaction((trx) =>
      eraseTicketContext(
        trx,
        desk.deps,
        due.map(({ id }) => id as never),
      ),
    );
    await pastTicket(desk, { closed: 60 }); // not erased yet
    await pastTicket(desk, { closed: null, requested: 120 });
    return due.map(({ conversation }) => conversation);
  },
};

describe.each(['messages', 'tickets'] as const)('own context: %s', (kind) => {
  describeStoreContract(`own context, ${kind},`, async (): Promise<StoreHarness> => {
    const desk = await openTestDesk();
    const due = await FILLED[kind](desk);
    return {
      store: storeOf(desk),
      step: contextStep(kind, await deskNow(desk.db)),
      matching: due.length,
      fingerprint: () => restOf(desk.db, kind, due),
      [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
    };
  });
});

test.each(['outbox', 'conversations'] as const)('what is due of %s goes, and nothing else', async (kind) => {
  await using desk = await openTestDesk();
  const due = await FILLED[kind](desk);
  const before = await restOf(desk.db, kind, due);
  const step = contextStep(kind, await deskNow(desk.db));
  expect(await storeOf(desk).rehearse(step, NEVER)).toBe(due.length);
  expect(await eraseAll(storeOf(desk), step, 2)).toBe(due.length);
  expect(await storeOf(desk).countRemaining(step, NEVER)).toBe(0);
  expect(await restOf(desk.db, kind, due)).toBe(before);
});

test('a batch of large mails is as small as their bytes want it, and one mail always fits', async () => {
  await using desk = await openTestDesk();
  for (const bytes of [40_000_000, 20_000_000, 10_000_000, 10_000_000])
    await pastMessage(desk, { arrived: 100, bytes });
  const store = storeOf(desk);
  const step = contextStep('messages', await deskNow(desk.db));
  const sizes: number[] = [];
  for (let checkpoint: StoreCheckpoint = null, done = false; !done; ) {
    const erased = await store.erase(step, checkpoint, { limit: 100, signal: NEVER });
    sizes.push(erased.deleted);
    ({ checkpoint, done } = erased);
  }
  expect(sizes).toEqual([1, 2, 1]);
});

test.each([
  ['messages', 'messages_kept'],
  ['outbox', 'outbox_kept'],
  ['tickets', 'tickets_kept'],
  ['conversations', 'conversations_kept'],
] as const)('what is due of %s is found by %s, however much was erased', async (kind, index) => {
  await using desk = await openTestDesk();
  await desk.db.raw(MANY_ERASED);
  await desk.db.raw('analyze');
  const asked: { sql: string; bindings: unknown[] }[] = [];
  desk.db.on('query', (query) => asked.push(query));
  await storeOf(desk).erase(contextStep(kind, await deskNow(desk.db)), null, { limit: 100, signal: NEVER });
  const search = asked.find(({ sql }) => sql.includes('for update of r'));
  const client = new pg.Client({ connectionString: desk.url });
  await client.connect();
  try {
    const plan = await client.query(`explain ${search?.sql}`, search?.bindings);
    expect(JSON.stringify(plan.rows)).toContain(index);
  } finally {
    await client.end();
  }
});

/** Years of it. */
const MANY_ERASED = `
  insert into conversations (requester_hash, opened_at, erased_at)
    select 'h', now() - interval '1 year', now() from generate_series(1, 20000);
  insert into tickets (conversation_id, origin, scope, request, requester_hash, requested_at, due_at, state, state_since,
      closed_at, erased_at)
    select id, 'mail', 'user', '{}', 'h', opened_at, opened_at, 'expired', opened_at, opened_at, now() from conversations;
  insert into messages (content_hash, size_bytes, arrived_at, status, disposition, erased_at)
    select i::text, 1, now() - interval '1 year', 'done', 'other', now() from generate_series(1, 20000) i;
  insert into outbox (key, template, locale, recipient_hash, before_verification, facts, created_at, status, erased_at)
    select i::text, 'status', 'en', 'h', true, '{"template": "status"}', now() - interval '1 year', 'sent', now()
    from generate_series(1, 20000) i`;

const refused = { code: 'PD_STORE_INVALID' };

test('a step that is about nothing in here, is narrowed, or lacks its instant is refused', async () => {
  await using desk = await openTestDesk();
  const store = storeOf(desk);
  const step = contextStep('messages', new Date());
  await expect(store.rehearse({ ...step, target: 'workspaces' }, NEVER)).rejects.toMatchObject(refused);
  for (const predicate of [
    { sourceId: 's1' },
    { users: ['u1'] },
    { receivedFrom: '2024-01-01T00:00:00Z' },
    { receivedBefore: null },
  ])
    await expect(store.rehearse(stepWith(step, predicate), NEVER)).rejects.toMatchObject(refused);
  await expect(store.erase(step, 'nowhere', { limit: 1, signal: NEVER })).rejects.toMatchObject(refused);
});

describe('what belongs to whom', () => {
  /** Whether exactly the mails named `true` are erased when all that is due is. */
  async function expectErased(
    desk: TestDesk,
    table: 'messages' | 'outbox',
    wanted: ReadonlyMap<number, boolean>,
  ) {
    await eraseAll(storeOf(desk), contextStep(table, await deskNow(desk.db)), 10);
    const rows = await desk.db(table).select('id', 'erased_at');
    expect(new Map(rows.map((row) => [row.id, row.erased_at !== null]))).toEqual(wanted);
  }

  test('a later ticket of the same conversation keeps its own mails and not the earlier ones', async () => {
    await using desk = await openTestDesk();
    const first = await pastTicket(desk, { requested: 200, closed: 190 });
    const { conversation } = first;
    await pastTicket(desk, { requested: 20, closed: null, conversation });
    await expectErased(
      desk,
      'messages',
      new Map([
        [await pastMessage(desk, { arrived: 200, conversation }), true],
        [await pastMessage(desk, { arrived: 150, conversation, disposition: 'joined' }), true],
        [await pastMessage(desk, { arrived: 20, conversation }), false],
        [await pastMessage(desk, { arrived: 10, conversation, disposition: 'joined' }), false],
      ]),
    );
  });

  test('a ticket that has been open for long keeps all of its mails, old as they are', async () => {
    await using desk = await openTestDesk();
    const open = await pastTicket(desk, { requested: 400, closed: null });
    const closed = await pastTicket(desk, { requested: 400, closed: 390, conversation: open.conversation });
    const { conversation } = open;
    const kept = await pastMessage(desk, { arrived: 400, conversation });
    await expectErased(desk, 'messages', new Map([[kept, false]]));
    await expectErased(
      desk,
      'outbox',
      new Map([
        [await pastReply(desk, { created: 399, tickets: [open] }), false],
        [await pastReply(desk, { created: 399, tickets: [open, closed] }), false],
        [await pastReply(desk, { created: 399, tickets: [closed] }), true],
      ]),
    );
  });

  test('a question long after the end is kept as long as any mail of a closed ticket', async () => {
    await using desk = await openTestDesk();
    const { conversation } = await pastTicket(desk, { closed: 300 });
    await expectErased(
      desk,
      'messages',
      new Map([
        [await pastMessage(desk, { arrived: 29, conversation, disposition: 'joined' }), false],
        [await pastMessage(desk, { arrived: 31, conversation, disposition: 'joined' }), true],
      ]),
    );
  });

  test('a mail that nobody has dealt with waits for an agent, and goes once one has', async () => {
    await using desk = await openTestDesk();
    const { conversation } = await pastTicket(desk, { closed: 300 });
    const mails = [
      await pastMessage(desk, { arrived: 400, needsAgent: true }),
      await pastMessage(desk, { arrived: 400, needsAgent: true, disposition: 'joined' }),
      await pastMessage(desk, { arrived: 400, needsAgent: true, disposition: 'unreadable' }),
      await pastMessage(desk, { arrived: 400, needsAgent: true, disposition: 'other', conversation }),
    ];
    await expectErased(desk, 'messages', new Map(mails.map((id) => [id, false])));
    await desk.db('messages').update({ needs_agent: false, agent_by: 'grace', agent_at: new Date() });
    await expectErased(desk, 'messages', new Map(mails.map((id) => [id, true])));
  });
});

test('a mail that an agent opens while it is about to be erased stays', async () => {
  await using desk = await openTestDesk();
  const id = await pastMessage(desk, { arrived: 100 });
  const step = contextStep('messages', await deskNow(desk.db));
  const opened = await desk.db.transaction(async (trx) => {
    await trx('messages').where({ id }).forUpdate().first('id');
    const erasing = eraseAll(storeOf(desk), step, 10);

    await untilBackendsWait(desk.db, 1);
    const [conversation] = await trx('conversations').insert(
      { requester_hash: 'h', opened_at: new Date() },
      'id',
    );
    await trx('tickets').insert({
      ...{ conversation_id: conversation.id, message_id: id, origin: 'mail', scope: 'user', request: '{}' },
      ...{ requester_hash: 'h', due_at: new Date(), state_since: new Date() },
      requested_at: trx('messages').select('arrived_at').where({ id }),
    });
    await trx('messages').where({ id }).update({ disposition: 'opened', conversation_id: conversation.id });
    return { erasing };
  });
  expect(await opened.erasing).toBe(0);
  expect(await desk.db('messages').where({ id }).first('raw')).toMatchObject({ raw: Buffer.from('a mail.') });
});
