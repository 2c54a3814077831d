import type { AddressInfo } from 'node:net';
import fastify, { type FastifyReply } from 'fastify';
import { sha256 } from '../../src/domain/canonical.ts';
import { type StoreDefinition, storeSchema } from '../../src/purge/catalogue.ts';
import type { HttpStoreDefinition } from '../../src/purge/stores/http-catalogue.ts';
import type { Faults } from './store-faults.ts';

/** What the service keeps: one contact, one message, whatever. */
export interface Thing {
  readonly id: number;
  readonly collection: string;
  readonly workspace_id: string;
  readonly source_id: string;
  readonly space_id: string;
  readonly project_id: string;
  readonly user_ids: readonly string[];
  readonly event: string;
  readonly received_at: string;
  /** Kept for a reason until a day. */
  readonly kept?: { readonly reason: string; readonly until: string | null };
}

interface Asked {
  readonly subject_request_id: string;
  readonly collection: string;
  readonly match: Readonly<Record<string, unknown>>;
  readonly limit: number | null;
}

interface Known {
  readonly asked: Asked;
  status: 'pending' | 'in_progress' | 'completed' | 'cancelled';
  looks: number;
  deleted: number;
  failed: number;
}

/** How a call goes wrong: instead of being carried out, or after that when only its answer is lost. */
export type Fault =
  | 'status_503_before'
  | 'reset_before'
  | 'reset_after'
  | 'truncated_after'
  | 'status_500_after'
  | 'silent_before'
  | 'drip_after'
  | 'redirect_before'
  | 'huge_before'
  | 'packed_before'
  | 'not_json_before'
  | 'other_shape_before'
  | 'other_request_after'
  | 'no_results_after';

export interface Peer extends AsyncDisposable {
  readonly definition: HttpStoreDefinition;
  readonly things: Map<number, Thing>;
  /** Calls so far, as `METHOD /path`. */
  readonly calls: string[];
  readonly requests: Map<string, Known>;
  /** A checksum over everything for which `kept` holds. */
  fingerprint(kept: (thing: Thing) => boolean): string;
  /** How each call goes wrong, by its number from 1 and its path; replaced by tests. */
  fault: (nth: number, call: string) => Fault | number | null;
  /** How a request that is new is answered, and one that nobody made looked at. */
  statusOfNew: number;
  statusOfUnknown: number;
  /** Looks that a request takes until it is carried out; 0 = at once. */
  looksNeeded: number;
  /** Of a request, how many of the matching things cannot be deleted; replaced by tests. */
  failing: (thing: Thing) => boolean;
  /** Changes what a request reports; replaced by tests. */
  lie: (known: Known) => Partial<Known>;
  /** Changes what a count reports; replaced by tests. */
  lieAboutCount: (count: number) => number;
}

const TOKEN = 'a-token-for-tests';
const KEYS = [
  'workspace_id',
  'source_id',
  'space_id',
  'project_id',
  'user_ids',
  'events',
  'received_from',
  'received_before',
];

