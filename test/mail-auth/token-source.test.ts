import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { PurgedeskError } from '../../src/domain/errors.ts';
import { keptRefreshTokens } from '../../src/mail-auth/refresh-tokens.ts';
import { requestToken } from '../../src/mail-auth/token-request.ts';
import { type RefreshTokens, tokenSource, usefulMs } from '../../src/mail-auth/token-source.ts';
import { freshDatabase } from '../support/database.ts';
import { startTokenEndpoint, type TokenEndpoint } from '../support/token-endpoint.ts';

const KEY = Buffer.alloc(32, 7);

const clientOf = (endpoint: TokenEndpoint) => ({
  tokenUrl: endpoint.tokenUrl,
  clientId: 'desk',
  clientSecret: { reveal: () => 'canary-secret' },
  scope: 'https://outlook.office365.com/.default',
});

/** A source whose clock the test moves. */
function sourceOf(endpoint: TokenEndpoint, refreshTokens: RefreshTokens | null = null) {
  let now = 0;
  const source = tokenSource({
    client: clientOf(endpoint),
    refreshTokens,
    random: () => 0.5,
    now: () => now,
  });
  return {
    ...source,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const failure = (promise: Promise<unknown>): Promise<PurgedeskError> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => (error instanceof PurgedeskError ? error : expect.fail(String(error))),
  );

describe('access tokens', () => {
  test('are asked for in the client’s own name, kept until shortly before they expire, then renewed', async () => {
    await using endpoint = await startTokenEndpoint('desk');
    const source = sourceOf(endpoint);
    const first = await source.accessToken();
    expect(Object.fromEntries(endpoint.requests[0] ?? [])).toEqual({
      client_id: 'desk',
      client_secret: 'canary-secret',
      scope: 'https://outlook.office365.com/.default',
      grant_type: 'client_credentials',
    });
    source.pass(3_600_000 - 300_000);
    expect(await source.accessToken()).toBe(first);
    source.pass(200_000);
    expect(await source.accessToken()).not.toBe(first);
  });

  test('are asked for once, however many need one at the same time', async () => {
    await using endpoint = await startTokenEndpoint('desk');
    const source = sourceOf(endpoint);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => source.accessToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(endpoint.requests).toHaveLength(1);
  });

  test('that a mail server refuses are given out no more; an older refusal changes nothing', async () => {
    await using endpoint = await startTokenEndpoint('desk');
    const source = sourceOf(endpoint);
    const first = await source.accessToken();
    source.rejected(first);
    const second = await source.accessToken();
    expect(second).not.toBe(first);
    source.rejected(first);
    expect(await source.accessToken()).toBe(second);
  });

  test('keep a part of their life in reserve, however short it is', () => {
    expect(usefulMs(3_600_000, 0)).toBe(3_450_000);
    expect(usefulMs(3_600_000, 0.999)).toBeGreaterThan(3_299_000);
    expect(usefulMs(10_000, 0)).toBe(9_000);
  });
});

describe('a provider that gives none', () => {
  const json = (status: number, body: object) => (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const text =
    (status: number, body: string, headers = {}) =>
    (response: ServerResponse) => {
      response.writeHead(status, headers);
      response.end(body);
    };

  test.each<{ title: string; answer: TokenEndpoint['answer']; cause: string; refused: boolean }>([
    {
      title: 'a wrong secret',
      answer: json(401, { error: 'invalid_client', error_description: 'canary' }),
      cause: 'invalid_client',
      refused: true,
    },
    {
      title: 'a dead refresh token',
      answer: json(400, { error: 'invalid_grant' }),
      cause: 'invalid_grant',
      refused: true,
    },
    {
      title: 'an error of its own making',
      answer: json(400, { error: 'canary words' }),
      cause: 'http-400',
      refused: true,
    },
    {
      title: 'not now',
      answer: json(400, { error: 'temporarily_unavailable' }),
      cause: 'temporarily_unavailable',
      refused: false,
    },
    { title: 'too many requests', answer: json(429, {}), cause: 'http-429', refused: false },
    { title: 'its own failure', answer: text(503, 'canary'), cause: 'http-503', refused: false },
    {
      title: 'a redirect, which is not followed',
      answer: text(307, '', { location: 'http://127.0.0.1:9/canary' }),
      cause: 'http-307',
      refused: false,
    },
    { title: 'no JSON', answer: text(200, '<html>canary'), cause: 'unusable answer', refused: false },
    {
      title: 'no token',
      answer: json(200, { token_type: 'Bearer' }),
      cause: 'unusable answer',
      refused: false,
    },
    {
      title: 'a token with line ends',
      answer: json(200, { access_token: 'a\r\nb' }),
      cause: 'unusable answer',
      refused: false,
    },
    {
      title: 'a token of another type',
      answer: json(200, { access_token: 'a', token_type: 'mac' }),
      cause: 'unusable answer',
      refused: false,
    },
    {
      title: 'an endless answer',
      answer: text(200, 'x'.repeat(200_000)),
      cause: 'unusable answer',
      refused: false,
    },
    {
      title: 'the end of the connection',
      answer: (response) => response.destroy(),
      cause: 'UND_ERR_SOCKET',
      refused: false,
    },
  ])('$title', async ({ answer, cause, refused }) => {
    await using endpoint = await startTokenEndpoint('desk');
    endpoint.answer = answer;
    const error = await failure(sourceOf(endpoint).accessToken());
    expect(error).toMatchObject({ code: 'PD_MAILBOX_TOKEN', details: { cause, refused } });
    expect(JSON.stringify([error.message, error.details, error.remedy, error.stack])).not.toContain('canary');
    expect(error.cause).toBeUndefined();
  });

  test('within the deadline', async () => {
    await using endpoint = await startTokenEndpoint('desk');
    endpoint.answer = () => undefined;
    const error = await failure(requestToken(clientOf(endpoint), null, 50));
    expect(error.details).toEqual({ cause: 'TimeoutError', refused: false });
  });

  test('is asked again after a while, not for each mail', async () => {
    await using endpoint = await startTokenEndpoint('desk');
    endpoint.answer = text(503, '');
    const source = sourceOf(endpoint);
    for (let mail = 0; mail < 10; mail += 1) await failure(source.accessToken());
    expect(endpoint.requests).toHaveLength(1);
    endpoint.answer = null;
    source.pass(5_001);
    await source.accessToken();
    expect(endpoint.requests).toHaveLength(2);
  });

  test('a secret goes over TLS only', async () => {
    const client = { ...clientOf({ tokenUrl: 'http://login.example/token' } as TokenEndpoint) };
    await expect(requestToken(client, null)).rejects.toThrow(RangeError);
  });
});

describe('refresh tokens', () => {
  test('that the provider replaces are kept, sealed, by all processes together', async () => {
    await using database = await freshDatabase();
    await using endpoint = await startTokenEndpoint('desk', 'configured');
    endpoint.rotates = true;
    const kept = (configured = 'configured', key: Uint8Array = KEY) =>
      keptRefreshTokens({
        databaseUrl: database.url,
        key,
        client: clientOf(endpoint),
        refreshToken: { reveal: () => configured },
      });
    // Four processes that begin at once, and each once more: a token used twice would be refused.
    const sources = [1, 2, 3, 4].map(() => sourceOf(endpoint, kept()));
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(sources.map((source) => source.accessToken()));
      for (const source of sources) source.pass(3_600_000);
    }
    expect(endpoint.given).toHaveLength(8);
    const rows = await database.db('mail_tokens').select('id', 'sealed');
    expect(rows).toHaveLength(1);
    const spent = endpoint.requests.map((form) => form.get('refresh_token') ?? '');
    expect(new Set(spent).size).toBe(8);
    for (const token of spent) expect(rows[0].sealed.includes(Buffer.from(token))).toBe(false);
    // Another one in the configuration is another grant; another key opens nothing.
    await failure(sourceOf(endpoint, kept('other')).accessToken());
    expect(endpoint.requests.at(-1)?.get('refresh_token')).toBe('other');
    await failure(sourceOf(endpoint, kept('configured', Buffer.alloc(32, 8))).accessToken());
    expect(endpoint.requests.at(-1)?.get('refresh_token')).toBe('configured');
  });

  test('that do not change leave nothing behind', async () => {
    await using database = await freshDatabase();
    await using endpoint = await startTokenEndpoint('desk', 'configured');
    const kept = keptRefreshTokens({
      databaseUrl: database.url,
      key: KEY,
      client: clientOf(endpoint),
      refreshToken: { reveal: () => 'configured' },
    });
    await sourceOf(endpoint, kept).accessToken();
    await sourceOf(endpoint, kept).accessToken();
    expect(await database.db('mail_tokens').select('id')).toEqual([]);
    expect(endpoint.requests[1]?.get('grant_type')).toBe('refresh_token');
  });
});
