/** Serves operations: who asks, what they may, what they sent, what they get. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Knex } from 'knex';
import type { z } from 'zod';
import type { ConsoleLog } from '../ports.ts';
import { type RateLimit, rateLimit } from '../rate-limit.ts';
import { codeOf } from '../routes/route.ts';
import { ApiFault, type FaultCode, invalid } from './fault.ts';
import { answerOnce, type KeyedRequest } from './idempotency.ts';
import type { Call, Operation } from './operation.ts';
import type { ApiPorts } from './ports.ts';
import { type ApiToken, findToken } from './tokens.ts';

/** Bytes. A request for a deletion with a few callbacks is far below that. */
const BODY_MAX = 16_384;
const KEY = /^[!-~]{1,200}$/;

export interface ApiServer {
  readonly ports: ApiPorts;
  readonly log: ConsoleLog;
  readonly limits: { readonly requests: RateLimit; readonly failures: RateLimit };
}

export const apiServer = (ports: ApiPorts, log: ConsoleLog): ApiServer => {
  const nowMs = () => performance.now();
  return {
    ports,
    log,
    limits: {
      // Of one token, and of one address that shows tokens which are none.
      requests: rateLimit({ takesMax: 300, windowMs: 60_000, addressesMax: 1_000, nowMs }),
      failures: rateLimit({ takesMax: 30, windowMs: 60_000, addressesMax: 10_000, nowMs }),
    },
  };
};

/** Has a scope speak JSON: it reads nothing else, and its faults are JSON too. */
export function speakJson(scope: FastifyInstance, log: ConsoleLog): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_MAX },
    (_request, body, done) => done(null, body),
  );
  scope.decorateRequest('apiToken', null);
  scope.setNotFoundHandler((_request, reply) => sendFault(reply, new ApiFault('not_found')));
  scope.setErrorHandler<FastifyError>((error, request, reply) => {
    const fault = error instanceof ApiFault ? error : new ApiFault(faultOf(error));
    if (fault.status >= 500) {
      const route = request.routeOptions.url ?? 'none';
      log('error', 'a program could not be answered', { route, method: request.method, ...codeOf(error) });
    }
    return sendFault(reply, fault);
  });
}

function faultOf({ statusCode = 500 }: FastifyError): FaultCode {
  if (statusCode === 413) return 'too_large';
  if (statusCode === 415) return 'not_json';
  return statusCode >= 400 && statusCode < 500 ? 'unreadable' : 'fault';
}

export const sendFault = (reply: FastifyReply, fault: ApiFault): FastifyReply => {
  // RFC 6750 section 3: what a request without the right token is told.
  if (fault.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(fault.status).type('application/json; charset=utf-8').send(JSON.stringify(fault.body));
};

/** @throws ApiFault */
export async function authorize(
  { ports, limits }: ApiServer,
  request: FastifyRequest,
  reply: FastifyReply,
  scope: Operation['scope'],
): Promise<ApiToken> {
  const shown = /^Bearer ([^\s]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
  const token = shown === undefined ? null : await findToken(ports.db, shown);
  if (token === null) {
    slowDown(reply, limits.failures.take(request.ip));
    throw new ApiFault('unauthorized');
  }
  slowDown(reply, limits.requests.take(`token ${token.id}`));
  if (!token.scopes.includes(scope)) throw new ApiFault('forbidden');
  return token;
}

function slowDown(reply: FastifyReply, waitSeconds: number): void {
  if (waitSeconds === 0) return;
  reply.header('retry-after', waitSeconds);
  throw new ApiFault('too_many');
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route of an operation. */
    apiToken: ApiToken | null;
  }
}

/** @param prefix - of the scope, which the operation's own path repeats */
export function serveOperation(
  scope: FastifyInstance,
  server: ApiServer,
  operation: Operation,
  prefix: string,
): void {
  scope.route({
    method: operation.method,
    url: operation.path.slice(prefix.length),
    config: { access: 'token' },
    // Before a byte of the body is read.
    onRequest: async (request, reply) => {
      request.apiToken = await authorize(server, request, reply, operation.scope);
    },
    handler: async (request, reply) => {
      const token = request.apiToken;
      if (token === null) throw new ApiFault('unauthorized');
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const call = {
        token,
        raw,
        params: checked('path', operation.params, request.params),
        query: checked('query', operation.query, request.query),
      };
      const answer =
        operation.method === 'GET'
          ? await answerOf(operation, { ...call, body: null, db: server.ports.db })
          : await change(server, operation, request, {
              ...call,
              body: operation.body === null ? null : checked('body', operation.body, jsonOf(raw)),
            });
      return reply
        .code(operation.status)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(operation.complete?.(answer, raw) ?? answer));
    },
  });
}

type Prepared = Omit<Call<unknown, unknown, unknown>, 'db'>;

/** All that it changes goes in one transaction, with the answer to its key. */
async function change(
  { ports }: ApiServer,
  operation: Operation,
  request: FastifyRequest,
  call: Prepared,
): Promise<object> {
  const keyed = keyedRequest(ports, operation, request, call);
  const run = (trx: Knex.Transaction) => answerOf(operation, { ...call, db: trx });
  return keyed === null ? ports.db.transaction(run) : answerOnce(ports.db, keyed, run);
}

function keyedRequest(
  ports: ApiPorts,
  operation: Operation,
  request: FastifyRequest,
  { token, raw }: Prepared,
): KeyedRequest | null {
  const key = request.headers['idempotency-key'];
  if (operation.method !== 'POST' || key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new ApiFault('invalid', {
      errors: [{ path: 'header.idempotency-key', message: 'is not 1 to 200 printable characters' }],
    });
  }
  const head = Buffer.from(`${operation.method} ${request.url}\n`);
  return { tokenId: token.id, key, hash: ports.requestHash(Buffer.concat([head, raw])) };
}

/** What an answer has beyond its schema stays here. */
async function answerOf(operation: Operation, call: Call<unknown, unknown, unknown>): Promise<object> {
  return operation.answer.parse(await operation.run(call)) as object;
}

function checked(where: 'body' | 'query' | 'path', schema: z.ZodType | null, value: unknown): unknown {
  if (schema === null) return null;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // A path that names nothing we could have is one more thing that is not there.
  throw where === 'path' ? new ApiFault('not_found') : invalid(where, parsed.error);
}

function jsonOf(raw: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw));
  } catch {
    throw new ApiFault('unreadable');
  }
}
