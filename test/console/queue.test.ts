import { afterAll, beforeAll, expect, test } from 'vitest';
import { ada, spaceRequest, workspaceRequest } from '../tickets/desk.ts';
import { openWholeDesk, type WholeDesk } from './whole-desk.ts';

let whole: WholeDesk;

beforeAll(async () => {
  whole = await openWholeDesk();
  await whole.desk.inGrace();
  await whole.desk.mail({ from: ada, intent: 'delete', requests: [spaceRequest()] });
  await whole.desk.mail({
    from: ada,
    intent: 'delete',
    requests: [spaceRequest({ timeFrame: null, space: null })],
  });
});
afterAll(() => whole[Symbol.asyncDispose]());

test('the queue', async () => {
  const viewer = await whole.signIn('viewer');
  for (const tab of ['needs', 'progress', 'closed', 'all'])
    for (const sort of ['urgent', 'newest', 'deadline']) {
      const answer = await viewer.get(`/queue?tab=${tab}&sort=${sort}`);
      expect(answer.statusCode).toBe(200);
    }
  console.log((await viewer.get('/queue?tab=all')).body, whole.logged());
});
