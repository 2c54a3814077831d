/** The queue, its search, its views, and who looks after what. One desk; each test has tickets of its own. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQuery } from '../../src/console/queue/filter.ts';
import { readQueue, TICKETS_A_PAGE } from '../../src/console/queue/read-queue.ts';
import { ada, stranger, workspaceRequest, zoe } from '../tickets/desk.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;

beforeAll(async () => {
  whole = await openWholeDesk();
});
afterAll(() => whole[Symbol.asyncDispose]());

const rowsOf = (html: string): string[] =>
  [...html.matchAll(/<tr id="ticket-(\d+)">/g)].map(([, id]) => id ?? '');

/** Tickets with what the queue looks at, written as they are stored. */
async function plant(rows: readonly Readonly<Record<string, unknown>>[]): Promise<number[]> {
  const { db } = whole.desk;
  const [thread] = await db('conversations')
    .insert({ requester: ada, requester_hash: randomUUID(), opened_at: db.raw('desk_now()') })
    .returning<{ id: number }[]>('id');
  const planted = await db('tickets')
    .insert(
      rows.map((row) => ({
        conversation_id: thread!.id,
        origin: 'mail',
        scope: 'workspace',
        request: JSON.stringify(workspaceRequest()),
        requester: ada,
        requester_hash: randomUUID(),
        requested_at: db.raw('desk_now()'),
        due_at: db.raw(`desk_now() + interval '30 days'`),
        state: 'received',
        state_since: db.raw('desk_now()'),
        ...row,
      })),
    )
    .returning<{ id: number }[]>('id');
  return planted.map(({ id }) => id);
}

const dueIn = (interval: string) => whole.desk.db.raw(`desk_now() + cast(? as interval)`, [interval]);
const hold = (id: number, reason: string) =>
  whole.desk
    .db('holds')
    .insert({ ticket_id: id, reason, placed_by: 'desk', placed_at: whole.desk.db.raw('desk_now()') });
const closed = () => ({ state: 'rejected', closed_at: whole.desk.db.raw('desk_now()') });

test('what needs a person: holds for agents, approvals, overdue ones and those whose mail came back', async () => {
  const { db } = whole.desk;
  const [calm, held, billed, overdue, lost, done] = await plant([
    {},
    {},
    {},
    { due_at: dueIn('-1 day') },
    { requester_hash: 'lost' },
    { ...closed(), requester_hash: 'lost', due_at: dueIn('-1 day') },
  ]);
  await hold(held!, 'review');
  await hold(billed!, 'billing');
  await hold(done!, 'agent');
  await db('outbox').insert({
    key: 'lost',
    template: 'received',
    locale: 'en',
    recipient_hash: 'lost',
    before_verification: true,
    facts: '{}',
    created_at: db.raw('desk_now()'),
  });
  await db.raw(
    `insert into undeliverable_addresses select 'lost', desk_now(), id, 'bounced' from outbox where key = 'lost'`,
  );
  const viewer = await whole.signIn('viewer');
  const needs = rowsOf((await viewer.get('/queue')).body).map(Number);
  expect(needs).toEqual([overdue, held, lost]);
  const progress = rowsOf((await viewer.get('/queue?tab=progress')).body).map(Number);
  expect(progress.filter((id) => [calm, held, billed, overdue, lost, done].includes(id))).toEqual([
    calm,
    billed,
  ]);
  const all = rowsOf((await viewer.get('/queue?tab=all')).body).map(Number);
  expect(all).toEqual([overdue, held, lost, calm, billed, done]);
});

