import { describe, expect, test } from 'vitest';
import { CODE, challenge, consoleFor, fakeDesk, faultsOf, form, line, TOKEN } from './desk.ts';

const STATES = ['open', 'answered', 'expired', 'locked', 'voided'] as const;

describe('the page behind a link', () => {
  test('says what will be deleted, until when the code is valid, what follows and what to do if it was not you', async () => {
    const desk = fakeDesk({
      challenge: challenge({
        tickets: [
          line('PD-1042', 'all data of the workspace “Acme Inc” (acme-inc)'),
          line('PD-1043', 'the Unify space “Marketing” in the workspace “Acme Inc” (acme-inc)'),
        ],
      }),
    });
    const app = await consoleFor(desk);
    const page = await app.inject({ url: `/c/${TOKEN}` });
    expect(page.statusCode).toBe(200);
    expect(faultsOf(page.body)).toEqual([]);
    for (const words of [
      'All data of the workspace “Acme Inc” (acme-inc)',
      'The Unify space “Marketing”',
      'PD-1043',
      'Wednesday 25 November 2026, 09:15 UTC',
      'You have 5 tries',
      'five full calendar days',
      'any owner or admin of the workspace can still cancel',
      'Was this not you?',
      'reply “cancel”',
      `action="/c/${TOKEN}"`,
    ]) {
      expect(page.body).toContain(words);
    }
    expect(page.body).not.toContain(CODE);
  });

  test.each([
    {
      state: 'answered',
      status: 200,
      words: ['your request is confirmed', 'five full calendar days', 'cancel'],
    },
    { state: 'expired', status: 410, words: ['has expired', 'until Wednesday 25 November 2026, 09:15 UTC'] },
    { state: 'locked', status: 410, words: ['Too many wrong codes', 'takes no more codes'] },
    { state: 'voided', status: 410, words: ['no longer counts', 'newer mail'] },
  ] as const)(
    'says in plain words that its challenge is $state, without a form',
    async ({ state, status, words }) => {
      const app = await consoleFor(fakeDesk({ challenge: challenge({ state, triesLeft: 0 }) }));
      const page = await app.inject({ url: `/c/${TOKEN}` });
      expect(page.statusCode).toBe(status);
      expect(faultsOf(page.body)).toEqual([]);
      for (const word of words) expect(page.body).toContain(word);
      expect(page.body).not.toContain('<form');
    },
  );

  test.each(['expired', 'locked', 'voided'] as const)(
    'tells nothing of the request once it is %s',
    async (state) => {
      const app = await consoleFor(fakeDesk({ challenge: challenge({ state }) }));
      const page = await app.inject({ url: `/c/${TOKEN}` });
      expect(page.body).not.toMatch(/acme|PD-1042/i);
    },
  );

  test('of an answered challenge needs no tickets to be shown', async () => {
    const app = await consoleFor(fakeDesk({ challenge: challenge({ state: 'answered', tickets: [] }) }));
    const page = await app.inject({ url: `/c/${TOKEN}` });
    expect(faultsOf(page.body)).toEqual([]);
    expect(page.body).not.toContain('<ul');
  });

  test.each(STATES)('answers nothing when it is only looked at (%s)', async (state) => {
    const desk = fakeDesk({ challenge: challenge({ state }) });
    const app = await consoleFor(desk);
    for (const agent of SCANNERS) {
      for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
        for (let time = 0; time < 10; time += 1) {
          const url = `/c/${TOKEN}?code=${CODE}`;
          const looked = await app.inject({ method, url, headers: { 'user-agent': agent } });
          if (method !== 'GET') expect(looked.body === '' || looked.statusCode === 404).toBe(true);
        }
      }
    }
    expect(desk.answers).toEqual([]);
  });
});

