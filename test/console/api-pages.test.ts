/** Metrics and readiness, and the pages on which people look after programs. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program } from './api-desk.ts';
import { openWholeDesk, type Visitor, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
let admin: Visitor;

beforeAll(async () => {
  const webhook = { url: 'https://crm.example/hooks?key=secret', secret: 'whsec_x', events: ['ticket.held'] };
  whole = await openWholeDesk({
    environment: { webhooks: [{ ...webhook, name: 'crm' }] as const as never },
  });
  admin = await whole.signIn('admin', 'Grace');
  await whole.desk.inGrace();
});

afterAll(() => whole[Symbol.asyncDispose]());

describe('/metrics', () => {
  test('tells numbers to a token with the scope, and nothing of anybody', async () => {
    const { token } = await program(whole, 'metrics:read');
    const { id } = await whole.desk.ticket();
    const by = { kind: 'agent', name: 'ada' } as const;
    await whole.joined.decide([{ ticketId: id, event: { type: 'held', reason: 'agent', by, note: 'look' } }]);
    await whole.desk.db('messages').update({ needs_agent: true });
    const answer = await whole.app.inject({
      url: '/metrics',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      'purgedesk_tickets{state="grace"} 1',
      'purgedesk_holds{reason="agent"} 1',
      'purgedesk_messages_for_agents 2',
      'purgedesk_messages_pending 0',
      'purgedesk_deliveries{status="pending"} 1',
      'purgedesk_purges_halted 0',
      'purgedesk_jobs_failed 0',
      'purgedesk_tickets_near_deadline 0',
    ]) {
      expect(answer.body.split('\n')).toContain(line);
    }
    expect(answer.body).toMatch(/^purgedesk_outbox\{status="pending"\} \d+$/m);
    const again = await whole.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${token}` } });
    expect(again.body).toContain(
      'purgedesk_http_request_duration_seconds_count{method="GET",route="/metrics",status="2xx"} 1',
    );
    expect(again.body).not.toMatch(/@|acme|Novak/);
  });

  test('has exactly the metrics of docs/operations.md, with their labels', async () => {
    const { token } = await program(whole, 'metrics:read');
    await whole.desk.db('mailboxes').insert({ account: 'a', folder: 'INBOX', last_polled_at: new Date() });
    const answer = await whole.app.inject({
      url: '/metrics',
      headers: { authorization: `Bearer ${token}` },
    });
    const shown = [...answer.body.matchAll(/^# TYPE (purgedesk_\w+) /gm)].map(([, name]) => name);
    const document = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const rows = [...document.matchAll(/^\| `(purgedesk_\w+)` \| ([^|]*)\|/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual(shown.sort());
    const labels = new Map(
      rows.map(([, name = '', cell = '']) => [
        name,
        [...cell.matchAll(/`(\w+)`/g)].map(([, label]) => label),
      ]),
    );
    for (const [, name = '', list = ''] of answer.body.matchAll(/^(purgedesk_\w+)\{([^}]*)\}/gm)) {
      const written = labels.get(name.replace(/_(bucket|sum|count)$/, '')) ?? labels.get(name);
      const found = [...list.matchAll(/(\w+)="/g)]
        .map(([, label]) => label)
        .filter((label) => label !== 'le');
      expect([name, found]).toEqual([name, written]);
    }
  });

  test.each([{}, { authorization: 'Bearer pdk_none' }, { 'x-forwarded-for': '127.0.0.1' }])(
    'to nobody else where the desk is published, not even to this machine: %j',
    async (headers) => {
      const answer = await whole.app.inject({ url: '/metrics', remoteAddress: '127.0.0.1', headers });
      expect([answer.statusCode, answer.body]).toEqual([401, expect.not.stringContaining('purgedesk_')]);
    },
  );

  test('to this machine where nothing is published, unless somebody stands behind it', async () => {
    await using local = await openWholeDesk({ publicUrl: 'http://127.0.0.1:8080' });
    const ask = async (remoteAddress: string, headers = {}) =>
      (await local.app.inject({ url: '/metrics', remoteAddress, headers })).statusCode;
    expect([
      await ask('127.0.0.1'),
      await ask('::1'),
      await ask('192.0.2.1'),
      await ask('127.0.0.1', { 'x-forwarded-for': '192.0.2.1' }),
      await ask('127.0.0.1', { forwarded: 'for=192.0.2.1' }),
    ]).toEqual([200, 200, 401, 401, 401]);
  });
});

describe('/api-tokens', () => {
  test('shows a new token once, and it works until it is revoked by its name', async () => {
    const made = await admin.post('/api-tokens', { name: 'CRM <b>', scopes: 'tickets:read', days: '1' });
    expect([made.statusCode, made.body]).toEqual([422, expect.stringContaining('A name of letters')]);
    expect(made.body).toContain('CRM &lt;b&gt;');
    const right = await admin.post('/api-tokens', { name: 'CRM', scopes: ['tickets:read'], days: '1' });
    const token = /pdk_[\w-]{43}/.exec(right.body)?.[0] ?? '';
    expect((await admin.get('/api-tokens')).body).not.toContain(token);
    const ask = async () =>
      (await whole.app.inject({ url: '/api/v1/tickets', headers: { authorization: `Bearer ${token}` } }))
        .statusCode;
    expect(await ask()).toBe(200);
    const [row] = await whole.desk.db('api_tokens').where({ name: 'CRM' });
    expect(row.created_by).toBe('Grace');
    const path = `/api-tokens/${row.id}/revoke`;
    expect((await admin.post(path, { name: 'crm' })).statusCode).toBe(422);
    expect(await ask()).toBe(200);
    expect((await admin.post(path, { name: 'CRM' })).statusCode).toBe(303);
    expect(await ask()).toBe(401);
  });

  test.each([
    [{ name: 'x', days: '1' }, 'at least one thing'],
    [{ name: 'x', scopes: 'approve:all', days: '1' }, 'at least one thing'],
    [{ name: 'x', scopes: 'tickets:read', days: '9999' }, 'A number of days'],
    [{ name: 'program 1', scopes: 'tickets:read', days: '' }, 'has this name'],
    [{}, 'A name of letters'],
  ])('says what is wrong with %j', async (fields, why) => {
    const answer = await admin.post('/api-tokens', fields as Record<string, string>);
    expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining(why)]);
  });
});

describe('/webhooks', () => {
  test('lists what was sent, and an admin sends it again', async () => {
    const { db } = whole.desk;
    await db('deliveries').update({ status: 'failed', attempts: 10, finished_at: db.raw('now()') });
    const [{ id }] = await db('deliveries').select('id');
    const viewer = await whole.signIn('viewer');
    const seen = (await viewer.get('/webhooks')).body;
    expect(seen).toContain('ticket.held');
    expect(seen).toContain('crm.example');
    expect(seen).not.toMatch(/key=secret|whsec_|Send again/);
    expect((await viewer.get('/webhooks?status=delivered&endpoint=crm')).body).toContain(
      'Nothing of this kind',
    );
    expect((await viewer.get('/webhooks?status=x&endpoint=%00&after=1')).statusCode).toBe(200);
    expect((await admin.get('/webhooks')).body).toContain('Send again');
    expect((await admin.post(`/webhooks/${id}/redeliver`)).statusCode).toBe(303);
    expect(await db('deliveries').where({ id }).first()).toMatchObject({ status: 'pending', attempts: 0 });
    expect((await admin.post(`/webhooks/${id}/redeliver`)).statusCode).toBe(404);
    expect((await admin.post('/webhooks/1/redeliver')).statusCode).toBe(404);
  });
});

test('/api/docs has every request that the document has', async () => {
  const { paths } = (await whole.app.inject('/api/v1/openapi.json')).json() as { paths: object };
  const { body } = await whole.app.inject('/api/docs');
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods as object))
      expect(body).toContain(`<code>${method.toUpperCase()} ${path}</code>`);
  }
});
