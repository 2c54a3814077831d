import { describe, expect, test } from 'vitest';
import { consoleFor, fakeDesk } from './desk.ts';

const BODY = '{"subject_request_id":"a7551968-d5d6-44b2-9831-815ac9017798","request_status":"completed"}';
const post = (
  overrides: { url?: string; headers?: Record<string, string>; payload?: string | Buffer } = {},
) => ({
  method: 'POST' as const,
  url: '/callbacks/http-store/crm',
  payload: BODY,
  ...overrides,
  headers: {
    'content-type': 'application/json',
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': 'v1,right',
    ...overrides.headers,
  },
});

describe('a service that calls back', () => {
  test('is taken when its store signed it, byte for byte and whatever its type', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const answer = await app.inject(post({ headers: { 'content-type': type } }));
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
    }
    expect(desk.callbacks[0]).toEqual({
      store: 'crm',
      id: 'msg_1',
      timestamp: '1700000000',
      signatures: 'v1,right',
      body: Buffer.from(BODY),
    });
    expect(desk.callbacks.map(({ body }) => Buffer.from(body).toString())).toEqual([BODY, BODY, BODY]);
  });

  test('learns nothing when it is not, not even whether there is such a store', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    const nowhere = await app.inject('/nowhere');
    for (const wrong of [
      post({ headers: { 'webhook-signature': 'v1,wrong' } }),
      post({ url: '/callbacks/http-store/nobody' }),
      post({ url: '/callbacks/http-store/' }),
      post({ url: '/callbacks/http-store/%00' }),
      post({ url: `/callbacks/http-store/${'a'.repeat(1_000)}` }),
      { method: 'GET' as const, url: '/callbacks/http-store/crm' },
      { method: 'POST' as const, url: '/callbacks/http-store/crm' },
    ]) {
      const answer = await app.inject(wrong);
      expect([wrong.url, answer.statusCode, answer.body]).toEqual([wrong.url, 404, nowhere.body]);
    }
  });

  test('is not read beyond its bound', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    const answer = await app.inject(post({ payload: Buffer.alloc(4_097, 'x') }));
    expect(answer.statusCode).toBe(413);
    expect(desk.callbacks).toEqual([]);
  });

  test('opens no other route to bodies that are not forms', async () => {
    const app = await consoleFor(fakeDesk());
    const answer = await app.inject({ ...post(), url: `/c/${'b'.repeat(32)}` });
    expect(answer.statusCode).toBe(415);
  });
});
