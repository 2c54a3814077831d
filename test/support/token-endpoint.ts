/** A token endpoint (RFC 6749) and its introspection (RFC 7662), in this process and on loopback. */
import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenEndpoint extends AsyncDisposable {
  readonly tokenUrl: string;
  /** The token follows it. */
  readonly introspectUrl: string;
  /** Forms of all requests so far. */
  readonly requests: readonly URLSearchParams[];
  /** Access tokens that were given out, in order. */
  readonly given: readonly string[];
  /** Seconds. */
  lifetime: number;
  /** Another refresh token with each use, and none works twice. */
  rotates: boolean;
  /** Instead of a token. */
  answer: ((response: ServerResponse) => void) | null;
  /** From now on a mail server that asks hears that it is not valid. */
  revoke(accessToken: string): void;
}

/** @param user - whose mailbox the tokens open */
export async function startTokenEndpoint(user: string, refreshToken = 'first'): Promise<TokenEndpoint> {
  const requests: URLSearchParams[] = [];
  const given: string[] = [];
  const ends = new Map<string, number>();
  let valid = refreshToken;
  const json = (response: ServerResponse, status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const grant = (form: URLSearchParams, response: ServerResponse) => {
    if (form.get('client_secret') !== 'canary-secret')
      return json(response, 401, { error: 'invalid_client' });
    const spent = form.get('refresh_token');
    if (spent !== null && spent !== valid)
      return json(response, 400, { error: 'invalid_grant', error_description: `canary ${spent}` });
    const token = `canary-${randomBytes(24).toString('hex')}`;
    given.push(token);
    ends.set(token, Date.now() + endpoint.lifetime * 1_000);
    if (spent !== null && endpoint.rotates) valid = randomBytes(12).toString('hex');
    const next = spent !== null && endpoint.rotates ? { refresh_token: valid } : {};
    json(response, 200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: endpoint.lifetime,
      ...next,
    });
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    if (url.pathname === '/introspect') {
      const token = url.searchParams.get('token') ?? '';
      return json(response, 200, { active: (ends.get(token) ?? 0) > Date.now(), username: user });
    }
    requests.push(form);
    if (endpoint.answer !== null) return endpoint.answer(response);
    grant(form, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoint: TokenEndpoint = {
    tokenUrl: `${base}/token`,
    introspectUrl: `${base}/introspect?token=`,
    requests,
    given,
    lifetime: 3_600,
    rotates: false,
    answer: null,
    revoke: (token) => void ends.delete(token),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return endpoint;
}
