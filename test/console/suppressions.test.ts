import { describe, expect, test } from 'vitest';
import { consoleFor, fakeDesk } from './desk.ts';

const token = 'f'.repeat(64);
const served = (asked: string[] = []) =>
  consoleFor(
    fakeDesk({
      ports: {
        suppressions: {
          token,
          has: async (workspace, user) => {
            asked.push(`${workspace} ${user}`);
            return user === 'user_8812';
          },
        },
      },
    }),
  );
const ask = (url: string, authorization: string | undefined = `Bearer ${token}`) => ({
  url,
  ...(authorization === undefined ? {} : { headers: { authorization } }),
});

describe('the suppression list over HTTP', () => {
  test('answers for one person of one workspace', async () => {
    const asked: string[] = [];
    const app = await served(asked);
    const yes = await app.inject(ask('/api/suppressions/ws_acme?user=user_8812'));
    const no = await app.inject(ask('/api/suppressions/ws_acme?user=jane%40x.example%2F%C3%A9'));
    expect([yes.statusCode, yes.json(), no.statusCode, no.json()]).toEqual([
      200,
      { suppressed: true },
      200,
      { suppressed: false },
    ]);
    expect(asked).toEqual(['ws_acme user_8812', 'ws_acme jane@x.example/é']);
    expect(yes.headers['cache-control']).toBe('no-store');
  });

  test.each([
    ['no token', ''],
    ['another token', `Bearer ${'e'.repeat(64)}`],
    ['part of it', `Bearer ${token.slice(1)}`],
    ['the token by another scheme', `Basic ${token}`],
    ['the token alone', token],
  ])('%s gets no answer, and nothing is looked up', async (_title, authorization) => {
    const asked: string[] = [];
    const app = await served(asked);
    const answer = await app.inject(ask('/api/suppressions/ws_acme?user=user_8812', authorization));
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(asked).toEqual([]);
  });

  test.each([
    '/api/suppressions/ws_acme',
    '/api/suppressions/ws_acme?user=',
    '/api/suppressions/ws_acme?user=a&user=b',
    `/api/suppressions/ws_acme?user=${'u'.repeat(513)}`,
    '/api/suppressions/ws_acme?user=a%00b',
    '/api/suppressions/ws%20acme?user=a',
    `/api/suppressions/${'w'.repeat(65)}?user=a`,
  ])('%s is no question', async (url) => {
    const asked: string[] = [];
    const app = await served(asked);
    expect((await app.inject(ask(url))).statusCode).toBe(400);
    expect(asked).toEqual([]);
  });

  test('is not there without a token in the configuration', async () => {
    const app = await consoleFor(fakeDesk({}));
    const answer = await app.inject(ask('/api/suppressions/ws_acme?user=user_8812'));
    const nowhere = await app.inject('/nowhere');
    expect([answer.statusCode, answer.body]).toEqual([404, nowhere.body]);
  });

  test.each(['POST', 'PUT', 'DELETE'] as const)('takes no %s', async (method) => {
    const app = await served();
    const answer = await app.inject({ ...ask('/api/suppressions/ws_acme?user=user_8812'), method });
    expect(answer.statusCode).toBe(404);
  });
});
