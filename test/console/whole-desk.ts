/**
 * The whole web over a whole desk: what `serve` joins, on a real database, with people of every role who are signed in.
 * Mails come in as in the tests of the tickets, by `desk.mail` and `desk.letter`; jobs and mail servers do not run.
 */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { alarmsOf } from '../../src/commands/console/alarms.ts';
import { consoleAreas } from '../../src/commands/console/areas.ts';
import { consolePorts } from '../../src/commands/console-ports.ts';
import { type Desk, openDesk } from '../../src/commands/desk.ts';
import type { Environment } from '../../src/commands/environment.ts';
import { makeLogger } from '../../src/commands/log.ts';
import { SESSION_COOKIE } from '../../src/console/access/guard.ts';
import { openAccess, startSession } from '../../src/console/access/sessions.ts';
import { buildConsole } from '../../src/console/server.ts';
import { type AgentRole, plainName } from '../../src/domain/agents.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { StoreCatalogue } from '../../src/purge/catalogue.ts';
import { policy as testPolicy } from '../tickets/cast.ts';
import { openTestDesk, type TestDesk } from '../tickets/desk.ts';

export interface WholeDeskOptions {
  readonly policy?: Policy;
  readonly stores?: StoreCatalogue;
  readonly isAllSandbox?: boolean;
  readonly publicUrl?: string;
  readonly environment?: Partial<Environment>;
}

export interface WholeDesk extends AsyncDisposable {
  /** Mails, clock and tickets. */
  readonly desk: TestDesk;
  /** What `serve` runs on. */
  readonly joined: Desk;
  readonly app: FastifyInstance;
  /** Somebody with this role, signed in; a new person each time unless they are named. */
  signIn(role: AgentRole, name?: string): Promise<Visitor>;
  logged(): string;
}

/** A browser without a browser: the session's cookie, and the forms' hidden field read from a page. */
export interface Visitor {
  readonly name: string;
  readonly token: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a form of ours; the hidden field is the one that every page has. */
  post(
    path: string,
    fields?: Record<string, string | readonly string[]>,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

type Answer = Awaited<ReturnType<FastifyInstance['inject']>>;

export async function openWholeDesk(options: WholeDeskOptions = {}): Promise<WholeDesk> {
  const desk = await openTestDesk(options.policy ?? testPolicy);
  const publicUrl = options.publicUrl ?? 'http://desk.example';
  const joined = openDesk({
    databaseUrl: desk.url,
    mailboxes: [],
    desk: { name: 'Test Desk', address: 'desk@desk.example', publicUrl },
    key: Buffer.from(desk.deps.key),
    dnsServers: null,
    trustedReceivedBy: [],
    trustedAuthservId: null,
    trustedSealers: [],
    policy: options.policy ?? testPolicy,
    stores: options.stores ?? [],
    http: { host: '127.0.0.1', port: 0 },
    suppressionToken: null,
    webhooks: [],
    callbackHosts: [],
    crashAt: null,
    sandbox: null,
    isAllSandbox: options.isAllSandbox ?? false,
    log: makeLogger('silent'),
    ...options.environment,
  });
  const lines: string[] = [];
  const app = await buildConsole({
    ports: consolePorts(joined),
    access: openAccess(desk.db, { hasSamples: joined.environment.isAllSandbox }),
    alarms: () => alarmsOf(joined),
    areas: consoleAreas(joined),
    publicUrl,
    log: (...line) => lines.push(JSON.stringify(line)),
  });
  return {
    desk,
    joined,
    app,
    logged: () => lines.join('\n'),
    signIn: async (role, name) => visitor(app, await signedIn(desk, role, name)),
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await joined.close();
      await desk[Symbol.asyncDispose]();
    },
  };
}

/** @returns the name of a new agent with this role, and the token of a session of theirs */
export async function signedIn(
  { db }: Pick<TestDesk, 'db'>,
  role: AgentRole,
  name = `${role} ${randomUUID().slice(0, 8)}`,
): Promise<{ readonly name: string; readonly token: string }> {
  const [row] = await db('agents')
    .insert({ name, plain_name: plainName(name), role })
    .returning<{ id: number }[]>('id');
  return { name, token: await startSession(db, row!.id) };
}

function visitor(
  app: FastifyInstance,
  { name, token }: { readonly name: string; readonly token: string },
): Visitor {
  const cookie = `${SESSION_COOKIE}=${token}`;
  const get: Visitor['get'] = (path, headers = {}) =>
    app.inject({
      method: 'GET',
      url: path,
      headers: { cookie, 'sec-fetch-site': 'same-origin', ...headers },
    });
  return {
    name,
    token,
    get,
    post: async (path, fields = {}, headers = {}) => {
      const body = new URLSearchParams({ _csrf: fieldOf((await get('/queue')).body) });
      for (const [field, value] of Object.entries(fields)) {
        for (const one of typeof value === 'string' ? [value] : value) body.append(field, one);
      }
      return app.inject({
        method: 'POST',
        url: path,
        headers: {
          cookie,
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
        payload: body.toString(),
      });
    },
  };
}

const fieldOf = (html: string): string => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
