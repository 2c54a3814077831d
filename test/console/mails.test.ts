import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedMail } from './mails-seed.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;
beforeAll(async () => {
  whole = await openWholeDesk();
});
afterAll(() => whole[Symbol.asyncDispose]());

describe('the list of mails', () => {
  test('shows what waits, newest first, and why', async () => {
    const first = await seedMail(whole.desk.db, { subject: 'First <b>bold</b>' });
    const second = await seedMail(whole.desk.db, {
      subject: 'Second',
      disposition: 'unreadable',
      author: null,
    });
    const viewer = await whole.signIn('viewer');
    const answer = await viewer.get('/mails');
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('First &lt;b&gt;bold');
    expect(answer.body.indexOf(`/mails/${second}"`)).toBeLessThan(answer.body.indexOf(`/mails/${first}"`));
    const page = await viewer.get(`/mails/${first}`);
    expect(page.body).toContain('please help');
    expect(page.statusCode).toBe(200);
  });
});