/** A service as its author would write it after docs/http-store.md, on a real socket, with faults to switch on. */
export async function startPeer(
  things: readonly Thing[],
  overrides: Record<string, unknown> = {},
): Promise<Peer> {
  const app = fastify({ forceCloseConnections: true });
  const requests = new Map<string, Known>();
  const calls: string[] = [];
  const kept = new Map(things.map((thing) => [thing.id, thing]));

  const carryOut = (known: Known) => {
    const { collection, match, limit } = known.asked;
    const found = [...kept.values()].filter((thing) => matches(thing, collection, match) && !thing.kept);
    const able = found.filter((thing) => !peer.failing(thing));
    for (const thing of able.slice(0, limit ?? able.length)) {
      kept.delete(thing.id);
      known.deleted += 1;
    }
    known.failed = found.length - able.length;
    known.status = 'completed';
  };
  const proceed = (known: Known) => {
    if (known.status === 'completed' || known.status === 'cancelled') return;
    if (known.looks++ >= peer.looksNeeded) carryOut(known);
    else known.status = known.looks > 1 ? 'in_progress' : 'pending';
  };
  const told = (id: string, known: Known) => {
    const { status, deleted, failed } = { ...known, ...peer.lie(known) };
    return {
      controller_id: 'purgedesk',
      subject_request_id: id,
      request_status: status,
      expected_completion_time: '2024-05-09T00:00:00Z',
      ...(status === 'completed' || status === 'cancelled'
        ? { results: [{ kind: known.asked.collection, deleted, failed }] }
        : {}),
    };
  };
  const answer = async (
    reply: FastifyReply,
    call: string,
    carry: () => { status: number; body: unknown },
  ): Promise<unknown> => {
    calls.push(call);
    const fault = peer.fault(calls.length, call);
    if (typeof fault === 'number') return reply.code(fault).send({ error: { code: fault } });
    const done = fault?.endsWith('_before') === true ? { status: 200, body: {} } : carry();
    if (fault === null) return reply.code(done.status).send(done.body);
    return goWrong(reply, fault, done.body);
  };

  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) await reply.code(401).send({});
  });
  app.post<{ Body: Asked }>('/v1/count', (request, reply) =>
    answer(reply, 'POST /count', () => {
      const { collection, match } = request.body;
      if (!isUnderstood(match)) return { status: 400, body: { error: { code: 400 } } };
      const found = [...kept.values()].filter((thing) => matches(thing, collection, match));
      const retained = found.flatMap((thing) =>
        thing.kept === undefined ? [] : [{ ...thing.kept, count: 1 }],
      );
      return { status: 200, body: { count: peer.lieAboutCount(found.length), retained } };
    }),
  );
  app.post<{ Body: Asked }>('/v1/requests', (request, reply) =>
    answer(reply, 'POST /requests', () => {
      const id = request.body.subject_request_id;
      if (!isUnderstood(request.body.match)) return { status: 400, body: { error: { code: 400 } } };
      const found = requests.get(id);
      const known = found ?? { asked: request.body, status: 'pending', looks: 0, deleted: 0, failed: 0 };
      requests.set(id, known);
      proceed(known);
      return { status: found === undefined ? peer.statusOfNew : 200, body: told(id, known) };
    }),
  );
  app.get<{ Params: { id: string } }>('/v1/requests/:id', (request, reply) =>
    answer(reply, 'GET /requests', () => {
      const known = requests.get(request.params.id);
      if (known === undefined) {
        const asked = { subject_request_id: request.params.id, collection: 'x', match: {}, limit: 1 };
        const made = { asked, status: 'completed' as const, looks: 0, deleted: 0, failed: 0 };
        return { status: peer.statusOfUnknown, body: told(request.params.id, made) };
      }
      proceed(known);
      return { status: 200, body: told(request.params.id, known) };
    }),
  );
  app.delete<{ Params: { id: string } }>('/v1/requests/:id', (request, reply) =>
    answer(reply, 'DELETE /requests', () => {
      const known = requests.get(request.params.id);
      if (known === undefined) return { status: 404, body: { error: { code: 404 } } };
      if (known.status !== 'pending') return { status: 409, body: { error: { code: 409 } } };
      known.status = 'cancelled';
      return { status: 202, body: { subject_request_id: request.params.id } };
    }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const peer: Peer = {
    definition: httpStore({ url: `http://127.0.0.1:${port}/v1`, ...overrides }),
    things: kept,
    calls,
    requests,
    fingerprint: (wanted) => sha256(JSON.stringify([...kept.values()].filter(wanted))),
    fault: () => null,
    statusOfNew: 201,
    statusOfUnknown: 404,
    looksNeeded: 0,
    failing: () => false,
    lie: () => ({}),
    lieAboutCount: (count) => count,
    [Symbol.asyncDispose]: async () => {
      await app.close();
    },
  };
  return peer;
}

/** How a call can go wrong that may go well when it is asked again. */
export const PEER_WAYS = [
  'status_503_before',
  'reset_before',
  'reset_after',
  'truncated_after',
  'status_500_after',
] as const satisfies readonly Fault[];
/** The same, found out by a time-out. */
export const SLOW_PEER_WAYS = ['silent_before', 'drip_after'] as const satisfies readonly Fault[];

/** The nth call of the service, as the operation that goes wrong. */
export function peerFaults(peer: Peer): Faults {
  let begun = 0;
  let at: number | null = null;
  return {
    failAt: (nth, way) => {
      [begun, at] = [peer.calls.length, nth];
      peer.fault = (call) => (call - begun === nth ? (way as Fault) : null);
    },
    heal: () => {
      at = null;
      peer.fault = () => null;
    },
    wasMet: () => at !== null && peer.calls.length - begun >= at,
  };
}

/** The entry of the test service in a catalogue: two collections, one of them for whole workspaces only. */
export function httpStore(overrides: Record<string, unknown> = {}): HttpStoreDefinition {
  const store: StoreDefinition = storeSchema.parse({
    name: 'crm',
    kind: 'http',
    url: 'https://crm.example.org/privacy/v1',
    token: TOKEN,
    archive: true,
    scopes: ['workspace', 'account', 'source', 'space', 'user', 'events'],
    collections: [
      { collection: 'messages', narrows: ['source', 'space', 'project', 'user', 'event', 'receivedAt'] },
      { collection: 'contacts', scopes: ['workspace', 'account'] },
    ],
    ...overrides,
  });
  if (store.kind !== 'http') throw new TypeError('the sample service is an HTTP store');
  return store;
}

const isUnderstood = (match: Asked['match']): boolean =>
  Object.keys(match).every((key) => KEYS.includes(key));

function matches(thing: Thing, collection: string, match: Asked['match']): boolean {
  const { workspace_id, source_id, space_id, project_id, user_ids, events, received_from, received_before } =
    match as Record<string, string | undefined> & { user_ids?: string[]; events?: string[] };
  return (
    thing.collection === collection &&
    thing.workspace_id === workspace_id &&
    (source_id === undefined || thing.source_id === source_id) &&
    (space_id === undefined || thing.space_id === space_id) &&
    (project_id === undefined || thing.project_id === project_id) &&
    (user_ids === undefined || thing.user_ids.some((user) => user_ids.includes(user))) &&
    (events === undefined || events.includes(thing.event)) &&
    (received_from === undefined || thing.received_at >= received_from) &&
    (received_before === undefined || thing.received_at < received_before)
  );
}

/** What must not be read is larger than any answer, and compresses to next to nothing. */
const HUGE = Buffer.alloc(2 << 20, ' ');

function goWrong(reply: FastifyReply, fault: Fault, body: unknown): unknown {
  const socket = reply.raw.socket;
  switch (fault) {
    case 'status_503_before':
      return reply
        .code(503)
        .header('retry-after', '1')
        .send({ error: { code: 503 } });
    case 'status_500_after':
      return reply.code(500).send('out of order');
    case 'reset_before':
    case 'reset_after':
      reply.hijack();
      socket?.resetAndDestroy();
      return reply;
    case 'truncated_after':
      reply.hijack();
      socket?.end(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"count": 0, ',
      );
      return reply;
    case 'drip_after':
      reply.hijack();
      socket?.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"count": 0, ',
      );
      return reply;
    case 'silent_before':
      reply.hijack();
      return reply;
    case 'redirect_before':
      return reply.code(307).header('location', '/v1/elsewhere').send();
    case 'huge_before':
      return reply.header('content-type', 'application/json').send(HUGE);
    case 'packed_before':
      return reply.header('content-encoding', 'gzip').send(Buffer.from('1f8b', 'hex'));
    case 'not_json_before':
      return reply.header('content-type', 'text/html').send('<html><title>Sign in</title></html>');
    case 'other_shape_before':
      return reply.send({ count: 'none', request_status: 'fine', subject_request_id: 7 });
    case 'no_results_after':
      return reply.send({
        ...(body as object),
        request_status: 'completed',
        results: undefined,
        count: null,
      });
    case 'other_request_after':
      return reply.send({ ...(body as object), subject_request_id: 'another', count: -1 });
  }
}
