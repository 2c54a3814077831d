/** Playing the customers and the clock: only where everything is a sample, and only from our own pages. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formField } from '../../src/commands/console/sandbox.ts';
import type { Environment } from '../../src/commands/environment.ts';
import { deskNow } from '../../src/db/connection.ts';
import type { CustomerMail } from '../../src/sandbox/signing.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

const MAIL = [
  'From: Desk <privacy@desk.example>',
  'To: ada@acme-inc.test',
  'Subject: [PD-1] Data deletion request',
  'Message-ID: <one@desk.example>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/alternative; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'To confirm:',
  '',
  '    493817',
  '',
  'http://desk.example/c/abc http://evil.example/c/abc <script>alert(1)</script>',
  '--b',
  'Content-Type: text/html',
  '',
  '<p>493817<script>alert(1)</script></p>',
  '--b--',
  '',
].join('\r\n');

const sent: CustomerMail[] = [];
let whole: WholeDesk;

beforeAll(async () => {
  const mail = {
    deskAddress: 'privacy@desk.example',
    server: { inbox: async (address: string) => (address.startsWith('ada@') ? [Buffer.from(MAIL)] : []) },
    customers: {
      send: async (one: CustomerMail) => {
        sent.push(one);
        return '<new@acme-inc.test>';
      },
    },
  };
  whole = await openWholeDesk({
    isAllSandbox: true,
    environment: { sandbox: { mail } as unknown as Environment['sandbox'] },
  });
});
afterAll(() => whole[Symbol.asyncDispose]());

const get = (url: string) => whole.app.inject(url);

const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  whole.app.inject({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    payload: new URLSearchParams(fields).toString(),
  });

test('there is nothing of it where anything is real', async () => {
  await using real = await openWholeDesk({ isAllSandbox: false });
  for (const url of ['/sandbox/people/:who', '/sandbox/people/:who/mails/:no'])
    expect(real.app.hasRoute({ method: 'GET', url })).toBe(false);
  for (const url of ['/sandbox/people/:who/mails', '/sandbox/clock'])
    expect(real.app.hasRoute({ method: 'POST', url })).toBe(false);
  expect((await real.app.inject('/sandbox/people/ada')).statusCode).toBe(404);
  expect((await real.app.inject('/')).body).not.toMatch(/sandbox|Ada/);
});

test('a mailbox shows its mails in a frame that runs and loads nothing, with what there is to do', async () => {
  const { body, headers } = await get('/sandbox/people/ada');
  expect(body).toContain('<iframe class="sheet" src="/sandbox/people/ada/mails/1"');
  expect(body).toContain('sandbox=""');
  expect(body).toContain('Answer with the code 493817');
  expect(body).toContain('<a href="http://desk.example/c/abc">');
  expect(body).not.toContain('<a href="http://evil.example');
  expect(body).not.toContain('<script');
  expect(headers['content-security-policy']).toContain("frame-src 'self'");
  const frame = await get('/sandbox/people/ada/mails/1');
  expect(frame.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox/);
  expect((await get('/sandbox/people/tom')).body).toContain('No mail yet.');
});

test('what makes no sense is answered as if it was not there', async () => {
  for (const url of ['/sandbox/people/eve', '/sandbox/people/ada/mails/2', '/sandbox/people/ada/mails/x'])
    expect((await get(url)).statusCode).toBe(404);
  for (const query of ['?mail=x&after=-1&sample=%00', '?mail=1&mail=2', '?after=1e99'])
    expect((await get(`/sandbox/people/ada${query}`)).statusCode).toBe(200);
  expect((await get('/sandbox/people/ada?after=1')).body).toContain('http-equiv="refresh" content="2"');
  expect((await get('/sandbox/people/ada?after=0')).body).not.toContain('http-equiv="refresh"');
});

test('an answer is in the thread of its mail, and an empty one is not sent', async () => {
  const path = '/sandbox/people/ada/mails';
  const answer = await post(path, { form: formField, answers: '1', text: 'The code is 493817' });
  expect(answer.headers.location).toBe('/sandbox/people/ada?after=1');
  expect(sent).toMatchObject([
    {
      from: 'ada@acme-inc.test',
      subject: 'Re: [PD-1] Data deletion request',
      text: 'The code is 493817',
      inReplyTo: '<one@desk.example>',
    },
  ]);
  const empty = await post(path, { form: formField, text: ' ', subject: 'Kept' });
  expect(empty.statusCode).toBe(422);
  expect(empty.body).toContain('value="Kept"');
  expect(sent).toHaveLength(1);
});

test('W05 forms from elsewhere move nothing, and looking does not either', async () => {
  const before = await deskNow(whole.desk.db);
  const { length } = sent;
  const mails = '/sandbox/people/ada/mails';
  for (const [fields, headers] of [
    [{}, {}],
    [{ form: 'x' }, {}],
    [{ form: formField }, { 'sec-fetch-site': 'cross-site' }],
    [{ form: formField }, { origin: 'https://evil.example' }],
  ] as const) {
    expect((await post('/sandbox/clock', { ...fields, step: 'day' }, headers)).statusCode).toBe(403);
    expect((await post(mails, { ...fields, text: 'delete' }, headers)).statusCode).toBe(403);
  }
  for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
    for (const url of ['/sandbox/clock?step=day', mails]) await whole.app.inject({ method, url });
  }
  expect((await deskNow(whole.desk.db)).getTime() - before.getTime()).toBeLessThan(3_600_000);
  expect(sent).toHaveLength(length);
});

test('the clock goes on by what was chosen, or to what is due next', async () => {
  const { db } = whole.desk;
  const move = async (step: string) => {
    const before = await deskNow(db);
    expect((await post('/sandbox/clock', { form: formField, step })).statusCode).toBe(303);
    return Math.round(((await deskNow(db)).getTime() - before.getTime()) / 3_600_000);
  };
  expect(await move('hour')).toBe(1);
  expect(await move('six_days')).toBe(144);
  expect(await move('next')).toBe(0);
  expect(await move('a year')).toBe(0);
  const { wake_at } = await whole.desk.inGrace();
  const hours = Math.round((wake_at!.getTime() - (await deskNow(db)).getTime()) / 3_600_000);
  expect(await move('next')).toBe(hours);
});
