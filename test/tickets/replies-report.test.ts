import { expect, test } from 'vitest';
import { deskNow } from '../../src/db/connection.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { replyLimits } from '../../src/tickets/may-reply.ts';
import { reportReplies } from '../../src/tickets/replies-report.ts';
import { ada, openTestDesk, sourceRequest, spaceRequest, stranger } from './desk.ts';

const limits = replyLimits(DEFAULT_POLICY);

test('a desk that was left alone has nothing to report', async () => {
  await using desk = await openTestDesk();
  expect(await reportReplies(desk.db, limits)).toEqual({
    hour: { used: 0, limit: 300, unprovenUsed: 0, unprovenLimit: 200 },
    breakers: [],
    silenced: [],
    undeliverable: [],
    waiting: 0,
  });
});

test('what went out, what waits, what was kept back and why', async () => {
  await using desk = await openTestDesk();
  for (const request of [sourceRequest(), spaceRequest()]) {
    await desk.mail({ from: ada, intent: 'delete', requests: [request], standing: 'unproven' });
  }
  for (let count = 0; count < 3; count += 1) await desk.mail({ from: stranger, intent: 'status' });
  await desk.mail({ from: ada, intent: 'delete', requests: [sourceRequest({ source: 'iOS App' })] });
  const report = await reportReplies(desk.db, limits);
  expect(report.hour).toMatchObject({ used: 4, unprovenUsed: 3 });
  expect(report.waiting).toBe(1);
  expect(report.silenced).toMatchObject([
    { because: 'address', causedBy: 'stranger', template: 'not_authorised', mails: 2 },
  ]);
});

test('breakers that are open come first, and those of the day before not at all', async () => {
  await using desk = await openTestDesk();
  const now = await deskNow(desk.db);
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
  await desk.db('breaker_trips').insert([
    { share: 'all', opened_at: hoursAgo(30), closed_at: hoursAgo(29), suppressed: 9 },
    { share: 'all', opened_at: hoursAgo(2), closed_at: hoursAgo(1), suppressed: 4 },
    { share: 'unproven', opened_at: hoursAgo(40), suppressed: 7 },
  ]);
  expect((await reportReplies(desk.db, limits)).breakers).toMatchObject([
    { share: 'unproven', closedAt: null, suppressed: 7 },
    { share: 'all', suppressed: 4 },
  ]);
});