test('filters narrow it, each by itself and all together', async () => {
  const { db } = whole.desk;
  await whole.desk.inGrace();
  const agent = await whole.signIn('agent');
  const { id: agentId } = await db('agents').where({ name: agent.name }).first('id');
  const [mine, soon, failed, french] = await plant([
    { assignee: agentId, scope: 'user' },
    { due_at: dueIn('2 days') },
    {},
    {},
  ]);
  await hold(failed!, 'step_failed');
  await db('conversations')
    .where({ id: db('tickets').select('conversation_id').where({ id: french! }) })
    .update({ locale: 'fr' });
  const ids = async (query: string) => rowsOf((await agent.get(`/queue?tab=all&${query}`)).body).map(Number);
  expect(await ids('assignee=me')).toEqual([mine]);
  expect(await ids(`assignee=${agentId}&scope=user`)).toEqual([mine]);
  expect(await ids('assignee=me&scope=space')).toEqual([]);
  expect(await ids('assignee=nobody')).not.toContain(mine);
  expect(await ids('due=soon')).toEqual([soon]);
  expect(await ids('hold=step_failed')).toEqual([failed]);
  expect((await ids('language=fr')).sort()).toEqual([mine, soon, failed, french].sort());
  expect(await ids('state=grace')).toHaveLength(1);
  expect(await ids('workspace=acme-inc')).toEqual(await ids('workspace=ws_acme'));
  expect(await ids('workspace=acme-inc')).toHaveLength(1);
  expect(await ids('workspace=nobody-has-this')).toEqual([]);
});

test('pages go both ways by keys and lose nobody, in every order and under every tab', async () => {
  const { db } = whole.desk;
  const many = await plant(
    Array.from({ length: 120 }, (_, no) => ({
      scope: 'events',
      due_at: dueIn(`${(no % 7) + 1} days`),
      ...(no % 3 === 2 ? closed() : {}),
    })),
  );
  for (const id of many.filter((_, no) => no % 3 === 0)) await hold(id, 'agent');
  for (const tab of ['needs', 'progress', 'closed', 'all']) {
    for (const sort of ['urgent', 'newest', 'deadline']) {
      const { filter } = readQuery({ tab, sort, scope: 'events' });
      const forth: number[][] = [];
      let place = await readQueue(db, filter, null, 0);
      for (;;) {
        forth.push(place.rows.map(({ id }) => id));
        if (place.after === null) break;
        place = await readQueue(db, filter, place.after, 0);
      }
      const back: number[][] = [];
      for (;;) {
        back.unshift(place.rows.map(({ id }) => id));
        if (place.before === null) break;
        place = await readQueue(db, filter, place.before, 0);
      }
      const wanted = { needs: 40, progress: 40, closed: 40, all: 120 }[tab];
      expect([tab, sort, new Set(forth.flat()).size]).toEqual([tab, sort, wanted]);
      expect(back.flat()).toEqual(forth.flat());
      expect(forth.every((rows) => rows.length <= TICKETS_A_PAGE)).toBe(true);
    }
  }
});

test('an address that nobody can read shows something all the same', async () => {
  const viewer = await whole.signIn('viewer');
  for (const query of [
    'tab=x&sort=y&state=z&hold=no&scope=1&due=never&language=zz9&assignee=-1&workspace=%00%27',
    'after=9-9999999999999999-999999999999999',
    'before=0-0-0&tab=all',
    'after=1-1-1&after=2-2-2',
    'assignee=99999999999999999999&tab=all',
  ])
    expect([query, (await viewer.get(`/queue?${query}`)).statusCode]).toEqual([query, 200]);
});

