/** Deletions that an app asks for: the same journey as any, and no shorter for whoever has the token. */
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createToken } from '../../src/console/api/tokens.ts';
import { planHash } from '../tickets/cast.ts';
import { ada, bob, member, stranger, told, zoe } from '../tickets/desk.ts';
import { type Answer, type Program, program, programWith, unlikeDocument } from './api-desk.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

const DOMAIN = 'desk.example';

let whole: WholeDesk;
let app: Program;
let document: unknown;

beforeAll(async () => {
  whole = await openWholeDesk({ environment: { callbackHosts: ['app.example', 'app.example:8443'] } });
  app = await program(whole, 'requests:write');
  document = (await whole.app.inject('/api/v1/openapi.json')).json();
});

afterAll(() => whole[Symbol.asyncDispose]());

interface Press {
  readonly id?: string;
  readonly workspace?: string;
  readonly by?: string;
  readonly callbacks?: readonly string[];
  readonly submitted?: string;
}

const pressed = ({
  id = randomUUID(),
  workspace = 'ws_acme',
  by = ada,
  callbacks,
  submitted,
}: Press = {}) => ({
  regulation: 'gdpr',
  subject_request_id: id,
  subject_request_type: 'erasure',
  submitted_time: submitted ?? '2026-11-22T10:00:00+01:00',
  subject_identities: [
    {
      identity_type: 'controller_customer_id',
      identity_format: 'raw',
      identity_value: workspace,
    },
  ],
  api_version: '3.0',
  ...(callbacks === undefined ? {} : { status_callback_urls: callbacks }),
  extensions: { [DOMAIN]: { requested_by: by }, 'other.example': { anything: 1 } },
});

async function press(by: Press = {}, through = app): Promise<Answer> {
  const answer = await through.post('/opendsr/requests', pressed(by));
  expect(unlikeDocument(document, { method: 'POST', path: '/opendsr/requests' }, answer)).toEqual([]);
  return answer;
}

async function ask(method: 'GET' | 'DELETE', id: string): Promise<Answer> {
  const path = `/opendsr/requests/${id}`;
  const answer = await (method === 'GET' ? app.get(path) : app.erase(path));
  expect(unlikeDocument(document, { method, path: '/opendsr/requests/{id}' }, answer)).toEqual([]);
  return answer;
}

/** A day later nobody counts any more what was opened before. */
async function nextDay(): Promise<void> {
  await whole.desk.pass(25);
}

const ticketsOpen = async () =>
  (await whole.desk.tickets()).filter(({ state }) => !['cancelled', 'completed'].includes(state)).length;

test('discovery says what is taken, and every answer is signed with the key that it names', async () => {
  const answer = await whole.app.inject('/opendsr/discovery');
  expect(answer.json()).toMatchObject({
    api_version: '3.0',
    processor_domain: DOMAIN,
    processor_certificate: 'http://desk.example/opendsr/key',
    supported_subject_request_types: ['erasure'],
  });
  const key = createPublicKey((await whole.app.inject('/opendsr/key')).body);
  const refused = await programWith(whole, 'none').get(`/opendsr/requests/${randomUUID()}`);
  for (const [text, headers] of [
    [answer.body, answer.headers],
    [refused.text, refused.headers],
  ] as const) {
    const signature = Buffer.from(String(headers['x-opendsr-signature']), 'base64');
    expect(headers['x-opendsr-processor-domain']).toBe(DOMAIN);
    expect(verify(null, Buffer.from(text), key, signature)).toBe(true);
  }
});

