import { expect, test } from 'vitest';
import { purgeQueue } from '../../src/commands/desk.ts';

test('each step of a purge has a queue of its own, so that it need not wait for the end of the one before', () => {
  const queues = [1, 2, 3].map((no) => purgeQueue({ ticketId: 7, no }));
  expect(new Set(queues).size).toBe(3);
});

test('the first step shares a queue with the rehearsals of its ticket, and with nobody else’s', () => {
  expect(purgeQueue({ ticketId: 7, no: 1 })).toBe(purgeQueue({ ticketId: 7 }));
  expect(purgeQueue({ ticketId: 7 })).not.toBe(purgeQueue({ ticketId: 71 }));
  expect(purgeQueue({ ticketId: 7, no: 11 })).not.toBe(purgeQueue({ ticketId: 71, no: 1 }));
});
