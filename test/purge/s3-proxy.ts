import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Faults } from './store-faults.ts';

/**
 * What a proxy does to a call.
 *
 * - `pass`: hands it over and its answer back
 * - `busy`: 503 SlowDown, the server hears nothing of it
 * - `lose`: hands it over and cuts the connection instead of answering
 * - `cut`: hands it over and cuts the connection in the middle of the answer
 * - `hang`: hands it over and never answers
 * - `slow each`: a bulk deletion is answered 200 with SlowDown for every key
 * - `deny each`: the same with AccessDenied
 * - `lie`: a bulk deletion is answered as done, the server hears nothing of it
 * - `{ xml }`: 200 with this, the server hears nothing of it
 */
export type Fault =
  | 'pass'
  | 'busy'
  | 'lose'
  | 'cut'
  | 'hang'
  | 'slow each'
  | 'deny each'
  | 'lie'
  | { readonly xml: string };

export interface Call {
  /** From 1. */
  readonly nth: number;
  readonly method: string;
  readonly path: string;
  readonly isBulkDelete: boolean;
}

export interface FaultyProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Every call so far. */
  readonly calls: readonly Call[];
  /** Decides about each call; replaced by tests. */
  decide: (call: Call) => Fault;
  /** The next call is the first again, and all pass. */
  reset(): void;
}

export async function startProxy(target: string): Promise<FaultyProxy> {
  const calls: Call[] = [];
  const server = createServer((incoming, outgoing) => {
    handle(proxy, calls, target, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    decide: () => 'pass',
    reset: () => {
      calls.length = 0;
      proxy.decide = () => 'pass';
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}

/** How a call can go wrong that may go well when it is made again. */
export const PROXY_WAYS = ['busy', 'lose', 'cut'] as const satisfies readonly Fault[];

/** The nth call through the proxy, as the operation that goes wrong. */
export function proxyFaults(proxy: FaultyProxy): Faults {
  let at: number | null = null;
  return {
    failAt: (nth, way) => {
      proxy.reset();
      at = nth;
      proxy.decide = (call) => (call.nth === nth ? (way as Fault) : 'pass');
    },
    heal: () => {
      proxy.reset();
      at = null;
    },
    wasMet: () => at !== null && proxy.calls.length >= at,
  };
}

async function handle(
  proxy: FaultyProxy,
  calls: Call[],
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: path = '/' } = incoming;
  const call = {
    nth: calls.length + 1,
    method,
    path,
    isBulkDelete: method === 'POST' && /[?&]delete/.test(path),
  };
  calls.push(call);
  const body = await bytesOf(incoming);
  const fault = proxy.decide(call);
  if (typeof fault === 'object') return answer(outgoing, 200, fault.xml);
  switch (fault) {
    case 'busy':
      return answer(outgoing, 503, '<Error><Code>SlowDown</Code><Message>busy</Message></Error>');
    case 'slow each':
      return answer(
        outgoing,
        200,
        deleteResult(body, (key) => `<Error>${key}<Code>SlowDown</Code></Error>`),
      );
    case 'deny each':
      return answer(
        outgoing,
        200,
        deleteResult(body, (key) => `<Error>${key}<Code>AccessDenied</Code></Error>`),
      );
    case 'lie':
      return answer(
        outgoing,
        200,
        deleteResult(body, (key) => `<Deleted>${key}</Deleted>`),
      );
  }
  const sent = request(new URL(path, target), { method, headers: incoming.headers });
  sent.end(body);
  const [answered] = (await once(sent, 'response')) as [IncomingMessage];
  const bytes = await bytesOf(answered);
  if (fault === 'hang') return;
  if (fault === 'lose') {
    outgoing.destroy();
    return;
  }
  const { 'transfer-encoding': _, 'content-length': __, ...headers } = answered.headers;
  const status = answered.statusCode ?? 502;
  if (fault === 'pass') {
    outgoing.writeHead(status, headers);
    outgoing.end(bytes);
    return;
  }
  // An answer without a body is cut within its promise of one.
  outgoing.writeHead(status === 204 ? 200 : status, { ...headers, 'content-length': bytes.length + 1 });
  outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.destroy());
  outgoing.flushHeaders();
}

function answer(outgoing: ServerResponse, status: number, xml: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml' });
  outgoing.end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}

const deleteResult = (body: Buffer, each: (key: string) => string): string => {
  const keys = [...body.toString().matchAll(/<Key>.*?<\/Key>(<VersionId>.*?<\/VersionId>)?/gs)];
  return `<DeleteResult>${keys.map(([key]) => each(key)).join('')}</DeleteResult>`;
};

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
