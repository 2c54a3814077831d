/** Telling other systems: with the decision or not at all, signed, again and again until it is heard or given up. */
import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { announce } from '../../src/notify/announce.ts';
import { type DeliverDeps, deliverDue, forgetDeliveries, isDeliveryDue } from '../../src/notify/deliver.ts';
import { listDeliveries, redeliver } from '../../src/notify/log.ts';
import { peerKey } from '../../src/notify/sign.ts';
import type { Webhook } from '../../src/notify/webhooks.ts';
import { isSigned } from '../../src/purge/stores/http-callback.ts';
import { decide } from '../../src/tickets/ticket-store.ts';
import { ada, openTestDesk, type StoredTicket, spaceRequest, type TestDesk } from '../tickets/desk.ts';

const SECRET = `whsec_${Buffer.from('s'.repeat(32)).toString('base64')}`;
const KEY = peerKey(Buffer.alloc(32, 7));
const EVERYTHING = ['ticket.opened', 'ticket.moved', 'ticket.held', 'ticket.released'] as const;

interface Heard {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let desk: TestDesk;
let ticket: StoredTicket;
let webhooks: readonly Webhook[];
let heard: Heard[] = [];
/** What the receiver answers with; 0 = nothing at all. */
let status = 204;
const logged: string[] = [];

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    heard.push({ url: request.url ?? '', headers: request.headers, body });
    if (status === 0) return;
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {});
    response.end('x'.repeat(100_000));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  desk = await openTestDesk();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  webhooks = [
    { name: 'crm', url: `${url}/crm`, secret: SECRET, events: EVERYTHING },
    { name: 'board', url: `${url}/board`, secret: SECRET, events: ['ticket.held'] },
  ];
  desk.deps.announce = (trx, news) => announce(trx, webhooks, news);
  ticket = await desk.inGrace();
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await desk[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await desk.db('deliveries').delete();
  heard = [];
  status = 204;
  logged.length = 0;
});

const deps = (over: Partial<DeliverDeps> = {}): DeliverDeps => ({
  db: desk.db,
  webhooks,
  callbackHosts: [],
  domain: 'desk.example',
  key: KEY,
  timeoutMs: 5_000,
  crashPoint: () => undefined,
  log: (...line) => logged.push(JSON.stringify(line)),
  ...over,
});
const deliver = (over: Partial<DeliverDeps> = {}) => deliverDue(deps(over), new AbortController().signal);

/** Has one delivery of the webhook `crm` wait. */
async function waiting(over: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const [row] = await desk
    .db('deliveries')
    .insert({
      kind: 'webhook',
      endpoint: 'crm',
      event: 'ticket.moved',
      ticket_id: ticket.id,
      body: '{"type":"ticket.moved"}',
      ...over,
    })
    .returning<{ id: string }[]>('id');
  return row!.id;
}
const rowOf = (id: string) => desk.db('deliveries').where({ id }).first();
const isDue = () => desk.db('deliveries').update({ next_attempt_at: desk.db.raw('clock_timestamp()') });

