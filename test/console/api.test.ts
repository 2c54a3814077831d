/** What programs can ask for, on one desk: every answer is held against the document that describes it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken, listTokens, revokeToken } from '../../src/console/api/tokens.ts';
import { untilBackendsWait } from '../support/database.ts';
import { ada, bob, type StoredTicket, sourceRequest, spaceRequest, told } from '../tickets/desk.ts';
import { type Answer, type Program, program, programWith, unlikeDocument } from './api-desk.ts';
import { ROUTES } from './route-table.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

const TICKET = '/api/v1/tickets/{reference}';

let whole: WholeDesk;
let reader: Program;
let writer: Program;
let ticket: StoredTicket;
let document: Record<string, Record<string, Record<string, unknown>>>;

beforeAll(async () => {
  whole = await openWholeDesk();
  reader = await program(whole, 'tickets:read');
  writer = await program(whole, 'tickets:write');
  ticket = await whole.desk.inGrace();
  document = (await whole.app.inject('/api/v1/openapi.json')).json();
});

afterAll(() => whole[Symbol.asyncDispose]());

const path = (rest = '', id = ticket.id) => `/api/v1/tickets/PD-${id}${rest}`;

function fits(method: string, described: string, answer: Answer): Answer {
  expect(unlikeDocument(document, { method, path: described }, answer)).toEqual([]);
  return answer;
}

test('the document describes every route for programs with a token, and no other', () => {
  const served = ROUTES.filter(({ path: at }) => /^\/(api\/v1|opendsr)\//.test(at))
    .filter(({ access }) => access === 'token')
    .map(({ method, path: at }) => `${method} ${at.replace(/:(\w+)/g, '{$1}')}`);
  const described = Object.entries(document.paths ?? {}).flatMap(([at, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${at}`),
  );
  expect(described.sort()).toEqual(served.sort());
});

describe('a token', () => {
  test('W08 is needed, and says what it may do', async () => {
    const nobody = await programWith(whole, 'none').get(path());
    expect([nobody.status, nobody.body.code, nobody.headers['www-authenticate']]).toEqual([
      401,
      'unauthorized',
      'Bearer',
    ]);
    fits('GET', TICKET, nobody);
    const wrong = await writer.get(path());
    expect([wrong.status, wrong.body.code]).toEqual([403, 'forbidden']);
    expect((await reader.post(path('/hold'), { reason: 'because' })).status).toBe(403);
  });

  test('W08 is kept as a hash, and ends when it is revoked or over', async () => {
    const { db } = whole.desk;
    const token = async (name: string, expiresAt: Date | null) => {
      const made = await createToken(db, { name, scopes: ['tickets:read'], expiresAt, by: 'ada' });
      return made.kind === 'created' ? made.token : 'taken';
    };
    const mine = await token('CRM', null);
    expect(await token('c.r.m', null)).toBe('taken');
    expect((await db('api_tokens').select('*')).map((row) => JSON.stringify(row)).join()).not.toContain(mine);
    expect((await programWith(whole, mine).get(path())).status).toBe(200);
    const [line] = await listTokens(db);
    expect(line).toMatchObject({ name: 'CRM', works: true, createdBy: 'ada' });
    expect(line?.lastUsedAt).toMatch(/:00\.000Z$/);
    expect(await revokeToken(db, line!.id, 'bob')).toBe(true);
    expect((await programWith(whole, mine).get(path())).status).toBe(401);
    const over = await token('late', new Date(Date.now() - 1_000));
    expect((await programWith(whole, over).get(path())).status).toBe(401);
  });
});

describe('reading', () => {
  test('tickets are listed newest first, page by page, by what is asked for', async () => {
    const second = await whole.desk.asked(spaceRequest());
    const all = fits('GET', '/api/v1/tickets', await reader.get('/api/v1/tickets'));
    expect(referencesOf(all)).toEqual([`PD-${second.id}`, `PD-${ticket.id}`]);
    const first = await reader.get('/api/v1/tickets?limit=1');
    const next = await reader.get(`/api/v1/tickets?limit=1&after=${String(first.body.next_cursor)}`);
    expect([referencesOf(first), referencesOf(next), next.body.next_cursor]).toEqual([
      [`PD-${second.id}`],
      [`PD-${ticket.id}`],
      null,
    ]);
    const found = async (query: string) => referencesOf(await reader.get(`/api/v1/tickets?${query}`));
    expect(await found('state=grace,purging&scope=source&origin=mail&workspace=ws_acme')).toEqual([
      `PD-${ticket.id}`,
    ]);
    expect(
      await found('state=grace&state=verifying&requested_since=2020-01-01T00:00:00%2B02:00'),
    ).toHaveLength(2);
    // The database knows no offset beyond 15:59.
    expect(await found('requested_since=2020-01-01T00:00:00%2B23:59')).toHaveLength(2);
    expect(await found('due_before=9999-12-31T00:00:00-23:59')).toHaveLength(2);
    expect(await found('hold=billing')).toEqual([]);
    expect(await found('due_before=2020-01-01T00:00:00Z')).toEqual([]);
  });

  test('one ticket, its events, its mails and its receipt', async () => {
    const one = fits('GET', TICKET, await reader.get(path()));
    expect(one.body).toMatchObject({
      reference: `PD-${ticket.id}`,
      state: 'grace',
      status: 'pending',
      workspaces: [{ id: 'ws_acme', slug: 'acme-inc' }],
      grace_ends_at: ticket.grace_ends_at?.toISOString(),
    });
    const events = fits('GET', `${TICKET}/events`, await reader.get(path('/events?limit=1')));
    expect(events.body.items).toMatchObject([{ seq: 1, type: 'judged', actor: 'desk' }]);
    const rest = await reader.get(path(`/events?after=${String(events.body.next_cursor)}`));
    expect(rest.body.items).toMatchObject([{ seq: 2, actor: 'party' }, { seq: 3 }]);
    const mails = fits('GET', `${TICKET}/mails`, await reader.get(path('/mails')));
    expect(mails.text).toContain('"kind":"grace_started"');
    expect(mails.text).toContain('"kind":"opened"');
    fits('GET', `${TICKET}/receipt`, await reader.get(path('/receipt')));
    for (const { text } of [one, events, rest, mails]) expect(text).not.toMatch(/@|Ada|Website Prod/);
  });

  test.each([
    ['/api/v1/tickets/PD-9', 404],
    ['/api/v1/tickets/9', 404],
    ['/api/v1/tickets/PD-9/receipt', 404],
    ['/api/v1/nothing', 404],
    ['/api/v1/tickets?state=nonsense', 422],
    ['/api/v1/tickets?limit=1000', 422],
    ['/api/v1/tickets?after=%00', 422],
    ['/api/v1/tickets?due_before=yesterday', 422],
    ['/api/v1/tickets?due_before=0000-01-01T00:00:00Z', 422],
    ['/api/v1/tickets?due_before=0001-01-01T00:00:00%2B00:01', 422],
    ['/api/v1/tickets?workspace=a%27b', 422],
  ])('%s is answered with %i and none of its words', async (url, status) => {
    const answer = await reader.get(url);
    expect([answer.status, Object.keys(answer.body)]).toEqual([status, ['code', 'message', 'errors']]);
    expect(answer.text).not.toMatch(/nonsense|yesterday|a'b/);
  });
});

const referencesOf = ({ body }: Answer) =>
  (body.items as readonly { reference: string }[]).map(({ reference }) => reference);

describe('acting', () => {
  test('a program holds a ticket and takes its own hold off, and the audit chain names it', async () => {
    const held = await writer.post(path('/hold'), { reason: 'our invoice run' });
    expect(fits('POST', `${TICKET}/hold`, held).body).toMatchObject({ holds: ['agent'] });
    const again = await writer.post(path('/hold'), { reason: 'our invoice run' });
    expect(fits('POST', `${TICKET}/hold`, again).body).toMatchObject({
      code: 'conflict',
      errors: [{ path: 'ticket', message: 'no_change' }],
    });
    const another = await program(whole, 'tickets:write');
    const foreign = await another.post(path('/release'), { reason: 'not ours' });
    expect(fits('POST', `${TICKET}/release`, foreign).body).toMatchObject({
      code: 'conflict',
      errors: [{ path: 'ticket', message: 'held_by_others' }],
    });
    const released = await writer.post(path('/release'), { reason: 'done' });
    expect(fits('POST', `${TICKET}/release`, released).body).toMatchObject({ holds: [] });
    const last = await whole.desk
      .db('ticket_events')
      .where({ ticket_id: ticket.id })
      .orderBy('seq', 'desc')
      .first();
    expect(last).toMatchObject({ type: 'released', actor: 'agent:api/program 2' });
  });

  test('W08 what a person held waits for a person', async () => {
    const by = { kind: 'agent', name: 'ada' } as const;
    await whole.desk.act({ id: ticket.id, event: { type: 'held', reason: 'agent', by, note: 'wait' } });
    const answer = fits(
      'POST',
      `${TICKET}/release`,
      await writer.post(path('/release'), { reason: 'please' }),
    );
    expect([answer.status, answer.body.errors]).toEqual([
      409,
      [{ path: 'ticket', message: 'held_by_people' }],
    ]);
    await whole.desk.act({ id: ticket.id, event: { type: 'held', reason: 'review', by, note: 'look' } });
    await whole.desk.act({ id: ticket.id, event: { type: 'released', reason: 'agent', by, note: '' } });
    expect((await writer.post(path('/release'), { reason: 'please' })).status).toBe(409);
    expect((await whole.desk.ticket(ticket.id)).holds).toEqual(['review']);
  });

  test('a note is kept with the ticket, a cancel tells everybody', async () => {
    const noted = await writer.post(path('/notes'), { text: 'Seen by\nthe CRM.' });
    expect(fits('POST', `${TICKET}/notes`, noted).status).toBe(201);
    expect(await whole.desk.db('agent_notes').select('agent', 'act', 'note')).toEqual([
      { agent: 'api/program 2', act: 'noted', note: 'Seen by\nthe CRM.' },
    ]);
    const other = await whole.desk.inGrace(sourceRequest({ source: 'iOS App' }));
    const cancelled = await writer.post(path('/cancel', other.id), { reason: 'changed their mind' });
    expect(fits('POST', `${TICKET}/cancel`, cancelled).body).toMatchObject({ state: 'cancelled' });
    expect(await whole.desk.db('agent_notes').where({ ticket_id: other.id }).first()).toMatchObject({
      act: 'cancelled',
      note: 'changed their mind',
    });
    const mails = (await whole.desk.outbox()).filter((mail) => mail.template === 'cancelled');
    expect(told(mails)).toEqual([`cancelled > ${ada}`, `cancelled > ${bob}`]);
  });

  test.each([
    [400, 'unreadable', '{'],
    [400, 'unreadable', ''],
    [422, 'invalid', '"text"'],
    [422, 'invalid', '{"reason":""}'],
    [422, 'invalid', '{"reason":"a\\u0000b"}'],
    [422, 'invalid', `{"reason":"${'x'.repeat(501)}"}`],
    [422, 'invalid', '{"reason":"ok","secret@example.org":1}'],
    [422, 'invalid', '{"reason":"ok","__proto__":{"x":1}}'],
    [413, 'too_large', `{"reason":"${'x'.repeat(20_000)}"}`],
  ])('refused with %i %s', async (status, code, body) => {
    const answer = await writer.post(path('/hold'), body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.text).not.toContain('secret@');
    fits('POST', `${TICKET}/hold`, answer);
  });

  test('a form is no request of a program', async () => {
    const answer = await writer.post(path('/hold'), 'reason=x', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([answer.status, answer.body.code]).toEqual([415, 'not_json']);
  });
});

describe('Idempotency-Key', () => {
  const note = (text: string, key: string) =>
    writer.post(path('/notes'), { text }, { 'idempotency-key': key });
  const notes = async (text: string) => (await whole.desk.db('agent_notes').where({ note: text })).length;

  test('the same again is answered alike and done once; another request with it is refused', async () => {
    const [first, second] = [await note('once', 'k1'), await note('once', 'k1')];
    expect([first.status, second.status, second.body]).toEqual([201, 201, first.body]);
    expect(await notes('once')).toBe(1);
    const other = await note('twice', 'k1');
    expect([other.status, other.body.code, await notes('twice')]).toEqual([422, 'key_reused', 0]);
    expect((await note('x', 'k'.repeat(201))).status).toBe(422);
  });

  test('a refusal is remembered too, and a key is free again after a day', async () => {
    const act = () => writer.post(path('/release'), { reason: 'no' }, { 'idempotency-key': 'k2' });
    expect((await act()).body).toEqual((await act()).body);
    await whole.desk
      .db('api_answers')
      .update({ created_at: whole.desk.db.raw("now() - interval '25 hours'") });
    expect((await note('next day', 'k1')).status).toBe(201);
    expect(await notes('next day')).toBe(1);
  });

  test('of two at once one does it, and the other waits for its answer', async () => {
    const { db } = whole.desk;
    const lock = await db.transaction();
    await lock('tickets').where({ id: ticket.id }).forUpdate();
    const both = [note('at once', 'k3'), note('at once', 'k3')];
    await untilBackendsWait(db, 2);
    await lock.rollback();
    const [one, other] = await Promise.all(both);
    expect([one?.status, other?.body]).toEqual([201, one?.body]);
    expect(await notes('at once')).toBe(1);
  });
});
