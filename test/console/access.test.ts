import { expect, test } from 'vitest';
import { openWholeDesk } from './whole-desk.ts';

test('a page for agents leads whoever is not signed in to the sign-in and back', async () => {
  await using whole = await openWholeDesk();
  const answer = await whole.app.inject({ url: '/queue?state=grace' });
  expect([answer.statusCode, answer.headers.location]).toEqual([
    303,
    '/sign-in?next=%2Fqueue%3Fstate%3Dgrace',
  ]);
  const viewer = await whole.signIn('viewer');
  const page = await viewer.get('/queue');
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
});