describe('the form', () => {
  test('takes the right code, once, and leads to the page that says so', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    const posted = await app.inject(form({ code: CODE }));
    expect(posted.statusCode).toBe(303);
    expect(posted.headers.location).toBe(`/c/${TOKEN}`);
    const result = await app.inject({ url: posted.headers.location as string });
    expect(result.body).toContain('your request is confirmed');
    const again = await app.inject(form({ code: CODE }));
    expect(again.statusCode).toBe(303);
    expect(desk.answers).toEqual([`${TOKEN} ${CODE}`]);
  });

  test.each(['123 456', ' 123456\t', '123-456', '１２３４５６', '12.34.56'])(
    'reads the code however it is written: "%s"',
    async (code) => {
      const desk = fakeDesk();
      await (await consoleFor(desk)).inject(form({ code }));
      expect(desk.answers).toEqual([`${TOKEN} ${CODE}`]);
    },
  );

  test('says how many tries are left after a wrong code, and locks after the last', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    for (const left of ['4 tries', '3 tries', '2 tries', '1 try']) {
      const wrong = await app.inject(form({ code: '000000' }));
      expect(wrong.statusCode).toBe(422);
      expect(wrong.body).toContain(`That code is not right. You have ${left} left.`);
      expect(wrong.body).not.toContain('000000');
      expect(faultsOf(wrong.body)).toEqual([]);
    }
    const last = await app.inject(form({ code: '000000' }));
    expect(last.statusCode).toBe(303);
    expect((await app.inject({ url: `/c/${TOKEN}` })).body).toContain('Too many wrong codes');
    expect((await app.inject(form({ code: CODE }))).statusCode).toBe(303);
    expect(desk.answers).toHaveLength(5);
  });

  test.each([
    {},
    { code: '' },
    { code: '12345' },
    { code: '1234567' },
    { code: 'abcdef' },
    { code: '1'.repeat(3_000) },
    { kode: CODE },
  ])('costs no try when it holds no six digits: %o', async (fields) => {
    const desk = fakeDesk();
    const page = await (await consoleFor(desk)).inject(form(fields as Record<string, string>));
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('This did not count; you still have 5 tries.');
    expect(desk.answers).toEqual([]);
  });

  test('costs no try when the code is sent twice or in another shape', async () => {
    const desk = fakeDesk();
    const app = await consoleFor(desk);
    await app.inject({ ...form({}), payload: `code=${CODE}&code=000000` });
    await app.inject({ ...form({}), payload: `code[]=${CODE}&__proto__[code]=${CODE}` });
    expect(desk.answers).toEqual([]);
  });

  test('says so when the code was not taken although the challenge is still open', async () => {
    const app = await consoleFor(fakeDesk({ ports: { answer: async () => 'none' } }));
    const page = await app.inject(form({ code: CODE }));
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('could not be taken just now');
  });

  test.each(['answered', 'expired', 'locked', 'voided'] as const)(
    'leads back to the words for a challenge that is %s',
    async (state) => {
      const desk = fakeDesk({ challenge: challenge({ state }) });
      const posted = await (await consoleFor(desk)).inject(form({ code: CODE }));
      expect(posted.statusCode).toBe(303);
      expect(desk.answers).toEqual([]);
    },
  );

  test.each(['cross-site', 'same-site', 'garbage'])(
    'is refused when another page sent it (%s)',
    async (site) => {
      const desk = fakeDesk();
      const page = await (await consoleFor(desk)).inject(form({ code: CODE }, { 'sec-fetch-site': site }));
      expect(page.statusCode).toBe(403);
      expect(faultsOf(page.body)).toEqual([]);
      expect(desk.answers).toEqual([]);
    },
  );

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
    'is read in no other encoding: %s',
    async (type) => {
      const desk = fakeDesk();
      const page = await (await consoleFor(desk)).inject({
        ...form({}, { 'content-type': type }),
        payload: `{"code":"${CODE}"}`,
      });
      expect(page.statusCode).toBe(415);
      expect(page.body).toContain('We could not read that');
      expect(desk.answers).toEqual([]);
    },
  );

  test('is read up to a small size only', async () => {
    const desk = fakeDesk();
    const page = await (await consoleFor(desk)).inject(form({ code: CODE, more: 'x'.repeat(5_000) }));
    expect(page.statusCode).toBe(413);
    expect(faultsOf(page.body)).toEqual([]);
    expect(desk.answers).toEqual([]);
  });

  test('is taken twenty times a minute from one address, whatever the link, and still from others', async () => {
    const desk = fakeDesk({ challenge: challenge({ triesLeft: 100 }) });
    const app = await consoleFor(desk);
    for (let time = 0; time < 20; time += 1) await app.inject(form({ code: '000000' }));
    const refused = await app.inject(form({ code: CODE }));
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(faultsOf(refused.body)).toEqual([]);
    expect(desk.answers).toHaveLength(20);
    expect((await app.inject({ ...form({ code: CODE }), url: '/c/another' })).statusCode).toBe(429);
    expect((await app.inject({ url: `/c/${TOKEN}` })).statusCode).toBe(200);
    const elsewhere = await app.inject({ ...form({ code: CODE }), remoteAddress: '192.0.2.7' });
    expect(elsewhere.statusCode).toBe(303);
  });

  test('counts the visitor behind a proxy on this machine, and believes no header from elsewhere', async () => {
    const app = await consoleFor(fakeDesk({ challenge: challenge({ triesLeft: 100 }) }));
    const from = (peer: string, visitor: string) =>
      app.inject({ ...form({ code: '000000' }, { 'x-forwarded-for': visitor }), remoteAddress: peer });
    for (let time = 0; time < 20; time += 1) await from('127.0.0.1', '198.51.100.1');
    expect((await from('127.0.0.1', '198.51.100.1')).statusCode).toBe(429);
    expect((await from('127.0.0.1', '198.51.100.2')).statusCode).toBe(422);
    for (let time = 0; time < 20; time += 1) await from('192.0.2.9', `198.51.100.${time + 10}`);
    expect((await from('192.0.2.9', '198.51.100.99')).statusCode).toBe(429);
  });
});

const SCANNERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Safari/537.36',
  'Mozilla/5.0 (compatible; BingPreview/1.0b)',
];
