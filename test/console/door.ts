/** The way in alone, on a real database: sign-in, set-up, account and agents, and one page behind them. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import { accessArea } from '../../src/console/access/area.ts';
import type { SignInPorts } from '../../src/console/access/ports.ts';
import { openAccess } from '../../src/console/access/sessions.ts';
import { codeAt, offeredSecret } from '../../src/console/access/totp.ts';
import { buildConsole } from '../../src/console/server.ts';
import { freshDatabase } from '../support/database.ts';
import { fakeDesk } from './desk.ts';

export interface DoorOptions extends Partial<SignInPorts> {
  readonly publicUrl?: string;
}

export interface Door extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly db: Knex;
  readonly url: string;
  readonly ports: SignInPorts;
  logged(): string;
}

export async function openDoor({
  publicUrl = 'http://desk.example',
  ...given
}: DoorOptions = {}): Promise<Door> {
  const database = await freshDatabase();
  const { db } = database;
  const fake = fakeDesk();
  const ports = {
    db,
    key: randomBytes(32),
    deskName: 'Test Desk',
    hasSamples: false,
    provider: null,
    ...given,
  };
  const app = await buildConsole({
    ports: fake.ports,
    access: openAccess(ports.db, { hasSamples: ports.hasSamples }),
    areas: [
      accessArea(ports),
      (routes, { base }) => {
        routes.get(
          '/queue',
          { config: { access: 'viewer' } },
          async (request) => `${base} ${request.agent?.name}`,
        );
      },
    ],
    publicUrl,
    log: fake.log,
  });
  return {
    app,
    db,
    url: database.url,
    ports,
    logged: fake.logged,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Keeps cookies as a browser does. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #app: FastifyInstance;
  readonly #address: string;

  constructor({ app }: Pick<Door, 'app'>, address = '192.0.2.1') {
    this.#app = app;
    this.#address = address;
  }

  get(url: string, headers: Record<string, string> = {}) {
    return this.#send('GET', url, null, headers);
  }

  /** With the hidden field of our forms, where there is a session. */
  async post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    const page = this.cookies.size === 0 ? null : await this.get('/account');
    const field = /name="_csrf" value="([^"]+)"/.exec(page?.body ?? '')?.[1];
    return this.#send('POST', url, { ...(field === undefined ? {} : { _csrf: field }), ...fields }, headers);
  }

  async #send(
    method: 'GET' | 'POST',
    url: string,
    fields: Record<string, string> | null,
    headers: Record<string, string>,
  ) {
    const answer = await this.#app.inject({
      method,
      url,
      remoteAddress: this.#address,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'navigate',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        ...(fields === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(fields === null ? {} : { payload: new URLSearchParams(fields).toString() }),
    });
    for (const { name, value } of answer.cookies) {
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }
}

export const PASSWORD = 'otter lamp gravel';

/** What stands in the app of an agent who came by this link. */
export const secretOf = (door: Door, link: string): Buffer => offeredSecret(door.ports.key, link);

/** The code of now, or of some steps later. */
export const codeOf = (secret: Uint8Array, stepsLater = 0): string =>
  codeAt(secret, Date.now() + stepsLater * 30_000);

export const tokenIn = (text: string): string => /\/set-up\/([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? '';