describe('a button that was pressed', () => {
  test('opens the journey: everybody in charge is told, and the app can take it back', async () => {
    const id = randomUUID();
    const answer = await press({ id, callbacks: ['https://app.example:8443/desk?x=1'] });
    const ticket = await whole.desk.ticket();
    expect([answer.status, answer.body.subject_request_id]).toEqual([201, id]);
    expect(JSON.parse(Buffer.from(String(answer.body.encoded_request), 'base64').toString())).toEqual(
      pressed({ id, callbacks: ['https://app.example:8443/desk?x=1'] }),
    );
    expect(ticket).toMatchObject({ state: 'grace', origin: 'app', requester: ada });
    const wait = ticket.grace_ends_at!.getTime() - ticket.verified_at!.getTime();
    expect(wait).toBeGreaterThanOrEqual(120 * 3_600_000);
    expect(told(await whole.desk.outbox())).toEqual([`grace_started > ${ada}`, `owner_notice > ${bob}`]);
    expect((await ask('GET', id)).body).toMatchObject({
      request_status: 'pending',
      controller_id: 'program 1',
      extensions: { [DOMAIN]: { ticket: `PD-${ticket.id}`, state: 'grace', holds: [] } },
    });
    expect((await ask('DELETE', id)).body).toMatchObject({ request_status: 'cancelled' });
    const [called] = await whole.desk.db('deliveries').where({ kind: 'callback' });
    expect(called).toMatchObject({
      url: 'https://app.example:8443/desk?x=1',
      endpoint: 'app.example:8443',
      event: 'request.cancelled',
    });
    expect(JSON.parse(called!.body)).toMatchObject({ subject_request_id: id, request_status: 'cancelled' });
    const again = await ask('DELETE', id);
    expect([again.status, again.body.errors]).toEqual([
      409,
      [{ path: 'request_status', message: 'cancelled' }],
    ]);
    await nextDay();
  });

  test('pressed twice is one deletion, whether with the same id or another', async () => {
    const id = randomUUID();
    const first = await press({ id });
    const same = await press({ id });
    expect([same.status, same.body]).toEqual([201, first.body]);
    const other = await press({ id, by: bob });
    expect([other.status, other.body.code]).toEqual([422, 'id_reused']);
    const twin = await press();
    expect([twin.status, twin.body.extensions]).toEqual([201, first.body.extensions]);
    expect(await ticketsOpen()).toBe(1);
    await ask('DELETE', id);
    await nextDay();
  });

  test.each([
    ['a plain member', member],
    ['an owner of another workspace', zoe],
    ['somebody whom nobody knows', stranger],
  ])('by %s waits for an agent, and nobody is written to', async (_who, by) => {
    const before = (await whole.desk.outbox()).length;
    const id = randomUUID();
    expect((await press({ id, by })).body).toMatchObject({
      extensions: { [DOMAIN]: { state: 'received', holds: ['review'], grace_ends_at: null } },
    });
    expect((await whole.desk.outbox()).length).toBe(before);
    expect((await ask('DELETE', id)).status).toBe(202);
    await nextDay();
  });

  test('another program cannot read or take back what this one asked for, nor ask again by its id', async () => {
    const other = await program(whole, 'requests:write');
    const id = randomUUID();
    await press({ id });
    for (const answer of [
      await other.get(`/opendsr/requests/${id}`),
      await other.erase(`/opendsr/requests/${id}`),
    ])
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    const again = await press({ id }, other);
    expect([again.status, again.body.code]).toEqual([422, 'id_reused']);
    const own = randomUUID();
    expect((await press({ id: own }, other)).status).toBe(201);
    const refused = await other.erase(`/opendsr/requests/${own}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
    expect((await ask('GET', id)).body).toMatchObject({ request_status: 'pending' });
    expect((await ask('DELETE', id)).body).toMatchObject({ request_status: 'cancelled' });
    await nextDay();
  });

  test('a new token in place of this one, with its name, goes on with its requests', async () => {
    const { db } = whole.desk;
    const id = randomUUID();
    const first = await program(whole, 'requests:write');
    await press({ id }, first);
    const named = await db('api_tokens').orderBy('id', 'desc').first('id', 'name');
    await db('api_tokens').where({ id: named.id }).update({ revoked_at: new Date(), revoked_by: 'ada' });
    const made = await createToken(db, {
      name: named.name,
      scopes: ['requests:write'],
      expiresAt: null,
      by: 'ada',
    });
    if (made.kind === 'taken') throw new Error('the name is taken');
    const second = programWith(whole, made.token);
    expect((await second.erase(`/opendsr/requests/${id}`)).body).toMatchObject({
      request_status: 'cancelled',
    });
    await nextDay();
  });

  test('W08 writes to the people of one workspace once a day, whatever became of it', async () => {
    const mails = async () => (await whole.desk.outbox()).length;
    const id = randomUUID();
    await press({ id });
    await ask('DELETE', id);
    const before = await mails();
    const tickets = (await whole.desk.tickets()).length;
    for (let n = 0; n < 3; n += 1) {
      const again = await press();
      expect([again.status, again.body.code]).toEqual([429, 'too_many_deletions']);
    }
    expect([await mails(), (await whole.desk.tickets()).length]).toEqual([before, tickets]);
    await nextDay();
    const next = randomUUID();
    expect((await press({ id: next })).status).toBe(201);
    await ask('DELETE', next);
    await nextDay();
  });

  test('is too late to take back once its purge has begun', async () => {
    const id = randomUUID();
    await press({ id, submitted: '2020-01-01T00:00:00Z' });
    const { id: ticketId } = await whole.desk.ticket();
    await whole.desk.act({
      id: ticketId,
      event: { type: 'rehearsed', planHash, estimate: 10, overCap: false },
    });
    await whole.desk.db('workspaces').where({ id: 'ws_acme' }).update({ deleted_at: new Date() });
    await whole.desk.outlast(await whole.desk.ticket(ticketId));
    await whole.desk.db('workspaces').where({ id: 'ws_acme' }).update({ deleted_at: null });
    const late = await ask('DELETE', id);
    expect([late.status, late.body.code]).toEqual([409, 'conflict']);
    const now = await ask('GET', id);
    expect(now.body).toMatchObject({ request_status: 'in_progress' });
    // What the app dates back by years counts from the day on which the desk heard of it.
    expect(Date.parse(String(now.body.expected_completion_time))).toBeGreaterThan(Date.now());
  });
});

describe('whoever has stolen the token', () => {
  test('W08 purges nothing that the directory does not report as deleted', async () => {
    const { desk } = whole;
    await press({ workspace: 'ws_globex', by: zoe });
    const { id } = await desk.ticket();
    await desk.act({ id, event: { type: 'rehearsed', planHash, estimate: 10, overCap: false } });
    await desk.outlast(await desk.ticket(id));
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['review'] });
    const release = {
      type: 'released',
      reason: 'review',
      by: { kind: 'agent', name: 'grace' },
      note: 'x',
    } as const;
    await desk.act({ id, event: release });
    await desk.pass(73);
    await desk.tick();
    await desk.tick();
    expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['review'] });
    await desk.act({ id, event: release });
    await desk.db('workspaces').where({ id: 'ws_globex' }).update({ deleted_at: new Date() });
    await desk.pass(73);
    await desk.tick();
    await desk.tick();
    expect((await desk.ticket(id)).state).toBe('purging');
    await desk.db('workspaces').where({ id: 'ws_globex' }).update({ deleted_at: null });
    const target = await desk.db('tickets').where({ id }).first('target', 'requester');
    const world = await desk.db.transaction((trx) =>
      desk.deps.recheck(trx, target.target, target.requester, 'app'),
    );
    expect(world.obstacles).toEqual(['workspace_lives']);
  });

  test('W08 deletes no more workspaces a day than an import may, and cancelling makes no room', async () => {
    const { db } = whole.desk;
    await nextDay();
    const rows = Array.from({ length: 8 }, (_, n) => ({
      id: `ws_${n}`,
      slug: `living-${n}`,
      name: `Living ${n}`,
      created_at: '2021-01-01T00:00:00Z',
    }));
    await db('workspaces').insert(rows);
    await db('members').insert(rows.map(({ id }) => ({ workspace_id: id, address: zoe, role: 'owner' })));
    const open = async (n: number) => {
      const id = randomUUID();
      const { status, body } = await press({ id, workspace: `ws_${n}`, by: zoe });
      if (status === 201) await ask('DELETE', id);
      return status === 201 ? 'opened' : body.code;
    };
    // A fifth of ten, and each of them once.
    expect([await open(0), await open(0), await open(1), await open(2)]).toEqual([
      'opened',
      'too_many_deletions',
      'opened',
      'too_many_deletions',
    ]);
    expect(await db('tickets').whereRaw(`request #>> '{workspace,id}' = 'ws_2'`)).toEqual([]);
    await nextDay();
    const both = await Promise.all([open(3), open(4), open(5)]);
    expect(both.sort()).toEqual(['opened', 'opened', 'too_many_deletions']);
    await nextDay();
  });

  test.each([
    'https://evil.example/x',
    'http://app.example/x',
    'https://app.example.evil.example/x',
    'https://app.example@evil.example/x',
    'https://user:secret@app.example/x',
    'https://app.example:444/x',
    'file:///etc/passwd',
    'http://127.0.0.1:5432/',
    'http://[::1]/',
  ])('W09 has nothing called at %s', async (url) => {
    const open = await ticketsOpen();
    const answer = await press({ workspace: 'ws_globex', by: zoe, callbacks: [url] });
    expect([answer.status, answer.body.code]).toEqual([422, 'callback_refused']);
    expect(answer.text).not.toContain('evil');
    expect(await ticketsOpen()).toBe(open);
  });

  test('opens nothing for a workspace that the directory does not know', async () => {
    const answer = await press({ workspace: 'ws_nobody' });
    expect([answer.status, answer.body.code]).toEqual([422, 'unknown_workspace']);
  });

  test.each([
    ['no person', { extensions: {} }],
    [
      'two workspaces',
      { subject_identities: [...pressed().subject_identities, ...pressed().subject_identities] },
    ],
    ['another kind of request', { subject_request_type: 'access' }],
    ['an id that is none', { subject_request_id: 'PD-1' }],
    ['a time that is none', { submitted_time: 'yesterday' }],
    ['a line end in an address', { extensions: { [DOMAIN]: { requested_by: `${ada}\nBcc: x@y.example` } } }],
  ])('is refused with %s', async (_what, parts) => {
    const answer = await app.post('/opendsr/requests', { ...pressed(), ...parts });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    expect(answer.text).not.toMatch(/@|yesterday/);
  });

  test('has to have the scope for it', async () => {
    const other = await program(whole, 'tickets:read', 'tickets:write');
    expect((await other.post('/opendsr/requests', pressed())).status).toBe(403);
    expect((await other.erase(`/opendsr/requests/${randomUUID()}`)).status).toBe(403);
  });
});
