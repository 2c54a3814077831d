import { Buffer } from 'node:buffer';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { type Canonical, canonicalJson } from '../../domain/canonical.ts';
import { PurgedeskError } from '../../domain/errors.ts';

/** How long each part of an exchange may take, in milliseconds. */
export interface Timeouts {
  /** Name, TCP and TLS together. */
  readonly connect: number;
  /** From the first byte of the question to the last of the answer's header. */
  readonly headers: number;
  /** The whole body of the answer, however steadily it drips. */
  readonly body: number;
}

export const TIMEOUTS: Timeouts = { connect: 5_000, headers: 30_000, body: 30_000 };

/** The longest answer that is read, in bytes. Counts and states are short. */
const ANSWER_MAX = 1 << 20;

/** A service, ready to be asked. */
export interface Service {
  /** Of the store, for messages. */
  readonly name: string;
  /** Ends without a slash. */
  readonly url: string;
  readonly token: string | null;
  readonly agent: http.Agent;
  readonly timeouts: Timeouts;
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the service's url; begins with a slash. */
  readonly path: string;
  readonly body?: Canonical;
  /** Changes nothing, so that it may be asked again without a word. */
  readonly isRead: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Connections are kept between questions. TLS is always verified. */
export const serviceAgent = (url: string): http.Agent =>
  url.startsWith('https:')
    ? new https.Agent({ keepAlive: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' })
    : new http.Agent({ keepAlive: true });

/**
 * One question and its answer, whatever its status; bounded in time and size, and never sent on to another address.
 * A read that meets a kept connection which the service has just closed is asked once more.
 * @throws PurgedeskError PD_STORE_FAILED when there is no whole answer; PD_STORE_INVALID when it is too long or packed
 */
export async function exchange(service: Service, question: Question, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  try {
    return await ask(service, question, signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const mayRepeat = question.isRead && error instanceof LostConnection && error.wasKept;
    if (!mayRepeat) throw faultOf(service, error);
  }
  try {
    return await ask(service, question, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : faultOf(service, error);
  }
}

class LostConnection extends Error {
  readonly why: string;
  readonly wasKept: boolean;

  constructor(why: string, wasKept: boolean) {
    super(why);
    this.why = why;
    this.wasKept = wasKept;
  }
}

function ask(service: Service, question: Question, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = question.body === undefined ? null : Buffer.from(canonicalJson(question.body), 'utf8');
    const isTls = service.url.startsWith('https:');
    const request = (isTls ? https : http).request(`${service.url}${question.path}`, {
      method: question.method,
      agent: service.agent,
      signal,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'purgedesk',
        ...(service.token === null ? {} : { authorization: `Bearer ${service.token}` }),
        ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      },
    });
    let timer: NodeJS.Timeout | undefined;
    const limitTo = (phase: keyof Timeouts) => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(new LostConnection(`${phase}_timeout`, false)), service.timeouts[phase]);
    };
    const fail = (error: unknown) => {
      clearTimeout(timer);
      reject(error);
      request.destroy();
    };
    const lose = (error: unknown) => fail(new LostConnection(codeOf(error), request.reusedSocket));
    limitTo('connect');
    request.once('socket', (socket) => {
      if (request.reusedSocket) limitTo('headers');
      else socket.once(isTls ? 'secureConnect' : 'connect', () => limitTo('headers'));
    });
    request.on('error', lose);
    request.once('response', (response) => {
      limitTo('body');
      response.on('error', (error) => fail(new LostConnection(codeOf(error), false)));
      readBody(service, response).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      }, fail);
    });
    request.end(body ?? undefined);
  });
}

async function readBody(service: Service, response: IncomingMessage): Promise<Answer> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw invalid(service, 'packs its answers although that was not asked for');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ANSWER_MAX) throw invalid(service, `answers with more than ${ANSWER_MAX} bytes`);
    chunks.push(chunk);
  }
  if (!response.complete) throw new LostConnection('cut_short', false);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
}

const codeOf = (error: unknown): string =>
  error instanceof LostConnection
    ? error.why
    : String((error as { code?: unknown } | null)?.code ?? 'unknown').slice(0, 40);

/** The library's own message stays out of it: it names hosts and addresses. */
function faultOf(service: Service, error: unknown): PurgedeskError {
  if (error instanceof PurgedeskError) return error;
  return new PurgedeskError('PD_STORE_FAILED', 'a service gave no whole answer', {
    details: { store: service.name, why: codeOf(error) },
  });
}

/** What a service does against its contract, and only a person can mend. */
export function invalid(service: { readonly name: string }, what: string): PurgedeskError {
  return new PurgedeskError('PD_STORE_INVALID', `store ${service.name}: the service ${what}`, {
    details: { store: service.name },
    remedy: 'Correct the service or the entry of this store; docs/http-store.md says what is expected.',
  });
}
