import { expect, test } from 'vitest';
import { activeStops, liftStop } from '../../src/directory/stops.ts';
import { ada, openTestDesk, sourceRequest, workspaceRequest } from '../tickets/desk.ts';

const by = { agent: 'Grace', note: 'Ada meant another one', at: new Date('2026-12-01T00:00:00Z') };

test('a cancel that fits no ticket stops the workspace until an agent lifts that, and a new one stops it again', async () => {
  await using desk = await openTestDesk();
  const cancel = () => desk.mail({ from: ada, intent: 'cancel', requests: [workspaceRequest()] });
  const { messageId } = await cancel();
  expect(await activeStops(desk.db)).toMatchObject([{ workspaceId: 'ws_acme', slug: 'acme-inc', messageId }]);
  expect(await liftStop(desk.db, 'ws_globex', by)).toBe(false);
  expect(await liftStop(desk.db, 'ws_acme', by)).toBe(true);
  expect(await liftStop(desk.db, 'ws_acme', by)).toBe(false);
  expect(await activeStops(desk.db)).toEqual([]);
  await cancel();
  expect(await activeStops(desk.db)).toHaveLength(1);
});

test('a purge waits for the stop to be lifted, and then for its own hold', async () => {
  await using desk = await openTestDesk();
  await desk.mail({ from: ada, intent: 'cancel', requests: [workspaceRequest()] });
  const { id } = await desk.inGrace(sourceRequest());
  await desk.outlast(await desk.ticket(id));
  expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
  await liftStop(desk.db, 'ws_acme', by);
  expect(await desk.ticket(id)).toMatchObject({ state: 'grace', holds: ['doubtful_cancel'] });
});