describe('giving tickets to somebody', () => {
  test('all that are ticked or none, and each is told', async () => {
    const { db } = whole.desk;
    const agent = await whole.signIn('agent');
    const other = await whole.signIn('approver');
    const { id: otherId } = await db('agents').where({ name: other.name }).first('id');
    const [one, two, done] = await plant([
      { scope: 'space' },
      { scope: 'space' },
      { scope: 'space', ...closed() },
    ]);
    const refused = await agent.post('/queue/assign', {
      ticket: [`${one}`, `${done}`],
      to: 'me',
      back: '/queue?tab=all&scope=space',
    });
    expect(refused.statusCode).toBe(422);
    expect(refused.body).toContain(`PD-${done}: it is closed`);
    expect(refused.body).toContain(`id="tick-${one}" form="giving" aria-label="Tick PD-${one}" checked`);
    expect(await db('tickets').whereIn('id', [one!, done!]).whereNotNull('assignee')).toEqual([]);

    const given = await agent.post('/queue/assign', {
      ticket: [`${one}`, `${two}`],
      to: `${otherId}`,
      back: '/queue?tab=all&scope=space',
    });
    expect([given.statusCode, given.headers.location]).toEqual([
      303,
      `/queue?tab=all&scope=space&given=2-${otherId}`,
    ]);
    expect((await agent.get(String(given.headers.location))).body).toContain(
      `2 tickets given to ${other.name}.`,
    );
    expect(rowsOf((await other.get('/queue?tab=all&scope=space&assignee=me')).body).sort()).toEqual(
      [`${one}`, `${two}`].sort(),
    );
    await agent.post('/queue/assign', { ticket: `${one}`, to: 'nobody' });
    const kept = await db('ticket_assignments')
      .select('ticket_id', 'assignee')
      .where({ ticket_id: one! })
      .orderBy('id');
    expect(kept).toEqual([
      { ticket_id: one, assignee: otherId },
      { ticket_id: one, assignee: null },
    ]);
  });

  test('to agents only, never more than a hundred, and back to our own pages only', async () => {
    const { db } = whole.desk;
    const agent = await whole.signIn('agent');
    const viewer = await whole.signIn('viewer');
    const { id: viewerId } = await db('agents').where({ name: viewer.name }).first('id');
    const [id] = await plant([{ scope: 'account' }]);
    for (const fields of [
      { ticket: `${id}`, to: `${viewerId}` },
      { ticket: `${id}`, to: '999999' },
      { ticket: '999999999', to: 'me' },
      { ticket: `${id}`, to: '' },
      { to: 'me' },
      { ticket: Array.from({ length: 101 }, (_, no) => `${no + 1}`), to: 'me' },
    ])
      expect([fields, (await agent.post('/queue/assign', fields)).statusCode]).toEqual([fields, 422]);
    expect((await db('tickets').where({ id: id! }).first('assignee')).assignee).toBeNull();
    for (const back of [
      'https://elsewhere.example/',
      '//elsewhere.example',
      '/queue/../sign-out',
      '/\\elsewhere',
    ]) {
      const answer = await agent.post('/queue/assign', { ticket: `${id}`, to: 'me', back });
      expect(answer.headers.location).toMatch(/^\/queue\?given=/);
    }
    const seen = await viewer.get('/queue?tab=all');
    expect(seen.body).not.toContain('id="giving"');
  });
});

describe('views', () => {
  test('a view is kept under a name, for its agent alone', async () => {
    const mine = await whole.signIn('viewer');
    const other = await whole.signIn('admin');
    const back = '/queue?tab=closed&scope=user&after=0-1-1';
    expect((await mine.post('/queue/views', { name: 'Users <b>closed</b>', back })).statusCode).toBe(303);
    const page = (await mine.get('/queue')).body;
    expect(page).toContain('>Users &lt;b&gt;closed&lt;/b&gt;</a>');
    expect(page).toContain('/queue?tab&#x3D;closed&amp;scope&#x3D;user"');
    expect((await other.get('/queue')).body).not.toContain('Users &lt;b&gt;');
    const id = (await whole.desk.db('saved_views').first('id')).id;
    await other.post(`/queue/views/${id}/remove`);
    expect(await whole.desk.db('saved_views')).toHaveLength(1);
    const again = await mine.post('/queue/views', { name: ' users <B>closed</B>', back });
    expect([again.statusCode, again.body.includes('You have a view of that name already.')]).toEqual([
      422,
      true,
    ]);
    expect((await mine.post('/queue/views', { name: ' ' })).statusCode).toBe(422);
    await mine.post(`/queue/views/${id}/remove`);
    expect(await whole.desk.db('saved_views')).toEqual([]);
  });
});