describe('a decision', () => {
  const by = { kind: 'agent', name: 'ada' } as const;
  const hold = { type: 'held', reason: 'agent', by, note: `Ada Novak <${ada}> called` } as const;

  test('tells whoever wants to hear of it, without a word or an address of anybody', async () => {
    await desk.act({ id: ticket.id, event: hold });
    await desk.act({ id: ticket.id, event: { ...hold, type: 'released' } });
    expect(await deliver()).toBe(3);
    expect(
      heard.map(({ url, body }) => `${url} ${(JSON.parse(body) as { type: string }).type}`).sort(),
    ).toEqual(['/board ticket.held', '/crm ticket.held', '/crm ticket.released']);
    const held = JSON.parse(heard.find(({ url }) => url === '/board')!.body);
    expect(held).toEqual({
      type: 'ticket.held',
      timestamp: expect.stringMatching(/^\d{4}-.+Z$/),
      data: {
        ticket: `PD-${ticket.id}`,
        seq: 4,
        state: 'grace',
        was: 'grace',
        status: 'pending',
        scope: 'source',
        origin: 'mail',
        holds: ['agent'],
        placed: ['agent'],
        requested_at: expect.any(String),
        due_at: expect.any(String),
        grace_ends_at: ticket.grace_ends_at!.toISOString(),
        closed_at: null,
      },
    });
    for (const { body } of heard) expect(body).not.toMatch(/@|Novak|Website/);
  });

  test('that is not taken tells nothing', async () => {
    await expect(
      desk.db.transaction(async (trx) => {
        const move = { ticketId: ticket.id, event: hold };
        await decide(trx, desk.deps, { kind: 'desk' }, [move]);
        expect(await trx('deliveries').select('id')).toHaveLength(2);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    await desk.act({ id: ticket.id, event: { ...hold, type: 'released' } });
    expect(await desk.db('deliveries').select('id')).toEqual([]);
  });

  test('of a new ticket is told as its opening and as its first move', async () => {
    await desk.asked(spaceRequest());
    const told = await desk.db('deliveries').select('event', 'endpoint').orderBy('event');
    expect(told).toEqual([
      { event: 'ticket.moved', endpoint: 'crm' },
      { event: 'ticket.opened', endpoint: 'crm' },
    ]);
    expect((await desk.jobs()).map((job) => job.task)).toContain('notify.deliver');
  });

  test('about a deletion of the app calls the app only when its own status changes', async () => {
    const token = {
      name: 'app',
      plain_name: 'app',
      token_hash: Buffer.alloc(32),
      scopes: ['requests:write'],
    };
    const [made] = await desk
      .db('api_tokens')
      .insert({ ...token, created_by: 'ada' })
      .returning<{ id: number }[]>('id');
    const id = '22222222-2222-4222-8222-222222222222';
    await desk.db('app_requests').insert({
      id,
      ticket_id: ticket.id,
      token_id: made!.id,
      opened: true,
      request_hash: Buffer.alloc(32),
      received_at: new Date(),
      callback_urls: ['https://app.example/a'],
    });
    const news = (was: Ticket['state'], state: Ticket['state'], origin: 'mail' | 'app' = 'app') =>
      desk.db.transaction((trx) =>
        announce(trx, [], {
          ticketId: ticket.id,
          seq: 9,
          at: new Date(),
          was,
          state,
          scope: 'workspace',
          origin,
          holds: [],
          placed: [],
          lifted: [],
          requestedAt: new Date(0),
          dueAt: new Date(0),
          graceEndsAt: null,
          closedAt: null,
        }),
      );
    await news('received', 'grace');
    await news('grace', 'purging', 'mail');
    expect(await desk.db('deliveries').select('id')).toEqual([]);
    await news('grace', 'purging');
    const [called] = await desk.db('deliveries').select('event', 'body', 'url');
    expect([called?.event, JSON.parse(called!.body)]).toEqual([
      'request.in_progress',
      {
        controller_id: 'app',
        subject_request_id: id,
        status_callback_url: 'https://app.example/a',
        request_status: 'in_progress',
        expected_completion_time: '1970-01-01T00:00:00.000Z',
        api_version: '3.0',
      },
    ]);
  });
});

describe('a delivery', () => {
  test('is signed over its id, its time and its body', async () => {
    const id = await waiting();
    await deliver();
    const [{ headers, body }] = heard as [Heard];
    const callback = {
      id: String(headers['webhook-id']),
      timestamp: String(headers['webhook-timestamp']),
      signatures: String(headers['webhook-signature']),
      body: Buffer.from(body),
    };
    const now = Math.floor(Date.now() / 1_000);
    expect([callback.id, isSigned(callback, SECRET, now)]).toEqual([id, true]);
    expect(isSigned({ ...callback, body: Buffer.from(`${body} `) }, SECRET, now)).toBe(false);
    expect(await rowOf(id)).toMatchObject({ status: 'delivered', attempts: 1, last_result: '204' });
  });

  test.each([
    [500, '500'],
    [429, '429'],
    [302, '302'],
  ])(
    'that is answered with %i goes out again later, and follows nobody elsewhere',
    async (answer, result) => {
      status = answer;
      const id = await waiting();
      expect(await deliver()).toBe(0);
      expect(await rowOf(id)).toMatchObject({ status: 'pending', attempts: 1, last_result: result });
      expect(await isDeliveryDue(desk.db)).toBe(false);
      expect(heard.map(({ url }) => url)).toEqual(['/crm']);
      status = 200;
      await isDue();
      expect(await isDeliveryDue(desk.db)).toBe(true);
      expect(await deliver()).toBe(1);
      expect(heard.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
    },
  );

  test('that nobody answers is not waited for', async () => {
    status = 0;
    const id = await waiting();
    await deliver({ timeoutMs: 50 });
    expect(await rowOf(id)).toMatchObject({ status: 'pending', last_result: 'TimeoutError' });
  });

  test('is given up after ten attempts in three days, and the log says so', async () => {
    status = 503;
    const id = await waiting({ attempts: 9 });
    await deliver();
    expect(await rowOf(id)).toMatchObject({ status: 'failed', attempts: 10 });
    expect(logged.join()).toContain('a delivery was given up');
    expect(await redeliver(desk.db, id)).toBe(true);
    status = 200;
    await deliver();
    expect(heard.at(-1)?.headers['webhook-id']).toBe(id);
    expect(await rowOf(id)).toMatchObject({ status: 'delivered', attempts: 1 });
  });

  test('is over when the receiver wants no more, or is not configured any longer', async () => {
    status = 410;
    const [gone, unknown] = [await waiting(), await waiting({ endpoint: 'former' })];
    await deliver();
    expect([(await rowOf(gone))?.status, (await rowOf(unknown))?.last_result]).toEqual([
      'failed',
      'not configured',
    ]);
    expect(heard).toHaveLength(1);
  });

  test('whose process died goes out again, and one that is on its way does not', async () => {
    const lease = (sign: string) => desk.db.raw(`clock_timestamp() ${sign} interval '1 minute'`);
    const dead = await waiting({ status: 'sending', attempts: 1, lease_until: lease('-') });
    const alive = await waiting({ status: 'sending', attempts: 1, lease_until: lease('+') });
    expect(await deliver()).toBe(1);
    expect([(await rowOf(dead))?.status, (await rowOf(alive))?.status]).toEqual(['delivered', 'sending']);
  });

  test('to an endpoint that hangs keeps none of the others waiting', async () => {
    const hanging = {
      status: 'sending',
      endpoint: 'crm',
      lease_until: desk.db.raw("now() + interval '1 minute'"),
    };
    await waiting(hanging);
    await waiting(hanging);
    const [blocked, other] = [await waiting(), await waiting({ endpoint: 'board' })];
    expect(await deliver()).toBe(1);
    expect([(await rowOf(blocked))?.status, (await rowOf(other))?.status]).toEqual(['pending', 'delivered']);
  });

  test('W09 to an app goes only to a host that the configuration names now', async () => {
    const host = new URL(webhooks[0]!.url).host;
    const callback = { kind: 'callback', endpoint: host, url: `http://${host}/app` };
    const refused = await waiting(callback);
    await deliver({ callbackHosts: ['127.0.0.1', 'app.example'] });
    expect([heard, (await rowOf(refused))?.status]).toEqual([[], 'failed']);
    await waiting(callback);
    await deliver({ callbackHosts: [host] });
    const [{ headers, body }] = heard as [Heard];
    expect(headers['x-opendsr-processor-domain']).toBe('desk.example');
    const signature = Buffer.from(String(headers['x-opendsr-signature']), 'base64');
    expect(verify(null, Buffer.from(body), createPublicKey(KEY.publicPem), signature)).toBe(true);
  });

  test('is listed, newest first, and forgotten a month after it is over', async () => {
    const ids = [await waiting(), await waiting({ endpoint: 'board' }), await waiting()];
    const all = await listDeliveries(desk.db, { limit: 2 });
    expect(all.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    const rest = await listDeliveries(desk.db, { limit: 2, after: ids[1]!, endpoint: 'crm' });
    expect(rest).toMatchObject([
      { id: ids[0], ticket: `PD-${ticket.id}`, status: 'pending', finishedAt: null },
    ]);
    expect(await redeliver(desk.db, ids[0]!)).toBe(false);
    await desk.db('deliveries').where({ id: ids[0] }).update({ status: 'failed', finished_at: '2026-01-01' });
    await forgetDeliveries(desk.db);
    expect((await listDeliveries(desk.db, { limit: 9 })).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  });
});