describe('search', () => {
  const mail = async (subject: string, author: string, text: string, thread: number | null = null) => {
    const { db } = whole.desk;
    const [row] = await db('messages')
      .insert({
        content_hash: randomUUID(),
        size_bytes: 1,
        arrived_at: db.raw('desk_now()'),
        status: 'done',
        disposition: 'other',
        subject,
        author,
        conversation_id: thread,
        words: db.raw(
          `to_tsvector('simple', concat_ws(' ', ?::text, ?::text, replace(?, '@', ' '), ?::text))`,
          [subject, author, author, text],
        ),
      })
      .returning<{ id: number }[]>('id');
    return row!.id;
  };
  const mailsIn = (html: string) => [...html.matchAll(/<tr id="mail-(\d+)">/g)].map(([, id]) => Number(id));

  test('finds a ticket by its reference, its requester and its workspace, and mails by their words', async () => {
    const viewer = await whole.signIn('viewer');
    const [id] = await plant([{ requester: zoe, scope: 'source', workspace_ids: ['ws_globex'] }]);
    for (const text of [`PD-${id}`, ` pd-${id} `, `${id}`]) {
      const answer = await viewer.get(`/search?q=${encodeURIComponent(text)}`);
      expect([answer.statusCode, answer.headers.location]).toEqual([303, `/tickets/PD-${id}`]);
    }
    for (const text of [zoe, 'ZOE@globex.example', 'globex', 'ws_globex', 'Globex'])
      expect([text, rowsOf((await viewer.get(`/search?q=${encodeURIComponent(text)}`)).body)]).toEqual([
        text,
        [`${id}`],
      ]);
    const { conversation_id: thread } = await whole.desk
      .db('tickets')
      .where({ id: id! })
      .first('conversation_id');
    const found = await mail('A heliotrope question', stranger, 'about the walrus in our invoices', thread);
    for (const text of [
      'heliotrope',
      'WALRUS invoices',
      '"walrus in our"',
      'evil.example walrus',
      stranger,
    ]) {
      const { body } = await viewer.get(`/search?q=${encodeURIComponent(text)}`);
      expect([text, mailsIn(body)]).toEqual([text, [found]]);
      expect(body).toContain(`href="/tickets/PD-${id}"`);
    }
    expect(mailsIn((await viewer.get('/search?q=walrus+-heliotrope')).body)).toEqual([]);
    expect((await viewer.get('/search?q=999999999')).statusCode).toBe(200);
  });

  test('goes on page by page, and takes whatever is typed', async () => {
    const viewer = await whole.signIn('viewer');
    const many: number[] = [];
    for (let no = 0; no < 60; no += 1) many.unshift(await mail(`Tapir ${no}`, ada, ''));
    const seen: number[] = [];
    for (let url: string | undefined = '/search?q=tapir'; url !== undefined; ) {
      const { body } = await viewer.get(url);
      seen.push(...mailsIn(body));
      url = /href="([^"]+)">Older mails/.exec(body)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
    }
    expect(seen).toEqual(many);
    for (const text of [
      "'; drop table tickets; --",
      '"',
      '((((',
      '-',
      '-tapir',
      'a & | !',
      '<script>',
      '\0',
      '\ud800',
      ':*',
      'x'.repeat(5_00),
      '%',
      '\\',
    ])
      expect([
        text,
        (await viewer.get(`/search?q=${encodeURIComponent(text.toWellFormed())}`)).statusCode,
      ]).toEqual([text, 200]);
    expect((await viewer.get('/search?q=-tapir')).body).toContain('Too much fits.');
    expect((await viewer.get('/search?q=a&tickets=x&mails=-1')).statusCode).toBe(200);
  });
});
